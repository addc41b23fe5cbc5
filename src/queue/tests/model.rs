//! The reference: the queue's rules a second time, as plainly as they can be said, on a list of tasks.

use std::collections::BTreeMap;

use crate::domain::command::{Command, Context, Outcome};
use crate::domain::fact::Fact;
use crate::domain::failure::FailureClass;
use crate::domain::id::{KindName, RunId, Sequence, TaskId};
use crate::domain::room::Room;
use crate::domain::spec::{Ending, IfLost, OnDuplicate, TaskRequest, TaskSpec};
use crate::domain::story::MINUTE;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;

mod look;

/// The tasks in the order they came.
#[derive(Default)]
pub(super) struct Model {
    tasks: Vec<Entry>,
    /// Requests that are taken once, with what they became.
    taken: Vec<(String, TaskId)>,
    /// Requests of this command so far.
    numbered: usize,
    /// Tasks that ended by this command, with how.
    ended: Vec<(TaskId, Ending)>,
    /// Until when each row has had its share, by the tasks that were taken.
    shares: BTreeMap<(Subject, Option<KindName>), Timestamp>,
    /// Triggers that were held and are decided. Walks name none that never was held.
    settled: Vec<Sequence>,
}

#[derive(Clone)]
struct Entry {
    id: TaskId,
    spec: TaskSpec,
    needs: Vec<TaskId>,
    awaits: Vec<Fact>,
    since: Timestamp,
    /// It ended because another one did.
    fell: bool,
    place: Place,
    attempts: u32,
    given_back: u32,
    leases: u64,
}

#[derive(Clone, Debug, PartialEq)]
enum Place {
    Pending(Option<Timestamp>),
    Running(u64, RunId),
    Completed,
    Failed,
    Cancelled,
}

/// The command is refused.
pub(super) struct Refused;

impl Entry {
    fn is_lost(&self) -> bool {
        matches!(self.place, Place::Failed | Place::Cancelled)
    }

    fn is_over(&self) -> bool {
        !matches!(self.place, Place::Pending(_) | Place::Running(..))
    }

    /// What it shares its row with: all of an issue's tasks, one kind's about the repository.
    fn row(&self) -> (Subject, Option<KindName>) {
        let TaskSpec { subject, kind, .. } = &self.spec;
        (*subject, (*subject == Subject::Repository).then(|| kind.clone()))
    }

    fn is_held(&self, lease: u64, run: &RunId) -> bool {
        self.place == Place::Running(lease, run.clone())
    }
}

impl Model {
    /// What the command changes, or that it is refused.
    pub(super) fn obey(&mut self, command: &Command, context: &Context) -> Result<(), Refused> {
        (self.numbered, self.ended) = (0, Vec::new());
        match command {
            Command::RecordTrigger { requests, .. } => self.enqueue(requests, context),
            Command::HoldTrigger { .. } => Ok(()),
            Command::SettleHeld { trigger, .. } if self.settled.contains(trigger) => Err(Refused),
            Command::SettleHeld { trigger, requests } => {
                self.enqueue(requests, context)?;
                self.settled.push(*trigger);
                Ok(())
            }
            Command::Claim { task, room, .. } => self.claim(task, room, context),
            Command::RecordOutcome { task, lease, outcome } => self.finish(task, *lease, outcome, context),
            Command::Release { task, lease, if_final, .. } => {
                let at = self.find(task)?;
                if !matches!(&self.tasks[at].place, Place::Running(live, _) if live == lease) {
                    return Err(Refused);
                }
                if self.tasks[at].attempts == self.tasks[at].spec.max_attempts {
                    return self.end(at, Place::Failed, if_final, context);
                }
                self.tasks[at].place = Place::Pending(None);
                Ok(())
            }
            Command::GiveBack { task, lease, if_final, .. } => {
                let at = self.find(task)?;
                if !self.tasks[at].is_held(*lease, &context.run) {
                    return Err(Refused);
                }
                // As often as twenty times it costs no attempt.
                if self.tasks[at].given_back < 20 {
                    self.tasks[at].given_back += 1;
                    self.tasks[at].attempts -= 1;
                } else if self.tasks[at].attempts == self.tasks[at].spec.max_attempts {
                    return self.end(at, Place::Failed, if_final, context);
                }
                self.tasks[at].place = Place::Pending(None);
                Ok(())
            }
            Command::Cancel { task, .. } => {
                let at = self.find(task)?;
                if self.tasks[at].is_over() {
                    return Err(Refused);
                }
                self.end(at, Place::Cancelled, &[], context)
            }
            Command::Amend { task, priority, not_before, .. } => {
                let at = self.find(task)?;
                let Place::Pending(until) = self.tasks[at].place else { return Err(Refused) };
                let task = &mut self.tasks[at];
                task.spec.priority = priority.unwrap_or(task.spec.priority);
                task.spec.not_before = not_before.or(task.spec.not_before);
                task.place = Place::Pending(not_before.or(until));
                Ok(())
            }
            Command::Expire => {
                let mut order: Vec<usize> = (0..self.tasks.len()).collect();
                order.sort_by_key(|at| (self.tasks[*at].spec.deadline, self.tasks[*at].id.clone()));
                for at in order {
                    let late = self.tasks[at].spec.deadline.is_some_and(|deadline| deadline <= context.now);
                    if late && matches!(self.tasks[at].place, Place::Pending(_)) {
                        self.end(at, Place::Failed, &[], context)?;
                    }
                }
                Ok(())
            }
            Command::Observe(fact) => {
                let waits =
                    |task: &&mut Entry| matches!(task.place, Place::Pending(_)) && task.awaits.contains(fact);
                let waiting: Vec<&mut Entry> = self.tasks.iter_mut().filter(waits).collect();
                if waiting.is_empty() {
                    return Err(Refused);
                }
                waiting.into_iter().for_each(|task| task.awaits.retain(|other| other != fact));
                Ok(())
            }
            Command::Revive { task, .. } => self.revive(task, context.now),
            // Effects and progress change no task's place.
            _ => Ok(()),
        }
    }

