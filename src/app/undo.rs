//! `automata undo`: finds what is meant in the log, and enqueues the tasks that take it back.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde::Serialize;

use super::environment::Environment;
use super::failure::Ended;
use super::run;
use super::tasks::actor;
use super::world::World;
use crate::cli::{Format, Global, Undo};
use crate::domain::command::Command;
use crate::domain::id::TaskId;
use crate::domain::input;
use crate::domain::named::Unclear;
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::domain::undo::{self, Part, effects};
use crate::domain::untrusted::one_line;
use crate::report::receipt;
use crate::report::terminal::Terminal;

/// Width of a line about an effect.
const LINE: usize = 120;

/// What is meant about one subject.
#[derive(Serialize)]
struct Meant {
    subject: Subject,
    /// The task that takes it back.
    task: Option<TaskId>,
    effects: Vec<Seen>,
}

/// An effect that is looked at.
#[derive(Serialize)]
struct Seen {
    effect: String,
    kind: String,
    target: String,
    receipt: String,
}

pub(super) async fn undo(
    arguments: &Undo,
    global: &Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let world = World::open(global, environment)?;
    let world = if arguments.dry_run { world.configured().await? } else { world.prepared().await? };
    let who = actor(environment);
    let session = run::open(&world).await?.on_behalf_of(who.clone());
    let what = arguments.what.trim();
    // Of an issue everything is looked at, and of that much is in view no more.
    let named = subject(&session.state(), what);
    let state = match named {
        Some(subject) => session.recall(subject, Timestamp::default()).await?,
        None => session.state().clone(),
    };
    let (mut meant, part) = find(&state, what)?;
    if meant.is_empty() {
        return Err(Ended::usage(
            format!("nothing that can be taken back is called `{}`", one_line(what, LINE)),
            "Name an issue, a run, a task or an effect; `automata why` and `automata show` list them. To have something taken back that is older than a week, name its issue.",
        ));
    }
    if !arguments.dry_run {
        for meant in &mut meant {
            let part = part.as_ref().map(Part::to_string);
            let input = input::Undo { what: part, asked_by: Some(who.login.clone()) };
            let input = Payload::of(&input).map_err(Ended::bug)?;
            let reason = format!("{} asked to undo {}", who.login, one_line(what, LINE));
            let request = TaskRequest::new(input::UNDO, meant.subject, input, reason);
            let command = session.submit(Command::Enqueue(vec![request])).map_err(Ended::bug)?;
            meant.task = Some(TaskId::of(&command, 1));
        }
        session.flush().await?;
    }
    if global.format == Format::Json {
        terminal.json(&meant).map_err(Ended::bug)?;
        return Ok(ExitCode::SUCCESS);
    }
    for meant in &meant {
        for seen in &meant.effects {
            terminal.data(&format!("{}: {} {}", meant.subject, seen.kind, one_line(&seen.receipt, LINE)));
        }
        if meant.effects.is_empty() {
            terminal.data(&format!("{}: what it still has of us", meant.subject));
        }
        match &meant.task {
            Some(task) => terminal.note(&format!(
                "task {task} takes it back in the next run, as far as nobody touched it since"
            )),
            None => terminal.note("nothing was changed: this is what would be looked at"),
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The issue or pull request that is named.
fn subject(state: &State, what: &str) -> Option<Subject> {
    let numbered = undo::number(what).and_then(|number| {
        let known = state.issues.get(&number)?;
        Some(if known.is_pull { Subject::Pull(number) } else { Subject::Issue(number) })
    });
    numbered.or_else(|| what.parse().ok().filter(|subject: &Subject| subject.number().is_some()))
}

/// The subjects that are meant, and the part of them; none for all.
fn find(state: &State, what: &str) -> Result<(Vec<Meant>, Option<Part>), Ended> {
    if let Some(subject) = subject(state, what) {
        let is_known = subject.number().is_some_and(|number| state.issues.contains_key(&number));
        let meant = Meant { subject, task: None, effects: seen(state, subject, None) };
        let meant = if is_known || !meant.effects.is_empty() { vec![meant] } else { Vec::new() };
        return Ok((meant, None));
    }
    let part = match undo::part(state, None, what) {
        Ok(part) => part,
        Err(Unclear::Unknown) => return Ok((Vec::new(), None)),
        Err(unclear) => return Err(unclear.ended(what)),
    };
    let mut subjects: BTreeMap<Subject, ()> = BTreeMap::new();
    subjects.extend(state.tasks.values().map(|task| (task.spec.subject, ())));
    let meant = subjects.into_keys().filter(|subject| subject.number().is_some()).map(|subject| Meant {
        subject,
        task: None,
        effects: seen(state, subject, Some(&part)),
    });
    let meant = meant.filter(|meant| !meant.effects.is_empty()).collect();
    Ok((meant, Some(part)))
}

fn seen(state: &State, subject: Subject, part: Option<&Part>) -> Vec<Seen> {
    effects(state, subject, part)
        .into_iter()
        .map(|(effect, task)| Seen {
            effect: effect.intent.effect.to_string(),
            kind: task.spec.kind.to_string(),
            target: effect.intent.target.clone(),
            receipt: effect.receipt.iter().map(|done| receipt::words(effect.intent.kind, done)).collect(),
        })
        .collect()
}
