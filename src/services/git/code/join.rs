//! Merges a base into a branch in the object database, and tells what a commit changes file by file.

use std::collections::BTreeMap;

use git2::{ErrorCode, MergeOptions, Signature, Time};

use super::GitCode;
use super::folders::object;
use crate::domain::failure::Failure;
use crate::domain::id::CommitId;
use crate::services::git::objects::{Entry, EntryKind, ObjectId};
use crate::services::git::remote::Depth;
use crate::services::git::{CommitSheet, FileChanges, Joined, ProposedCommit, patch};

/// Commits of each side in which the place where they parted is looked for. So many folders cost a few hundred
/// kilobytes; a branch that is older than that has other troubles.
pub(super) const DEPTH: u32 = 200;
/// Files named when they cannot be expressed.
const NAMED: usize = 5;

impl GitCode {
    pub(super) async fn merged(
        &self,
        head: &CommitId,
        base: &CommitId,
        sheet: &CommitSheet,
    ) -> Result<Joined, Failure> {
        let (ours, theirs) = (object(head)?, object(base)?);
        self.remote.fetch(&self.objects, &[ours, theirs], Depth::Last(DEPTH)).await?;
        let parted = {
            let repository = self.objects.lock();
            match repository.merge_base(ours.0, theirs.0) {
                Ok(parted) => ObjectId(parted),
                // Nothing in common, or it lies below what was fetched.
                Err(error) if error.code() == ErrorCode::NotFound => return Ok(Joined::Unrelated),
                Err(error) => return Err(patch::broken("find where two branches parted", &error)),
            }
        };
        if parted == theirs {
            return Ok(Joined::Nothing);
        }
        // git2 wants every file of the tree that it writes to be here.
        self.fetch_all_of(Some(base)).await?;
        self.fetch_all_of(Some(head)).await?;
        let changed = self.changed_on_both(parted, ours, theirs)?;
        self.remote.fetch_blobs(&self.objects, &changed).await?;
        self.join_here(parted, ours, theirs, sheet)
    }

    /// The contents, as they were when the branches parted, of files that both have changed since.
    fn changed_on_both(
        &self,
        parted: ObjectId,
        ours: ObjectId,
        theirs: ObjectId,
    ) -> Result<Vec<ObjectId>, Failure> {
        let (before, ours, theirs) = (self.files_of(parted)?, self.files_of(ours)?, self.files_of(theirs)?);
        let differs = |files: &BTreeMap<String, Entry>, path: &String, was: &Entry| {
            files.get(path).is_none_or(|now| now.id != was.id)
        };
        Ok(before
            .iter()
            .filter(|(_, was)| was.kind != EntryKind::Submodule)
            .filter(|(path, was)| differs(&ours, path, was) && differs(&theirs, path, was))
            .map(|(_, was)| was.id)
            .collect())
    }

    fn files_of(&self, commit: ObjectId) -> Result<BTreeMap<String, Entry>, Failure> {
        let tree = self.objects.read_commit(commit)?.tree;
        Ok(self.objects.files_below(tree)?.into_iter().collect())
    }

    fn join_here(
        &self,
        parted: ObjectId,
        ours: ObjectId,
        theirs: ObjectId,
        sheet: &CommitSheet,
    ) -> Result<Joined, Failure> {
        let repository = self.objects.lock();
        let join = || {
            let tree = |id: ObjectId| repository.find_commit(id.0).and_then(|commit| commit.tree());
            // Looking for renamed files would need the contents of all others.
            let mut options = MergeOptions::new();
            options.find_renames(false);
            let mut index =
                repository.merge_trees(&tree(parted)?, &tree(ours)?, &tree(theirs)?, Some(&options))?;
            if index.has_conflicts() {
                let mut files: Vec<String> = index
                    .conflicts()?
                    .filter_map(Result::ok)
                    .filter_map(|conflict| conflict.our.or(conflict.their).or(conflict.ancestor))
                    .map(|entry| String::from_utf8_lossy(&entry.path).into_owned())
                    .collect();
                files.sort();
                files.dedup();
                return Ok(Joined::Conflicts(files));
            }
            let tree = repository.find_tree(index.write_tree_to(&repository)?)?;
            let at = Time::new(sheet.at.as_millis().div_euclid(1_000), 0);
            let who = Signature::new(&sheet.author.0, &sheet.author.1, &at)?;
            let parents = [repository.find_commit(ours.0)?, repository.find_commit(theirs.0)?];
            let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
            let made = repository.commit(None, &who, &who, &sheet.message, &tree, &parents)?;
            Ok(Joined::Made(CommitId::new(made.to_string())))
        };
        join().map_err(|error: git2::Error| patch::broken("merge two branches", &error))
    }

    pub(super) fn changes_of(&self, commit: &ProposedCommit) -> Result<FileChanges, Failure> {
        let (before, now) = (self.files_of(object(&commit.base)?)?, self.files_of(object(&commit.commit)?)?);
        let mut changes = FileChanges::default();
        let mut odd = Vec::new();
        for (path, entry) in &now {
            let is_same = before.get(path).is_some_and(|was| (was.kind, was.id) == (entry.kind, entry.id));
            match entry.kind {
                _ if is_same => {}
                EntryKind::File => {
                    let contents = self.objects.read_blob(entry.id)?;
                    changes.additions.push((path.clone(), contents));
                }
                kind => odd.push(format!("{path} ({})", named(kind))),
            }
        }
        // A file that was executable or a link and is plain now keeps what it was, as GitHub does it.
        odd.extend(now.iter().filter_map(|(path, entry)| {
            let was =
                before.get(path).filter(|was| was.kind != entry.kind && entry.kind == EntryKind::File)?;
            Some(format!("{path} ({} before)", named(was.kind)))
        }));
        if !odd.is_empty() {
            odd.truncate(NAMED);
            let message =
                format!("GitHub signs only commits of plain files, and this one changes {}", odd.join(", "));
            return Err(Failure::permanent("commit_not_expressible", message).hint(
                "Make this change by hand and sign it, or let the account of the token push unsigned commits.",
            ));
        }
        changes.deletions = before.into_keys().filter(|path| !now.contains_key(path)).collect();
        Ok(changes)
    }

    pub(super) async fn message_of(&self, commit: &CommitId) -> Result<String, Failure> {
        let id = object(commit)?;
        if !self.objects.has(id) {
            self.remote.fetch(&self.objects, &[id], Depth::Tip).await?;
        }
        Ok(self.objects.read_commit(id)?.message)
    }
}

const fn named(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Tree => "a folder",
        EntryKind::File => "a plain file",
        EntryKind::Executable => "an executable file",
        EntryKind::Link => "a symbolic link",
        EntryKind::Submodule => "a submodule",
    }
}
