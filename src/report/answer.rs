//! What people are answered in the status comment: help, how things stand and why, and what was not understood.

use std::fmt::Write as _;

use crate::config::{CommentWords, filled};
use crate::domain::access::Need;
use crate::domain::id::IssueNumber;
use crate::domain::input::{self, Undone};
use crate::domain::state::{IssueState, State, Wait};
use crate::domain::subject::Subject;
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;
use crate::domain::untrusted::{markdown_line, one_line};
use crate::domain::words::{PREFIX, Verb, Word};
use crate::report::why::{self, Asked};

/// Characters of an answer: ten words with a table each, and far below what a comment holds.
const MOST: usize = 12_000;
/// Width of a line.
const LINE: usize = 300;
/// A `#` that links nothing.
const HASH: &str = "&#35;";
/// Entries of a list.
const LISTED: usize = 15;

/// All blocks of an answer in one.
#[must_use]
pub fn whole(words: &CommentWords, blocks: &[String]) -> String {
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
    let _ = write!(text, "\n- {}", words.rest);
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

/// The same, with numbers of issues and pull requests that GitHub links; only where the text is our own.
fn linked(text: &str) -> String {
    let mut parts = prose(text).split(HASH).map(str::to_owned).collect::<Vec<_>>().into_iter();
    let mut linked = parts.next().unwrap_or_default();
    for part in parts {
        let is_number = part.starts_with(|c: char| c.is_ascii_digit());
        // `acme#7` would be another repository's.
        let is_alone = !linked.ends_with(|c: char| c.is_alphanumeric() || c == '/');
        linked.push_str(if is_number && is_alone { "#" } else { HASH });
        linked.push_str(&part);
    }
    linked
}

/// A line that was not understood.
#[must_use]
pub fn misread(words: &CommentWords, line: &str, problem: &str, hint: &str) -> String {
    let (line, problem) = (markdown_line(line, LINE), format!("{} {}", prose(problem), prose(hint)));
    format!("- {}", filled(&words.misread, &[("line", &line), ("problem", &problem)]))
}

/// A word that its author may not say.
#[must_use]
pub fn refused(words: &CommentWords, said: &str, reason: &str) -> String {
    let (word, reason) = (format!("{PREFIX} {}", markdown_line(said, LINE)), prose(reason));
    format!("- {}", filled(&words.refused, &[("word", &word), ("reason", &reason)]))
}

/// What came of a word. `text` is our own, and may quote names in backticks.
#[must_use]
pub fn told(word: &Word, text: &str) -> String {
    format!("- {PREFIX} {}: {}", markdown_line(&word.to_string(), LINE), prose(text))
}

/// What was taken back, and what was left and why.
#[must_use]
pub fn undone(words: &CommentWords, undone: &Undone) -> String {
    let lines = |lines: &[String]| -> Vec<String> {
        lines.iter().map(|line| format!("- {}", linked(line))).collect()
    };
    let (taken_back, left) = (lines(&undone.taken_back), lines(&undone.left));
    let mut blocks = Vec::new();
    if taken_back.is_empty() {
        blocks.push(words.nothing_taken_back.clone());
    } else {
        blocks.push(format!("{}\n{}", words.taken_back, taken_back.join("\n")));
    }
    if !left.is_empty() {
        blocks.push(format!("{}\n{}", words.left_as_it_is, left.join("\n")));
    }
    blocks.join("\n\n")
}

/// The table of the words, with what each needs here.
#[must_use]
pub fn help(words: &CommentWords, need: &dyn Fn(Verb) -> Need) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "| {} | {} | {} |", words.help_word, words.help_does, words.help_who);
    text.push_str("|---|---|---|\n");
    for verb in Verb::ALL {
        let need = need(verb);
        if need != Need::Nobody {
            let usage = verb.usage().replace('|', "\\|");
            let _ = writeln!(text, "| `{PREFIX} {usage}` | {} | {} |", words.about(verb), need.name());
        }
    }
    text
}

