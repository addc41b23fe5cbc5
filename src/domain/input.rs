//! What each task kind is told, and the names of the kinds that others enqueue.

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::id::{CommitId, IssueNumber, Login};
use super::payload::Payload;
use super::receipt;
use super::shape::{WrongInput, accepts};
use super::subject::Scope;
use super::usage::Usage;

mod drive;

pub use drive::{
    AccessChange, Arrange, DRIVE_ACCESS, DRIVE_ORGANISE, DRIVE_SYNC, DriveAccess, DriveOrganise, DriveSync,
    FileSeen, lock,
};

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

/// Goes on with our pull request after a review. Input: [`Revise`], output: [`Revised`].
pub const REVISE: &str = "revise";
/// Sees to our pull request: its base, and merging it. Input: [`Tend`], output: [`Tended`].
pub const TEND: &str = "tend";
/// Looks for the pull request of whoever works on an issue elsewhere. Input: [`Follow`], output: [`Followed`].
pub const FOLLOW: &str = "follow";
/// Judges what somebody said in a comment or by a dispatch, and does it. Input: [`Obey`].
pub const OBEY: &str = "obey";
/// Takes back what was done and nobody touched since. Input: [`Undo`].
pub const UNDO: &str = "undo";

/// Does nothing: a place that others wait for. Input: [`Milestone`].
pub const MILESTONE: &str = "milestone";

/// Sets the issue's type, one of the organisation's. Input: [`SetType`].
pub const SET_TYPE: &str = "set_type";
/// Plans the issue for a milestone that there is. Input: [`SetMilestone`].
pub const SET_MILESTONE: &str = "set_milestone";
/// Chooses an option of a field in a project. Input: [`SetField`].
pub const SET_FIELD: &str = "set_field";
/// Asks for a review of our pull request. Input: [`RequestReview`].
pub const REQUEST_REVIEW: &str = "request_review";
/// Looks whether what was missing has come; if not, says so, or closes. Input: [`Remind`].
pub const REMIND: &str = "remind";

/// Puts a file of the working copy into Drive. Input: [`DrivePut`].
pub const DRIVE_PUT: &str = "drive_put";

/// Every kind.
pub const KINDS: [&str; 21] = [
    ANALYSE,
    LABEL,
    ASSIGN,
    COMMENT,
    IMPLEMENT,
    OPEN_PULL_REQUEST,
    REVISE,
    TEND,
    FOLLOW,
    OBEY,
    UNDO,
    MILESTONE,
    SET_TYPE,
    SET_MILESTONE,
    SET_FIELD,
    REQUEST_REVIEW,
    REMIND,
    DRIVE_PUT,
    DRIVE_ACCESS,
    DRIVE_ORGANISE,
    DRIVE_SYNC,
];

/// What tasks of a kind can be about.
#[must_use]
pub fn scope(kind: &str) -> Scope {
    match kind {
        ANALYSE | IMPLEMENT | OPEN_PULL_REQUEST | FOLLOW | SET_TYPE | REMIND => Scope::Issues,
        LABEL | ASSIGN | COMMENT | UNDO | SET_MILESTONE | SET_FIELD => Scope::Numbered,
        REVISE | TEND | REQUEST_REVIEW => Scope::Pulls,
        _ => Scope::Everything,
    }
}

