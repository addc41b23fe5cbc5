//! Which task needs which: as a tree of text, and as a Mermaid diagram.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use crate::domain::id::TaskId;
use crate::domain::state::State;
use crate::domain::task::Task;
use crate::domain::untrusted::one_line;
use crate::views::board::{Row, Waiting};

/// Levels of a tree at most: deeper ones begin again at the margin, where they can be read.
const DEEPEST: usize = 16;
/// Tasks named behind one that needs several.
const NAMED: usize = 3;
/// Width of a word about a task.
const WIDE: usize = 80;

/// Tasks and what they need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Graph {
    /// The tasks, the first enqueued first.
    pub tasks: Vec<Row>,
    /// Which needs which.
    pub edges: Vec<Edge>,
}

/// One task needs another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    /// The task that comes first.
    pub from: String,
    /// The task that needs it.
    pub to: String,
}

impl Graph {
    /// Unfinished tasks and the ended ones that they need; or one task, whatever it needs and whatever needs it.
    #[must_use]
    pub fn of(state: &State, around: Option<&Task>, row: &dyn Fn(&Task) -> Row) -> Self {
        let mut needed_by: BTreeMap<&TaskId, Vec<&TaskId>> = BTreeMap::new();
        for task in state.tasks.values() {
            for needed in &task.spec.depends_on {
                needed_by.entry(needed).or_default().push(&task.id);
            }
        }
        let needs = |id: &TaskId| state.tasks.get(id).map(|task| task.spec.depends_on.iter().collect());
        let shown: BTreeSet<&TaskId> = match around {
            Some(task) => {
                let before = reached(&task.id, |id| needs(id).unwrap_or_default());
                let after = reached(&task.id, |id| needed_by.get(id).cloned().unwrap_or_default());
                before.union(&after).copied().collect()
            }
            None => {
                let unfinished = state.tasks.values().filter(|task| !task.status.is_final());
                unfinished.flat_map(|task| task.spec.depends_on.iter().chain([&task.id])).collect()
            }
        };
        let mut tasks: Vec<&Task> = shown.iter().filter_map(|id| state.tasks.get(*id)).collect();
        tasks.sort_by_key(|task| task.enqueued);
        let edge = |from: &TaskId, to: &Task| Edge { from: from.to_string(), to: to.id.to_string() };
        let edges = tasks.iter().flat_map(|task| {
            let needed: BTreeSet<&TaskId> = task.spec.depends_on.iter().collect();
            let there = needed.into_iter().filter(|id| shown.contains(id) && state.tasks.contains_key(*id));
            there.map(|id| edge(id, task)).collect::<Vec<_>>()
        });
        Self { edges: edges.collect(), tasks: tasks.iter().map(|task| row(task)).collect() }
    }

    /// These tasks, whatever they need and whatever needs them; nothing of those that stand alone.
    #[must_use]
    pub fn around(state: &State, tasks: &[&Task], row: &dyn Fn(&Task) -> Row) -> Self {
        let mut whole = Self { tasks: Vec::new(), edges: Vec::new() };
        for task in tasks {
            if !whole.tasks.iter().any(|known| known.task == task.id.as_str()) {
                let part = Self::of(state, Some(task), row);
                let known: BTreeSet<String> = whole.tasks.iter().map(|row| row.task.clone()).collect();
                whole.edges.extend(part.edges);
                // One that stands alone has nothing to show.
                if part.tasks.len() > 1 {
                    whole.tasks.extend(part.tasks.into_iter().filter(|row| !known.contains(&row.task)));
                }
            }
        }
        whole.tasks.sort_by_key(|row| row.enqueued);
        whole.edges.sort_unstable();
        whole.edges.dedup();
        whole
    }

