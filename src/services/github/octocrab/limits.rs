//! Keeps us inside GitHub's limits: paces writes, and stays quiet for as long as GitHub asked.
//!
//! Source: "Rate limits for the REST API" and "Best practices for using the REST API" in GitHub's docs.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::services::clock::Clock;

/// GitHub's secondary limits on making content: about this many in a span.
const WRITE_LIMITS: [(usize, Duration); 2] = [(80, Duration::from_mins(1)), (500, Duration::from_hours(1))];

/// The longest wait that a call sits out itself. A longer one goes back to the queue, so that the run can
/// do something else or end.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);

/// What a call does to GitHub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    /// It only looks: it may be repeated.
    Read,
    /// It changes something: it counts, and is never repeated blindly.
    Write,
}

/// What this process has spent and been told.
#[derive(Debug, Default)]
struct Spent {
    /// When the writes of the last hour were made, oldest first.
    writes: VecDeque<Timestamp>,
    /// Until when GitHub asked us to be quiet.
    quiet_until: Option<Timestamp>,
}

impl Spent {
    /// The earliest time at which a call may go out; `now` when it may go at once.
    fn earliest(&mut self, now: Timestamp, intent: Intent) -> Timestamp {
        let longest = Duration::from_hours(1);
        while self.writes.front().is_some_and(|made| now.since(*made) >= longest) {
            self.writes.pop_front();
        }
        let quiet = self.quiet_until.unwrap_or(now);
        let paced = WRITE_LIMITS.iter().filter(|_| intent == Intent::Write).filter_map(|(count, span)| {
            let oldest_that_counts = self.writes.len().checked_sub(*count)?;
            self.writes.get(oldest_that_counts).map(|made| made.plus(*span))
        });
        paced.fold(quiet, Timestamp::max).max(now)
    }
}

/// The gate through which every call goes.
pub(super) struct Limits {
    spent: Mutex<Spent>,
    clock: Arc<dyn Clock>,
}

impl Limits {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { spent: Mutex::default(), clock }
    }

    /// Comes back when the call may go out, having counted it; fails when that is too long a wait.
    pub(super) async fn admit(&self, intent: Intent) -> Result<(), Failure> {
        loop {
            let now = self.clock.now();
            let earliest = {
                let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
                let earliest = spent.earliest(now, intent);
                if earliest <= now {
                    if intent == Intent::Write {
                        spent.writes.push_back(now);
                    }
                    return Ok(());
                }
                earliest
            };
            let wait = earliest.since(now);
            if wait > PATIENCE {
                return Err(Failure::rate_limited(
                    earliest,
                    format!("GitHub's limits leave no room for this call before {earliest}."),
                ));
            }
            self.clock.sleep(wait).await;
        }
    }

    /// Stays quiet until then: GitHub bans those who go on.
    pub(super) fn be_quiet_until(&self, until: Timestamp) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.quiet_until = spent.quiet_until.max(Some(until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_span_ever_holds_more_writes_than_github_allows(
            gaps in proptest::collection::vec(0_u64..20_000, 1..700)
        ) {
            let mut spent = Spent::default();
            let mut made: Vec<Timestamp> = Vec::new();
            let mut now = Timestamp::from_millis(1_000_000);
            for gap in gaps {
                now = spent.earliest(now.plus(Duration::from_millis(gap)), Intent::Write);
                prop_assert_eq!(spent.earliest(now, Intent::Write), now, "the time it named is good");
                spent.writes.push_back(now);
                made.push(now);
            }
            for (count, span) in WRITE_LIMITS {
                for pair in made.windows(count + 1) {
                    prop_assert!(pair[count].since(pair[0]) >= span);
                }
            }
            prop_assert!(spent.writes.len() <= 500);
        }
    }

    #[test]
    fn reads_are_not_paced() {
        let now = Timestamp::from_millis(5);
        let mut spent = Spent { writes: std::iter::repeat_n(now, 80).collect(), quiet_until: None };
        assert_eq!(spent.earliest(now, Intent::Read), now);
        assert_eq!(spent.earliest(now, Intent::Write), now.plus(Duration::from_mins(1)));
    }
}
