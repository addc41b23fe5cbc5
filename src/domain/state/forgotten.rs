//! What may have been so although nothing of it is remembered.

use std::time::Duration;

use super::{State, TRIGGER_MEMORY, TRIGGERS_KEPT};
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
}