    /// A tree: each task below the first of those that it needs.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let places: BTreeMap<&str, usize> =
            self.tasks.iter().enumerate().map(|(place, row)| (row.task.as_str(), place)).collect();
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.tasks.len()];
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); self.tasks.len()];
        for edge in &self.edges {
            let (Some(from), Some(to)) = (places.get(edge.from.as_str()), places.get(edge.to.as_str()))
            else {
                continue;
            };
            children[*from].push(*to);
            parents[*to].push(*from);
        }
        let mut shown = vec![false; self.tasks.len()];
        let roots = (0..self.tasks.len()).filter(|place| parents[*place].is_empty());
        let mut open: Vec<Branch> = roots.map(Branch::root).collect();
        // What comes first is taken from the end.
        open.reverse();
        let mut lines = Vec::new();
        let mut below: Vec<usize> = Vec::new();
        while let Some(branch) = open.pop() {
            let row = &self.tasks[branch.place];
            let before = branch.before();
            if shown[branch.place] {
                lines.push(format!("{before}{} (above)", row.task));
            } else if branch.depth == DEEPEST {
                lines.push(format!("{before}{} (below)", row.task));
                below.push(branch.place);
            } else {
                shown[branch.place] = true;
                lines.push(format!("{before}{}{}", told(row), self.several(&parents[branch.place])));
                let last = children[branch.place].len();
                let next = children[branch.place].iter().enumerate();
                let next: Vec<Branch> =
                    next.map(|(count, place)| branch.child(*place, count + 1 == last)).collect();
                open.extend(next.into_iter().rev());
            }
            if open.is_empty() {
                let mut rest: Vec<usize> = std::mem::take(&mut below);
                rest.retain(|place| !shown[*place]);
                open.extend(rest.into_iter().rev().map(Branch::root));
            }
        }
        lines
    }

    /// What stands behind a task that needs more than the one above it.
    fn several(&self, parents: &[usize]) -> String {
        match parents {
            [] | [_] => String::new(),
            few if few.len() <= NAMED => {
                let names: Vec<&str> = few.iter().map(|place| self.tasks[*place].task.as_str()).collect();
                format!(" (needs {})", names.join(", "))
            }
            many => format!(" (needs {} tasks)", many.len()),
        }
    }

    /// A flowchart in Mermaid's language (<https://mermaid.js.org/syntax/flowchart.html>).
    #[must_use]
    pub fn mermaid(&self) -> Vec<String> {
        let names: BTreeMap<&str, String> = self
            .tasks
            .iter()
            .enumerate()
            .map(|(place, row)| (row.task.as_str(), format!("t{}", place + 1)))
            .collect();
        let mut lines = vec!["graph TD".to_owned()];
        for row in &self.tasks {
            let name = names.get(row.task.as_str()).map_or("", String::as_str);
            let parts = [format!("{} {}", row.kind, row.subject), row.task.clone(), word(row)];
            let label: Vec<String> = parts.iter().map(|part| escaped(part)).collect();
            lines.push(format!("  {name}[\"{}\"]:::{}", label.join("<br/>"), class(row)));
        }
        for edge in &self.edges {
            if let (Some(from), Some(to)) = (names.get(edge.from.as_str()), names.get(edge.to.as_str())) {
                lines.push(format!("  {from} --> {to}"));
            }
        }
        let used: BTreeSet<&str> = self.tasks.iter().map(class).collect();
        let styles = STYLES.iter().filter(|(class, _)| used.contains(class));
        lines.extend(styles.map(|(class, style)| format!("  classDef {class} {style}")));
        lines
    }
}

/// Colours that can be read on a light and on a dark page.
const STYLES: [(&str, &str); 6] = [
    ("ready", "fill:#ddf4ff,stroke:#0969da,color:#1f2328"),
    ("waiting", "fill:#f6f8fa,stroke:#8c959f,color:#1f2328"),
    ("running", "fill:#fff8c5,stroke:#9a6700,color:#1f2328"),
    ("completed", "fill:#dafbe1,stroke:#1a7f37,color:#1f2328"),
    ("failed", "fill:#ffebe9,stroke:#cf222e,color:#1f2328"),
    ("cancelled", "fill:#f6f8fa,stroke:#8c959f,color:#656d76,stroke-dasharray:4"),
];

const fn class(row: &Row) -> &'static str {
    match row.wait {
        Some(Waiting::Ready) => "ready",
        Some(_) => "waiting",
        None => row.status,
    }
}

/// Everything that can be reached from a task, itself included.
fn reached<'a>(from: &'a TaskId, next: impl Fn(&TaskId) -> Vec<&'a TaskId>) -> BTreeSet<&'a TaskId> {
    let mut found = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        open.extend(next(id).into_iter().filter(|id| found.insert(id)));
    }
    found
}

fn told(row: &Row) -> String {
    format!("{} {} {}: {}", row.task, row.kind, row.subject, word(row))
}

/// How it stands with a task, in short: the lines tell what it is blocked by.
fn word(row: &Row) -> String {
    match row.wait {
        Some(waiting @ (Waiting::Blocked | Waiting::Retrying)) => waiting.name().to_owned(),
        Some(_) => one_line(&row.detail, WIDE),
        None => row.status.to_owned(),
    }
}

/// Text inside of a label in quotes: what Mermaid or HTML would read as more than text is written as a number.
fn escaped(text: &str) -> String {
    let mut label = String::new();
    for c in one_line(text, WIDE).chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '/' | '.' | ',' | ':' | '-' | '_' | '…' | '(' | ')') {
            label.push(c);
        } else {
            let _ = write!(label, "#{};", u32::from(c));
        }
    }
    label
}

/// A task of the tree that has yet to be written.
struct Branch {
    place: usize,
    depth: usize,
    /// What stands before each line below its parent.
    margin: String,
    is_last: bool,
}

impl Branch {
    const fn root(place: usize) -> Self {
        Self { place, depth: 0, margin: String::new(), is_last: true }
    }

    fn child(&self, place: usize, is_last: bool) -> Self {
        let margin = match (self.depth, self.is_last) {
            (0, _) => String::new(),
            (_, true) => format!("{}   ", self.margin),
            (_, false) => format!("{}│  ", self.margin),
        };
        Self { place, depth: self.depth + 1, margin, is_last }
    }

    fn before(&self) -> String {
        match (self.depth, self.is_last) {
            (0, _) => String::new(),
            (_, true) => format!("{}└─ ", self.margin),
            (_, false) => format!("{}├─ ", self.margin),
        }
    }
}

#[cfg(test)]
mod tests;
