//! The queue as a person looks at it: counts, and for each task what it waits for.

use std::collections::BTreeMap;

mod filter;

pub use filter::{Filter, Waiting};

use serde::Serialize;

use crate::domain::room::Room;
use crate::domain::state::{State, Wait};
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;

/// The queue at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Board {
    /// The last event folded in.
    pub sequence: u64,
    /// Tasks by status.
    pub counts: BTreeMap<&'static str, usize>,
    /// Events that wait for a sound configuration, in order.
    pub held: Vec<HeldEvent>,
    /// Tasks, unfinished ones first, then by age.
    pub tasks: Vec<Row>,
}

/// One event that waits for a sound configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldEvent {
    /// Its place.
    pub event: u64,
    /// What it is about.
    pub subject: String,
    /// Since when it waits.
    pub since: Timestamp,
    /// What was wrong with the configuration.
    pub reason: String,
}

/// One task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its id.
    pub task: String,
    /// Its kind.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// Its status.
    pub status: &'static str,
    /// What it waits for while it is pending.
    pub wait: Option<Waiting>,
    /// What it waits for, who works on it, or why it ended, in words.
    pub detail: String,
    /// Who goes first, from 0 to 100.
    pub priority: u8,
    /// Attempts begun.
    pub attempts: u32,
    /// Attempts it gets.
    pub max_attempts: u32,
    /// Why it exists.
    pub reason: String,
    /// The event that enqueued it.
    #[serde(skip)]
    pub enqueued: u64,
}

/// Statuses in the order they are listed.
const ORDER: [&str; 5] = ["running", "pending", "failed", "completed", "cancelled"];

/// Folds a state into a board. `room` is what the configuration allows for each task.
#[must_use]
pub fn board(state: &State, now: Timestamp, room: &dyn Fn(&Task) -> Room) -> Board {
    let mut counts: BTreeMap<&'static str, usize> = ORDER.iter().map(|status| (*status, 0)).collect();
    for task in state.tasks.values() {
        *counts.entry(task.status.name()).or_default() += 1;
    }
    let tasks = picked(state, &Filter::default(), now, room);
    let tasks = tasks.into_iter().map(|task| row(state, task, now, room)).collect();
    let held = state.held.iter().map(|(sequence, held)| HeldEvent {
        event: sequence.0,
        subject: held.subject.to_string(),
        since: held.at,
        reason: held.reason.clone(),
    });
    Board { sequence: state.sequence.0, counts, held: held.collect(), tasks }
}

impl Board {
    /// What somebody has to see: tasks that are not at their end or failed, and the last `ended` of the others. With it comes how many are
    /// left out.
    #[must_use]
    pub fn summary(&self, ended: usize) -> (Vec<&Row>, usize) {
        let is_over = |row: &&Row| matches!(row.status, "completed" | "cancelled");
        let over = self.tasks.iter().filter(is_over).count();
        let left_out = over.saturating_sub(ended);
        // In the order of the list those that were called off come last, whenever that was.
        let mut by_age: Vec<&Row> = self.tasks.iter().filter(is_over).collect();
        by_age.sort_by_key(|row| row.enqueued);
        let shown: Vec<&str> = by_age.iter().skip(left_out).map(|row| row.task.as_str()).collect();
        let is_shown = |row: &&Row| !is_over(row) || shown.contains(&row.task.as_str());
        (self.tasks.iter().filter(is_shown).collect(), left_out)
    }
}

/// The tasks that a filter picks, unfinished ones first, then by age.
#[must_use]
pub fn picked<'a>(
    state: &'a State,
    filter: &Filter,
    now: Timestamp,
    room: &dyn Fn(&Task) -> Room,
) -> Vec<&'a Task> {
    let waiting = |task: &Task| Waiting::of(state, task, now, &room(task));
    let mut tasks: Vec<&Task> =
        state.tasks.values().filter(|task| filter.picks(task, || waiting(task))).collect();
    let rank = |task: &Task| ORDER.iter().position(|status| *status == task.status.name());
    tasks.sort_by_key(|task| (rank(task), task.enqueued));
    tasks
}

/// One task as a row.
#[must_use]
pub fn row(state: &State, task: &Task, now: Timestamp, room: &dyn Fn(&Task) -> Room) -> Row {
    let room = room(task);
    Row {
        task: task.id.to_string(),
        kind: task.spec.kind.to_string(),
        subject: task.spec.subject.to_string(),
        status: task.status.name(),
        wait: Waiting::of(state, task, now, &room),
        detail: detail(state, task, now, &room),
        priority: task.spec.priority.value(),
        attempts: task.attempts,
        max_attempts: task.spec.max_attempts,
        reason: task.spec.reason.clone(),
        enqueued: task.enqueued.0,
    }
}

fn detail(state: &State, task: &Task, now: Timestamp, room: &Room) -> String {
    match &task.status {
        Status::Running { lease } => format!("run {} holds it until {}", lease.run, lease.until),
        Status::Failed { failure, .. } => failure.to_string(),
        Status::Cancelled { reason, .. } => reason.clone(),
        Status::Completed { at, .. } => format!("since {at}"),
        Status::Pending { last_failure, .. } => match state.waits_in(task, room, now) {
            // Nobody runs it by the clock: what is due is done by the next run.
            None => match task.spec.not_before.filter(|planned| *planned <= now) {
                Some(planned) => format!("ready since {planned}"),
                None => "ready".to_owned(),
            },
            Some(Wait::Scheduled(at)) => format!("scheduled for {at}"),
            Some(Wait::Retrying(at)) => {
                let why = last_failure.as_ref().map(ToString::to_string).unwrap_or_default();
                format!("tries again at {at}: {why}")
            }
            Some(Wait::Blocked(ids)) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                format!("blocked by {}", ids.join(", "))
            }
            Some(Wait::Awaiting(facts)) => {
                let facts: Vec<String> = facts.iter().map(|fact| fact.told()).collect();
                format!("waits for {}", facts.join(", "))
            }
            Some(Wait::Paused(reason)) => format!("paused: {reason}"),
            Some(Wait::Throttled(full)) => full.to_string(),
        },
    }
}

#[cfg(test)]
mod tests;
