//! What must hold of schedules, told by nothing but their events: every turn comes once, in order, and leads to
//! what it must.

use std::collections::BTreeMap;

use automata::domain::event::{Event, Recorded, ScheduleFired};
use automata::domain::id::{ScheduleName, Sequence};
use automata::domain::schedule::CatchUp;
use automata::domain::time::Timestamp;

/// Milliseconds between two turns of the schedule that simulations play; its expression names every second hour.
const BETWEEN_TURNS: i64 = 2 * 3_600_000;

/// A schedule and how far it has come.
struct Known {
    catch_up: CatchUp,
    next: Timestamp,
    /// The last turn that led to a task.
    last: Option<Timestamp>,
}

/// All schedules.
#[derive(Default)]
pub(super) struct Turns {
    schedules: BTreeMap<ScheduleName, Known>,
    /// Where a schedule fired, how many tasks are still to follow from it, and whether fewer may.
    owed: Option<(Sequence, usize, bool)>,
}

impl Turns {
    /// Checks an event. `stands_in` when a task that waits already stands for those that a schedule asks for.
    pub(super) fn check(&mut self, recorded: &Recorded, stands_in: bool) -> Result<(), String> {
        let Recorded { stamp, event } = recorded;
        if let Some((fired, owed, may_be_fewer)) = self.owed.take() {
            let is_of_it = matches!(event, Event::TaskEnqueued(_)) && stamp.cause == Some(fired);
            match (is_of_it, owed) {
                (true, 0) => return Err("a turn led to more tasks than it has times".to_owned()),
                (true, owed) => self.owed = Some((fired, owed - 1, may_be_fewer)),
                (false, owed) if owed > 0 && !may_be_fewer => {
                    return Err("a turn led to fewer tasks than it has times".to_owned());
                }
                (false, _) => {}
            }
        }
        match event {
            Event::ScheduleSet(set) => {
                let before = self.schedules.get(&set.name);
                if before.is_some_and(|before| set.next != before.next) {
                    return Err("a schedule that was there is put off".to_owned());
                }
                let last = before.and_then(|before| before.last);
                let known = Known { catch_up: set.schedule.catch_up, next: set.next, last };
                self.schedules.insert(set.name.clone(), known);
            }
            Event::ScheduleFired(fired) => {
                let known = self.schedules.get_mut(&fired.name).ok_or("no such schedule")?;
                if stamp.at < known.next {
                    return Err("a turn came before its time".to_owned());
                }
                check_times(known, fired)?;
                let may_be_fewer = stands_in && known.catch_up != CatchUp::All;
                self.owed = Some((stamp.sequence, fired.times.len(), may_be_fewer));
                known.next = fired.next;
                known.last = fired.times.last().copied().or(known.last);
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether some turn came before `now` and nobody saw to it.
    pub(super) fn forgotten(&self, now: Timestamp) -> bool {
        self.owed.is_some_and(|(_, owed, may_be_fewer)| owed > 0 && !may_be_fewer)
            || self.schedules.values().any(|known| known.next < now)
    }
}

/// Each turn since the schedule last fired counts once, as a task or as missed, and none counted before.
fn check_times(known: &Known, fired: &ScheduleFired) -> Result<(), String> {
    let turn = |at: Timestamp| at.as_millis().div_euclid(BETWEEN_TURNS);
    let passed = turn(fired.next) - turn(known.next);
    let counted = i64::try_from(fired.times.len()).unwrap() + i64::from(fired.missed);
    if counted != passed {
        return Err(format!("{passed} turns passed, and {counted} were counted"));
    }
    let all = known.last.iter().chain(&fired.times);
    if !all.clone().zip(all.skip(1)).all(|(earlier, later)| earlier < later) {
        return Err("a turn came twice".to_owned());
    }
    let is_a_turn = |at: &Timestamp| at.as_millis() % BETWEEN_TURNS == 0;
    let wanted = match known.catch_up {
        CatchUp::All => fired.missed == 0,
        CatchUp::Last => fired.times.len() == 1,
        CatchUp::None => fired.times.len() <= 1,
    };
    if !wanted || !fired.times.iter().all(is_a_turn) {
        return Err("a turn is made up for otherwise than the schedule says".to_owned());
    }
    Ok(())
}
