//! What the kinds are told that make a change and look after its pull request, and what they leave behind.

use serde::{Deserialize, Serialize};

use crate::domain::id::{CommitId, IssueNumber, Login};
use crate::domain::receipt;
use crate::domain::usage::Usage;

/// See [`super::IMPLEMENT`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Implement {
    /// Where the request for a change stands.
    pub source: Source,
    /// The one assistant that is to be asked, by its name in the configuration; none: all of them in turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assistant: Option<String>,
    /// Assistants that were asked for it before and made nothing of it: they are passed over, by their names in the
    /// configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<String>,
    /// What is to be different from an earlier change, in the words of whoever may ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revise: Option<String>,
    /// Whose wish it is; none: of whoever wrote what stands at the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Login>,
    /// Whether that one was found to be allowed to ask for it when they did; otherwise they need write access.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub granted: bool,
}

impl Implement {
    /// Asks everybody in turn for a change.
    #[must_use]
    pub const fn of(source: Source) -> Self {
        Self { source, assistant: None, past: Vec::new(), revise: None, asked_by: None, granted: false }
    }

    /// The same wish, whoever has it.
    #[must_use]
    pub fn by_anyone(self) -> Self {
        Self { asked_by: None, granted: false, ..self }
    }
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
    /// In a comment on a line of a pull request.
    Line {
        /// The pull request.
        pull: IssueNumber,
        /// GitHub's id of the comment.
        id: u64,
    },
    /// In the text of a review.
    Review {
        /// The pull request.
        pull: IssueNumber,
        /// GitHub's id of the review.
        id: u64,
    },
}

/// See [`super::OPEN_PULL_REQUEST`].
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
    /// Those of the files that tools made or brought from elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub generated: Vec<String>,
    /// Digest of what it changes: the same change again leads to no second pull request. None where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// Who made the change: an assistant's name in the configuration.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub assistant: String,
    /// What the change used up.
    #[serde(default, skip_serializing_if = "Usage::is_nothing")]
    pub usage: Usage,
    /// What the checks said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Checked>,
}

/// What a check said of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Its name in the configuration.
    pub name: String,
    /// Whether the change passed.
    pub passed: bool,
    /// The last lines of what it printed; empty when the change passed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tail: String,
}

/// See [`super::REVISE`]. Reviews and threads are read when the task runs, so that one revision answers all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revise {
    /// What asks for it.
    pub source: Asking,
    /// Who was found to be allowed to ask for it when they did; none where nobody was judged: then whoever asks needs write
    /// access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Login>,
}

/// What asks for a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Asking {
    /// A review that asks for changes.
    Review {
        /// GitHub's id of the review.
        id: u64,
    },
    /// A comment on the pull request or on its issue.
    Comment {
        /// GitHub's id of the comment.
        id: u64,
    },
    /// A comment on one of the pull request's lines.
    Line {
        /// GitHub's id of the comment.
        id: u64,
    },
    /// What a review says as a whole, whatever its verdict.
    Word {
        /// GitHub's id of the review.
        id: u64,
    },
    /// Somebody who said it nowhere on the pull request: by a dispatch.
    Said {
        /// What is to be different, in their words.
        text: String,
    },
    /// Checks of the pull request failed.
    Checks {
        /// The commit that they failed on.
        commit: CommitId,
    },
}

/// What a revision came to: the output of [`super::REVISE`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revised {
    /// The commit that was pushed; none when nothing was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitId>,
    /// The newest review that was taken up, by GitHub's id; 0: none.
    pub review: u64,
    /// What was done, a sentence or two; why nothing was changed, when nothing was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// Threads that were answered.
    #[serde(default)]
    pub answered: usize,
    /// Those of them that are resolved because their file was changed.
    #[serde(default, skip_serializing_if = "is_none")]
    pub resolved: usize,
    /// What the checks said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Checked>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_none(count: &usize) -> bool {
    *count == 0
}

/// That a change is there already, so that none was made or no pull request was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeBefore {
    /// Where it is, a sentence without its full stop.
    pub note: String,
    /// The pull request that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<IssueNumber>,
    /// The other issue that it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<IssueNumber>,
}

/// See [`super::TEND`]. How the pull request stands is read when the task runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tend {}

/// What tending came to: the output of [`super::TEND`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tended {
    /// The branch that it goes to.
    pub base: String,
    /// The commit by which its base was brought in; empty when GitHub makes that commit itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brought: Option<CommitId>,
    /// Files in which it conflicts with its base, so that a person has to say what is meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// Why it is not merged yet, a clause; none where merging is not wanted, or it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<String>,
    /// What was done with it, a clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<String>,
}

/// See [`super::FOLLOW`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// Who works on it, an assistant's name in the configuration.
    pub assistant: String,
    /// The logins under which a pull request of theirs may show up.
    pub names: Vec<Login>,
    /// How often it was looked for without finding one.
    #[serde(default)]
    pub looks: u32,
    /// Whether it was found, and is looked at for workflow runs that wait.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub found: bool,
    /// What was asked for, so that somebody else can be asked when nothing comes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wish: Option<Box<Implement>>,
}

/// What was found: the output of [`super::FOLLOW`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// Their pull request for the issue.
    pub pull_request: receipt::PullRequest,
    /// Whether workflow runs on it wait until a person lets them run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub awaits_approval: bool,
}

/// That workflow runs on the pull request that was found wait until a person lets them run: the output of
/// [`super::FOLLOW`] when that is seen later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unapproved {
    /// The pull request's branch.
    pub unapproved: String,
}

/// That nothing was found: the output of [`super::FOLLOW`] when it is given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostSight {
    /// Why, a sentence without its full stop.
    pub gave_up: String,
    /// Whether the next assistant is asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub goes_on: bool,
}
