//! Commands that look and change nothing: `status`, `log`, `show`, `why`, `verify`.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::failure::{Ended, Kind};
use super::session;
use super::world::World;
use crate::cli::{self, Command};
use crate::domain::id::{IssueNumber, Sequence};
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::untrusted::one_line;
use crate::log::{ChainHash, Envelope, EventLog as _, wire};
use crate::report::terminal::{Terminal, Tone, table};
use crate::report::{sentence, why};
use crate::views::board::{Row, board};
use crate::views::timeline::Timeline;

/// Width of a table's last column.
const WIDE: usize = 120;

pub(super) async fn inspect(
    command: &Command,
    world: &World,
    terminal: Terminal,
    json: bool,
) -> Result<ExitCode, Ended> {
    match command {
        Command::Status => status(world, terminal, json).await?,
        Command::Log(arguments) => log(world, arguments, terminal, json).await?,
        Command::Show(arguments) => show(world, arguments, terminal, json).await?,
        Command::Why(arguments) => tell_why(world, arguments, terminal, json).await?,
        Command::Verify => return verify(world, terminal, json).await,
        _ => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn present(world: &World) -> Result<State, Ended> {
    Ok(session::read(world.log()?.as_ref()).await?.0)
}

async fn status(world: &World, terminal: Terminal, json: bool) -> Result<(), Ended> {
    let board = board(&present(world).await?, world.clock.now());
    if json {
        terminal.data(&serde_json::to_string(&board).unwrap_or_default());
        return Ok(());
    }
    let counts: Vec<String> =
        board.counts.iter().map(|(status, count)| format!("{count} {status}")).collect();
    terminal
        .data(&terminal.paint(Tone::Strong, &format!("{} (event {})", counts.join(", "), board.sequence)));
    for line in task_table(&board.tasks) {
        terminal.data(&line);
    }
    Ok(())
}

/// Tasks as lines for a person.
pub(super) fn task_table(rows: &[Row]) -> Vec<String> {
    let cells = |row: &Row| {
        let attempts = format!("{}/{}", row.attempts, row.max_attempts);
        let detail = one_line(&row.detail, WIDE);
        vec![row.status.to_owned(), row.kind.clone(), row.subject.clone(), attempts, row.task.clone(), detail]
    };
    table(&rows.iter().map(cells).collect::<Vec<_>>())
}

async fn log(world: &World, arguments: &cli::Log, terminal: Terminal, json: bool) -> Result<(), Ended> {
    let subject: Option<Subject> = arguments.subject.as_deref().map(str::parse).transpose().map_err(
        |error: crate::domain::subject::NotASubject| {
            Ended::usage(error.to_string(), "For example: automata log --subject issue/42")
        },
    )?;
    let mut events = Vec::new();
    let wanted =
        |envelope: &Envelope| subject.is_none_or(|subject| envelope.recorded.stamp.subject == subject);
    world
        .log()?
        .history(Sequence(1), &mut |envelope| {
            if wanted(&envelope) {
                events.push(envelope);
            }
        })
        .await?;
    let skipped = if arguments.last == 0 { 0 } else { events.len().saturating_sub(arguments.last) };
    print_events(&events[skipped..], terminal, json)
}

fn print_events(events: &[Envelope], terminal: Terminal, json: bool) -> Result<(), Ended> {
    if json {
        for envelope in events {
            terminal.data(&as_json(envelope)?.to_string());
        }
        return Ok(());
    }
    for line in event_table(events) {
        terminal.data(&line);
    }
    Ok(())
}

/// Events as lines for a person.
pub(super) fn event_table(events: &[Envelope]) -> Vec<String> {
    let cells = |envelope: &Envelope| {
        let stamp = &envelope.recorded.stamp;
        let what = one_line(&sentence::of(envelope), WIDE);
        vec![stamp.sequence.to_string(), stamp.at.to_string(), stamp.subject.to_string(), what]
    };
    table(&events.iter().map(cells).collect::<Vec<_>>())
}

/// The event as the log keeps it, without the link to the line before it.
fn as_json(envelope: &Envelope) -> Result<Value, Ended> {
    let line = wire::encode(envelope, ChainHash::START).map_err(bug)?;
    let mut value: Value = serde_json::from_str(&line).map_err(bug)?;
    if let Some(fields) = value.as_object_mut() {
        fields.remove("prev");
    }
    Ok(value)
}

fn bug(error: impl std::fmt::Display) -> Ended {
    Ended { kind: Kind::Bug, message: error.to_string(), hints: Vec::new() }
}

async fn show(world: &World, arguments: &cli::Show, terminal: Terminal, json: bool) -> Result<(), Ended> {
    let what = arguments.what.trim_start_matches('#');
    if let Ok(sequence) = what.parse::<u64>() {
        return show_event(world, Sequence(sequence), terminal).await;
    }
    let state = present(world).await?;
    if let Some(number) = what.parse::<Subject>().ok().and_then(Subject::number) {
        let issue = state.issues.get(&number).ok_or_else(|| unknown(what))?;
        let tasks: Vec<&Task> =
            state.tasks.values().filter(|task| task.spec.subject.number() == Some(number)).collect();
        print_value(&json!({ "issue": issue, "tasks": tasks }), terminal, json);
        return Ok(());
    }
    let found: Vec<&Task> = state.tasks.values().filter(|task| task.id.as_str().starts_with(what)).collect();
    match found.as_slice() {
        [task] => {
            let effects: Vec<_> =
                state.effects.values().filter(|effect| effect.intent.task == task.id).collect();
            print_value(&json!({ "task": task, "effects": effects }), terminal, json);
            Ok(())
        }
        [] => Err(unknown(what)),
        many => {
            let ids: Vec<&str> = many.iter().map(|task| task.id.as_str()).collect();
            Err(Ended::usage(
                format!("`{what}` is the beginning of {} tasks", many.len()),
                format!("Name one of {}.", ids.join(", ")),
            ))
        }
    }
}

async fn show_event(world: &World, sequence: Sequence, terminal: Terminal) -> Result<(), Ended> {
    let mut found = None;
    world
        .log()?
        .history(sequence, &mut |envelope| {
            if envelope.recorded.stamp.sequence == sequence {
                found = Some(envelope);
            }
        })
        .await?;
    let envelope = found.ok_or_else(|| unknown(&sequence.to_string()))?;
    print_value(&as_json(&envelope)?, terminal, false);
    Ok(())
}

/// JSON either way: dense for programs, spread out for people.
fn print_value(value: &Value, terminal: Terminal, json: bool) {
    let text = if json { serde_json::to_string(value) } else { serde_json::to_string_pretty(value) };
    terminal.data(&text.unwrap_or_default());
}

fn unknown(what: &str) -> Ended {
    Ended::usage(
        format!("nothing is known of `{}`", one_line(what, 60)),
        "`automata status` lists tasks, `automata log` events; finished tasks and closed issues stay in the log alone.",
    )
}

async fn tell_why(world: &World, arguments: &cli::Why, terminal: Terminal, json: bool) -> Result<(), Ended> {
    let text =
        arguments.issue.trim_start_matches("issue/").trim_start_matches("pull/").trim_start_matches('#');
    let number = text.parse().map(IssueNumber).map_err(|_| {
        Ended::usage(
            format!("`{}` is not an issue's number", one_line(&arguments.issue, 60)),
            "For example: automata why 42",
        )
    })?;
    let mut timeline = Timeline::of(number);
    world.log()?.history(Sequence(1), &mut |envelope| timeline.offer(envelope)).await?;
    let state = present(world).await?;
    let answer = why::explain(&state, number, timeline.events(), world.clock.now());
    if json {
        terminal.data(&serde_json::to_string(&answer).unwrap_or_default());
    } else {
        for line in answer.lines() {
            terminal.data(&line);
        }
    }
    Ok(())
}

async fn verify(world: &World, terminal: Terminal, json: bool) -> Result<ExitCode, Ended> {
    let report = super::verify::verify(world).await?;
    if json {
        terminal.data(&serde_json::to_string(&report).unwrap_or_default());
    } else {
        for line in report.lines() {
            terminal.data(&line);
        }
    }
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(Kind::Work.exit_code()) })
}
