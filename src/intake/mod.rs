//! Outside to inside: the only room that knows GitHub's event JSON. Pure: no clock, no environment, no files.
//!
//! ```text
//! bytes ── document ──> JSON object ── happening ──> what happened ── origin ──> trigger | ignored
//!             └ refusal      └ shape, facts             └ identity      └ marker
//! ```

use crate::domain::id::{Login, RepositoryName, RunId};
use crate::domain::time::Timestamp;
use crate::domain::trigger::Trigger;

pub use document::PAYLOAD_BYTES;
pub use origin::MAX_HOPS;
pub use refusal::Refusal;

pub mod actions;
mod conversation;
mod document;
mod facts;
mod happening;
mod identity;
mod machinery;
pub mod marker;
pub mod missed;
mod origin;
mod refusal;
mod shape;

/// Events that become triggers. Every other event is ignored with a reason.
pub const EVENTS: [&str; 13] = [
    "issues",
    "issue_comment",
    "pull_request",
    "pull_request_target",
    "pull_request_review",
    "pull_request_review_comment",
    "label",
    "workflow_run",
    "release",
    "schedule",
    "workflow_dispatch",
    "repository_dispatch",
    "push",
];

/// Bytes of a trigger as the log would keep it, above which it is refused: two whole bodies, a hundred
/// labels and GitHub's 65,535 characters of dispatch data fit in it.
pub const TRIGGER_BYTES: usize = 512 * 1024;

/// What intake has to know that is not in the payload.
#[derive(Clone, Debug)]
pub struct IntakeContext {
    /// The repository that this run serves (`GITHUB_REPOSITORY`).
    pub repository: RepositoryName,
    /// GitHub's id of that repository (`GITHUB_REPOSITORY_ID`), which a rename does not change.
    pub repository_id: Option<u64>,
    /// This run: its workflow run's id names what carries no id of its own (a schedule, a dispatch).
    pub run: RunId,
    /// The accounts under which Automata writes here.
    pub ourselves: Vec<Login>,
    /// Bots whose events count, from the configuration; with or without `[bot]`.
    pub allowed_bots: Vec<Login>,
    /// When the payload arrived: stands in where GitHub gives no time.
    pub received_at: Timestamp,
}

/// What came of reading a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intake {
    /// Something happened that is to be recorded.
    Trigger(Box<Trigger>),
    /// It was understood, and it is none of our business.
    Ignored {
        /// Why, one sentence for a person.
        reason: String,
    },
}

/// Reads the payload of `event_name` (`GITHUB_EVENT_NAME`, `GITHUB_EVENT_PATH`).
///
/// # Errors
/// [`Refusal`] when the payload cannot be understood, or says what cannot be so.
pub fn read(event_name: &str, payload: &[u8], context: &IntakeContext) -> Result<Intake, Refusal> {
    understand(event_name, payload, context).map_err(|fault| Refusal::of(event_name, payload, fault))
}

/// Whether it hinges on which accounts are ours: the text carries our mark in its place, or a bot did it that is listened
/// to, and nothing in the context says that the account is one of ours. Then it is worth asking whose the token is.
#[must_use]
pub fn hinges_on_us(event_name: &str, payload: &[u8], context: &IntakeContext) -> bool {
    let happening = document::Document::open(payload)
        .and_then(|document| happening::read(event_name, &document, context));
    happening.is_ok_and(|happening| origin::hinges_on_us(&happening, context))
}

fn understand(event: &str, payload: &[u8], context: &IntakeContext) -> Result<Intake, refusal::Fault> {
    if event.trim().is_empty() {
        return Err(refusal::Fault::new("the name of the event is missing")
            .hint("GitHub sets GITHUB_EVENT_NAME in every run; by hand, name the event yourself"));
    }
    let document = document::Document::open(payload)?;
    if !EVENTS.contains(&event) {
        let name = crate::domain::untrusted::one_line(event, 64);
        return Ok(Intake::Ignored { reason: format!("Automata does nothing on `{name}` events") });
    }
    document.is_about(context)?;
    let happening = happening::read(event, &document, context)?;
    if let Some(action) = happening.action.as_deref().filter(|action| !actions::is_known(event, action)) {
        let reason = format!("`{event}.{action}` is not an action that Automata knows; a newer release may");
        return Ok(Intake::Ignored { reason });
    }
    let intake = origin::judge(happening, context);
    if let Intake::Trigger(trigger) = &intake {
        let bytes = serde_json::to_vec(trigger).map_or(usize::MAX, |json| json.len());
        if bytes > TRIGGER_BYTES {
            return Err(refusal::Fault::new(format!(
                "what is to be kept of it has {bytes} bytes, more than {TRIGGER_BYTES}"
            ))
            .hint("GitHub sends no such event; look at where the file comes from"));
        }
    }
    Ok(intake)
}

#[cfg(test)]
mod tests;
