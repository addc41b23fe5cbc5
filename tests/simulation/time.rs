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
    sleepers: Vec<Sleeper>,
    /// Sleepers so far, by which each is known.
    count: u64,
}

struct Sleeper {
    id: u64,
    until: Timestamp,
    waker: Waker,
}

/// One clock for all runs.
#[derive(Clone, Default)]
pub(super) struct Time(Arc<Mutex<Inside>>);

impl Time {
    /// Goes on to when the first sleeper wakes. `false` when nobody sleeps.
    pub(super) fn pass(&self) -> bool {
        let Some(next) = self.0.lock().unwrap().sleepers.iter().map(|sleeper| sleeper.until).min() else {
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
        let sleepers = std::mem::take(&mut inside.sleepers).into_iter();
        let (due, later): (Vec<Sleeper>, _) = sleepers.partition(|sleeper| sleeper.until <= now);
        inside.sleepers = later;
        drop(inside);
        due.into_iter().for_each(|sleeper| sleeper.waker.wake());
    }
}

#[async_trait]
impl Clock for Time {
    fn now(&self) -> Timestamp {
        BEGIN.plus(self.0.lock().unwrap().passed)
    }

    async fn sleep(&self, span: Duration) {
        let until = self.now().plus(span);
        let id = {
            let mut inside = self.0.lock().unwrap();
            inside.count += 1;
            inside.count
        };
        Sleep { time: self.clone(), id, until }.await;
    }
}

/// The clock of one run, which goes before or behind what the others go by.
#[derive(Clone)]
pub(super) struct Skewed {
    pub(super) time: Time,
    /// Milliseconds that it is before the others; behind when negative.
    pub(super) ahead: i64,
}

#[async_trait]
impl Clock for Skewed {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.time.now().as_millis() + self.ahead)
    }

    async fn sleep(&self, span: Duration) {
        self.time.sleep(span).await;
    }
}

struct Sleep {
    time: Time,
    id: u64,
    until: Timestamp,
}

/// Who no longer waits must not make time pass.
impl Drop for Sleep {
    fn drop(&mut self) {
        self.time.0.lock().unwrap().sleepers.retain(|sleeper| sleeper.id != self.id);
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.time.now() >= self.until {
            return Poll::Ready(());
        }
        let mut inside = self.time.0.lock().unwrap();
        inside.sleepers.retain(|sleeper| sleeper.id != self.id);
        inside.sleepers.push(Sleeper { id: self.id, until: self.until, waker: context.waker().clone() });
        Poll::Pending
    }
}
