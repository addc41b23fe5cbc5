//! A task and its legal transitions.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::id::{KindName, RunId, Sequence, TaskId};
use super::payload::Payload;
use super::subject::Subject;
use super::time::Timestamp;

/// A priority from 0 (whenever) to 100 (now).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Priority(u8);

impl Priority {
    /// In its turn.
    pub const NORMAL: Self = Self(50);

    /// A priority; more than 100 is 100.
    #[must_use]
    pub const fn new(value: u8) -> Self {
        Self(if value > 100 { 100 } else { value })
    }

    /// From 0 to 100.
    #[must_use]
    pub const fn value(self) -> u8 {
        self.0
    }
}

impl Default for Priority {
    fn default() -> Self {
        Self::NORMAL
    }
}

/// What to do, as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSpec {
    /// Which kind of work.
    pub kind: KindName,
    /// What it is about.
    pub subject: Subject,
    /// What the kind needs to know.
    #[serde(default)]
    pub input: Payload,
    /// Who goes first.
    #[serde(default)]
    pub priority: Priority,
    /// Tasks that must be completed before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<TaskId>,
    /// A pending task with this key that waits for no less stands for this one too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique: Option<String>,
    /// Attempts it gets, at least one; a crash counts as one.
    pub max_attempts: u32,
    /// Not before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Why it exists, one sentence for a person.
    pub reason: String,
}

/// A task to enqueue: like [`TaskSpec`], with dependencies that may name tasks of the same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRequest {
    /// What to do; its `depends_on` names tasks that exist already.
    pub spec: TaskSpec,
    /// Places (from 0) in the same list of requests of tasks that must be completed before.
    pub after: Vec<usize>,
}

impl TaskRequest {
    /// A request with everything at its default.
    #[must_use]
    pub fn new(kind: &str, subject: Subject, input: Payload, reason: impl Into<String>) -> Self {
        Self {
            spec: TaskSpec {
                kind: KindName::new(kind),
                subject,
                input,
                priority: Priority::NORMAL,
                depends_on: Vec::new(),
                unique: None,
                max_attempts: super::retry::DEFAULT_ATTEMPTS,
                not_before: None,
                reason: reason.into(),
            },
            after: Vec::new(),
        }
    }

    /// Sets the priority.
    #[must_use]
    pub const fn priority(mut self, priority: Priority) -> Self {
        self.spec.priority = priority;
        self
    }

    /// While a pending task has this key and waits for no less, this one is not enqueued.
    #[must_use]
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.spec.unique = Some(key.into());
        self
    }

    /// Waits for the request at `place` of the same list.
    #[must_use]
    pub fn after(mut self, place: usize) -> Self {
        self.after.push(place);
        self
    }
}

/// The right to work on a task, until a time. A later lease of the same task makes this one stale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The fencing number: counts the claims of this task.
    pub number: u64,
    /// The run that holds it.
    pub run: RunId,
    /// When it ends by itself.
    pub until: Timestamp,
}

/// How long a claim lasts when the kind says nothing: longer than any quick task, shorter than people wait.
pub const DEFAULT_LEASE: Duration = Duration::from_secs(15 * 60);

/// The waiting, in milliseconds, that one point of priority is worth: a minute, so that an urgent task goes
/// ahead of what came in the last hour or two, and not of what came yesterday.
const POINT: i64 = 60_000;

/// How far a task has come. Tagged from outside: inside an internal tag a [`Payload`] cannot be read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits: for its turn, for a time, or for other tasks.
    Pending {
        /// Not before then: a schedule or a retry.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_before: Option<Timestamp>,
        /// Why the last attempt failed, when there was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_failure: Option<Failure>,
    },
    /// Somebody works on it.
    Running {
        /// Who, and until when.
        lease: Lease,
    },
    /// Done.
    Completed {
        /// What it left behind.
        output: Payload,
        /// When.
        at: Timestamp,
    },
    /// Given up: a dead letter, which can be revived.
    Failed {
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
    /// Called off.
    Cancelled {
        /// Why.
        reason: String,
        /// When.
        at: Timestamp,
    },
}

impl Status {
    /// The word for it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pending { .. } => "pending",
            Self::Running { .. } => "running",
            Self::Completed { .. } => "completed",
            Self::Failed { .. } => "failed",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// Whether nothing more will happen by itself.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Completed { .. } | Self::Failed { .. } | Self::Cancelled { .. })
    }
}

/// A task with its history folded into its present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What to do. Not flattened: a flattened field cannot hold a [`Payload`].
    pub spec: TaskSpec,
    /// How far it has come.
    pub status: Status,
    /// Attempts begun.
    pub attempts: u32,
    /// Claims so far; the next lease gets the number after it.
    pub leases: u64,
    /// Where in the log it was enqueued.
    pub enqueued: Sequence,
    /// When it was enqueued.
    pub enqueued_at: Timestamp,
    /// Where in the log the trigger stands that led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<Sequence>,
}

impl Task {
    /// The lease, while it runs.
    #[must_use]
    pub const fn lease(&self) -> Option<&Lease> {
        match &self.status {
            Status::Running { lease } => Some(lease),
            _ => None,
        }
    }

    /// Its place in the row of those that wait; lower goes first. Each point of priority is worth
    /// a minute of waiting without end, and so nothing starves: before a task of priority 0 goes only what
    /// comes within the next hundred minutes.
    #[must_use]
    pub fn turn(&self) -> (Timestamp, Sequence) {
        // A task that was planned for later has not waited before that.
        let since = self.spec.not_before.map_or(self.enqueued_at, |planned| planned.max(self.enqueued_at));
        let ahead = i64::from(self.spec.priority.value()) * POINT;
        (Timestamp::from_millis(since.as_millis().saturating_sub(ahead)), self.enqueued)
    }

    /// Whether `lease` is the one that holds the task now.
    #[must_use]
    pub fn is_held_by(&self, run: &RunId, lease: u64) -> bool {
        self.lease().is_some_and(|held| held.number == lease && held.run == *run)
    }
}