    fn revive(&mut self, id: &TaskId, now: Timestamp) -> Result<(), Refused> {
        let at = self.find(id)?;
        let hopeless = |model: &Self, task: &Entry, revived: &[TaskId]| {
            let mut needs = task.needs.iter().filter(|id| !revived.contains(id));
            needs.any(|id| model.get(id).is_none_or(Entry::is_lost))
        };
        if !self.tasks[at].is_lost() || hopeless(self, &self.tasks[at], &[]) {
            return Err(Refused);
        }
        let mut revived = vec![id.clone()];
        for other in 0..self.tasks.len() {
            let task = &self.tasks[other];
            let follows = task.fell && task.is_lost() && task.needs.iter().any(|id| revived.contains(id));
            if follows && !hopeless(self, task, &revived) {
                revived.push(task.id.clone());
            }
        }
        for task in self.tasks.iter_mut().filter(|task| revived.contains(&task.id)) {
            let planned = task.spec.not_before.filter(|at| *at > now);
            (task.place, task.attempts, task.given_back) = (Place::Pending(planned), 0, 0);
            task.spec.deadline = task.spec.deadline.filter(|deadline| *deadline > now);
        }
        Ok(())
    }

    fn get(&self, id: &TaskId) -> Option<&Entry> {
        self.tasks.iter().find(|task| task.id == *id)
    }

    fn find(&self, id: &TaskId) -> Result<usize, Refused> {
        self.tasks.iter().position(|task| task.id == *id).ok_or(Refused)
    }

    fn is_completed(&self, id: &TaskId) -> bool {
        self.get(id).is_some_and(|task| task.place == Place::Completed)
    }

    /// All of the requests or none.
    fn enqueue(&mut self, requests: &[TaskRequest], context: &Context) -> Result<(), Refused> {
        let before = (self.tasks.clone(), self.taken.clone());
        self.enqueue_each(requests, context).inspect_err(|_| (self.tasks, self.taken) = before)
    }

    fn enqueue_each(&mut self, requests: &[TaskRequest], context: &Context) -> Result<(), Refused> {
        let known = self.tasks.len();
        let mut ids: Vec<TaskId> = Vec::new();
        for (place, request) in requests.iter().enumerate() {
            let mut needs = Vec::new();
            // What this very command enqueued cannot be named by id: nobody knows it yet.
            if request.spec.depends_on.iter().any(|id| self.find(id).map_or(true, |at| at >= known)) {
                return Err(Refused);
            }
            let same = request.after.iter().map(|before| ids[*before].clone());
            for id in request.spec.depends_on.iter().cloned().chain(same) {
                match self.tasks[self.find(&id)?].is_lost() {
                    true if request.spec.if_lost != IfLost::Continue => return Err(Refused),
                    true => {}
                    false => needs.push(id),
                }
            }
            needs.retain(|id| !self.is_completed(id));
            if let Some(same) = self.does_the_same(&request.spec, &needs, known, context) {
                ids.push(same);
                continue;
            }
            let id = TaskId::new(format!("{}.{}", context.command, self.numbered + place + 1));
            ids.push(id.clone());
            if let Some(key) = &request.spec.idempotency {
                self.taken.push((key.clone(), id.clone()));
            }
            let spec = TaskSpec { depends_on: needs.clone(), ..request.spec.clone() };
            let (place, awaits) = (Place::Pending(spec.not_before), spec.awaits.clone());
            let (since, fell) = (context.now, false);
            self.tasks.push(Entry {
                id,
                spec,
                needs,
                awaits,
                since,
                fell,
                place,
                attempts: 0,
                given_back: 0,
                leases: 0,
            });
        }
        self.numbered += requests.len();
        Ok(())
    }

