//! What stands in the local forge's files, and how the port's types come of it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::domain::actor::{Actor, Permission};
use crate::domain::id::{IssueNumber, Login};
use crate::domain::time::Timestamp;
use crate::domain::trigger::OpenState;
use crate::services::github as port;

/// `people.json`: who may do what.
pub(super) type People = BTreeMap<Login, Permission>;

/// `repository.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Repository {
    pub(super) name: crate::domain::id::RepositoryName,
    pub(super) default_branch: String,
}

/// One label in `labels.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Label {
    pub(super) name: String,
    pub(super) color: String,
    #[serde(default)]
    pub(super) description: String,
}

/// `issues/0042.json`, and `pulls/0043.json` with its branches.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Issue {
    pub(super) number: IssueNumber,
    /// What the person who opened it calls it, so that opening it again finds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
    pub(super) title: String,
    pub(super) author: Actor,
    #[serde(default)]
    pub(super) state: OpenState,
    #[serde(default)]
    pub(super) labels: Vec<String>,
    #[serde(default)]
    pub(super) assignees: Vec<Login>,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) issue_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) milestone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pull: Option<Branches>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) body: String,
}

/// What a pull request has beside what an issue has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Branches {
    pub(super) head: String,
    pub(super) base: String,
    #[serde(default)]
    pub(super) draft: bool,
    #[serde(default)]
    pub(super) merged: bool,
    /// Who is asked for a review.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) reviewers: Vec<Login>,
}

/// `comments/0042/0007.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Comment {
    pub(super) id: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
    pub(super) author: Actor,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    /// Our reactions, as GitHub names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) reactions: Vec<String>,
    pub(super) body: String,
}

/// A file as an address that a browser opens.
fn page(path: &Path) -> String {
    format!("file://{}", path.display())
}

impl Issue {
    /// Where it stands: a pull request's number is in `pulls`, any other in `issues`.
    pub(super) fn file(&self) -> String {
        file_in(if self.pull.is_some() { "pulls" } else { "issues" }, self.number)
    }

    pub(super) fn to_port(&self, path: &Path) -> port::Issue {
        port::Issue {
            number: self.number,
            title: self.title.clone(),
            body: self.body.clone(),
            author: self.author.clone(),
            state: self.state,
            labels: self.labels.clone(),
            assignees: self.assignees.clone(),
            is_pull: self.pull.is_some(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            url: page(path),
            reactions: 0,
            milestone: self.milestone.clone(),
            issue_type: self.issue_type.clone(),
        }
    }

    /// Nothing when it is no pull request.
    pub(super) fn to_pull(&self, path: &Path) -> Option<port::PullRequest> {
        let branches = self.pull.as_ref()?;
        Some(port::PullRequest {
            number: self.number,
            title: self.title.clone(),
            body: self.body.clone(),
            head: branches.head.clone(),
            base: branches.base.clone(),
            draft: branches.draft,
            state: self.state,
            merged: branches.merged,
            url: page(path),
        })
    }
}

impl Issue {
    /// Nothing when it is no pull request. The forge keeps no commits: they are in the repository beside it.
    pub(super) fn to_pull_state(&self) -> Option<port::PullState> {
        let merged = self.pull.as_ref()?.merged;
        Some(port::PullState { state: self.state, merged, head_commit: None })
    }
}

/// `issues/0042.json`: four digits, so that the order of names is the order of numbers for long enough.
pub(super) fn file_in(part: &str, number: IssueNumber) -> String {
    format!("{part}/{:04}.json", number.0)
}

impl Comment {
    pub(super) fn to_port(&self, path: &Path) -> port::Comment {
        port::Comment {
            id: self.id,
            author: self.author.clone(),
            body: self.body.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            url: page(path),
        }
    }
}

impl From<Label> for port::Label {
    fn from(label: Label) -> Self {
        Self { name: label.name, color: label.color, description: label.description }
    }
}
