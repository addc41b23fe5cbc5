//! A task and its legal transitions.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::event::Stamp;
use super::fact::Fact;
use super::failure::Failure;
use super::id::{Login, RunId, Sequence, ServiceName, TaskId};
use super::payload::Payload;
use super::spec::{Ending, TaskSpec};
use super::time::Timestamp;
use super::usage::Usage;

/// The right to work on a task, until a time. A later lease of the same task makes this one stale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The fencing number: counts the claims of this task.
    pub number: u64,
    /// The run that holds it.
    pub run: RunId,
    /// When it ends by itself.
    pub until: Timestamp,
    /// The services that its holder asks something of, and how many tokens.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub spends: BTreeMap<ServiceName, u32>,
}

/// How far work has come, kept from one attempt to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// From 0 to 100, where the work can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// What it is at, one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What the next attempt needs in order to go on from here.
    #[serde(default, skip_serializing_if = "Payload::is_empty")]
    pub checkpoint: Payload,
}

/// How long a claim lasts when the kind says nothing: longer than any quick task, shorter than people wait.
pub const DEFAULT_LEASE: Duration = Duration::from_secs(15 * 60);

/// The waiting that one point of priority is worth, and that a subject owes for each task of it that was taken: a minute,
/// so that an urgent task goes ahead of what came in the last hour or two, and not of what came yesterday.
pub const POINT: Duration = Duration::from_secs(60);

/// The most that a subject owes: as much as there are points of priority, so that however busy it is its most urgent task
/// goes no later than the least urgent one of another, and none goes more than these minutes later than it would alone.
pub const MOST_OWED: Duration = Duration::from_secs(100 * 60);

/// A place in the row of those that wait.
pub type Turn = (Timestamp, Sequence);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

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

    /// How and when it ended, if it did: nothing more will happen by itself.
    #[must_use]
    pub const fn ending(&self) -> Option<(Ending, Timestamp)> {
        match self {
            Self::Completed { at, .. } => Some((Ending::Completed, *at)),
            Self::Failed { at, .. } => Some((Ending::Failed, *at)),
            Self::Cancelled { at, .. } => Some((Ending::Cancelled, *at)),
            Self::Pending { .. } | Self::Running { .. } => None,
        }
    }

    /// Whether nothing more will happen by itself.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.ending().is_some()
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
    /// Tasks that must be completed before and are not yet.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<TaskId>,
    /// What must be so outside before and is not known to be yet.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub awaits: BTreeSet<Fact>,
    /// Attempts begun, less those that a service answered with a time to come back, and those that were given back.
    pub attempts: u32,
    /// How often a run that was told to stop gave it back, which is no attempt.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub given_back: u32,
    /// Claims so far; the next lease gets the number after it.
    pub leases: u64,
    /// Where in the log it was enqueued.
    pub enqueued: Sequence,
    /// When it was enqueued, or came to the end of the row again.
    pub enqueued_at: Timestamp,
    /// Until when its subject has had its share, since this task was taken the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Timestamp>,
    /// How far the work has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// The run in which it failed last, as long as it has not been completed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_in: Option<RunId>,
    /// Where in the log the trigger stands that led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<Sequence>,
    /// The person who set that trigger off, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_off_by: Option<Login>,
    /// Whoever wrote what it is about, where that is known and somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_by: Option<Login>,
    /// Assistants that were paid and made nothing of it for good, the last answer of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vain: Vec<Vain>,
}

/// What was paid an assistant for nothing: the same question would get the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vain {
    /// Its name in the configuration.
    pub assistant: String,
    /// Digest of what it was told.
    pub told: String,
    /// Why nothing came of it.
    pub message: String,
    /// What it used up.
    pub usage: Usage,
}

impl Task {
    /// As it is when it was just enqueued.
    pub(super) fn new(id: TaskId, spec: &TaskSpec, stamp: &Stamp) -> Self {
        Self {
            id,
            status: Status::Pending { not_before: spec.not_before, last_failure: None },
            needs: spec.depends_on.iter().cloned().collect(),
            awaits: spec.awaits.iter().copied().collect(),
            attempts: 0,
            given_back: 0,
            leases: 0,
            enqueued: stamp.sequence,
            enqueued_at: stamp.at,
            share: None,
            progress: None,
            failed_in: None,
            correlation: stamp.correlation,
            set_off_by: None,
            written_by: None,
            vain: Vec::new(),
            spec: spec.clone(),
        }
    }

    /// Whether it waits until somebody agrees to what a feature suggests.
    #[must_use]
    pub fn is_suggested(&self) -> bool {
        matches!(self.status, Status::Pending { .. })
            && self.awaits.iter().any(|fact| matches!(fact, Fact::Agreed(..)))
    }

    /// Whose words it works on, as far as it is known: whoever has a stranger's issue worked on is not to blame for its text.
    #[must_use]
    pub fn whose(&self) -> Option<&Login> {
        self.written_by.as_ref().or(self.set_off_by.as_ref())
    }

    /// The lease, while it runs.
    #[must_use]
    pub const fn lease(&self) -> Option<&Lease> {
        match &self.status {
            Status::Running { lease } => Some(lease),
            _ => None,
        }
    }

    /// Its place in the row of those that wait about the same subject; lower goes first. Each point of priority is worth
    /// a minute of waiting without end, and so nothing starves: before a task of priority 0 goes only what comes within
    /// the next hundred minutes. What the subject owes for others that were taken comes on top when it stands
    /// beside other subjects, for all of its tasks alike, so that priority holds among them.
    #[must_use]
    pub fn turn(&self) -> Turn {
        // A task that was planned for later has not waited before that.
        let since = self.spec.not_before.map_or(self.enqueued_at, |planned| planned.max(self.enqueued_at));
        let ahead = POINT * u32::from(self.spec.priority.value());
        let ahead = i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX);
        (Timestamp::from_millis(since.as_millis().saturating_sub(ahead)), self.enqueued)
    }

    /// Whether `lease` is the one that holds the task now.
    #[must_use]
    pub fn is_held_by(&self, run: &RunId, lease: u64) -> bool {
        self.lease().is_some_and(|held| held.number == lease && held.run == *run)
    }
}
