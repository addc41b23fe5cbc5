//! What each task kind is told, and the names of the kinds that others enqueue.

use serde::{Deserialize, Serialize};

use super::id::{CommitId, Login};

/// Reads an issue and finds out what it is. Input: [`Analyse`].
pub const ANALYSE: &str = "analyse";
/// Adds and removes labels one by one. Input: [`Label`].
pub const LABEL: &str = "label";
/// Assigns people. Input: [`Assign`].
pub const ASSIGN: &str = "assign";
/// Brings the issue's one status comment up to date. Input: [`Comment`].
pub const COMMENT: &str = "comment";
/// Has a change made and pushes it on a branch of its own. Input: [`Implement`].
pub const IMPLEMENT: &str = "implement";
/// Opens the pull request for a pushed branch. Input: [`OpenPullRequest`].
pub const OPEN_PULL_REQUEST: &str = "open_pull_request";

/// See [`ANALYSE`]. The text is read when the task runs, so that the last edit counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analyse {}

/// See [`LABEL`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Labels to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<String>,
    /// Labels to take off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

/// See [`ASSIGN`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assign {
    /// Whom to assign.
    pub logins: Vec<Login>,
}

/// See [`COMMENT`]. The text is made from the state when the task runs, so that the newest state shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {}

/// See [`IMPLEMENT`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Implement {
    /// Where the request for a change stands.
    pub source: Source,
}

/// Where a request for a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// In the issue's own text.
    Issue,
    /// In a comment.
    Comment {
        /// GitHub's id of the comment.
        id: u64,
    },
}

/// See [`OPEN_PULL_REQUEST`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPullRequest {
    /// The branch that was pushed.
    pub branch: String,
    /// The commit it is at.
    pub commit: CommitId,
    /// The branch the change goes to.
    pub base: String,
    /// The commit the change stands on.
    pub base_commit: CommitId,
    /// Its title.
    pub title: String,
    /// What was done, for the pull request's text.
    pub summary: String,
    /// The files it changes.
    pub files: Vec<String>,
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
    /// Whether a file had moved on since the patch was made, and was merged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub merged: bool,
}
