//! The only reader of the time, and the only place where waiting happens.

use std::time::Duration;

use async_trait::async_trait;

use crate::domain::time::Timestamp;

/// A clock that can also wait, so that a test can hand in its own.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Comes back after `span`.
    async fn sleep(&self, span: Duration);
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    fn now(&self) -> Timestamp {
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    async fn sleep(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}
