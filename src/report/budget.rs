//! Budgets: what assistants may use up for an issue, in a day and for a person, and how much of it is left.

use crate::config::{BudgetRules, CommentWords, Dollars, filled};
use crate::domain::event::Event;
use crate::domain::id::{IssueNumber, Login, RunId};
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::usage::Usage;
use crate::log::Envelope;
use crate::report::usage::{self, dollars};

/// People whose day is told; more are a crowd.
const PEOPLE: usize = 10;

/// What a budget is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Millionths of a US dollar.
    Money,
    /// Tokens in both directions.
    Tokens,
}

impl Unit {
    /// How much of it was used.
    #[must_use]
    pub const fn of(self, usage: &Usage) -> u64 {
        match self {
            Self::Money => usage.micro_dollars,
            Self::Tokens => usage.tokens(),
        }
    }

    /// So much of it, in words.
    #[must_use]
    pub fn told(self, amount: u64) -> String {
        self.told_in(CommentWords::english(), amount)
    }

    fn told_in(self, words: &CommentWords, amount: u64) -> String {
        match self {
            Self::Money => dollars(amount),
            Self::Tokens => usage::tokens(words, amount),
        }
    }
}

/// A budget and what was spent of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Its key below `limits.budget`.
    pub key: &'static str,
    /// For what: `issue 7`, `this day`.
    pub of: String,
    /// What else can be done when it is spent.
    pub instead: &'static str,
    /// What both numbers count.
    pub unit: Unit,
    /// How much may be spent.
    pub limit: u64,
    /// How much was.
    pub spent: u64,
}

impl Budget {
    /// What is left of it.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.limit.saturating_sub(self.spent)
    }
}

/// What one thing used up, and the two limits that it may have.
struct Account<'a> {
    of: String,
    instead: &'static str,
    used: Usage,
    money: (&'static str, Option<Dollars>),
    tokens: (&'static str, Option<u64>),
    /// For a line of its own: `today`, `today for mona`.
    when: &'a str,
}

impl Account<'_> {
    fn budgets(&self) -> Vec<Budget> {
        let money = self.money.1.map(|limit| (self.money.0, Unit::Money, limit.micro()));
        let tokens = self.tokens.1.map(|limit| (self.tokens.0, Unit::Tokens, limit));
        let budget = |(key, unit, limit): (&'static str, Unit, u64)| {
            let spent = unit.of(&self.used);
            Budget { key, of: self.of.clone(), instead: self.instead, unit, limit, spent }
        };
        money.into_iter().chain(tokens).map(budget).collect()
    }

    /// `today $0.40, 1000 tokens, 30 seconds; $0.60 of $1.00 are left`; none where nothing was used and nothing limited.
    fn line(&self) -> Option<String> {
        let left = left(CommentWords::english(), &self.budgets());
        let used = usage::told(&self.used);
        if left.is_none() && used.is_none() {
            return None;
        }
        let left = left.map(|left| format!("; {left}")).unwrap_or_default();
        Some(format!("{} {}{left}", self.when, used.unwrap_or_else(|| "nothing".to_owned())))
    }
}

fn run_account(rules: &BudgetRules, state: &State, run: &RunId) -> Account<'static> {
    Account {
        of: "one run".to_owned(),
        instead: "let the next run go on",
        used: state.ledger.of_run(run),
        money: ("run_dollars", rules.run_dollars),
        tokens: ("run_tokens", rules.run_tokens),
        when: "in this run",
    }
}

fn issue_account(rules: &BudgetRules, state: &State, issue: IssueNumber) -> Account<'static> {
    Account {
        of: format!("issue {issue}"),
        instead: "post a patch in a ```diff fence",
        used: state.issues.get(&issue).map(|issue| issue.usage).unwrap_or_default(),
        money: ("issue_dollars", rules.issue_dollars),
        tokens: ("issue_tokens", rules.issue_tokens),
        when: "for this issue",
    }
}

fn day_account(rules: &BudgetRules, state: &State, now: Timestamp) -> Account<'static> {
    Account {
        of: "this day".to_owned(),
        instead: "wait until midnight UTC",
        used: state.ledger.of_day(now),
        money: ("day_dollars", rules.day_dollars),
        tokens: ("day_tokens", rules.day_tokens),
        when: "today",
    }
}

fn actor_account<'a>(
    rules: &BudgetRules,
    state: &State,
    actor: &Login,
    now: Timestamp,
    when: &'a str,
) -> Account<'a> {
    Account {
        of: format!("what {actor} asks for in a day"),
        instead: "wait until midnight UTC",
        used: state.ledger.of_actor(actor, now),
        money: ("actor_dollars", rules.actor_dollars),
        tokens: ("actor_tokens", rules.actor_tokens),
        when,
    }
}

