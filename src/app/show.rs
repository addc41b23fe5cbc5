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
use crate::report::terminal::Terminal;

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
        Ok(value) => {
            print(&value, terminal, json)?;
            present.told()
        }
        // What is not there may be in the part that cannot be read.
        Err(unknown) => Err(present.damage.unwrap_or(unknown)),
    }
}

fn find(state: &State, what: &str) -> Result<Value, Ended> {
    let number = match what.strip_prefix('#') {
        Some(number) => number.parse().ok().map(crate::domain::id::IssueNumber),
        None => what.parse::<Subject>().ok().and_then(Subject::number),
    };
    if let Some(number) = number {
        let issue = state.issues.get(&number).ok_or_else(|| unknown(what))?;
        let tasks: Vec<&Task> =
            state.tasks.values().filter(|task| task.spec.subject.number() == Some(number)).collect();
        return Ok(json!({ "issue": issue, "tasks": tasks }));
    }
    // `log` prints ids in short, and what is printed is understood.
    match one_task(state, what) {
        Ok(task) => {
            let effects: Vec<_> =
                state.effects.values().filter(|effect| effect.intent.task == task.id).collect();
            Ok(json!({ "task": task, "effects": effects }))
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
        Some(envelope) => print(&as_json(&envelope)?, terminal, json),
        None => Err(damage.unwrap_or_else(|| unknown(&sequence.to_string()))),
    }
}

/// JSON either way: dense for programs, spread out for people.
fn print(value: &Value, terminal: Terminal, json: bool) -> Result<(), Ended> {
    if json {
        return terminal.json(value).map_err(Ended::bug);
    }
    terminal.data(&serde_json::to_string_pretty(value).map_err(Ended::bug)?);
    Ok(())
}

fn unknown(what: &str) -> Ended {
    Ended::usage(
        format!("nothing is known of `{}`", one_line(what, 60)),
        "`automata status` lists tasks, `automata log` events; finished tasks and closed issues stay in the log alone.",
    )
}
