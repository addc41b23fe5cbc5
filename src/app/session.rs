//! One run's hold on the log: decides commands in memory, and makes them durable in as few appends as can be.

use std::cell::{Cell, Ref, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::domain::actor::Actor;
use crate::domain::command::{Command, Context, Rejection, Subscription};
use crate::domain::decide::decide;
use crate::domain::event::Event;
use crate::domain::id::{CommandId, RunId, Sequence, TaskId};
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::trigger::Trigger;
use crate::log::{self, Append, Envelope, EventLog, Head, Loaded, Snapshot};
use crate::queue::Shard;
use crate::services::clock::Clock;
use crate::services::entropy::Entropy;
use crate::views::Unfoldable;

mod journal;
mod present;

pub use present::read;
use present::{due_snapshot, fold, message};

/// Appends tried before a run gives up. With 32 runs at once each loses some thirty races at worst.
const MOST_TRIES: u32 = 64;
/// The wait after a lost race, at most, in durations of the append that lost. That duration tells how crowded
/// the remote is: a shorter wait has all runs try again at once, and each of them but one lose again; a longer
/// one, or one that grows, makes the last few wait for nobody.
const RACE_WAIT: u32 = 4;
/// The wait after a lost race is drawn from at least this: two runs on one machine must come apart.
const SHORTEST_RACE_WAIT: Duration = Duration::from_millis(20);

/// Why a run could not go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The log could not be read or written.
    #[error(transparent)]
    Log(#[from] log::Error),
    /// The log tells something impossible.
    #[error(transparent)]
    Unfoldable(#[from] Unfoldable),
    /// Other runs were faster every time.
    #[error("other runs appended first {0} times in a row")]
    GaveUp(u32),
}

/// A command and what was decided for it, not durable yet.
struct Buffered {
    command: Command,
    context: Context,
    envelopes: Vec<Envelope>,
}

struct Inner {
    /// Durable events and buffered ones, folded.
    state: State,
    /// The durable end.
    head: Head,
    /// What the next append writes.
    buffer: Vec<Buffered>,
    /// Leases that this run took to be its own before another was faster. Run ids do not tell them apart from
    /// the real ones: two jobs of one workflow run share theirs.
    lost: BTreeSet<(TaskId, u64)>,
    /// Commands that no longer applied when they were decided again.
    refused: BTreeMap<CommandId, Rejection>,
    /// The state at `head`, while a snapshot is due.
    snapshot: Option<Snapshot>,
    /// All that this run made durable.
    written: Vec<Envelope>,
    /// Appends that succeeded, also those of which only reading the log told.
    appends: usize,
}

/// One run's hold on the log.
pub struct Session {
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
    run: RunId,
    actor: Actor,
    subscriptions: Arc<[Subscription]>,
    shard: Option<Shard>,
    inner: RefCell<Inner>,
    /// Tasks that wait until something is durable.
    waiting: Cell<usize>,
    /// Rings when a task begins to wait.
    quiet: Notify,
    /// Rings when an append has succeeded.
    durable: Notify,
}

impl Session {
    /// Reads the log.
    ///
    /// # Errors
    /// When it cannot be read or folded.
    pub async fn open(
        log: Arc<dyn EventLog>,
        clock: Arc<dyn Clock>,
        entropy: Arc<Entropy>,
        run: RunId,
    ) -> Result<Self, Error> {
        let (state, head) = read(log.as_ref()).await?;
        let inner = Inner {
            snapshot: due_snapshot(&state, &head),
            state,
            head,
            buffer: Vec::new(),
            lost: BTreeSet::new(),
            refused: BTreeMap::new(),
            written: Vec::new(),
            appends: 0,
        };
        let inner = RefCell::new(inner);
        let (waiting, quiet, durable) = (Cell::new(0), Notify::new(), Notify::new());
        let (actor, subscriptions, shard) = (Actor::automata(), Arc::default(), None);
        Ok(Self { log, clock, entropy, run, actor, subscriptions, shard, inner, waiting, quiet, durable })
    }

    /// Whatever is submitted is asked for by `actor`.
    #[must_use]
    pub fn on_behalf_of(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// The end of tasks leads to what the configuration subscribed.
    #[must_use]
    pub fn with_subscriptions(mut self, subscriptions: Vec<Subscription>) -> Self {
        self.subscriptions = subscriptions.into();
        self
    }

    /// This run works on a part of the queue alone.
    #[must_use]
    pub fn on_shard(self, shard: Option<Shard>) -> Self {
        Self { shard, ..self }
    }

    /// The part of the queue that this run works on; none: all of it.
    pub const fn shard(&self) -> Option<Shard> {
        self.shard
    }

    /// Why a command that was taken at first was dropped when the log had moved on; none if it was not.
    pub fn refusal(&self, command: &CommandId) -> Option<Rejection> {
        self.inner.borrow().refused.get(command).cloned()
    }

    /// The present, buffered events included.
    pub fn state(&self) -> Ref<'_, State> {
        Ref::map(self.inner.borrow(), |inner| &inner.state)
    }

    /// This run.
    pub const fn run(&self) -> &RunId {
        &self.run
    }

    /// The time.
    pub fn now(&self) -> crate::domain::time::Timestamp {
        self.clock.now()
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// What this run took in from outside, durable or not.
    pub fn took_in(&self) -> Option<Box<Trigger>> {
        let inner = self.inner.borrow();
        let buffered = inner.buffer.iter().flat_map(|entry| &entry.envelopes);
        inner.written.iter().chain(buffered).find_map(|envelope| match &envelope.recorded.event {
            Event::TriggerReceived(trigger) => Some(trigger.clone()),
            _ => None,
        })
    }

    /// A number in `[0, 1)`, drawn at random.
    pub fn draw(&self) -> f64 {
        self.entropy.fraction()
    }

    /// All events that this run made durable, and the number of appends it took.
    pub fn written(&self) -> (Vec<Envelope>, usize) {
        let inner = self.inner.borrow();
        (inner.written.clone(), inner.appends)
    }

    /// Whether what was decided for a command is durable. It is not when another run came first and left nothing
    /// to do.
    pub fn is_recorded(&self, command: &CommandId) -> bool {
        let id = format!("{command}-0");
        self.inner.borrow().written.iter().any(|envelope| envelope.id == id)
    }

    /// Whether this run holds the task under this lease, as far as it knows.
    pub fn holds(&self, task: &TaskId, lease: u64) -> bool {
        let inner = self.inner.borrow();
        let held = |task: &Task| task.is_held_by(&self.run, lease);
        !inner.lost.contains(&(task.clone(), lease)) && inner.state.tasks.get(task).is_some_and(held)
    }

    /// Comes back when this run holds the task under this lease no longer: somebody cancelled it, or another run
    /// took it.
    pub async fn until_lost(&self, task: &TaskId, lease: u64) {
        while self.holds(task, lease) {
            self.durable.notified().await;
        }
    }

    /// Reads what other runs have written since.
    ///
    /// # Errors
    /// When the log cannot be read; this run then goes on with what it knows.
    pub async fn look(&self) -> Result<(), Error> {
        self.decide_again(false).await
    }

    /// Reads durable events from `first` on.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn history(
        &self,
        first: Sequence,
        visit: &mut (dyn FnMut(Envelope) + Send),
    ) -> Result<(), Error> {
        Ok(self.log.history(first, visit).await?)
    }

    /// Decides a command and buffers what follows.
    ///
    /// # Errors
    /// The reason for which it was refused; nothing is buffered then.
    pub fn submit(&self, command: Command) -> Result<CommandId, Rejection> {
        let id = self.entropy.command_id();
        let context = Context {
            command: id.clone(),
            actor: self.actor.clone(),
            run: self.run.clone(),
            now: self.clock.now(),
            jitter: self.entropy.fraction(),
            subscriptions: Arc::clone(&self.subscriptions),
        };
        self.inner.borrow_mut().submit(command, context)?;
        Ok(id)
    }

    /// Whether every one of `running` tasks waits for durability, so that an append now takes them all.
    pub fn all_wait(&self, running: usize) -> bool {
        self.waiting.get() == running
    }

    /// Comes back when some task begins to wait.
    pub async fn quieter(&self) {
        self.quiet.notified().await;
    }

    /// Makes everything buffered durable in one append. When the log has moved on, reads it and decides
    /// again; commands that are refused then are dropped.
    ///
    /// # Errors
    /// When the log cannot be written; what was buffered stays buffered, and nothing is half-written.
    pub async fn flush(&self) -> Result<(), Error> {
        let (mut unanswered, mut told) = (0, String::new());
        for _ in 0..MOST_TRIES {
            let began = self.clock.now();
            match self.append().await {
                Ok(()) => return Ok(()),
                Err(log::Error::Conflict) => {
                    let wait = (self.clock.now().since(began) * RACE_WAIT).max(SHORTEST_RACE_WAIT);
                    self.clock.sleep(wait.mul_f64(self.entropy.fraction())).await;
                }
                Err(log::Error::Unreachable(reason)) => {
                    (unanswered, told) = (unanswered + 1, reason);
                    self.clock.sleep(UNREACHABLE_WAIT).await;
                }
                Err(error) => return Err(error.into()),
            }
            // Either somebody was faster, or nobody knows whether it was written: reading the log tells.
            match self.decide_again(unanswered > 0).await {
                // Everything was written after all, or is settled by what others wrote.
                Ok(()) if self.is_clean() => return Ok(()),
                Ok(()) => {}
                Err(Error::Log(log::Error::Unreachable(reason))) => {
                    (unanswered, told) = (unanswered + 1, reason);
                }
                Err(error) => return Err(error),
            }
            if unanswered > UNREACHABLE_TRIES {
                return Err(Error::Log(log::Error::Unreachable(told)));
            }
        }
        Err(Error::GaveUp(MOST_TRIES))
    }

    /// Appends what is buffered at the head that this run knows.
    async fn append(&self) -> Result<(), log::Error> {
        let (commands, events, head, snapshot) = {
            let inner = self.inner.borrow();
            let events: Vec<Envelope> =
                inner.buffer.iter().flat_map(|entry| entry.envelopes.clone()).collect();
            (inner.buffer.len(), events, inner.head.clone(), inner.snapshot.clone())
        };
        if events.is_empty() {
            self.inner.borrow_mut().buffer.drain(..commands);
        } else {
            let message = message(&events);
            let batch = Append { events: &events, message: &message, snapshot: snapshot.as_ref() };
            let head = self.log.append(&head, &batch).await?;
            self.inner.borrow_mut().written(commands, events, head);
        }
        self.durable.notify_waiters();
        Ok(())
    }

    /// Reads the log and decides every buffered command again on what it says now. `in_doubt` when an append
    /// had no answer, so that what is buffered may be there already.
    async fn decide_again(&self, in_doubt: bool) -> Result<(), Error> {
        let known = self.inner.borrow().head.sequence.next();
        let loaded = self.log.load().await?;
        let there = if in_doubt { self.ids_from(known, &loaded).await? } else { BTreeSet::new() };
        let touched = Touched::since(known, &loaded);
        let (state, head) = fold(self.log.as_ref(), loaded).await?;
        let mut inner = self.inner.borrow_mut();
        inner.snapshot = due_snapshot(&state, &head);
        (inner.state, inner.head) = (state, head);
        let written = inner.written.len();
        for entry in std::mem::take(&mut inner.buffer) {
            if entry.envelopes.first().is_some_and(|first| there.contains(&first.id)) {
                // The append had succeeded and only its answer was lost.
                inner.written.extend(entry.envelopes);
                continue;
            }
            let (before, command) = (entry.claimed_lease(), entry.context.command.clone());
            if let Some(lease) =
                before.clone().filter(|(task, _)| inner.may_stand_for_more(task, known, &touched))
            {
                // Begun too early: it is claimed and begun anew.
                inner.lost.insert(lease);
                continue;
            }
            if let Err(reason) = inner.submit_again(entry.command, entry.context, before) {
                tracing::debug!(%reason, "a command no longer applies");
                inner.refused.insert(command, reason);
            }
        }
        inner.appends += usize::from(inner.written.len() > written);
        drop(inner);
        self.durable.notify_waiters();
        Ok(())
    }

    /// The ids of the events from `first` on.
    async fn ids_from(&self, first: Sequence, loaded: &Loaded) -> Result<BTreeSet<String>, Error> {
        let mut ids: BTreeSet<String> = loaded.tail.iter().map(|envelope| envelope.id.clone()).collect();
        let tail = loaded.head.sequence.0 - loaded.tail.len() as u64;
        if tail >= first.0 {
            // A snapshot has been made in the meantime and covers the place where ours would be.
            self.log.history(first, &mut |envelope| ids.extend([envelope.id])).await?;
        }
        Ok(ids)
    }

    /// Whether nothing waits to become durable.
    pub fn is_clean(&self) -> bool {
        self.inner.borrow().buffer.is_empty()
    }

    /// Whether a command still waits to become durable.
    fn is_buffered(&self, command: &CommandId) -> bool {
        self.inner.borrow().buffer.iter().any(|entry| entry.context.command == *command)
    }
}

/// Tries while the remote does not answer: it is probably down, and the next run finds everything.
const UNREACHABLE_TRIES: u32 = 3;
/// The wait between them: a restart of a server behind a load balancer takes about as long.
const UNREACHABLE_WAIT: Duration = Duration::from_secs(1);

impl Inner {
    fn submit(&mut self, command: Command, context: Context) -> Result<(), Rejection> {
        self.expect_not_lost(&command)?;
        let decided = decide(&self.state, &command, &context)?;
        if let Some(lease) = decided.iter().find_map(|recorded| claimed(&recorded.event)) {
            self.lost.remove(&lease);
        }
        self.take(command, context, decided);
        Ok(())
    }

    /// As `submit`, for a command decided before. A claim that would now get another lease is dropped: the
    /// work begun under the first one is stale.
    fn submit_again(
        &mut self,
        command: Command,
        context: Context,
        before: Option<(TaskId, u64)>,
    ) -> Result<(), Rejection> {
        let decided = self.expect_not_lost(&command).and_then(|()| decide(&self.state, &command, &context));
        let lease = decided.iter().flatten().find_map(|recorded| claimed(&recorded.event));
        if let Some(before) = before.filter(|before| Some(before) != lease.as_ref()) {
            self.lost.insert(before);
            return decided.map(drop);
        }
        self.take(command, context, decided?);
        Ok(())
    }

    /// Whether others may have meant this task to do more than it knew of when it was begun here: one with a unique
    /// key stands for every request that comes while it is pending, as it was for everybody else.
    fn may_stand_for_more(&self, task: &TaskId, unread: Sequence, touched: &Touched) -> bool {
        let task = self.state.tasks.get(task).filter(|task| task.enqueued < unread);
        task.is_some_and(|task| task.spec.unique.is_some() && touched.holds(task.spec.subject))
    }

    /// What was begun under a lease that never came to be must not announce and not report anything.
    fn expect_not_lost(&self, command: &Command) -> Result<(), Rejection> {
        match command {
            Command::Intend { task, lease, .. }
            | Command::RecordOutcome { task, lease, .. }
            | Command::OnBehalf { task, lease, .. }
                if self.lost.contains(&(task.clone(), *lease)) =>
            {
                Err(Rejection::StaleLease { task: task.clone(), lease: *lease })
            }
            _ => Ok(()),
        }
    }

    fn take(&mut self, command: Command, context: Context, decided: Vec<crate::domain::event::Recorded>) {
        let mut envelopes = Vec::with_capacity(decided.len());
        for (ordinal, recorded) in decided.into_iter().enumerate() {
            if let Err(impossible) = self.state.apply(&recorded) {
                // `decide` and `apply` disagree: a bug. Writing it would make the log unreadable.
                tracing::error!(%impossible, "decided something impossible; not recorded");
                break;
            }
            envelopes.push(Envelope::new(&context.command, ordinal, recorded));
        }
        self.buffer.push(Buffered { command, context, envelopes });
    }

    fn written(&mut self, commands: usize, events: Vec<Envelope>, head: Head) {
        self.buffer.drain(..commands);
        self.written.extend(events);
        self.appends += 1;
        self.head = head;
        // Later commands may have been decided while the append was under way; then the state is ahead
        // of the head and makes no snapshot of it. The next run makes one.
        self.snapshot = if self.buffer.is_empty() { due_snapshot(&self.state, &self.head) } else { None };
    }
}

/// What others have written about since this run last read the log.
struct Touched {
    /// None when it cannot be told, because a snapshot covers it: anything.
    subjects: Option<BTreeSet<Subject>>,
}

impl Touched {
    fn since(first: Sequence, loaded: &Loaded) -> Self {
        let covered = loaded.head.sequence.0 - loaded.tail.len() as u64;
        let stamps = loaded.tail.iter().map(|envelope| &envelope.recorded.stamp);
        let subjects = stamps.filter(|stamp| stamp.sequence >= first).map(|stamp| stamp.subject).collect();
        Self { subjects: (covered < first.0).then_some(subjects) }
    }

    fn holds(&self, subject: Subject) -> bool {
        self.subjects.as_ref().is_none_or(|subjects| subjects.contains(&subject))
    }
}

impl Buffered {
    fn claimed_lease(&self) -> Option<(TaskId, u64)> {
        self.envelopes.iter().find_map(|envelope| claimed(&envelope.recorded.event))
    }
}

fn claimed(event: &Event) -> Option<(TaskId, u64)> {
    match event {
        Event::TaskClaimed(claimed) => Some((claimed.task.clone(), claimed.lease)),
        _ => None,
    }
}
