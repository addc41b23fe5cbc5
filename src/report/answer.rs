//! What people are answered in the status comment: help, how things stand and why, and what was not understood.

use std::fmt::Write as _;

use crate::domain::access::Need;
use crate::domain::id::IssueNumber;
use crate::domain::input::{self, Undone};
use crate::domain::state::{IssueState, State, Wait};
use crate::domain::subject::Subject;
use crate::domain::task::{Status, Task};
use crate::domain::untrusted::{markdown_line, one_line};
use crate::domain::words::{PREFIX, Verb, Word};
use crate::report::why::{self, Asked};

/// Characters of an answer: ten words with a table each, and far below what a comment holds.
const MOST: usize = 12_000;
/// Width of a line.
const LINE: usize = 300;
/// Entries of a list.
const LISTED: usize = 15;

/// All blocks of an answer in one.
#[must_use]
pub fn whole(blocks: &[String]) -> String {
    let mut text = String::new();
    let mut before = "";
    for block in blocks {
        // A table stands by itself, or the list before it would swallow it.
        let is_apart = block.starts_with('|') || before.starts_with('|');
        text.push_str(match before {
            "" => "",
            _ if is_apart => "\n\n",
            _ => "\n",
        });
        text.push_str(block.trim_end());
        before = block;
    }
    if text.chars().count() <= MOST {
        return text;
    }
    let mut text: String = text.chars().take(MOST).collect();
    // A table or a list that is cut in the middle of a line would show half a sentence.
    text.truncate(text.rfind('\n').unwrap_or(0));
    text.push_str("\n- The rest is left out.");
    text
}

/// Text that may quote somebody else's, harmless: what stands in backticks is shown as code, the rest as text that
/// mentions, links and formats nothing.
fn prose(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        // A backtick without its partner.
        return markdown_line(text, LINE);
    }
    let mut safe = String::new();
    for (place, piece) in pieces.into_iter().enumerate() {
        let edge = |is_there: bool| if is_there { " " } else { "" };
        let line = one_line(piece, LINE);
        match place % 2 {
            0 => {
                let (begins, ends) = (piece.starts_with(' '), piece.ends_with(' ') && piece.len() > 1);
                safe.push_str(&format!("{}{}{}", edge(begins), markdown_line(&line, LINE), edge(ends)));
            }
            _ if line.is_empty() => {}
            _ => safe.push_str(&format!("`{line}`")),
        }
    }
    safe
}

/// A line that was not understood.
#[must_use]
pub fn misread(line: &str, problem: &str, hint: &str) -> String {
    format!("- {} was not understood. {} {}", markdown_line(line, LINE), prose(problem), prose(hint))
}

/// A word that its author may not say.
#[must_use]
pub fn refused(said: &str, reason: &str) -> String {
    format!("- {PREFIX} {} was not done: {}.", markdown_line(said, LINE), prose(reason))
}

/// What came of a word. `text` is our own, and may quote names in backticks.
#[must_use]
pub fn told(word: &Word, text: &str) -> String {
    format!("- {PREFIX} {}: {}", markdown_line(&word.to_string(), LINE), prose(text))
}

/// What was taken back, and what was left and why.
#[must_use]
pub fn undone(undone: &Undone) -> String {
    let lines =
        |lines: &[String]| -> Vec<String> { lines.iter().map(|line| format!("- {}", prose(line))).collect() };
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
    if let Some(reason) = &state.paused {
        let reason = markdown_line(reason, LINE);
        lines.push(format!("Everything is paused: {reason}; {PREFIX} resume everything goes on."));
    }
    for (feature, standing) in &state.features {
        if let Some(reason) = &standing.paused {
            let reason = markdown_line(reason, LINE);
            lines.push(format!("`{feature}` is paused: {reason}; {PREFIX} resume {feature} goes on."));
        }
        if let Some(fallen) = &standing.fallen {
            let reason = markdown_line(&fallen.reason, LINE);
            lines.push(format!(
                "`{feature}` only suggests: {reason}; {PREFIX} resume {feature} lets it act again."
            ));
        }
    }
    // Who is told of it elsewhere is no part of how things stand, unless that failed.
    let is_shown = |task: &&Task| {
        matches!(task.status, Status::Failed { .. }) || !input::is_telling(task.spec.kind.as_str())
    };
    for task in tasks(state, subject).into_iter().filter(is_shown) {
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
                    let facts: Vec<String> = facts.iter().map(|fact| fact.told()).collect();
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

/// What was not done, found and done, and why, as far as the present state and the configuration tell: all, or what names
/// something. `automata why` tells the whole story.
#[must_use]
pub fn why(asked: &Asked<'_>) -> String {
    let (told, left_out) = asked.answer();
    let line = |entry: &why::Reasoned| {
        let because: Vec<String> =
            entry.because.iter().map(|reason| why::clause(reason.trim_end_matches('.'))).collect();
        prose(&format!("{}, because {}", entry.what, because.join("; ")))
    };
    let mut lines: Vec<String> = told.iter().map(line).collect();
    let number = asked.subject.number().map(|number| number.0).unwrap_or_default();
    let more = match left_out {
        0 => format!("event by event: `automata why {number}`"),
        _ => format!("and {left_out} more: `automata why {number}` tells all, event by event"),
    };
    if lines.is_empty() {
        lines.push("nothing was found or done here".to_owned());
    }
    lines.push(prose(&more));
    listed(&lines)
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
    let mut tasks: Vec<&Task> = state.tasks.values().filter(|task| task.spec.subject == subject).collect();
    tasks.sort_by_key(|task| task.enqueued);
    tasks
}
