//! The pure choice of work: which pending tasks to take now, in which order.

use std::collections::BTreeSet;

use crate::domain::id::TaskId;
use crate::domain::state::{State, Wait};
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::time::Timestamp;

/// How much may run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tasks that this run may hold at once.
    pub at_once: usize,
}

/// The tasks to claim now, the first to run first.
///
/// `holding` is how many tasks this run has claimed already.
#[must_use]
pub fn plan(state: &State, now: Timestamp, limits: Limits, holding: usize) -> Vec<TaskId> {
    let mut taken = BTreeSet::new();
    let ready = state.tasks.pending().filter(|task| state.waits(task, now).is_none());
    ready
        // One task of a kind for each subject at a time, as `State::waits` demands of those that run.
        .filter(|task| {
            task.spec.subject == Subject::Repository || taken.insert((&task.spec.kind, task.spec.subject))
        })
        .take(limits.at_once.saturating_sub(holding))
        .map(|task| task.id.clone())
        .collect()
}

/// When the next task that only waits for a time may run.
#[must_use]
pub fn next_due(state: &State, now: Timestamp) -> Option<Timestamp> {
    let planned = |task: &Task| match state.waits(task, now) {
        Some(Wait::Scheduled(at) | Wait::Retrying(at)) if !is_held_up(state, task, at) => Some(at),
        _ => None,
    };
    state.tasks.pending().filter_map(planned).min()
}

/// Whether `task` waits for something else when its time has come.
fn is_held_up(state: &State, task: &Task, then: Timestamp) -> bool {
    matches!(state.waits(task, then), Some(Wait::Blocked(_)))
}

#[cfg(test)]
mod tests;
