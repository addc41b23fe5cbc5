//! How events change tasks: the one place where a task's status changes.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{IllegalEvent, not_now};
use crate::domain::circuit::{Breaker, Circuit, Trial, Verdict};
use crate::domain::event::{
    AssistantAnswered, Event, ScheduleFired, ScheduleSet, Stamp, TaskAmended, TaskEnqueued, TaskProgressed,
};
use crate::domain::fact::Fact;
use crate::domain::failure::FailureClass;
use crate::domain::id::{KindName, Login, TaskId};
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::schedule::Recurring;
use crate::domain::spec::{Ending, IfLost};
use crate::domain::state::{State, Taken};
use crate::domain::subject::Subject;
use crate::domain::task::{Lease, Status, Task};
use crate::domain::time::Timestamp;
use crate::domain::{allowance, caps, circuit, ledger};

/// Rules that are remembered for an issue; a configuration has few with names.
const RULES: usize = 20;

impl State {
    pub(super) fn enqueued(&mut self, stamp: &Stamp, enqueued: &TaskEnqueued) -> Result<(), IllegalEvent> {
        let TaskEnqueued { task, spec } = enqueued;
        if let Some(present) = self.tasks.get(task) {
            return Err(not_now(stamp, present));
        }
        if let Some(key) = &spec.idempotency {
            self.idempotency.insert(key.clone(), Taken { task: task.clone(), at: stamp.at });
        }
        if spec.kind.as_str() == input::LABEL
            && let Ok(input::Label { add, remove, asked_by: Some(_) }) = spec.input.read()
            && let Some(issue) = spec.subject.number().and_then(|number| self.issues.get_mut(&number))
        {
            issue.ask_for_labels(&add, &remove);
        }
        if let Some(rule) = &spec.rule {
            let number = match spec.subject {
                Subject::Pull(pull) => self.issue_of_pull(pull).or(Some(pull)),
                subject => subject.number(),
            };
            let issue = number.and_then(|number| self.issues.get_mut(&number));
            if let Some(issue) = issue.filter(|issue| issue.rules.len() < RULES) {
                issue.rules.insert(rule.clone());
            }
        }
        let set_off_by = stamp.correlation.and_then(|trigger| self.counts.instigator(trigger)).cloned();
        let writer = stamp.correlation.and_then(|trigger| self.counts.writer(trigger));
        // What comes by the clock works on what somebody wrote before.
        let author =
            || spec.subject.number().and_then(|number| self.issues.get(&number)).map(|issue| &issue.author);
        let written_by = writer.or_else(author).filter(|writer| set_off_by.as_ref() != Some(writer)).cloned();
        self.tasks.insert(Task { set_off_by, written_by, ..Task::new(task.clone(), spec, stamp) });
        Ok(())
    }