    /// The task that a request stands for; it may change that task.
    fn does_the_same(
        &mut self,
        spec: &TaskSpec,
        needs: &[TaskId],
        known: usize,
        context: &Context,
    ) -> Option<TaskId> {
        let once = |key: &String| self.taken.iter().find(|(taken, _)| taken == key);
        if let Some((_, task)) = spec.idempotency.as_ref().and_then(once) {
            return Some(task.clone());
        }
        let same = |task: &&Entry| {
            matches!(task.place, Place::Pending(_))
                && spec.unique.is_some()
                && task.spec.unique == spec.unique
                && (&task.spec.kind, task.spec.subject) == (&spec.kind, spec.subject)
                && needs.iter().all(|id| task.needs.contains(id))
        };
        // Those of this command as they came, then those of before by their ids.
        let mut tasks: Vec<&Entry> = self.tasks.iter().filter(same).collect();
        tasks.sort_by_key(|task| {
            let at = self.tasks.iter().position(|other| other.id == task.id);
            if at >= Some(known) { (0, at, None) } else { (1, None, Some(task.id.clone())) }
        });
        let id = tasks.first()?.id.clone();
        let at = self.tasks.iter().position(|task| task.id == id)?;
        let task = &mut self.tasks[at];
        match spec.on_duplicate {
            OnDuplicate::Drop => {}
            OnDuplicate::Coalesce => {
                task.spec.input = spec.input.clone();
                task.spec.priority = task.spec.priority.max(spec.priority);
                // What was put off goes sooner; what waits after a failure keeps to its wait.
                let wanted = spec.not_before.unwrap_or(context.now);
                if let Place::Pending(Some(at)) = task.place
                    && task.spec.not_before == Some(at)
                    && wanted < at
                {
                    task.spec.not_before = Some(wanted);
                    task.place = Place::Pending(Some(wanted));
                }
            }
            OnDuplicate::Replace => {
                let begins = spec.not_before.unwrap_or(context.now);
                task.spec.input = spec.input.clone();
                task.spec.priority = spec.priority;
                if task.spec.awaits != spec.awaits {
                    task.awaits.clone_from(&spec.awaits);
                }
                task.spec.awaits.clone_from(&spec.awaits);
                task.spec.if_lost = spec.if_lost;
                task.spec.concurrency.clone_from(&spec.concurrency);
                task.spec.max_attempts = spec.max_attempts.max(task.attempts + 1);
                task.spec.deadline = spec.deadline;
                task.spec.hooks.clone_from(&spec.hooks);
                task.spec.not_before = Some(begins);
                task.place = Place::Pending(Some(begins));
                task.since = context.now;
            }
        }
        Some(id)
    }

    fn is_ready(&self, task: &Entry, now: Timestamp) -> bool {
        let running = |other: &&Entry| matches!(other.place, Place::Running(..));
        let same_work = |other: &Entry| {
            task.spec.subject != Subject::Repository
                && (&other.spec.kind, other.spec.subject) == (&task.spec.kind, task.spec.subject)
        };
        let same_key = |other: &Entry| {
            task.spec.concurrency.is_some() && other.spec.concurrency == task.spec.concurrency
        };
        matches!(task.place, Place::Pending(until) if until.is_none_or(|until| until <= now))
            && task.spec.deadline.is_none_or(|deadline| deadline > now)
            && task.needs.is_empty()
            && task.awaits.is_empty()
            && !self.tasks.iter().filter(running).any(|other| same_work(other) || same_key(other))
    }

