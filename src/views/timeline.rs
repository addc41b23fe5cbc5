//! The story of one subject: which events of the whole history belong to it.

use std::collections::BTreeSet;

use crate::domain::event::Event;
use crate::domain::id::{EffectId, IssueNumber, Sequence, TaskId};
use crate::log::Envelope;

/// Picks the events of one issue or pull request out of a history read in order: those about it, and those
/// that something about it led to.
#[derive(Debug)]
pub struct Timeline {
    number: IssueNumber,
    places: BTreeSet<Sequence>,
    tasks: BTreeSet<TaskId>,
    effects: BTreeSet<EffectId>,
    events: Vec<Envelope>,
}

impl Timeline {
    /// An empty story of `number`.
    #[must_use]
    pub const fn of(number: IssueNumber) -> Self {
        Self {
            number,
            places: BTreeSet::new(),
            tasks: BTreeSet::new(),
            effects: BTreeSet::new(),
            events: Vec::new(),
        }
    }

    /// Takes the next event of the history, and keeps it if it belongs here.
    pub fn offer(&mut self, envelope: Envelope) {
        let stamp = &envelope.recorded.stamp;
        let event = &envelope.recorded.event;
        let about = stamp.subject.number() == Some(self.number);
        // By cause and not by correlation: one tick of the schedule begins the stories of many issues.
        let follows = stamp.cause.is_some_and(|cause| self.places.contains(&cause));
        let of_task = event.task().is_some_and(|task| self.tasks.contains(task));
        let of_effect =
            matches!(event, Event::EffectCompleted(completed) if self.effects.contains(&completed.effect));
        if !(about || follows || of_task || of_effect) {
            return;
        }
        self.places.insert(stamp.sequence);
        self.tasks.extend(event.task().cloned());
        if let Event::EffectIntended(intent) = event {
            self.effects.insert(intent.effect.clone());
        }
        self.events.push(envelope);
    }

    /// The story so far.
    #[must_use]
    pub fn events(&self) -> &[Envelope] {
        &self.events
    }
}

#[cfg(test)]
mod tests;
