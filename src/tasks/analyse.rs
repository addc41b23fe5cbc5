//! Task kind `analyse`: reads an issue and finds out what it is.

use std::collections::BTreeMap;

use super::{Context, Done};
use crate::config::rules;
use crate::domain::failure::Failure;
use crate::services::git::Code;
use crate::triage::{self, IssueText, RepositoryKnowledge};

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
    let others = {
        let state = context.journal.state();
        let known = state.issues.iter().filter(|(other, _)| **other != number);
        known.filter_map(|(other, known)| Some((*other, known.analysis.as_ref()?.terms.clone()))).collect()
    };
    let knowledge = RepositoryKnowledge {
        paths: &code.paths,
        contents: &code.contents,
        codeowners: code.codeowners.as_deref(),
        others: &others,
    };
    let analysis = triage::analyse(&text, &knowledge);
    let follow_ups = {
        let state = context.journal.state();
        let existing: Vec<String> = labels?.into_iter().map(|label| label.name).collect();
        rules::after_analysis(context.config, &issue_facts(&issue), &analysis, &existing, state.issues.get(&number))
    };
    Done::with(&analysis, follow_ups)
}

/// The part of the code that an analysis looks at.
#[derive(Default)]
struct CodeSeen {
    paths: Vec<String>,
    contents: BTreeMap<String, String>,
    codeowners: Option<String>,
}

async fn read_code(code: &dyn Code, text: &IssueText<'_>) -> Result<CodeSeen, Failure> {
    let files = match code.files().await {
        Ok(files) => files,
        // An empty or unreadable repository has issues too; a passing trouble is worth another attempt.
        Err(failure) if failure.is_permanent() => return Ok(CodeSeen::default()),
        Err(failure) => return Err(failure),
    };
    let paths: Vec<String> = files.into_iter().filter(|file| file.is_regular).map(|file| file.path).collect();
    let mentions = triage::mentions(text);
    let mut wanted = triage::wanted_files(&mentions, &paths);
    let owners_file = CODEOWNERS.into_iter().find(|path| paths.binary_search_by(|known| known.as_str().cmp(path)).is_ok());
    wanted.extend(owners_file.map(str::to_owned));
    let names: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let read = code.read(&names).await?;
    let mut contents: BTreeMap<String, String> = wanted
        .iter()
        .zip(read)
        .filter_map(|(path, content)| Some((path.clone(), String::from_utf8_lossy(&content?).into_owned())))
        .collect();
    let codeowners = owners_file.and_then(|path| contents.remove(path));
    Ok(CodeSeen { paths, contents, codeowners })
}

fn issue_facts(issue: &crate::services::github::Issue) -> crate::domain::trigger::IssueFacts {
    use crate::domain::untrusted::Excerpt;
    crate::domain::trigger::IssueFacts {
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
