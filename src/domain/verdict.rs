//! What an analysis found: every finding with its reasons, so that `why` can repeat them.

use serde::{Deserialize, Serialize};

use super::id::{IssueNumber, Login};

/// What an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueType {
    /// Something does not work as it should.
    Bug,
    /// Something should exist.
    Feature,
    /// Somebody wants to know something.
    Question,
    /// Words should be written or changed.
    Documentation,
}

impl IssueType {
    /// All of them, in the order ties are broken.
    pub const ALL: [Self; 4] = [Self::Bug, Self::Feature, Self::Question, Self::Documentation];

    /// The name as configuration and output write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bug => "bug",
            Self::Feature => "feature",
            Self::Question => "question",
            Self::Documentation => "documentation",
        }
    }
}

/// How soon an issue wants attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Some day.
    Low,
    /// In its turn.
    Normal,
    /// Before others.
    High,
    /// Now: data is lost, the program is unusable, or security is at stake.
    Critical,
}

impl Urgency {
    /// All of them, least urgent first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Critical];

    /// The name as configuration and output write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A finding, how sure it is, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding<T> {
    /// What was found.
    pub value: T,
    /// From 0 (a guess) to 1 (certain).
    pub confidence: f64,
    /// The evidence, one sentence each, in words for a person.
    pub reasons: Vec<String>,
}

/// A place in the repository that the issue names, and that really exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodePlace {
    /// Path from the root of the repository.
    pub path: String,
    /// Line, from 1, where the text names one that the file has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The symbol that was looked for, when it was found by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// What the text said: `at src/main.rs:12`, `` `parse_header` ``.
    pub mention: String,
}

/// An issue that says something alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimilarIssue {
    /// Its number.
    pub number: IssueNumber,
    /// From 0 to 1.
    pub score: f64,
    /// The words both share, the most telling first.
    pub shared: Vec<String>,
}

/// Somebody who looks after a place that the issue names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// A user's login, or `org/team`.
    pub name: Login,
    /// Why: the CODEOWNERS line and the path it matched.
    pub reason: String,
}

/// All that the first analysis found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_type: Option<Finding<IssueType>>,
    /// How soon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Finding<Urgency>>,
    /// Places in the code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<CodePlace>,
    /// Who looks after them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Owner>,
    /// Issues alike, the nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub similar: Vec<SimilarIssue>,
    /// The telling words of this issue, by which later issues find it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<String>,
}
