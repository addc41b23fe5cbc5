//! `automata tasks list`: tasks by status, kind, subject and what they wait for.

use std::process::ExitCode;

use serde_json::json;

use super::{Desk, choose};
use crate::app::failure::Ended;
use crate::app::limits;
use crate::app::reading::present;
use crate::cli;
use crate::domain::untrusted::one_line;
use crate::report::terminal::Tone;
use crate::views::board::{self, Row};

/// Width of a table's last column.
const WIDE: usize = 160;

pub(super) async fn list(desk: &Desk, arguments: &cli::List) -> Result<ExitCode, Ended> {
    let (world, terminal) = (&desk.world, desk.terminal);
    let present = present(world).await?;
    let limits = limits::of(&world.config);
    let (now, state) = (world.clock.now(), &present.state);
    let filter = choose::filter(state, &arguments.filter)?;
    let picked = board::picked(state, &filter, now, &|task| limits.room(task));
    let first = if arguments.first == 0 { picked.len() } else { arguments.first };
    let rows: Vec<Row> = picked
        .iter()
        .take(first)
        .map(|task| board::row(state, task, now, &|task| limits.room(task)))
        .collect();
    if desk.json {
        let listed = json!({ "sequence": state.sequence, "matching": picked.len(), "tasks": rows });
        terminal.json(&listed).map_err(Ended::bug)?;
    } else {
        lines(&rows, terminal);
        if rows.is_empty() {
            terminal.note(match state.tasks.values().next().is_none() {
                true => "There are no tasks.",
                false => "No task is like that; `automata tasks list` shows all.",
            });
        }
        if rows.len() < picked.len() {
            let left = picked.len() - rows.len();
            terminal.note(&format!("{left} more; `-n 0` lists all."));
        }
    }
    present.told()?;
    Ok(ExitCode::SUCCESS)
}

/// Tasks under a heading, for a person; nothing when there are none.
pub(super) fn lines(rows: &[Row], terminal: crate::report::terminal::Terminal) {
    let heading = ["STATUS", "KIND", "SUBJECT", "ATTEMPTS", "PRIORITY", "TASK", "DETAIL"];
    let heading = heading.map(str::to_owned).to_vec();
    let listed = rows.iter().map(|row| {
        let mut cells = cells(row);
        cells.insert(4, row.priority.to_string());
        cells
    });
    let listed: Vec<Vec<String>> = [heading].into_iter().chain(listed).collect();
    for (place, line) in terminal.table(&listed).iter().enumerate() {
        match place {
            0 if rows.is_empty() => {}
            0 => terminal.data(&terminal.paint(Tone::Strong, line)),
            _ => terminal.data(line),
        }
    }
}

/// A task as cells of a table: status, kind, subject, attempts, id, detail.
pub(in crate::app) fn cells(row: &Row) -> Vec<String> {
    let attempts = format!("{}/{}", row.attempts, row.max_attempts);
    let detail = one_line(&row.detail, WIDE);
    vec![row.status.to_owned(), row.kind.clone(), row.subject.clone(), attempts, row.task.clone(), detail]
}
