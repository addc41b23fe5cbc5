//! The repository's code over a remote: the default branch without its contents, and these when asked for.

mod folders;
mod join;
mod one_file;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::OnceCell;

use super::objects::{Entry, EntryKind, ObjectId, Objects};
use super::remote::{self, Depth, Outcome, Push, RefUpdate, Remote, RemoteRef};
use super::{
    Code, CommitSheet, FileChanges, FileEntry, Joined, PatchLimits, ProposedCommit, Pushed,
    SIGNATURES_REQUIRED, Tip, WorkTree, patch,
};
use crate::domain::failure::Failure;
use crate::domain::id::CommitId;

/// Commits of the default branch that are searched for the version a patch was made for, when it needs a
/// three-way merge: patches in issues are rarely older, and so many folders cost a few hundred kilobytes.
const MERGE_DEPTH: u32 = 200;

/// The code behind a remote.
pub struct GitCode {
    remote: Arc<dyn Remote>,
    objects: Objects,
    /// The configured default branch; none: the remote's own.
    branch: Option<String>,
    base: OnceCell<Base>,
    /// Where the default branch was found by somebody who listed refs anyway.
    listed: OnceCell<RemoteRef>,
}

/// The default branch as the whole run sees it.
struct Base {
    tip: Tip,
    commit: ObjectId,
    files: Vec<(String, Entry)>,
}

impl GitCode {
    /// The code on `remote`; `branch` is the default branch's short name, or none to ask the remote.
    ///
    /// # Errors
    /// A transient failure when there is no room for temporary files.
    pub fn new(remote: Arc<dyn Remote>, branch: Option<String>) -> Result<Self, Failure> {
        let objects = Objects::temporary(remote.objects_folder().as_deref())?;
        Ok(Self { remote, objects, branch, base: OnceCell::new(), listed: OnceCell::new() })
    }

    /// The full name of the ref that tells where the default branch is.
    ///
    /// # Errors
    /// A permanent failure when the configured name is no branch.
    pub fn default_ref(&self) -> Result<String, Failure> {
        self.branch.as_deref().map_or_else(|| Ok("HEAD".to_owned()), reference)
    }

    /// Takes the default branch out of a list of refs that was just made, so that it need not be asked for.
    pub fn take_listed(&self, refs: &[RemoteRef]) {
        let name = self.default_ref().unwrap_or_default();
        if let Some(found) = refs.iter().find(|found| found.name == name) {
            // Whoever came first has made the run's one picture of the code.
            let _ = self.listed.set(found.clone());
        }
    }

    async fn find(&self, name: &str) -> Result<Option<RemoteRef>, Failure> {
        match self.listed.get() {
            Some(listed) => Ok(Some(listed.clone())),
            None => remote::find(&*self.remote, name).await.map_err(Failure::from),
        }
    }

    async fn base(&self) -> Result<&Base, Failure> {
        self.base
            .get_or_try_init(async || {
                let (branch, commit) = self.find_default().await?;
                self.remote.fetch(&self.objects, &[commit], Depth::Tip).await?;
                let tree = self.objects.read_commit(commit)?.tree;
                let files = self.objects.files_below(tree)?;
                Ok(Base { tip: Tip { branch, commit: commit.into() }, commit, files })
            })
            .await
    }

    async fn find_default(&self) -> Result<(String, ObjectId), Failure> {
        let found = self.find(&self.default_ref()?).await?;
        if let Some(branch) = &self.branch {
            let missing =
                || Failure::permanent("branch_missing", format!("The branch {branch} does not exist."));
            return Ok((branch.clone(), found.ok_or_else(missing)?.target));
        }
        let head = found.ok_or_else(|| {
            Failure::permanent("repository_empty", "The repository has no commit on its default branch yet.")
        })?;
        let branch = head.stands_for.as_deref().and_then(|name| name.strip_prefix("refs/heads/"));
        let unnamed = || {
            Failure::permanent("branch_missing", "The repository does not say which branch is its default.")
                .hint("Name it in the configuration.")
        };
        Ok((branch.ok_or_else(unnamed)?.to_owned(), head.target))
    }

