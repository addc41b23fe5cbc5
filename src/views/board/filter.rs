//! Which tasks to look at: by status, kind, subject, and by what pending ones wait for.

use serde::Serialize;

use crate::domain::id::KindName;
use crate::domain::room::Room;
use crate::domain::state::{State, Wait};
use crate::domain::subject::Subject;
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;

/// What a pending task waits for, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// Its turn, and nothing else.
    Ready,
    /// The time it is planned for.
    Scheduled,
    /// The time of its next attempt.
    Retrying,
    /// Other tasks.
    Blocked,
    /// Something outside.
    Awaiting,
    /// Somebody to resume what it is about.
    Paused,
    /// Room under the limits.
    Throttled,
}

impl Waiting {
    /// What a task waits for; none unless it is pending.
    #[must_use]
    pub fn of(state: &State, task: &Task, now: Timestamp, room: &Room) -> Option<Self> {
        if !matches!(task.status, Status::Pending { .. }) {
            return None;
        }
        Some(match state.waits_in(task, room, now) {
            None => Self::Ready,
            Some(Wait::Scheduled(_)) => Self::Scheduled,
            Some(Wait::Retrying(_)) => Self::Retrying,
            Some(Wait::Blocked(_)) => Self::Blocked,
            Some(Wait::Awaiting(_)) => Self::Awaiting,
            Some(Wait::Paused(_)) => Self::Paused,
            Some(Wait::Throttled(_)) => Self::Throttled,
        })
    }

    /// The word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Scheduled => "scheduled",
            Self::Retrying => "retrying",
            Self::Blocked => "blocked",
            Self::Awaiting => "awaiting",
            Self::Paused => "paused",
            Self::Throttled => "throttled",
        }
    }
}

/// Which tasks to look at. What is empty picks all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Names of statuses.
    pub statuses: Vec<&'static str>,
    /// Kinds.
    pub kinds: Vec<KindName>,
    /// What they are about.
    pub subject: Option<Subject>,
    /// What pending ones wait for.
    pub waits: Vec<Waiting>,
}

impl Filter {
    /// Whether it picks the task; what the task waits for is only asked where that counts.
    pub(super) fn picks(&self, task: &Task, waiting: impl FnOnce() -> Option<Waiting>) -> bool {
        (self.statuses.is_empty() || self.statuses.contains(&task.status.name()))
            && (self.kinds.is_empty() || self.kinds.contains(&task.spec.kind))
            && self.subject.is_none_or(|subject| subject == task.spec.subject)
            && (self.waits.is_empty() || waiting().is_some_and(|waiting| self.waits.contains(&waiting)))
    }
}
