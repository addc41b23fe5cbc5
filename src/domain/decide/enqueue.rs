//! Requests become tasks: in an order that lets each know what it waits for, and only once where that is asked.

use super::Decision;
use super::order;
use crate::domain::command::Rejection;
use crate::domain::event::{Event, Recorded, TaskAmended, TaskEnqueued};
use crate::domain::id::{Sequence, TaskId};
use crate::domain::input;
use crate::domain::spec::{IfLost, OnDuplicate, TaskRequest, TaskSpec, Terms};
use crate::domain::task::{Status, Task};
use crate::domain::tasks::{self, Likeness};
use crate::domain::time::Timestamp;

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
            if let Some(likeness) = Likeness::of(&request.spec) {
                self.keys.entry(likeness).or_default().push((id.clone(), needs.clone()));
            }
            if let Some(key) = &request.spec.idempotency {
                self.taken.insert(key.clone(), id.clone());
            }
            ids[place] = Some(id.clone());
            let max_attempts = request.spec.max_attempts.max(1);
            let mut spec = TaskSpec { depends_on: needs, max_attempts, ..request.spec.clone() };
            spec.rule = spec.rule.or_else(|| self.follows?.spec.rule.clone());
            spec.as_of = spec.as_of.take().or_else(|| self.as_of(&spec));
            self.line_up(&mut spec, &id);
            let subject = spec.subject;
            let event = Event::TaskEnqueued(Box::new(TaskEnqueued { task: id, spec }));
            self.push(subject, self.context.actor.clone(), cause, correlation, event);
        }
        self.requests += requests.len();
        self.show_suggestions(cause, correlation)
    }

    /// What only one task at once may do to a thing, by the kind's own rules.
    fn lock(&self, spec: &TaskSpec) -> Option<String> {
        let kind = spec.kind.as_str();
        input::lock(kind, &spec.input)
            .or_else(|| input::lock_of_folder(kind, self.state.folder_of(spec.subject)?))
    }

    /// What a kind may do to a thing only one after the other waits for the last that was asked for before, whatever
    /// becomes of that. A request that names what it waits for has said its own order, and keeps the lock alone.
    fn line_up(&mut self, spec: &mut TaskSpec, id: &TaskId) {
        let Some(lock) = self.lock(spec) else { return };
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
        let present = self.present(existing)?;
        let not_before = if replaces {
            Some(spec.not_before.unwrap_or(self.context.now))
        } else {
            self.brought_forward(existing, &present, spec)
        };
        let is_same = present.input == spec.input && present.priority >= spec.priority;
        if !replaces && is_same && not_before.is_none() {
            return None;
        }
        let wanted = input::joined(spec.kind.as_str(), &present.input, &spec.input)
            .unwrap_or_else(|| spec.input.clone());
        let terms = if replaces { self.new_terms(existing, &present, spec) } else { present.terms() };
        Some(TaskAmended {
            task: existing.clone(),
            input: Some(wanted),
            priority: (replaces || present.priority < spec.priority).then_some(spec.priority),
            not_before,
            restarts: replaces,
            terms: (terms != present.terms()).then(|| Box::new(terms)),
            as_of: self.as_of(spec).filter(|as_of| Some(as_of) != present.as_of.as_ref()),
            reason: spec.reason.clone(),
        })
    }

    /// When a task that was put off is to begin now that a request asks for the same sooner. What waits because it failed keeps
    /// to its wait.
    fn brought_forward(&self, existing: &TaskId, present: &TaskSpec, spec: &TaskSpec) -> Option<Timestamp> {
        let put_off = present.not_before?;
        let is_its_own = self.state.tasks.get(existing).is_none_or(|task| {
            let waits = match &task.status {
                Status::Pending { not_before, .. } => *not_before,
                _ => None,
            };
            waits == task.spec.not_before
        });
        let wanted = spec.not_before.unwrap_or(self.context.now);
        (is_its_own && wanted < put_off).then_some(wanted)
    }

    /// What binds a pending task that a request replaces.
    fn new_terms(&self, existing: &TaskId, present: &TaskSpec, spec: &TaskSpec) -> Terms {
        let mut terms = spec.terms();
        // One that was begun already gets a chance to do what it is to do now.
        let begun = self.state.tasks.get(existing).map_or(0, |task| task.attempts);
        terms.max_attempts = terms.max_attempts.max(begun + 1);
        // Its place behind others that do something to the same thing is not its own to give up.
        if self.lock(spec).is_some() {
            terms.concurrency.clone_from(&present.concurrency);
            terms.if_lost = present.if_lost;
        }
        terms
    }

    /// What a task is to do, as these events leave it.
    fn present(&self, id: &TaskId) -> Option<TaskSpec> {
        let mut present = self.state.tasks.get(id).map(|task| task.spec.clone());
        for recorded in &self.events {
            match (&recorded.event, &mut present) {
                (Event::TaskEnqueued(new), _) if new.task == *id => present = Some(new.spec.clone()),
                (Event::TaskAmended(amended), Some(spec)) if amended.task == *id => amended.change(spec),
                _ => {}
            }
        }
        present
    }

    /// The pending task that does what another of its kind, about its subject and with its unique key would do: one that waits for all
    /// that the other would wait for, or it would run too early to see it.
    fn stands_for(&self, spec: &TaskSpec, needs: &[TaskId]) -> Option<TaskId> {
        // What is held back does not stand for what is to be done.
        let is_as_free = |other: &TaskSpec| {
            (other.held.is_none() || spec.held.is_some())
                && (!other.is_suggested() || spec.is_suggested() || spec.held.is_some())
        };
        let decided = self.keys.get(&Likeness::of(spec)?).into_iter().flatten();
        let decided =
            decided.filter(|(_, waits)| needs.iter().all(|id| waits.contains(id))).map(|(id, _)| id);
        let pending = self.state.tasks.pending_like(spec);
        let pending = pending
            .filter(|task| is_as_free(&task.spec) && needs.iter().all(|id| task.needs.contains(id)))
            .map(|task| &task.id);
        // One that fails or is called off in this very decision will do nothing any more.
        decided.chain(pending).find(|id| !self.lost.contains(*id)).cloned()
    }
}
