//! What people are answered in the status comment: help, how things stand and why, and what was not understood.

use std::fmt::Write as _;

use crate::domain::access::Need;
use crate::domain::id::IssueNumber;
use crate::domain::input::Undone;
use crate::domain::state::{IssueState, State, Wait};
use crate::domain::subject::Subject;
use crate::domain::task::{Status, Task};
use crate::domain::untrusted::markdown_line;
use crate::domain::words::{PREFIX, Verb, Word};
use crate::report::receipt;

/// Characters of an answer: ten words with a table each, and far below what a comment holds.
const MOST: usize = 12_000;
/// Width of a line.
const LINE: usize = 300;
/// Entries of a list.
const LISTED: usize = 15;

/// All blocks of an answer in one.
#[must_use]
pub fn whole(blocks: &[String]) -> String {
    let text = blocks.join("\n");
    if text.chars().count() <= MOST {
        return text;
    }
    let mut text: String = text.chars().take(MOST).collect();
    // A table or a list that is cut in the middle of a line would show half a sentence.
    text.truncate(text.rfind('\n').unwrap_or(0));
    text.push_str("\n- The rest is left out.");
    text
}

/// A line that was not understood.
#[must_use]
pub fn misread(line: &str, problem: &str, hint: &str) -> String {
    format!("- {} was not understood. {} {hint}", markdown_line(line, LINE), markdown_line(problem, LINE))
}

/// A word that its author may not say.
#[must_use]
pub fn refused(said: &str, reason: &str) -> String {
    format!("- {PREFIX} {} was not done: {}.", markdown_line(said, LINE), markdown_line(reason, LINE))
}

/// What came of a word. `text` is our own, and quotes at most names in backticks.
#[must_use]
pub fn told(word: &Word, text: &str) -> String {
    format!("- {PREFIX} {}: {}", markdown_line(&word.to_string(), LINE), markdown_line(text, LINE))
}

/// What was taken back, and what was left and why.
#[must_use]
pub fn undone(undone: &Undone) -> String {
    let lines = |lines: &[String]| -> Vec<String> {
        lines.iter().map(|line| format!("- {}", markdown_line(line, LINE))).collect()
    };
    let (taken_back, left) = (lines(&undone.taken_back), lines(&undone.left));
    let mut blocks = Vec::new();
    if taken_back.is_empty() {
        blocks.push("Nothing was taken back.".to_owned());
    } else {
        blocks.push(format!("Taken back:\n{}", taken_back.join("\n")));
    }
    if !left.is_empty() {
        blocks.push(format!("Left as it is:\n{}", left.join("\n")));
    }
    blocks.join("\n\n")
}

/// The table of the words, with what each needs here.
#[must_use]
pub fn help(need: &dyn Fn(Verb) -> Need) -> String {
    let mut text = String::from("| on a line of its own | what it does | who may |\n|---|---|---|\n");
    for verb in Verb::ALL {
        let need = need(verb);
        if need != Need::Nobody {
            let usage = verb.usage().replace('|', "\\|");
            let _ = writeln!(text, "| `{PREFIX} {usage}` | {} | {} |", verb.about(), need.name());
        }
    }
    text
}

/// How things stand. `asking` is the task that asks, which does not report on itself.
#[must_use]
pub fn status(state: &State, subject: Subject, asking: &str) -> String {
    let mut lines = Vec::new();
    if let Some(issue) = known(state, subject) {
        if let Some(reason) = &issue.paused {
            lines.push(format!("Paused: {}; {PREFIX} resume goes on.", markdown_line(reason, LINE)));
        }
        lines.extend(issue.duplicate_of.map(|of| format!("A duplicate of #{of}.")));
        lines.extend(issue.pull_request.as_ref().map(|pull| format!("The change is in #{}.", pull.number)));
    }
    for task in tasks(state, subject) {
        let told = match &task.status {
            Status::Running { .. } => {
                let progress = task.progress.as_ref().and_then(|progress| progress.message.as_deref());
                format!("is worked on{}", progress.map(|told| format!(": {told}")).unwrap_or_default())
            }
            Status::Pending { .. } => match state.waits(task, state.at) {
                None => "waits for its turn".to_owned(),
                Some(Wait::Scheduled(at)) => format!("is planned for {at}"),
                Some(Wait::Retrying(at)) => format!("is tried again after {at}"),
                Some(Wait::Blocked(ids)) => format!("waits for {} other tasks", ids.len()),
                Some(Wait::Awaiting(facts)) => {
                    let facts: Vec<String> = facts.iter().map(ToString::to_string).collect();
                    format!("waits until this is so: {}", facts.join(", "))
                }
                Some(Wait::Paused(_)) => "is paused".to_owned(),
                Some(Wait::Throttled(full)) => full.to_string(),
            },
            Status::Failed { failure, .. } => format!("was given up: {failure}; {PREFIX} retry tries again"),
            Status::Completed { .. } | Status::Cancelled { .. } => continue,
        };
        if task.id.as_str() != asking {
            lines.push(format!("`{}` {} {}.", task.spec.kind, task.id, markdown_line(&told, LINE)));
        }
    }
    if lines.is_empty() {
        lines.push("Nothing is being done here, and nothing waits.".to_owned());
    }
    listed(&lines)
}

/// What was found and done, and why, as far as the present state tells; `automata why` tells the whole story.
#[must_use]
pub fn why(state: &State, subject: Subject) -> String {
    let mut lines = Vec::new();
    if let Some(issue) = known(state, subject) {
        let analysis = issue.analysis.iter();
        for analysis in analysis {
            let found = analysis.issue_type.iter().map(|found| (found.value.name(), &found.reasons));
            let urgent = analysis.urgency.iter().map(|found| (found.value.name(), &found.reasons));
            lines.extend(found.chain(urgent).map(|(what, because)| format!("{what}: {}", because.join("; "))));
        }
        let stays = |label: &String| format!("label {label} stays off, because a person took it off");
        lines.extend(issue.refused_labels.iter().map(stays));
        let stays = |login| format!("{login} is not assigned again, because a person took that back");
        lines.extend(issue.refused_assignees.iter().map(stays));
    }
    for task in tasks(state, subject) {
        let done = state.effects.values().filter(|effect| effect.intent.task == task.id);
        for effect in done {
            let Some(receipt) = &effect.receipt else { continue };
            let what = receipt::words(effect.intent.kind, receipt);
            lines.push(format!("{}: {what}, because {}", task.spec.kind, task.spec.reason));
        }
    }
    if lines.is_empty() {
        lines.push("nothing was found or done here".to_owned());
    }
    listed(&lines.iter().map(|line| format!("{}.", markdown_line(line, LINE))).collect::<Vec<_>>())
}

fn listed(lines: &[String]) -> String {
    let mut text: Vec<String> = lines.iter().take(LISTED).map(|line| format!("- {line}")).collect();
    if lines.len() > LISTED {
        text.push(format!("- and {} more", lines.len() - LISTED));
    }
    text.join("\n")
}

fn known(state: &State, subject: Subject) -> Option<&IssueState> {
    subject.number().and_then(|number: IssueNumber| state.issues.get(&number))
}

fn tasks(state: &State, subject: Subject) -> Vec<&Task> {
    let mut tasks: Vec<&Task> =
        state.tasks.values().filter(|task| task.spec.subject == subject).collect();
    tasks.sort_by_key(|task| task.enqueued);
    tasks
}
