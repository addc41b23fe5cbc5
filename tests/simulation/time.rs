//! Time that passes only when everybody waits.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use automata::domain::time::Timestamp;
use automata::services::clock::Clock;

/// 2026-11-22T10:00:00Z.
const BEGIN: Timestamp = Timestamp::from_millis(1_795_341_600_000);

#[derive(Default)]
struct Inside {
    passed: Duration,
    sleepers: Vec<(Timestamp, Waker)>,
}

/// One clock for all runs.
#[derive(Clone, Default)]
pub(super) struct Time(Arc<Mutex<Inside>>);

impl Time {
    /// Goes on to when the first sleeper wakes. `false` when nobody sleeps.
    pub(super) fn pass(&self) -> bool {
        let Some(next) = self.0.lock().unwrap().sleepers.iter().map(|(until, _)| *until).min() else {
            return false;
        };
        self.skip(next.since(self.now()));
        true
    }

    /// Goes on by `span`.
    pub(super) fn skip(&self, span: Duration) {
        let mut inside = self.0.lock().unwrap();
        inside.passed += span;
        let now = BEGIN.plus(inside.passed);
        let (due, later) =
            std::mem::take(&mut inside.sleepers).into_iter().partition(|(until, _)| *until <= now);
        inside.sleepers = later;
        drop(inside);
        let due: Vec<(Timestamp, Waker)> = due;
        due.into_iter().for_each(|(_, waker)| waker.wake());
    }
}

#[async_trait]
impl Clock for Time {
    fn now(&self) -> Timestamp {
        BEGIN.plus(self.0.lock().unwrap().passed)
    }

    async fn sleep(&self, span: Duration) {
        let until = self.now().plus(span);
        Sleep { time: self.clone(), until }.await;
    }
}

struct Sleep {
    time: Time,
    until: Timestamp,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.time.now() >= self.until {
            return Poll::Ready(());
        }
        self.time.0.lock().unwrap().sleepers.push((self.until, context.waker().clone()));
        Poll::Pending
    }
}
