//! What happens to tasks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::failure::Failure;
use crate::domain::id::{AssistantName, ServiceName, TaskId};
use crate::domain::payload::Payload;
use crate::domain::spec::{AsOf, Priority, TaskSpec, Terms};
use crate::domain::task::Progress;
use crate::domain::time::Timestamp;

/// See [`Event::TaskEnqueued`](super::Event::TaskEnqueued).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskEnqueued {
    /// Its id.
    pub task: TaskId,
    /// What to do. Not flattened: a flattened field cannot hold a [`Payload`].
    pub spec: TaskSpec,
}

/// See [`Event::TaskAmended`](super::Event::TaskAmended). What is none stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskAmended {
    /// Which task.
    pub task: TaskId,
    /// What the kind needs to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// Who goes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Not before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Whether it goes to the end of the row.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restarts: bool,
    /// What it is bound by from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Box<Terms>>,
    /// What whoever asks for it now, or was asked to look again, could see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<AsOf>,
    /// Why.
    pub reason: String,
}

impl TaskAmended {
    /// Changes what a task is to do.
    pub(in crate::domain) fn change(&self, spec: &mut TaskSpec) {
        if let Some(input) = &self.input {
            spec.input = input.clone();
        }
        if let Some(priority) = self.priority {
            spec.priority = priority;
        }
        if self.not_before.is_some() {
            spec.not_before = self.not_before;
        }
        if let Some(terms) = &self.terms {
            spec.bind(terms);
        }
        if self.as_of.is_some() {
            spec.as_of.clone_from(&self.as_of);
        }
    }
}

/// See [`Event::TaskProgressed`](super::Event::TaskProgressed).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskProgressed {
    /// Which task.
    pub task: TaskId,
    /// Under which lease.
    pub lease: u64,
    /// How far.
    pub progress: Progress,
    /// The assistant that it is about to ask again, which failed again and again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<AssistantName>,
}

/// See [`Event::TaskClaimed`](super::Event::TaskClaimed).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskClaimed {
    /// Which task.
    pub task: TaskId,
    /// The fencing number of this claim.
    pub lease: u64,
    /// When the claim ends by itself.
    pub until: Timestamp,
    /// The services that it asks something of, and how many tokens.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub spends: BTreeMap<ServiceName, u32>,
}

/// See [`Event::TaskCompleted`](super::Event::TaskCompleted).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskCompleted {
    /// Which task.
    pub task: TaskId,
    /// Under which lease.
    pub lease: u64,
    /// What it left behind.
    #[serde(default)]
    pub output: Payload,
}

/// See [`Event::TaskRetried`](super::Event::TaskRetried).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRetried {
    /// Which task.
    pub task: TaskId,
    /// Under which lease.
    pub lease: u64,
    /// Why the attempt failed.
    pub failure: Failure,
    /// When the next attempt may begin.
    pub not_before: Timestamp,
}

/// See [`Event::TaskFailed`](super::Event::TaskFailed).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFailed {
    /// Which task.
    pub task: TaskId,
    /// Under which lease; none when it never ran because something it needs failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<u64>,
    /// Why.
    pub failure: Failure,
}

/// See [`Event::TaskReleased`](super::Event::TaskReleased).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskReleased {
    /// Which task.
    pub task: TaskId,
    /// Which lease was ended.
    pub lease: u64,
    /// The evidence that its run is gone.
    pub reason: String,
    /// Whether its own run gave it back when it was told to stop: no failed attempt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
}

/// See [`Event::TaskCancelled`](super::Event::TaskCancelled).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskCancelled {
    /// Which task.
    pub task: TaskId,
    /// Why.
    pub reason: String,
}

/// See [`Event::TaskRevived`](super::Event::TaskRevived).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRevived {
    /// Which task.
    pub task: TaskId,
    /// Another input than it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// Why.
    pub reason: String,
}

/// See [`Event::OutcomeIgnored`](super::Event::OutcomeIgnored).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeIgnored {
    /// Which task.
    pub task: TaskId,
    /// The lease it came under.
    pub lease: u64,
    /// What it would have been: `completed`, `failed`.
    pub outcome: String,
}