    fn claim(&mut self, id: &TaskId, room: &Room, context: &Context) -> Result<(), Refused> {
        assert_eq!(room.key, Some(1), "walks have a key as a lock");
        let at = self.find(id)?;
        if !self.is_ready(&self.tasks[at], context.now) {
            return Err(Refused);
        }
        let task = &mut self.tasks[at];
        task.attempts += 1;
        task.leases += 1;
        task.place = Place::Running(task.leases, context.run.clone());
        // A minute for each, and never more than a hundred.
        let share = self.shares.entry(self.tasks[at].row()).or_insert(context.now);
        *share = (*share).max(context.now).plus(MINUTE).min(context.now.plus(100 * MINUTE));
        Ok(())
    }

    fn finish(
        &mut self,
        id: &TaskId,
        lease: u64,
        outcome: &Outcome,
        context: &Context,
    ) -> Result<(), Refused> {
        let at = self.find(id)?;
        if !self.tasks[at].is_held(lease, &context.run) {
            // Recorded, and changes nothing.
            return Ok(());
        }
        let (attempts, most) = (self.tasks[at].attempts, self.tasks[at].spec.max_attempts);
        match outcome {
            Outcome::Completed { follow_ups, .. } => self.end(at, Place::Completed, follow_ups, context),
            Outcome::Failed { failure, if_final } => {
                match failure.class {
                    FailureClass::Permanent => return self.end(at, Place::Failed, if_final, context),
                    FailureClass::RateLimited(until) => {
                        self.tasks[at].attempts -= 1;
                        self.tasks[at].place = Place::Pending(Some(until));
                    }
                    FailureClass::Transient if attempts == most => {
                        return self.end(at, Place::Failed, if_final, context);
                    }
                    FailureClass::Transient => {
                        // Half of thirty seconds, doubled with each attempt.
                        let wait = context.now.plus(MINUTE / 4 * 2_u32.pow(attempts - 1));
                        self.tasks[at].place = Place::Pending(Some(wait));
                    }
                }
                Ok(())
            }
        }
    }

    /// Ends a task, and with it those that cannot do without; then enqueues `more` and what their hooks say. All of
    /// that or nothing.
    fn end(
        &mut self,
        at: usize,
        place: Place,
        more: &[TaskRequest],
        context: &Context,
    ) -> Result<(), Refused> {
        let before = (self.tasks.clone(), self.taken.clone());
        self.ended.clear();
        self.fall(at, place, false);
        let mut outcome = self.enqueue(more, context);
        for (id, ending) in std::mem::take(&mut self.ended) {
            let hooks = self.get(&id).map(|task| task.spec.hooks.clone()).unwrap_or_default();
            let due = hooks.into_iter().filter(|hook| hook.on.contains(&ending));
            let requests: Vec<TaskRequest> = due.map(|hook| hook.task.into()).collect();
            outcome = outcome.and_then(|()| self.enqueue(&requests, context));
        }
        outcome.inspect_err(|_| (self.tasks, self.taken) = before)
    }

    /// One level after the other, as the log tells it.
    fn fall(&mut self, at: usize, place: Place, fell: bool) {
        let (mut row, mut doomed) = (vec![(at, place, fell)], vec![at]);
        while !row.is_empty() {
            let mut next: Vec<(usize, Place, bool)> = Vec::new();
            for (at, place, fell) in row {
                let id = self.tasks[at].id.clone();
                let completed = place == Place::Completed;
                let ending = match place {
                    Place::Completed => Ending::Completed,
                    Place::Failed => Ending::Failed,
                    _ => Ending::Cancelled,
                };
                (self.tasks[at].place, self.tasks[at].fell) = (place, fell);
                self.ended.push((id.clone(), ending));
                let mut dependants: Vec<usize> = (0..self.tasks.len()).collect();
                dependants.retain(|other| self.tasks[*other].needs.contains(&id));
                dependants.sort_by_key(|other| self.tasks[*other].id.clone());
                for other in dependants {
                    let task = &mut self.tasks[other];
                    if !matches!(task.place, Place::Pending(_) | Place::Failed | Place::Cancelled) {
                        continue;
                    }
                    if completed || task.spec.if_lost == IfLost::Continue {
                        task.needs.retain(|needed| *needed != id);
                    } else if matches!(task.place, Place::Pending(_)) && !doomed.contains(&other) {
                        doomed.push(other);
                        let skips = task.spec.if_lost == IfLost::Skip;
                        next.push((other, if skips { Place::Cancelled } else { Place::Failed }, true));
                    }
                }
            }
            row = next;
        }
    }
}
