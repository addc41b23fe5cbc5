//! What an attempt may still use up: the configuration's limits less what the log says was spent, and less what attempts that
//! are under way may use up of the day.

use std::time::Duration;

use crate::config::Config;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login, RunId, TaskId};
use crate::domain::input;
use crate::domain::ledger::RESERVED;
use crate::domain::state::State;
use crate::domain::task::Task;
use crate::domain::time::Timestamp;
use crate::report::budget::{Unit, budgets};
use crate::services::assistant::Allowance;

/// After how long it is looked again whether attempts that are under way have left something: they take minutes.
const LOOK_AGAIN: Duration = Duration::from_secs(5 * 60);
/// The keys of the budgets that all attempts of a day share.
const SHARED: [&str; 2] = ["day_dollars", "day_tokens"];
/// The keys of the budgets that all attempts of a run share. What is over them is for another run.
const OF_RUN: [&str; 2] = ["run_dollars", "run_tokens"];

/// What an attempt that `actor` wants for `issue` may use up now. `task`: whose attempt it is; none for a question, which costs
/// so little that nothing is kept back for it or from it. `run`: in which.
///
/// # Errors
/// A permanent failure with the code `budget_spent` when a budget has nothing left, and one to come back to with the code
/// `budget_reserved` when it is the run's, or when all that is left may be used up by attempts that were begun before.
pub(in crate::tasks) fn allowance(
    config: &Config,
    state: &State,
    issue: IssueNumber,
    actor: &Login,
    now: Timestamp,
    task: Option<&TaskId>,
    run: Option<&RunId>,
) -> Result<Allowance, Failure> {
    let whole = Allowance::from(&config.limits.attempt);
    let mut allowance = whole;
    let others = task.map_or(0, |task| begun_before(state, task, None));
    let others_here = task.map_or(0, |task| begun_before(state, task, run));
    for budget in budgets(&config.limits.budget, state, issue, actor, now, run) {
        let left = budget.left();
        if left == 0 && OF_RUN.contains(&budget.key) {
            return Err(come_back(now, format!("The budget for {} is spent", budget.of)));
        }
        if left == 0 {
            return Err(Failure::permanent(
                "budget_spent",
                format!(
                    "The budget for {} is spent: {} of {}.",
                    budget.of,
                    budget.unit.told(budget.spent),
                    budget.unit.told(budget.limit)
                ),
            )
            .hint(format!("Raise `limits.budget.{}`, or {}.", budget.key, budget.instead)));
        }
        let each = match budget.unit {
            Unit::Money => whole.micro_dollars,
            Unit::Tokens => whole.tokens,
        };
        let sharing = if SHARED.contains(&budget.key) {
            others
        } else if OF_RUN.contains(&budget.key) {
            others_here
        } else {
            0
        };
        let reserved = each.saturating_mul(sharing);
        let left = left.saturating_sub(reserved);
        if left == 0 {
            let told = format!("What is left of the budget for {} is kept for what is under way", budget.of);
            return Err(come_back(now, told));
        }
        match budget.unit {
            Unit::Money => allowance.micro_dollars = allowance.micro_dollars.min(left),
            Unit::Tokens => allowance.tokens = allowance.tokens.min(left),
        }
    }
    Ok(allowance)
}

fn come_back(now: Timestamp, told: String) -> Failure {
    let failure = Failure::rate_limited(now.plus(LOOK_AGAIN), told);
    Failure { code: RESERVED.to_owned(), ..failure }
}

/// The run that works on a task.
pub(in crate::tasks) fn run_of<'a>(state: &'a State, task: &TaskId) -> Option<&'a RunId> {
    state.tasks.get(task)?.lease().map(|lease| &lease.run)
}

