//! The part of a status comment that says what is being done, and what could not be done.

use std::fmt::Write as _;

use super::{LINE, LISTED, Scene};
use crate::config::{CommentWords, filled};
use crate::domain::id::{IssueNumber, RunId, TaskId};
use crate::domain::input;
use crate::domain::state::{State, Wait};
use crate::domain::task::{Status, Task};
use crate::domain::untrusted::markdown_line;

/// What GitHub says of the setting by which an agent's workflow runs need no approval.
const SPARED: &str = "https://github.blog/changelog/2026-03-13-optionally-skip-approval-for-copilot-coding-agent-actions-workflows";

impl Scene<'_> {
    /// What is being done, and what could not be done.
    pub(super) fn work(self, text: &mut String, number: IssueNumber, writing: &TaskId) {
        let (state, words) = (self.state, self.words());
        let mut tasks: Vec<&Task> = state
            .tasks
            .values()
            .filter(|task| task.spec.subject.number() == Some(number) && task.id != *writing)
            .filter(|task| {
                matches!(task.spec.kind.as_str(), input::IMPLEMENT | input::OPEN_PULL_REQUEST | input::REVISE)
            })
            .collect();
        tasks.sort_by_key(|task| task.enqueued);
        // Once a change was made, what had kept earlier ones from it is history, which `automata why` tells.
        let made = tasks.iter().rposition(|task| is_change_made(task)).unwrap_or(0);
        tasks.drain(..made);
        let mut lines: Vec<String> =
            tasks.iter().rev().take(LISTED).rev().filter_map(|task| self.work_line(task)).collect();
        lines.dedup();
        lines.extend(tended(state, number, self.page, words));
        lines.extend(lost_sight(state, number, words));
        lines.extend(unapproved(state, number, words));
        lines.extend(unchecked(state, number, words));
        for line in &lines {
            let _ = writeln!(text, "- {line}");
        }
        if !lines.is_empty() {
            text.push('\n');
        }
    }

    fn work_line(self, task: &Task) -> Option<String> {
        let (state, words) = (self.state, self.words());
        let what = match task.spec.kind.as_str() {
            input::IMPLEMENT => &words.the_change,
            input::REVISE => &words.the_revision,
            _ => &words.the_pull_request,
        };
        let told = |template: &str, message: &str| filled(template, &[("what", what), ("message", message)]);
        match &task.status {
            Status::Failed { failure, .. } => {
                let hint = failure.hint.as_deref().map(|hint| format!(" {}", markdown_line(hint, LINE)));
                let failed = told(&words.could_not_be_made, &markdown_line(&failure.to_string(), LINE));
                Some(format!("{failed}{}{}", hint.unwrap_or_default(), run(task, self.page, &words.run)))
            }
            Status::Pending { last_failure: Some(failure), .. } => {
                let again = match state.waits(task, state.at) {
                    Some(Wait::Retrying(at)) => filled(&words.again_after, &[("time", &at.to_string())]),
                    _ => words.again.clone(),
                };
                let delayed = told(&words.delayed, &markdown_line(&failure.to_string(), LINE));
                Some(format!("{delayed} {again}{}", run(task, self.page, &words.run)))
            }
            Status::Completed { output, .. }
                if task.spec.kind.as_str() == input::REVISE && is_change_made(task) =>
            {
                Some(revised(&output.read().ok()?, words))
            }
            Status::Completed { output, .. } if is_change_made(task) => {
                let made: input::OpenPullRequest = output.read().ok()?;
                let is_opened = |other: &Task| {
                    other.spec.kind.as_str() == input::OPEN_PULL_REQUEST
                        && other.spec.subject == task.spec.subject
                };
                // Where a pull request follows it is what counts.
                if state.tasks.values().any(is_opened) {
                    return None;
                }
                let failed = failed(&made.checks, words);
                let branch = markdown_line(&made.branch, LINE);
                Some(format!("{}{failed}", filled(&words.on_branch, &[("branch", &branch)])))
            }
            Status::Completed { output, .. } => {
                // What is only a note reads as one that names nothing.
                let input::MadeBefore { note, pull_request, issue } = output.read().ok()?;
                let message = match (pull_request, issue) {
                    // Numbers that lead there, which quoted ones do not.
                    (Some(pull), Some(issue)) => {
                        let values = [("pull", pull.to_string()), ("issue", issue.to_string())];
                        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
                        filled(&words.made_before_for, &values)
                    }
                    (Some(pull), None) => filled(&words.made_before, &[("pull", &pull.to_string())]),
                    _ => markdown_line(&note, LINE),
                };
                Some(told(&words.not_made, &message))
            }
            Status::Cancelled { reason, .. } => Some(told(&words.called_off, &markdown_line(reason, LINE))),
            Status::Pending { .. } | Status::Running { .. } => None,
        }
    }
}

/// That whoever works on it elsewhere came to nothing, when that was the last that was heard.
fn lost_sight(state: &State, number: IssueNumber, words: &CommentWords) -> Option<String> {
    let about =
        |task: &&Task| task.spec.subject.number() == Some(number) && task.spec.kind.as_str() == input::FOLLOW;
    let last = state.tasks.values().filter(about).max_by_key(|task| task.enqueued)?;
    let Status::Completed { output, .. } = &last.status else { return None };
    let input::LostSight { gave_up, goes_on } = output.read().ok()?;
    let next = if goes_on { &words.lost_next } else { &words.lost_anew };
    Some(format!("{}. {next}", markdown_line(&gave_up, LINE)))
}

