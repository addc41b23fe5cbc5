//! Recurring tasks: which of their times have come, which were missed, and when they come next. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::schedule::{CatchUp, Recurring, Schedule};
use crate::domain::time::Timestamp;

mod cron;
mod timetable;

pub use timetable::{Timetable, Unusable, zones};

/// Tasks that one firing enqueues at most; older times are counted as missed. More than anybody would look through,
/// and few enough for one append.
const MOST_AT_ONCE: usize = 100;
/// How long after its time a task that is not caught up with is still worth doing. Runs come along when something
/// happens, and else every six hours with the workflow of the README, which GitHub starts up to an hour late.
const ON_TIME: Duration = Duration::from_secs(7 * 3600);

/// What is due of a recurring task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fire {
    /// The times for which to enqueue a task, oldest first. They are the times of the expression, without jitter.
    pub times: Vec<Timestamp>,
    /// How many times passed without a task of their own.
    pub missed: u32,
    /// When next, with jitter.
    pub next: Timestamp,
}

/// What is due at `now`; none before its time.
///
/// A time is on time when no later time of the schedule has passed and it came at most seven hours ago; all others
/// were missed, because no run came along. What becomes of them:
/// - [`CatchUp::All`]: one task for each time, for the last hundred of them.
/// - [`CatchUp::Last`]: one task for the last time, however late.
/// - [`CatchUp::None`]: one task for the last time if it is on time, else none.
///
/// `draw` from `[0, 1)` puts the next time off, by up to the schedule's jitter.
///
/// # Errors
/// [`Unusable`] when this program cannot read the schedule; another version may have set it.
pub fn due(recurring: &Recurring, now: Timestamp, draw: f64) -> Result<Option<Fire>, Unusable> {
    if recurring.next > now {
        return Ok(None);
    }
    let schedule = &recurring.schedule;
    let table = Timetable::read(&schedule.cron, &schedule.zone)?;
    let begin = without_jitter(&table, schedule, recurring.next);
    let (mut passed, mut count) = (VecDeque::from([begin]), 1_u32);
    for at in table.after(begin).take_while(|at| *at <= now) {
        if passed.len() == MOST_AT_ONCE {
            passed.pop_front();
        }
        passed.push_back(at);
        count = count.saturating_add(1);
    }
    let last = passed.back().copied().unwrap_or(begin);
    // What jitter puts off is not late.
    let is_on_time = now.since(last.max(recurring.next)) <= ON_TIME;
    let times: Vec<Timestamp> = match schedule.catch_up {
        CatchUp::All => passed.into(),
        CatchUp::Last => vec![last],
        CatchUp::None if is_on_time => vec![last],
        CatchUp::None => Vec::new(),
    };
    let missed = count.saturating_sub(u32::try_from(times.len()).unwrap_or(u32::MAX));
    let next = next(&table, schedule, now, draw)?;
    Ok(Some(Fire { times, missed, next }))
}

/// When a schedule that is set at `now` comes first, with jitter.
///
/// # Errors
/// [`Unusable`] when it makes no sense; nothing is to be recorded then.
pub fn first(schedule: &Schedule, now: Timestamp, draw: f64) -> Result<Timestamp, Unusable> {
    let table = Timetable::read(&schedule.cron, &schedule.zone)?;
    next(&table, schedule, now, draw)
}

/// The first time after `now`, put off by up to the jitter, but never as far as the time after it: each time can be
/// told from when it came.
fn next(table: &Timetable, schedule: &Schedule, now: Timestamp, draw: f64) -> Result<Timestamp, Unusable> {
    let mut times = table.after(now);
    let never = || Unusable::Never(schedule.cron.clone());
    let next = times.next().ok_or_else(never)?;
    if schedule.jitter == 0 {
        return Ok(next);
    }
    let room = times.next().map_or(u64::MAX, |after| after.since(next).as_secs().saturating_sub(1));
    let most = room.min(u64::from(schedule.jitter));
    // Whole seconds, from none to `most` of them.
    let off = Duration::from_secs(most + 1).mul_f64(draw.clamp(0.0, 1.0)).as_secs().min(most);
    Ok(next.plus(Duration::from_secs(off)))
}

/// The time of the expression that jitter made `next` of. When there is none, because the zone's rules have changed
/// since, `next` stands for itself.
fn without_jitter(table: &Timetable, schedule: &Schedule, next: Timestamp) -> Timestamp {
    let earliest = Timestamp::from_millis(next.as_millis() - 1_000 * i64::from(schedule.jitter) - 1);
    table.after(earliest).take_while(|at| *at <= next).last().unwrap_or(next)
}

#[cfg(test)]
mod tests;
