//! What our check on a pull request says: what Automata is doing about it, and what came of that. It says nothing about the code
//! itself beyond the checks of the configuration.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::domain::count::counted;
use crate::domain::id::IssueNumber;
use crate::domain::input;
use crate::domain::state::State;
use crate::domain::task::{Status, Task};
use crate::domain::untrusted::markdown_line;

/// Width of a quoted line.
const LINE: usize = 300;
/// Conflicting files that are named.
const LISTED: usize = 10;

/// How the check stands; the words are GitHub's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Something is being done.
    InProgress,
    /// All that was to be done is done.
    Success,
    /// It is somebody else's turn.
    Neutral,
    /// Something was given up, and a person has to see to it.
    Failure,
}

impl Says {
    /// GitHub's word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Success => "success",
            Self::Neutral => "neutral",
            Self::Failure => "failure",
        }
    }
}

/// What the check says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnCheck {
    /// How it stands.
    pub says: Says,
    /// One line.
    pub title: String,
    /// The rest, Markdown.
    pub summary: String,
}

impl OwnCheck {
    const fn of(says: Says, title: String, summary: String) -> Self {
        Self { says, title, summary }
    }

    /// Sixteen hexadecimal digits by which an unchanged check is recognised without a call.
    #[must_use]
    pub fn digest(&self) -> String {
        let digest = Sha256::digest(format!("{}\n{}\n{}", self.says.name(), self.title, self.summary));
        digest.iter().take(8).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// What the check on our pull request for an issue says; none when it is not ours or not known.
#[must_use]
pub fn of(state: &State, number: IssueNumber) -> Option<OwnCheck> {
    let issue = state.issues.get(&number)?;
    let pull = issue.pull_request.as_ref().filter(|pull| pull.by.is_none())?;
    let revisions = match issue.fate.revisions {
        0 => String::new(),
        count => format!(" It was revised {}.", counted(count, "time", "times")),
    };
    let intro = format!("The change for #{number}, kept by Automata.{revisions}\n\n");
    let says = |says, title: &str, rest: String| {
        Some(OwnCheck::of(says, title.to_owned(), format!("{intro}{rest}")))
    };
    if let Some(end) = &issue.fate.end {
        let by = markdown_line(end.by.as_str(), LINE);
        return if end.merged {
            says(Says::Success, "Merged", format!("{by} merged it.\n"))
        } else {
            says(Says::Neutral, "Closed", format!("{by} closed it without merging it.\n"))
        };
    }
    let mut about: Vec<&Task> = state
        .tasks
        .values()
        .filter(|task| task.spec.subject.number() == Some(pull.number))
        .filter(|task| matches!(task.spec.kind.as_str(), input::REVISE | input::TEND))
        .collect();
    about.sort_by_key(|task| task.enqueued);
    let is_open = |task: &&&Task| task.spec.kind.as_str() == input::REVISE && !task.status.is_final();
    if let Some(open) = about.iter().rev().find(is_open) {
        let reason = markdown_line(&open.spec.reason, LINE);
        let begun = if open.lease().is_some() { "It is being revised" } else { "It will be revised" };
        return says(Says::InProgress, "Revising", format!("{begun}: {reason}.\n"));
    }
    let ended = |task: &&&Task| task.status.is_final() && !matches!(task.status, Status::Cancelled { .. });
    match about.iter().rev().find(ended).map(|task| (&task.status, task.spec.kind.as_str())) {
        Some((Status::Failed { failure, .. }, kind)) => {
            let hint = failure.hint.as_deref().map(|hint| format!(" {}", markdown_line(hint, LINE)));
            let told = markdown_line(&failure.to_string(), LINE);
            let rest = format!("`{kind}` was given up: {told}.{}\n", hint.unwrap_or_default());
            says(Says::Failure, "A person has to go on", rest)
        }
        Some((Status::Completed { output, .. }, input::TEND)) => match output.read::<input::Tended>() {
            Ok(tended) if !tended.conflicts.is_empty() => {
                let files = tended.conflicts.iter().take(LISTED).map(|file| markdown_line(file, LINE));
                let files = files.collect::<Vec<_>>().join(", ");
                let base = markdown_line(&tended.base, LINE);
                says(
                    Says::Failure,
                    "It conflicts with its base",
                    format!("It conflicts with {base} in {files}.\n"),
                )
            }
            Ok(input::Tended { waits: Some(waits), .. }) => says(
                Says::Neutral,
                "It waits",
                format!("It is not merged yet: {}.\n", markdown_line(&waits, LINE)),
            ),
            _ => review(&intro),
        },
        _ => review(&intro),
    }
}

/// It is somebody else's turn.
fn review(intro: &str) -> Option<OwnCheck> {
    let rest = "Nothing is being done about it now; it waits for a review. `/automata revise` asks for another change.\n";
    Some(OwnCheck::of(Says::Neutral, "It waits for a review".to_owned(), format!("{intro}{rest}")))
}
