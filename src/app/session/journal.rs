//! How tasks write into the log of their run.

use std::cell::Ref;

use async_trait::async_trait;

use super::Session;
use crate::domain::actor::Actor;
use crate::domain::command::{Command, Rejection};
use crate::domain::effect::Effect;
use crate::domain::event::AssistantAnswered;
use crate::domain::failure::Failure;
use crate::domain::id::{AssistantName, EffectId, Sequence};
use crate::domain::payload::Payload;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::{Progress, Task};
use crate::domain::time::Timestamp;
use crate::tasks::{Announced, Announcement, Journal, LOST_LEASE};

/// A task that waits until something is durable; also one that is dropped meanwhile waits no longer.
struct Waits<'a>(&'a Session);

impl<'a> Waits<'a> {
    fn begin(session: &'a Session) -> Self {
        session.waiting.set(session.waiting.get() + 1);
        session.quiet.notify_waiters();
        Self(session)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.waiting.set(self.0.waiting.get() - 1);
    }
}

#[async_trait(?Send)]
impl Journal for Session {
    fn state(&self) -> Ref<'_, State> {
        Self::state(self)
    }

    fn durable(&self) -> Sequence {
        self.inner.borrow().head.sequence
    }

    async fn recall(&self, subject: Subject, since: Timestamp) -> Result<State, Failure> {
        Self::recall(self, subject, since).await.map_err(|error| {
            Failure::transient("history_unread", format!("the history cannot be read: {error}"))
        })
    }

    async fn intend(&self, task: &Task, announcement: &Announcement<'_>) -> Result<Announced, Failure> {
        let lease = task.leases;
        let effect = EffectId::of(&task.id, announcement.step);
        let before = self.state().effects.get(&effect).cloned();
        // A receipt for something else that was announced in its place says nothing about this.
        if let Some(Effect { intent, receipt: Some(receipt), .. }) = &before
            && announcement.is_the_same_as(intent)
        {
            return Ok(Announced::Done(receipt.clone()));
        }
        let command = Command::Intend {
            task: task.id.clone(),
            lease,
            step: announcement.step.to_owned(),
            kind: announcement.kind,
            target: announcement.target.clone(),
            detail: announcement.detail.clone(),
        };
        let lost = |_| Failure::permanent(LOST_LEASE, format!("another run holds task {} now", task.id));
        let command = self.submit(command).map_err(lost)?;
        {
            let _waits = Waits::begin(self);
            while self.is_buffered(&command) {
                self.durable.notified().await;
            }
        }
        if !self.holds(&task.id, lease) {
            return Err(lost(Rejection::UnknownTask(task.id.clone())));
        }
        Ok(if before.is_some() { Announced::Again } else { Announced::Fresh })
    }

    fn complete(&self, effect: EffectId, receipt: Payload, adopted: bool) -> Result<(), Failure> {
        self.submit(Command::CompleteEffect { effect, receipt, adopted })
            .map(drop)
            .map_err(|reason| Failure::permanent("bug", format!("the log refused a receipt: {reason}")))
    }

    fn order(&self, task: &Task, actor: &Actor, command: Command) -> Result<(), Rejection> {
        let (task, lease, actor) = (task.id.clone(), task.leases, actor.clone());
        self.submit(Command::OnBehalf { task, lease, actor, command: Box::new(command) }).map(drop)
    }

    fn progress(&self, task: &Task, progress: Progress) -> Result<(), Failure> {
        let lost = |_| Failure::permanent(LOST_LEASE, format!("another run holds task {} now", task.id));
        self.submit(Command::Progress { task: task.id.clone(), lease: task.leases, progress })
            .map(drop)
            .map_err(lost)
    }

    fn tries(&self, task: &Task, assistant: &AssistantName) -> Result<(), Rejection> {
        let (lease, assistant) = (task.leases, assistant.clone());
        self.submit(Command::Try { task: task.id.clone(), lease, assistant }).map(drop)
    }

    fn answered(&self, answer: AssistantAnswered) -> Result<(), Failure> {
        self.submit(Command::RecordAnswer(Box::new(answer)))
            .map(drop)
            .map_err(|reason| Failure::permanent("bug", format!("the log refused an answer: {reason}")))
    }

    async fn settle(&self, task: &Task) -> Result<(), Failure> {
        let last = self.last_buffered();
        {
            let _waits = Waits::begin(self);
            while last.as_ref().is_some_and(|last| self.is_buffered(last)) {
                self.durable.notified().await;
            }
        }
        if self.holds(&task.id, task.leases) {
            Ok(())
        } else {
            Err(Failure::permanent(LOST_LEASE, format!("another run holds task {} now", task.id)))
        }
    }
}
