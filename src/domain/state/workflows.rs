//! What is known of the workflows that ran on a pull request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::id::CommitId;

/// What workflows came to that ran on the last commit of a pull request, as far as anything told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workflows {
    /// That commit.
    pub commit: CommitId,
    /// The commit before: what ends late on it tells nothing any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<CommitId>,
    /// Whether each has passed, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub passed: BTreeMap<String, bool>,
}

impl Workflows {
    /// Nothing is known yet of those that run on this commit.
    #[must_use]
    pub fn on(commit: CommitId, known: Option<Self>) -> Self {
        Self { commit, before: known.map(|known| known.commit), passed: BTreeMap::new() }
    }
}
