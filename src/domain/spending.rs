//! What the tasks of all runs asked of each outside service lately: the token buckets' common ledger.
//!
//! The log keeps what was spent, not how much is left: how large a bucket is and how fast it fills is the
//! configuration's business and may change from run to run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::ServiceName;
use super::time::Timestamp;

/// A minute, in milliseconds: spending is kept by the minute.
const MINUTE: i64 = 60_000;
/// Minutes kept: the longest window of any limit that GitHub states is an hour.
const MINUTES_KEPT: i64 = 60;
/// Levels are computed in thousandths of a token, so that a slow bucket fills smoothly.
const MILLI: i64 = 1_000;

/// How much a service takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Tokens that it holds at most: how large a burst may be.
    pub capacity: u32,
    /// Tokens that come back each minute, at least one.
    pub per_minute: u32,
}

/// What a task asks of a service when it is claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spend {
    /// Which service.
    pub service: ServiceName,
    /// How many tokens.
    pub tokens: u32,
    /// How much the service takes.
    pub bucket: Bucket,
}

/// What was asked of one service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spending {
    /// Tokens by minute since the epoch.
    minutes: BTreeMap<i64, u32>,
    /// The service said to wait until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed_until: Option<Timestamp>,
}

impl Spending {
    /// Takes tokens.
    pub(super) fn spend(&mut self, tokens: u32, at: Timestamp) {
        let minute = at.as_millis().div_euclid(MINUTE);
        self.minutes.retain(|then, _| *then > minute - MINUTES_KEPT);
        let spent = self.minutes.entry(minute).or_default();
        *spent = spent.saturating_add(tokens);
    }

    /// The service said to come back then.
    pub(super) fn close(&mut self, until: Timestamp) {
        self.closed_until = self.closed_until.max(Some(until));
    }

    /// Until when the service asked for quiet; none: it did not, or that is over.
    #[must_use]
    pub fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.closed_until.filter(|until| *until > now)
    }

    /// When `tokens` may be taken; none: now. What no bucket can hold is let through when the bucket is full.
    #[must_use]
    pub fn opens(&self, tokens: u32, bucket: Bucket, now: Timestamp) -> Option<Timestamp> {
        let closed = self.quiet_until(now);
        let missing = i64::from(tokens.min(bucket.capacity)) * MILLI - self.level(bucket, now);
        if missing <= 0 {
            return closed;
        }
        let rate = i64::from(bucket.per_minute.max(1)) * MILLI;
        let filled = Timestamp::from_millis(now.as_millis() + (missing * MINUTE + rate - 1) / rate);
        Some(closed.map_or(filled, |closed| closed.max(filled)))
    }

    /// Thousandths of tokens in the bucket.
    fn level(&self, bucket: Bucket, now: Timestamp) -> i64 {
        let full = i64::from(bucket.capacity) * MILLI;
        let rate = i64::from(bucket.per_minute) * MILLI;
        let mut level = full;
        let mut last = i64::MIN;
        for (minute, tokens) in &self.minutes {
            if last != i64::MIN {
                level = full.min(level + (minute - last) * rate);
            }
            level -= i64::from(*tokens) * MILLI;
            last = *minute;
        }
        if last == i64::MIN {
            return full;
        }
        let since = (now.as_millis() - last * MINUTE).max(0);
        full.min(level + since * rate / MINUTE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: Bucket = Bucket { capacity: 10, per_minute: 2 };

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(minutes * MINUTE)
    }

    #[test]
    fn a_bucket_takes_a_burst_and_then_what_comes_back() {
        let mut spending = Spending::default();
        assert_eq!(spending.opens(10, BUCKET, at(0)), None);
        spending.spend(10, at(0));
        assert_eq!(spending.opens(1, BUCKET, at(0)), Some(Timestamp::from_millis(30_000)));
        assert_eq!(spending.opens(2, BUCKET, at(1)), None);
        spending.spend(2, at(1));
        assert_eq!(spending.opens(10, BUCKET, at(2)), Some(at(6)));
        assert_eq!(spending.opens(10, BUCKET, at(6)), None);
    }

    #[test]
    fn a_service_that_said_when_is_not_asked_before() {
        let mut spending = Spending::default();
        spending.close(at(5));
        spending.close(at(3));
        assert_eq!(spending.opens(1, BUCKET, at(1)), Some(at(5)));
        assert_eq!(spending.opens(1, BUCKET, at(5)), None);
    }

    #[test]
    fn what_no_bucket_can_hold_waits_for_a_full_one() {
        let mut spending = Spending::default();
        assert_eq!(spending.opens(1_000, BUCKET, at(0)), None);
        spending.spend(1_000, at(0));
        assert!(spending.opens(1, BUCKET, at(60)).is_some());
        spending.spend(1, at(61));
        assert_eq!(spending.opens(9, BUCKET, at(61)), None, "an hour later the old spending is forgotten");
    }
}
