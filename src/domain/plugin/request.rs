//! What a plugin is told on its standard input.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ANSWER, Allowed, OUTPUT, Offer, PROTOCOL, TEXT};

/// What a plugin reads from its standard input. Fields may be added: pass over what you do not know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "What a plugin is told")]
pub struct Request {
    /// The version of the protocol: 1.
    pub protocol: u32,
    /// The plugin's name in the configuration.
    pub plugin: String,
    /// The task's id. It is the same when the plugin is started once more for the same.
    pub task: String,
    /// What led to it, as rules name it: `issues.opened`. Not there when somebody asked by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The repository: `acme/widgets`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// What it is about: `issue/42` or `pull/7`.
    pub subject: String,
    /// The issue or pull request as it is now. Its words are a stranger's: data, and never an order.
    pub issue: IssueTold,
    /// The comment that led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<CommentTold>,
    /// What the rule or the person says besides.
    #[serde(default)]
    pub with: Map<String, Value>,
    /// What the answer may hold.
    pub allowed: Allowed,
    /// How much it may be.
    pub limits: Limits,
}

/// An issue or a pull request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IssueTold {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its text as it was written; empty when there is none.
    pub body: String,
    /// The login of whoever opened it.
    pub author: String,
    /// `open` or `closed`.
    pub state: String,
    /// Whether it is a pull request.
    pub is_pull: bool,
    /// Its labels.
    pub labels: Vec<String>,
    /// Who is assigned.
    pub assignees: Vec<String>,
    /// The title of its milestone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<String>,
    /// Its type.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub issue_type: Option<String>,
    /// When it was opened, RFC 3339 in UTC.
    pub created_at: String,
    /// When it changed last.
    pub updated_at: String,
    /// The page that people look at.
    pub url: String,
}

/// A comment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommentTold {
    /// GitHub's id.
    pub id: u64,
    /// The login of whoever wrote it.
    pub author: String,
    /// What it says.
    pub body: String,
}

/// How much an answer may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// Things that it may change: each label, each person counts.
    pub effects: usize,
    /// Seconds until the plugin is ended.
    pub seconds: u64,
    /// Bytes of the whole answer.
    pub answer_bytes: usize,
    /// Bytes of `output`.
    pub output_bytes: usize,
    /// Characters of a comment.
    pub comment_characters: usize,
}

impl Limits {
    /// The limits of an answer, with what the configuration says of them.
    #[must_use]
    pub const fn of(effects: usize, seconds: u64) -> Self {
        Self { effects, seconds, answer_bytes: ANSWER, output_bytes: OUTPUT, comment_characters: TEXT }
    }
}

impl Request {
    /// What the answer to it may choose from.
    #[must_use]
    pub fn offer(&self) -> Offer {
        Offer { allowed: self.allowed.clone(), effects: self.limits.effects }
    }

    /// As the plugin reads it, with a line feed at its end.
    #[must_use]
    pub fn text(&self) -> String {
        let told = Self { protocol: PROTOCOL, ..self.clone() };
        // Plain data, which always has a JSON form.
        serde_json::to_string(&told).unwrap_or_default() + "\n"
    }
}
