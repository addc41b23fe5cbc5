//! What an attempt may still use up: the configuration's limits less what the log says was spent.

use crate::config::Config;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::report::budget::{Unit, budgets};
use crate::services::assistant::Allowance;

/// What an attempt that `actor` wants for `issue` may use up now.
///
/// # Errors
/// A permanent failure with the code `budget_spent` when a budget has nothing left.
pub(in crate::tasks) fn allowance(
    config: &Config,
    state: &State,
    issue: IssueNumber,
    actor: &Login,
    now: Timestamp,
) -> Result<Allowance, Failure> {
    let mut allowance = Allowance::from(&config.limits.attempt);
    for budget in budgets(&config.limits.budget, state, issue, actor, now) {
        let left = budget.left();
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
        match budget.unit {
            Unit::Money => allowance.micro_dollars = allowance.micro_dollars.min(left),
            Unit::Tokens => allowance.tokens = allowance.tokens.min(left),
        }
    }
    Ok(allowance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Dollars;

    #[test]
    fn the_smallest_of_all_that_is_left_counts_and_nothing_left_is_said() {
        let mut config = Config::default();
        let (state, now) = (State::default(), Timestamp::from_millis(0));
        let left = |config: &Config| allowance(config, &state, IssueNumber(7), &Login::new("mona"), now);
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
