//! How much has been uploaded to Google Drive of the 750 GB that a day holds, by all runs together; and what commands used
//! of it and of Drive's quota outside of any task.
//!
//! The log keeps it, because Drive says only that it was too much, and then nothing works for a day:
//! <https://support.google.com/a/answer/172541>.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// The code of the failure of a task that would send more than a day holds. It is our own count and no word of Drive's:
/// other tasks that ask something of Drive are not held up by it.
pub const USED_UP: &str = "drive_upload_allowance";
/// The code of the failure of a task that asked for a file which too many people fetched lately. Other files can be
/// fetched all the same.
pub const FETCHED_TOO_OFTEN: &str = "drive_download_limit";
/// The service whose quota it is, in the common ledger of token buckets.
pub const SERVICE: &str = "drive";
/// Bytes in a day.
pub const A_DAY: u64 = 750_000_000_000;
/// For how long a byte counts.
const DAY: Duration = Duration::from_hours(24);
/// Bytes are kept by the hour, so that the ledger has 25 lines at most.
const HOUR_MILLIS: i64 = 3_600_000;

/// See [`crate::domain::event::Event::DriveUsed`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveUsed {
    /// What was done: `put`, `sync`.
    pub action: String,
    /// Bytes that went up.
    #[serde(default, skip_serializing_if = "is_none")]
    pub bytes: u64,
    /// Units of Drive's quota.
    #[serde(default, skip_serializing_if = "is_none")]
    pub units: u64,
    /// Drive asked for quiet until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl DriveUsed {
    /// Whether there is nothing to count.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.bytes == 0 && self.units == 0 && self.until.is_none()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}

/// What was sent, by the hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Allowance(BTreeMap<Timestamp, u64>);

impl Allowance {
    /// Takes down what was sent, and forgets what counts no more.
    pub fn spend(&mut self, now: Timestamp, bytes: u64) {
        let hour = Timestamp::from_millis(now.as_millis().div_euclid(HOUR_MILLIS) * HOUR_MILLIS);
        self.0.retain(|hour, _| counts(*hour, now));
        let spent = self.0.entry(hour).or_default();
        *spent = spent.saturating_add(bytes);
    }

    /// Bytes that may still be sent now.
    #[must_use]
    pub fn room(&self, now: Timestamp) -> u64 {
        let spent = self.0.iter().filter(|(hour, _)| counts(**hour, now)).map(|(_, bytes)| *bytes);
        A_DAY.saturating_sub(spent.fold(0, u64::saturating_add))
    }

    /// When so many bytes may be sent: now, later, or never, where they are more than a day holds.
    #[must_use]
    pub fn when(&self, now: Timestamp, bytes: u64) -> Option<Timestamp> {
        let ends = self.0.keys().map(|hour| counts_until(*hour)).filter(|end| *end > now);
        std::iter::once(now).chain(ends).find(|time| self.room(*time) >= bytes)
    }
}

/// The last byte of an hour may have come at its end.
fn counts_until(hour: Timestamp) -> Timestamp {
    hour.plus(Duration::from_hours(1)).plus(DAY)
}

fn counts(hour: Timestamp, now: Timestamp) -> bool {
    now < counts_until(hour)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_day_holds_more_than_google_allows(
            sends in proptest::collection::vec((0_u64..5_000_000, 1_u64..300_000_000_000), 1..60)
        ) {
            let (mut ledger, mut made) = (Allowance::default(), Vec::<(Timestamp, u64)>::new());
            let mut now = Timestamp::from_millis(1_795_341_600_000);
            for (gap, bytes) in sends {
                now = ledger.when(now.plus(Duration::from_millis(gap)), bytes).unwrap();
                ledger.spend(now, bytes);
                made.push((now, bytes));
                let day: u64 = made.iter().filter(|(at, _)| now.since(*at) < DAY).map(|(_, bytes)| bytes).sum();
                prop_assert!(day <= A_DAY, "{day}");
                prop_assert!(ledger.0.len() <= 26);
            }
        }
    }

    #[test]
    fn more_than_a_day_holds_has_no_time() {
        let now = Timestamp::from_millis(1_795_341_600_000);
        let mut ledger = Allowance::default();
        assert_eq!(ledger.when(now, A_DAY), Some(now));
        assert_eq!(ledger.when(now, A_DAY + 1), None);
        ledger.spend(now, A_DAY);
        assert_eq!((ledger.room(now), ledger.when(now, 1)), (0, Some(now.plus(Duration::from_hours(25)))));
        let kept = serde_json::to_string(&ledger).unwrap();
        assert_eq!(serde_json::from_str::<Allowance>(&kept).unwrap(), ledger);
    }
}
