//! The part of the port by which a pull request is tended: how it stands, its threads, merging it, signed commits.

use async_trait::async_trait;

use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, IssueNumber, Login};

/// How a pull request ended, or that it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PullPhase {
    /// It is open.
    Open,
    /// It was closed without being merged.
    Closed,
    /// It was merged.
    Merged,
}

/// What keeps GitHub from merging a pull request; its words are those of GraphQL's `MergeStateStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Nothing.
    None,
    /// It conflicts with its base.
    Conflict,
    /// Its base has moved on, and a rule asks for branches that are up to date.
    Behind,
    /// A rule of the branch is not met: a review or a check that is asked for.
    Rule,
    /// GitHub has not found out yet.
    Unknown,
}

/// How a pull request stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// GitHub's name for it in GraphQL.
    pub node: String,
    /// Open or not.
    pub phase: PullPhase,
    /// Whether it is a draft.
    pub draft: bool,
    /// The branch it comes from.
    pub branch: String,
    /// The last commit of that branch.
    pub head: CommitId,
    /// The branch it goes to.
    pub base: String,
    /// What keeps it from being merged.
    pub obstacle: Obstacle,
    /// Whether GitHub merges it by itself, or by its queue, as soon as it may.
    pub is_awaited: bool,
    /// Whether its base has a merge queue, past which nothing is merged.
    pub has_queue: bool,
    /// The commit that it became, where it is merged.
    pub merged_as: Option<CommitId>,
}

/// How the commits of a pull request come to its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeMethod {
    /// By a merge commit.
    Merge,
    /// As one commit.
    Squash,
    /// One by one on top.
    Rebase,
}

/// What came of asking for a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// It is merged, as this commit.
    Done(CommitId),
    /// Its branch is at another commit than the one that was to be merged.
    Moved,
    /// GitHub does not merge it, in its own words.
    Refused(String),
}

/// A thread of a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewThread {
    /// GitHub's name for it in GraphQL.
    pub node: String,
    /// The id of the comment that it begins with.
    pub first: u64,
    /// Whether somebody has called it resolved.
    pub is_resolved: bool,
    /// The person who did; none where it was an App, or GitHub does not say.
    pub resolved_by: Option<Login>,
}

/// A pull request that says of itself that it closes an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedPull {
    /// Its number.
    pub number: IssueNumber,
    /// The page a person looks at.
    pub url: String,
    /// The branch it comes from.
    pub branch: String,
    /// Who opened it.
    pub author: Login,
    /// Open or not.
    pub phase: PullPhase,
}

/// A commit for GitHub to make and to sign, on top of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCommit {
    /// The branch.
    pub branch: String,
    /// Where the branch must be.
    pub on: CommitId,
    /// The first line of the message.
    pub headline: String,
    /// The rest of the message.
    pub body: String,
    /// Files with their new contents.
    pub additions: Vec<(String, Vec<u8>)>,
    /// Files that are gone.
    pub deletions: Vec<String>,
}

fn not_here<T>(what: &str) -> Result<T, Failure> {
    Err(Failure::permanent("not_on_this_forge", format!("a local forge does not {what}")))
}

/// What our own check on a pull request is called.
pub const OWN_CHECK: &str = "Automata";
/// What its external id begins with, by which it is told from another's of that name.
pub const OWN_CHECK_ID: &str = "automata:";

/// How our check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    /// Something is being done.
    InProgress,
    /// It went well.
    Success,
    /// Neither well nor badly.
    Neutral,
    /// It went badly.
    Failure,
}

/// Our check as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenCheck {
    /// Our name for it; begins with [`OWN_CHECK_ID`].
    pub external_id: String,
    /// How it stands.
    pub state: CheckState,
    /// One line.
    pub title: String,
    /// The rest, Markdown.
    pub summary: String,
}

/// Tending pull requests. What a forge without reviews and rules answers stands here as the default.
#[async_trait]
pub trait Tending: Send + Sync {
    /// Our check on a commit, by its external id; none where there is none. Other checks are told by `GitHub::checks`, which
    /// leaves ours out: nobody is to wait for itself.
    async fn own_check(&self, _commit: &CommitId, _external_id: &str) -> Result<Option<u64>, Failure> {
        Ok(None)
    }

    /// Makes our check on a commit; its id.
    async fn create_check(&self, _commit: &CommitId, _check: &WrittenCheck) -> Result<u64, Failure> {
        Err(Failure::permanent("no_checks", "This forge keeps no checks."))
    }

    /// Changes our check; none when it is gone.
    async fn change_check(&self, _id: u64, _check: &WrittenCheck) -> Result<Option<u64>, Failure> {
        Ok(None)
    }

    /// How a pull request stands; `None` when there is none of that number, or nobody can tell.
    async fn standing(&self, _pull: IssueNumber) -> Result<Option<Standing>, Failure> {
        Ok(None)
    }

    /// Merges a pull request whose last commit is `head`.
    async fn merge(
        &self,
        _pull: IssueNumber,
        _head: &CommitId,
        _method: MergeMethod,
    ) -> Result<Merged, Failure> {
        not_here("merge pull requests")
    }

    /// Has GitHub merge a pull request whose last commit is `head` as soon as the rules of its base allow it.
    async fn merge_later(&self, _pull: &Standing, _method: MergeMethod) -> Result<(), Failure> {
        not_here("merge pull requests")
    }

    /// Puts a pull request into the merge queue of its base.
    async fn enqueue(&self, _pull: &Standing) -> Result<(), Failure> {
        not_here("have a merge queue")
    }

    /// Has GitHub merge the base into a pull request whose last commit is `head`; false when it is somewhere else or
    /// they conflict. It is done some time later.
    async fn bring_base(&self, _pull: IssueNumber, _head: &CommitId) -> Result<bool, Failure> {
        not_here("bring pull requests up to date")
    }

    /// The threads of the reviews of a pull request.
    async fn review_threads(&self, _pull: IssueNumber) -> Result<Vec<ReviewThread>, Failure> {
        Ok(Vec::new())
    }

    /// Calls a thread resolved; one that is stays so.
    async fn resolve_thread(&self, _node: &str) -> Result<(), Failure> {
        not_here("have threads")
    }

    /// The pull requests that say they close an issue, newest first.
    async fn pulls_closing(&self, _issue: IssueNumber) -> Result<Vec<LinkedPull>, Failure> {
        Ok(Vec::new())
    }

    /// Whether a workflow run on a branch waits until a person lets it run.
    async fn awaits_approval(&self, _branch: &str) -> Result<bool, Failure> {
        Ok(false)
    }

    /// Closes an issue as completed; closing one that is closed is no failure.
    async fn complete_issue(&self, _issue: IssueNumber) -> Result<(), Failure> {
        not_here("close issues as completed")
    }

    /// Whether a rule asks for signed commits on a branch, whether or not it exists.
    async fn wants_signatures(&self, _branch: &str) -> Result<bool, Failure> {
        Ok(false)
    }

    /// Makes a branch at a commit that GitHub has; false when there is one of that name.
    async fn create_branch(&self, _name: &str, _at: &CommitId) -> Result<bool, Failure> {
        not_here("make branches")
    }

    /// Has GitHub make a signed commit; `None` when the branch is not where it must be.
    async fn create_commit(&self, _commit: &SignedCommit) -> Result<Option<CommitId>, Failure> {
        not_here("sign commits")
    }
}
