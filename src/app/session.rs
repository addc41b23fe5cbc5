//! One run's hold on the log: decides commands in memory, and makes them durable in as few appends as can be.

use std::cell::{Cell, Ref, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::progress::Bar;
use crate::domain::actor::Actor;
use crate::domain::command::{Command, Context, Rejection, Subscription};
use crate::domain::event::Event;
use crate::domain::id::{CommandId, RunId, Sequence, TaskId};
use crate::domain::rollout::Policy;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::time::Timestamp;
use crate::domain::trigger::Trigger;
use crate::domain::undo::Past;
use crate::log::{self, Append, Envelope, EventLog, Loaded};
use crate::queue::Shard;
use crate::services::clock::Clock;
use crate::services::entropy::Entropy;
use crate::services::uses::Uses;
use crate::views::Unfoldable;

mod decided;
mod journal;
mod present;

use decided::Inner;
pub use present::read;
use present::{due_snapshot, fold, message};

/// Appends tried before a run gives up. With 32 runs at once each loses some thirty races at worst.
const MOST_TRIES: u32 = 64;
/// The wait after the first lost race, at most, in durations of the try that lost, from reading the log to being told.
/// That duration tells how crowded the remote is: a shorter wait has all runs try again at once, and each of them but
/// one lose again.
const RACE_WAIT: u32 = 8;
/// It becomes one duration shorter with each race, down to this: others have won meanwhile, so that fewer are left,
/// and the last few would wait for nobody.
const LEAST_RACE_WAIT: u32 = 3;
/// The wait after a lost race is drawn from at least this: two runs on one machine must come apart.
const SHORTEST_RACE_WAIT: Duration = Duration::from_millis(20);

/// Tries while the remote does not answer: it is probably down, and the next run finds everything.
const UNREACHABLE_TRIES: u32 = 3;
/// The wait between them: a restart of a server behind a load balancer takes about as long.
const UNREACHABLE_WAIT: Duration = Duration::from_secs(1);

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

/// One run's hold on the log.
pub struct Session {
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
    run: RunId,
    actor: Actor,
    subscriptions: Arc<[Subscription]>,
    features: Arc<Policy>,
    shard: Option<Shard>,
    uses: Uses,
    bar: Option<Arc<Bar>>,
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
            is_tainted: false,
            buffer: Vec::new(),
            lost: BTreeSet::new(),
            refused: BTreeMap::new(),
            written: Vec::new(),
            appends: 0,
            touched: BTreeSet::new(),
        };
        let inner = RefCell::new(inner);
        let (waiting, quiet, durable) = (Cell::new(0), Notify::new(), Notify::new());
        Ok(Self {
            log,
            clock,
            entropy,
            run,
            actor: Actor::automata(),
            subscriptions: Arc::default(),
            features: Arc::default(),
            shard: None,
            uses: Uses::default(),
            bar: None,
            inner,
            waiting,
            quiet,
            durable,
        })
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

    /// Each feature goes as far as the configuration says.
    #[must_use]
    pub fn with_features(mut self, features: Policy) -> Self {
        self.features = features.into();
        self
    }

    /// This run works on a part of the queue alone.
    #[must_use]
    pub fn on_shard(self, shard: Option<Shard>) -> Self {
        Self { shard, ..self }
    }

    /// What is used of credentials is recorded with what this run writes.
    #[must_use]
    pub fn with_uses(self, uses: Uses) -> Self {
        Self { uses, ..self }
    }

    /// Somebody watches how far its work has come.
    #[must_use]
    pub(super) fn watched_by(self, bar: Option<Arc<Bar>>) -> Self {
        Self { bar, ..self }
    }

    /// Who watches how far its work has come.
    pub(super) fn bar(&self) -> Option<&Bar> {
        self.bar.as_deref()
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

    /// The issues and pull requests that this run wrote about, durable or not, since this was asked last.
    pub(super) fn touched(&self) -> BTreeSet<Subject> {
        std::mem::take(&mut self.inner.borrow_mut().touched)
    }

    /// Whether what was decided for a command is durable. It is not when another run came first and left nothing
    /// to do.
    pub fn is_recorded(&self, command: &CommandId) -> bool {
        let id = command.event(0);
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

    /// The present, with whatever it has forgotten of what was done about the subject since then; the history is read
    /// only where something may be missing.
    ///
    /// # Errors
    /// When it has to be read and cannot be.
    pub async fn recall(&self, subject: Subject, since: Timestamp) -> Result<State, Error> {
        if !self.state().may_have_forgotten_tasks(since) {
            return Ok(self.state().clone());
        }
        tracing::info!(%subject, "the history is looked through for what was done long ago");
        let mut past = Past::of(subject);
        self.history(Sequence(1), &mut |envelope| past.take(&envelope.recorded)).await?;
        Ok(past.beside(&self.state()))
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
            features: Arc::clone(&self.features),
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
        if self.inner.borrow().is_tainted {
            self.decide_again(false).await?;
        }
        let (mut unanswered, mut told) = (0, String::new());
        let mut race_wait = RACE_WAIT;
        let mut began = self.clock.now();
        for _ in 0..MOST_TRIES {
            self.record_uses();
            match self.append().await {
                Ok(()) => return Ok(()),
                Err(log::Error::Conflict) => {
                    let wait = (self.clock.now().since(began) * race_wait).max(SHORTEST_RACE_WAIT);
                    race_wait = race_wait.saturating_sub(1).max(LEAST_RACE_WAIT);
                    self.clock.sleep(wait.mul_f64(self.entropy.fraction())).await;
                }
                Err(log::Error::Unreachable(reason)) => {
                    (unanswered, told) = (unanswered + 1, reason);
                    self.clock.sleep(UNREACHABLE_WAIT).await;
                }
                Err(error) => return Err(error.into()),
            }
            began = self.clock.now();
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

    /// Has what was used of credentials and keys since recorded with what is about to be written; where nothing is, it is
    /// not worth an append.
    fn record_uses(&self) {
        let used = self.inner.borrow().unrecorded(self.uses.all().into_iter().chain(self.log.used()));
        if !used.is_empty()
            && let Err(reason) = self.submit(Command::RecordUsed(used))
        {
            tracing::warn!(%reason, "what was used of credentials is not recorded");
        }
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
        self.read_and_decide(in_doubt).await?;
        // What was impossible is dropped, and the rest decided as if it had never been asked for.
        while self.inner.borrow().is_tainted {
            self.read_and_decide(false).await?;
        }
        Ok(())
    }

    async fn read_and_decide(&self, in_doubt: bool) -> Result<(), Error> {
        let known = self.inner.borrow().head.sequence.next();
        let loaded = self.log.load().await?;
        let there = if in_doubt { self.ids_from(known, &loaded).await? } else { BTreeSet::new() };
        let (state, head) = fold(self.log.as_ref(), loaded).await?;
        let others_wrote = head.sequence >= known;
        let mut inner = self.inner.borrow_mut();
        inner.snapshot = due_snapshot(&state, &head);
        (inner.state, inner.head, inner.is_tainted) = (state, head, false);
        let written = inner.written.len();
        for entry in std::mem::take(&mut inner.buffer) {
            if entry.envelopes.first().is_some_and(|first| there.contains(&first.id)) {
                // The append had succeeded and only its answer was lost.
                inner.written.extend(entry.envelopes);
                continue;
            }
            if matches!(entry.command, Command::RecordUsed(_)) {
                // It goes with whatever is left to be written, as it is by then.
                continue;
            }
            let (before, command) = (entry.claimed_lease(), entry.context.command.clone());
            let outdated = |(task, _): &(TaskId, u64)| others_wrote && inner.may_stand_for_more(task, known);
            if let Some(lease) = before.clone().filter(outdated) {
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

    /// The last command that waits to become durable.
    fn last_buffered(&self) -> Option<CommandId> {
        self.inner.borrow().buffer.last().map(|entry| entry.context.command.clone())
    }

    /// Whether a command still waits to become durable.
    fn is_buffered(&self, command: &CommandId) -> bool {
        self.inner.borrow().buffer.iter().any(|entry| entry.context.command == *command)
    }
}
