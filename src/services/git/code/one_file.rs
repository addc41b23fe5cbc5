//! A commit that makes or changes one file, without the rest of the code being here.

use super::GitCode;
use super::folders::object;
use crate::domain::failure::Failure;
use crate::domain::id::CommitId;
use crate::services::git::difference::Difference;
use crate::services::git::remote::Depth;
use crate::services::git::{CommitSheet, PatchLimits, ProposedCommit, patch};

impl GitCode {
    pub(super) async fn with_file(
        &self,
        base: Option<&CommitId>,
        (path, content): (&str, &[u8]),
        limits: &PatchLimits,
        sheet: &CommitSheet,
    ) -> Result<ProposedCommit, Failure> {
        let commit = match base {
            Some(base) => {
                let commit = object(base)?;
                if !self.objects.has(commit) {
                    self.remote.fetch(&self.objects, &[commit], Depth::Tip).await?;
                }
                commit
            }
            None => self.base().await?.commit,
        };
        let tree = self.objects.read_commit(commit)?.tree;
        // What it was is looked at, to tell what is different.
        if let Some(before) = self.file_at(tree, path) {
            self.remote.fetch_blobs(&self.objects, &[before]).await?;
        }
        let blob = self.objects.write_blob(content)?;
        let repository = self.objects.lock();
        let failed = |error: git2::Error| patch::broken("put a file into a tree", &error);
        let parent = repository.find_commit(commit.0).map_err(failed)?;
        let before = parent.tree().map_err(failed)?;
        // An executable file stays one.
        let mode = match before.get_path(std::path::Path::new(path)) {
            Ok(known) if known.filemode() == i32::from(git2::FileMode::BlobExecutable) => {
                git2::FileMode::BlobExecutable
            }
            _ => git2::FileMode::Blob,
        };
        let mut update = git2::build::TreeUpdateBuilder::new();
        update.upsert(path, blob.0, mode);
        let tree = update.create_updated(&repository, &before).map_err(failed)?;
        let difference = Difference::between(&repository, &before, tree)?;
        let files = difference.paths();
        if files.is_empty() {
            return Err(Failure::permanent("patch_changes_nothing", "The change changes nothing."));
        }
        difference.check(limits)?;
        Ok(ProposedCommit {
            commit: patch::write_commit(&repository, &parent, tree, sheet)?,
            base: commit.into(),
            files,
            added: difference.added(),
            removed: difference.removed(),
            merged: false,
            generated: difference.generated(),
            digest: difference.digest(),
        })
    }
}
