//! A log with bad luck by plan: the process dies around an append, answers get lost, others are faster.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use automata::domain::actor::Actor;
use automata::domain::event::{Event, Recorded, Stamp, TriggerRefused};
use automata::domain::id::{CommandId, RunId, Sequence};
use automata::domain::subject::Subject;
use automata::domain::time::Timestamp;
use automata::log::{Append, Envelope, Error, EventLog, Head, Loaded};
use tokio::sync::Semaphore;

/// What happens to one append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Luck {
    /// The process dies before it leaves.
    DieBefore,
    /// It is written, and the process dies before it hears so.
    DieAfter,
    /// It is written, and nobody hears so.
    LoseAnswer,
    /// It is written, nobody hears so, and somebody else appends right after it.
    LoseAnswerAndFallBehind,
    /// It is not written, and nobody hears so.
    Unreachable,
    /// Somebody else appends first.
    Overtaken,
}

/// A log with bad luck.
pub(crate) struct LossyLog {
    inner: Arc<dyn EventLog>,
    plan: Mutex<BTreeMap<usize, Luck>>,
    appends: AtomicUsize,
    died: Semaphore,
}

impl LossyLog {
    /// Bad luck for the appends with these numbers, the first being 1.
    pub(crate) fn new(inner: Arc<dyn EventLog>, plan: impl IntoIterator<Item = (usize, Luck)>) -> Arc<Self> {
        let plan = Mutex::new(plan.into_iter().collect());
        Arc::new(Self { inner, plan, appends: AtomicUsize::new(0), died: Semaphore::new(0) })
    }

    /// Runs `life` until it ends, or dies: then it is dropped where it stands.
    pub(crate) async fn live<T>(&self, life: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            _ = self.died.acquire() => None,
            lived = life => Some(lived),
        }
    }

    /// How many appends were tried.
    pub(crate) fn appends(&self) -> usize {
        self.appends.load(Ordering::Relaxed)
    }

    async fn die(&self) -> ! {
        self.died.add_permits(1);
        std::future::pending().await
    }

    /// Somebody else's append.
    async fn foreign(&self, number: usize) {
        let head = self.inner.load().await.unwrap().head;
        append_foreign(self.inner.as_ref(), &head, number).await;
    }
}

/// Appends an event that changes nothing, as another run would.
pub(crate) async fn append_foreign(log: &dyn EventLog, head: &Head, number: usize) {
    let stamp = Stamp {
        sequence: head.sequence.next(),
        subject: Subject::Repository,
        at: Timestamp::default(),
        actor: Actor::system(),
        run: RunId::new("77.1"),
        cause: None,
        correlation: None,
    };
    let refused = TriggerRefused {
        event: "issues".to_owned(),
        reason: "it is empty".to_owned(),
        bytes: 0,
        digest: String::new(),
    };
    let command = CommandId::new(format!("foreign{number}"));
    let event = Envelope::new(&command, 0, Recorded { stamp, event: Event::TriggerRefused(refused) });
    let batch = Append { events: &[event], message: "somebody else", snapshot: None };
    log.append(head, &batch).await.unwrap();
}

#[async_trait]
impl EventLog for LossyLog {
    async fn load(&self) -> Result<Loaded, Error> {
        self.inner.load().await
    }

    async fn append(&self, expected: &Head, batch: &Append<'_>) -> Result<Head, Error> {
        let number = self.appends.fetch_add(1, Ordering::Relaxed) + 1;
        // Others get their turn while the append is under way, as on a network.
        tokio::task::yield_now().await;
        let luck = self.plan.lock().unwrap().get(&number).copied();
        let unheard = || Err(Error::Unreachable("the connection broke".to_owned()));
        match luck {
            None => self.inner.append(expected, batch).await,
            Some(Luck::DieBefore) => self.die().await,
            Some(Luck::DieAfter) => {
                self.inner.append(expected, batch).await.unwrap();
                self.die().await
            }
            Some(Luck::LoseAnswer) => {
                let _ = self.inner.append(expected, batch).await;
                unheard()
            }
            Some(Luck::LoseAnswerAndFallBehind) => {
                let _ = self.inner.append(expected, batch).await;
                self.foreign(number).await;
                unheard()
            }
            Some(Luck::Unreachable) => unheard(),
            Some(Luck::Overtaken) => {
                self.foreign(number).await;
                self.inner.append(expected, batch).await
            }
        }
    }

    async fn history(&self, first: Sequence, visit: &mut (dyn FnMut(Envelope) + Send)) -> Result<(), Error> {
        self.inner.history(first, visit).await
    }
}
