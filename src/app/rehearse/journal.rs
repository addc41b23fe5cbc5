//! The journal of tasks in a rehearsal: nobody else is at work, and what they wait for is made durable at once.

use std::cell::Ref;

use async_trait::async_trait;

use crate::app::session::Session;
use crate::domain::actor::Actor;
use crate::domain::command::{Command, Rejection};
use crate::domain::event::AssistantAnswered;
use crate::domain::failure::Failure;
use crate::domain::id::{AssistantName, EffectId, Sequence};
use crate::domain::payload::Payload;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::{Progress, Task};
use crate::domain::time::Timestamp;
use crate::tasks::{Announced, Announcement, Journal};

/// The session's journal where nobody but the task itself makes anything durable.
pub(super) struct Flushing<'a>(pub(super) &'a Session);

impl Flushing<'_> {
    async fn flush(&self) {
        if let Err(error) = self.0.flush().await {
            // Then the task waits for what never comes: its log is in memory, and takes everything.
            tracing::error!(%error, "a rehearsal's log takes nothing more");
        }
    }
}

#[async_trait(?Send)]
impl Journal for Flushing<'_> {
    fn state(&self) -> Ref<'_, State> {
        self.0.state()
    }

    fn durable(&self) -> Sequence {
        self.0.durable()
    }

    async fn recall(&self, subject: Subject, since: Timestamp) -> Result<State, Failure> {
        Journal::recall(self.0, subject, since).await
    }

    async fn intend(&self, task: &Task, announcement: &Announcement<'_>) -> Result<Announced, Failure> {
        // The announcement is buffered before the other half is polled.
        futures_util::join!(self.0.intend(task, announcement), self.flush()).0
    }

    fn complete(&self, effect: EffectId, receipt: Payload, adopted: bool) -> Result<(), Failure> {
        self.0.complete(effect, receipt, adopted)
    }

    fn order(&self, task: &Task, actor: &Actor, command: Command) -> Result<(), Rejection> {
        self.0.order(task, actor, command)
    }

    fn progress(&self, task: &Task, progress: Progress) -> Result<(), Failure> {
        self.0.progress(task, progress)
    }

    fn tries(&self, task: &Task, assistant: &AssistantName) -> Result<(), Rejection> {
        self.0.tries(task, assistant)
    }

    fn answered(&self, answer: AssistantAnswered) -> Result<(), Failure> {
        self.0.answered(answer)
    }

    async fn settle(&self, task: &Task) -> Result<(), Failure> {
        futures_util::join!(self.0.settle(task), self.flush()).0
    }
}
