//! A commit that makes or changes one file, without the rest of the code being here.

use super::GitCode;
use super::folders::object;
use super::join::DEPTH;
use crate::domain::failure::Failure;
use crate::domain::id::CommitId;
use crate::services::git::difference::Difference;
use crate::services::git::objects::ObjectId;
use crate::services::git::remote::{self, Depth};
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

    /// See `Code::changed_file`. Only when the file is another than on the default branch it is found out where they parted.
    pub(super) async fn changed_on(
        &self,
        head: &CommitId,
        path: &str,
    ) -> Result<Option<Option<Vec<u8>>>, Failure> {
        let (head, base) = (object(head)?, self.base().await?.commit);
        if !self.objects.has(head) {
            let fetched = self.remote.fetch(&self.objects, &[head], Depth::Tip).await;
            fetched.map_err(|error| match error {
                // A branch or a fork may have gone, and its commits with it.
                remote::Error::Broken(reason) | remote::Error::Damaged { reason, .. } => {
                    Failure::permanent("commit_unknown", format!("commit {head} is not there: {reason}"))
                }
                error => Failure::from(error),
            })?;
        }
        let file_of = |commit: ObjectId| -> Result<Option<ObjectId>, Failure> {
            Ok(self.file_at(self.objects.read_commit(commit)?.tree, path))
        };
        let here = file_of(head)?;
        if here == file_of(base)? {
            return Ok(None);
        }
        self.remote.fetch(&self.objects, &[head, base], Depth::Last(DEPTH)).await?;
        // With nothing in common, or parted longer ago than was fetched, what it holds counts as changed.
        let parted = self.objects.lock().merge_base(head.0, base.0).ok().map(ObjectId);
        if let Some(parted) = parted
            && file_of(parted)? == here
        {
            return Ok(None);
        }
        let Some(blob) = here else { return Ok(Some(None)) };
        self.remote.fetch_blobs(&self.objects, &[blob]).await?;
        Ok(Some(Some(self.objects.read_blob(blob)?)))
    }
}
