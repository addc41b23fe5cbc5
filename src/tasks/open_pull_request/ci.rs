//! Whether anything checks a pull request once it is open: workflows of the repository, and what others say of its commits.

use crate::domain::failure::Failure;
use crate::domain::id::CommitId;
use crate::services::github::Checks;
use crate::tasks::Context;

/// Workflow files that are read; more are a sign themselves.
const READ: usize = 30;
/// Events by which a workflow checks pull requests (docs.github.com, "Events that trigger workflows").
const EVENTS: [&str; 2] = ["pull_request", "pull_request_target"];
/// A workflow that runs Automata checks nothing.
const OURSELVES: &str = "automata@";

/// Whether a workflow of the default branch runs when a pull request is opened or its branch is pushed.
pub(super) async fn has_workflows(context: &Context<'_>) -> Result<bool, Failure> {
    let code = &context.services.code;
    let is_workflow = |path: &str| {
        let name = path.strip_prefix(".github/workflows/").unwrap_or_default();
        !name.contains('/') && (name.ends_with(".yml") || name.ends_with(".yaml"))
    };
    let files = code.files().await?;
    let files = files.into_iter().filter(|file| file.is_regular && is_workflow(&file.path));
    let paths: Vec<String> = files.map(|file| file.path).take(READ).collect();
    if paths.is_empty() {
        return Ok(false);
    }
    let names: Vec<&str> = paths.iter().map(String::as_str).collect();
    let read = code.read(&names).await?;
    Ok(read.into_iter().flatten().any(|content| checks_pulls(&String::from_utf8_lossy(&content))))
}

/// Whether the commit that it stands on was checked: then those of its branch are, too.
pub(super) async fn checks_commits(context: &Context<'_>, base: &CommitId) -> Result<bool, Failure> {
    match context.services.github.checks(base).await {
        Ok(checks) => Ok(checks != Checks::None),
        // Who may not see them could not wait for them.
        Err(failure) if failure.is_permanent() => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// Whether a workflow names an event by which pull requests are checked. In doubt it does: a word in a comment of a workflow
/// costs a few minutes, or a line in our comment.
fn checks_pulls(text: &str) -> bool {
    if text.contains(OURSELVES) {
        return false;
    }
    let is_event = |line: &str| {
        let words = line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let key = line.trim_start();
        let pushes = key.starts_with("push:") || key.starts_with("- push") || key.starts_with("on:");
        words.clone().any(|word| EVENTS.contains(&word))
            || (pushes && words.clone().any(|word| word == "push"))
    };
    text.lines().filter(|line| !line.trim_start().starts_with('#')).any(is_event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflows_for_pull_requests_and_pushes_check_them_and_others_do_not() {
        for checking in [
            "on: [push, pull_request]\njobs: {}\n",
            "on:\n  pull_request:\n    branches: [main]\n",
            "on:\n  push:\n",
            "on: push\n",
            "on:\n  - pull_request_target\n",
        ] {
            assert!(checks_pulls(checking), "{checking}");
        }
        for other in [
            "on:\n  schedule:\n    - cron: '1 1 * * *'\njobs:\n  a: {steps: [{run: git push}]}\n",
            "on:\n  pull_request_review:\n",
            "# on: pull_request\non: workflow_dispatch\n",
            "on: pull_request\njobs:\n  a: {steps: [{uses: acme/automata@v1}]}\n",
        ] {
            assert!(!checks_pulls(other), "{other}");
        }
    }
}
