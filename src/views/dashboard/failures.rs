//! What failed, with what to do next.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::figures::{of, value_of};
use crate::domain::event::{Event, Recorded};
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::id::{KindName, TaskId};
use crate::domain::state::State;
use crate::domain::task::Status;
use crate::domain::untrusted::one_line;
use crate::views::metrics::Metrics;

/// Failed attempts kept: more than anybody reads.
const FAILED_KEPT: usize = 200;
/// Width of a message or a hint: some quote what a service said.
const WIDE: usize = 400;
/// Width of a code.
const NARROW: usize = 60;

/// One failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// The task's id.
    pub task: String,
    /// Its kind.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// When.
    pub at: i64,
    /// Whether the task was given up by it.
    pub is_final: bool,
    /// `transient`, `rate_limited` or `permanent`.
    pub class: &'static str,
    /// The sort of failure.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl Failed {
    fn of(failure: &Failure, is_final: bool) -> Self {
        let class = match failure.class {
            FailureClass::Transient => "transient",
            FailureClass::RateLimited(_) => "rate_limited",
            FailureClass::Permanent => "permanent",
        };
        Self {
            task: String::new(),
            kind: String::new(),
            subject: String::new(),
            at: 0,
            is_final,
            class,
            code: one_line(&failure.code, NARROW),
            message: one_line(&failure.message, WIDE),
            hint: failure.hint.as_deref().map(|hint| one_line(hint, WIDE)),
        }
    }
}

/// A sort of failures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// The kind of task.
    pub kind: String,
    /// As of [`Failed::class`].
    pub class: String,
    /// As of [`Failed::code`].
    pub code: String,
    /// How often.
    pub count: u64,
}

#[derive(Default)]
pub(super) struct Failures(VecDeque<Failed>);

impl Failures {
    pub(super) fn offer(&mut self, recorded: &Recorded, kinds: &BTreeMap<TaskId, KindName>) {
        let (task, failure, is_final) = match &recorded.event {
            Event::TaskRetried(retried) => (&retried.task, &retried.failure, false),
            Event::TaskFailed(failed) => (&failed.task, &failed.failure, true),
            _ => return,
        };
        if self.0.len() == FAILED_KEPT {
            self.0.pop_front();
        }
        self.0.push_back(Failed {
            task: task.to_string(),
            kind: kinds.get(task).map(ToString::to_string).unwrap_or_default(),
            subject: recorded.stamp.subject.to_string(),
            at: recorded.stamp.at.as_millis(),
            ..Failed::of(failure, is_final)
        });
    }

    /// The latest first.
    pub(super) fn latest(self) -> Vec<Failed> {
        self.0.into_iter().rev().collect()
    }
}

/// Tasks that were given up and can be revived.
pub(super) fn dead(state: &State) -> Vec<Failed> {
    let mut dead: Vec<Failed> = state
        .tasks
        .values()
        .filter_map(|task| match &task.status {
            Status::Failed { failure, at } => Some(Failed {
                task: task.id.to_string(),
                kind: task.spec.kind.to_string(),
                subject: task.spec.subject.to_string(),
                at: at.as_millis(),
                ..Failed::of(failure, true)
            }),
            _ => None,
        })
        .collect();
    dead.sort_by_key(|failed| Reverse(failed.at));
    dead
}

pub(super) fn causes(metrics: &Metrics) -> Vec<Cause> {
    let mut causes: Vec<Cause> = of(metrics.counters(), "task_failures")
        .map(|(labels, count)| Cause {
            kind: value_of(labels, "kind").to_owned(),
            class: value_of(labels, "class").to_owned(),
            code: one_line(value_of(labels, "code"), NARROW),
            count: *count,
        })
        .collect();
    causes.sort_by_key(|cause| Reverse(cause.count));
    causes
}
