//! How our pull request for an issue fares: reviews, workflows, its end.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::id::Login;
use crate::domain::time::Timestamp;

/// How our pull request for an issue fares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fate {
    /// How often it was revised.
    #[serde(default)]
    pub revisions: u32,
    /// The newest review that a revision took up, by GitHub's id; 0: none.
    #[serde(default)]
    pub review: u64,
    /// Since when it is known that workflow runs on it wait until a person lets them run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unapproved: Option<Timestamp>,
    /// How it ended, when it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<PullEnd>,
    /// What people say of it in reviews, each their last word.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reviews: BTreeMap<Login, Reviewed>,
    /// How the workflows fare on its newest commit, as far as we were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflows: Option<Workflows>,
}

/// The last review of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    /// GitHub's id of the review.
    pub id: u64,
    /// What it says.
    pub verdict: Verdict,
    /// Whether it is heeded, once that was weighed: anybody can write reviews.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<bool>,
}

/// What a reviewer says of a pull request as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It may be merged.
    Approved,
    /// Something has to be another.
    ChangesRequested,
    /// They looked at it: they commented, or what they said was about an earlier commit.
    Looked,
}

/// How workflows fare on a commit of a pull request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workflows {
    /// The commit.
    pub commit: String,
    /// The commit before it, when that is known: of its workflows nothing is heard any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The newest of their runs that was told, by GitHub's id: what is told late of an earlier commit counts for nothing.
    pub run: u64,
    /// Those that failed, by their names.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub failed: BTreeSet<String>,
}

impl Fate {
    /// What those say of it whose reviews are heeded.
    pub fn heeded(&self) -> impl Iterator<Item = (&Login, Verdict)> {
        let heeded = self.reviews.iter().filter(|(_, reviewed)| reviewed.counts == Some(true));
        heeded.map(|(login, reviewed)| (login, reviewed.verdict))
    }

    /// Whether nothing is known of it.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// How a pull request ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullEnd {
    /// Whether it was merged; otherwise it was closed without.
    pub merged: bool,
    /// Who did it.
    pub by: Login,
    /// When.
    pub at: Timestamp,
    /// When that was recorded: what was begun after that is another attempt.
    #[serde(default)]
    pub recorded: Timestamp,
}