/// Every budget that holds for what `actor` wants for `issue` now, in `run` where it is known.
#[must_use]
pub fn budgets(
    rules: &BudgetRules,
    state: &State,
    issue: IssueNumber,
    actor: &Login,
    now: Timestamp,
    run: Option<&RunId>,
) -> Vec<Budget> {
    let in_run = run.map(|run| run_account(rules, state, run));
    let accounts = [
        issue_account(rules, state, issue),
        day_account(rules, state, now),
        actor_account(rules, state, actor, now, ""),
    ];
    accounts.iter().chain(&in_run).flat_map(Account::budgets).collect()
}

/// What is left of an issue's own budgets: `$0.60 of $1.00 are left`; none where it has none.
#[must_use]
pub fn left_of_issue(rules: &BudgetRules, state: &State, issue: IssueNumber) -> Option<String> {
    left_of_issue_in(CommentWords::english(), rules, state, issue)
}

/// As [`left_of_issue`], in the words of a configuration.
#[must_use]
pub fn left_of_issue_in(
    words: &CommentWords,
    rules: &BudgetRules,
    state: &State,
    issue: IssueNumber,
) -> Option<String> {
    left(words, &issue_account(rules, state, issue).budgets())
}

fn left(words: &CommentWords, budgets: &[Budget]) -> Option<String> {
    let told = |budget: &Budget| {
        let (left, limit) =
            (budget.unit.told_in(words, budget.left()), budget.unit.told_in(words, budget.limit));
        filled(&words.left, &[("left", &left), ("limit", &limit)])
    };
    let told: Vec<String> = budgets.iter().map(told).collect();
    (!told.is_empty()).then(|| filled(&words.are_left, &[("amounts", &told.join(&words.and))]))
}

/// What assistants have used up today and how much is left, a line for the day and one for each person who asked for
/// something; nothing where nothing was used and nothing is limited.
#[must_use]
pub fn of_day(rules: &BudgetRules, state: &State, now: Timestamp) -> Vec<String> {
    let day = day_account(rules, state, now).line();
    let actors = state.ledger.actors(now);
    let people = actors.into_iter().take(PEOPLE).filter_map(|(actor, _)| {
        actor_account(rules, state, actor, now, &format!("today for {actor}")).line()
    });
    day.into_iter().chain(people).collect()
}

/// As [`of_day`], with a line for an issue before all others.
#[must_use]
pub fn of_issue(rules: &BudgetRules, state: &State, issue: IssueNumber, now: Timestamp) -> Vec<String> {
    issue_account(rules, state, issue).line().into_iter().chain(of_day(rules, state, now)).collect()
}

/// As [`of_day`], when among these events is an answer of an assistant; one sentence.
#[must_use]
pub fn after(rules: &BudgetRules, state: &State, events: &[Envelope], now: Timestamp) -> Option<String> {
    let is_answer = |envelope: &Envelope| matches!(&envelope.recorded.event, Event::AssistantAnswered(answer) if !answer.usage.is_nothing());
    let lines = of_day(rules, state, now);
    (events.iter().any(is_answer) && !lines.is_empty())
        .then(|| format!("Assistants used {}.", lines.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_and_what_is_left_is_told_by_the_day_and_the_person() {
        let now = Timestamp::from_millis(0);
        let mut state = State::default();
        let rules = BudgetRules::default();
        assert_eq!(of_day(&rules, &state, now), [""; 0]);
        let limited = BudgetRules { day_tokens: Some(5_000), ..rules.clone() };
        assert_eq!(of_day(&limited, &state, now), ["today nothing; 5000 tokens of 5000 tokens are left"]);
        let usage =
            Usage { input_tokens: 900, output_tokens: 100, micro_dollars: 400_000, milliseconds: 30_000 };
        for (who, times) in [("mona", 2), ("otto", 1)] {
            (0..times).for_each(|_| state.ledger.add(usage, &Login::new(who), now));
        }
        insta::assert_snapshot!(of_day(&rules, &state, now).join("\n"), @"
    today $1.20, 3000 tokens, 90 seconds
    today for mona $0.80, 2000 tokens, 60 seconds
    today for otto $0.40, 1000 tokens, 30 seconds
    ");
        let limited = BudgetRules {
            day_dollars: Some(Dollars::from_micro(2_000_000)),
            actor_tokens: Some(1_500),
            ..limited
        };
        insta::assert_snapshot!(of_day(&limited, &state, now).join("\n"), @"
    today $1.20, 3000 tokens, 90 seconds; $0.80 of $2.00 and 2000 tokens of 5000 tokens are left
    today for mona $0.80, 2000 tokens, 60 seconds; 0 tokens of 1500 tokens are left
    today for otto $0.40, 1000 tokens, 30 seconds; 500 tokens of 1500 tokens are left
    ");
    }
}
