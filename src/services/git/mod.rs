//! The port to the repository's code: read the default branch, make a commit of a patch, push a branch.

pub mod patch;

use async_trait::async_trait;

use crate::domain::failure::Failure;
use crate::domain::id::CommitId;
use crate::domain::time::Timestamp;

pub mod checkout;
pub mod code;
mod difference;
pub mod http_remote;
pub mod local_remote;
pub mod objects;
mod pktline;
pub mod playground;
mod ref_locks;
pub mod remote;
mod text_diff;
mod work_tree;

pub use text_diff::text_diff;
pub use work_tree::WorkTree;

/// The code of the failure of a push that was refused because commits have to be signed.
pub const SIGNATURES_REQUIRED: &str = "signatures_required";

/// The commit at the end of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip {
    /// The branch's short name: `main`.
    pub branch: String,
    /// Its commit.
    pub commit: CommitId,
}

/// A file in a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Path from the root, `/` between the parts. Paths that are not UTF-8 are left out.
    pub path: String,
    /// Git's object id of the content.
    pub blob: String,
    /// Whether it is a regular file (executable or not): no symlink, no submodule.
    pub is_regular: bool,
}

/// What a patch may touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchLimits {
    /// Globs of paths that no patch may touch: `.github/**`.
    pub protected: Vec<String>,
    /// Files it may touch.
    pub files: usize,
    /// Lines it may add and remove, together.
    pub lines: usize,
    /// Bytes the patch, or the changed lines of a folder, may have.
    pub bytes: usize,
    /// Bytes of a binary file that it may add or change; 0: none.
    pub binary_bytes: usize,
}

/// The code of a change that is larger than the limits allow.
pub const TOO_LARGE: &str = "patch_too_large";
/// What such a failure says where there are too many of them.
pub const LINES: &str = "changed lines";

/// Who and what a commit says. The same base, patch and sheet give the same commit id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitSheet {
    /// The message, subject line first.
    pub message: String,
    /// `Name <mail>` of the author, split.
    pub author: (String, String),
    /// Author and committer date, in UTC; whole seconds count.
    pub at: Timestamp,
}

/// A commit made of a patch or of a folder: in the local object store, not pushed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedCommit {
    /// The commit.
    pub commit: CommitId,
    /// The commit it stands on.
    pub base: CommitId,
    /// The files it changes, sorted.
    pub files: Vec<String>,
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
    /// Whether some file needed a three-way merge because the patch was made for an older version.
    pub merged: bool,
    /// Those of the files that tools made or brought from elsewhere, not people.
    pub generated: Vec<String>,
    /// Digest of what it changes, 32 hexadecimal digits: the same for the same lines, whatever they stand on and whoever
    /// made the commit.
    pub digest: String,
}

/// What came of merging a base into a branch, here and without the remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    /// A commit on top of the branch that has both; not pushed yet.
    Made(CommitId),
    /// The branch has all of the base already.
    Nothing,
    /// They change the same lines of these files.
    Conflicts(Vec<String>),
    /// They went apart so long ago that this is not found out here.
    Unrelated,
}

/// What a commit changes, as GitHub's API takes it: whole files, and files that are gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileChanges {
    /// Paths with the new contents.
    pub additions: Vec<(String, Vec<u8>)>,
    /// Paths of files that are gone.
    pub deletions: Vec<String>,
}

/// What came of pushing a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The branch is at our commit now.
    Done,
    /// The branch was somewhere else; it is at this commit (none: it does not exist).
    Conflict(Option<CommitId>),
}

/// The repository's code.
#[async_trait]
pub trait Code: Send + Sync {
    /// The tip of the default branch. Asked of the remote once in a run; later calls answer the same, so
    /// that a whole run sees one state of the code.
    async fn default_tip(&self) -> Result<Tip, Failure>;

    /// The files of the default branch's tip, sorted by path.
    async fn files(&self) -> Result<Vec<FileEntry>, Failure>;

    /// The contents of some files of the default branch's tip, in the order asked; `None` where there is
    /// no such regular file. Missing contents are fetched together in one request.
    async fn read(&self, paths: &[&str]) -> Result<Vec<Option<Vec<u8>>>, Failure>;