/// Whether an input that a person wrote is one that its kind can work with: exactly its shape, and something to do.
/// What the log keeps is read leniently. Nothing is said about kinds that are not known here.
///
/// # Errors
/// What is wrong with it, and in which field.
pub fn check(kind: &str, input: &Payload) -> Result<(), WrongInput> {
    let nothing = |message: &str| WrongInput { field: String::new(), message: message.to_owned() };
    match kind {
        ANALYSE => accepts::<Analyse>(input),
        COMMENT => accepts::<Comment>(input),
        IMPLEMENT => accepts::<Implement>(input),
        OPEN_PULL_REQUEST => accepts::<OpenPullRequest>(input),
        REVISE => accepts::<Revise>(input),
        TEND => accepts::<Tend>(input),
        FOLLOW => accepts::<Follow>(input),
        OBEY => accepts::<Obey>(input),
        UNDO => accepts::<Undo>(input),
        MILESTONE => accepts::<Milestone>(input),
        REMIND => accepts::<Remind>(input),
        DRIVE_PUT => {
            accepts::<DrivePut>(input)?;
            let named =
                input.read::<DrivePut>().is_ok_and(|put| !put.file.is_empty() && !put.folder.is_empty());
            if named { Ok(()) } else { Err(nothing("it names no `file` or no `folder`")) }
        }
        DRIVE_ACCESS | DRIVE_ORGANISE | DRIVE_SYNC => drive::check(kind, input),
        SET_MILESTONE => {
            accepts::<SetMilestone>(input)?;
            let named = input.read::<SetMilestone>().is_ok_and(|wanted| !wanted.title.trim().is_empty());
            if named { Ok(()) } else { Err(nothing("it names no milestone")) }
        }
        SET_FIELD => accepts::<SetField>(input),
        REQUEST_REVIEW => {
            accepts::<RequestReview>(input)?;
            let RequestReview { logins } = input.read().unwrap_or_default();
            if logins.is_empty() { Err(nothing("it names nobody")) } else { Ok(()) }
        }
        SET_TYPE => {
            accepts::<SetType>(input)?;
            let named = input.read::<SetType>().is_ok_and(|SetType { name }| !name.trim().is_empty());
            if named { Ok(()) } else { Err(nothing("it names no type")) }
        }
        LABEL => {
            accepts::<Label>(input)?;
            let Label { add, remove, .. } = input.read().unwrap_or_default();
            let idle = add.is_empty() && remove.is_empty();
            if idle { Err(nothing("it names no label to `add` or to `remove`")) } else { Ok(()) }
        }
        ASSIGN => {
            accepts::<Assign>(input)?;
            let Assign { logins, remove, .. } = input.read().unwrap_or_default();
            if logins.is_empty() && remove.is_empty() { Err(nothing("it names nobody")) } else { Ok(()) }
        }
        _ => Ok(()),
    }
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
    /// The person who asked for it: their word counts more than what people settled before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Login>,
}

/// See [`ASSIGN`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assign {
    /// Whom to assign.
    pub logins: Vec<Login>,
    /// Whose assignment to take away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<Login>,
    /// The person who asked for it: their word counts more than what people settled before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Login>,
}

/// See [`COMMENT`]. The text is made from the state when the task runs, so that the newest state shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {}

/// See [`IMPLEMENT`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Implement {
    /// Where the request for a change stands.
    pub source: Source,
    /// The one assistant that is to be asked, by its name in the configuration; none: all of them in turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assistant: Option<String>,
    /// What is to be different from an earlier change, in the words of whoever may ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revise: Option<String>,
}

impl Implement {
    /// Asks everybody in turn for a change.
    #[must_use]
    pub const fn of(source: Source) -> Self {
        Self { source, assistant: None, revise: None }
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

/// See [`REVISE`]. Reviews and threads are read when the task runs, so that one revision answers all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revise {
    /// What asks for it.
    pub source: Asking,
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
    /// Checks of the pull request failed.
    Checks {
        /// The commit that they failed on.
        commit: CommitId,
    },
}

/// What a revision came to: the output of [`REVISE`].
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

/// See [`TEND`]. How the pull request stands is read when the task runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tend {}

/// What tending came to: the output of [`TEND`].
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

/// See [`FOLLOW`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// Who works on it, an assistant's name in the configuration.
    pub assistant: String,
    /// The logins under which a pull request of theirs may show up.
    pub names: Vec<Login>,
    /// How often it was looked for without finding one.
    #[serde(default)]
    pub looks: u32,
}

/// What was found: the output of [`FOLLOW`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// Their pull request for the issue.
    pub pull_request: receipt::PullRequest,
}

/// That nothing was found: the output of [`FOLLOW`] when it is given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostSight {
    /// Why, a sentence without its full stop.
    pub gave_up: String,
}

/// See [`OBEY`].
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

/// See [`UNDO`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// A run, a task or an effect; everything about the task's issue where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// Who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Login>,
}

/// What a task of kind [`UNDO`] leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// What was taken back, a sentence each.
    pub taken_back: Vec<String>,
    /// What was left, and why, a sentence each.
    pub left: Vec<String>,
    /// Whether the status comment shows nothing of before any more.
    pub withdrawn: bool,
}

/// See [`MILESTONE`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {}

/// See [`DRIVE_PUT`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrivePut {
    /// The file, by its path in the working copy.
    pub file: String,
    /// The folder in Drive: `docs:` of the configuration, or `id:…`; names may follow.
    pub folder: String,
    /// What it is to be called there; otherwise as here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// See [`SET_TYPE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetType {
    /// The type's name, as the organisation has it.
    pub name: String,
}

/// See [`SET_MILESTONE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetMilestone {
    /// The title of an open milestone.
    pub title: String,
}

/// See [`SET_FIELD`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetField {
    /// The number of the project, one of the repository's owner.
    pub project: u64,
    /// The name of a field there with options to choose from.
    pub field: String,
    /// The name of the option.
    pub option: String,
}

/// See [`REQUEST_REVIEW`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestReview {
    /// People, and teams as `org/team`.
    pub logins: Vec<Login>,
}

/// See [`REMIND`]. What is to be done the configuration says when the task runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remind {}
