//! All chance of one simulation, from one seed, and the trace of what came of it.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use automata::services::entropy::Entropy;

/// What may go wrong, or come in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// A run ends at once, in the middle of anything.
    Kill,
    /// A run is told to stop, and gives back what it holds.
    Stop,
    /// A run stands still for longer than its leases last, and goes on as if nothing had been.
    StandStill,
    /// The clock of a run goes before or behind that of the others.
    Skew,
    /// A request to the forge is lost.
    RequestLost,
    /// The forge has done it, and its reply is lost.
    ReplyLost,
    /// The forge takes its time.
    Slow,
    /// The log cannot be read.
    Unread,
    /// What is to be appended is lost.
    AppendLost,
    /// It is appended, and the answer is lost.
    AnswerLost,
    /// Another run appended first.
    Race,
    /// The same trigger is told again.
    ToldAgain,
    /// A trigger is told after a later one.
    ToldLate,
    /// The configuration makes no sense for a while.
    BrokenConfiguration,
    /// The default branch moves on.
    BranchMoves,
    /// Somebody calls a pending task off.
    PendingCancelled,
    /// Somebody calls a task off that another run works on.
    RunningCancelled,
    /// An outcome comes too late.
    StaleOutcome,
    /// An outcome comes too late, while another run has the task under a newer lease.
    Overtaken,
    /// Hours pass in which nothing runs.
    Idle,
    /// A turn of a schedule has come.
    Turn,
    /// Several turns of a schedule have passed meanwhile.
    TurnsMissed,
    /// Two runs see the same turn.
    SameTurnTwice,
}

impl Fault {
    pub(super) const ALL: [Self; 23] = [
        Self::Kill,
        Self::Stop,
        Self::StandStill,
        Self::Skew,
        Self::RequestLost,
        Self::ReplyLost,
        Self::Slow,
        Self::Unread,
        Self::AppendLost,
        Self::AnswerLost,
        Self::Race,
        Self::ToldAgain,
        Self::ToldLate,
        Self::BrokenConfiguration,
        Self::BranchMoves,
        Self::PendingCancelled,
        Self::RunningCancelled,
        Self::StaleOutcome,
        Self::Overtaken,
        Self::Idle,
        Self::Turn,
        Self::TurnsMissed,
        Self::SameTurnTwice,
    ];
}

/// How often each fault happened.
pub(super) type Faults = BTreeMap<Fault, usize>;

/// Chance, and what happened.
pub(super) struct Dice {
    entropy: Entropy,
    trace: Mutex<Vec<String>>,
    faults: Mutex<Faults>,
    /// Whether bad luck may strike; it ends when the simulation comes to rest.
    pub(super) unlucky: Mutex<bool>,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        let (entropy, trace, faults) = (Entropy::seeded(seed), Mutex::default(), Mutex::default());
        Self { entropy, trace, faults, unlucky: Mutex::new(true) }
    }

    /// A number below `bound`.
    pub(super) fn below(&self, bound: usize) -> usize {
        usize::try_from(self.entropy.bits() >> 33).unwrap() % bound
    }

    /// Bad luck, once in `in_so_many`.
    pub(super) fn strikes(&self, fault: Fault, in_so_many: usize) -> bool {
        let hit = self.below(in_so_many) == 0 && *self.unlucky.lock().unwrap();
        if hit {
            self.count(fault);
        }
        hit
    }

    /// Notes that a fault has happened.
    pub(super) fn count(&self, fault: Fault) {
        *self.faults.lock().unwrap().entry(fault).or_default() += 1;
    }

    /// How often each fault has happened.
    pub(super) fn faults(&self) -> Faults {
        self.faults.lock().unwrap().clone()
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
