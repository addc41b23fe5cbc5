//! Changes outside: announced before they happen, probed before they are repeated, closed by a receipt.

use serde::{Deserialize, Serialize};

use super::id::{EffectId, RunId, TaskId};
use super::payload::Payload;

/// What kind of change it is. The kind says which guarantee holds, see the table in README.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// A comment is made or edited. Exactly one stays visible: found again by its marker.
    Comment,
    /// Labels are added or removed one by one. Idempotent by itself.
    Labels,
    /// People are assigned. Idempotent by itself.
    Assignees,
    /// A branch is pushed. A deterministic commit and compare-and-swap.
    Branch,
    /// A commit goes on top of a branch that is there. A compare-and-swap, never forced.
    Commit,
    /// A pull request is opened. GitHub allows one for each head and base.
    PullRequest,
    /// A pull request is merged, or is to be as soon as it may. GitHub merges the announced commit and no other.
    Merge,
    /// People are asked for a review. Idempotent by itself: who is asked is looked at before asking again.
    Reviewers,
    /// Threads of a review are answered. Each once: found again by a marker.
    Answers,
    /// An assistant is asked. Its answer is journalled before use.
    Assistant,
    /// A field of the issue itself is set: its type, or whether it is open. Idempotent by itself.
    Issue,
    /// A file is put into Drive. Its id is drawn and durable before, so that there is never a second one.
    DriveFile,
    /// A folder is made in Drive. Its id is drawn and durable before, so that there is never a second one.
    DriveFolder,
    /// Who may do what with a folder in Drive is changed, one after the other. Found again by looking.
    DriveShares,
    /// An issue is opened about something in Drive, or its text is changed. Found again by its marker.
    DriveIssue,
    /// Access to something in Drive is given, changed or taken away, or it is handed over. Looked at before and after: of
    /// changes at once Drive keeps the last.
    DriveAccess,
    /// Something in Drive is renamed, moved, copied, trashed, restored or deleted, or folders are made. What is made has an id
    /// that was drawn and durable before.
    DriveItem,
    /// A folder and one in Drive are brought into step. What is the same is left alone, so doing it again does what is left.
    DriveTree,
    /// Shortcuts to what an issue links to are made in its folder in Drive. Their ids are drawn and durable before, so that
    /// there is never a second one.
    DriveLinks,
    /// A message is posted or edited in Slack. With a bot's token found again by its metadata; with an incoming webhook it is
    /// posted at least once.
    Slack,
    /// Another system is told. At least once, with the same id each time.
    Webhook,
    /// Our check on a commit of a pull request is made or changed. Found again by its id, and changed in place.
    CheckRun,
    /// A field of the issue is set, in a project or the organisation's. Idempotent by itself.
    Field,
    /// A reaction is put on a comment. Idempotent by itself: GitHub keeps one of a sort for each account.
    Reaction,
    /// A plugin is started. At least once until its answer is recorded: what it may do outside is its own business.
    Program,
}

/// What is about to happen outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Its id: the task and the step.
    pub effect: EffectId,
    /// The task it belongs to.
    pub task: TaskId,
    /// The lease under which it was announced.
    pub lease: u64,
    /// What kind of change.
    pub kind: EffectKind,
    /// What it changes: `issue/42`, `refs/heads/automata/issue-42-crash`.
    pub target: String,
    /// What exactly is to happen there, short: the labels, the commit, a digest of the text.
    pub detail: String,
}

/// How far an effect has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// What was announced.
    pub intent: Intent,
    /// The run that announced it.
    pub run: RunId,
    /// What earlier attempts announced otherwise: one that stood still may yet do it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Intent>,
    /// What came of it: ids to find it by, and whether it was done or found done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Payload>,
}
