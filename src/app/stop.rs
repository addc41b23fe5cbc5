//! Being told to stop: GitHub cancels a run with SIGINT, with SIGTERM seven and a half seconds later, and kills it
//! after two and a half more (docs.github.com, "Workflow cancellation").

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;

use tokio::sync::Notify;

/// Whether the run is to come to its end.
#[derive(Clone, Default)]
pub struct Stop(Rc<Inner>);

#[derive(Default)]
struct Inner {
    told: Cell<bool>,
    ring: Notify,
}

impl Stop {
    /// The run is to come to its end: nothing new is begun, what is under way is given back.
    pub fn tell(&self) {
        self.0.told.set(true);
        self.0.ring.notify_waiters();
    }

    /// Whether it is.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.0.told.get()
    }

    /// Comes back when it is.
    pub async fn told(&self) {
        while !self.is_told() {
            self.0.ring.notified().await;
        }
    }

    /// Works while it listens to the signals that tell a run to stop.
    pub(super) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            done = work => done,
            never = self.listen() => match never {},
        }
    }

    /// Listens to the signals; does not come back.
    pub(super) async fn listen(&self) -> Infallible {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            tracing::warn!("signals cannot be heard: a cancelled run ends without giving its tasks back");
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        self.tell();
        std::future::pending().await
    }
}
