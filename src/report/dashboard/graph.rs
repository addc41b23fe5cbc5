//! The graph of tasks as inline SVG: each below the first one that it comes after, each link a curve.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::html::text;
use crate::views::board::{Row, Waiting};
use crate::views::dashboard::{Dashboard, Edge};

/// Tasks drawn at most: more than that is no picture any more.
const DRAWN: usize = 60;
const NODE_WIDTH: f64 = 168.0;
const NODE_HEIGHT: f64 = 40.0;
/// From one column, or row, to the next.
const COLUMN: f64 = 214.0;
const ROW: f64 = 52.0;
/// Letters that fit a node.
const LETTERS: usize = 24;

/// The tasks that are drawn, with their places, and how many are left out.
struct Drawn<'a> {
    places: BTreeMap<&'a str, (usize, usize)>,
    rows: Vec<&'a Row>,
    edges: Vec<&'a Edge>,
    left_out: usize,
    height: usize,
}

/// The figure; none when no task has to do with another one.
pub(super) fn figure(dashboard: &Dashboard) -> Option<String> {
    let drawn = Drawn::of(dashboard);
    if drawn.rows.is_empty() {
        return None;
    }
    let columns = drawn.places.values().map(|(column, _)| column + 1).max().unwrap_or(1);
    let width = COLUMN * columns as f64 - (COLUMN - NODE_WIDTH) + 2.0;
    let height = ROW * drawn.height as f64 - (ROW - NODE_HEIGHT) + 2.0;
    let mut svg = String::new();
    for edge in &drawn.edges {
        if let (Some(from), Some(to)) = (drawn.corner(&edge.from), drawn.corner(&edge.to)) {
            let (x1, y1, x2, y2) =
                (from.0 + NODE_WIDTH, from.1 + NODE_HEIGHT / 2.0, to.0, to.1 + NODE_HEIGHT / 2.0);
            let middle = (COLUMN - NODE_WIDTH) / 2.0;
            let class = if edge.needs { "edge needs" } else { "edge" };
            let _ = write!(
                svg,
                "<path class=\"{class}\" d=\"M{x1:.0} {y1:.0}C{0:.0} {y1:.0} {1:.0} {y2:.0} {x2:.0} {y2:.0}\"/>",
                x1 + middle,
                x2 - middle
            );
        }
    }
    for row in &drawn.rows {
        let Some((x, y)) = drawn.corner(&row.task) else { continue };
        let word = match row.wait {
            Some(Waiting::Ready) => "ready",
            Some(_) => "waiting",
            None => row.status,
        };
        let about = crate::domain::untrusted::one_line(&row.subject, LETTERS);
        let node = format!(
            "<rect class=\"node\" x=\"{x:.0}\" y=\"{y:.0}\" width=\"{NODE_WIDTH}\" height=\"{NODE_HEIGHT}\" rx=\"3\"/><rect class=\"status-{word}\" x=\"{x:.0}\" y=\"{y:.0}\" width=\"4\" height=\"{NODE_HEIGHT}\"/><text class=\"kind\" x=\"{0:.0}\" y=\"{1:.0}\">{2}</text><text class=\"axis\" x=\"{0:.0}\" y=\"{3:.0}\">{4}</text>",
            x + 13.0,
            y + 17.0,
            text(&crate::domain::untrusted::one_line(&row.kind, LETTERS)),
            y + 32.0,
            text(&format!("{about} · {word}")),
        );
        let title = format!(
            "<title>{}</title>",
            text(&format!("{} {}, {word}: {}", row.kind, row.subject, row.detail))
        );
        let number = row.subject.strip_prefix("issue/").or_else(|| row.subject.strip_prefix("pull/"));
        match number.filter(|number| number.bytes().all(|digit| digit.is_ascii_digit())) {
            Some(number) => {
                let _ = write!(svg, "<a href=\"#issue-{number}\">{title}{node}</a>");
            }
            None => {
                let _ = write!(svg, "<g>{title}{node}</g>");
            }
        }
    }
    let more = match drawn.left_out {
        0 => String::new(),
        count => format!(" {count} more are left out; the table of tasks has them all."),
    };
    Some(format!(
        "<p class=\"lead\">What comes first stands on the left. A full line: the right one needs the left one. A dotted line: the left one led to the right one.{more}</p><div class=\"scroll graph\" role=\"region\" tabindex=\"0\" aria-label=\"The graph of tasks\"><svg width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"-1 -1 {width:.0} {height:.0}\" role=\"group\" aria-labelledby=\"graph-t graph-d\"><title id=\"graph-t\">The graph of tasks</title><desc id=\"graph-d\">{} tasks and {} links between them. The same stands in the table below.</desc>{svg}</svg></div>",
        drawn.rows.len(),
        drawn.edges.len()
    ))
}

