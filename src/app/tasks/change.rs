//! `automata tasks cancel|retry|revive|prioritise`: changes tasks, one append for all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use serde::Serialize;
use serde_json::Value;

use super::{Desk, choose, draft, find, list, wanted};
use crate::app::failure::{Ended, Kind};
use crate::app::limits;
use crate::app::session::Session;
use crate::cli;
use crate::domain::command::{Command, Rejection};
use crate::domain::event::Event;
use crate::domain::id::{CommandId, TaskId};
use crate::domain::payload::Payload;
use crate::domain::spec::Priority;
use crate::domain::state::{State, Wait};
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::report::terminal::Tone;
use crate::report::workflow::{self, Level};
use crate::tasks;
use crate::views::board;

/// Width of a reason, which stands in tables and in the history of the state branch.
const REASON: usize = 200;

/// What is to be done to tasks.
pub(super) struct Change {
    verb: Verb,
    reason: String,
}

enum Verb {
    Cancel,
    Retry,
    Revive(Option<Value>),
    Prioritise(Priority),
}

/// What follows for one task.
enum Step {
    /// This is to be decided.
    Submit(Command),
    /// It is so already.
    Nothing,
    /// It makes no sense.
    Refuse(String),
}

/// What came of it.
#[derive(Default, Serialize)]
struct Report {
    would: Vec<TaskId>,
    done: Vec<Changed>,
    also: Vec<Changed>,
    refused: Vec<Refused>,
}

#[derive(Serialize)]
struct Changed {
    task: TaskId,
    status: &'static str,
}

#[derive(Serialize)]
struct Refused {
    task: String,
    error: String,
}

impl Change {
    fn new(verb: Verb, reason: Option<&String>) -> Self {
        let word = match verb {
            Verb::Cancel => "cancelled by hand",
            Verb::Retry => "retried by hand",
            Verb::Revive(_) => "revived by hand",
            Verb::Prioritise(_) => "prioritised by hand",
        };
        Self { verb, reason: one_line(reason.map_or(word, String::as_str), REASON) }
    }

    pub(super) fn cancel(arguments: &cli::Cancel) -> Self {
        Self::new(Verb::Cancel, arguments.reason.as_ref())
    }

    pub(super) fn retry(arguments: &cli::Retry) -> Self {
        Self::new(Verb::Retry, arguments.reason.as_ref())
    }

    pub(super) fn revive(arguments: &cli::Revive) -> Result<Self, Ended> {
        let input = arguments.input.as_deref().map(|input| draft::json("--input", input)).transpose()?;
        Ok(Self::new(Verb::Revive(input), arguments.reason.as_ref()))
    }

    pub(super) fn prioritise(arguments: &cli::Prioritise) -> Result<Self, Ended> {
        let priority = wanted::priority("PRIORITY", Some(arguments.priority));
        let priority = priority
            .map_err(|problem| Ended::usage(format!("PRIORITY: {}", problem.message), problem.hint))?;
        Ok(Self::new(Verb::Prioritise(priority), arguments.reason.as_ref()))
    }

