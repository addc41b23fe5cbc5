//! The section about the queue: how many tasks stand how, the graph, and room for the table that the script fills.

use std::fmt::Write as _;

use super::graph;
use super::html::{number, table, text};
use crate::views::dashboard::Dashboard;

/// Statuses in the order in which people ask for them.
const ORDER: [&str; 5] = ["running", "pending", "failed", "completed", "cancelled"];

pub(super) fn queue(dashboard: &Dashboard) -> String {
    let mut counts = String::new();
    for status in ORDER {
        let count = dashboard.board.counts.get(status).copied().unwrap_or_default();
        let _ = write!(
            counts,
            "<li><a href=\"#queue?status={status}\"><span class=\"swatch status-{status}\"></span>{status} <b>{}</b></a></li>",
            number(count as u64)
        );
    }
    let graph = graph::figure(dashboard).unwrap_or_else(|| {
        "<p class=\"none\">No task that the queue knows has to do with another one.</p>".to_owned()
    });
    let named = |id: &str| {
        let row = dashboard.board.tasks.iter().find(|row| row.task == id);
        let told = row.map(|row| format!(" {} {}", row.kind, row.subject)).unwrap_or_default();
        format!("<code>{}</code>{}", text(id), text(&told))
    };
    // The table of tasks tells the rest.
    let edges: Vec<Vec<String>> = dashboard
        .edges
        .iter()
        .rev()
        .take(EDGES)
        .map(|edge| {
            let how = if edge.needs { "is needed by" } else { "led to" };
            vec![named(&edge.from), how.to_owned(), named(&edge.to)]
        })
        .collect();
    format!(
        "<ul class=\"legend\">{counts}</ul><h3>Tasks</h3><div id=\"tasks\" class=\"dynamic\"></div><h3>Graph</h3>{graph}<details><summary>The graph as a table</summary>{}</details>",
        table("Links between tasks", &["task", "how", "task after it"], &edges, "There is no link.")
    )
}

/// Links told in words at most.
const EDGES: usize = 200;
