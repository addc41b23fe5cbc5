//! What may be used up and begun: in one attempt, in one run, for one issue, in a day, at one person's wish.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dollars::Dollars;
use crate::domain::caps::{Caps, Most};

/// What one attempt of an assistant may use up. It is ended at whichever limit it reaches first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AttemptRules {
    /// Minutes, from the question to the answer.
    #[schemars(range(min = 1, max = 340))]
    pub minutes: u64,
    /// Tokens in both directions.
    #[schemars(range(min = 1))]
    pub tokens: u64,
    /// US dollars, where prices are known.
    pub dollars: Dollars,
    /// Answers of a model that are followed by another question.
    #[schemars(range(min = 1, max = 1000))]
    pub steps: u32,
}

/// A small change made with room to spare.
impl Default for AttemptRules {
    fn default() -> Self {
        Self { minutes: 10, tokens: 1_000_000, dollars: Dollars::from_micro(5_000_000), steps: 60 }
    }
}

/// What all attempts together may use up, in US dollars where prices are known, and in tokens; null for no limit. Once it is
/// spent, no assistant that costs anything is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetRules {
    /// In one run.
    pub run_dollars: Option<Dollars>,
    /// In one run, tokens in both directions.
    pub run_tokens: Option<u64>,
    /// For one issue.
    pub issue_dollars: Option<Dollars>,
    /// For one issue, tokens in both directions.
    pub issue_tokens: Option<u64>,
    /// In one day, midnight to midnight UTC.
    pub day_dollars: Option<Dollars>,
    /// In one day, tokens.
    pub day_tokens: Option<u64>,
    /// In one day, for what one person asked for.
    pub actor_dollars: Option<Dollars>,
    /// In one day, tokens for what one person asked for.
    pub actor_tokens: Option<u64>,
}

/// How much may be begun, and waits after that; null for any amount. Days go from midnight to midnight UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CapRules {
    /// In one run.
    pub run: MostRules,
    /// About one issue or pull request, in a day.
    pub issue: MostRules,
    /// For what one person sets off, in a day.
    pub actor: MostRules,
    /// In a day.
    pub day: MostRules,
}

impl CapRules {
    /// The parts, with their keys.
    #[must_use]
    pub fn parts(&self) -> [(&'static str, &MostRules); 4] {
        [("run", &self.run), ("issue", &self.issue), ("actor", &self.actor), ("day", &self.day)]
    }

    /// What they allow.
    #[must_use]
    pub const fn caps(&self) -> Caps {
        Caps {
            run: self.run.most(),
            issue: self.issue.most(),
            actor: self.actor.most(),
            day: self.day.most(),
        }
    }
}

/// How much of each sort may be begun.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MostRules {
    /// Comments on GitHub that are written or brought up to date: status comments, what a rehearsal tells on a pull request,
    /// issues about Drive and what is said there, answers in threads of a review.
    pub comments: Option<u32>,
    /// Pull requests that are opened.
    pub pull_requests: Option<u32>,
    /// Attempts at a change or at a revision, of whatever assistant.
    pub attempts: Option<u32>,
    /// Questions to the assistant that judges issues; what is more is judged by the rules alone.
    pub questions: Option<u32>,
    /// Plugins that are started.
    pub plugins: Option<u32>,
    /// Requests that change something on GitHub, as many as the tasks that are taken announce. What is only read, and what
    /// commands do, is not counted: GitHub's own limits hold for that, and are kept to.
    pub calls: Option<u32>,
}

impl MostRules {
    const fn most(&self) -> Most {
        Most {
            comments: self.comments,
            pull_requests: self.pull_requests,
            attempts: self.attempts,
            questions: self.questions,
            plugins: self.plugins,
            calls: self.calls,
        }
    }

    /// What is limited, in words.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        let of = |most: Option<u32>, what: &str| most.map(|most| format!("{most} {what}"));
        let all = [
            of(self.comments, "comments and updates of them"),
            of(self.pull_requests, "new pull requests"),
            of(self.attempts, "attempts at changes"),
            of(self.questions, "questions to the assistant that judges"),
            of(self.plugins, "starts of plugins"),
            of(self.calls, "requests that change something on GitHub"),
        ];
        all.into_iter().flatten().collect()
    }
}