    /// Makes the change to tasks that are named or picked.
    pub(super) async fn make(&self, desk: &Desk, chosen: &cli::Chosen) -> Result<ExitCode, Ended> {
        let by_name = !chosen.tasks.is_empty();
        if by_name != choose::is_empty(&chosen.filter) {
            let message = if by_name { "tasks are named and picked at once" } else { "no task is named" };
            return Err(Ended::usage(
                message,
                "Name tasks, or pick them with --status, --kind, --subject or --wait.",
            ));
        }
        if by_name {
            return self.make_to(desk, &chosen.tasks).await;
        }
        let session = desk.session().await?;
        let (limits, now) = (limits::of(&desk.world.config), session.now());
        let (ids, rows) = {
            let state = session.state();
            let filter = choose::filter(&state, &chosen.filter)?;
            let mut picked = board::picked(&state, &filter, now, &|task| limits.room(task));
            // What was called off comes back only when it is asked for: somebody did not want it.
            let called_off = matches!(self.verb, Verb::Revive(_))
                && chosen.filter.status.contains(&cli::StatusName::Cancelled);
            picked.retain(|task| {
                let is_called_off = matches!(task.status, Status::Cancelled { .. });
                self.is_for(&state, task, now) || (called_off && is_called_off)
            });
            let row = |task: &&Task| board::row(&state, task, now, &|task| limits.room(task));
            let ids: Vec<TaskId> = picked.iter().map(|task| task.id.clone()).collect();
            (ids, picked.iter().map(row).collect::<Vec<_>>())
        };
        if chosen.yes {
            return self.make_in(desk, &session, ids, Vec::new()).await;
        }
        self.expect_input(&session.state(), &ids)?;
        if desk.json {
            desk.terminal.json(&Report { would: ids, ..Report::default() }).map_err(Ended::bug)?;
        } else {
            list::lines(&rows, desk.terminal);
            let count = rows.len();
            let would = self.verb.would();
            let told = match count {
                0 => format!("Nothing would be {would}."),
                1 => format!("1 task would be {would}. Add --yes to do it."),
                _ => format!("{count} tasks would be {would}. Add --yes to do it."),
            };
            desk.terminal.note(&told);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Makes the change to tasks that are named.
    pub(super) async fn make_to(&self, desk: &Desk, names: &[String]) -> Result<ExitCode, Ended> {
        let session = desk.session().await?;
        let (mut ids, mut refused) = (Vec::new(), Vec::new());
        for name in names {
            match find::task_to_change(&session.state(), name.trim()) {
                Ok(task) if ids.contains(&task.id) => {}
                Ok(task) => ids.push(task.id.clone()),
                Err(unclear) => {
                    let hints = unclear.hints.join(" ");
                    refused
                        .push(Refused { task: name.clone(), error: format!("{}. {hints}", unclear.message) });
                }
            }
        }
        self.make_in(desk, &session, ids, refused).await
    }

    async fn make_in(
        &self,
        desk: &Desk,
        session: &Session,
        ids: Vec<TaskId>,
        mut refused: Vec<Refused>,
    ) -> Result<ExitCode, Ended> {
        self.expect_input(&session.state(), &ids)?;
        let before: BTreeMap<TaskId, &'static str> = {
            let state = session.state();
            ids.iter().filter_map(|id| Some((id.clone(), state.tasks.get(id)?.status.name()))).collect()
        };
        let deadlines = deadlines(&session.state());
        let mut commands: BTreeMap<TaskId, Option<CommandId>> = BTreeMap::new();
        let order = self.in_order(&session.state(), &ids);
        for id in order {
            let was = before.get(&id).copied().unwrap_or_default();
            let step = self.step(&session.state(), &id, was, session.now());
            let decided = match step {
                Step::Submit(command) => match session.submit(command) {
                    Err(bug @ Rejection::Impossible(_)) => return Err(Ended::bug(bug.to_string())),
                    submitted => submitted.map(Some).map_err(|reason| self.told(&id, &reason)),
                },
                Step::Nothing => Ok(None),
                Step::Refuse(reason) => Err(reason),
            };
            match decided {
                Ok(command) => drop(commands.insert(id, command)),
                Err(error) => refused.push(Refused { task: id.to_string(), error }),
            }
        }
        session.flush().await?;
        let mut report = Report { refused, ..Report::default() };
        for task in ids {
            let Some(command) = commands.get(&task) else { continue };
            match command.as_ref().and_then(|command| session.refusal(command)) {
                Some(bug @ Rejection::Impossible(_)) => return Err(Ended::bug(bug.to_string())),
                Some(reason) => {
                    report.refused.push(Refused { task: task.to_string(), error: self.told(&task, &reason) });
                }
                None => report.done.push(changed(&session.state(), &task, self.verb.leaves())),
            }
        }
        report.also = also(session, &report.done);
        let lifted = lifted(&session.state(), &report, &deadlines);
        let code = self.say(desk, &report, &session.state())?;
        if !lifted.is_empty() {
            desk.terminal.note(&lifted);
        }
        Ok(code)
    }

    fn say(&self, desk: &Desk, report: &Report, state: &State) -> Result<ExitCode, Ended> {
        let code = if report.refused.is_empty() { 0 } else { Kind::Usage.exit_code() };
        let terminal = desk.terminal;
        if desk.json {
            terminal.json(report).map_err(Ended::bug)?;
        } else {
            let line = |changed: &Changed, more: &str| {
                let now = match (&self.verb, state.tasks.get(&changed.task)) {
                    (Verb::Prioritise(_), Some(task)) => format!("priority {}", task.spec.priority.value()),
                    _ => changed.status.to_owned(),
                };
                vec![changed.task.to_string(), now, more.to_owned()]
            };
            let done = report.done.iter().map(|changed| line(changed, ""));
            let also = report.also.iter().map(|changed| line(changed, "with it"));
            for line in terminal.table(&done.chain(also).collect::<Vec<_>>()) {
                terminal.data(&line);
            }
            if report.done.is_empty() && report.refused.is_empty() {
                terminal.note(&format!("Nothing was {}.", self.verb.would()));
            }
        }
        for refused in &report.refused {
            let heading = terminal.paint_note(Tone::Bad, "error");
            terminal.note(&format!("{heading}: {}", refused.error));
            terminal.command(&workflow::annotation(Level::Error, "Automata", &refused.error));
        }
        Ok(ExitCode::from(code))
    }

    /// Whether the change could be made to the task.
    fn is_for(&self, state: &State, task: &Task, now: Timestamp) -> bool {
        match self.verb {
            Verb::Cancel => !task.status.is_final(),
            Verb::Revive(_) => matches!(task.status, Status::Failed { .. }),
            Verb::Retry => matches!(task.status, Status::Failed { .. }) || waits_for_time(state, task, now),
            Verb::Prioritise(_) => matches!(task.status, Status::Pending { .. }),
        }
    }

    /// Those that need others are cancelled before these, or they would fail with them; all else happens in the order
    /// in which the tasks were enqueued.
    fn in_order(&self, state: &State, ids: &[TaskId]) -> Vec<TaskId> {
        let mut ids = ids.to_vec();
        ids.sort_by_key(|id| state.tasks.get(id).map(|task| task.enqueued));
        if matches!(self.verb, Verb::Cancel) {
            ids.reverse();
        }
        ids
    }

    /// An input must fit every task that is to have it.
    fn expect_input(&self, state: &State, ids: &[TaskId]) -> Result<(), Ended> {
        let Verb::Revive(Some(input)) = &self.verb else { return Ok(()) };
        for task in ids.iter().filter_map(|id| state.tasks.get(id)) {
            let Some(kind) = tasks::find(task.spec.kind.as_str()) else { continue };
            wanted::checked_input(kind, Some(input)).map_err(|problem| draft::wrong_option(&problem))?;
        }
        Ok(())
    }

    /// What is to be done to a task that had the status `was` when this began.
    fn step(&self, state: &State, id: &TaskId, was: &str, now: Timestamp) -> Step {
        let Some(task) = state.tasks.get(id) else { return Step::Refuse(format!("there is no task {id}")) };
        if task.status.name() != was {
            // It went the same way with another one.
            return Step::Nothing;
        }
        let (id, reason) = (id.clone(), self.reason.clone());
        let amend = |priority, not_before| {
            let (task, reason) = (id.clone(), reason.clone());
            Step::Submit(Command::Amend { task, input: None, priority, not_before, reason })
        };
        let revive =
            |input| Step::Submit(Command::Revive { task: id.clone(), input, reason: reason.clone() });
        match &self.verb {
            Verb::Cancel => Step::Submit(Command::Cancel { task: id, reason }),
            Verb::Revive(input) => revive(input.as_ref().map(|input| Payload::of(input).unwrap_or_default())),
            Verb::Prioritise(priority)
                if task.spec.priority == *priority && matches!(task.status, Status::Pending { .. }) =>
            {
                Step::Nothing
            }
            Verb::Prioritise(priority) => amend(Some(*priority), None),
            // Nobody wanted it; whoever does now says so.
            Verb::Retry if matches!(task.status, Status::Cancelled { .. }) => {
                let status = task.status.name();
                Step::Refuse(self.told(&id, &Rejection::WrongStatus { task: id.clone(), status }))
            }
            Verb::Retry if !matches!(task.status, Status::Pending { .. }) => revive(None),
            Verb::Retry => match state.waits(task, now) {
                Some(Wait::Scheduled(_) | Wait::Retrying(_)) => amend(None, Some(now)),
                Some(Wait::Blocked(ids)) => {
                    let ids: Vec<&str> = ids.iter().map(TaskId::as_str).collect();
                    Step::Refuse(format!(
                        "task {id} waits for other tasks, not for a time: {}",
                        ids.join(", ")
                    ))
                }
                Some(Wait::Awaiting(facts)) => {
                    let facts: Vec<String> = facts.iter().map(ToString::to_string).collect();
                    Step::Refuse(format!(
                        "task {id} waits for something outside, not for a time: {}",
                        facts.join(", ")
                    ))
                }
                Some(Wait::Paused(reason)) => Step::Refuse(format!(
                    "task {id} is about something that is paused ({reason}): say `/automata resume` there"
                )),
                Some(Wait::Throttled(_)) | None => Step::Nothing,
            },
        }
    }

    /// Why a change was refused, in words.
    fn told(&self, id: &TaskId, rejection: &Rejection) -> String {
        match rejection {
            Rejection::WrongStatus { task, status } => {
                let can = match self.verb {
                    Verb::Cancel => "only pending and running tasks can be cancelled",
                    Verb::Retry => "only tasks that wait for a time or have failed can be retried",
                    Verb::Revive(_) => "only failed and cancelled tasks can be revived",
                    Verb::Prioritise(_) => "only pending tasks wait for their turn",
                };
                format!("task {task} is {status}: {can}")
            }
            Rejection::UnknownDependency(needed) => {
                format!(
                    "task {id} needs task {needed}, which is not there or will never be completed: revive that one first"
                )
            }
            other => other.to_string(),
        }
    }
}

impl Verb {
    const fn would(&self) -> &'static str {
        match self {
            Self::Cancel => "cancelled",
            Self::Retry => "retried",
            Self::Revive(_) => "revived",
            Self::Prioritise(_) => "prioritised",
        }
    }

