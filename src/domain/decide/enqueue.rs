//! Requests become tasks: in an order that lets each know what it waits for, and only once where that is asked.

use super::Decision;
use super::order;
use crate::domain::command::Rejection;
use crate::domain::event::{Event, Recorded, TaskAmended, TaskEnqueued};
use crate::domain::id::{Sequence, TaskId};
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::spec::{IfLost, OnDuplicate, Priority, TaskRequest, TaskSpec};
use crate::domain::task::Task;
use crate::domain::tasks;

impl Decision<'_> {
    /// Enqueues requests. One whose unique key a pending task has already, or that was taken before, stands for
    /// that task.
    pub(super) fn enqueue(
        &mut self,
        requests: &[TaskRequest],
        cause: Option<Sequence>,
        correlation: Option<Sequence>,
    ) -> Result<(), Rejection> {
        let mut ids: Vec<Option<TaskId>> = vec![None; requests.len()];
        // Hooks and follow-ups of one decision are enqueued one list after the other.
        let before = self.requests;
        for place in order::of(requests)? {
            let Some(request) = self.ruled(&requests[place]) else { continue };
            let request = &request;
            let needs = if request.spec.held.is_some() { Vec::new() } else { self.needs(request, &ids)? };
            if let Some(existing) = self.existing(&request.spec, &needs, cause, correlation) {
                ids[place] = existing;
                continue;
            }
            let id = TaskId::of(&self.context.command, before + place + 1);
            if let Some(key) = &request.spec.unique {
                self.keys.entry(key.clone()).or_default().push((id.clone(), needs.clone()));
            }
            if let Some(key) = &request.spec.idempotency {
                self.taken.insert(key.clone(), id.clone());
            }
            ids[place] = Some(id.clone());
            let max_attempts = request.spec.max_attempts.max(1);
            let mut spec = TaskSpec { depends_on: needs, max_attempts, ..request.spec.clone() };
            self.line_up(&mut spec, &id);
            let subject = spec.subject;
            let event = Event::TaskEnqueued(Box::new(TaskEnqueued { task: id, spec }));
            self.push(subject, self.context.actor.clone(), cause, correlation, event);
        }
        self.requests += requests.len();
        self.show_suggestions(cause, correlation)
    }

    /// What a kind may do to a thing only one after the other waits for the last that was asked for before, whatever
    /// becomes of that. A request that names what it waits for has said its own order, and keeps the lock alone.
    fn line_up(&mut self, spec: &mut TaskSpec, id: &TaskId) {
        let kind = spec.kind.as_str();
        let lock = input::lock(kind, &spec.input)
            .or_else(|| input::lock_of_folder(kind, self.state.folder_of(spec.subject)?));
        let Some(lock) = lock else { return };
        let before = self.locks.insert(lock.clone(), id.clone()).or_else(|| {
            let has_it =
                |task: &&Task| !task.status.is_final() && task.spec.concurrency.as_ref() == Some(&lock);
            self.state
                .tasks
                .values()
                .filter(has_it)
                .max_by_key(|task| task.enqueued)
                .map(|task| task.id.clone())
        });
        if let Some(before) = before.filter(|_| spec.depends_on.is_empty()) {
            spec.depends_on.push(before);
            spec.if_lost = IfLost::Continue;
        }
        spec.concurrency = Some(lock);
    }

    /// What a request waits for. Completed tasks are left out: they may be forgotten before it runs.
    fn needs(&self, request: &TaskRequest, ids: &[Option<TaskId>]) -> Result<Vec<TaskId>, Rejection> {
        let mut needs = Vec::with_capacity(request.spec.depends_on.len() + request.after.len());
        if let Some(unknown) = request.spec.depends_on.iter().find(|id| !self.is_there(id)) {
            return Err(Rejection::UnknownDependency(unknown.clone()));
        }
        let same = request.after.iter().filter_map(|place| ids[*place].as_ref());
        for id in request.spec.depends_on.iter().chain(same) {
            // What these events enqueue is not in the state, and cannot be lost.
            let lost = self.lost.contains(id) || self.state.tasks.get(id).is_some_and(tasks::is_lost);
            match request.spec.if_lost {
                _ if !lost => needs.push(id.clone()),
                IfLost::Continue => {}
                IfLost::Fail | IfLost::Skip => return Err(Rejection::UnknownDependency(id.clone())),
            }
        }
        needs.retain(|id| !self.is_completed(id));
        Ok(needs)
    }

    /// Whether a task is in view, or comes with these events.
    fn is_there(&self, id: &TaskId) -> bool {
        let comes =
            |recorded: &Recorded| matches!(&recorded.event, Event::TaskEnqueued(new) if new.task == *id);
        self.state.tasks.contains_key(id) || self.events.iter().any(comes)
    }

    /// The task that a request stands for, if it is not to become one of its own; none inside when that task is
    /// long forgotten, so that nothing can wait for it.
    fn existing(
        &mut self,
        spec: &TaskSpec,
        needs: &[TaskId],
        cause: Option<Sequence>,
        correlation: Option<Sequence>,
    ) -> Option<Option<TaskId>> {
        if let Some(key) = &spec.idempotency {
            if let Some(taken) = self.taken.get(key) {
                return Some(Some(taken.clone()));
            }
            if let Some(taken) = self.state.idempotency.get(key) {
                return Some(Some(&taken.task).filter(|id| self.state.tasks.contains_key(*id)).cloned());
            }
        }
        let existing = self.stands_for(spec, needs)?;
        if let Some(amended) = self.amendment(&existing, spec) {
            self.push(
                spec.subject,
                self.context.actor.clone(),
                cause,
                correlation,
                Event::TaskAmended(amended),
            );
        }
        Some(Some(existing))
    }

    /// What a duplicate changes about the pending task that stands for both.
    fn amendment(&self, existing: &TaskId, spec: &TaskSpec) -> Option<TaskAmended> {
        let replaces = match spec.on_duplicate {
            OnDuplicate::Drop => return None,
            OnDuplicate::Replace => true,
            OnDuplicate::Coalesce => false,
        };
        let (input, priority) = self.present(existing)?;
        if !replaces && input == spec.input && priority >= spec.priority {
            return None;
        }
        let wanted =
            input::joined(spec.kind.as_str(), &input, &spec.input).unwrap_or_else(|| spec.input.clone());
        Some(TaskAmended {
            task: existing.clone(),
            input: Some(wanted),
            priority: (replaces || priority < spec.priority).then_some(spec.priority),
            not_before: replaces.then(|| spec.not_before.unwrap_or(self.context.now)),
            restarts: replaces,
            reason: spec.reason.clone(),
        })
    }

    /// Input and priority of a task, as these events leave them.
    fn present(&self, id: &TaskId) -> Option<(Payload, Priority)> {
        let before = self.state.tasks.get(id).map(|task| (task.spec.input.clone(), task.spec.priority));
        self.events.iter().fold(before, |present, recorded| match &recorded.event {
            Event::TaskEnqueued(new) if new.task == *id => Some((new.spec.input.clone(), new.spec.priority)),
            Event::TaskAmended(amended) if amended.task == *id => {
                let (input, priority) = present?;
                Some((amended.input.clone().unwrap_or(input), amended.priority.unwrap_or(priority)))
            }
            _ => present,
        })
    }

    /// The pending task that does what another with the same unique key would do: one that waits for all
    /// that the other would wait for, or it would run too early to see it.
    fn stands_for(&self, spec: &TaskSpec, needs: &[TaskId]) -> Option<TaskId> {
        let key = spec.unique.as_deref()?;
        // What is held back does not stand for what is to be done.
        let is_as_free = |other: &TaskSpec| {
            (other.held.is_none() || spec.held.is_some())
                && (!other.is_suggested() || spec.is_suggested() || spec.held.is_some())
        };
        let decided = self.keys.get(key).into_iter().flatten();
        let decided =
            decided.filter(|(_, waits)| needs.iter().all(|id| waits.contains(id))).map(|(id, _)| id);
        let pending = self.state.tasks.pending_with_key(key);
        let pending = pending
            .filter(|task| is_as_free(&task.spec) && needs.iter().all(|id| task.needs.contains(id)))
            .map(|task| &task.id);
        // One that fails or is called off in this very decision will do nothing any more.
        decided.chain(pending).find(|id| !self.lost.contains(*id)).cloned()
    }
}
