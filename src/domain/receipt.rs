//! What effects leave behind: ids to find them by. One shape for each effect kind.

use serde::{Deserialize, Serialize};

use super::id::{CommitId, IssueNumber, Login};
use super::time::Timestamp;
use super::watched::DriveKey;

/// Of `EffectKind::Comment`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// GitHub's id of the comment.
    pub id: u64,
    /// The page a person looks at.
    pub url: String,
    /// Digest of the text it shows, by which an unchanged text is recognised without a call.
    pub digest: String,
}

/// Of `EffectKind::Comment` when it says what a changed configuration would have done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsed {
    /// GitHub's id of the comment.
    pub comment: u64,
    /// The page a person looks at.
    pub page: String,
    /// The commit whose configuration was tried.
    pub head: CommitId,
}

/// Of `EffectKind::Labels`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    /// Labels that are there because of us.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// Labels that are gone because of us.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
}

/// Of `EffectKind::Assignees`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignees {
    /// Who is assigned because of us.
    pub added: Vec<Login>,
    /// Whose assignment is gone because of us.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Login>,
}

/// Of `EffectKind::Branch` and `EffectKind::Commit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// The branch's short name.
    pub branch: String,
    /// The commit it was pushed at.
    pub commit: CommitId,
}

/// Of `EffectKind::Answers`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// GitHub's ids of the answers.
    pub ids: Vec<u64>,
    /// Threads that are called resolved because of us, by their first comments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolved: Vec<u64>,
}

/// Of `EffectKind::PullRequest`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// Its number.
    pub number: IssueNumber,
    /// The page a person looks at.
    pub url: String,
    /// The branch it comes from.
    pub branch: String,
    /// Digest of the change that it was opened with: the same change again leads to no second one. None where it is not
    /// known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// Lines that this change added and removed, together. None where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<usize>,
    /// Whose it is, where somebody opened it who works on the issue elsewhere; none of our own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Login>,
    /// Whether it was a draft when we opened it; none where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<bool>,
    /// Whether the repository has checks that GitHub starts only when a person says so, because the workflow's own token
    /// opened it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unchecked: bool,
}

/// Of `EffectKind::Merge`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    /// The pull request's number.
    pub number: IssueNumber,
    /// The commit that it became; none while GitHub waits for the rules of its base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitId>,
}

/// Of `EffectKind::Assistant` when it was asked to judge. The answer itself is kept with the task's progress until the task
/// has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// Its name in the configuration.
    pub judged_by: String,
    /// Whether it gave an answer, usable or not.
    pub answered: bool,
}

/// Of `EffectKind::Issue`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// The type that it has because of us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_type: Option<String>,
    /// Whether it is closed because of us.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// The milestone that it is planned for because of us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milestone: Option<String>,
    /// Whether it is planned for no milestone any more because of us.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unplanned: bool,
    /// Whether it has no type any more because of us.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cleared: bool,
    /// Whether it is open again because of us.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reopened: bool,
}

/// Of `EffectKind::Reviewers`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewers {
    /// Who is asked because of us: logins, and teams as `org/team`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Login>,
    /// Who is asked no more because of us.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Login>,
}

/// Of `EffectKind::Slack`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slack {
    /// The channel, by its id.
    pub channel: String,
    /// The message in it, by its time as Slack names messages; none where an incoming webhook took it, which tells nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Digest of the text, where it is the first message of an issue's thread; none for what stands in the thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// Of `EffectKind::Webhook`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its name in the configuration.
    pub name: String,
    /// The event's id, by which the receiver knows it again.
    pub id: String,
    /// The status that it answered with.
    pub status: u16,
}

/// Of `EffectKind::CheckRun`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRun {
    /// GitHub's id of it.
    pub id: u64,
    /// The commit that it stands on.
    pub commit: CommitId,
    /// How it stands: `in_progress`, or its conclusion.
    pub says: String,
    /// Digest of what it says.
    pub digest: String,
}

