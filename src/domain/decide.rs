//! What follows from a command: pure, so that it can be decided again whenever the log has moved on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::actor::Actor;
use super::command::{Command, Context, Outcome, Rejection};
use super::count::counted;
use super::effect::Intent;
use super::event::{
    EffectCompleted, Event, OutcomeIgnored, Recorded, Stamp, TaskCancelled, TaskClaimed, TaskCompleted,
    TaskEnqueued, TaskFailed, TaskReleased, TaskRetried, TaskRevived, TriggerHeld, TriggerSettled,
};
use super::failure::Failure;
use super::id::{EffectId, Sequence, TaskId};
use super::retry;
use super::state::State;
use super::subject::Subject;
use super::task::{Status, Task, TaskRequest, TaskSpec};
use super::trigger::Trigger;

/// Decides what happens when `command` meets `state`. The same values give the same events.
///
/// # Errors
/// [`Rejection`] with the reason; nothing is to be recorded then.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<Recorded>, Rejection> {
    let mut decision = Decision::new(state, context);
    match command {
        Command::RecordTrigger { trigger, requests } => {
            let at = decision.received(trigger)?;
            decision.enqueue(requests, Some(at), Some(at))?;
        }
        Command::HoldTrigger { trigger, reason } => {
            let at = decision.received(trigger)?;
            let held = Event::TriggerHeld(TriggerHeld { trigger: at, reason: reason.clone() });
            decision.push(trigger.subject, Actor::automata(), Some(at), Some(at), held);
        }
        Command::SettleHeld { trigger, requests } => {
            let (at, held) = state.held.get_key_value(trigger).ok_or(Rejection::NotHeld(*trigger))?;
            let settled = Event::TriggerSettled(TriggerSettled { trigger: *at });
            decision.push(held.subject, Actor::automata(), Some(*at), Some(*at), settled);
            decision.enqueue(requests, Some(*at), Some(*at))?;
        }
        Command::RefuseTrigger(refused) => {
            let event = Event::TriggerRefused(refused.clone());
            decision.push(Subject::Repository, Actor::system(), None, None, event);
        }
        Command::Claim { task, until } => {
            let task = decision.task(task)?;
            decision.expect_pending(task)?;
            if state.waits(task, context.now).is_some() {
                return Err(Rejection::NotReady(task.id.clone()));
            }
            let claimed = TaskClaimed { task: task.id.clone(), lease: task.leases + 1, until: *until };
            decision.about(task, Event::TaskClaimed(claimed));
        }
        Command::Intend { task, lease, step, kind, target, detail } => {
            let task = decision.held(task, *lease)?;
            let intent = Intent {
                effect: EffectId::of(&task.id, step),
                task: task.id.clone(),
                lease: *lease,
                kind: *kind,
                target: target.clone(),
                detail: detail.clone(),
            };
            let announced = state.effects.get(&intent.effect);
            let same = |intent: &Intent, before: &Intent| {
                (intent.kind, &intent.target, &intent.detail) == (before.kind, &before.target, &before.detail)
            };
            if !announced.is_some_and(|before| same(&intent, &before.intent)) {
                decision.about(task, Event::EffectIntended(intent));
            }
        }
        Command::CompleteEffect { effect, receipt, adopted } => {
            let known = state.effects.get(effect).ok_or_else(|| Rejection::UnknownEffect(effect.clone()))?;
            let task = decision.task(&known.intent.task)?;
            let holds = task.lease().is_some_and(|lease| lease.run == context.run);
            if !(holds || known.run == context.run) {
                return Err(Rejection::Overtaken(effect.clone()));
            }
            let completed =
                EffectCompleted { effect: effect.clone(), receipt: receipt.clone(), adopted: *adopted };
            if known.receipt.as_ref() != Some(receipt) {
                decision.about(task, Event::EffectCompleted(completed));
            }
        }
        Command::RecordOutcome { task, lease, outcome } => decision.outcome(task, *lease, outcome)?,
        Command::Release { task, lease, reason, if_final } => {
            let task = decision.task(task)?;
            if task.lease().is_none_or(|held| held.number != *lease) {
                return Err(Rejection::StaleLease { task: task.id.clone(), lease: *lease });
            }
            if task.attempts >= task.spec.max_attempts {
                let failure = Failure::permanent(
                    "crashed_too_often",
                    format!("{}; the last: {reason}", unreported(task.attempts)),
                )
                .hint("Look at the log of the run that held it, then `automata revive` the task.");
                decision.give_up(task, Some(*lease), failure, if_final)?;
            } else {
                let (task_id, reason) = (task.id.clone(), reason.clone());
                decision
                    .about(task, Event::TaskReleased(TaskReleased { task: task_id, lease: *lease, reason }));
            }
        }
        Command::Cancel { task, reason } => {
            let task = decision.task(task)?;
            if task.status.is_final() {
                return Err(wrong_status(task));
            }
            let cancelled = TaskCancelled { task: task.id.clone(), reason: reason.clone() };
            decision.about(task, Event::TaskCancelled(cancelled));
            decision.fail_dependants(&task.id, "was cancelled");
        }
        Command::Revive { task, reason } => {
            let task = decision.task(task)?;
            if !matches!(task.status, Status::Failed { .. }) {
                return Err(wrong_status(task));
            }
            // It would wait for ever.
            if let Some(lost) = task.spec.depends_on.iter().find(|id| !decision.can_complete(id)) {
                return Err(Rejection::UnknownDependency(lost.clone()));
            }
            let revived = TaskRevived { task: task.id.clone(), reason: reason.clone() };
            decision.about(task, Event::TaskRevived(revived));
        }
    }
    Ok(decision.events)
}

