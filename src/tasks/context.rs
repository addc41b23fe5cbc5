//! What a task works with: its input, the ports, and the one way to change the world.

use std::cell::Ref;

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Services;
use crate::config::Config;
use crate::domain::actor::Actor;
use crate::domain::command::{Command, Rejection};
use crate::domain::effect::{EffectKind, Intent};
use crate::domain::event::AssistantAnswered;
use crate::domain::failure::Failure;
use crate::domain::id::{AssistantName, EffectId, IssueNumber, Sequence};
use crate::domain::payload::Payload;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::{Progress, Task};
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;

/// The code of the failure that stops a task whose lease is over: another run holds it now.
pub const LOST_LEASE: &str = "lost_lease";

/// Width of what a task says about its progress: one line of a table.
const PROGRESS_WIDTH: usize = 100;

/// A change outside, about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement<'a> {
    /// The step inside the task; names the effect.
    pub step: &'a str,
    /// What kind of change.
    pub kind: EffectKind,
    /// What it changes.
    pub target: String,
    /// What exactly is to happen there, short.
    pub detail: String,
}

impl Announcement<'_> {
    /// Whether an earlier announcement said the very same.
    #[must_use]
    pub fn is_the_same_as(&self, intent: &Intent) -> bool {
        (self.kind, &self.target, &self.detail) == (intent.kind, &intent.target, &intent.detail)
    }
}

/// What is known of an effect when it is announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announced {
    /// Nobody has tried it.
    Fresh,
    /// An earlier attempt announced it and left no receipt: it may have happened.
    Again,
    /// An earlier attempt did it.
    Done(Payload),
}

/// How a task writes into the log.
#[async_trait(?Send)]
pub trait Journal {
    /// The present state, the events of this run included. Not to be held across an `await`.
    fn state(&self) -> Ref<'_, State>;

    /// The last event that is durable; the present state may know later ones.
    fn durable(&self) -> Sequence;

    /// The present, with whatever it has forgotten of what was done about the subject since then. The history is read
    /// where something may be missing, which takes as long as it is large; only to be looked at.
    ///
    /// # Errors
    /// When the history cannot be read for now.
    async fn recall(&self, subject: Subject, since: Timestamp) -> Result<State, Failure>;

    /// Announces an effect; comes back when the announcement, and the claim before it, are durable.
    ///
    /// # Errors
    /// A failure with the code [`LOST_LEASE`] when another run holds the task now: stop, change nothing.
    async fn intend(&self, task: &Task, announcement: &Announcement<'_>) -> Result<Announced, Failure>;

    /// Records that an effect has happened.
    ///
    /// # Errors
    /// When the log refuses it, which it does only if the effect was never announced.
    fn complete(&self, effect: EffectId, receipt: Payload, adopted: bool) -> Result<(), Failure>;

    /// Has something else changed in the log, in the name of whoever wants it. It becomes durable together with the
    /// task's own outcome when nothing is awaited in between, and not at all when another run holds the task by then.
    ///
    /// # Errors
    /// Why it cannot be; nothing is changed then.
    fn order(&self, task: &Task, actor: &Actor, command: Command) -> Result<(), Rejection>;

    /// Records how far the work has come. Goes out with whatever is written next: it costs no push of its own.
    ///
    /// # Errors
    /// As [`Journal::intend`].
    fn progress(&self, task: &Task, progress: Progress) -> Result<(), Failure>;

    /// Records that the task is about to ask an assistant which failed again and again. As [`Journal::progress`] it costs no push
    /// of its own; it is settled who asks when it is durable.
    ///
    /// # Errors
    /// Why it may not: another task asks, or it is left alone for now, or another run holds the task now.
    fn tries(&self, task: &Task, assistant: &AssistantName) -> Result<(), Rejection>;

    /// Records what an assistant answered. As [`Journal::progress`] it costs no push of its own.
    ///
    /// # Errors
    /// When the log refuses it because the task is gone.
    fn answered(&self, answer: AssistantAnswered) -> Result<(), Failure>;

    /// Comes back when everything that was recorded so far is durable.
    ///
    /// # Errors
    /// As [`Journal::intend`].
    async fn settle(&self, task: &Task) -> Result<(), Failure>;
}

/// What a task works with.
pub struct Context<'a> {
    /// The task, as it was when it was claimed.
    pub task: Task,
    /// The configuration of this run.
    pub config: &'a Config,
    /// The ports.
    pub services: &'a Services,
    /// The log.
    pub journal: &'a dyn Journal,
}

