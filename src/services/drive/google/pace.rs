//! Keeps us inside Drive's quota, which counts units: each call costs some, and a minute holds so many.
//!
//! Source: <https://developers.google.com/workspace/drive/api/guides/limits>, the rules of May 2026.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::domain::time::Timestamp;
use crate::services::clock::Clock;
use crate::services::drive::Used;
use crate::services::drive::error::{Class, Error, Reason};

/// Units that a user has in a minute.
pub const USER_UNITS: u32 = 325_000;
/// The longest wait that a call sits out itself. A longer one goes back to the queue.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// How many seconds' worth of units may be spent at once: enough for a burst of lists, little enough that many runs
/// which begin together do not spend the minute in its first second.
const BURST: f64 = 10.0;

/// What a call costs, in units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost(pub(super) u32);

/// One thing is read, an id is made, whatever has no price of its own.
pub(super) const READ: Cost = Cost(5);
/// Something is written.
pub(super) const EDIT: Cost = Cost(50);
/// A list, or a search; its page size does not count.
pub(super) const LIST: Cost = Cost(100);
/// Content comes down.
pub(super) const DOWNLOAD: Cost = Cost(200);

#[derive(Debug)]
struct Spent {
    left: f64,
    at: Timestamp,
    quiet_until: Option<Timestamp>,
    used: Used,
}

/// The gate that every call goes through.
pub(super) struct Pace {
    spent: Mutex<Spent>,
    per_second: f64,
    clock: Arc<dyn Clock>,
}

impl Pace {
    /// `units` in a minute are ours, of which several runs at once each have a share.
    pub(super) fn new(units: u32, clock: Arc<dyn Clock>) -> Self {
        let per_second = f64::from(units.max(1)) / 60.0;
        let spent =
            Spent { left: per_second * BURST, at: clock.now(), quiet_until: None, used: Used::default() };
        Self { spent: Mutex::new(spent), per_second, clock }
    }

    /// Comes back when the call may go out, having counted it; fails when that is too long a wait.
    pub(super) async fn admit(&self, cost: Cost) -> Result<(), Error> {
        loop {
            let now = self.clock.now();
            let Some(wait) = self.take(cost, now) else { return Ok(()) };
            if wait > PATIENCE {
                let until = now.plus(wait);
                let mut error = Error::new(
                    Reason::RateLimit,
                    format!("Drive's quota leaves no room for this before {until}"),
                );
                error.class = Class::RateLimited(Some(until));
                return Err(error);
            }
            self.clock.sleep(wait).await;
        }
    }

    /// Takes the units, or says how long to wait for them.
    fn take(&self, cost: Cost, now: Timestamp) -> Option<Duration> {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let most = (self.per_second * BURST).max(f64::from(cost.0));
        spent.left = (spent.left + now.since(spent.at).as_secs_f64() * self.per_second).min(most);
        spent.at = spent.at.max(now);
        if let Some(until) = spent.quiet_until.filter(|until| *until > now) {
            return Some(until.since(now));
        }
        let lacking = f64::from(cost.0) - spent.left;
        if lacking <= 0.0 {
            spent.left -= f64::from(cost.0);
            spent.used.units = spent.used.units.saturating_add(u64::from(cost.0));
            return None;
        }
        // A clock counts milliseconds: one more, so that the units are there then.
        Some(Duration::from_secs_f64(lacking / self.per_second) + Duration::from_millis(1))
    }

    /// Stays quiet until then, as Drive asked.
    pub(super) fn be_quiet_until(&self, until: Timestamp) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.quiet_until = spent.quiet_until.max(Some(until));
    }

    /// Takes down content that Drive has.
    pub(super) fn sent(&self, bytes: u64) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.used.sent = spent.used.sent.saturating_add(bytes);
    }

    /// What went through so far.
    pub(super) fn used(&self) -> Used {
        let spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        Used { quiet_until: spent.quiet_until, ..spent.used }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Still;

    #[async_trait::async_trait]
    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_000_000)
        }
        async fn sleep(&self, _: Duration) {}
    }

    proptest! {
        #[test]
        fn no_minute_holds_more_units_than_we_have(
            calls in proptest::collection::vec((0_u64..2_000, prop_oneof![Just(5_u32), Just(50), Just(100), Just(200)]), 1..400)
        ) {
            let units = 6_000_u32;
            let pace = Pace::new(units, Arc::new(Still));
            let (mut now, mut made) = (Still.now(), Vec::new());
            for (gap, cost) in calls {
                now = now.plus(Duration::from_millis(gap));
                while let Some(wait) = pace.take(Cost(cost), now) {
                    now = now.plus(wait);
                }
                made.push((now, cost));
            }
            let burst = 1_000;
            for (first, (from, _)) in made.iter().enumerate() {
                let spent: u32 = made[first..]
                    .iter()
                    .take_while(|(at, _)| at.since(*from) < Duration::from_mins(1))
                    .map(|(_, cost)| cost)
                    .sum();
                prop_assert!(spent <= units + burst + 200, "{spent}");
            }
        }
    }

    #[tokio::test]
    async fn a_long_silence_that_drive_asked_for_goes_back_to_the_queue() {
        let pace = Pace::new(USER_UNITS, Arc::new(Still));
        pace.admit(LIST).await.unwrap();
        pace.be_quiet_until(Still.now().plus(Duration::from_mins(5)));
        let error = pace.admit(READ).await.unwrap_err();
        insta::assert_snapshot!(error, @"Drive's quota leaves no room for this before 1970-01-01T00:21:40Z");
        assert!(matches!(error.class, Class::RateLimited(Some(_))));
    }
}
