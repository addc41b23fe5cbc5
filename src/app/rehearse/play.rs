//! Plays the past under one configuration, and counts what it does.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Ports;
use super::desk::{Desk, Recorded};
use super::journal::Flushing;
use super::outlets;
use super::past::{Past, is_played};
use super::stage::{PastClock, Stage};
use crate::app::failure::Ended;
use crate::app::session::Session;
use crate::app::{attempt, limits, recurring};
use crate::config::{self, Config, Mode, ours};
use crate::domain::command::{Command, Outcome, Rejection};
use crate::domain::failure::Failure;
use crate::domain::id::{RunId, Sequence, TaskId};
use crate::domain::input;
use crate::domain::rehearsal::{Side, Sort};
use crate::domain::task::{DEFAULT_LEASE, Status, Task};
use crate::domain::time::Timestamp;
use crate::log::MemoryLog;
use crate::queue::{self, Hands, Limits};
use crate::services::assistant::Assistant;
use crate::services::clock::Clock;
use crate::services::entropy::Entropy;
use crate::tasks::{self, Context, Done, Services, exec};
use crate::views;

/// Rounds of work after one moment: a chain of tasks longer than this leads round in a circle.
const ROUNDS: usize = 100;
/// Times between what happened at which something is due and it stops: a schedule that comes every five minutes has twice as many
/// in a month, and what is due later is done with the next thing that happens, as it is where no other run comes along.
const MOST_STEPS: usize = 4_000;
/// Nobody else is at work.
const HANDS: Hands = Hands { all: 1_000, heavy: 1_000 };

/// One configuration at work in the past.
pub(super) struct Player<'a> {
    past: &'a Past,
    config: &'a Config,
    services: Services,
    session: Session,
    clock: Arc<PastClock>,
    entropy: Arc<Entropy>,
    stage: Stage,
    desk: Arc<Desk>,
    limits: Limits,
    /// Times between what happened at which it may still stop.
    steps: usize,
    side: Side,
}

impl<'a> Player<'a> {
    pub(super) async fn new(past: &'a Past, config: &'a Config, ports: &Ports) -> Result<Self, Ended> {
        let first = past.moments.first().map_or(past.start.at, |moment| moment.at);
        let clock = Arc::new(PastClock::at(first));
        let stage = Stage::new(past, &ports.labels, &ports.repository, Arc::clone(&clock) as Arc<dyn Clock>)?;
        let desk = Arc::new(Desk::of(past, config));
        let judge = config.triage.assistant.as_ref().map(|name| {
            let (name, desk) = (name.as_str().to_owned(), Arc::clone(&desk));
            Arc::new(Recorded { name, desk }) as Arc<dyn Assistant>
        });
        let services = Services {
            repository: Some(ports.repository.clone()),
            github: Arc::new(stage.forge.clone()),
            code: Arc::clone(&ports.code),
            assistants: judge.into_iter().collect(),
            models: ports.models.clone(),
            programs: None,
            handed: exec::Handed::new(),
            drive: None,
            no_drive: None,
            rehearsals: None,
            outlets: outlets::of(config, &ports.page),
        };
        let log = match past.start.sequence {
            Sequence::ZERO => MemoryLog::new(),
            _ => MemoryLog::after(views::snapshot::write(&past.start).map_err(Ended::bug)?),
        };
        let entropy = Arc::new(Entropy::seeded(0));
        let run = RunId::new("rehearsal");
        let (of_session, time) = (Arc::clone(&entropy), Arc::clone(&clock) as Arc<dyn Clock>);
        let session = Session::open(Arc::new(log), time, of_session, run).await?;
        let policy = config::policy(config, &ports.repository.to_string(), &session.state());
        let session = session.with_subscriptions(config::subscriptions(config)).with_features(policy);
        let mut limits = limits::of(config);
        // What slows a run down on GitHub is no part of what it does.
        limits.spends.clear();
        let side = Side::default();
        let steps = MOST_STEPS;
        Ok(Self { past, config, services, session, clock, entropy, stage, desk, limits, steps, side })
    }

