//! All chance of one simulation, from one seed, and the trace of what came of it.

use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use automata::services::entropy::Entropy;

/// Chance, and what happened.
pub(super) struct Dice {
    entropy: Entropy,
    trace: Mutex<Vec<String>>,
    /// Whether bad luck may strike; it ends when the simulation comes to rest.
    pub(super) unlucky: Mutex<bool>,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self { entropy: Entropy::seeded(seed), trace: Mutex::default(), unlucky: Mutex::new(true) }
    }

    /// A number below `bound`.
    pub(super) fn below(&self, bound: usize) -> usize {
        usize::try_from(self.entropy.bits() >> 33).unwrap() % bound
    }

    /// Bad luck, once in `in_so_many`.
    pub(super) fn strikes(&self, in_so_many: usize) -> bool {
        let hit = self.below(in_so_many) == 0;
        hit && *self.unlucky.lock().unwrap()
    }

    /// Writes down what happened.
    pub(super) fn tell(&self, what: impl Into<String>) {
        self.trace.lock().unwrap().push(what.into());
    }

    pub(super) fn trace(&self) -> String {
        self.trace.lock().unwrap().join("\n")
    }

    /// Lets others go first, a few times.
    pub(super) async fn hesitate(&self) {
        for _ in 0..self.below(3) {
            Yield(false).await;
        }
    }
}

/// Not ready the first time.
struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
