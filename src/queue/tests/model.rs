//! The reference: the queue's rules a second time, as plainly as they can be said, on a list of tasks.

use crate::domain::command::{Command, Context, Outcome};
use crate::domain::failure::FailureClass;
use crate::domain::id::{RunId, Sequence, TaskId};
use crate::domain::state::State;
use crate::domain::story::MINUTE;
use crate::domain::subject::Subject;
use crate::domain::task::{Status, TaskRequest, TaskSpec};
use crate::domain::time::Timestamp;

/// The tasks in the order they came.
#[derive(Default)]
pub(super) struct Model {
    tasks: Vec<Entry>,
    /// Triggers that were held and are decided. Walks name none that never was held.
    settled: Vec<Sequence>,
}

struct Entry {
    id: TaskId,
    spec: TaskSpec,
    since: Timestamp,
    place: Place,
    attempts: u32,
    leases: u64,
}

#[derive(Clone, PartialEq)]
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

    fn is_held(&self, lease: u64, run: &RunId) -> bool {
        self.place == Place::Running(lease, run.clone())
    }
}

impl Model {
    /// What the command changes, or that it is refused.
    pub(super) fn obey(&mut self, command: &Command, context: &Context) -> Result<(), Refused> {
        match command {
            Command::RecordTrigger { requests, .. } => self.enqueue(requests, context),
            Command::HoldTrigger { .. } => Ok(()),
            Command::SettleHeld { trigger, .. } if self.settled.contains(trigger) => Err(Refused),
            Command::SettleHeld { trigger, requests } => {
                self.enqueue(requests, context)?;
                self.settled.push(*trigger);
                Ok(())
            }
            Command::Claim { task, .. } => self.claim(task, context),
            Command::RecordOutcome { task, lease, outcome } => self.finish(task, *lease, outcome, context),
            Command::Release { task, lease, if_final, .. } => {
                let at = self.find(task)?;
                if !matches!(&self.tasks[at].place, Place::Running(live, _) if live == lease) {
                    return Err(Refused);
                }
                if self.tasks[at].attempts == self.tasks[at].spec.max_attempts {
                    return self.give_up(at, if_final, context);
                }
                self.tasks[at].place = Place::Pending(None);
                Ok(())
            }
            Command::Cancel { task, .. } => {
                let at = self.find(task)?;
                if !matches!(self.tasks[at].place, Place::Pending(_) | Place::Running(..)) {
                    return Err(Refused);
                }
                self.lose(at, Place::Cancelled);
                Ok(())
            }
            Command::Revive { task, .. } => {
                let at = self.find(task)?;
                let mut needs = self.tasks[at].spec.depends_on.iter().filter_map(|id| self.get(id));
                if self.tasks[at].place != Place::Failed || needs.any(Entry::is_lost) {
                    return Err(Refused);
                }
                (self.tasks[at].place, self.tasks[at].attempts) = (Place::Pending(None), 0);
                Ok(())
            }
            // Effects change no task.
            _ => Ok(()),
        }
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
        let known = self.tasks.len();
        let outcome = self.enqueue_each(requests, context);
        if outcome.is_err() {
            self.tasks.truncate(known);
        }
        outcome
    }

    fn enqueue_each(&mut self, requests: &[TaskRequest], context: &Context) -> Result<(), Refused> {
        let known = self.tasks.len();
        let mut ids: Vec<TaskId> = Vec::new();
        for (place, request) in requests.iter().enumerate() {
            let mut needs = request.spec.depends_on.clone();
            // What this very command enqueued cannot be named by id: nobody knows it yet.
            if needs.iter().any(|id| self.find(id).map_or(true, |at| at >= known || self.tasks[at].is_lost()))
            {
                return Err(Refused);
            }
            needs.extend(request.after.iter().map(|before| ids[*before].clone()));
            needs.retain(|id| !self.is_completed(id));
            let waits_for_all = |task: &&Entry| needs.iter().all(|id| task.spec.depends_on.contains(id));
            let does_the_same = |task: &&Entry| {
                matches!(task.place, Place::Pending(_))
                    && request.spec.unique.is_some()
                    && task.spec.unique == request.spec.unique
                    && waits_for_all(task)
            };
            let (before, now) = self.tasks.split_at(known);
            let among_older = || before.iter().filter(does_the_same).min_by_key(|task| &task.id);
            if let Some(same) = now.iter().find(does_the_same).or_else(among_older) {
                ids.push(same.id.clone());
                continue;
            }
            let id = TaskId::new(format!("{}.{}", context.command, place + 1));
            ids.push(id.clone());
            let spec = TaskSpec { depends_on: needs, ..request.spec.clone() };
            let place = Place::Pending(spec.not_before);
            self.tasks.push(Entry { id, spec, since: context.now, place, attempts: 0, leases: 0 });
        }
        Ok(())
    }

