//! What follows from a command: pure, so that it can be decided again whenever the log has moved on.

use std::collections::{BTreeMap, BTreeSet};

use super::actor::Actor;
use super::circuit::Breaker;
use super::command::{Command, Context, Rejection};
use super::effect::Intent;
use super::event::{
    CommandJudged, EffectCompleted, Event, FactObserved, Recorded, ScheduleFired, ScheduleRemoved,
    ScheduleSet, Stamp, SubjectPaused, SubjectResumed, TaskAmended, TaskCancelled, TaskClaimed,
    TaskProgressed, TriggerHeld, TriggerSettled,
};
use super::id::{EffectId, Sequence, TaskId};
use super::rollout::Case;
use super::schedule::SetBy;
use super::spec::{Ending, TaskRequest};
use super::state::{State, Wait};
use super::subject::Subject;
use super::task::{Status, Task};
use super::tasks::Likeness;
use super::trigger::Trigger;
use super::used::Used;

mod as_of;
mod drive;
mod ending;
mod enqueue;
mod order;
mod roll_back;
mod rollout;
mod telling;

pub use as_of::{reads_texts, text_of};
pub use roll_back::RollBack;

/// Decides what happens when `command` meets `state`. The same values give the same events.
///
/// # Errors
/// [`Rejection`] with the reason; nothing is to be recorded then.
pub fn decide(state: &State, command: &Command, context: &Context) -> Result<Vec<Recorded>, Rejection> {
    let mut decision = Decision::new(state, context);
    match command {
        Command::RecordTrigger { trigger, requests } => {
            let at = decision.received(trigger)?;
            decision.trigger = Some(trigger);
            decision.see(trigger);
            decision.turn_on(trigger, at);
            decision.outdate(trigger)?;
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
        Command::Enqueue(requests) => {
            decision.is_asked = true;
            decision.enqueue(requests, None, None)?;
            decision.is_asked = false;
        }
        Command::Show(requests) => decision.enqueue(requests, None, None)?,
        Command::Amend { task, input, priority, not_before, reason } => {
            let task = decision.task(task)?;
            decision.expect_pending(task)?;
            let amended = TaskAmended {
                task: task.id.clone(),
                input: input.clone(),
                priority: *priority,
                not_before: *not_before,
                restarts: false,
                terms: None,
                as_of: None,
                reason: reason.clone(),
            };
            decision.about(task, Event::TaskAmended(amended));
        }
        Command::ShowAs { task, as_of, reason } => {
            let task = decision.task(task)?;
            decision.expect_pending(task)?;
            let amended = TaskAmended {
                task: task.id.clone(),
                input: None,
                priority: None,
                not_before: None,
                restarts: false,
                terms: None,
                as_of: Some(as_of.clone()),
                reason: reason.clone(),
            };
            decision.about(task, Event::TaskAmended(amended));
        }
        Command::Claim { task, until, room } => {
            let task = decision.task(task)?;
            decision.expect_pending(task)?;
            match state.waits_in(task, room, context.now) {
                Some(Wait::Throttled(full)) => return Err(Rejection::NoRoom { task: task.id.clone(), full }),
                Some(_) => return Err(Rejection::NotReady(task.id.clone())),
                None => {}
            }
            if task.spec.deadline.is_some_and(|deadline| deadline <= context.now) {
                return Err(Rejection::NotReady(task.id.clone()));
            }
            let spends = room.spends.iter().map(|spend| (spend.service.clone(), spend.tokens)).collect();
            let claimed =
                TaskClaimed { task: task.id.clone(), lease: task.leases + 1, until: *until, spends };
            decision.about(task, Event::TaskClaimed(claimed));
        }
        Command::Progress { task, lease, progress } => {
            let task = decision.held(task, *lease)?;
            let progress = progress.clone();
            let progressed = TaskProgressed { task: task.id.clone(), lease: *lease, progress, tries: None };
            decision.about(task, Event::TaskProgressed(progressed));
        }
        Command::Try { task, lease, assistant } => {
            let task = decision.held(task, *lease)?;
            let breaker = Breaker::Assistant(assistant.clone());
            if let Some(full) = state.left_alone(&breaker, task, context.now) {
                return Err(Rejection::NoRoom { task: task.id.clone(), full });
            }
            // What was kept on the way stays.
            let progress = task.progress.clone().unwrap_or_default();
            let tries = Some(assistant.clone());
            let progressed = TaskProgressed { task: task.id.clone(), lease: *lease, progress, tries };
            decision.about(task, Event::TaskProgressed(progressed));
        }
        Command::Expire => decision.expire()?,
        Command::Observe(fact) => {
            if state.tasks.awaiting(*fact).next().is_none() {
                return Err(Rejection::NotAwaited(*fact));
            }
            decision.alone(Event::FactObserved(FactObserved { fact: *fact }));
        }
        // Another run may have set it from the same configuration, and what is due of it must not be put off.
        Command::SetSchedule { name, schedule, .. }
            if state.schedules.get(name).is_some_and(|known| known.schedule == **schedule) => {}
        Command::SetSchedule { name, schedule, next } => {
            // What somebody set by hand is taken away by hand, and by hand nothing is set over something else.
            if let Some(known) = state.schedules.get(name)
                && [schedule.set_by, known.schedule.set_by].contains(&SetBy::Hand)
            {
                return Err(Rejection::NameTaken(name.clone()));
            }
            let (name, schedule) = (name.clone(), schedule.as_ref().clone());
            decision.alone(Event::ScheduleSet(Box::new(ScheduleSet { name, schedule, next: *next })));
        }
        // Another run may have looked further.
        Command::Reconciled(reconciled) if state.reconciled >= Some(reconciled.until) => {}
        Command::Reconciled(reconciled) => {
            decision.alone(Event::RepositoryReconciled(reconciled.clone()));
        }
        // The same labels give the same model.
        Command::Learned(learned) if state.learned.as_ref() == Some(learned) => {}
        Command::Learned(learned) => decision.alone(Event::ModelLearned(learned.clone())),
        Command::ReadDrive { since, read, changes } => {
            decision.read_drive(since.as_deref(), read, changes)?
        }
        Command::CountDrive(used) if used.is_nothing() => {}
        Command::CountDrive(used) => decision.alone(Event::DriveUsed(used.clone())),
        Command::SetAside(_) if state.learned.is_none() => {}
        Command::SetAside(set_aside) => decision.alone(Event::ModelSetAside(set_aside.clone())),
        Command::RemoveSchedule { name, reason } => {
            if !state.schedules.contains_key(name) {
                return Err(Rejection::UnknownSchedule(name.clone()));
            }
            let removed = ScheduleRemoved { name: name.clone(), reason: reason.clone() };
            decision.alone(Event::ScheduleRemoved(removed));
        }
        Command::Fire { name, due, times, missed, next } => {
            let known = state.schedules.get(name).ok_or_else(|| Rejection::UnknownSchedule(name.clone()))?;
            if known.next != *due || *due > context.now {
                return Err(Rejection::NotDue(name.clone()));
            }
            let at = decision.next();
            let (name, times, missed) = (name.clone(), times.clone(), *missed);
            let count = times.len();
            decision.alone(Event::ScheduleFired(ScheduleFired { name, times, missed, next: *next }));
            let request = TaskRequest::from(known.schedule.task.clone());
            decision.enqueue(&vec![request; count], Some(at), Some(at))?;
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
        Command::RecordAnswer(answer) => {
            let task = decision.task(&answer.task)?;
            decision.about(task, Event::AssistantAnswered(answer.as_ref().clone()));
        }
        Command::RecordOutcome { task, lease, outcome } => decision.outcome(task, *lease, outcome)?,
        Command::Release { task, lease, reason, if_final } => {
            let task = decision.task(task)?;
            if task.lease().is_none_or(|held| held.number != *lease) {
                return Err(Rejection::StaleLease { task: task.id.clone(), lease: *lease });
            }
            decision.release(task, *lease, reason, if_final)?;
        }
        Command::GiveBack { task, lease, reason, if_final } => {
            let task = decision.held(task, *lease)?;
            decision.give_back(task, *lease, reason, if_final)?;
        }
        Command::Cancel { task, reason } => {
            let task = decision.task(task)?;
            if task.status.is_final() {
                return Err(wrong_status(task));
            }
            let cancelled = TaskCancelled { task: task.id.clone(), reason: reason.clone() };
            decision.end(task, Event::TaskCancelled(cancelled), Ending::Cancelled, &[])?;
        }
        Command::Judge { subject, granted, judged } => {
            let judged = judged.clone();
            let event = if *granted { Event::CommandGranted(judged) } else { Event::CommandRefused(judged) };
            decision.said(*subject, event);
        }
        Command::Weigh { subject, granted, judged } => decision.weigh(*subject, *granted, judged),
        Command::Answer { subject, answered } => {
            decision.said(*subject, Event::CommandAnswered(answered.clone()));
        }
        Command::Pause { subject, reason } => {
            decision.expect_paused(*subject, false)?;
            decision.said(*subject, Event::SubjectPaused(SubjectPaused { reason: reason.clone() }));
        }
        Command::Resume { subject, reason } => {
            decision.expect_paused(*subject, true)?;
            decision.said(*subject, Event::SubjectResumed(SubjectResumed { reason: reason.clone() }));
        }
        Command::PauseFeature { feature, reason } => decision.pause_feature(*feature, reason)?,
        Command::ResumeFeature { feature, reason } => decision.resume_feature(*feature, reason)?,
        Command::RecordForgotten(forgotten) => {
            let subject = forgotten.subjects.first().copied().unwrap_or(Subject::Repository);
            decision.said(subject, Event::TextForgotten(forgotten.clone()));
        }
        Command::RecordUsed(used) => decision.used(used),
        Command::RollBack(wanted) => decision.roll_back(wanted)?,
        Command::OnBehalf { task, lease, actor, command } => {
            decision.held(task, *lease)?;
            return decision.on_behalf(task, actor, command);
        }
        Command::Revive { task, input, reason } => decision.revive(task, input.as_ref(), reason)?,
    }
    decision.judge_features();
    decision.tell()?;
    Ok(decision.events)
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
    keys: BTreeMap<Likeness, Vec<(TaskId, Vec<TaskId>)>>,
    /// What requests become, in these events, that are taken only once.
    taken: BTreeMap<String, TaskId>,
    /// The last task with a lock that these events enqueue.
    locks: BTreeMap<String, TaskId>,
    /// Requests so far, by which the next ones are numbered.
    requests: usize,
    /// What the trigger shows of what it is about, which the state does not know yet.
    seen: Option<Case>,
    /// What happened outside, where that leads to what is enqueued.
    trigger: Option<&'a Trigger>,
    /// Whether a person asks for what is enqueued: no feature does it by itself.
    is_asked: bool,
    /// The task from which follows what is enqueued.
    follows: Option<&'a Task>,
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
            taken: BTreeMap::new(),
            locks: BTreeMap::new(),
            requests: 0,
            seen: None,
            trigger: None,
            is_asked: false,
            follows: None,
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

    /// Adds an event about a task.
    fn about(&mut self, task: &Task, event: Event) {
        let actor = self.context.actor.clone();
        self.push(task.spec.subject, actor, Some(task.enqueued), task.correlation, event);
    }

    /// Adds what was used, each about what the task is about that it was used for.
    fn used(&mut self, used: &[Used]) {
        for used in used {
            let task = match used {
                Used::Credential(credential) => credential.task.as_ref(),
                Used::KeysOpened(_) | Used::KeysChanged(_) => None,
            };
            let event = Event::Used(used.clone());
            match task.and_then(|task| self.state.tasks.get(task)) {
                Some(task) => self.about(task, event),
                None => self.alone(event),
            }
        }
    }

    /// Adds an event about the repository as a whole.
    fn alone(&mut self, event: Event) {
        self.push(Subject::Repository, self.context.actor.clone(), None, None, event);
    }

    /// Decides what a task wants in somebody's name; the events follow from the task.
    fn on_behalf(&self, task: &TaskId, actor: &Actor, command: &Command) -> Result<Vec<Recorded>, Rejection> {
        let task = self.task(task)?;
        let context = Context { actor: actor.clone(), ..self.context.clone() };
        let mut events = decide(self.state, command, &context)?;
        for Recorded { stamp, .. } in &mut events {
            stamp.cause = stamp.cause.or(Some(task.enqueued));
            stamp.correlation = stamp.correlation.or(task.correlation);
        }
        Ok(events)
    }

    /// Adds an event that follows from what somebody said about a subject.
    /// A task that is tried again weighs the same again.
    fn weigh(&mut self, subject: Subject, granted: bool, judged: &CommandJudged) {
        let known = subject.number().and_then(|number| self.state.issues.get(&number));
        if known.is_some_and(|known| known.has_weighed(granted, judged)) {
            return;
        }
        let judged = judged.clone();
        self.said(subject, if granted { Event::AccessGranted(judged) } else { Event::AccessRefused(judged) });
    }

    fn said(&mut self, subject: Subject, event: Event) {
        self.push(subject, self.context.actor.clone(), None, None, event);
    }

    fn expect_paused(&self, subject: Subject, is_paused: bool) -> Result<(), Rejection> {
        let fits = match subject.number() {
            Some(number) => {
                self.state.issues.get(&number).is_some_and(|issue| issue.paused.is_some() == is_paused)
            }
            None => subject == Subject::Repository && self.state.paused.is_some() == is_paused,
        };
        if fits { Ok(()) } else { Err(Rejection::NotPausable(subject)) }
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

    fn is_completed(&self, id: &TaskId) -> bool {
        self.completed.as_ref() == Some(id) || self.state.is_completed(id)
    }
}

#[cfg(test)]
mod tests;