    /// Changes a task's status; the only place where that happens.
    pub(super) fn transition(&mut self, stamp: &Stamp, event: &Event) -> Result<(), IllegalEvent> {
        let Some(id) = event.task() else { return Ok(()) };
        let task = self.task_of(stamp, id)?;
        let next = next_status(stamp, event, task)?;
        let undone = match &next {
            Status::Completed { output, .. } if task.spec.kind.as_str() == input::UNDO => {
                task.spec.subject.number().zip(Some(output.clone()))
            }
            _ => None,
        };
        let analysed = match &next {
            Status::Completed { output, .. } if task.spec.kind.as_str() == input::ANALYSE => {
                task.spec.subject.number().zip(output.read().ok())
            }
            _ => None,
        };
        let revised = match &next {
            Status::Completed { output, .. } if task.spec.kind.as_str() == input::REVISE => {
                task.spec.subject.number().zip(output.read::<input::Revised>().ok())
            }
            _ => None,
        };
        let followed = match &next {
            Status::Completed { output, .. } if task.spec.kind.as_str() == input::FOLLOW => {
                task.spec.subject.number().zip(output.read::<input::Followed>().ok())
            }
            _ => None,
        };
        let executed = match &next {
            Status::Completed { output, .. } if task.spec.kind.as_str() == input::EXEC => {
                task.spec.subject.number().zip(output.read::<input::Executed>().ok())
            }
            _ => None,
        };
        let unapproved = match &next {
            Status::Completed { output, .. } if task.spec.kind.as_str() == input::FOLLOW => {
                output.read::<input::Unapproved>().ok()
            }
            _ => None,
        };
        let reminded = match &next {
            Status::Completed { output, .. } if task.spec.kind.as_str() == input::REMIND => {
                let is_answered = output.read::<input::Answered>().is_ok();
                task.spec.subject.number().map(|number| (number, is_answered))
            }
            _ => None,
        };
        let ending = next.ending().map(|(ending, _)| ending);
        let share = match event {
            Event::TaskClaimed(_) => Some(self.tasks.share(&task.spec, self.at.max(stamp.at))),
            _ => task.share,
        };
        self.keep_accounts(stamp, event);
        if let (Event::TaskClaimed(claimed), Some(task)) = (event, self.tasks.get(id)) {
            self.counts.claimed((&task.spec, task.set_off_by.as_ref()), claimed, stamp);
        }
        self.tasks.change(id, |task| {
            match event {
                Event::TaskRetried(_) | Event::TaskFailed(_) => task.failed_in = Some(stamp.run.clone()),
                Event::TaskCompleted(_) => task.failed_in = None,
                _ => {}
            }
            match event {
                Event::TaskClaimed(claimed) => {
                    task.leases = claimed.lease;
                    task.attempts += 1;
                    task.share = share;
                }
                // The service lives and has said when: that was no failed attempt.
                Event::TaskRetried(retried)
                    if matches!(retried.failure.class, FailureClass::RateLimited(_)) =>
                {
                    task.attempts = task.attempts.saturating_sub(1);
                }
                Event::TaskReleased(released) if released.stopped => {
                    task.attempts = task.attempts.saturating_sub(1);
                    task.given_back += 1;
                }
                // Nothing goes on from there any more, and a kept patch is large.
                Event::TaskCompleted(_) => {
                    if let Some(progress) = &mut task.progress {
                        progress.checkpoint = Payload::default();
                    }
                }
                Event::TaskRevived(revived) => {
                    (task.attempts, task.given_back) = (0, 0);
                    // It would be given up at once for what is past.
                    task.spec.deadline = task.spec.deadline.filter(|deadline| *deadline > stamp.at);
                    if let Some(input) = &revived.input {
                        task.spec.input = input.clone();
                        task.progress = None;
                    }
                }
                _ => {}
            }
            task.status = next;
        });
        if let Some(ending) = ending {
            self.free_dependants(id, ending);
        }
        if let Some((number, is_answered)) = reminded
            && let Some(asked) = self.issues.get_mut(&number).and_then(|issue| issue.asked.as_mut())
            && asked.answered.is_none()
        {
            let when = if is_answered { &mut asked.answered } else { &mut asked.reminded };
            *when = Some(stamp.at);
        }
        if let Some((number, output)) = undone
            && let Some(issue) = self.issues.get_mut(&number)
        {
            issue.withdraw(&output);
        }
        if let Some((number, analysis)) = analysed
            && let Some(issue) = self.issues.get_mut(&number)
        {
            issue.analysed(analysis, stamp.at);
        }
        // One that only said why nothing is to be done has another shape, and counts for nothing.
        if let Some((pull, revised)) = revised {
            self.revised(pull, &revised);
        }
        if let Some((number, followed)) = followed
            && let Some(issue) = self.issues.get_mut(&number)
        {
            let branch = followed.pull_request.branch.clone();
            issue.opened(Some(followed.pull_request));
            if followed.awaits_approval {
                self.unapproved(&branch, stamp.at);
            }
        }
        if let Some((number, input::Executed { plugin, comment, .. })) = executed
            && let Some(issue) = self.issues.get_mut(&number)
        {
            // What it does not say again it says no more.
            match comment {
                Some(text) => drop(issue.plugins.insert(plugin, text)),
                None => drop(issue.plugins.remove(&plugin)),
            }
        }
        if let Some(input::Unapproved { unapproved }) = unapproved {
            self.unapproved(&unapproved, stamp.at);
        }
        Ok(())
    }