    fn is_ready(&self, task: &Entry, now: Timestamp) -> bool {
        let same_work = |other: &Entry| {
            matches!(other.place, Place::Running(..))
                && task.spec.subject != Subject::Repository
                && (&other.spec.kind, other.spec.subject) == (&task.spec.kind, task.spec.subject)
        };
        matches!(task.place, Place::Pending(until) if until.is_none_or(|until| until <= now))
            && task.spec.depends_on.iter().all(|id| self.is_completed(id))
            && !self.tasks.iter().any(same_work)
    }

    fn claim(&mut self, id: &TaskId, context: &Context) -> Result<(), Refused> {
        let at = self.find(id)?;
        if !self.is_ready(&self.tasks[at], context.now) {
            return Err(Refused);
        }
        let task = &mut self.tasks[at];
        task.attempts += 1;
        task.leases += 1;
        task.place = Place::Running(task.leases, context.run.clone());
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
            Outcome::Completed { follow_ups, .. } => {
                let before = std::mem::replace(&mut self.tasks[at].place, Place::Completed);
                self.enqueue(follow_ups, context).inspect_err(|_| self.tasks[at].place = before)
            }
            Outcome::Failed { failure, if_final } => {
                if failure.is_permanent() || attempts == most {
                    return self.give_up(at, if_final, context);
                }
                let wait = match failure.class {
                    FailureClass::RateLimited(until) => until,
                    // Half of thirty seconds, doubled with each attempt.
                    _ => context.now.plus(MINUTE / 4 * 2_u32.pow(attempts - 1)),
                };
                self.tasks[at].place = Place::Pending(Some(wait));
                Ok(())
            }
        }
    }

    /// Ends a task for good and enqueues what tells of it, both or nothing.
    fn give_up(&mut self, at: usize, if_final: &[TaskRequest], context: &Context) -> Result<(), Refused> {
        let before: Vec<Place> = self.tasks.iter().map(|task| task.place.clone()).collect();
        self.lose(at, Place::Failed);
        self.enqueue(if_final, context).inspect_err(|_| {
            self.tasks.iter_mut().zip(before).for_each(|(task, place)| task.place = place);
        })
    }

    /// Ends a task otherwise than well, and with it all that waits for it.
    fn lose(&mut self, at: usize, place: Place) {
        self.tasks[at].place = place;
        let id = self.tasks[at].id.clone();
        for other in 0..self.tasks.len() {
            let waits = self.tasks[other].spec.depends_on.contains(&id);
            if waits && matches!(self.tasks[other].place, Place::Pending(_)) {
                self.lose(other, Place::Failed);
            }
        }
    }

    /// What to claim now: again and again the best that is ready and not beside another of its sort.
    pub(super) fn plan(&self, now: Timestamp, most: usize) -> Vec<&TaskId> {
        let mut ready: Vec<&Entry> = self.tasks.iter().filter(|task| self.is_ready(task, now)).collect();
        // Milliseconds of waiting, with a minute for each point of priority.
        let weight = |task: &Entry| {
            let begins = task.spec.not_before.unwrap_or(task.since).max(task.since);
            (now.as_millis() - begins.as_millis()) + 60_000 * i64::from(task.spec.priority.value())
        };
        let mut planned: Vec<&TaskId> = Vec::new();
        while planned.len() < most {
            // The first of the best: `max_by_key` would give the last.
            let Some(best) = ready.iter().map(|task| weight(task)).max() else { break };
            let Some(at) = ready.iter().position(|task| weight(task) == best) else { break };
            let chosen = ready.remove(at);
            planned.push(&chosen.id);
            ready.retain(|task| {
                task.spec.subject == Subject::Repository
                    || (&task.spec.kind, task.spec.subject) != (&chosen.spec.kind, chosen.spec.subject)
            });
        }
        planned
    }

    /// The first difference between this and a state, in words.
    pub(super) fn difference(&self, state: &State) -> Option<String> {
        if self.tasks.len() != state.tasks.len() {
            return Some(format!("{} tasks and not {}", state.tasks.len(), self.tasks.len()));
        }
        self.tasks.iter().find_map(|task| {
            let Some(found) = state.tasks.get(&task.id) else {
                return Some(format!("{} is missing", task.id));
            };
            let place = match &found.status {
                Status::Pending { not_before, .. } => Place::Pending(*not_before),
                Status::Running { lease } => Place::Running(lease.number, lease.run.clone()),
                Status::Completed { .. } => Place::Completed,
                Status::Failed { .. } => Place::Failed,
                Status::Cancelled { .. } => Place::Cancelled,
            };
            let same = place == task.place
                && found.spec == task.spec
                && (found.attempts, found.leases) == (task.attempts, task.leases);
            (!same).then(|| format!("{} is another: {found:?}", task.id))
        })
    }
}
