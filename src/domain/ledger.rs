//! What assistants used up, by the day and by the person who asked: what budgets are compared with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{Login, RunId};
use super::time::Timestamp;
use super::usage::Usage;

/// The code of a failure: what is left of a budget may still be used up by attempts that are under way.
pub const RESERVED: &str = "budget_reserved";

/// A day, in milliseconds; days begin at midnight UTC.
const DAY: i64 = 24 * 3_600_000;
/// Days kept: a month, for whoever looks back. Budgets ask for the present one only.
const DAYS_KEPT: usize = 31;
/// People kept by name in a day, about 80 bytes each in the snapshot that every run reads. Those after them count
/// for the day as a whole.
const ACTORS_KEPT: usize = 100;
/// Runs kept apart in a day, those that used up most. One that is dropped is counted anew.
const RUNS_KEPT: usize = 50;

/// What was used up, day by day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ledger {
    /// By days since the epoch.
    days: BTreeMap<i64, Day>,
}

/// What was used up in a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Day {
    all: Usage,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    actors: BTreeMap<Login, Usage>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    runs: BTreeMap<RunId, Usage>,
}

impl Ledger {
    /// Adds what an attempt used up that `actor` asked for.
    pub(crate) fn add(&mut self, usage: Usage, actor: &Login, at: Timestamp) {
        if usage.is_nothing() {
            return;
        }
        let day = self.days.entry(day(at)).or_default();
        day.all += usage;
        if day.actors.len() < ACTORS_KEPT || day.actors.contains_key(actor) {
            *day.actors.entry(actor.clone()).or_default() += usage;
        }
        while self.days.len() > DAYS_KEPT {
            self.days.pop_first();
        }
    }

    /// Adds what an attempt in a run used up. Of a day that is over no run is kept: none goes on that long after midnight.
    pub(crate) fn add_to_run(&mut self, usage: Usage, run: &RunId, at: Timestamp) {
        if usage.is_nothing() {
            return;
        }
        let today = day(at);
        self.days.range_mut(..today - 1).for_each(|(_, day)| day.runs.clear());
        let runs = &mut self.days.entry(today).or_default().runs;
        *runs.entry(run.clone()).or_default() += usage;
        if runs.len() > RUNS_KEPT {
            let others = runs.iter().filter(|(name, _)| *name != run);
            let least = others.min_by_key(|(_, usage)| (usage.micro_dollars, usage.tokens()));
            if let Some(least) = least.map(|(name, _)| name.clone()) {
                runs.remove(&least);
            }
        }
    }

    /// What was used up in a run, before midnight and after.
    #[must_use]
    pub fn of_run(&self, run: &RunId) -> Usage {
        let mut all = Usage::default();
        self.days.values().filter_map(|day| day.runs.get(run)).for_each(|usage| all += *usage);
        all
    }

    /// What was used up in the day of `now`.
    #[must_use]
    pub fn of_day(&self, now: Timestamp) -> Usage {
        self.days.get(&day(now)).map(|day| day.all).unwrap_or_default()
    }

    /// What was used up in the day of `now` because `actor` asked for it.
    #[must_use]
    pub fn of_actor(&self, actor: &Login, now: Timestamp) -> Usage {
        self.days.get(&day(now)).and_then(|day| day.actors.get(actor)).copied().unwrap_or_default()
    }
}

impl Ledger {
    /// Who asked for something in the day of `now` and what it used up, the most money and tokens first.
    #[must_use]
    pub fn actors(&self, now: Timestamp) -> Vec<(&Login, Usage)> {
        let day = self.days.get(&day(now));
        let mut actors: Vec<(&Login, Usage)> =
            day.into_iter().flat_map(|day| &day.actors).map(|(login, usage)| (login, *usage)).collect();
        actors.sort_by_key(|(_, usage)| std::cmp::Reverse((usage.micro_dollars, usage.tokens())));
        actors
    }
}

fn day(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(count: u64) -> Usage {
        Usage { micro_dollars: count * 10_000, ..Usage::default() }
    }

    #[test]
    fn days_and_people_are_counted_apart_and_midnight_begins_anew() {
        let (mona, otto) = (Login::new("mona"), Login::new("otto"));
        let mut ledger = Ledger::default();
        let late = Timestamp::from_millis(DAY - 1);
        ledger.add(cents(3), &mona, late);
        ledger.add(cents(4), &otto, late);
        ledger.add(cents(5), &mona, Timestamp::from_millis(DAY));
        assert_eq!((ledger.of_day(late), ledger.of_actor(&mona, late)), (cents(7), cents(3)));
        let next = Timestamp::from_millis(DAY);
        assert_eq!((ledger.of_day(next), ledger.of_actor(&otto, next)), (cents(5), Usage::default()));
    }

    #[test]
    fn a_run_is_counted_over_midnight_and_runs_do_not_pile_up() {
        let run = |name: &str| RunId::new(name);
        let mut ledger = Ledger::default();
        ledger.add_to_run(cents(3), &run("first"), Timestamp::from_millis(DAY - 1));
        ledger.add_to_run(cents(4), &run("first"), Timestamp::from_millis(DAY));
        assert_eq!(ledger.of_run(&run("first")), cents(7));
        (0..200)
            .for_each(|n| ledger.add_to_run(cents(1), &run(&format!("run{n}")), Timestamp::from_millis(DAY)));
        assert_eq!(ledger.days[&1].runs.len(), RUNS_KEPT);
        assert_eq!(ledger.of_run(&run("first")), cents(7), "those that used up most are kept");
        ledger.add_to_run(cents(1), &run("last"), Timestamp::from_millis(3 * DAY));
        assert_eq!(ledger.of_run(&run("first")), Usage::default());
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut ledger = Ledger::default();
        for n in 0..200_i64 {
            ledger.add(cents(1), &Login::new(format!("person{n}")), Timestamp::from_millis(0));
            ledger.add(cents(1), &Login::new("mona"), Timestamp::from_millis(n * DAY));
        }
        assert_eq!(ledger.days.len(), DAYS_KEPT);
        let mut crowd = Ledger::default();
        (0..200)
            .for_each(|n| crowd.add(cents(1), &Login::new(format!("person{n}")), Timestamp::from_millis(0)));
        assert_eq!(crowd.of_day(Timestamp::from_millis(0)), cents(200), "the day counts everybody");
        assert_eq!(crowd.days[&0].actors.len(), ACTORS_KEPT);
    }
}