    /// Notes what services were asked for, and until when they are closed.
    fn keep_accounts(&mut self, stamp: &Stamp, event: &Event) {
        self.judge_breakers(stamp, event);
        match event {
            Event::TaskClaimed(claimed) => {
                for (service, tokens) in &claimed.spends {
                    self.spending.entry(service.clone()).or_default().spend(*tokens, stamp.at);
                }
            }
            Event::TaskRetried(retried) => {
                let FailureClass::RateLimited(until) = retried.failure.class else { return };
                // None of them says that a service is closed to others.
                let narrow = [
                    allowance::USED_UP,
                    allowance::FETCHED_TOO_OFTEN,
                    ledger::RESERVED,
                    circuit::ALONE,
                    circuit::BUSY,
                    caps::REACHED,
                ];
                if narrow.contains(&retried.failure.code.as_str()) {
                    return;
                }
                let lease = self.tasks.get(&retried.task).and_then(Task::lease);
                for service in lease.into_iter().flat_map(|lease| lease.spends.keys()) {
                    self.spending.entry(service.clone()).or_default().close(until);
                }
            }
            _ => {}
        }
    }

    /// Counts what fails of whatever has a breaker; what did well is well again.
    fn judge_breakers(&mut self, stamp: &Stamp, event: &Event) {
        let ends = match event {
            Event::TaskRetried(_) | Event::TaskFailed(_) => true,
            // Where nothing failed there is nothing to be well again.
            Event::TaskCompleted(_) => !self.circuits.is_empty(),
            _ => false,
        };
        let Some(task) = event.task().filter(|_| ends).and_then(|id| self.tasks.get(id)) else { return };
        // What is only recorded tries nothing.
        if task.spec.held.is_some() {
            return;
        }
        for breaker in Breaker::of(&task.spec) {
            let kind = matches!(breaker, Breaker::Rule(_)).then_some(&task.spec.kind);
            match breaker.judge(event) {
                Verdict::Failed(failure) => {
                    let who = breaker.put_down_to(failure, task);
                    self.circuits.entry(breaker).or_default().failed(failure, kind, who, stamp.at);
                }
                Verdict::Well => did_well(&mut self.circuits, breaker, (kind, task.whose()), stamp.at),
                Verdict::Nothing => {}
            }
        }
    }

    /// An assistant answered, about what somebody wrote.
    pub(super) fn judge_assistant(&mut self, stamp: &Stamp, answered: &AssistantAnswered) {
        let Some(task) = self.tasks.get(&answered.task) else { return };
        let breaker = Breaker::assistant(&answered.assistant);
        match answered.failure.as_ref().filter(|failure| failure.class == FailureClass::Transient) {
            Some(failure) => {
                let who = breaker.put_down_to(failure, task);
                self.circuits.entry(breaker).or_default().failed(failure, None, who, stamp.at);
            }
            // Whoever answers is well, whatever the answer is.
            None => did_well(&mut self.circuits, breaker, (None, task.whose()), stamp.at),
        }
    }

    /// Those that needed a task which has ended need it no longer: because it is done, or because they go on
    /// without. Others end with it, by events of their own.
    fn free_dependants(&mut self, id: &TaskId, ending: Ending) {
        let freed = self
            .tasks
            .needing(id)
            .filter(|task| ending == Ending::Completed || task.spec.if_lost == IfLost::Continue);
        let freed: Vec<TaskId> = freed.map(|task| task.id.clone()).collect();
        for dependant in freed {
            self.tasks.free(&dependant, id);
        }
    }

    pub(super) fn amended(&mut self, stamp: &Stamp, amended: &TaskAmended) -> Result<(), IllegalEvent> {
        let task = self.task_of(stamp, &amended.task)?;
        if !matches!(task.status, Status::Pending { .. }) {
            return Err(not_now(stamp, task));
        }
        self.tasks.change(&amended.task, |task| {
            let awaited = task.spec.awaits.clone();
            amended.change(&mut task.spec);
            // Who asks for something else outside begins to wait for it; the same need not come true twice.
            if task.spec.awaits != awaited {
                task.awaits = task.spec.awaits.iter().copied().collect();
            }
            if amended.restarts {
                task.enqueued_at = stamp.at;
            }
            if let (Some(at), Status::Pending { not_before, .. }) = (amended.not_before, &mut task.status) {
                *not_before = Some(at);
            }
        });
        Ok(())
    }

