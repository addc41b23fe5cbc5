//! What the configuration may say about triage: how sure findings have to be, and what is done about special ones.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::assistants::AssistantTitle;
use super::rule::{LabelName, SpanText, Words};
use crate::domain::time;

/// How sure an analysis has to be, and what is done about special findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Triage {
    /// Findings less sure than this (from 0, a guess, to 1, certain) lead to nothing: one number, or one for each action.
    pub confidence: Confidence,
    /// How many similar issues are named; 0 for none.
    #[schemars(range(max = 10))]
    pub similar: usize,
    /// How alike (from 0 to 1) another issue must be to be named as the one that this repeats; null for never. Nothing is
    /// closed for it.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub duplicate: Option<f64>,
    /// How long after it was closed an issue is still compared with new ones: `30d`, `1w`; at most a year.
    pub closed: SpanText,
    /// What is done about reports of weaknesses.
    pub security: SecurityRules,
    /// What a report of a type has to tell: `version`, `steps`, `expected`, `actual`, `logs`, `code`, or the name of a heading
    /// that must have something below it. What required fields of an issue form lack is asked for in any case.
    pub needs: Needs,
    /// What is done when nobody answers; null for nothing.
    pub stale: Option<Stale>,
    /// The assistant that is asked to judge what the rules found, one of the models in `assistants`; null for none: nothing
    /// is asked and nothing paid. What it says is held to the same thresholds, and where it says nothing usable the
    /// rules' own verdict stands.
    pub assistant: Option<AssistantTitle>,
    /// How long an issue has to be left alone before the assistant is asked: `1m`, `10m`; null for at once. The rules judge at
    /// once in any case; edits in quick succession lead to one question about the last text.
    pub settle: Option<SpanText>,
    /// After how many corrected issues what issues are is learned anew by itself: issues of which people said by their labels
    /// that they are something else than Automata took them for; null for never. Only where `automata learn` learned before.
    #[schemars(range(min = 1, max = 100))]
    pub learn_after: Option<u32>,
    /// Globs of labels (`area: *`), each a set of which an issue has one: `automata learn` learns from labelled issues which one,
    /// and from then on each analysis says so. A set is a group as those of `labels.exclusive` are.
    pub learn_sets: Vec<Words>,
}

impl Default for Triage {
    fn default() -> Self {
        Self {
            confidence: Confidence::All(0.6),
            similar: 3,
            duplicate: None,
            closed: "30d".into(),
            security: SecurityRules::default(),
            needs: Needs::default(),
            stale: None,
            assistant: None,
            settle: Some("1m".into()),
            learn_after: Some(20),
            learn_sets: Vec::new(),
        }
    }
}

/// One number for all actions, or one for each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Confidence {
    /// For all of them.
    All(#[schemars(range(min = 0.0, max = 1.0))] f64),
    /// For each its own.
    Each(ActionConfidence),
}

/// How sure a finding has to be, by what it leads to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ActionConfidence {
    /// Labels and issue types are set.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub label: f64,
    /// People are assigned.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub assign: f64,
    /// The status comment shows it.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub comment: f64,
    /// Conditions of rules on `analysed` hold.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub rules: f64,
    /// It is handled as a report of a weakness.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub security: f64,
}

impl Default for ActionConfidence {
    fn default() -> Self {
        Self::same(0.6)
    }
}

impl ActionConfidence {
    const fn same(confidence: f64) -> Self {
        Self {
            label: confidence,
            assign: confidence,
            comment: confidence,
            rules: confidence,
            security: confidence,
        }
    }
}

impl Triage {
    /// How long an issue has to be left alone before the assistant is asked; none where nobody is, or at once.
    #[must_use]
    pub fn settles(&self) -> Option<Duration> {
        self.assistant.as_ref()?;
        self.settle.as_ref().map(SpanText::span).filter(|span| !span.is_zero())
    }

    /// How sure a finding has to be, by what it leads to.
    #[must_use]
    pub fn sure(&self) -> ActionConfidence {
        match &self.confidence {
            Confidence::All(confidence) => ActionConfidence::same(*confidence),
            Confidence::Each(each) => each.clone(),
        }
    }
}

/// What is done about reports of weaknesses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SecurityRules {
    /// The label for them; null for none. When a person takes it off, the issue is analysed like any other.
    pub label: Option<LabelName>,
    /// Whether nothing is analysed in public: no places in the code, no similar issues, no change; the status comment only
    /// tells where to report in private.
    pub quiet: bool,
}

impl Default for SecurityRules {
    fn default() -> Self {
        Self { label: None, quiet: true }
    }
}

/// What a report has to tell, by type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Needs {
    /// A bug report.
    pub bug: Vec<Words>,
    /// A wish.
    pub feature: Vec<Words>,
    /// A question.
    pub question: Vec<Words>,
    /// A remark about documents.
    pub documentation: Vec<Words>,
}

impl Needs {
    /// What a report of one type has to tell.
    #[must_use]
    pub fn of(&self, issue_type: crate::domain::verdict::IssueType) -> &[Words] {
        use crate::domain::verdict::IssueType as Type;
        match issue_type {
            Type::Bug => &self.bug,
            Type::Feature => &self.feature,
            Type::Question => &self.question,
            Type::Documentation => &self.documentation,
        }
    }

    /// All of them by the type's name; types that need nothing are left out.
    #[must_use]
    pub fn all(&self) -> BTreeMap<&'static str, Vec<&str>> {
        crate::domain::verdict::IssueType::ALL
            .into_iter()
            .map(|kind| (kind.name(), self.of(kind).iter().map(Words::as_str).collect::<Vec<_>>()))
            .filter(|(_, needs)| !needs.is_empty())
            .collect()
    }
}

/// What is done when a report lacks something and its author does not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Stale {
    /// How long to wait: `14d`, `2w`.
    pub after: SpanText,
    /// The label that is put on then; null for none.
    pub label: Option<LabelName>,
    /// Whether the issue is closed then, as not planned. Otherwise the status comment says that the answer is still missing.
    pub close: bool,
}

impl Default for Stale {
    fn default() -> Self {
        Self { after: "14d".into(), label: None, close: false }
    }
}

impl SpanText {
    /// The span; what cannot be read, which checking the configuration refuses, is no time at all.
    #[must_use]
    pub fn span(&self) -> Duration {
        time::span(self.as_str()).unwrap_or_default()
    }
}
