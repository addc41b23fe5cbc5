//! The tasks that a run touched, and which of them needs which.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use super::LINE;
use crate::domain::event::Event;
use crate::domain::id::TaskId;
use crate::domain::room::Room;
use crate::domain::state::State;
use crate::domain::task::Task;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::markdown_line;
use crate::log::Envelope;
use crate::report::graph::Graph;
use crate::views::board;

/// Tasks of the table; the others are counted.
const LISTED: usize = 100;
/// Tasks of the diagram: more cannot be read, and Mermaid draws no text of more than 50,000 characters.
const DRAWN: usize = 60;

/// The tasks that a run touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    rows: Vec<Row>,
    graph: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    kind: String,
    subject: String,
    status: &'static str,
    /// How long this run worked on it.
    took: Option<Duration>,
    reason: String,
}

impl Work {
    /// Out of what a run wrote, and how things stand after it.
    #[must_use]
    pub fn of(state: &State, events: &[Envelope], now: Timestamp) -> Self {
        let (mut seen, mut order) = (BTreeSet::new(), Vec::new());
        let mut took: BTreeMap<&TaskId, Duration> = BTreeMap::new();
        let mut begun: BTreeMap<&TaskId, Timestamp> = BTreeMap::new();
        for envelope in events {
            let (at, event) = (envelope.recorded.stamp.at, &envelope.recorded.event);
            let Some(id) = event.task() else { continue };
            if seen.insert(id) {
                order.push(id);
            }
            match event {
                Event::TaskClaimed(_) => {
                    begun.insert(id, at);
                }
                Event::TaskCompleted(_) | Event::TaskFailed(_) | Event::TaskRetried(_) => {
                    if let Some(since) = begun.remove(id) {
                        *took.entry(id).or_default() += at.since(since);
                    }
                }
                _ => {}
            }
        }
        let tasks: Vec<&Task> = order.iter().filter_map(|id| state.tasks.get(id)).collect();
        let row = |task: &&Task| Row {
            kind: task.spec.kind.to_string(),
            subject: task.spec.subject.to_string(),
            status: task.status.name(),
            took: took.get(&task.id).copied(),
            reason: task.spec.reason.clone(),
        };
        let drawn = |task: &Task| board::row(state, task, now, &|_| Room::default());
        let needed: BTreeSet<&TaskId> = state.tasks.values().flat_map(|task| &task.spec.depends_on).collect();
        let is_linked = |task: &&&Task| !task.spec.depends_on.is_empty() || needed.contains(&task.id);
        let linked: Vec<&Task> = tasks.iter().filter(is_linked).take(DRAWN).copied().collect();
        let graph = Graph::around(state, &linked, &drawn);
        let is_drawn = !graph.edges.is_empty() && graph.tasks.len() <= DRAWN;
        Self {
            rows: tasks.iter().map(row).collect(),
            graph: if is_drawn { graph.mermaid() } else { Vec::new() },
        }
    }

    /// The table and the diagram, Markdown; nothing where no task was touched.
    pub(super) fn tell(&self, text: &mut String) {
        if self.rows.is_empty() {
            return;
        }
        text.push_str("| task | about | state | took | why |\n|---|---|---|---|---|\n");
        for row in self.rows.iter().take(LISTED) {
            let Row { kind, subject, status, took, reason } = row;
            let took = took.map(span).unwrap_or_default();
            let (kind, reason) = (markdown_line(kind, LINE), markdown_line(reason, LINE));
            let _ = writeln!(text, "| {kind} | {subject} | {status} | {took} | {reason} |");
        }
        if self.rows.len() > LISTED {
            let _ =
                writeln!(text, "\n…and {} more; `automata tasks list` shows all.", self.rows.len() - LISTED);
        }
        text.push('\n');
        if !self.graph.is_empty() {
            let _ = writeln!(text, "```mermaid\n{}\n```\n", self.graph.join("\n"));
        }
    }
}

/// A duration in the unit in which it is read easily.
fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0 => format!("{} ms", span.as_millis()),
        1..120 => format!("{seconds} s"),
        _ => format!("{} min", seconds.div_ceil(60)),
    }
}
