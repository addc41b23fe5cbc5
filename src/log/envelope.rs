//! An event as it is kept: with its id and its schema's version.

use crate::domain::event::Recorded;
use crate::domain::id::CommandId;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Its id: the command that led to it, a dash, and its place among that command's events. The same
    /// command decided again gives the same id.
    pub id: String,
    /// Where, when, who and what.
    pub recorded: Recorded,
}

impl Envelope {
    /// The `ordinal`th event (from 0) of `command`.
    #[must_use]
    pub fn new(command: &CommandId, ordinal: usize, recorded: Recorded) -> Self {
        Self { id: command.event(ordinal), recorded }
    }
}
