//! The job summary: what one run saw and did, in Markdown.

use std::fmt::Write as _;

use crate::domain::count::counted;
use crate::domain::event::Event;
use crate::domain::untrusted::markdown_line;
use crate::log::Envelope;
use crate::report::sentence;

mod work;

pub use work::Work;

/// Events listed; nobody reads more than a page.
const LISTED: usize = 200;
/// GitHub shows 1 MiB for each step
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits>); other
/// commands of the same step may add to it.
const MOST_BYTES: usize = 900_000;
/// Width of a line.
const LINE: usize = 300;

/// What a run did, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Tasks completed.
    pub completed: usize,
    /// Attempts that failed and will be repeated.
    pub retried: usize,
    /// Tasks given up.
    pub failed: usize,
    /// Of tasks that only tell what others did: given up. The work itself has not failed.
    #[serde(skip_serializing_if = "is_none")]
    pub untold: usize,
    /// Changes made outside.
    pub effects: usize,
    /// Pushes to the state branch.
    pub pushes: usize,
    /// Events that had waited for a sound configuration, and were decided.
    pub settled: usize,
}

/// Most runs tell nobody.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_none(count: &usize) -> bool {
    *count == 0
}

impl Tally {
    /// Counts what these events say.
    #[must_use]
    pub fn of(events: &[Envelope], pushes: usize) -> Self {
        let mut tally = Self { pushes, ..Self::default() };
        for envelope in events {
            match &envelope.recorded.event {
                Event::TriggerSettled(_) => tally.settled += 1,
                Event::TaskCompleted(_) => tally.completed += 1,
                Event::TaskRetried(_) => tally.retried += 1,
                Event::TaskFailed(_) => tally.failed += 1,
                Event::EffectCompleted(_) => tally.effects += 1,
                _ => {}
            }
        }
        tally
    }

    /// In one line.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { completed, retried, failed, untold, effects, pushes, settled } = *self;
        let mut parts = Vec::new();
        if settled > 0 {
            parts.push(counted(settled, "event that had waited decided", "events that had waited decided"));
        }
        parts.push(counted(completed, "task completed", "tasks completed"));
        if retried > 0 {
            parts.push(format!("{retried} to be retried"));
        }
        if failed > 0 {
            parts.push(format!("{failed} given up"));
        }
        if untold > 0 {
            parts.push(counted(untold, "message not told", "messages not told"));
        }
        parts.push(counted(effects, "change outside", "changes outside"));
        parts.push(counted(pushes, "push to the log", "pushes to the log"));
        parts.join(", ")
    }
}

/// The summary of a run that failed.
#[must_use]
pub fn failure(heading: &str, message: &str, hints: &[String]) -> String {
    let mut text = format!("### Automata: {heading}\n\n{}\n\n", markdown_line(message, LINE));
    for hint in hints {
        let _ = writeln!(text, "- {}", markdown_line(hint, LINE));
    }
    text
}

/// The summary of a run: what it came to, the tasks that it touched, and all that happened in the order in which it did.
#[must_use]
pub fn markdown(
    headline: &str,
    tally: &Tally,
    work: &Work,
    events: &[Envelope],
    warnings: &[String],
) -> String {
    let mut text = format!("### Automata: {}\n\n{}\n\n", markdown_line(headline, LINE), tally.line());
    for warning in warnings {
        let _ = writeln!(text, "> **Note:** {}\n", markdown_line(warning, LINE));
    }
    work.tell(&mut text);
    if let Some(first) = events.first() {
        let began = first.recorded.stamp.at;
        let happened = counted(events.len(), "event", "events");
        let _ = writeln!(text, "<details><summary>Timeline: {happened} from {began} on</summary>\n");
        text.push_str("| # | after | about | what happened |\n|---|---|---|---|\n");
        for envelope in events.iter().take(LISTED) {
            let stamp = &envelope.recorded.stamp;
            let what = markdown_line(&sentence::of(envelope), LINE);
            let after = stamp.at.since(began).as_secs_f64();
            let _ = writeln!(text, "| {} | {after:.1} s | {} | {what} |", stamp.sequence, stamp.subject);
        }
        if events.len() > LISTED {
            let _ = writeln!(text, "\n…and {} more; `automata log` shows all.", events.len() - LISTED);
        }
        text.push_str("\n</details>\n");
    }
    fitting(text)
}

/// The text, cut at the end of a line where it is longer than GitHub takes: a longer summary is not shown at all.
fn fitting(mut text: String) -> String {
    if text.len() <= MOST_BYTES {
        return text;
    }
    let end = text.as_bytes()[..MOST_BYTES].iter().rposition(|byte| *byte == b'\n');
    text.truncate(end.map_or(0, |end| end + 1));
    text.push_str("\n…and more; `automata log` shows all.\n");
    text
}

#[cfg(test)]
mod tests;
