//! What follows when an attempt or a task ends: another attempt, the fate of those that wait for it, hooks.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Decision, wrong_status};
use crate::domain::command::{Context, Occasion, Outcome, Rejection};
use crate::domain::count::counted;
use crate::domain::event::{
    Event, OutcomeIgnored, TaskCancelled, TaskCompleted, TaskFailed, TaskReleased, TaskRetried, TaskRevived,
};
use crate::domain::failure::Failure;
use crate::domain::id::{Sequence, TaskId};
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::retry;
use crate::domain::spec::{Ending, IfLost, TaskRequest, TaskSpec};
use crate::domain::task::{Status, Task};
use crate::domain::tasks;

/// How often runs that are told to stop give a task back for nothing; from then on each time is an attempt, so that one
/// that no run ever has the time for ends as a dead letter and is seen. Cancelled runs come in a handful, not in a score.
const GIVEN_BACK: u32 = 20;

/// The failure of a task that needs one which failed or was called off.
const DEPENDENCY_FAILED: &str = "dependency_failed";
/// How the reason of a task begins that is left out because one that it needs was lost.
const SKIPPED: &str = "skipped: ";

impl<'a> Decision<'a> {
    pub(super) fn outcome(&mut self, id: &TaskId, lease: u64, outcome: &Outcome) -> Result<(), Rejection> {
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
                let completed = TaskCompleted { task: id.clone(), lease, output: output.clone() };
                self.end(task, Event::TaskCompleted(completed), Ending::Completed, follow_ups)
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

    /// Takes a task from a run that is gone, which costs it an attempt: it may be what kills the runs.
    pub(super) fn release(
        &mut self,
        task: &'a Task,
        lease: u64,
        reason: &str,
        if_final: &[TaskRequest],
    ) -> Result<(), Rejection> {
        if task.attempts < task.spec.max_attempts {
            self.released(task, lease, reason, false);
            return Ok(());
        }
        let failure = Failure::permanent(
            "crashed_too_often",
            format!("{}; the last: {reason}", unreported(task.attempts)),
        )
        .hint("Look at the log of the run that held it, then `automata tasks revive` the task.");
        self.give_up(task, Some(lease), failure, if_final)
    }

    /// Gives a task back because this run was told to stop, which costs it nothing unless it happens for ever.
    pub(super) fn give_back(
        &mut self,
        task: &'a Task,
        lease: u64,
        reason: &str,
        if_final: &[TaskRequest],
    ) -> Result<(), Rejection> {
        let is_free = task.given_back < GIVEN_BACK;
        if is_free || task.attempts < task.spec.max_attempts {
            self.released(task, lease, reason, is_free);
            return Ok(());
        }
        let times = task.given_back + task.attempts;
        let failure = Failure::permanent(
            "stopped_too_often",
            format!("it was begun {times} times and no run came to its end; the last: {reason}"),
        )
        .hint("It may need more time than a run has. Give the run more, or the task less to do, then `automata tasks revive` it.");
        self.give_up(task, Some(lease), failure, if_final)
    }

    fn released(&mut self, task: &Task, lease: u64, reason: &str, stopped: bool) {
        let released = TaskReleased { task: task.id.clone(), lease, reason: reason.to_owned(), stopped };
        self.about(task, Event::TaskReleased(released));
    }

    pub(super) fn give_up(
        &mut self,
        task: &'a Task,
        lease: Option<u64>,
        failure: Failure,
        if_final: &[TaskRequest],
    ) -> Result<(), Rejection> {
        let failed = TaskFailed { task: task.id.clone(), lease, failure };
        self.end(task, Event::TaskFailed(failed), Ending::Failed, if_final)
    }

    /// Gives up every pending task that should have begun by now.
    pub(super) fn expire(&mut self) -> Result<(), Rejection> {
        for task in self.state.tasks.overdue(self.context.now) {
            if self.lost.contains(&task.id) {
                continue;
            }
            let deadline = task.spec.deadline.map(|deadline| deadline.to_string()).unwrap_or_default();
            let failure = Failure::permanent(
                "deadline_passed",
                format!("it had not begun by its deadline, {deadline}"),
            )
            .hint("Enqueue it again with a later deadline, or revive it: then it has none.");
            self.give_up(task, None, failure, &[])?;
        }
        Ok(())
    }

    /// Records the end of a task, what becomes of those that need it, and then what is to be enqueued: `more`, the
    /// hooks of each task that ended, and what the configuration subscribed to.
    pub(super) fn end(
        &mut self,
        task: &'a Task,
        event: Event,
        ending: Ending,
        more: &[TaskRequest],
    ) -> Result<(), Rejection> {
        let cause = self.next();
        self.about(task, event);
        let mut ended = vec![(task, ending, cause)];
        if ending == Ending::Completed {
            self.completed = Some(task.id.clone());
        } else {
            self.lose_dependants(task, ending, &mut ended);
        }
        // What people said is done; a follow-up of the same feature was decided with it.
        self.is_asked = task.spec.kind.as_str() == input::OBEY;
        self.follows = Some(task);
        self.enqueue(&as_quiet_as(task, more), Some(cause), task.correlation)?;
        (self.is_asked, self.follows) = (false, None);
        if ending == Ending::Completed {
            self.outdate_findings(task, more)?;
        }
        for (task, ending, cause) in ended {
            let requests = self.on_end(task, ending);
            self.enqueue(&requests, Some(cause), task.correlation)?;
        }
        Ok(())
    }

    /// Whatever needs a task that will never be completed ends with it, and so on down, unless it goes on without.
    fn lose_dependants(
        &mut self,
        task: &'a Task,
        ending: Ending,
        ended: &mut Vec<(&'a Task, Ending, Sequence)>,
    ) {
        let what = if ending == Ending::Failed { "failed" } else { "was cancelled" };
        let root = &task.id;
        self.lost.insert(task.id.clone());
        let mut open = VecDeque::from([task.id.clone()]);
        while let Some(lost) = open.pop_front() {
            let reason = if lost == *root {
                format!("task {root}, which this one needs, {what}")
            } else {
                format!("task {lost}, which this one needs, will not be completed because task {root} {what}")
            };
            for task in self.state.tasks.dependants(&lost) {
                if task.spec.if_lost == IfLost::Continue || !self.lost.insert(task.id.clone()) {
                    continue;
                }
                open.push_back(task.id.clone());
                let (id, cause) = (task.id.clone(), self.next());
                if task.spec.if_lost == IfLost::Skip {
                    let cancelled = TaskCancelled { task: id, reason: format!("{SKIPPED}{reason}") };
                    self.about(task, Event::TaskCancelled(cancelled));
                    ended.push((task, Ending::Cancelled, cause));
                } else {
                    let failure = Failure::permanent(DEPENDENCY_FAILED, reason.clone());
                    self.about(task, Event::TaskFailed(TaskFailed { task: id, lease: None, failure }));
                    ended.push((task, Ending::Failed, cause));
                }
            }
        }
    }

    /// What a task's own hooks and the configuration's subscriptions want when it ends.
    fn on_end(&self, task: &Task, ending: Ending) -> Vec<TaskRequest> {
        let hooks = task.spec.hooks.iter().filter(|hook| hook.on.contains(&ending));
        let hooks = hooks.map(|hook| TaskSpec { depends_on: Vec::new(), ..hook.task.clone() });
        let subscribed = self.context.subscriptions.iter().filter(|subscription| {
            let of_kind = subscription.kinds.is_empty() || subscription.kinds.contains(&task.spec.kind);
            !task.spec.quiet
                && subscription.on == Occasion::Ended(ending)
                && of_kind
                && subscription.about.covers(task.spec.subject)
        });
        let subscribed = subscribed.map(|subscription| TaskSpec {
            subject: task.spec.subject,
            unique: subscription.task.unique.as_ref().map(|key| format!("{key} {}", task.spec.subject)),
            quiet: true,
            ..subscription.task.clone()
        });
        let depth = task.spec.depth;
        let led = hooks.chain(subscribed).map(|spec| TaskSpec { depth: depth.max(spec.depth), ..spec });
        let requests: Vec<TaskRequest> = led.map(TaskRequest::from).collect();
        as_quiet_as(task, &requests).into_owned()
    }

    /// Gives a task that failed or was called off another chance, and with it those that failed or were skipped because
    /// of it and of nothing else.
    pub(super) fn revive(
        &mut self,
        id: &TaskId,
        input: Option<&Payload>,
        reason: &str,
    ) -> Result<(), Rejection> {
        let task = self.task(id)?;
        if !tasks::is_lost(task) {
            return Err(wrong_status(task));
        }
        let mut revived = BTreeSet::from([id.clone()]);
        // It would wait for ever.
        if let Some(lost) = task.needs.iter().find(|id| !self.can_complete(id, &revived)) {
            return Err(Rejection::UnknownDependency(lost.clone()));
        }
        let event = |task: &Task, input: Option<&Payload>| {
            let (task, reason) = (task.id.clone(), reason.to_owned());
            Event::TaskRevived(TaskRevived { task, input: input.cloned(), reason })
        };
        self.about(task, event(task, input));
        // In the order in which they were enqueued, each comes after what it needs.
        let followers = |id: &TaskId| {
            let fell = self.state.tasks.needing(id).filter(|task| fell_with_another(task));
            fell.map(|task| (task.enqueued, task)).collect::<Vec<_>>()
        };
        let mut open: BTreeMap<Sequence, &Task> = followers(id).into_iter().collect();
        while let Some((_, task)) = open.pop_first() {
            if task.needs.iter().all(|id| self.can_complete(id, &revived)) {
                revived.insert(task.id.clone());
                open.extend(followers(&task.id));
                self.about(task, event(task, None));
            }
        }
        Ok(())
    }

    /// Whether a task that is needed is completed, or still may be.
    fn can_complete(&self, id: &TaskId, revived: &BTreeSet<TaskId>) -> bool {
        revived.contains(id) || self.state.tasks.get(id).is_some_and(|task| !tasks::is_lost(task))
    }
}

/// What follows from a task that a subscription led to leads to nothing subscribed either, or two kinds that lead
/// to each other would go on for ever.
fn as_quiet_as<'r>(task: &Task, requests: &'r [TaskRequest]) -> Cow<'r, [TaskRequest]> {
    if !task.spec.quiet {
        return Cow::Borrowed(requests);
    }
    let quiet = |request: &TaskRequest| {
        let mut request = request.clone();
        request.spec.quiet = true;
        request
    };
    Cow::Owned(requests.iter().map(quiet).collect())
}

fn unreported(attempts: u32) -> String {
    let began = counted(attempts, "attempt", "attempts");
    if attempts == 1 {
        format!("{began} began and did not report back")
    } else {
        format!("{began} began and none reported back")
    }
}

fn fell_with_another(task: &Task) -> bool {
    match &task.status {
        Status::Failed { failure, .. } => failure.code == DEPENDENCY_FAILED,
        Status::Cancelled { reason, .. } => task.spec.if_lost == IfLost::Skip && reason.starts_with(SKIPPED),
        _ => false,
    }
}