    /// Fetches what a patch is read against: the files it touches, and where it can be had the versions it was
    /// made for, without which it is just not merged.
    async fn fetch_for(&self, patch: &str) -> Result<(), Failure> {
        let base = self.base().await?;
        let touched: BTreeSet<String> = patch::touched_paths(patch).into_iter().collect();
        let now: Vec<ObjectId> = base
            .files
            .iter()
            .filter(|(path, entry)| touched.contains(path) && entry.kind != EntryKind::Submodule)
            .map(|(_, entry)| entry.id)
            .collect();
        self.remote.fetch_blobs(&self.objects, &now).await?;
        let mut made_for = patch::pre_image_blobs(patch);
        made_for.retain(|old| !old.bytes().all(|digit| digit == b'0'));
        made_for.retain(|old| !now.iter().any(|id| id.to_string().starts_with(old.as_str())));
        if made_for.is_empty() {
            return Ok(());
        }
        let older = self.older_versions(base, &touched, &made_for).await.unwrap_or_default();
        for id in older {
            // One at a time: a server answers nothing when it lacks one of several.
            let _ = self.remote.fetch_blobs(&self.objects, &[id]).await;
        }
        Ok(())
    }

    /// The whole names of older versions of the touched files, by their shortened names.
    async fn older_versions(
        &self,
        base: &Base,
        touched: &BTreeSet<String>,
        made_for: &[String],
    ) -> Result<BTreeSet<ObjectId>, Failure> {
        let mut found: BTreeSet<ObjectId> = made_for.iter().filter_map(|id| id.parse().ok()).collect();
        if found.len() == made_for.len() {
            return Ok(found);
        }
        self.remote.fetch(&self.objects, &[base.commit], Depth::Last(MERGE_DEPTH)).await?;
        let mut commit = Some(base.commit);
        for _ in 0..MERGE_DEPTH {
            let Some(Ok(read)) = commit.map(|commit| self.objects.read_commit(commit)) else { break };
            for path in touched {
                if let Some(id) = self.file_at(read.tree, path)
                    && made_for.iter().any(|old| id.to_string().starts_with(old.as_str()))
                {
                    found.insert(id);
                }
            }
            commit = read.parents.first().copied();
        }
        Ok(found)
    }

    /// The file at `path`, if there is one and the folders on the way are here.
    fn file_at(&self, tree: ObjectId, path: &str) -> Option<ObjectId> {
        let mut parts = path.split('/').peekable();
        let mut at = tree;
        while let Some(part) = parts.next() {
            let entries = self.objects.read_tree(at).ok()?;
            let entry = entries.into_iter().find(|entry| entry.name == part.as_bytes())?;
            match (entry.kind, parts.peek()) {
                (EntryKind::Tree, Some(_)) => at = entry.id,
                (EntryKind::File | EntryKind::Executable, None) => return Some(entry.id),
                _ => return None,
            }
        }
        None
    }
}

#[async_trait]
impl Code for GitCode {
    async fn default_tip(&self) -> Result<Tip, Failure> {
        Ok(self.base().await?.tip.clone())
    }

    async fn files(&self) -> Result<Vec<FileEntry>, Failure> {
        let listed = |(path, entry): &(String, Entry)| FileEntry {
            path: path.clone(),
            blob: entry.id.to_string(),
            is_regular: is_regular(entry),
        };
        Ok(self.base().await?.files.iter().map(listed).collect())
    }

    async fn read(&self, paths: &[&str]) -> Result<Vec<Option<Vec<u8>>>, Failure> {
        let base = self.base().await?;
        let find = |path: &&str| {
            let place = base.files.binary_search_by(|(known, _)| known.as_str().cmp(path)).ok()?;
            Some(&base.files[place].1).filter(|entry| is_regular(entry)).map(|entry| entry.id)
        };
        let found: Vec<Option<ObjectId>> = paths.iter().map(find).collect();
        let wanted: Vec<ObjectId> = found.iter().flatten().copied().collect();
        self.remote.fetch_blobs(&self.objects, &wanted).await?;
        let read = |id: ObjectId| self.objects.read_blob(id).map_err(Failure::from);
        found.into_iter().map(|id| id.map(read).transpose()).collect()
    }

    async fn commit_patch(
        &self,
        patch: &str,
        limits: &PatchLimits,
        sheet: &CommitSheet,
    ) -> Result<ProposedCommit, Failure> {
        self.fetch_for(patch).await?;
        let base = &self.base().await?.tip.commit;
        patch::commit_patch(&self.objects.lock(), base, patch, limits, sheet)
    }

    async fn commit_file(
        &self,
        base: Option<&CommitId>,
        file: (&str, &[u8]),
        limits: &PatchLimits,
        sheet: &CommitSheet,
    ) -> Result<ProposedCommit, Failure> {
        self.with_file(base, file, limits, sheet).await
    }

    async fn commit_patch_on(
        &self,
        base: &CommitId,
        patch: &str,
        limits: &PatchLimits,
        sheet: &CommitSheet,
    ) -> Result<ProposedCommit, Failure> {
        self.fetch_all_of(Some(base)).await?;
        patch::commit_patch(&self.objects.lock(), base, patch, limits, sheet)
    }

