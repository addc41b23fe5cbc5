//! The port to GitHub: what Automata asks of a forge, in plain types. One file for each adapter.

mod body;
pub mod local;
mod making;
pub mod octocrab;
mod tending;

use async_trait::async_trait;

use crate::domain::actor::{Actor, Permission};
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, IssueNumber, Login};
use crate::domain::time::Timestamp;
use crate::domain::trigger::OpenState;

pub use self::body::BODY_CHARS;
pub use self::making::{Attachment, Fetched, LocalCopy, MadeFile, Making, Source};
pub use self::tending::{
    LinkedPull, MergeMethod, Merged, Obstacle, PullPhase, ReviewThread, SignedCommit, Standing, Tending,
};

/// An issue, whole: its text is not cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Its number.
    pub number: IssueNumber,
    /// Its title.
    pub title: String,
    /// Its text; empty when there is none.
    pub body: String,
    /// Who opened it.
    pub author: Actor,
    /// Open or closed.
    pub state: OpenState,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// Who is assigned.
    pub assignees: Vec<Login>,
    /// Whether the number belongs to a pull request.
    pub is_pull: bool,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The page a person looks at.
    pub url: String,
    /// How many reactions it has.
    pub reactions: u64,
    /// The title of the milestone that it is planned for.
    pub milestone: Option<String>,
    /// The issue type that it has; none where the organisation has none.
    pub issue_type: Option<String>,
}

/// A comment on an issue or a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// GitHub's id.
    pub id: u64,
    /// Who wrote it.
    pub author: Actor,
    /// What it says.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// The page a person looks at.
    pub url: String,
}

/// A label of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its name; GitHub compares names without case.
    pub name: String,
    /// Six hexadecimal digits without `#`.
    pub color: String,
    /// What it means; empty when nobody said.
    pub description: String,
}

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

/// The repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// The branch that counts.
    pub default_branch: String,
    /// The page a person looks at.
    pub url: String,
}

/// How another run of ours is doing: the evidence by which a lease ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It is queued or works.
    Alive,
    /// It has ended, one way or another.
    Ended,
    /// Nobody can tell.
    Unknown,
}

/// What a reaction on a comment says without words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// It was seen, and work has begun.
    Eyes,
    /// It is done.
    ThumbsUp,
    /// It was not understood, or may not be.
    Confused,
}

impl Reaction {
    /// GitHub's name for it (docs.github.com, "REST API endpoints for reactions").
    #[must_use]
    pub const fn content(self) -> &'static str {
        match self {
            Self::Eyes => "eyes",
            Self::ThumbsUp => "+1",
            Self::Confused => "confused",
        }
    }
}

/// Which issues to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueQuery {
    /// Only those that changed at or after this time.
    pub since: Option<Timestamp>,
    /// Only the open ones; otherwise all.
    pub open_only: bool,
}

/// An option of a field in a project of the repository's owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldValue {
    /// The project's number.
    pub project: u64,
    /// The field's name.
    pub field: String,
    /// The option's name.
    pub option: String,
}

/// What came of choosing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldSet {
    /// It is chosen.
    Done,
    /// It cannot be: why, a clause for a person.
    Not(String),
}

/// What to list whole, as GitHub writes it: by this, what no event told is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Issues and pull requests (these in the clothes of issues) that changed at or after this time.
    Issues(Timestamp),
    /// Comments on issues and pull requests that changed at or after this time.
    Comments(Timestamp),
    /// Comments on lines of pull requests that changed at or after this time.
    ReviewComments(Timestamp),
    /// One issue, or a pull request in the clothes of one; nothing when there is none of that number.
    Issue(IssueNumber),
    /// One pull request; nothing when there is none of that number.
    Pull(IssueNumber),
    /// The reviews of a pull request.
    Reviews(IssueNumber),
}

/// Objects that a [`Listing`] has at most; whoever wants more asks again from the last one's time on.
pub const LISTED: usize = 100;

/// A forge. Failures are classed at this boundary: [`Failure`] says whether to try again and when.
///
/// A missing permission is a permanent failure with the code `missing_permission` and a hint that names
/// the line to add under `permissions:`.
#[async_trait]
pub trait GitHub: Tending + Making {
    /// The account behind the token, as it shows up as the author of what we write.
    async fn myself(&self) -> Result<Actor, Failure>;

    /// The repository.
    async fn repository(&self) -> Result<Repository, Failure>;

    /// What `login` may do. Somebody who is no user (an App) or no collaborator has [`Permission::None`]
    /// or, in a public repository, [`Permission::Read`].
    async fn permission(&self, login: &Login) -> Result<Permission, Failure>;

    /// One issue or pull request, as an issue; `None` when it is gone.
    async fn issue(&self, number: IssueNumber) -> Result<Option<Issue>, Failure>;

    /// Issues (and pull requests), least recently changed first.
    async fn issues(&self, query: &IssueQuery) -> Result<Vec<Issue>, Failure>;

    /// GitHub's own objects, as JSON and with the members that its events give them, least recently changed
    /// first and [`LISTED`] at most. The local forge lists no reviews, and of pull requests only what an issue shows.
    async fn documents(&self, listing: Listing) -> Result<Vec<String>, Failure>;

    /// Comments of one issue, oldest first; with `since`, those changed at or after it.
    async fn comments(&self, issue: IssueNumber, since: Option<Timestamp>) -> Result<Vec<Comment>, Failure>;

    /// One comment; `None` when it is gone.
    async fn comment(&self, comment: u64) -> Result<Option<Comment>, Failure>;

    /// Writes a comment.
    async fn create_comment(&self, issue: IssueNumber, body: &str) -> Result<Comment, Failure>;

