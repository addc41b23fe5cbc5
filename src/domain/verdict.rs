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
    /// Whether it was closed when they were compared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
}

/// Somebody who looks after a place that the issue names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Owner {
    /// A user's login, or `org/team`.
    pub name: Login,
    /// Why: the CODEOWNERS line and the path it matched.
    pub reason: String,
    /// From 0 (a guess) to 1 (certain).
    #[serde(default = "certain", skip_serializing_if = "is_certain")]
    pub confidence: f64,
}

/// What logs without the field mean: an owner whom CODEOWNERS names.
const fn certain() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_certain(confidence: &f64) -> bool {
    *confidence >= 1.0
}

/// A report of a weakness that others could use: it belongs to the maintainers, not into public.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecurityReport {
    /// From 0 (a guess) to 1 (certain).
    pub confidence: f64,
    /// The evidence, one sentence each; nothing of it is the reporter's own text.
    pub reasons: Vec<String>,
    /// Whether nothing else was looked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
    /// The page of the security policy, when the repository has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The page on which a report is made in private.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<String>,
}

/// Something that a report needs and does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// What is missing, in the form's or our words.
    pub what: String,
    /// Who says that it is needed.
    pub reason: String,
}

/// A label that a rule of the repository gives for what the issue names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelFinding {
    /// Its name.
    pub label: String,
    /// From 0 (a guess) to 1 (certain).
    pub confidence: f64,
    /// The evidence, one sentence each.
    pub reasons: Vec<String>,
}

/// What an assistant said that was asked to judge an issue; what it found stands among the findings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// Its name in the configuration.
    pub by: String,
    /// What it tells people, one line; may hold words of strangers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whom of the owners it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Login>,
    /// Why nothing came of it, and the rules' own verdict holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_vain: Option<String>,
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
    /// Whether it tells of a weakness. When it is handled quietly, nothing below is filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<SecurityReport>,
    /// What it needs and lacks, as far as that is to be asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Need>,
    /// Labels by the repository's own rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelFinding>,
    /// Labels that would be set, which the repository did not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<String>,
    /// The issue that says the same, when one is alike enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate: Option<Finding<IssueNumber>>,
    /// Places in the code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<CodePlace>,
    /// Who looks after them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Owner>,
    /// Issues alike, the nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub similar: Vec<SimilarIssue>,
    /// What an assistant said, where one was asked to judge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judged>,
    /// The telling words of this issue, by which later issues find it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<String>,
}