fn unreported(attempts: u32) -> String {
    let began = counted(attempts, "attempt", "attempts");
    if attempts == 1 {
        format!("{began} began and did not report back")
    } else {
        format!("{began} began and none reported back")
    }
}

fn wrong_status(task: &Task) -> Rejection {
    Rejection::WrongStatus { task: task.id.clone(), status: task.status.name() }
}

/// The events decided so far, and what they change that later ones must know.
struct Decision<'a> {
    state: &'a State,
    context: &'a Context,
    events: Vec<Recorded>,
    /// Tasks that these events give up or call off.
    lost: BTreeSet<TaskId>,
    /// The task that these events complete.
    completed: Option<TaskId>,
    /// Tasks with a unique key that these events enqueue, each with what it waits for.
    keys: BTreeMap<String, Vec<(TaskId, Vec<TaskId>)>>,
}

impl<'a> Decision<'a> {
    const fn new(state: &'a State, context: &'a Context) -> Self {
        Self {
            state,
            context,
            events: Vec::new(),
            lost: BTreeSet::new(),
            completed: None,
            keys: BTreeMap::new(),
        }
    }

    fn next(&self) -> Sequence {
        self.state.sequence.plus(self.events.len() as u64 + 1)
    }

    fn push(
        &mut self,
        subject: Subject,
        actor: Actor,
        cause: Option<Sequence>,
        correlation: Option<Sequence>,
        event: Event,
    ) {
        let (at, run) = (self.context.now, self.context.run.clone());
        let stamp = Stamp { sequence: self.next(), subject, at, actor, run, cause, correlation };
        self.events.push(Recorded { stamp, event });
    }

    /// Records a trigger that is not in the log yet, and gives its place.
    fn received(&mut self, trigger: &Trigger) -> Result<Sequence, Rejection> {
        if let Some(seen) = self.state.triggers.get(&trigger.identity) {
            return Err(Rejection::Duplicate(seen.sequence));
        }
        let at = self.next();
        let event = Event::TriggerReceived(Box::new(trigger.clone()));
        self.push(trigger.subject, trigger.actor.clone(), None, Some(at), event);
        Ok(at)
    }

    /// Adds an event of ours about a task.
    fn about(&mut self, task: &Task, event: Event) {
        self.push(task.spec.subject, Actor::automata(), Some(task.enqueued), task.correlation, event);
    }

