//! What may have been so although nothing of it is remembered.

use std::time::Duration;

use super::State;
use super::memory::{
    FAILED_MOMENTS_KEPT, FINISHED_KEPT, FINISHED_MEMORY, TRIGGER_MEMORY, TRIGGERS_KEPT, nth_moment,
};
use crate::domain::time::Timestamp;

/// How far the clocks of runs and of GitHub may be apart, with much to spare.
const CLOCKS: Duration = Duration::from_secs(10 * 60);

impl State {
    /// Whether a trigger that was recorded at `at` or later may have been forgotten since: it is older than the oldest
    /// that must be remembered.
    #[must_use]
    pub fn may_have_forgotten(&self, at: Timestamp) -> bool {
        let is_full = self.triggers.len() >= TRIGGERS_KEPT;
        let oldest = self.triggers.values().map(|seen| seen.at).min().filter(|_| is_full);
        // One that was pushed out by newer ones was older than these, also when they are too old themselves by now.
        let until = oldest.unwrap_or_else(|| self.at.minus(TRIGGER_MEMORY));
        until >= self.began && at <= until.plus(CLOCKS)
    }

    /// Whether a task that came `at` then or later may have been forgotten since. What was pushed out by newer ones ended
    /// before these did; a dead letter stays longer than what is finished, unless there are too many.
    #[must_use]
    pub fn may_have_forgotten_tasks(&self, at: Timestamp) -> bool {
        let is_old = self.at.since(at.max(self.began)) > FINISHED_MEMORY.saturating_sub(CLOCKS);
        let finished = self.tasks.finished().rev().nth(FINISHED_KEPT - 1).map(|(ended, ..)| ended);
        let failed = nth_moment(self.tasks.failed().rev().map(|(ended, ..)| ended), FAILED_MOMENTS_KEPT);
        is_old || finished.max(failed).is_some_and(|until| at <= until.plus(CLOCKS))
    }
}
