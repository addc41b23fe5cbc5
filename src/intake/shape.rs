//! GitHub's event JSON, the fields used and nothing more. What is missing or null takes its default, except that without
//! which nothing can be said: numbers, ids, logins. Titles, texts, states and lists of labels must be what they are called;
//! everything else that has a new shape (times, people, single labels) takes its default too.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A value that takes its default when it is missing, null, or not of the shape expected.
#[derive(Clone, Debug, Default)]
pub(super) struct Lenient<T>(pub(super) T);

impl<'de, T: DeserializeOwned + Default> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(raw.get()).unwrap_or_default()))
    }
}

/// A value that takes its default when it is missing or null, and is refused when it is not of the shape expected.
#[derive(Clone, Debug, Default)]
pub(super) struct Strict<T>(pub(super) T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Strict<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::deserialize(deserializer)?.unwrap_or_default()))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Repository {
    pub(super) full_name: String,
    #[serde(default)]
    pub(super) id: Lenient<Option<u64>>,
    /// Seconds since the epoch in a push, RFC 3339 elsewhere.
    #[serde(default)]
    pub(super) pushed_at: Lenient<Option<serde_json::Value>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Account {
    pub(super) login: String,
    /// `User`, `Bot`, `Organization`, `Mannequin`.
    #[serde(default, rename = "type")]
    pub(super) kind: Lenient<Option<String>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct App {
    pub(super) slug: String,
}

/// Anything that has a name: a label, an issue type, a field.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Milestone {
    pub(super) title: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Issue {
    pub(super) number: u64,
    #[serde(default)]
    pub(super) title: Strict<String>,
    #[serde(default)]
    pub(super) body: Strict<String>,
    #[serde(default)]
    pub(super) user: Lenient<Option<Account>>,
    #[serde(default)]
    pub(super) state: Strict<String>,
    #[serde(default)]
    pub(super) labels: Strict<Vec<Lenient<Option<Named>>>>,
    #[serde(default)]
    pub(super) assignees: Lenient<Vec<Lenient<Option<Account>>>>,
    #[serde(default)]
    pub(super) pull_request: Lenient<Option<serde::de::IgnoredAny>>,
    #[serde(default)]
    pub(super) created_at: Lenient<String>,
    #[serde(default)]
    pub(super) updated_at: Lenient<String>,
    #[serde(default)]
    pub(super) performed_via_github_app: Lenient<Option<App>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Comment {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) body: Strict<String>,
    #[serde(default)]
    pub(super) user: Lenient<Option<Account>>,
    #[serde(default)]
    pub(super) created_at: Lenient<String>,
    #[serde(default)]
    pub(super) updated_at: Lenient<String>,
    #[serde(default)]
    pub(super) performed_via_github_app: Lenient<Option<App>>,
    /// Review comments only.
    #[serde(default)]
    pub(super) path: Lenient<String>,
    /// Review comments only; null when the line is outdated.
    #[serde(default)]
    pub(super) line: Lenient<Option<u64>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Pull {
    pub(super) number: u64,
    #[serde(default)]
    pub(super) title: Strict<String>,
    #[serde(default)]
    pub(super) body: Strict<String>,
    #[serde(default)]
    pub(super) user: Lenient<Option<Account>>,
    #[serde(default)]
    pub(super) state: Strict<String>,
    #[serde(default)]
    pub(super) labels: Strict<Vec<Lenient<Option<Named>>>>,
    /// Not in the payloads of reviews.
    #[serde(default)]
    pub(super) merged: Lenient<bool>,
    #[serde(default)]
    pub(super) merged_at: Lenient<Option<String>>,
    #[serde(default)]
    pub(super) draft: Lenient<bool>,
    pub(super) head: Side,
    pub(super) base: Side,
    #[serde(default)]
    pub(super) created_at: Lenient<String>,
    #[serde(default)]
    pub(super) updated_at: Lenient<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Side {
    #[serde(rename = "ref")]
    pub(super) branch: String,
    pub(super) sha: String,
    /// Null when the fork it came from is gone.
    #[serde(default)]
    pub(super) repo: Lenient<Option<Repository>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Review {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) body: Strict<String>,
    #[serde(default)]
    pub(super) user: Lenient<Option<Account>>,
    #[serde(default)]
    pub(super) state: Strict<String>,
    #[serde(default)]
    pub(super) submitted_at: Lenient<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Label {
    pub(super) id: u64,
    pub(super) name: String,
    #[serde(default)]
    pub(super) color: Lenient<String>,
    #[serde(default)]
    pub(super) description: Lenient<String>,
}

/// `changes` of an edited label.
#[derive(Debug, Deserialize)]
pub(super) struct LabelChanges {
    pub(super) name: From,
}

#[derive(Debug, Deserialize)]
pub(super) struct From {
    pub(super) from: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct WorkflowRun {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) name: Lenient<String>,
    #[serde(default)]
    pub(super) conclusion: Lenient<Option<String>>,
    #[serde(default)]
    pub(super) head_sha: Lenient<String>,
    #[serde(default)]
    pub(super) head_branch: Lenient<Option<String>>,
    #[serde(default)]
    pub(super) head_repository: Lenient<Option<Repository>>,
    #[serde(default)]
    pub(super) run_attempt: Lenient<Option<u64>>,
    #[serde(default)]
    pub(super) updated_at: Lenient<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Release {
    pub(super) id: u64,
    pub(super) tag_name: String,
    #[serde(default)]
    pub(super) name: Lenient<String>,
    #[serde(default)]
    pub(super) created_at: Lenient<String>,
    #[serde(default)]
    pub(super) published_at: Lenient<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Commit {
    pub(super) timestamp: String,
}
