//! The pure choice of work: which pending tasks to take now, in which order.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::id::{Sequence, TaskId};
use crate::domain::state::{State, Wait};
use crate::domain::subject::Subject;
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;

/// How much may run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tasks that this run may hold at once.
    pub at_once: usize,
}

/// What a task that waits gains one point of priority for. Because this has no end, nothing starves: only
/// what comes within the next hundred of these can go before a task of priority 0.
const POINT: Duration = Duration::from_secs(60);

/// The tasks to claim now, the first to run first.
///
/// `holding` is how many tasks this run has claimed already.
#[must_use]
pub fn plan(state: &State, now: Timestamp, limits: Limits, holding: usize) -> Vec<TaskId> {
    let ready =
        |task: &&Task| matches!(task.status, Status::Pending { .. }) && state.waits(task, now).is_none();
    let mut candidates: Vec<&Task> = state.tasks.values().filter(ready).collect();
    candidates.sort_by_cached_key(|task| order(task, now));
    let mut taken = BTreeSet::new();
    candidates
        .into_iter()
        // One task of a kind for each subject at a time, as `State::waits` demands of those that run.
        .filter(|task| {
            task.spec.subject == Subject::Repository || taken.insert((&task.spec.kind, task.spec.subject))
        })
        .take(limits.at_once.saturating_sub(holding))
        .map(|task| task.id.clone())
        .collect()
}

/// Lower goes first: by priority grown with age, then by place in the log.
fn order(task: &Task, now: Timestamp) -> (std::cmp::Reverse<u64>, Sequence) {
    // A task that was planned for later has not waited before that.
    let since = task.spec.not_before.map_or(task.enqueued_at, |planned| planned.max(task.enqueued_at));
    let aging = now.since(since).as_secs() / POINT.as_secs();
    (std::cmp::Reverse(u64::from(task.spec.priority.value()) + aging), task.enqueued)
}

/// When the next task that only waits for a time may run.
#[must_use]
pub fn next_due(state: &State, now: Timestamp) -> Option<Timestamp> {
    let planned = |task: &Task| match state.waits(task, now) {
        Some(Wait::Scheduled(at) | Wait::Retrying(at)) if !is_held_up(state, task, at) => Some(at),
        _ => None,
    };
    let pending = state.tasks.values().filter(|task| matches!(task.status, Status::Pending { .. }));
    pending.filter_map(planned).min()
}

/// Whether `task` waits for something else when its time has come.
fn is_held_up(state: &State, task: &Task, then: Timestamp) -> bool {
    matches!(state.waits(task, then), Some(Wait::Blocked(_)))
}

#[cfg(test)]
mod tests;