/// Attempts at changes that are under way and were begun before this task's, in any run or in one: of two that begin at once
/// one is the first. What they use up is known only when they have ended.
fn begun_before(state: &State, task: &TaskId, run: Option<&RunId>) -> u64 {
    let is_change = |task: &&Task| matches!(task.spec.kind.as_str(), input::IMPLEMENT | input::REVISE);
    // A lease lasts as long for all of a kind: what ends later was begun later.
    let begun = |task: &Task| task.lease().map(|lease| (lease.until, task.enqueued));
    let Some(mine) = state.tasks.get(task).and_then(begun) else { return 0 };
    let is_there = |task: &&Task| run.is_none_or(|run| task.lease().is_some_and(|lease| lease.run == *run));
    let others = state.tasks.values().filter(is_change).filter(is_there).filter_map(begun);
    others.filter(|theirs| *theirs < mine).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Dollars;

    #[test]
    fn what_is_under_way_keeps_its_part_of_the_day_and_the_first_of_two_has_the_first_claim() {
        use crate::domain::story::{Story, request_on};
        let mut story = Story::new();
        let tasks = story.enqueue(vec![
            request_on(input::IMPLEMENT, 7),
            request_on(input::IMPLEMENT, 8),
            request_on(input::ANALYSE, 9),
        ]);
        for task in &tasks {
            story.claim(task);
        }
        let mut config = Config::default();
        let left = |config: &Config, task: Option<&TaskId>| {
            allowance(config, &story.state, IssueNumber(8), &Login::new("mona"), story.now, task, None)
        };
        for (day, first, second) in
            [(20, 5_000_000, Some(5_000_000)), (6, 5_000_000, Some(1_000_000)), (5, 5_000_000, None)]
        {
            config.limits.budget.day_dollars = Some(Dollars::from_micro(day * 1_000_000));
            assert_eq!(left(&config, Some(&tasks[0])).unwrap().micro_dollars, first);
            let theirs = left(&config, Some(&tasks[1]));
            assert_eq!(theirs.as_ref().ok().map(|left| left.micro_dollars), second, "{day}");
            let waits = theirs.err().map(|failure| failure.code);
            assert_eq!(waits.as_deref(), second.is_none().then_some(RESERVED));
            assert_eq!(left(&config, None).unwrap().micro_dollars, 5_000_000, "a question is small");
        }
    }

    #[test]
    fn what_a_run_may_use_up_is_its_own_and_what_is_over_it_waits_for_another() {
        use crate::domain::usage::Usage;
        let (mut state, now) = (State::default(), Timestamp::from_millis(0));
        let mut config = Config::default();
        config.limits.budget.run_dollars = Some(Dollars::from_micro(300_000));
        let (one, other) = (RunId::new("one"), RunId::new("other"));
        let used = Usage { micro_dollars: 200_000, ..Usage::default() };
        state.ledger.add_to_run(used, &one, now);
        let left = |state: &State, run: &RunId| {
            allowance(&config, state, IssueNumber(7), &Login::new("mona"), now, None, Some(run))
        };
        assert_eq!(left(&state, &one).unwrap().micro_dollars, 100_000);
        assert_eq!(left(&state, &other).unwrap().micro_dollars, 300_000);
        state.ledger.add_to_run(used, &one, now);
        let failure = left(&state, &one).unwrap_err();
        assert_eq!(
            (failure.code.as_str(), failure.message.as_str()),
            (RESERVED, "The budget for one run is spent")
        );
        assert!(left(&state, &other).is_ok());
    }

    #[test]
    fn the_smallest_of_all_that_is_left_counts_and_nothing_left_is_said() {
        let mut config = Config::default();
        let (state, now) = (State::default(), Timestamp::from_millis(0));
        let left =
            |config: &Config| allowance(config, &state, IssueNumber(7), &Login::new("mona"), now, None, None);
        assert_eq!(left(&config).unwrap().micro_dollars, 5_000_000);
        config.limits.budget.day_dollars = Some(Dollars::from_micro(300_000));
        assert_eq!(left(&config).unwrap().micro_dollars, 300_000);
        config.limits.budget.issue_tokens = Some(70_000);
        config.limits.budget.actor_tokens = Some(50_000);
        assert_eq!(left(&config).unwrap().tokens, 50_000);
        config.limits.budget.day_tokens = Some(0);
        insta::assert_snapshot!(left(&config).unwrap_err(), @"The budget for this day is spent: 0 tokens of 0 tokens");
        config.limits.budget.day_tokens = None;
        config.limits.budget.actor_dollars = Some(Dollars::from_micro(0));
        let failure = left(&config).unwrap_err();
        insta::assert_snapshot!(format!("{failure}. {}", failure.hint.clone().unwrap_or_default()), @"The budget for what mona asks for in a day is spent: $0.00 of $0.00. Raise `limits.budget.actor_dollars`, or wait until midnight UTC.");
    }
}
