//! How fast a channel takes messages: about one a second (docs.slack.dev/apis/web-api/rate-limits).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::services::clock::Clock;

/// Time between two messages to one channel.
const BETWEEN: Duration = Duration::from_secs(1);
/// The longest wait that a run sits out; a longer one goes back to the queue, which does other things meanwhile.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// When each channel takes the next message, and until when Slack wants quiet.
pub(super) struct Pace {
    clock: Arc<dyn Clock>,
    next: Mutex<BTreeMap<String, Timestamp>>,
}

/// Stands for all channels.
const ALL: &str = "";

impl Pace {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, next: Mutex::default() }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Waits for the channel's turn.
    ///
    /// # Errors
    /// Until when to wait, where that is longer than a run sits out.
    pub(super) async fn admit(&self, channel: &str) -> Result<(), Failure> {
        let wait = self.take(channel, self.clock.now());
        match wait {
            Ok(wait) if wait.is_zero() => Ok(()),
            Ok(wait) => {
                self.clock.sleep(wait).await;
                Ok(())
            }
            Err(until) => {
                let told = format!("Slack takes no message for this channel before {until}");
                Err(Failure::rate_limited(until, told))
            }
        }
    }

    /// How long to wait for a turn, which is taken; or when there is one.
    fn take(&self, channel: &str, now: Timestamp) -> Result<Duration, Timestamp> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |next: &BTreeMap<String, Timestamp>, name: &str| next.get(name).copied().unwrap_or(now);
        let at = of(&next, channel).max(of(&next, ALL)).max(now);
        let wait = at.since(now);
        if wait > PATIENCE {
            return Err(at);
        }
        next.insert(channel.to_owned(), at.plus(BETWEEN));
        Ok(wait)
    }

    /// Nothing is sent before then, as Slack asked.
    pub(super) fn be_quiet_until(&self, until: Timestamp) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let at = next.entry(ALL.to_owned()).or_insert(until);
        *at = (*at).max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::clock::SystemClock;

    #[test]
    fn a_channel_gets_one_message_a_second_and_others_wait_for_none_of_them() {
        let pace = Pace::new(Arc::new(SystemClock));
        let now = Timestamp::from_millis(1_000_000);
        let second = Duration::from_secs(1);
        assert_eq!(pace.take("C1", now), Ok(Duration::ZERO));
        assert_eq!(pace.take("C2", now), Ok(Duration::ZERO));
        assert_eq!(pace.take("C1", now), Ok(second));
        assert_eq!(pace.take("C1", now), Err(now.plus(2 * second)), "longer than a run sits out");
        assert_eq!(pace.take("C1", now.plus(2 * second)), Ok(Duration::ZERO));
        pace.be_quiet_until(now.plus(30 * second));
        assert_eq!(pace.take("C2", now.plus(5 * second)), Err(now.plus(30 * second)));
    }
}
