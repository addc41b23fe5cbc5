//! What each task kind is told, and the names of the kinds that others enqueue.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use super::id::{CommitId, Login};
use super::payload::Payload;
use super::subject::Scope;

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

/// Every kind.
pub const KINDS: [&str; 6] = [ANALYSE, LABEL, ASSIGN, COMMENT, IMPLEMENT, OPEN_PULL_REQUEST];

/// What tasks of a kind can be about.
#[must_use]
pub fn scope(kind: &str) -> Scope {
    match kind {
        ANALYSE | COMMENT | IMPLEMENT | OPEN_PULL_REQUEST => Scope::Issues,
        LABEL | ASSIGN => Scope::Numbered,
        _ => Scope::Everything,
    }
}

/// Whether an input that a person wrote is one that its kind can work with. Nothing is said about kinds that are not
/// known here.
///
/// # Errors
/// What is wrong with it, a clause for a person.
pub fn check(kind: &str, input: &Payload) -> Result<(), String> {
    match kind {
        ANALYSE => shape::<Analyse>(input, &[]).map(drop),
        COMMENT => shape::<Comment>(input, &[]).map(drop),
        IMPLEMENT => shape::<Implement>(input, &["source"]).map(drop),
        OPEN_PULL_REQUEST => {
            let keys = ["branch", "commit", "base", "base_commit", "title", "summary"];
            let counts = ["files", "added", "removed", "merged"];
            shape::<OpenPullRequest>(input, &[keys.as_slice(), counts.as_slice()].concat()).map(drop)
        }
        LABEL => match shape::<Label>(input, &["add", "remove"])? {
            Label { add, remove } if add.is_empty() && remove.is_empty() => {
                Err("it names no label to `add` or to `remove`".to_owned())
            }
            _ => Ok(()),
        },
        ASSIGN if shape::<Assign>(input, &["logins"])?.logins.is_empty() => Err("it names nobody".to_owned()),
        _ => Ok(()),
    }
}

/// An input of this shape, with no keys but these. What the log keeps may have others: newer versions write them.
fn shape<T: DeserializeOwned>(input: &Payload, keys: &[&str]) -> Result<T, String> {
    let given: BTreeMap<String, IgnoredAny> = input.read().map_err(|_| "it is no map of keys".to_owned())?;
    if let Some(unknown) = given.keys().find(|key| !keys.contains(&key.as_str())) {
        let known = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        let takes = if keys.is_empty() { "it takes none".to_owned() } else { format!("there are {known}") };
        return Err(format!("there is no key `{}`: {takes}", super::untrusted::one_line(unknown, 40)));
    }
    serde_json::from_str(input.as_str()).map_err(|error| {
        let text = error.to_string();
        text.split_once(" at line ").map_or(text.as_str(), |(message, _)| message).to_owned()
    })
}

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
