//! When to try again: exponential backoff with full jitter, capped.

use std::time::Duration;

use super::failure::{Failure, FailureClass};
use super::time::Timestamp;

/// Attempts a task gets when nothing else is said: enough to outlive an incident of about an hour.
pub const DEFAULT_ATTEMPTS: u32 = 6;

/// Wait before the second attempt, at most.
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// A service that says to come back at once is not believed: a run would ask it without end.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
/// No wait is longer: the schedule that picks tasks up runs a few times a day.
const LONGEST_WAIT: Duration = Duration::from_secs(6 * 3600);

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Try again, not before then.
    Retry(Timestamp),
    /// Never again: it becomes a dead letter.
    GiveUp,
}

/// Decides what follows when attempt number `attempt` (from 1) failed.
///
/// `jitter` is a number in `[0, 1)` drawn by the caller; the wait is that share of the backoff, so that
/// many tasks which failed together do not come back together.
#[must_use]
pub fn after(failure: &Failure, attempt: u32, max_attempts: u32, now: Timestamp, jitter: f64) -> Next {
    match failure.class {
        FailureClass::Permanent => Next::GiveUp,
        // The service lives, and has said when: that is no failed attempt.
        FailureClass::RateLimited(until) => Next::Retry(until.max(now.plus(SHORTEST_WAIT))),
        _ if attempt >= max_attempts => Next::GiveUp,
        FailureClass::Transient => Next::Retry(now.plus(backoff(attempt).mul_f64(jitter.clamp(0.0, 1.0)))),
    }
}

fn backoff(attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(20);
    FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn a_transient_failure_waits_longer_each_time_up_to_a_cap() {
        let waits: Vec<u64> = [1, 2, 3, 8, 30].map(|attempt| backoff(attempt).as_secs()).into();
        assert_eq!(waits, [30, 60, 120, 3_840, 21_600]);
        let failure = Failure::transient("timeout", "no answer");
        assert_eq!(after(&failure, 1, 6, NOW, 0.5), Next::Retry(NOW.plus(Duration::from_secs(15))));
        assert_eq!(after(&failure, 6, 6, NOW, 0.5), Next::GiveUp);
    }

    #[test]
    fn a_service_that_names_a_time_is_believed_and_a_permanent_failure_is_final() {
        let until = NOW.plus(Duration::from_secs(90));
        assert_eq!(after(&Failure::rate_limited(until, "slow down"), 1, 6, NOW, 0.1), Next::Retry(until));
        assert_eq!(after(&Failure::rate_limited(until, "slow down"), 6, 6, NOW, 0.1), Next::Retry(until));
        let at_once = Next::Retry(NOW.plus(Duration::from_secs(1)));
        assert_eq!(after(&Failure::rate_limited(NOW, "slow down"), 1, 6, NOW, 0.1), at_once);
        assert_eq!(after(&Failure::permanent("gone", "gone"), 1, 6, NOW, 0.1), Next::GiveUp);
    }
}
