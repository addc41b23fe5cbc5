//! The code as folders: checked out for somebody to change in, and made commits of.

use super::GitCode;
use crate::domain::failure::Failure;
use crate::domain::id::CommitId;
use crate::services::git::difference::{self, Difference};
use crate::services::git::objects::{EntryKind, ObjectId};
use crate::services::git::{CommitSheet, PatchLimits, ProposedCommit, WorkTree, patch};

/// Missing files that are asked for one by one in a request; of more, everything is asked for at once, which a server
/// has packed already.
const ASKED_FOR_ONE_BY_ONE: usize = 500;

impl GitCode {
    pub(super) async fn lay_out(&self, commit: Option<&CommitId>) -> Result<WorkTree, Failure> {
        let commit = self.fetch_all_of(commit).await?;
        WorkTree::lay_out(&self.objects, commit)
    }

    /// Fetches a commit with all of its files; none: the default branch's tip.
    pub(super) async fn fetch_all_of(&self, commit: Option<&CommitId>) -> Result<ObjectId, Failure> {
        let base = self.base().await?.commit;
        let commit = match commit {
            Some(commit) => object(commit)?,
            None => base,
        };
        if !self.objects.has(commit) {
            self.remote.fetch_whole(&self.objects, commit, None).await?;
        }
        let tree = self.objects.read_commit(commit)?.tree;
        let missing = self.missing_below(tree)?;
        if missing.len() > ASKED_FOR_ONE_BY_ONE {
            // What a commit that was made here brings is here; the rest is as on the default branch.
            self.remote.fetch_whole(&self.objects, base, None).await?;
        }
        let missing = if missing.is_empty() { missing } else { self.missing_below(tree)? };
        self.remote.fetch_blobs(&self.objects, &missing).await?;
        Ok(commit)
    }

    pub(super) fn take_in(
        &self,
        work_tree: &WorkTree,
        limits: &PatchLimits,
        sheet: &CommitSheet,
    ) -> Result<ProposedCommit, Failure> {
        let tree = work_tree.take_in(&self.objects, limits)?;
        let repository = self.objects.lock();
        let read = |error: git2::Error| patch::broken("open the commit the change goes on", &error);
        let parent = repository.find_commit(object(work_tree.base())?.0).map_err(read)?;
        let difference = Difference::between(&repository, &parent.tree().map_err(read)?, tree.0)?;
        let files = difference.paths();
        if files.is_empty() {
            return Err(Failure::permanent("patch_changes_nothing", "The change changes nothing."));
        }
        difference.check(limits)?;
        Ok(ProposedCommit {
            commit: patch::write_commit(&repository, &parent, tree.0, sheet)?,
            base: work_tree.base().clone(),
            files,
            added: difference.added(),
            removed: difference.removed(),
            merged: false,
            generated: difference.generated(),
            digest: difference.digest(),
        })
    }

    pub(super) fn text_of(&self, commit: &ProposedCommit) -> Result<Option<String>, Failure> {
        let repository = self.objects.lock();
        let read = |error: git2::Error| patch::broken("open a commit", &error);
        let tree = |id: &CommitId| {
            repository.find_commit(object(id)?.0).and_then(|commit| commit.tree()).map_err(read)
        };
        let (old, new) = (tree(&commit.base)?, tree(&commit.commit)?);
        difference::as_patch(&repository, &old, new.id())
    }

    /// The files below a tree that are not here. Its folders must be.
    fn missing_below(&self, tree: ObjectId) -> Result<Vec<ObjectId>, Failure> {
        let (mut missing, mut trees) = (Vec::new(), vec![tree]);
        while let Some(tree) = trees.pop() {
            for entry in self.objects.read_tree(tree)? {
                match entry.kind {
                    EntryKind::Tree => trees.push(entry.id),
                    EntryKind::Submodule => {}
                    _ if self.objects.has(entry.id) => {}
                    _ => missing.push(entry.id),
                }
            }
        }
        missing.sort_unstable();
        missing.dedup();
        Ok(missing)
    }
}

pub(super) fn object(id: &CommitId) -> Result<ObjectId, Failure> {
    ObjectId::try_from(id).map_err(|error| Failure::permanent("commit_unknown", error.to_string()))
}