    /// Makes a commit on the default branch's tip out of a unified diff.
    ///
    /// # Errors
    /// Permanent failures with the codes `patch_unreadable`, `patch_does_not_apply`,
    /// `patch_protected_path`, `patch_escapes_tree`, `patch_too_large`, `patch_changes_nothing` and `secret_in_change`,
    /// each with the file and the reason in its message.
    async fn commit_patch(
        &self,
        patch: &str,
        limits: &PatchLimits,
        sheet: &CommitSheet,
    ) -> Result<ProposedCommit, Failure>;

    /// Makes a commit that makes or changes one file, on a commit of the remote; none: the default branch's tip.
    ///
    /// # Errors
    /// As [`Code::commit_folder`].
    async fn commit_file(
        &self,
        base: Option<&CommitId>,
        file: (&str, &[u8]),
        limits: &PatchLimits,
        sheet: &CommitSheet,
    ) -> Result<ProposedCommit, Failure>;

    /// As [`Code::commit_patch`], on this commit of the remote.
    ///
    /// # Errors
    /// As [`Code::commit_patch`].
    async fn commit_patch_on(
        &self,
        base: &CommitId,
        patch: &str,
        limits: &PatchLimits,
        sheet: &CommitSheet,
    ) -> Result<ProposedCommit, Failure>;

    /// Lays out the files of a commit in a temporary folder: of one that was made or fetched here, or of one that the
    /// remote has; none: of the default branch's tip. Links, executable bits and line ends are as in the commit;
    /// submodules are empty folders, and what git LFS keeps elsewhere stays a pointer.
    ///
    /// # Errors
    /// Transient failures when there is no room or the remote does not answer, a permanent one with the code
    /// `tree_unsafe` when the commit holds what git itself would not check out.
    async fn check_out(&self, commit: Option<&CommitId>) -> Result<WorkTree, Failure>;

    /// Makes a commit, on the commit whose files it began with, of what a work tree holds now: what `git add --all`
    /// would take. The same files and sheet give the same commit.
    ///
    /// # Errors
    /// As [`Code::commit_patch`], and permanent failures with the codes `secret_in_change` and `binary_too_large`.
    async fn commit_folder(
        &self,
        work_tree: &WorkTree,
        limits: &PatchLimits,
        sheet: &CommitSheet,
    ) -> Result<ProposedCommit, Failure>;

    /// What a commit that was made here changes, as a patch that [`Code::commit_patch`] takes; `None` when no patch of
    /// text can say it.
    async fn as_patch(&self, commit: &ProposedCommit) -> Result<Option<String>, Failure>;

    /// Merges `base` into `head`, two commits of the remote, as a commit on top of `head`.
    async fn join(&self, head: &CommitId, base: &CommitId, sheet: &CommitSheet) -> Result<Joined, Failure>;

    /// What a commit that was made here changes, file by file.
    ///
    /// # Errors
    /// A permanent failure with the code `commit_not_expressible` when it makes or changes what is no plain file.
    async fn file_changes(&self, commit: &ProposedCommit) -> Result<FileChanges, Failure>;

    /// What a commit of the remote makes of a file, when it changes it beside what the default branch's tip was when they
    /// parted: its content, none when it is gone. Nothing when it leaves the file alone.
    async fn changed_file(&self, head: &CommitId, path: &str) -> Result<Option<Option<Vec<u8>>>, Failure>;

    /// The message of a commit of the remote.
    async fn message(&self, commit: &CommitId) -> Result<String, Failure>;

    /// Where a branch is on the remote now; `None` when it does not exist.
    async fn branch(&self, name: &str) -> Result<Option<CommitId>, Failure>;

    /// Moves a branch on the remote from `expected` (none: it must not exist) to `commit`, by
    /// compare-and-swap. A lost answer is settled by asking where the branch is.
    async fn push_branch(
        &self,
        name: &str,
        expected: Option<&CommitId>,
        commit: &CommitId,
    ) -> Result<Pushed, Failure>;

    /// Deletes a branch on the remote that is at `expected`, by compare-and-swap. One that is gone already is done.
    async fn delete_branch(&self, name: &str, expected: &CommitId) -> Result<Pushed, Failure>;
}
