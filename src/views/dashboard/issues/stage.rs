//! How far an issue or a pull request has come: the columns of the board.

use serde::Serialize;

use super::{ASSIGNED, REVIEW, TRIAGED, Tale};
use crate::domain::state::IssueState;

/// A column of the board, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nothing is known of it but that it is there.
    New,
    /// It was analysed.
    Triaged,
    /// The reporter was asked for something.
    Waiting,
    /// Somebody is assigned, or works on it elsewhere.
    Assigned,
    /// There is a pull request.
    PullRequest,
    /// Somebody has reviewed the pull request.
    Review,
    /// The pull request was merged.
    Merged,
    /// It was closed otherwise.
    Closed,
}

impl Stage {
    /// All of them in order.
    pub const ALL: [Self; 8] = [
        Self::New,
        Self::Triaged,
        Self::Waiting,
        Self::Assigned,
        Self::PullRequest,
        Self::Review,
        Self::Merged,
        Self::Closed,
    ];

    /// Whether somebody may still have to do something.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Merged | Self::Closed)
    }
}

pub(super) fn of(tale: &Tale, known: Option<&IssueState>) -> Stage {
    let end = known.and_then(|known| known.fate.end.as_ref());
    let asked = known.and_then(|known| known.asked.as_ref());
    let merged = tale.merged || (tale.closed && tale.steps[super::MERGED].is_some());
    if merged {
        Stage::Merged
    } else if tale.closed {
        Stage::Closed
    } else if tale.is_pull || (tale.pull_request.is_some() && end.is_none()) {
        if tale.steps[REVIEW].is_some() { Stage::Review } else { Stage::PullRequest }
    } else if asked.is_some_and(|asked| asked.answered.is_none()) {
        Stage::Waiting
    } else if !tale.assignees.is_empty() || (known.is_none() && tale.steps[ASSIGNED].is_some()) {
        Stage::Assigned
    } else if tale.steps[TRIAGED].is_some() || known.is_some_and(|known| known.analysis.is_some()) {
        Stage::Triaged
    } else {
        Stage::New
    }
}
