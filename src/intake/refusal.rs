//! A payload that could not be understood: what was wrong, what to do, and what can be saved of it.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::domain::event::TriggerRefused;
use crate::domain::untrusted::one_line;

/// Characters of an event name that are kept; GitHub's longest has 40.
const EVENT_NAME_WIDTH: usize = 64;
/// Characters of a reason that are kept: it may quote what the payload says.
const REASON_WIDTH: usize = 400;

/// Why a payload was refused. The run ends with exit code 2 after recording it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payload of `{event}` cannot be used: {reason}")]
pub struct Refusal {
    /// What was wrong, a clause for a person.
    pub reason: String,
    /// What to do next.
    pub hint: String,
    /// The event's name as the environment gave it, on one line.
    pub event: String,
    /// Bytes that arrived.
    pub bytes: u64,
    /// SHA-256 of what arrived, in hexadecimal.
    pub digest: String,
}

impl Refusal {
    /// A payload that could not even be read: no path, no file, no permission.
    #[must_use]
    pub fn unreadable(event: &str, reason: &str) -> Self {
        let fault = Fault::new(reason).hint(
            "inside GitHub Actions GITHUB_EVENT_PATH names the file; by hand, pass the path of a payload",
        );
        Self::of(event, &[], fault)
    }

    pub(super) fn of(event: &str, payload: &[u8], fault: Fault) -> Self {
        Self {
            reason: one_line(&fault.reason, REASON_WIDTH),
            hint: fault.hint,
            event: one_line(event, EVENT_NAME_WIDTH),
            bytes: payload.len() as u64,
            digest: digest(payload),
        }
    }

    /// What the log keeps of it.
    #[must_use]
    pub fn record(&self) -> TriggerRefused {
        TriggerRefused {
            event: self.event.clone(),
            reason: self.reason.clone(),
            bytes: self.bytes,
            digest: self.digest.clone(),
        }
    }
}

/// What is wrong with a payload, before it is known which one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    reason: String,
    hint: String,
}

impl Fault {
    /// Something is wrong with the content; the hint says where to look.
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            hint: "compare it with GitHub's description of the event, or re-run the workflow run to get it again"
                .to_owned(),
        }
    }

    pub(super) fn hint(self, hint: &str) -> Self {
        Self { hint: hint.to_owned(), ..self }
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
