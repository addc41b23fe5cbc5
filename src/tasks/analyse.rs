//! Task kind `analyse`: reads an issue and finds out what it is.

use std::collections::BTreeMap;

use super::{Context, Done};
use crate::config::{Known, rules};
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::state::{IssueState, State};
use crate::domain::trigger::IssueFacts;
use crate::domain::untrusted::Excerpt;
use crate::services::git::Code;
use crate::services::github::Issue;
use crate::triage::{self, Codeowners, IssueText, KnownIssue, RepositoryKnowledge};

/// Where GitHub looks for a CODEOWNERS file, the first found counts:
/// <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-file-location>
const CODEOWNERS: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let github = &context.services.github;
    let (issue, labels) = futures_util::join!(github.issue(number), github.labels());
    let Some(issue) = issue? else {
        return Done::note("the issue is gone", Vec::new());
    };
    let text = IssueText { title: &issue.title, body: &issue.body };
    let code = read_code(context.services.code.as_ref(), &text).await?;
    let knowledge =
        RepositoryKnowledge { others: others(&context.journal.state()), number: Some(number), ..code };
    let mut analysis = triage::analyse(&text, &knowledge);
    analysis.similar.truncate(context.config.triage.similar);
    let existing_labels: Vec<String> = labels?.into_iter().map(|label| label.name).collect();
    let (refused_labels, has_comment) = {
        let state = context.journal.state();
        let known = state.issues.get(&number);
        let refused: Vec<String> =
            known.map(|known| known.refused_labels.iter().cloned().collect()).unwrap_or_default();
        (refused, known.is_some_and(|known| known.status_comment.is_some()))
    };
    let known = Known { existing_labels: &existing_labels, refused_labels: &refused_labels, has_comment };
    let follow_ups = rules::after_analysis(context.config, &issue_facts(&issue), &analysis, &known);
    Done::with(&analysis, follow_ups)
}

/// What other issues are about, to compare with.
pub(super) fn others(state: &State) -> Vec<KnownIssue> {
    let terms = |(number, issue): (&IssueNumber, &IssueState)| {
        Some(KnownIssue { number: *number, terms: issue.analysis.as_ref()?.terms.clone() })
    };
    state.issues.iter().filter_map(terms).collect()
}

/// Reads the part of the code that the text names.
pub(super) async fn read_code(code: &dyn Code, text: &IssueText<'_>) -> Result<RepositoryKnowledge, Failure> {
    let files = match code.files().await {
        Ok(files) => files,
        // An empty or unreadable repository has issues too; a passing trouble is worth another attempt.
        Err(failure) if failure.is_permanent() => return Ok(RepositoryKnowledge::default()),
        Err(failure) => return Err(failure),
    };
    let paths: Vec<String> = files.into_iter().filter(|file| file.is_regular).map(|file| file.path).collect();
    let mut wanted = triage::needs(text, &paths);
    let owners_file = CODEOWNERS.into_iter().find(|path| paths.iter().any(|known| known == path));
    wanted.extend(owners_file.map(str::to_owned));
    let names: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let read = code.read(&names).await?;
    let mut contents: BTreeMap<String, String> = wanted
        .iter()
        .zip(read)
        .filter_map(|(path, content)| Some((path.clone(), String::from_utf8(content?).ok()?)))
        .collect();
    let codeowners = owners_file.and_then(|path| contents.remove(path)).map(|text| Codeowners::parse(&text));
    Ok(RepositoryKnowledge { paths, contents, codeowners, ..RepositoryKnowledge::default() })
}

fn issue_facts(issue: &Issue) -> IssueFacts {
    IssueFacts {
        number: issue.number,
        title: Excerpt::title(&issue.title),
        body: Excerpt::body(&issue.body),
        author: issue.author.clone(),
        state: issue.state,
        labels: issue.labels.clone(),
        assignees: issue.assignees.clone(),
        is_pull: issue.is_pull,
        created_at: issue.created_at,
        updated_at: issue.updated_at,
    }
}
