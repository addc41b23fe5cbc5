//! A clock that the test moves: waiting takes no time and is written down.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use automata::domain::time::Timestamp;
use automata::services::clock::Clock;

/// 2026-11-22T10:00:00Z, when every story begins.
const BEGIN: Timestamp = Timestamp::from_millis(1_795_341_600_000);

/// The time now, and the waits so far.
#[derive(Debug)]
pub(crate) struct VirtualClock(Mutex<(Timestamp, Vec<Duration>)>);

impl Default for VirtualClock {
    fn default() -> Self {
        Self(Mutex::new((BEGIN, Vec::new())))
    }
}

impl VirtualClock {
    /// Lets time pass.
    pub(crate) fn advance(&self, span: Duration) {
        let mut state = self.0.lock().unwrap();
        state.0 = state.0.plus(span);
    }

    /// How long somebody waited, in order.
    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.0.lock().unwrap().1.clone()
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }

    async fn sleep(&self, span: Duration) {
        self.advance(span);
        self.0.lock().unwrap().1.push(span);
        tokio::task::yield_now().await;
    }
}
