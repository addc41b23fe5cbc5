//! The pure choice of work: which pending tasks to take now, in which order.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::id::{Sequence, TaskId};
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;

/// How much may run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tasks that this run may hold at once.
    pub at_once: usize,
}

/// One point of priority for each minute of waiting, so that nothing starves: a task of priority 0
/// overtakes a fresh one of priority 100 after this many minutes.
const MINUTES_PER_POINT: u64 = 1;
/// What waiting can add at most; then the older task goes first.
const MOST_AGING: u64 = 100;

/// The tasks to claim now, the first to run first.
///
/// `holding` is how many tasks this run has claimed already.
#[must_use]
pub fn plan(state: &State, now: Timestamp, limits: Limits, holding: usize) -> Vec<TaskId> {
    let ready =
        |task: &&Task| matches!(task.status, Status::Pending { .. }) && state.waits(task, now).is_none();
    let mut candidates: Vec<&Task> = state.tasks.values().filter(ready).collect();
    candidates.sort_by_key(|task| order(task, now));
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
    let minutes = now.since(task.enqueued_at).as_secs() / Duration::from_secs(60).as_secs();
    let aging = (minutes / MINUTES_PER_POINT).min(MOST_AGING);
    (std::cmp::Reverse(u64::from(task.spec.priority.value()) + aging), task.enqueued)
}

/// When the next task that only waits for a time may run.
#[must_use]
pub fn next_due(state: &State, now: Timestamp) -> Option<Timestamp> {
    use crate::domain::state::Wait;
    let pending = state.tasks.values().filter(|task| matches!(task.status, Status::Pending { .. }));
    pending
        .filter_map(|task| match state.waits(task, now) {
            Some(Wait::Scheduled(at) | Wait::Retrying(at)) => Some(at),
            _ => None,
        })
        .min()
}
