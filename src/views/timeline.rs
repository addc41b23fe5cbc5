//! The story of one subject: which events of the whole history belong to it.

use std::collections::BTreeSet;

use crate::domain::id::{IssueNumber, Sequence};
use crate::log::Envelope;

/// Picks the events of one issue or pull request out of a history read in order: those about it, and those
/// that something about it led to.
#[derive(Debug)]
pub struct Timeline {
    number: IssueNumber,
    places: BTreeSet<Sequence>,
    events: Vec<Envelope>,
}

impl Timeline {
    /// An empty story of `number`.
    #[must_use]
    pub const fn of(number: IssueNumber) -> Self {
        Self { number, places: BTreeSet::new(), events: Vec::new() }
    }

    /// Takes the next event of the history, and keeps it if it belongs here.
    pub fn offer(&mut self, envelope: Envelope) {
        let stamp = &envelope.recorded.stamp;
        let about = stamp.subject.number() == Some(self.number);
        // By cause and not by correlation: one tick of the schedule begins the stories of many issues.
        let follows = stamp.cause.is_some_and(|cause| self.places.contains(&cause));
        if about || follows {
            self.places.insert(stamp.sequence);
            self.events.push(envelope);
        }
    }

    /// The story so far.
    #[must_use]
    pub fn events(&self) -> &[Envelope] {
        &self.events
    }
}

#[cfg(test)]
mod tests;