/// How things stand. `asking` is the task that asks, which does not report on itself.
#[must_use]
pub fn status(words: &CommentWords, state: &State, subject: Subject, asking: &str) -> String {
    let mut lines = Vec::new();
    let because =
        |template: &str, reason: &str| filled(template, &[("reason", &markdown_line(reason, LINE))]);
    let numbered = |template: &str, number: IssueNumber| filled(template, &[("number", &number.to_string())]);
    if let Some(issue) = known(state, subject) {
        lines.extend(issue.paused.as_ref().map(|reason| because(&words.is_paused_here, reason)));
        lines.extend(issue.duplicate_of.map(|of| numbered(&words.duplicate, of)));
        lines.extend(issue.pull_request.as_ref().map(|pull| numbered(&words.change_is_in, pull.number)));
    }
    lines.extend(state.paused.as_ref().map(|reason| because(&words.all_is_paused, reason)));
    for (feature, standing) in &state.features {
        let told = |template: &str, reason: &str| {
            let reason = markdown_line(reason, LINE);
            filled(template, &[("feature", feature.name()), ("reason", &reason)])
        };
        lines.extend(standing.paused.as_ref().map(|reason| told(&words.feature_is_paused, reason)));
        let fallen = standing.fallen.as_ref();
        lines.extend(fallen.map(|fallen| told(&words.feature_suggests, &fallen.reason)));
    }
    // Who is told of it elsewhere is no part of how things stand, unless that failed.
    let is_shown = |task: &&Task| {
        let is_told =
            matches!(task.status, Status::Failed { .. }) || !input::is_telling(task.spec.kind.as_str());
        is_told && task.id.as_str() != asking
    };
    for task in tasks(state, subject).into_iter().filter(is_shown) {
        let Some(told) = of_task(words, state, task) else { continue };
        lines.push(format!("`{}` {} {}.", task.spec.kind, task.id, markdown_line(&told, LINE)));
    }
    if lines.is_empty() {
        lines.push(words.nothing_waits.clone());
    }
    listed(words, &lines)
}

/// How it stands with a task that is not over well.
fn of_task(words: &CommentWords, state: &State, task: &Task) -> Option<String> {
    let timed = |template: &str, at: Timestamp| filled(template, &[("time", &at.to_string())]);
    Some(match &task.status {
        Status::Running { .. } => {
            let progress = task.progress.as_ref().and_then(|progress| progress.message.as_deref());
            match progress {
                Some(progress) => filled(&words.task_has_come, &[("progress", progress)]),
                None => words.task_runs.clone(),
            }
        }
        Status::Pending { .. } => match state.waits(task, state.at) {
            None => words.task_waits.clone(),
            Some(Wait::Scheduled(at)) => timed(&words.task_is_planned, at),
            Some(Wait::Retrying(at)) => timed(&words.task_retries, at),
            Some(Wait::Blocked(ids)) => filled(&words.task_is_blocked, &[("count", &ids.len().to_string())]),
            Some(Wait::Awaiting(facts)) => {
                let facts: Vec<String> = facts.iter().map(|fact| fact.told()).collect();
                filled(&words.task_awaits, &[("facts", &facts.join(", "))])
            }
            Some(Wait::Paused(_)) => words.task_is_paused.clone(),
            Some(Wait::Throttled(full)) => full.to_string(),
        },
        Status::Failed { failure, .. } => filled(&words.task_gave_up, &[("failure", &failure.to_string())]),
        Status::Completed { .. } | Status::Cancelled { .. } => return None,
    })
}

/// What was not done, found and done, and why, as far as the present state and the configuration tell: all, or what names
/// something. `automata why` tells the whole story.
#[must_use]
pub fn why(words: &CommentWords, asked: &Asked<'_>) -> String {
    let (told, left_out) = asked.answer();
    let line = |entry: &why::Reasoned| {
        let because: Vec<String> =
            entry.because.iter().map(|reason| why::clause(reason.trim_end_matches('.'))).collect();
        prose(&filled(&words.because, &[("what", &entry.what), ("reasons", &because.join("; "))]))
    };
    let mut lines: Vec<String> = told.iter().map(line).collect();
    let number = asked.subject.number().map(|number| number.0).unwrap_or_default();
    let (number, count) = (number.to_string(), left_out.to_string());
    let template = if left_out == 0 { &words.why_by_event } else { &words.why_left_out };
    let more = filled(template, &[("number", &number), ("count", &count)]);
    if lines.is_empty() {
        lines.push(words.nothing_found.clone());
    }
    lines.push(prose(&more));
    listed(words, &lines)
}

fn listed(words: &CommentWords, lines: &[String]) -> String {
    let mut text: Vec<String> = lines.iter().take(LISTED).map(|line| format!("- {line}")).collect();
    if lines.len() > LISTED {
        let count = (lines.len() - LISTED).to_string();
        text.push(format!("- {}", filled(&words.and_more, &[("count", &count)])));
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
