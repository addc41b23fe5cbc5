//! `automata tasks show`: one task with everything about it, and its history.

use std::process::ExitCode;

use serde_json::json;

use super::{Desk, find};
use crate::app::failure::Ended;
use crate::app::inspect::as_json;
use crate::app::limits;
use crate::app::reading::{history, present};
use crate::cli;
use crate::domain::event::Event;
use crate::domain::id::{EffectId, TaskId};
use crate::domain::task::Task;
use crate::log::Envelope;
use crate::report::tasks::Shown;
use crate::views::board;

pub(super) async fn show(desk: &Desk, arguments: &cli::ShowTask) -> Result<ExitCode, Ended> {
    let (world, terminal) = (&desk.world, desk.terminal);
    let present = present(world).await?;
    let state = &present.state;
    let task = match find::task(state, arguments.task.trim()) {
        Ok(task) => task,
        // What is not there may be in the part that cannot be read.
        Err(unknown) => return Err(present.damage.unwrap_or(unknown)),
    };
    let mut events = Vec::new();
    history(world, task.enqueued, &mut |envelope| {
        if is_of(&envelope, &task.id) {
            events.push(envelope);
        }
    })
    .await?;
    let limits = limits::of(&world.config);
    let row = board::row(state, task, world.clock.now(), &|task| limits.room(task));
    let first = EffectId::of(&task.id, "");
    let effects = state.effects.range(first..).map(|(_, effect)| effect);
    let effects = effects.take_while(|effect| effect.intent.task == task.id).collect();
    let needed_by: Vec<&Task> =
        state.tasks.values().filter(|other| other.spec.depends_on.contains(&task.id)).collect();
    let shown = Shown { state, task, row: &row, effects, needed_by, events: &events };
    if desk.json {
        let lines = events.iter().map(as_json).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<&TaskId> = shown.needed_by.iter().map(|task| &task.id).collect();
        let all = json!({
            "task": task, "wait": row.wait, "effects": shown.effects, "needed_by": ids, "events": lines,
        });
        terminal.json(&all).map_err(Ended::bug)?;
    } else {
        for line in shown.lines() {
            terminal.data(&line);
        }
    }
    present.told()?;
    Ok(ExitCode::SUCCESS)
}

fn is_of(envelope: &Envelope, task: &TaskId) -> bool {
    match &envelope.recorded.event {
        Event::EffectCompleted(done) => {
            done.effect.as_str().strip_prefix(task.as_str()).is_some_and(|rest| rest.starts_with('/'))
        }
        event => event.task() == Some(task),
    }
}