/// That workflow runs wait until a person lets them run, while the pull request of whoever works on it elsewhere is open.
fn unapproved(state: &State, number: IssueNumber, words: &CommentWords) -> Option<String> {
    let issue = state.issues.get(&number)?;
    let pull = issue.pull_request.as_ref().filter(|_| issue.fate.end.is_none())?;
    issue.fate.unapproved?;
    Some(filled(&words.unapproved, &[("number", &pull.number.to_string()), ("link", SPARED)]))
}

/// That GitHub starts no checks for a pull request of ours by itself, and what to do, while it is open.
fn unchecked(state: &State, number: IssueNumber, words: &CommentWords) -> Option<String> {
    let issue = state.issues.get(&number)?;
    let pull = issue.pull_request.as_ref().filter(|pull| pull.unchecked && issue.fate.end.is_none())?;
    Some(filled(&words.unchecked, &[("number", &pull.number.to_string())]))
}

/// What the last look at a pull request of ours came to, where there is something to say.
fn tended(state: &State, number: IssueNumber, page: &str, words: &CommentWords) -> Option<String> {
    let of_it =
        |task: &&Task| task.spec.subject.number() == Some(number) && task.spec.kind.as_str() == input::TEND;
    let looked = |task: &&Task| match &task.status {
        Status::Completed { output, .. } => output.read::<input::Tended>().is_ok(),
        Status::Failed { .. } => true,
        _ => false,
    };
    let last = state.tasks.values().filter(of_it).filter(looked).max_by_key(|task| task.enqueued)?;
    let output = match &last.status {
        Status::Completed { output, .. } => output,
        Status::Failed { failure, .. } => {
            let hint = failure.hint.as_deref().map(|hint| format!(" {}", markdown_line(hint, LINE)));
            let message = markdown_line(&failure.to_string(), LINE);
            let (hint, run) = (hint.unwrap_or_default(), run(last, page, &words.run));
            let told = filled(&words.not_seen_to, &[("message", &message)]);
            return Some(format!("{told}{hint}{run}"));
        }
        _ => return None,
    };
    let input::Tended { base, brought, conflicts, waits, done } = output.read().ok()?;
    let base = markdown_line(&base, LINE);
    if !conflicts.is_empty() {
        let shown: Vec<String> =
            conflicts.iter().take(LISTED).map(|file| markdown_line(file, LINE)).collect();
        let more = conflicts.len().saturating_sub(LISTED);
        let more = match more {
            0 => String::new(),
            more => format!(" {}", filled(&words.and_more, &[("count", &more.to_string())])),
        };
        let files = format!("{}{more}", shown.join(", "));
        return Some(filled(&words.conflicts, &[("base", &base), ("files", &files)]));
    }
    if let Some(commit) = brought {
        return Some(filled(&words.brought, &[("base", &base), ("commit", commit.as_str())]));
    }
    let Some(done) = done else {
        return waits.map(|why| filled(&words.not_merged, &[("why", &markdown_line(&why, LINE))]));
    };
    let mut letters = done.chars();
    let first = letters.next()?.to_uppercase();
    Some(format!("{}.", markdown_line(&format!("{first}{}", letters.as_str()), LINE)))
}

fn is_change_made(task: &Task) -> bool {
    match &task.status {
        Status::Completed { output, .. } if task.spec.kind.as_str() == input::IMPLEMENT => {
            output.read::<input::OpenPullRequest>().is_ok()
        }
        Status::Completed { output, .. } if task.spec.kind.as_str() == input::REVISE => {
            output.read::<input::Revised>().is_ok()
        }
        _ => false,
    }
}

/// Where to read what happened: the workflow run in which a task failed last, where that was one and the repository has a
/// page.
fn run(task: &Task, page: &str, word: &str) -> String {
    let Some((id, attempt)) = task.failed_in.as_ref().and_then(RunId::workflow) else { return String::new() };
    if !page.starts_with("https://") {
        return String::new();
    }
    format!(" [{word}]({page}/actions/runs/{id}/attempts/{attempt}).")
}

fn revised(revised: &input::Revised, words: &CommentWords) -> String {
    let summary = markdown_line(revised.summary.trim_end_matches('.'), LINE);
    let told = match &revised.commit {
        Some(commit) => filled(&words.revised, &[("commit", commit.as_str()), ("summary", &summary)]),
        None => filled(&words.not_revised, &[("summary", &summary)]),
    };
    let counted = |count: usize, one: &str, many: &str| match count {
        0 => String::new(),
        count => format!(" {}", words.counted(count as u64, one, many)),
    };
    let answered = counted(revised.answered, &words.thread_answered, &words.threads_answered);
    let resolved = counted(revised.resolved, &words.thread_resolved, &words.threads_resolved);
    format!("{told}{answered}{resolved}{}", failed(&revised.checks, words))
}

/// The checks that failed, a sentence; nothing when none did.
fn failed(checks: &[input::Checked], words: &CommentWords) -> String {
    let failed: Vec<&str> =
        checks.iter().filter(|check| !check.passed).map(|check| check.name.as_str()).collect();
    if failed.is_empty() {
        return String::new();
    }
    let names = markdown_line(&failed.join(", "), LINE);
    format!(" {}", filled(&words.checks_failed, &[("names", &names)]))
}
