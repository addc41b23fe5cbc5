//! Pull requests, their reviews and their checks, in plain types.

use crate::domain::actor::Actor;
use crate::domain::id::CommitId;
use crate::domain::id::IssueNumber;
use crate::domain::time::Timestamp;
use crate::domain::trigger::OpenState;

/// A pull request to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPullRequest {
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// The branch it comes from, in this repository.
    pub head: String,
    /// The branch it goes to.
    pub base: String,
    /// Whether it is a draft.
    pub draft: bool,
}

/// A pull request that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: IssueNumber,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// The branch it comes from.
    pub head: String,
    /// The branch it goes to.
    pub base: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// Open or closed.
    pub state: OpenState,
    /// Whether it was merged.
    pub merged: bool,
    /// The page a person looks at.
    pub url: String,
}

/// How a pull request stands: all that a task can wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullState {
    /// Open or closed; one that was merged is closed.
    pub state: OpenState,
    /// Whether it was merged.
    pub merged: bool,
    /// The last commit of the branch it comes from; none where the forge keeps no commits.
    pub head_commit: Option<CommitId>,
}

/// A review of a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// GitHub's id; newer reviews have greater ones.
    pub id: u64,
    /// Who wrote it.
    pub author: Actor,
    /// `approved`, `changes_requested`, `commented`, `dismissed`.
    pub state: String,
    /// What it says as a whole; empty when all is said at lines.
    pub body: String,
    /// When it was handed in; none while it is not.
    pub submitted_at: Option<Timestamp>,
    /// The commit that was looked at, where GitHub says it.
    pub commit: Option<CommitId>,
}

/// A comment on a line of a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineComment {
    /// GitHub's id.
    pub id: u64,
    /// The id of the comment that its thread begins with: its own when it begins one.
    pub thread: u64,
    /// Who wrote it.
    pub author: Actor,
    /// The file.
    pub path: String,
    /// The line in the file as it is now, where GitHub still knows it.
    pub line: Option<u64>,
    /// The lines of the change around it, as a hunk of a diff.
    pub hunk: String,
    /// What it says.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its text changed last.
    pub updated_at: Timestamp,
}

/// A check of a commit that failed, as far as it says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedCheck {
    /// Its name.
    pub name: String,
    /// What it says of itself, a line each: its summary, and what it noted at places of the code.
    pub said: Vec<String>,
    /// The last lines of its log, where it is a job of GitHub Actions; without what looks like a credential.
    pub log: String,
}

/// What the checks of a commit say together: check runs and commit statuses, the latest of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
    /// One of them has no result yet, and none has failed.
    Pending,
    /// All of them have succeeded, or said that there is nothing to object to.
    Green,
    /// One of them has failed, was cancelled or ran out of time.
    Red,
    /// There are none.
    None,
}

/// What came of asking for a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// It is new.
    Created(PullRequest),
    /// There is one for this head and base already (GitHub's 422): adopt it.
    Exists(PullRequest),
}
