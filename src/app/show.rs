//! `automata show`: one task, issue or event with everything about it.

use serde_json::{Value, json};

use super::failure::Ended;
use super::inspect::as_json;
use super::reading::{history, present};
use super::tasks::{Unclear, one_task};
use super::world::World;
use crate::cli;
use crate::domain::id::Sequence;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::untrusted::one_line;
use crate::report::terminal::{Terminal, Tone};

pub(super) async fn show(
    world: &World,
    arguments: &cli::Show,
    terminal: Terminal,
    json: bool,
) -> Result<(), Ended> {
    let what = arguments.what.trim();
    if let Ok(sequence) = what.parse::<u64>() {
        return show_event(world, Sequence(sequence), terminal, json).await;
    }
    let present = present(world).await?;
    match find(&present.state, what) {
        Ok((title, value)) => {
            print(&title, &value, terminal, json)?;
            present.told()
        }
        // What is not there may be in the part that cannot be read.
        Err(unknown) => Err(present.damage.unwrap_or(unknown)),
    }
}

/// What is meant, and everything about it.
fn find(state: &State, what: &str) -> Result<(String, Value), Ended> {
    let number = match what.strip_prefix('#') {
        Some(number) => number.parse().ok().map(crate::domain::id::IssueNumber),
        None => what.parse::<Subject>().ok().and_then(Subject::number),
    };
    if let Some(number) = number {
        let issue = state.issues.get(&number).ok_or_else(|| unknown(what))?;
        let tasks: Vec<&Task> =
            state.tasks.values().filter(|task| task.spec.subject.number() == Some(number)).collect();
        return Ok((format!("issue #{number}"), json!({ "issue": issue, "tasks": tasks })));
    }
    // `log` prints ids in short, and what is printed is understood.
    match one_task(state, what) {
        Ok(task) => {
            let effects: Vec<_> =
                state.effects.values().filter(|effect| effect.intent.task == task.id).collect();
            Ok((format!("task {}", task.id), json!({ "task": task, "effects": effects })))
        }
        Err(Unclear::Unknown) => Err(unknown(what)),
        Err(several) => Err(several.ended(what)),
    }
}

async fn show_event(world: &World, sequence: Sequence, terminal: Terminal, json: bool) -> Result<(), Ended> {
    let mut found = None;
    let damage = history(world, sequence, &mut |envelope| {
        if envelope.recorded.stamp.sequence == sequence {
            found = Some(envelope);
        }
    })
    .await?;
    match found {
        Some(envelope) => print(&format!("event {sequence}"), &as_json(&envelope)?, terminal, json),
        None => Err(damage.unwrap_or_else(|| {
            Ended::usage(
                format!("there is no event {sequence}"),
                format!(
                    "A bare number is an event's. For the issue write `automata show '#{sequence}'` or `automata why {sequence}`."
                ),
            )
        })),
    }
}

/// JSON either way: dense for programs, spread out below a title for people.
fn print(title: &str, value: &Value, terminal: Terminal, json: bool) -> Result<(), Ended> {
    if json {
        return terminal.json(value).map_err(Ended::bug);
    }
    terminal.data(&terminal.paint(Tone::Strong, title));
    terminal.data(&serde_json::to_string_pretty(value).map_err(Ended::bug)?);
    Ok(())
}

fn unknown(what: &str) -> Ended {
    let mut unknown = Ended::usage(
        format!("nothing is known of `{}`", one_line(what, 60)),
        "`automata status` lists tasks, `automata log` events; finished tasks and closed issues stay in the log alone.",
    );
    if let Some(number) = what.strip_prefix('#').filter(|number| number.parse::<u64>().is_ok()) {
        unknown.hints.push(format!(
            "`{what}` was taken for an issue: `automata why {number}` tells all that the log has of it; for the event write `automata show {number}`."
        ));
    }
    unknown
}
