//! How often a run may push while it works: GitHub recommends at most six a minute for a repository.

use std::cell::Cell;
use std::time::Duration;

use super::session::Session;
use crate::domain::time::Timestamp;

/// Between two pushes of a run that works for long, on average.
const BETWEEN: Duration = Duration::from_secs(10);
/// Pushes that may come at once: an issue event with a patch takes three, and somebody waits for it.
const BURST: u32 = 4;
/// The wait is cut into pieces of this length.
const PIECE: Duration = Duration::from_secs(1);

/// A bucket of pushes.
pub(super) struct Pace {
    /// When the bucket is full again.
    full: Cell<Timestamp>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { full: Cell::new(Timestamp::default()) }
    }

    /// Comes back when a push may go out, and counts it.
    pub(super) async fn push(&self, session: &Session) {
        while self.full.get().since(session.now()) > BETWEEN * (BURST - 1) {
            session.clock().sleep(PIECE).await;
        }
        self.count(session.now());
    }

    /// Counts a push that does not wait: the last one.
    pub(super) fn count(&self, now: Timestamp) {
        self.full.set(self.full.get().max(now).plus(BETWEEN));
    }
}
