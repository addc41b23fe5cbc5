//! The pure choice of work: which pending tasks to take now, in which order, under which limits.

use crate::domain::id::TaskId;
use crate::domain::room::{Full, Load};
use crate::domain::state::{State, Wait};
use crate::domain::task::Task;
use crate::domain::time::Timestamp;

mod limits;
pub mod recurring;
mod shard;
mod turns;

pub use limits::{Hands, Limits};
pub use shard::{NotAShard, Shard, parts};

use turns::Turns;

/// The tasks to claim now, the first to run first: as many as there are `hands` free.
#[must_use]
pub fn plan(state: &State, now: Timestamp, limits: &Limits, mut hands: Hands) -> Vec<TaskId> {
    let mut turns = Turns::new(state, now);
    let mut load = Load::of(state);
    let (mut planned, mut later) = (Vec::new(), Vec::new());
    while !hands.are_full()
        && let Some(next) = turns.next()
    {
        let Some(task) = state.tasks.get(next.id) else { continue };
        if state.waits(task, now).is_some() {
            // Its time has come by the log, to which a run wrote whose clock goes before this one's.
            turns.go_on_after(&next);
            continue;
        }
        let room = limits.room(task);
        let heavy = limits.is_heavy(task);
        if hands.free_for(heavy) == 0 {
            continue;
        }
        if let Some(full) = load.full_for(task, &room, now) {
            // Whatever else is in its lane is held up by the same, but for what is done with something else.
            if matches!(full, Full::Broken { .. } | Full::Tried { .. }) {
                turns.go_on_after(&next);
            }
            continue;
        }
        turns.go_on_after(&next);
        let is_over = task.spec.deadline.is_some_and(|deadline| deadline <= now);
        if is_over || !limits.is_ours(task) || state.pause_of(task).is_some() {
            continue;
        }
        if load.tells_little(task) {
            later.push(task);
            continue;
        }
        load.add(task, &room);
        hands.take(heavy);
        turns.take();
        planned.push(task.id.clone());
    }
    // What failed over some people's words is tried with theirs when there is nothing of others.
    for task in later {
        let (room, heavy) = (limits.room(task), limits.is_heavy(task));
        if hands.free_for(heavy) > 0 && load.full_for(task, &room, now).is_none() {
            load.add(task, &room);
            hands.take(heavy);
            planned.push(task.id.clone());
        }
    }
    planned
}

/// When the next task that only waits for a time, or for a service to take more, may run.
#[must_use]
pub fn next_due(state: &State, now: Timestamp, limits: &Limits) -> Option<Timestamp> {
    let planned = state.tasks.timed().map(|(at, _)| at).find(|at| *at > now);
    let held_up = state.tasks.lanes().filter_map(|lane| {
        let (_, id) = state.tasks.lane(lane, None)?;
        let task = state.tasks.get(id)?;
        match state.waits_in(task, &limits.room(task), now)? {
            Wait::Throttled(Full::Service { until, .. } | Full::Broken { until, .. })
            | Wait::Scheduled(until)
            | Wait::Retrying(until) => Some(until),
            Wait::Throttled(Full::Capped(reached)) => reached.until,
            _ => None,
        }
    });
    let recurring = state.schedules.values().map(|recurring| recurring.next);
    planned.into_iter().chain(held_up).chain(recurring).min()
}

/// What a pending task waits for besides its turn; none when it is ready.
#[must_use]
pub fn wait(state: &State, task: &Task, limits: &Limits, now: Timestamp) -> Option<Wait> {
    state.waits_in(task, &limits.room(task), now)
}

#[cfg(test)]
mod tests;
