//! One run's hold on the log: decides commands in memory, and makes them durable in as few appends as can be.

use std::cell::{Cell, Ref, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
use crate::log::{self, Envelope, EventLog};
use crate::queue::Shard;
use crate::services::clock::Clock;
use crate::services::entropy::Entropy;
use crate::services::uses::Uses;
use crate::views::Unfoldable;

mod decided;
mod flush;
mod journal;
mod present;

use decided::Inner;
use present::due_snapshot;
pub use present::read;

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
