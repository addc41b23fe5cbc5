//! The pure choice of work: which pending tasks to take now, in which order, under which limits.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::domain::id::TaskId;
use crate::domain::room::{Full, Load};
use crate::domain::state::{State, Wait};
use crate::domain::task::{Task, Turn};
use crate::domain::tasks::Lane;
use crate::domain::time::Timestamp;

mod limits;
pub mod recurring;
mod shard;

pub use limits::{Hands, Limits};
pub use shard::{NotAShard, Shard, parts};

/// The tasks to claim now, the first to run first: as many as there are `hands` free.
#[must_use]
pub fn plan(state: &State, now: Timestamp, limits: &Limits, mut hands: Hands) -> Vec<TaskId> {
    let mut row = Row::new(state, now);
    let mut load = Load::of(state);
    let mut planned = Vec::new();
    while !hands.are_full()
        && let Some(next) = row.next()
    {
        let Some(task) = state.tasks.get(next.id) else { continue };
        if state.waits(task, now).is_some() {
            // Its time has come by the log, to which a run wrote whose clock goes before this one's.
            row.go_on_after(&next);
            continue;
        }
        let room = limits.room(task);
        let heavy = limits.is_heavy(task);
        if hands.free_for(heavy) == 0 || load.full_for(task, &room, now).is_some() {
            // Whatever else is in its lane is held up by the same.
            continue;
        }
        row.go_on_after(&next);
        let is_over = task.spec.deadline.is_some_and(|deadline| deadline <= now);
        if is_over || !limits.is_ours(task) || state.pause_of(task).is_some() {
            continue;
        }
        load.add(task, &room);
        hands.take(heavy);
        planned.push(task.id.clone());
    }
    planned
}

/// When the next task that only waits for a time, or for a service to take more, may run.
#[must_use]
pub fn next_due(state: &State, now: Timestamp, limits: &Limits) -> Option<Timestamp> {
    let planned = state.tasks.timed().map(|(at, _)| at).find(|at| *at > now);
    let held_up = state.tasks.lanes().filter_map(|(_, lane)| {
        let (_, id) = state.tasks.lane(lane, None)?;
        let task = state.tasks.get(id)?;
        match state.waits_in(task, &limits.room(task), now)? {
            Wait::Throttled(Full::Service { until, .. } | Full::Broken { until, .. })
            | Wait::Scheduled(until)
            | Wait::Retrying(until) => Some(until),
            _ => None,
        }
    });
    let recurring = state.schedules.values().map(|recurring| recurring.next);
    planned.into_iter().chain(held_up).chain(recurring).min()
}

/// Tasks that wait for nothing but their turn and room, in their turn.
struct Row<'a, L: Iterator<Item = (Turn, &'a Lane)>> {
    state: &'a State,
    /// Lanes nobody looked at yet, in the order of their first tasks.
    lanes: std::iter::Peekable<L>,
    /// What comes next of lanes that were looked at, and tasks whose time came since the last event.
    opened: BinaryHeap<Reverse<Next<'a>>>,
}

/// A task whose turn it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Next<'a> {
    turn: Turn,
    id: &'a TaskId,
    lane: Option<&'a Lane>,
}

impl<'a> Row<'a, Box<dyn Iterator<Item = (Turn, &'a Lane)> + 'a>> {
    fn new(state: &'a State, now: Timestamp) -> Self {
        let due = state.tasks.timed().take_while(|(at, _)| *at <= now);
        let opened =
            due.map(|(_, task)| Reverse(Next { turn: task.turn(), id: &task.id, lane: None })).collect();
        let lanes: Box<dyn Iterator<Item = (Turn, &'a Lane)> + 'a> = Box::new(state.tasks.lanes());
        Self { state, lanes: lanes.peekable(), opened }
    }
}

impl<'a, L: Iterator<Item = (Turn, &'a Lane)>> Row<'a, L> {
    fn next(&mut self) -> Option<Next<'a>> {
        let opened = self.opened.peek().map(|Reverse(next)| next.turn);
        match self.lanes.peek() {
            Some((turn, _)) if opened.is_none_or(|opened| *turn < opened) => {
                let (_, lane) = self.lanes.next()?;
                let (turn, id) = self.state.tasks.lane(lane, None)?;
                Some(Next { turn, id, lane: Some(lane) })
            }
            _ => self.opened.pop().map(|Reverse(next)| next),
        }
    }

    /// Lets the rest of a task's lane come up.
    fn go_on_after(&mut self, task: &Next<'a>) {
        let next = task.lane.and_then(|lane| Some((lane, self.state.tasks.lane(lane, Some(task.turn))?)));
        if let Some((lane, (turn, id))) = next {
            self.opened.push(Reverse(Next { turn, id, lane: Some(lane) }));
        }
    }
}

/// What a pending task waits for besides its turn; none when it is ready.
#[must_use]
pub fn wait(state: &State, task: &Task, limits: &Limits, now: Timestamp) -> Option<Wait> {
    state.waits_in(task, &limits.room(task), now)
}

#[cfg(test)]
mod tests;
