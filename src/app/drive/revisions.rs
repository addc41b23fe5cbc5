//! `automata drive revisions`, `pin` and `diff`: the states that a file's content had.

use serde_json::json;

use super::super::failure::{Ended, Kind};
use super::super::inspect::titled;
use super::{Desk, ended};
use crate::cli::{DriveAt, DriveDiff, DrivePin};
use crate::domain::untrusted::one_line;
use crate::services::drive::{File, Revision, RevisionId, Wanted};
use crate::services::git::text_diff;
use crate::services::github::LocalCopy;

/// Width of a line about something.
const WIDE: usize = 120;

pub(super) async fn list(desk: &Desk, arguments: &DriveAt) -> Result<(), Ended> {
    let file = desk.finder().file(&arguments.place).await?;
    let revisions = desk.drive.revisions(&file.id).await.map_err(ended)?;
    let rows = revisions.iter().map(row);
    desk.tell(&revisions, &titled(desk.terminal, &["WHEN", "SIZE", "BY", "ID", ""], rows))
}

fn row(revision: &Revision) -> Vec<String> {
    let by = revision.modified_by.as_ref();
    let by = by.and_then(|person| person.email.clone().or_else(|| Some(person.name.clone())));
    vec![
        revision.modified_at.map_or_else(String::new, |at| at.to_string()),
        revision.size.map_or_else(String::new, |size| size.to_string()),
        one_line(&by.unwrap_or_default(), WIDE),
        revision.id.to_string(),
        if revision.kept { "kept for ever".to_owned() } else { String::new() },
    ]
}

pub(super) async fn pin(desk: &Desk, arguments: &DrivePin) -> Result<(), Ended> {
    let file = desk.finder().file(&arguments.place).await?;
    let revisions = desk.drive.revisions(&file.id).await.map_err(ended)?;
    let revision = chosen(&revisions, arguments.revision.as_deref(), 0)?;
    let kept = desk.drive.keep_revision(&file.id, &revision.id, !arguments.off).await.map_err(ended)?;
    desk.tell(&kept, &[row(&kept).join("  ").trim_end().to_owned()])
}

/// The revision that is named, else the one so many places before the newest.
fn chosen<'a>(revisions: &'a [Revision], named: Option<&str>, before: usize) -> Result<&'a Revision, Ended> {
    let missing = |message: String| {
        Ended {
        kind: Kind::Work,
        message,
        hints: vec![
            "`automata drive revisions` lists them. Drive deletes those that are not pinned, 30 days after newer content came."
                .to_owned(),
        ],
    }
    };
    match named {
        Some(text) => {
            let id = RevisionId::parse(text).map_err(|error| {
                Ended::usage(error.to_string(), "`automata drive revisions` tells the ids.")
            })?;
            let found = revisions.iter().find(|revision| revision.id == id);
            found.ok_or_else(|| missing(format!("there is no revision {id}")))
        }
        None => {
            let at = revisions.len().checked_sub(before + 1);
            let found = at.and_then(|at| revisions.get(at));
            found.ok_or_else(|| missing("there are not so many revisions".to_owned()))
        }
    }
}

pub(super) async fn diff(desk: &Desk, arguments: &DriveDiff) -> Result<(), Ended> {
    let file = desk.finder().file(&arguments.place).await?;
    if !file.has_content() {
        return Err(Ended::usage(
            "Drive hands out the earlier states of its own documents to browsers only",
            "Open it and choose File, Version history. `automata drive export` fetches it as it is now.",
        ));
    }
    let revisions = desk.drive.revisions(&file.id).await.map_err(ended)?;
    let old = chosen(&revisions, arguments.from.as_deref(), 1)?;
    let new = chosen(&revisions, arguments.to.as_deref(), 0)?;
    let (before, after) = (content(desk, &file, old).await?, content(desk, &file, new).await?);
    let name = |revision: &Revision| {
        let at = revision.modified_at.map(|at| format!(" {at}")).unwrap_or_default();
        format!("{}@{}{at}", one_line(&file.name, WIDE), revision.id)
    };
    let text = text_diff((&name(old), &before), (&name(new), &after));
    let is_same = before == after;
    let lines: Vec<String> = match &text {
        Some(text) => text.lines().map(str::to_owned).collect(),
        None if is_same => Vec::new(),
        None => vec![format!("{} and {} differ, and are no texts", name(old), name(new))],
    };
    desk.tell(&json!({ "from": old, "to": new, "same": is_same, "diff": text }), &lines)
}

/// A revision's bytes, checked against Drive's own checksum.
async fn content(desk: &Desk, file: &File, revision: &Revision) -> Result<Vec<u8>, Ended> {
    let most = desk.rules.limits.copy_mib * 1024 * 1024;
    if revision.size.is_some_and(|size| size > most) {
        let told = format!("revision {} has more than {} MiB", revision.id, desk.rules.limits.copy_mib);
        return Err(Ended::usage(told, "Raise `drive.limits.copy_mib`."));
    }
    let copy = LocalCopy::begin()?;
    let wanted = Wanted { revision: Some(revision.id.clone()), ..Wanted::default() };
    desk.drive.download(&file.id, &wanted, &copy.path(), &()).await.map_err(ended)?;
    std::fs::read(copy.path()).map_err(Ended::bug)
}
