//! The auditor: reads the log alone, event by event, and knows nothing of how decisions are made.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::event::{Event, Recorded};
use crate::domain::fact::Fact;
use crate::domain::failure::FailureClass;
use crate::domain::id::{KindName, RunId, TaskId};
use crate::domain::spec::IfLost;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;

/// What the log has said about each task.
#[derive(Default)]
pub(super) struct Auditor {
    tasks: BTreeMap<TaskId, Seen>,
}

struct Seen {
    kind: KindName,
    subject: Subject,
    needs: Vec<TaskId>,
    goes_on: bool,
    gone_without: BTreeSet<TaskId>,
    lock: Option<String>,
    deadline: Option<Timestamp>,
    /// What must be so outside, and what of that is not known to be yet.
    asked: BTreeSet<Fact>,
    awaits: BTreeSet<Fact>,
    max_attempts: u32,
    attempts: u32,
    last_lease: u64,
    live: Option<(u64, RunId)>,
    over: Option<&'static str>,
}

/// Ends the check with a sentence when something must hold and does not.
macro_rules! must {
    ($condition:expr, $($sentence:tt)+) => {
        if !$condition {
            return Err(format!($($sentence)+));
        }
    };
}

impl Auditor {
    /// Reads the next event.
    ///
    /// # Errors
    /// The rule that it breaks, as a sentence.
    pub(super) fn read(&mut self, recorded: &Recorded) -> Result<(), String> {
        if let Event::FactObserved(observed) = &recorded.event {
            let waiting = self.tasks.values_mut().filter(|task| task.over.is_none() && task.live.is_none());
            waiting.for_each(|task| task.awaits.retain(|fact| *fact != observed.fact));
        }
        let Some(id) = recorded.event.task() else { return Ok(()) };
        if let Event::TaskEnqueued(enqueued) = &recorded.event {
            let spec = &enqueued.spec;
            let seen = Seen {
                kind: spec.kind.clone(),
                subject: spec.subject,
                needs: spec.depends_on.clone(),
                goes_on: spec.if_lost == IfLost::Continue,
                gone_without: BTreeSet::new(),
                lock: spec.concurrency.clone(),
                deadline: spec.deadline,
                asked: spec.awaits.iter().copied().collect(),
                awaits: spec.awaits.iter().copied().collect(),
                max_attempts: spec.max_attempts,
                attempts: 0,
                last_lease: 0,
                live: None,
                over: None,
            };
            for needed in &seen.needs {
                let there = self.tasks.get(needed).is_some_and(|task| !task.is_lost());
                must!(there, "{id} waits for {needed}, which will never be completed");
            }
            must!(self.tasks.insert(id.clone(), seen).is_none(), "{id} was enqueued twice");
            return Ok(());
        }
        if let Event::TaskClaimed(_) = &recorded.event {
            self.may_start(id, recorded.stamp.at)?;
        }
        let Some(task) = self.tasks.get_mut(id) else { return Err(format!("{id} was never enqueued")) };
        task.read(id, recorded)?;
        if self.tasks[id].is_lost() {
            // Whoever goes on without it needs it no longer, also when it is revived.
            let dependants = self.tasks.values_mut().filter(|task| task.goes_on && task.needs.contains(id));
            dependants.for_each(|task| task.gone_without.extend([id.clone()]));
        }
        Ok(())
    }

    /// Whether nothing stands in a task's way.
    fn may_start(&self, id: &TaskId, now: Timestamp) -> Result<(), String> {
        let Some(task) = self.tasks.get(id) else { return Err(format!("{id} was never enqueued")) };
        for needed in &task.needs {
            let needed_task = self.tasks.get(needed);
            let done = needed_task.is_some_and(|task| task.over == Some("completed"));
            let gone_without = task.gone_without.contains(needed);
            must!(done || gone_without, "{id} runs before {needed}, which it needs");
        }
        must!(task.awaits.is_empty(), "{id} runs before {:?} is so", task.awaits);
        must!(task.deadline.is_none_or(|deadline| deadline > now), "{id} begins after its deadline");
        let locked = |other: &&Seen| other.live.is_some() && task.lock.is_some() && other.lock == task.lock;
        must!(!self.tasks.values().any(|other| locked(&other)), "{id} runs beside another with its key");
        let beside = |other: &&Seen| (&other.kind, other.subject) == (&task.kind, task.subject);
        let running = self.tasks.values().filter(|other| other.live.is_some()).find(beside);
        let alone = running.is_none() || task.subject == Subject::Repository;
        must!(alone, "{id} runs beside another {} on {}", task.kind, task.subject);
        Ok(())
    }

    /// When the log ends: what waits for something lost is lost too.
    pub(super) fn close(&self) -> Result<(), String> {
        for (id, task) in &self.tasks {
            let waited_for = task.needs.iter().filter(|needed| !task.gone_without.contains(*needed));
            for needed in waited_for.filter(|_| task.over.is_none()) {
                must!(!self.tasks[needed].is_lost(), "{id} waits for ever for {needed}");
            }
        }
        Ok(())
    }

