//! Lists of what changed, in the shape of GitHub's objects.

use super::{Forge, events};
use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::services::github::{Issue, LISTED, Listing};

/// The first page of what is listed.
pub(super) fn list(forge: &Forge, listing: Listing) -> Result<Vec<String>, Failure> {
    let mut found = match listing {
        Listing::Issues(since) => issues(forge, since)?,
        Listing::Comments(since) => comments(forge, since)?,
        Listing::Issue(number) => {
            let found = forge.issue_record(number)?.map(|record| forge.show(&record));
            issue_objects(forge, found.into_iter())?
        }
        Listing::ReviewComments(_) | Listing::Pull(_) | Listing::Reviews(_) => Vec::new(),
    };
    found.sort_by_key(|(at, _)| *at);
    found.truncate(LISTED);
    Ok(found.into_iter().map(|(_, object)| object).collect())
}

fn issues(forge: &Forge, since: Timestamp) -> Result<Vec<(Timestamp, String)>, Failure> {
    issue_objects(forge, all_issues(forge)?.into_iter().filter(|issue| issue.updated_at >= since))
}

fn issue_objects(
    forge: &Forge,
    issues: impl Iterator<Item = Issue>,
) -> Result<Vec<(Timestamp, String)>, Failure> {
    issues.map(|issue| Ok((issue.updated_at, events::issue_value(forge, &issue)?.to_string()))).collect()
}

fn comments(forge: &Forge, since: Timestamp) -> Result<Vec<(Timestamp, String)>, Failure> {
    let mut found = Vec::new();
    for issue in all_issues(forge)? {
        for (name, record) in forge.comment_records(issue.number)? {
            if record.updated_at >= since {
                let comment = record.to_port(&forge.folder.path(&name));
                let object = events::comment_value(forge, &issue, &comment, record.updated_at)?;
                found.push((record.updated_at, object.to_string()));
            }
        }
    }
    Ok(found)
}

fn all_issues(forge: &Forge) -> Result<Vec<Issue>, Failure> {
    Ok(forge.issue_records()?.iter().map(|record| forge.show(record)).collect())
}