    /// Replaces a comment's text; `None` when the comment is gone.
    async fn update_comment(&self, comment: u64, body: &str) -> Result<Option<Comment>, Failure>;

    /// Deletes a comment; deleting one that is gone is no failure.
    async fn delete_comment(&self, comment: u64) -> Result<(), Failure>;

    /// Puts a reaction on a comment; one that is there already stays the only one. False when the comment is gone.
    async fn react(&self, comment: u64, reaction: Reaction) -> Result<bool, Failure>;

    /// As [`GitHub::react`], on a comment on a line of a pull request.
    async fn react_on_line(&self, comment: u64, reaction: Reaction) -> Result<bool, Failure>;

    /// The labels that the repository has.
    async fn labels(&self) -> Result<Vec<Label>, Failure>;

    /// Makes a label; making one that exists is no failure.
    async fn create_label(&self, label: &Label) -> Result<(), Failure>;

    /// Adds labels to an issue, leaving the others; the answer is the whole set afterwards.
    async fn add_labels(&self, issue: IssueNumber, names: &[String]) -> Result<Vec<String>, Failure>;

    /// Takes one label off an issue; taking off one that is not there is no failure.
    async fn remove_label(&self, issue: IssueNumber, name: &str) -> Result<(), Failure>;

    /// Assigns people, leaving the others; the answer is everybody assigned afterwards. GitHub passes
    /// over people who cannot be assigned without a word, so compare.
    async fn add_assignees(&self, issue: IssueNumber, logins: &[Login]) -> Result<Vec<Login>, Failure>;

    /// Sets the issue's type by its name, or clears it; the answer is the type afterwards. Without push access GitHub
    /// passes the change over without a word, and a type that the organisation does not have is refused.
    async fn set_issue_type(&self, issue: IssueNumber, name: Option<&str>)
    -> Result<Option<String>, Failure>;

    /// Plans an issue for the open milestone of that title, in any case of letters; the answer is its milestone
    /// afterwards. None when there is no such milestone.
    async fn set_milestone(&self, issue: IssueNumber, title: &str) -> Result<Option<String>, Failure>;

    /// Puts an issue into a project and chooses an option of a field there.
    async fn set_field(&self, issue: IssueNumber, value: &FieldValue) -> Result<FieldSet, Failure>;

    /// Who wrote the last commits of the default branch that changed a file, newest first; a page of them. Commits of
    /// nobody that GitHub knows are left out. The local forge keeps no commits.
    async fn authors_of(&self, path: &str) -> Result<Vec<Actor>, Failure>;

    /// Closes an issue as not planned; closing one that is closed is no failure.
    async fn close_issue(&self, issue: IssueNumber) -> Result<(), Failure>;

    /// Opens a closed issue again; one that is open stays so.
    async fn reopen_issue(&self, issue: IssueNumber) -> Result<(), Failure>;

    /// Takes assignments away, leaving the others; taking away one that is not there is no failure.
    async fn remove_assignees(&self, issue: IssueNumber, logins: &[Login]) -> Result<(), Failure>;

    /// Closes a pull request; closing one that is closed is no failure.
    async fn close_pull_request(&self, number: IssueNumber) -> Result<(), Failure>;

    /// Opens a pull request, or finds the one that is open for the same head and base.
    async fn open_pull_request(&self, new: &NewPullRequest) -> Result<Opened, Failure>;

    /// Pull requests (open or not) that come from `head` in this repository, newest first.
    async fn pull_requests_from(&self, head: &str) -> Result<Vec<PullRequest>, Failure>;

    /// How one pull request stands; `None` when there is none of that number.
    async fn pull_state(&self, number: IssueNumber) -> Result<Option<PullState>, Failure>;

    /// Who is asked to review a pull request and has not yet: logins, and teams as `org/team`.
    async fn reviewers(&self, pull: IssueNumber) -> Result<Vec<Login>, Failure>;

    /// Asks people and teams (`org/team`) for a review, besides those who are asked; the answer is everybody asked
    /// afterwards. None when one of them cannot be asked: then nobody is.
    async fn request_reviewers(
        &self,
        pull: IssueNumber,
        logins: &[Login],
    ) -> Result<Option<Vec<Login>>, Failure>;

    /// The reviews of a pull request, oldest first.
    async fn reviews(&self, pull: IssueNumber) -> Result<Vec<Review>, Failure>;

    /// The comments on lines of a pull request, oldest first.
    async fn line_comments(&self, pull: IssueNumber) -> Result<Vec<LineComment>, Failure>;

    /// Answers in the thread that begins with the comment `thread`; its id, or none when the thread is gone.
    async fn answer_thread(&self, pull: IssueNumber, thread: u64, body: &str)
    -> Result<Option<u64>, Failure>;

    /// The checks of a commit that failed.
    async fn failed_checks(&self, commit: &CommitId) -> Result<Vec<FailedCheck>, Failure>;

    /// What the checks of a commit say.
    async fn checks(&self, commit: &CommitId) -> Result<Checks, Failure>;

    /// Asks for a run of the workflow in `file` (its name below `.github/workflows`) on the branch or tag
    /// `reference`. The workflow must name `workflow_dispatch` among its events. Asked twice, it runs twice.
    async fn dispatch_workflow(&self, file: &str, reference: &str) -> Result<(), Failure>;

    /// How a workflow run of this repository is doing. A local process is asked of the machine by the
    /// local forge; elsewhere it is [`RunState::Unknown`].
    async fn run_state(&self, run: &crate::domain::id::RunId) -> Result<RunState, Failure>;
}
