//! The port to GitHub: what Automata asks of a forge, in plain types. One file for each adapter.

mod body;
mod issues;
pub mod local;
mod making;
pub mod octocrab;
mod pulls;
mod tending;

use async_trait::async_trait;

use crate::domain::actor::{Actor, Permission};
use crate::domain::event::ApiBudget;
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, IssueNumber, Login};
use crate::domain::reach::Seen;
use crate::domain::time::Timestamp;

pub use self::body::BODY_CHARS;
pub use self::issues::{
    Comment, FieldBack, FieldSet, FieldValue, FileCommit, Issue, IssueQuery, Label, Listing, Looked,
    Reaction, Repository, RunState,
};
pub use self::making::{Attachment, Fetched, LocalCopy, MadeFile, Making, Source};
pub use self::pulls::{
    Checks, FailedCheck, LineComment, NewPullRequest, Opened, PullRequest, PullState, Review,
};
pub use self::tending::{
    CheckState, LinkedPull, MergeMethod, Merged, OWN_CHECK, OWN_CHECK_ID, Obstacle, PullPhase, ReviewThread,
    SignedCommit, Standing, Tending, WrittenCheck,
};

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

    /// What is left of the API's budget, as the last answer told; none where none has one.
    fn budget(&self) -> Option<ApiBudget> {
        None
    }

    /// What the token may do, by looking alone; none where there is no token. Of these projects it is seen whether they can be
    /// changed.
    async fn look_around(&self, _projects: &[u64]) -> Result<Option<Seen>, Failure> {
        Ok(None)
    }

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

    /// The same, unless it is as it was when it had this tag.
    async fn documents_unless(&self, listing: Listing, _known: Option<&str>) -> Result<Looked, Failure> {
        Ok(Looked::New { documents: self.documents(listing).await?, tag: None })
    }

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

    /// Plans an issue for the open milestone of that title, in any case of letters, or for none; the answer is its milestone
    /// afterwards. None also when there is no such milestone.
    async fn set_milestone(&self, issue: IssueNumber, title: Option<&str>)
    -> Result<Option<String>, Failure>;

    /// Puts an issue into a project and chooses an option of a field there, or sets a field that the organisation gave its
    /// issues, unless that has another value.
    async fn set_field(&self, issue: IssueNumber, value: &FieldValue) -> Result<FieldSet, Failure>;

    /// Gives a field that has this value what it had before, nothing perhaps. Another value is somebody's, and left.
    async fn set_field_back(
        &self,
        _issue: IssueNumber,
        _value: &FieldValue,
        _before: Option<&str>,
    ) -> Result<FieldBack, Failure> {
        Ok(FieldBack::Not("there are no fields here".to_owned()))
    }

    /// The last commits of the default branch that changed a file, newest first; a page of them. The local forge keeps no
    /// commits.
    async fn commits_of(&self, path: &str) -> Result<Vec<FileCommit>, Failure>;

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

    /// Takes back that people and teams (`org/team`) are asked for a review; who is not asked is passed over.
    async fn remove_reviewers(&self, _pull: IssueNumber, _logins: &[Login]) -> Result<(), Failure> {
        Err(Failure::permanent("no_reviewers", "requests for reviews cannot be taken back here"))
    }

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
