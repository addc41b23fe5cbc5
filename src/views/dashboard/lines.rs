//! One event as the dashboard tells it: where, when, of which sort, about what, in a sentence.

use serde::{Serialize, Serializer};

use crate::domain::event::{Event, Recorded};
use crate::domain::id::Sequence;

/// The sort of an event, as far as a reader tells sorts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Something happened outside.
    Outside,
    /// Somebody asked for something.
    Command,
    /// A task moved.
    Task,
    /// Something failed.
    Failure,
    /// Something changes outside, or has changed.
    Effect,
    /// An assistant answered.
    Assistant,
    /// Something about Google Drive.
    Drive,
    /// Schedules, looks and what was learned.
    Upkeep,
}

impl Group {
    const fn of(event: &Event) -> Self {
        match event {
            Event::TriggerReceived(_) | Event::FactObserved(_) => Self::Outside,
            Event::CommandGranted(_)
            | Event::CommandRefused(_)
            | Event::AccessGranted(_)
            | Event::AccessRefused(_)
            | Event::CommandAnswered(_)
            | Event::SubjectPaused(_)
            | Event::SubjectResumed(_)
            | Event::FeaturePaused(_)
            | Event::FeatureResumed(_)
            | Event::FeatureRestored(_) => Self::Command,
            Event::TaskRetried(_)
            | Event::TaskFailed(_)
            | Event::FeatureFellBack(_)
            | Event::TriggerRefused(_)
            | Event::TriggerHeld(_) => Self::Failure,
            Event::EffectIntended(_) | Event::EffectCompleted(_) => Self::Effect,
            Event::AssistantAnswered(_) => Self::Assistant,
            Event::DriveRead(_) | Event::DriveChanged(_) | Event::DriveUsed(_) => Self::Drive,
            Event::ScheduleSet(_)
            | Event::ScheduleRemoved(_)
            | Event::ScheduleFired(_)
            | Event::RepositoryReconciled(_)
            | Event::ModelLearned(_)
            | Event::ModelSetAside(_)
            | Event::Used(_)
            | Event::TriggerSettled(_) => Self::Upkeep,
            _ => Self::Task,
        }
    }
}

/// One event. Written as a list of its fields in their order, since there are many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place in the log.
    pub event: u64,
    /// When it was recorded.
    pub at: i64,
    /// Its sort.
    pub group: Group,
    /// What it is about: `issue/42`.
    pub subject: String,
    /// The sentence.
    pub text: String,
}

impl Line {
    pub(super) fn of(recorded: &Recorded, text: String) -> Self {
        let stamp = &recorded.stamp;
        Self {
            event: stamp.sequence.0,
            at: stamp.at.as_millis(),
            group: Group::of(&recorded.event),
            subject: stamp.subject.to_string(),
            text,
        }
    }

    pub(super) const fn sequence(&self) -> Sequence {
        Sequence(self.event)
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.event, self.at, self.group, &self.subject, &self.text).serialize(serializer)
    }
}