    /// How many tasks are in each status.
    pub(super) fn counts(&self) -> BTreeMap<&'static str, usize> {
        let statuses = ["pending", "running", "completed", "failed", "cancelled"];
        let mut counts: BTreeMap<&'static str, usize> = statuses.map(|status| (status, 0)).into();
        for task in self.tasks.values() {
            let unfinished = if task.live.is_some() { "running" } else { "pending" };
            *counts.entry(task.over.unwrap_or(unfinished)).or_default() += 1;
        }
        counts
    }

    /// The tasks that are pending.
    pub(super) fn pending(&self) -> BTreeSet<&TaskId> {
        let waiting = self.tasks.iter().filter(|(_, task)| task.over.is_none() && task.live.is_none());
        waiting.map(|(id, _)| id).collect()
    }
}

impl Seen {
    fn is_lost(&self) -> bool {
        matches!(self.over, Some("failed" | "cancelled"))
    }

    fn read(&mut self, id: &TaskId, recorded: &Recorded) -> Result<(), String> {
        let run = &recorded.stamp.run;
        let revives = matches!(recorded.event, Event::TaskRevived(_));
        let says_nothing = matches!(recorded.event, Event::OutcomeIgnored(_));
        must!(self.over.is_none() || revives || says_nothing, "{id} changes though it is over");
        match &recorded.event {
            Event::TaskClaimed(claimed) => {
                must!(self.live.is_none(), "{id} has two live leases");
                must!(claimed.lease > self.last_lease, "{id} has lease {} again", claimed.lease);
                self.attempts += 1;
                must!(self.attempts <= self.max_attempts, "{id} has more attempts than it gets");
                self.last_lease = claimed.lease;
                self.live = Some((claimed.lease, run.clone()));
            }
            Event::TaskCompleted(done) => {
                self.held(id, done.lease, run)?;
                self.end("completed");
            }
            Event::TaskRetried(retried) => {
                self.held(id, retried.lease, run)?;
                if matches!(retried.failure.class, FailureClass::RateLimited(_)) {
                    self.attempts -= 1;
                }
                must!(self.attempts < self.max_attempts, "{id} is to be tried again after its last attempt");
                self.live = None;
            }
            Event::TaskFailed(failed) => {
                match (failed.lease, failed.failure.code.as_str()) {
                    // Recorded by whoever found the run gone.
                    (Some(lease), "crashed_too_often") => {
                        self.is_live(id, lease)?;
                        must!(self.attempts == self.max_attempts, "{id} is given up with attempts left");
                    }
                    (Some(lease), _) => {
                        self.held(id, lease, run)?;
                        let last = self.attempts == self.max_attempts || failed.failure.is_permanent();
                        must!(last, "{id} is given up with attempts left");
                    }
                    (None, _) => must!(self.live.is_none(), "{id} fails unrun while it runs"),
                }
                self.end("failed");
            }
            Event::TaskReleased(released) => {
                self.is_live(id, released.lease)?;
                if released.stopped {
                    self.held(id, released.lease, run)?;
                    self.attempts -= 1;
                }
                must!(self.attempts < self.max_attempts, "{id} is released after its last attempt");
                self.live = None;
            }
            Event::TaskCancelled(_) => self.end("cancelled"),
            Event::TaskRevived(_) => {
                must!(self.is_lost(), "{id} is revived though it neither failed nor was called off");
                (self.over, self.attempts) = (None, 0);
                self.deadline = self.deadline.filter(|deadline| *deadline > recorded.stamp.at);
            }
            Event::TaskAmended(amended) => {
                must!(self.live.is_none(), "{id} is changed while it runs");
                if let Some(terms) = &amended.terms {
                    must!(self.attempts < terms.max_attempts, "{id} is left without an attempt");
                    let awaits = terms.awaits.iter().copied().collect();
                    if self.asked != awaits {
                        self.awaits.clone_from(&awaits);
                    }
                    self.asked = awaits;
                    self.goes_on = terms.if_lost == IfLost::Continue;
                    self.lock.clone_from(&terms.concurrency);
                    (self.deadline, self.max_attempts) = (terms.deadline, terms.max_attempts);
                }
            }
            Event::TaskProgressed(progressed) => self.held(id, progressed.lease, run)?,
            Event::EffectIntended(intent) => self.held(id, intent.lease, run)?,
            Event::OutcomeIgnored(ignored) => {
                must!(self.held(id, ignored.lease, run).is_err(), "{id} has a good outcome ignored");
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, status: &'static str) {
        (self.live, self.over) = (None, Some(status));
    }

    fn is_live(&self, id: &TaskId, lease: u64) -> Result<(), String> {
        let live = self.live.as_ref().map(|(number, _)| *number);
        must!(live == Some(lease), "lease {lease} of {id} is used, which is not the live one ({live:?})");
        Ok(())
    }

    fn held(&self, id: &TaskId, lease: u64, run: &RunId) -> Result<(), String> {
        self.is_live(id, lease)?;
        let holder = self.live.as_ref().map(|(_, run)| run);
        must!(holder == Some(run), "run {run} uses lease {lease} of {id}, which another holds");
        Ok(())
    }
}