    /// Plays it from the beginning to the end, telling after each moment.
    pub(super) async fn play(mut self, until: Timestamp, told: &dyn Fn()) -> Result<Side, Ended> {
        self.take_over();
        recurring::keep_in_step(&self.session, self.config);
        for moment in &self.past.moments {
            self.let_pass(moment.at).await?;
            self.draw_from(moment.sequence.0);
            self.work().await?;
            let trigger = self.stage.dressed(moment, &self.session.state());
            self.stage.show(&trigger)?;
            let requests = ours::following(self.config, &self.session.state(), &trigger);
            let trigger = Box::new(trigger);
            match self.session.submit(Command::RecordTrigger { trigger, requests }) {
                Ok(_) | Err(Rejection::Duplicate(_)) => {}
                Err(rejection) => return Err(Ended::bug(rejection)),
            }
            self.work().await?;
            told();
            // What else goes on in this thread has its turn.
            tokio::task::yield_now().await;
        }
        self.let_pass(until).await?;
        self.work().await?;
        self.count().await
    }

    /// The same moment draws the same ids on both sides, whatever was done before.
    fn draw_from(&self, seed: u64) {
        if let Entropy::Seeded(drawn) = self.entropy.as_ref() {
            drawn.store(seed, Ordering::Relaxed);
        }
    }

    /// Lets time pass until then, and has done on the way what is due on the way: what was put off, and schedules.
    async fn let_pass(&mut self, until: Timestamp) -> Result<(), Ended> {
        while let Some(due) = self.due().filter(|due| *due < until) {
            if self.steps == 0 {
                self.side.is_late = true;
                break;
            }
            self.steps -= 1;
            self.clock.set(due);
            self.draw_from(due.as_millis().unsigned_abs());
            self.work().await?;
        }
        self.clock.set(until);
        Ok(())
    }

    /// When something is due next that nothing else but time keeps back.
    fn due(&self) -> Option<Timestamp> {
        let (state, now) = (self.session.state(), self.clock.now());
        let put_off = state.tasks.pending().filter_map(|task| match &task.status {
            Status::Pending { not_before, .. } => *not_before,
            _ => None,
        });
        let recurring = state.schedules.values().map(|recurring| recurring.next);
        put_off.chain(recurring).filter(|at| *at > now).min()
    }

    /// Takes back what runs of the past were at work on when it begins.
    fn take_over(&self) {
        let held: Vec<Task> = self.session.state().tasks.running().cloned().collect();
        for task in held {
            let (lease, reason) = (task.leases, "the rehearsal goes on with it".to_owned());
            let if_final = attempt::if_final(&task);
            let release = Command::Release { task: task.id, lease, reason, if_final };
            if let Err(reason) = self.session.submit(release) {
                tracing::debug!(%reason, "a task of the past stays as it is");
            }
        }
    }

    /// Works until nothing is ready at this time.
    async fn work(&mut self) -> Result<(), Ended> {
        recurring::fire_due(&self.session);
        for _ in 0..ROUNDS {
            let now = self.clock.now();
            if self.session.state().tasks.overdue(now).next().is_some()
                && let Err(reason) = self.session.submit(Command::Expire)
            {
                tracing::debug!(%reason, "what is overdue stays");
            }
            let mut worked = false;
            let planned = queue::plan(&self.session.state(), now, &self.limits, HANDS);
            for id in planned {
                worked |= self.attempt(&id).await?;
            }
            self.session.flush().await?;
            if !worked {
                break;
            }
        }
        Ok(())
    }

    /// One attempt at a task; whether it may be made now.
    async fn attempt(&mut self, id: &TaskId) -> Result<bool, Ended> {
        let known = self.session.state().tasks.get(id).cloned();
        let Some(task) = known else { return Ok(false) };
        let kind = tasks::find(task.spec.kind.as_str());
        let until = self.clock.now().plus(kind.map_or(DEFAULT_LEASE, |kind| (kind.lease)(self.config)));
        let claim = Command::Claim { task: id.clone(), until, room: self.limits.room(&task) };
        if self.session.submit(claim).is_err() {
            return Ok(false);
        }
        let claimed = self.session.state().tasks.get(id).cloned();
        let Some(task) = claimed else { return Ok(false) };
        let lease = task.leases;
        let if_final = attempt::if_final(&task);
        let outcome = match self.result(task, kind).await? {
            Ok(Done { output, follow_ups }) => Outcome::Completed { output, follow_ups },
            Err(failure) => {
                tracing::debug!(task = %id, "{failure}");
                self.side.failed += 1;
                Outcome::Failed { failure, if_final }
            }
        };
        if let Err(reason) = self.session.submit(Command::RecordOutcome { task: id.clone(), lease, outcome })
        {
            tracing::debug!(%reason, "an outcome no longer applies");
        }
        Ok(true)
    }