/// Of `EffectKind::Field`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// What was set: `project 4, Status: Ready`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    /// Why nothing was set or taken back, when nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
    /// What it had before; none where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// What was taken back, as it was called in `set`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_back: Option<String>,
}

/// What a field had before it was set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// The value; none for nothing.
    pub value: Option<String>,
}

/// Of `EffectKind::PullRequest` when it was closed again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Its number.
    pub closed: IssueNumber,
}

/// Of `EffectKind::DriveFile`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveFile {
    /// Drive's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// MD5 of the content, hexadecimal.
    pub md5: String,
    /// The page a person looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Of `EffectKind::DriveFolder`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveFolder {
    /// Drive's id of it.
    pub id: DriveKey,
    /// Its name.
    pub name: String,
    /// The page a person looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// For a milestone's: the folder above and the milestone's title, by which it is found for other issues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Of `EffectKind::DriveShares`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveShares {
    /// The folder; none where an older version wrote it, which knew of the issue's present one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<DriveKey>,
    /// Who has access because of us.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Shared>,
    /// Whose access was taken away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken: Vec<Login>,
    /// Whose access Drive refuses to change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Login>,
}

/// Access to a folder that somebody has because of us. Addresses are not written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// Who.
    pub login: Login,
    /// Drive's id of the grant.
    pub permission: String,
    /// What they were let do, in Drive's words: what somebody has changed since is theirs. Empty where an older version
    /// gave it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
}

/// Of `EffectKind::DriveIssue`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveIssue {
    /// Its number.
    pub number: IssueNumber,
    /// What it is kept about.
    pub key: String,
    /// The page a person looks at.
    pub url: String,
    /// Of an audit: how many things it tells that are not as wanted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub findings: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Of `EffectKind::DriveAccess`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveAccess {
    /// Drive's id of the file or folder.
    pub file: String,
    /// Its name.
    pub name: String,
    /// Who is meant.
    pub who: String,
    /// What they may do now, in Drive's words; none: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What they could do before; none: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// When it would have ended before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_before: Option<Timestamp>,
    /// Why it was left as it is, a clause; none: it is as it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// Whether ownership is offered and not yet accepted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub offered: bool,
    /// The person who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Login>,
}

/// Of `EffectKind::DriveItem`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveItem {
    /// Drive's id of what was changed or made.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What was done, a clause.
    pub done: String,
    /// The page a person looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Bytes that were copied: Drive counts them as if they had been sent.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub copied: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
const fn is_nothing(bytes: &u64) -> bool {
    *bytes == 0
}

/// Of `EffectKind::DriveTree`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveTree {
    /// Files that were the same.
    pub unchanged: usize,
    /// Things that were done.
    pub done: usize,
    /// Bytes that were sent up.
    #[serde(default)]
    pub sent: u64,
    /// Whether nothing was remembered of both sides, so that nothing was deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub first: bool,
    /// What both sides had changed and was kept twice, by its path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// What was put into the trash, by its id in Drive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trashed: Vec<String>,
    /// What was left as it is, by its path, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
}

/// Of `EffectKind::DriveLinks`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveLinks {
    /// The shortcuts that are there now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<DriveLink>,
    /// What was left, and why, a clause each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
}

/// A shortcut in an issue's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveLink {
    /// Drive's id of it.
    pub id: DriveKey,
    /// What it leads to.
    pub target: DriveKey,
    /// Its name: the words of whoever wrote the link.
    pub name: String,
}

/// Of `EffectKind::Reaction`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// GitHub's id of the comment.
    pub comment: u64,
    /// The sort, as GitHub names it: `eyes`.
    pub content: String,
}

/// Of `EffectKind::Program`. The answer itself is kept with the task's progress until the task has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The plugin's name in the configuration.
    pub plugin: String,
    /// How many things it asked for.
    pub effects: usize,
}
