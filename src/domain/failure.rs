//! Why something did not work, as data: what enters the log, what decides about a retry, what a person reads.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// Whether trying again can help. Settled once, at the boundary where the answer came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "class", content = "until")]
pub enum FailureClass {
    /// A time-out, a dropped connection, a 5xx: it may work the next time.
    Transient,
    /// The service told us to wait until then.
    RateLimited(Timestamp),
    /// It will not work however often it is tried.
    Permanent,
}

/// What went wrong, in words for a person, with the next step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Failure {
    /// Whether trying again can help.
    #[serde(flatten)]
    pub class: FailureClass,
    /// A stable name for the sort of failure: `patch_does_not_apply`.
    pub code: String,
    /// What happened, one sentence. Shown through `Display`, which leaves a full stop at its end to whoever
    /// puts it into a sentence or sets it alone.
    pub message: String,
    /// What to do next, where there is something: whole sentences with their full stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Failure {
    /// A failure that the next attempt may not meet.
    #[must_use]
    pub fn transient(code: &str, message: impl Into<String>) -> Self {
        Self { class: FailureClass::Transient, code: code.to_owned(), message: message.into(), hint: None }
    }

    /// A failure that every attempt will meet.
    #[must_use]
    pub fn permanent(code: &str, message: impl Into<String>) -> Self {
        Self { class: FailureClass::Permanent, ..Self::transient(code, message) }
    }

    /// A service asked us to wait.
    #[must_use]
    pub fn rate_limited(until: Timestamp, message: impl Into<String>) -> Self {
        Self { class: FailureClass::RateLimited(until), ..Self::transient("rate_limited", message) }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether no attempt can succeed.
    #[must_use]
    pub const fn is_permanent(&self) -> bool {
        matches!(self.class, FailureClass::Permanent)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message.strip_suffix('.').unwrap_or(&self.message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_reads_the_same_inside_a_sentence_with_and_without_its_full_stop() {
        for message in ["The patch names `x.`, it is absolute.", "The patch names `x.`, it is absolute"] {
            let failure = Failure::permanent("patch_escapes_tree", message);
            assert_eq!(format!("given up: {failure}."), "given up: The patch names `x.`, it is absolute.");
        }
    }
}
