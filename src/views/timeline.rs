//! The story of one subject: which events of the whole history belong to it.

use std::collections::BTreeSet;

use crate::domain::event::Event;
use crate::domain::id::{IssueNumber, Sequence, TaskId};
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::log::Envelope;

/// Picks the events of one issue or pull request out of a history read in order: those about it, and those
/// that something about it led to.
#[derive(Debug)]
pub struct Timeline {
    number: IssueNumber,
    places: BTreeSet<Sequence>,
    events: Vec<Envelope>,
    elsewhere: Elsewhere,
}

/// Where it was made or ended when that was not done about itself: a pull request is opened for an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    tasks: BTreeSet<TaskId>,
    origins: BTreeSet<Sequence>,
}

impl Timeline {
    /// An empty story of `number`.
    #[must_use]
    pub fn of(number: IssueNumber) -> Self {
        Self { number, places: BTreeSet::new(), events: Vec::new(), elsewhere: Elsewhere::default() }
    }

    /// The story of `number` in a history that is at hand, with what was done elsewhere.
    #[must_use]
    pub fn whole(number: IssueNumber, history: &[Envelope]) -> Self {
        let mut timeline = Self::of(number);
        history.iter().for_each(|envelope| timeline.offer(envelope.clone()));
        if let Some(elsewhere) = timeline.elsewhere() {
            timeline.join(history.iter().filter(|envelope| elsewhere.takes(envelope)).cloned().collect());
        }
        timeline
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
        } else if let Event::EffectCompleted(done) = &envelope.recorded.event
            && makes(&done.receipt, self.number)
        {
            self.elsewhere.tasks.extend(done.effect.task());
            self.elsewhere.origins.extend(stamp.correlation);
        }
    }

    /// What a second reading is to look for, where something about it was done elsewhere.
    #[must_use]
    pub fn elsewhere(&self) -> Option<Elsewhere> {
        (self.elsewhere != Elsewhere::default()).then(|| self.elsewhere.clone())
    }

    /// Takes in what the second reading found.
    pub fn join(&mut self, mut found: Vec<Envelope>) {
        found.retain(|envelope| !self.places.contains(&envelope.recorded.stamp.sequence));
        self.events.append(&mut found);
        self.events.sort_by_key(|envelope| envelope.recorded.stamp.sequence);
    }

    /// The story so far.
    #[must_use]
    pub fn events(&self) -> &[Envelope] {
        &self.events
    }

    /// Whether an event is about the number, or followed from what is.
    #[must_use]
    pub fn is_own(&self, envelope: &Envelope) -> bool {
        self.places.contains(&envelope.recorded.stamp.sequence)
    }
}

impl Elsewhere {
    /// Whether the event helps to tell how it was made.
    #[must_use]
    pub fn takes(&self, envelope: &Envelope) -> bool {
        let stamp = &envelope.recorded.stamp;
        let task = match &envelope.recorded.event {
            Event::EffectCompleted(done) => done.effect.task(),
            other => other.task().cloned(),
        };
        task.is_some_and(|task| self.tasks.contains(&task))
            || self.origins.contains(&stamp.sequence)
            || stamp.correlation.is_some_and(|origin| self.origins.contains(&origin))
    }
}

/// Whether a receipt says that this number was opened, or closed.
#[must_use]
pub fn makes(receipt: &Payload, number: IssueNumber) -> bool {
    // Most receipts are read no further.
    receipt.as_str().contains(&number.to_string())
        && (receipt.read::<receipt::PullRequest>().is_ok_and(|pull| pull.number == number)
            || receipt.read::<receipt::DriveIssue>().is_ok_and(|issue| issue.number == number)
            || receipt.read::<receipt::Closed>().is_ok_and(|closed| closed.closed == number))
}

#[cfg(test)]
mod tests;
