//! One task with everything about it, for a person.

use crate::domain::actor::ActorKind;
use crate::domain::count::counted;
use crate::domain::effect::Effect;
use crate::domain::spec::{Ending, IfLost, OnDuplicate, TaskSpec};
use crate::domain::state::State;
use crate::domain::task::{Status, Task};
use crate::domain::untrusted::one_line;
use crate::log::Envelope;
use crate::report::receipt;
use crate::report::sentence;
use crate::report::terminal::table;
use crate::views::board::Row;

/// Width of a value.
const WIDE: usize = 160;

/// What is known of a task.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// The present.
    pub state: &'a State,
    /// The task.
    pub task: &'a Task,
    /// The task as a row of the board.
    pub row: &'a Row,
    /// Its changes outside.
    pub effects: Vec<&'a Effect>,
    /// Tasks that need it.
    pub needed_by: Vec<&'a Task>,
    /// Its history.
    pub events: &'a [Envelope],
}

impl Shown<'_> {
    /// Everything, a fact a line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let (task, spec) = (self.task, &self.task.spec);
        let mut facts: Vec<(&str, String)> = vec![
            ("task", task.id.to_string()),
            ("status", self.status()),
            ("kind", spec.kind.to_string()),
            ("subject", spec.subject.to_string()),
            ("reason", spec.reason.clone()),
            ("input", spec.input.as_str().to_owned()),
            ("priority", spec.priority.value().to_string()),
            ("attempts", attempts(task)),
            ("enqueued", format!("{} (event {})", task.enqueued_at, task.enqueued)),
        ];
        facts.extend(self.waits());
        facts.extend(keys(spec));
        facts.extend(spec.hooks.iter().map(|hook| {
            let ends: Vec<&str> = hook.on.iter().map(|end| end.name()).collect();
            let what = format!("`{}` on {} {}", hook.task.kind, hook.task.subject, hook.task.input.as_str());
            let all = [Ending::Completed, Ending::Failed, Ending::Cancelled];
            let when =
                if all.iter().all(|end| hook.on.contains(end)) { "ended".into() } else { ends.join(" or ") };
            ("hook", format!("when {when}: {what}"))
        }));
        facts.extend(self.came_of_it());
        let needed_by = self.needed_by.iter();
        facts.extend(needed_by.map(|other| ("needed by", format!("{} ({})", other.id, other.status.name()))));
        facts.extend(self.effects.iter().map(|effect| ("effect", told(effect))));
        let rows: Vec<Vec<String>> =
            facts.into_iter().map(|(name, value)| vec![name.to_owned(), one_line(&value, WIDE)]).collect();
        let mut lines = table(&rows);
        lines.push(String::new());
        lines.extend(history(self.events));
        lines
    }

    fn status(&self) -> String {
        match &self.task.status {
            Status::Pending { .. } => format!("pending: {}", self.row.detail),
            Status::Running { .. } => "running".to_owned(),
            Status::Completed { at, .. } => format!("completed at {at}"),
            Status::Failed { at, .. } => format!("failed at {at}"),
            Status::Cancelled { at, reason } => format!("cancelled at {at}: {reason}"),
        }
    }

    /// What it needs, and whether that is there.
    fn waits(&self) -> Vec<(&'static str, String)> {
        let (task, spec) = (self.task, &self.task.spec);
        let mut facts = Vec::new();
        for id in &spec.depends_on {
            let status = self.state.tasks.get(id).map_or("over, and out of view", |task| task.status.name());
            facts.push(("needs", format!("{id} ({status})")));
        }
        if !spec.depends_on.is_empty() {
            let fate = match spec.if_lost {
                IfLost::Fail => "fail: it fails too",
                IfLost::Skip => "skip: it is cancelled",
                IfLost::Continue => "continue: it goes on without",
            };
            facts.push(("if lost", fate.to_owned()));
        }
        for fact in &spec.awaits {
            let is_so = if task.awaits.contains(fact) { "not yet" } else { "it is so" };
            facts.push(("awaits", format!("{fact} ({is_so})")));
        }
        facts
    }

    /// How far the work has come, and what came of it.
    fn came_of_it(&self) -> Vec<(&'static str, String)> {
        let task = self.task;
        let mut facts = Vec::new();
        if let Some(progress) = &task.progress {
            let percent = progress.percent.map(|percent| format!("{percent} % "));
            let message = progress.message.clone();
            facts.push(("progress", percent.into_iter().chain(message).collect::<String>()));
            if !progress.checkpoint.is_empty() {
                facts.push(("checkpoint", progress.checkpoint.as_str().to_owned()));
            }
        }
        match &task.status {
            Status::Running { lease } => {
                facts
                    .push(("lease", format!("{} of run {}, until {}", lease.number, lease.run, lease.until)));
            }
            _ if task.leases > 0 => facts.push(("leases", format!("{} so far", task.leases))),
            _ => {}
        }
        let failure = match &task.status {
            Status::Failed { failure, .. } => Some(failure),
            Status::Pending { last_failure, .. } => last_failure.as_ref(),
            _ => None,
        };
        if let Some(failure) = failure {
            facts.push(("failure", format!("{failure} ({})", failure.code)));
            facts.extend(failure.hint.clone().map(|hint| ("hint", hint)));
        }
        if let Status::Completed { output, .. } = &task.status {
            facts.push(("output", output.as_str().to_owned()));
        }
        facts
    }
}

fn keys(spec: &TaskSpec) -> Vec<(&'static str, String)> {
    let duplicate = match spec.on_duplicate {
        OnDuplicate::Drop => "dropped",
        OnDuplicate::Replace => "replace it",
        OnDuplicate::Coalesce => "change its input",
    };
    let facts = [
        ("unique", spec.unique.as_ref().map(|key| format!("{key} (duplicates {duplicate})"))),
        ("idempotency", spec.idempotency.clone()),
        ("concurrency", spec.concurrency.clone()),
        ("not before", spec.not_before.map(|at| at.to_string())),
        ("deadline", spec.deadline.map(|at| at.to_string())),
    ];
    facts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn told(effect: &Effect) -> String {
    let done = effect.receipt.as_ref().map(|receipt| receipt::words(effect.intent.kind, receipt));
    let done = done.map_or("announced, not known to be done".to_owned(), |done| format!("done: {done}"));
    format!("{} on {}, {done}", effect.intent.detail, effect.intent.target)
}

/// Events as lines, with whoever asked for them where that was somebody else than ourselves.
fn history(events: &[Envelope]) -> Vec<String> {
    let cells = |envelope: &Envelope| {
        let stamp = &envelope.recorded.stamp;
        let actor = if stamp.actor.kind == ActorKind::Automata { "" } else { stamp.actor.login.as_str() };
        let what = one_line(&sentence::of(envelope), WIDE);
        vec![stamp.sequence.to_string(), stamp.at.to_string(), one_line(actor, WIDE), what]
    };
    let mut rows: Vec<Vec<String>> = events.iter().map(cells).collect();
    if rows.iter().all(|row| row[2].is_empty()) {
        rows.iter_mut().for_each(|row| drop(row.remove(2)));
    }
    table(&rows)
}

/// How often it was tried, and how often a run that was told to stop gave it back, which is no try.
fn attempts(task: &Task) -> String {
    let tried = format!("{} of {}", task.attempts, task.spec.max_attempts);
    match task.given_back {
        0 => tried,
        times => format!("{tried}, and given back {}", counted(times, "time", "times")),
    }
}
