//! `automata tasks graph`: which unfinished task needs which.

use std::process::ExitCode;

use super::{Desk, find};
use crate::app::failure::Ended;
use crate::app::limits;
use crate::app::reading::present;
use crate::cli;
use crate::report::graph::Graph;
use crate::views::board;

pub(super) async fn graph(desk: &Desk, arguments: &cli::Graph) -> Result<ExitCode, Ended> {
    let (world, terminal) = (&desk.world, desk.terminal);
    let present = present(world).await?;
    let state = &present.state;
    let around = match arguments.task.as_deref().map(|task| find::task(state, task.trim())).transpose() {
        Ok(around) => around,
        Err(unknown) => return Err(present.damage.unwrap_or(unknown)),
    };
    let (now, limits) = (world.clock.now(), limits::of(&world.config));
    let graph = Graph::of(state, around, &|task| board::row(state, task, now, &|task| limits.room(task)));
    if desk.json {
        terminal.json(&graph).map_err(Ended::bug)?;
    } else {
        let lines = if arguments.mermaid { graph.mermaid() } else { graph.lines() };
        for line in lines {
            terminal.data(&line);
        }
        if graph.tasks.is_empty() {
            terminal.note("No task is unfinished; `automata tasks list` shows those that ended.");
        }
    }
    present.told()?;
    Ok(ExitCode::SUCCESS)
}