    /// The status in which it leaves a task.
    const fn leaves(&self) -> &'static str {
        match self {
            Self::Cancel => "cancelled",
            Self::Retry | Self::Revive(_) | Self::Prioritise(_) => "pending",
        }
    }
}

fn waits_for_time(state: &State, task: &Task, now: Timestamp) -> bool {
    let is_pending = matches!(task.status, Status::Pending { .. });
    is_pending && matches!(state.waits(task, now), Some(Wait::Scheduled(_) | Wait::Retrying(_)))
}

/// By when failed and cancelled tasks had to begin.
fn deadlines(state: &State) -> BTreeMap<TaskId, Timestamp> {
    let lost = state
        .tasks
        .values()
        .filter(|task| matches!(task.status, Status::Failed { .. } | Status::Cancelled { .. }));
    lost.filter_map(|task| Some((task.id.clone(), task.spec.deadline?))).collect()
}

/// Which of the tasks that came back had a deadline that had passed, in words; empty when none had.
fn lifted(state: &State, report: &Report, before: &BTreeMap<TaskId, Timestamp>) -> String {
    let lifted = report.done.iter().chain(&report.also).filter_map(|changed| {
        let task = state.tasks.get(&changed.task).filter(|task| task.spec.deadline.is_none())?;
        Some((&task.id, *before.get(&task.id)?))
    });
    let lifted: Vec<_> = lifted.collect();
    match lifted.as_slice() {
        [] => String::new(),
        [(task, deadline)] => {
            format!("The deadline of task {task}, {deadline}, has passed: it has none now.")
        }
        many => format!("The deadlines of {} of these tasks have passed: they have none now.", many.len()),
    }
}

/// What became of a task; `left` says it of one that has left view already, since many ended at once.
fn changed(state: &State, task: &TaskId, left: &'static str) -> Changed {
    let status = state.tasks.get(task).map_or(left, |task| task.status.name());
    Changed { task: task.clone(), status }
}

/// What else ended, came back or was enqueued because of what was done.
fn also(session: &Session, done: &[Changed]) -> Vec<Changed> {
    let (events, _) = session.written();
    let mut known: BTreeSet<TaskId> = done.iter().map(|changed| changed.task.clone()).collect();
    let mut also = Vec::new();
    for envelope in &events {
        let (task, left) = match &envelope.recorded.event {
            Event::TaskEnqueued(event) => (&event.task, "pending"),
            Event::TaskFailed(event) => (&event.task, "failed"),
            Event::TaskCancelled(event) => (&event.task, "cancelled"),
            Event::TaskRevived(event) => (&event.task, "pending"),
            _ => continue,
        };
        if known.insert(task.clone()) {
            also.push(changed(&session.state(), task, left));
        }
    }
    also
}