    fn task(&self, id: &TaskId) -> Result<&'a Task, Rejection> {
        self.state.tasks.get(id).ok_or_else(|| Rejection::UnknownTask(id.clone()))
    }

    fn expect_pending(&self, task: &Task) -> Result<(), Rejection> {
        if matches!(task.status, Status::Pending { .. }) { Ok(()) } else { Err(wrong_status(task)) }
    }

    fn held(&self, id: &TaskId, lease: u64) -> Result<&'a Task, Rejection> {
        let task = self.task(id)?;
        if task.is_held_by(&self.context.run, lease) {
            Ok(task)
        } else {
            Err(Rejection::StaleLease { task: id.clone(), lease })
        }
    }

    /// Enqueues requests. One whose unique key a pending task has already stands for that task.
    fn enqueue(
        &mut self,
        requests: &[TaskRequest],
        cause: Option<Sequence>,
        correlation: Option<Sequence>,
    ) -> Result<(), Rejection> {
        let mut ids: Vec<TaskId> = Vec::with_capacity(requests.len());
        for (place, request) in requests.iter().enumerate() {
            let needs = self.needs(place, request, &ids)?;
            let unique = request.spec.unique.as_deref();
            if let Some(existing) = unique.and_then(|key| self.stands_for(key, &needs)) {
                ids.push(existing);
                continue;
            }
            let id = TaskId::of(&self.context.command, place + 1);
            if let Some(key) = unique {
                self.keys.entry(key.to_owned()).or_default().push((id.clone(), needs.clone()));
            }
            ids.push(id.clone());
            let max_attempts = request.spec.max_attempts.max(1);
            let spec = TaskSpec { depends_on: needs, max_attempts, ..request.spec.clone() };
            let subject = spec.subject;
            let event = Event::TaskEnqueued(Box::new(TaskEnqueued { task: id, spec }));
            self.push(subject, Actor::automata(), cause, correlation, event);
        }
        Ok(())
    }

    /// What a request waits for. Completed tasks are left out: they may be forgotten before it runs.
    fn needs(&self, place: usize, request: &TaskRequest, ids: &[TaskId]) -> Result<Vec<TaskId>, Rejection> {
        let mut needs = request.spec.depends_on.clone();
        if let Some(lost) = needs.iter().find(|id| !self.can_complete(id)) {
            return Err(Rejection::UnknownDependency(lost.clone()));
        }
        for waits_for in &request.after {
            // Only what stands before can be named, so no circle can close.
            let bad = Rejection::BadDependency { request: place, waits_for: *waits_for };
            needs.push(ids.get(*waits_for).cloned().ok_or(bad)?);
        }
        needs.retain(|id| !self.is_completed(id));
        Ok(needs)
    }

    fn is_completed(&self, id: &TaskId) -> bool {
        self.completed.as_ref() == Some(id) || self.state.is_completed(id)
    }

    /// Whether the task is there and may still be completed, or is.
    fn can_complete(&self, id: &TaskId) -> bool {
        let ended = |task: &Task| matches!(task.status, Status::Failed { .. } | Status::Cancelled { .. });
        !self.lost.contains(id) && self.state.tasks.get(id).is_some_and(|task| !ended(task))
    }

    /// The pending task that does what another with the same unique key would do: one that waits for all
    /// that the other would wait for, or it would run too early to see it.
    fn stands_for(&self, key: &str, needs: &[TaskId]) -> Option<TaskId> {
        let waits = |depends_on: &[TaskId]| needs.iter().all(|id| depends_on.contains(id));
        let decided = self.keys.get(key).into_iter().flatten();
        let decided = decided.filter(|(_, depends_on)| waits(depends_on)).map(|(id, _)| id);
        let pending = self.state.pending_with_key(key);
        let pending = pending.filter(|task| waits(&task.spec.depends_on)).map(|task| &task.id);
        // One that fails or is called off in this very decision will do nothing any more.
        decided.chain(pending).find(|id| !self.lost.contains(*id)).cloned()
    }

    fn outcome(&mut self, id: &TaskId, lease: u64, outcome: &Outcome) -> Result<(), Rejection> {
        let task = self.task(id)?;
        if !task.is_held_by(&self.context.run, lease) {
            let word = match outcome {
                Outcome::Completed { .. } => "completed",
                Outcome::Failed { .. } => "failed",
            };
            let ignored = OutcomeIgnored { task: id.clone(), lease, outcome: word.to_owned() };
            self.about(task, Event::OutcomeIgnored(ignored));
            return Ok(());
        }
        match outcome {
            Outcome::Completed { output, follow_ups } => {
                let cause = self.next();
                let completed = TaskCompleted { task: id.clone(), lease, output: output.clone() };
                self.about(task, Event::TaskCompleted(completed));
                self.completed = Some(id.clone());
                self.enqueue(follow_ups, Some(cause), task.correlation)
            }
            Outcome::Failed { failure, if_final } => {
                let Context { now, jitter, .. } = *self.context;
                match retry::after(failure, task.attempts, task.spec.max_attempts, now, jitter) {
                    retry::Next::Retry(not_before) => {
                        let failure = failure.clone();
                        let retried = TaskRetried { task: id.clone(), lease, failure, not_before };
                        self.about(task, Event::TaskRetried(retried));
                        Ok(())
                    }
                    retry::Next::GiveUp => self.give_up(task, Some(lease), failure.clone(), if_final),
                }
            }
        }
    }

    fn give_up(
        &mut self,
        task: &Task,
        lease: Option<u64>,
        failure: Failure,
        if_final: &[TaskRequest],
    ) -> Result<(), Rejection> {
        let cause = self.next();
        self.about(task, Event::TaskFailed(TaskFailed { task: task.id.clone(), lease, failure }));
        self.fail_dependants(&task.id, "failed");
        self.enqueue(if_final, Some(cause), task.correlation)
    }

    /// Whatever waits for a task that will never be completed fails with it, and so on down.
    fn fail_dependants(&mut self, id: &TaskId, what: &str) {
        self.lost.insert(id.clone());
        let mut open = VecDeque::from([id.clone()]);
        while let Some(lost) = open.pop_front() {
            for task in self.state.dependants(&lost) {
                if !self.lost.insert(task.id.clone()) {
                    continue;
                }
                let failure = Failure::permanent(
                    "dependency_failed",
                    format!("task {id}, which this one needs, {what}"),
                );
                open.push_back(task.id.clone());
                let failed = TaskFailed { task: task.id.clone(), lease: None, failure };
                self.about(task, Event::TaskFailed(failed));
            }
        }
    }
}

#[cfg(test)]
mod tests;