    async fn check_out(&self, commit: Option<&CommitId>) -> Result<WorkTree, Failure> {
        self.lay_out(commit).await
    }

    async fn commit_folder(
        &self,
        work_tree: &WorkTree,
        limits: &PatchLimits,
        sheet: &CommitSheet,
    ) -> Result<ProposedCommit, Failure> {
        self.take_in(work_tree, limits, sheet)
    }

    async fn as_patch(&self, commit: &ProposedCommit) -> Result<Option<String>, Failure> {
        self.text_of(commit)
    }

    async fn join(&self, head: &CommitId, base: &CommitId, sheet: &CommitSheet) -> Result<Joined, Failure> {
        self.merged(head, base, sheet).await
    }

    async fn file_changes(&self, commit: &ProposedCommit) -> Result<FileChanges, Failure> {
        self.changes_of(commit)
    }

    async fn changed_file(&self, head: &CommitId, path: &str) -> Result<Option<Option<Vec<u8>>>, Failure> {
        self.changed_on(head, path).await
    }

    async fn message(&self, commit: &CommitId) -> Result<String, Failure> {
        self.message_of(commit).await
    }

    async fn branch(&self, name: &str) -> Result<Option<CommitId>, Failure> {
        let found = remote::find(&*self.remote, &reference(name)?).await?;
        Ok(found.map(|found| found.target.into()))
    }

    async fn push_branch(
        &self,
        name: &str,
        expected: Option<&CommitId>,
        commit: &CommitId,
    ) -> Result<Pushed, Failure> {
        let object = |id: &CommitId| {
            ObjectId::try_from(id).map_err(|error| Failure::permanent("commit_unknown", error.to_string()))
        };
        let target = object(commit)?;
        let expected = expected.map(object).transpose()?;
        let objects = self.objects.brought_by(target)?;
        let updates = vec![RefUpdate { name: reference(name)?, expected, target }];
        let push = Push { updates, together: false, objects };
        let outcome = self.remote.push(&self.objects, &push).await?.pop();
        if let Some(pushed) = settled(outcome.as_ref(), name)? {
            return Ok(pushed);
        }
        match self.branch(name).await? {
            // The same commit is there already: an earlier try of ours, whose answer nobody heard.
            Some(now) if now == *commit => Ok(Pushed::Done),
            now => Ok(Pushed::Conflict(now)),
        }
    }

    async fn delete_branch(&self, name: &str, expected: &CommitId) -> Result<Pushed, Failure> {
        let expected = ObjectId::try_from(expected)
            .map_err(|error| Failure::permanent("commit_unknown", error.to_string()))?;
        let update =
            RefUpdate { name: reference(name)?, expected: Some(expected), target: ObjectId::nothing() };
        let push = Push { updates: vec![update], together: false, objects: Vec::new() };
        let outcome = self.remote.push(&self.objects, &push).await?.pop();
        if let Some(pushed) = settled(outcome.as_ref(), name)? {
            return Ok(pushed);
        }
        match self.branch(name).await? {
            None => Ok(Pushed::Done),
            now => Ok(Pushed::Conflict(now)),
        }
    }
}

/// What became of a ref that was to be moved or deleted; none when it has to be looked at.
fn settled(outcome: Option<&Outcome>, name: &str) -> Result<Option<Pushed>, Failure> {
    match outcome {
        Some(Outcome::Done) => Ok(Some(Pushed::Done)),
        // GitHub's words: "Commits must have verified signatures."
        Some(Outcome::Forbidden(reason)) if reason.to_lowercase().contains("verified signature") => {
            let told = format!("The remote takes only signed commits on {name}: {reason}.");
            Err(Failure::permanent(SIGNATURES_REQUIRED, told)
                .hint("Set `pull_requests.signed_commits: true`: then GitHub makes and signs them."))
        }
        Some(Outcome::Forbidden(reason)) => {
            Err(Failure::permanent("branch_forbidden", format!("The remote forbids the push: {reason}."))
                .hint(format!(
                    "Let this account push {name}, or choose another name for branches in the configuration."
                )))
        }
        _ => Ok(None),
    }
}

fn is_regular(entry: &Entry) -> bool {
    matches!(entry.kind, EntryKind::File | EntryKind::Executable)
}

/// The full name of a branch.
fn reference(branch: &str) -> Result<String, Failure> {
    let name = format!("refs/heads/{branch}");
    if remote::is_ref_name(&name) {
        Ok(name)
    } else {
        Err(Failure::permanent("branch_name", format!("`{branch}` is no name that git allows for a branch.")))
    }
}
