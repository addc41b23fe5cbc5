//! Assistants in a rehearsal: what they answered comes from the log, and nobody is asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::past::{Answer, Past};
use crate::config::{AssistantRule, Config, PlainAssistant, SetAssistant};
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::rehearsal::Cost;
use crate::domain::subject::Subject;
use crate::domain::usage::Usage;
use crate::services::assistant::{self, Assistant, Judgement, NOTHING, Question, Request};

/// The answers of the log, handed out once each.
#[derive(Default)]
pub(super) struct Desk {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    judged: BTreeMap<(IssueNumber, String), VecDeque<Vec<Answer>>>,
    changes: BTreeMap<Subject, VecDeque<u64>>,
    /// What an answer of an assistant that judges cost, on average.
    prices: BTreeMap<String, u64>,
    /// What a change cost, on average.
    change: Option<u64>,
    /// Whether anybody who is asked for a change is paid.
    is_paid: bool,
    /// The issue that is analysed now and who judges it, until somebody is asked.
    begun: Option<(IssueNumber, String)>,
    /// What is left of the answers of this analysis.
    now: VecDeque<Answer>,
    cost: Cost,
}

impl Desk {
    pub(super) fn of(past: &Past, config: &Config) -> Self {
        let mut paid: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for ((_, by), analyses) in &past.judged {
            paid.entry(by.clone()).or_default().extend(analyses.iter().flatten().map(|(_, cost)| *cost));
        }
        let prices = paid.into_iter().filter_map(|(by, costs)| Some((by, mean(&costs)?))).collect();
        let changes: Vec<u64> = past.changes.values().flatten().copied().collect();
        let kept = Kept {
            judged: past.judged.clone(),
            changes: past.changes.clone(),
            prices,
            change: mean(&changes),
            is_paid: config.assistants.iter().any(is_paid),
            ..Kept::default()
        };
        Self { kept: Mutex::new(kept) }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // A panic elsewhere leaves whole values behind.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An analysis of this issue begins. One that puts its question off takes no answer.
    pub(super) fn begin(&self, issue: IssueNumber, judge: Option<&str>) {
        let mut kept = self.kept();
        kept.begun = judge.map(|judge| (issue, judge.to_owned()));
        kept.now.clear();
    }

    /// A change is asked for.
    pub(super) fn change(&self, subject: Subject) {
        let mut kept = self.kept();
        match kept.changes.get_mut(&subject).and_then(VecDeque::pop_front) {
            Some(cost) => {
                kept.cost.answered += 1;
                kept.cost.micro_dollars += cost;
            }
            None if kept.is_paid => {
                let price = kept.change;
                kept.cost.would_ask(price);
            }
            None => {}
        }
    }

    pub(super) fn cost(&self) -> Cost {
        self.kept().cost
    }

    fn answer(&self, name: &str) -> Option<Answer> {
        let mut kept = self.kept();
        if let Some(asked) = kept.begun.take() {
            kept.now = kept.judged.get_mut(&asked).and_then(VecDeque::pop_front).unwrap_or_default().into();
        }
        let answer = kept.now.pop_front();
        match &answer {
            Some((_, cost)) => {
                kept.cost.answered += 1;
                kept.cost.micro_dollars += cost;
            }
            None => {
                let price = kept.prices.get(name).copied();
                kept.cost.would_ask(price);
            }
        }
        answer
    }
}

impl Cost {
    fn would_ask(&mut self, price: Option<u64>) {
        self.would_ask += 1;
        self.micro_dollars += price.unwrap_or_default();
        self.unpriced += u32::from(price.is_none());
    }
}

fn mean(costs: &[u64]) -> Option<u64> {
    (!costs.is_empty()).then(|| costs.iter().sum::<u64>() / costs.len() as u64)
}

fn is_paid(rule: &AssistantRule) -> bool {
    !matches!(
        rule,
        AssistantRule::Plain(PlainAssistant::Patch) | AssistantRule::With(SetAssistant::Person(_))
    )
}

/// An assistant whose answers are all in the log.
pub(super) struct Recorded {
    pub(super) name: String,
    pub(super) desk: Arc<Desk>,
}

fn nobody_is_asked() -> Failure {
    Failure::permanent(NOTHING, "the log holds no answer to this, and a rehearsal asks nobody")
}

#[async_trait]
impl Assistant for Recorded {
    fn name(&self) -> &str {
        &self.name
    }

    fn needs_folder(&self) -> bool {
        false
    }

    async fn propose(&self, _: &Request) -> assistant::Answer {
        let (usage, answers) = (Usage::default(), assistant::Answers::new());
        assistant::Answer { outcome: Err(nobody_is_asked()), usage, answers }
    }

    async fn judge(&self, _: &Question) -> Judgement {
        let Some((given, cost)) = self.desk.answer(&self.name) else {
            return Judgement { outcome: Err(nobody_is_asked()), usage: Usage::default() };
        };
        let outcome = given.map_err(|why| Failure::permanent(NOTHING, why));
        Judgement { outcome, usage: Usage { micro_dollars: cost, ..Usage::default() } }
    }
}