impl Context<'_> {
    /// The task's input.
    ///
    /// # Errors
    /// A permanent failure when it has another shape: an older or newer version wrote it.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        self.task.spec.input.read().map_err(|error| {
            Failure::permanent("bad_input", format!("the task's input cannot be read: {error}"))
                .hint("Cancel the task and let the rules enqueue it again.")
        })
    }

    /// The issue or pull request that the task is about.
    ///
    /// # Errors
    /// A permanent failure when it is about neither.
    pub fn issue(&self) -> Result<IssueNumber, Failure> {
        let subject = self.task.spec.subject;
        subject
            .number()
            .ok_or_else(|| Failure::permanent("bad_input", format!("{subject} is no issue or pull request")))
    }

    /// Whether an earlier attempt announced this step and left no receipt: it may have happened, and has to
    /// be found out.
    #[must_use]
    pub fn is_open(&self, step: &str) -> bool {
        let effect = EffectId::of(&self.task.id, step);
        self.journal.state().effects.get(&effect).is_some_and(|effect| effect.receipt.is_none())
    }

    /// What this step left behind; none where it has not happened yet as far as is known.
    #[must_use]
    pub fn receipt<T: DeserializeOwned>(&self, step: &str) -> Option<T> {
        let effect = EffectId::of(&self.task.id, step);
        self.journal.state().effects.get(&effect)?.receipt.as_ref()?.read().ok()
    }

    /// Records a place from which a later attempt can go on, with what it needs to know: see
    /// [`Context::resume`]. To be called when enough was done that doing it again would hurt.
    ///
    /// # Errors
    /// A failure with the code `lost_lease` when another run holds the task now: stop, change nothing.
    pub fn checkpoint<T: Serialize>(&self, percent: u8, message: &str, data: &T) -> Result<(), Failure> {
        let checkpoint = Payload::of(data).map_err(|error| Failure::permanent("bug", error.to_string()))?;
        let message = Some(one_line(message, PROGRESS_WIDTH));
        self.journal.progress(&self.task, Progress { percent: Some(percent.min(100)), message, checkpoint })
    }

    /// As [`Context::checkpoint`], and comes back when it is durable: for what was paid for.
    ///
    /// # Errors
    /// As [`Context::checkpoint`].
    pub async fn keep<T: Serialize>(&self, percent: u8, message: &str, data: &T) -> Result<(), Failure> {
        self.checkpoint(percent, message, data)?;
        self.journal.settle(&self.task).await
    }

    /// Where an earlier attempt left off; none when there is no such place, or it has another shape.
    #[must_use]
    pub fn resume<T: DeserializeOwned>(&self) -> Option<T> {
        self.task.progress.as_ref().and_then(|progress| progress.checkpoint.read().ok())
    }

    /// Changes the world: announces the change durably, then acts, and closes it with a receipt. When an
    /// earlier attempt may have acted, `probe` looks first, and what it finds is adopted.
    ///
    /// # Errors
    /// Whatever `probe` or `act` fail with; the effect then stays open and the next attempt probes.
    pub async fn effect<R: Serialize + DeserializeOwned>(
        &self,
        announcement: Announcement<'_>,
        probe: impl AsyncFnOnce() -> Result<Option<R>, Failure>,
        act: impl AsyncFnOnce() -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let bug = |error: crate::domain::payload::WrongShape| Failure::permanent("bug", error.to_string());
        let found = match self.journal.intend(&self.task, &announcement).await? {
            Announced::Done(receipt) => return receipt.read().map_err(bug),
            Announced::Again => probe().await?,
            Announced::Fresh => None,
        };
        let adopted = found.is_some();
        let receipt = match found {
            Some(receipt) => receipt,
            None => act().await?,
        };
        let effect = EffectId::of(&self.task.id, announcement.step);
        self.journal.complete(effect, Payload::of(&receipt).map_err(bug)?, adopted)?;
        Ok(receipt)
    }
}
