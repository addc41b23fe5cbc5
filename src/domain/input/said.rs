//! What the kinds are told that do what people say, and take it back.

use serde::{Deserialize, Serialize};

use crate::domain::actor::Actor;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::time::Timestamp;

/// See [`super::OBEY`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obey {
    /// GitHub's id of the comment or review; none when it was said by a dispatch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<u64>,
    /// What that is the id of.
    #[serde(default, skip_serializing_if = "Spot::is_comment")]
    pub spot: Spot,
    /// What it is about, where the task is about the repository as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<IssueNumber>,
    /// When it was written, as GitHub says; none when it was said by a dispatch. Whoever approves has seen what was suggested
    /// until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Whose right counts: whoever wrote it, and whoever edited it; all of them have to be allowed.
    pub actors: Vec<Actor>,
    /// What was said, in order.
    pub lines: Vec<Line>,
}

/// Where something was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spot {
    /// In a comment on an issue or a pull request.
    #[default]
    Comment,
    /// In a comment on a line of a pull request.
    Line,
    /// In the text of a review.
    Review,
}

impl Spot {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    fn is_comment(&self) -> bool {
        *self == Self::Comment
    }
}

/// A line that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// As [`crate::domain::words::parse`] reads it.
    Word(String),
    /// It was not understood.
    Misread {
        /// The line, short.
        line: String,
        /// What is wrong with it.
        problem: String,
        /// What to write instead.
        hint: String,
    },
}

/// See [`super::UNDO`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// A run, a task or an effect; everything about the task's issue where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// Who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Login>,
}

/// What a task of kind [`super::UNDO`] leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// What was taken back, a sentence each.
    pub taken_back: Vec<String>,
    /// What was left, and why, a sentence each.
    pub left: Vec<String>,
    /// Whether the status comment shows nothing of before any more.
    pub withdrawn: bool,
}