    async fn result(
        &mut self,
        task: Task,
        kind: Option<&'static tasks::Kind>,
    ) -> Result<Result<Done, Failure>, Ended> {
        let name = task.spec.kind.as_str();
        let Some(kind) = kind else {
            return Ok(Err(Failure::permanent("unknown_kind", format!("no task kind is called `{name}`"))));
        };
        if let Some(held) = &task.spec.held {
            return Ok(Done::note(held, Vec::new()));
        }
        if kind.changes_outside && self.config.mode == Mode::Observe {
            return Ok(Done::note("observe mode: nothing was changed outside", Vec::new()));
        }
        if !is_played(name) {
            self.would(&task);
            // No word of the rehearsal's own may stand in what is compared.
            return Ok(Done::with(&serde_json::json!({}), Vec::new()));
        }
        if name == input::ANALYSE
            && let Some(issue) = task.spec.subject.number()
        {
            let judge = self.config.triage.assistant.as_ref().map(|name| name.as_str());
            self.desk.begin(issue, judge);
        }
        let people = task.spec.input.read::<input::Assign>().map(|input| input.logins).unwrap_or_default();
        let people = if name == input::ASSIGN { people } else { Vec::new() };
        self.stage.assignable(&people, true)?;
        let journal = Flushing(&self.session);
        let context = Context { task, config: self.config, services: &self.services, journal: &journal };
        let result = kind.carry_out(&context).await;
        self.stage.assignable(&people, false)?;
        if let (Some(issue), Ok(done)) = (context.task.spec.subject.number(), &result)
            && !people.is_empty()
        {
            let done: Assigned = done.output.read().unwrap_or_default();
            self.stage.assigned(issue, &done.assigned, &done.unassigned);
        }
        Ok(result)
    }

    /// Counts what is told and not played.
    fn would(&mut self, task: &Task) {
        let (subject, kind) = (task.spec.subject, task.spec.kind.as_str());
        match kind {
            input::IMPLEMENT | input::REVISE => {
                self.desk.change(subject);
                let what = if kind == input::REVISE { "a revision" } else { "a change" };
                self.side.count(subject, Sort::PullRequest, what);
            }
            input::SET_FIELD => {
                let Ok(set) = task.spec.input.read::<input::SetField>() else { return };
                let project = set.project.map(|number| format!("project {number}, ")).unwrap_or_default();
                self.side.count(subject, Sort::Field, format!("{project}{}: {}", set.field, set.option));
            }
            kind => self.side.count(subject, Sort::Task, kind),
        }
    }

    /// Counts what was played, from what it left in its log.
    async fn count(mut self) -> Result<Side, Ended> {
        let (events, _) = self.session.written();
        super::count::effects(&events, &mut self.side);
        super::count::suggestions(&events, &mut self.side);
        let comments: BTreeMap<_, _> = {
            let state = self.session.state();
            let commented = state.issues.iter().filter_map(|(number, issue)| {
                let subject = events.iter().rev().map(|event| event.recorded.stamp.subject);
                let subject = subject.into_iter().find(|subject| subject.number() == Some(*number))?;
                Some((subject, issue.status_comment.as_ref()?.id))
            });
            commented.collect()
        };
        for (subject, id) in comments {
            if let Some(comment) = self.services.github.comment(id).await? {
                let text = self.stage.plain(&comment.body);
                self.side.texts.insert(subject, crate::report::comment::digest(&text));
            }
        }
        self.side.cost = self.desk.cost();
        Ok(self.side)
    }
}

/// What an assignment left behind.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Assigned {
    assigned: Vec<crate::domain::id::Login>,
    unassigned: Vec<crate::domain::id::Login>,
}