impl<'a> Drawn<'a> {
    fn of(dashboard: &'a Dashboard) -> Self {
        let rows: BTreeMap<&str, &Row> =
            dashboard.board.tasks.iter().map(|row| (row.task.as_str(), row)).collect();
        let mut beside: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for edge in &dashboard.edges {
            beside.entry(&edge.from).or_default().push(&edge.to);
            beside.entry(&edge.to).or_default().push(&edge.from);
        }
        let linked: Vec<&Row> =
            dashboard.board.tasks.iter().filter(|row| beside.contains_key(row.task.as_str())).collect();
        // Whole groups: those with unfinished tasks first, then those with failed ones, then the latest.
        let mut begin: Vec<&Row> = linked.clone();
        let rank = |row: &Row| match row.status {
            "running" | "pending" => 0,
            "failed" => 1,
            _ => 2,
        };
        begin.sort_by_key(|row| (rank(row), std::cmp::Reverse(row.enqueued)));
        let mut shown: BTreeSet<&str> = BTreeSet::new();
        for row in begin {
            if shown.contains(row.task.as_str()) {
                continue;
            }
            let group = group(&row.task, &beside);
            if shown.len() + group.len() > DRAWN && !shown.is_empty() {
                continue;
            }
            shown.extend(group.into_iter().take(DRAWN));
        }
        let left_out = linked.len() - shown.len();
        let mut rows: Vec<&Row> = shown.iter().filter_map(|task| rows.get(task).copied()).collect();
        rows.sort_by_key(|row| row.enqueued);
        let is_shown = |edge: &&Edge| shown.contains(edge.from.as_str()) && shown.contains(edge.to.as_str());
        let edges: Vec<&Edge> = dashboard.edges.iter().filter(is_shown).collect();
        let (places, height) = placed(&rows, &edges);
        Self { places, rows, edges, left_out, height }
    }

    /// The upper left corner of a task.
    fn corner(&self, task: &str) -> Option<(f64, f64)> {
        let (column, row) = self.places.get(task)?;
        Some((*column as f64 * COLUMN, *row as f64 * ROW))
    }
}

/// All that is linked with a task, however far.
fn group<'a>(task: &'a str, beside: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let (mut found, mut open) = (BTreeSet::from([task]), vec![task]);
    while let Some(task) = open.pop() {
        open.extend(beside.get(task).into_iter().flatten().copied().filter(|next| found.insert(next)));
    }
    found
}

/// A column and a row for each task, and how many rows there are. A task stands right of all that it comes after, and in
/// the row of the first of them; each further one opens a row, so that no two meet. `rows` are in the order of the log,
/// in which nothing comes before what it needs.
fn placed<'a>(rows: &[&'a Row], edges: &[&'a Edge]) -> (BTreeMap<&'a str, (usize, usize)>, usize) {
    let mut columns: BTreeMap<&str, usize> = BTreeMap::new();
    let mut after: BTreeMap<&str, Vec<&'a str>> = BTreeMap::new();
    for row in rows {
        let before = edges.iter().filter(|edge| edge.to == row.task);
        let column =
            before.filter_map(|edge| columns.get(edge.from.as_str())).max().map_or(0, |last| last + 1);
        columns.insert(&row.task, column);
    }
    for row in rows {
        for edge in edges.iter().filter(|edge| edge.from == row.task) {
            after.entry(&edge.from).or_default().push(&edge.to);
        }
    }
    let is_first = |row: &&&Row| !edges.iter().any(|edge| edge.to == row.task);
    let mut open: Vec<&str> = rows.iter().filter(is_first).map(|row| row.task.as_str()).collect();
    open.reverse();
    let (mut places, mut height): (BTreeMap<&str, (usize, usize)>, usize) = (BTreeMap::new(), 0);
    // Where the row of a first child is its parent's.
    let mut inherited: BTreeMap<&str, usize> = BTreeMap::new();
    while let Some(task) = open.pop() {
        if places.contains_key(task) {
            continue;
        }
        let row = inherited.remove(task).unwrap_or_else(|| {
            height += 1;
            height - 1
        });
        places.insert(task, (columns.get(task).copied().unwrap_or_default(), row));
        let next = after.get(task).into_iter().flatten().copied();
        let next: Vec<&str> = next.filter(|next| !places.contains_key(next)).collect();
        if let Some(first) = next.first() {
            inherited.insert(first, row);
        }
        open.extend(next.into_iter().rev());
    }
    (places, height)
}
