//! How fast a channel takes messages: about one a second (docs.slack.dev/apis/web-api/rate-limits).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::services::clock::Clock;

/// Time between two messages to one channel.
const BETWEEN: Duration = Duration::from_secs(1);
/// The longest wait for Slack's own sake that a run sits out; a longer one goes back to the queue, which does other things
/// meanwhile.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// The longest line before a channel that a run waits in: that of a burst of sixty issues.
const LINE: Duration = Duration::from_secs(60);

/// When each channel takes the next message, and until when Slack wants quiet.
pub(super) struct Pace {
    clock: Arc<dyn Clock>,
    channels: Mutex<BTreeMap<String, Channel>>,
    quiet: Mutex<Option<Timestamp>>,
}

/// Who writes into a channel, and who waits for that.
#[derive(Clone, Default)]
struct Channel {
    turn: Arc<tokio::sync::Mutex<()>>,
    next: Option<Timestamp>,
    waiting: Arc<()>,
}

/// The right to send one message to a channel, until Slack has answered.
pub(super) struct Turn(#[expect(dead_code, reason = "it is held, not read")] OwnedMutexGuard<()>);

impl Pace {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, channels: Mutex::default(), quiet: Mutex::default() }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether a message to the channel would have its turn within a wait that a run sits out. To be asked before the message
    /// is announced: what goes back to the queue then was not announced, and is not looked for.
    ///
    /// # Errors
    /// Until when to wait, where that is longer.
    pub(super) fn expect(&self, channel: &str) -> Result<(), Failure> {
        let now = self.clock.now();
        self.is_quiet(now)?;
        let line = self.line(channel, now);
        if line > LINE { Err(not_before(now.plus(line))) } else { Ok(()) }
    }

    /// Waits for the channel's turn, behind those who came before.
    ///
    /// # Errors
    /// Until when to wait, where Slack wants quiet for longer than a run sits out.
    pub(super) async fn admit(&self, channel: &str) -> Result<Turn, Failure> {
        let Channel { turn, waiting, .. } = self.channels().entry(channel.to_owned()).or_default().clone();
        let turn = turn.lock_owned().await;
        drop(waiting);
        let now = self.clock.now();
        let quiet = self.is_quiet(now)?;
        let next = self.channels().get(channel).and_then(|channel| channel.next);
        let wait = quiet.max(next).map(|until| until.since(now)).unwrap_or_default();
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
        let next = self.clock.now().plus(BETWEEN);
        self.channels().entry(channel.to_owned()).or_default().next = Some(next);
        Ok(Turn(turn))
    }

    /// How long the line before a channel is.
    fn line(&self, channel: &str, now: Timestamp) -> Duration {
        let channels = self.channels();
        let Some(channel) = channels.get(channel) else { return Duration::ZERO };
        // One is the channel's own.
        let waiting = u32::try_from(Arc::strong_count(&channel.waiting) - 1).unwrap_or(u32::MAX);
        channel.next.map(|next| next.since(now)).unwrap_or_default() + BETWEEN.saturating_mul(waiting)
    }

    /// Until when Slack wants quiet, where that is so short that it is sat out.
    fn is_quiet(&self, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
        let until = *self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
        match until.filter(|until| *until > now) {
            Some(until) if until.since(now) > PATIENCE => Err(not_before(until)),
            until => Ok(until),
        }
    }

    fn channels(&self) -> MutexGuard<'_, BTreeMap<String, Channel>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing is sent before then, as Slack asked.
    pub(super) fn be_quiet_until(&self, until: Timestamp) {
        let mut quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
        *quiet = (*quiet).max(Some(until));
    }
}

fn not_before(until: Timestamp) -> Failure {
    Failure::rate_limited(until, format!("Slack takes no message for this channel before {until}"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use async_trait::async_trait;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Time that passes while somebody sleeps.
    #[derive(Default)]
    struct Passing(AtomicI64);

    #[async_trait]
    impl Clock for Passing {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0.load(Ordering::Relaxed))
        }

        async fn sleep(&self, span: Duration) {
            let millis = i64::try_from(span.as_millis()).unwrap();
            self.0.fetch_add(millis, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    }

    fn pace() -> Pace {
        Pace::new(Arc::new(Passing::default()))
    }

    #[tokio::test]
    async fn a_channel_gets_one_message_a_second_and_others_wait_for_none_of_them() {
        let pace = pace();
        let began = pace.now();
        let sent = async || {
            let _turn = pace.admit("C1").await.unwrap();
            tokio::task::yield_now().await;
            pace.now().since(began)
        };
        let sent = futures_util::future::join_all((0..4).map(|_| sent())).await;
        assert_eq!(sent, [Duration::ZERO, SECOND, 2 * SECOND, 3 * SECOND]);
        pace.admit("C2").await.unwrap();
        assert_eq!(pace.now().since(began), 3 * SECOND);
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_known_before_anybody_joins_it() {
        let pace = pace();
        let turn = pace.admit("C1").await.unwrap();
        let mut line: Vec<_> = (0..59).map(|_| Box::pin(pace.admit("C1"))).collect();
        for one in &mut line {
            assert!(futures_util::poll!(one).is_pending());
        }
        assert!(pace.expect("C1").is_ok() && pace.expect("C2").is_ok());
        let mut last = Box::pin(pace.admit("C1"));
        assert!(futures_util::poll!(&mut last).is_pending());
        assert!(pace.expect("C1").is_err());
        // Who is called off leaves the line.
        drop((last, line));
        assert!(pace.expect("C1").is_ok());
        drop(turn);
    }

    #[tokio::test]
    async fn a_wait_that_slack_asks_for_goes_back_to_the_queue_unless_it_is_short() {
        let pace = pace();
        pace.be_quiet_until(pace.now().plus(SECOND));
        pace.admit("C1").await.unwrap();
        assert_eq!(pace.now().as_millis(), 1_000);
        let until = pace.now().plus(30 * SECOND);
        pace.be_quiet_until(until);
        assert_eq!(pace.admit("C2").await.err(), Some(not_before(until)));
        assert_eq!(pace.expect("C2"), Err(not_before(until)));
    }
}