    pub(super) fn progressed(&mut self, stamp: &Stamp, event: &TaskProgressed) -> Result<(), IllegalEvent> {
        let task = self.task_of(stamp, &event.task)?;
        if !task.is_held_by(&stamp.run, event.lease) {
            return Err(not_now(stamp, task));
        }
        let who = task.whose().cloned();
        if let Some(assistant) = &event.tries
            && let Some(circuit) = self.circuits.get_mut(&Breaker::Assistant(assistant.clone()))
        {
            let trial = Trial { task: event.task.clone(), lease: event.lease };
            circuit.tried(who.as_ref(), &trial);
        }
        self.tasks.change(&event.task, |task| task.progress = Some(event.progress.clone()));
        Ok(())
    }

    pub(super) fn observed(&mut self, fact: Fact) {
        let waiting: Vec<TaskId> = self.tasks.awaiting(fact).map(|task| task.id.clone()).collect();
        for id in waiting {
            self.tasks.change(&id, |task| {
                task.awaits.remove(&fact);
            });
        }
    }

    pub(super) fn schedule_set(&mut self, set: &ScheduleSet) {
        let last = self.schedules.get(&set.name).and_then(|known| known.last);
        let recurring = Recurring { schedule: set.schedule.clone(), next: set.next, last };
        self.schedules.insert(set.name.clone(), recurring);
    }

    pub(super) fn schedule_fired(
        &mut self,
        stamp: &Stamp,
        fired: &ScheduleFired,
    ) -> Result<(), IllegalEvent> {
        let Some(known) = self.schedules.get_mut(&fired.name) else {
            let (sequence, schedule) = (stamp.sequence.0, fired.name.clone());
            return Err(IllegalEvent::UnknownSchedule { sequence, schedule });
        };
        known.next = fired.next;
        known.last = fired.times.last().copied().or(known.last);
        Ok(())
    }

    pub(super) fn task_of(&self, stamp: &Stamp, id: &TaskId) -> Result<&Task, IllegalEvent> {
        let unknown = || IllegalEvent::UnknownTask { sequence: stamp.sequence.0, task: id.clone() };
        self.tasks.get(id).ok_or_else(unknown)
    }
}

/// Something with a breaker did what it is for, for a kind of task and for whoever wrote what that is about.
fn did_well(
    circuits: &mut BTreeMap<Breaker, Circuit>,
    breaker: Breaker,
    (kind, who): (Option<&KindName>, Option<&Login>),
    at: Timestamp,
) {
    if let Entry::Occupied(mut known) = circuits.entry(breaker) {
        known.get_mut().did_well(kind, who, at);
        if known.get().is_well() {
            known.remove();
        }
    }
}

/// The status that follows, if the event may follow at all.
fn next_status(stamp: &Stamp, event: &Event, task: &Task) -> Result<Status, IllegalEvent> {
    let present = task.lease().map(|lease| lease.number);
    let held = |lease: u64| present == Some(lease);
    let pending = matches!(task.status, Status::Pending { .. });
    let again = |not_before, last_failure| Status::Pending { not_before, last_failure };
    let next = match event {
        Event::TaskClaimed(claimed) if pending && claimed.lease == task.leases + 1 => Status::Running {
            lease: Lease {
                number: claimed.lease,
                run: stamp.run.clone(),
                until: claimed.until,
                spends: claimed.spends.clone(),
            },
        },
        Event::TaskCompleted(done) if held(done.lease) => {
            Status::Completed { output: done.output.clone(), at: stamp.at }
        }
        Event::TaskRetried(retried) if held(retried.lease) => {
            again(Some(retried.not_before), Some(retried.failure.clone()))
        }
        Event::TaskFailed(failed) if failed.lease.map_or(pending, held) => {
            Status::Failed { failure: failed.failure.clone(), at: stamp.at }
        }
        Event::TaskReleased(released) if held(released.lease) => again(None, None),
        Event::TaskCancelled(cancelled) if !task.status.is_final() => {
            Status::Cancelled { reason: cancelled.reason.clone(), at: stamp.at }
        }
        // A time that is yet to come was wished for, and is no consequence of what went wrong.
        Event::TaskRevived(_) if matches!(task.status, Status::Failed { .. } | Status::Cancelled { .. }) => {
            again(task.spec.not_before.filter(|at| *at > stamp.at), None)
        }
        _ => return Err(not_now(stamp, task)),
    };
    Ok(next)
}
