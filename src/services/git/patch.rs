//! From a unified diff to a commit: reads it strictly, refuses what it may not touch, applies it, commits the tree.
//!
//! libgit2 applies a hunk only at its exact line and reads names more kindly than a stranger's patch
//! deserves, so reading and placing hunks is done here, by the rules of `git apply`; git2 is the object
//! database, the three-way merge, the tree and the commit. What was checked is what is written: there is
//! one reader of the patch.

mod files;
mod hunks;
pub(super) mod names;
pub(super) mod policy;
mod read;
mod section;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use git2::{Oid, Repository, Signature, Time};

use super::difference::Difference;
use super::{CommitSheet, PatchLimits, ProposedCommit};
use crate::domain::failure::Failure;
use crate::domain::id::CommitId;

/// Where people find out how to make a patch that can be read.
const MAKE_A_PATCH: &str = "Make the patch with `git diff` or `git format-patch` on the default branch and paste it whole into a ```diff fence.";

/// A patch that is no patch, or says something that no patch of text can say.
fn unreadable(message: impl Into<String>) -> Failure {
    Failure::permanent("patch_unreadable", message).hint(MAKE_A_PATCH)
}

/// git2 failed underneath: the object database, not the patch.
pub(super) fn broken(what: &str, error: &git2::Error) -> Failure {
    Failure::transient("git_objects", format!("The repository could not {what}: {}.", error.message()))
}

/// The paths that a patch names, on either side, sorted: what has to be in the object database before
/// [`commit_patch`] is called. Empty when the patch cannot be read; `commit_patch` says why.
#[must_use]
pub fn touched_paths(patch: &str) -> Vec<String> {
    let Ok(sections) = read::sections(patch) else { return Vec::new() };
    let paths: BTreeSet<&str> = sections.iter().flat_map(|section| section.change.paths()).collect();
    paths.into_iter().map(str::to_owned).collect()
}

/// The blobs that the patch says it was made for, as its `index` lines write them (often shortened), in
/// the patch's order. With them in the object database, a patch for an older version can be merged.
#[must_use]
pub fn pre_image_blobs(patch: &str) -> Vec<String> {
    let Ok(sections) = read::sections(patch) else { return Vec::new() };
    let mut seen = BTreeSet::new();
    sections
        .into_iter()
        .filter_map(|section| section.pre_image)
        .filter(|id| seen.insert(id.clone()))
        .collect()
}

/// Makes a commit of `patch` on `base` in the object database; no reference moves, no file is written.
/// The same base, patch and sheet give the same commit.
///
/// A hunk goes where all its lines are, nearest to where it says; where it is nowhere, and the object
/// database has the version that the patch was made for, the two versions are merged.
///
/// # Errors
/// Permanent failures with the codes that [`super::Code::commit_patch`] lists; a transient `git_objects`
/// when the object database lacks something or cannot be written.
pub fn commit_patch(
    repository: &Repository,
    base: &CommitId,
    patch: &str,
    limits: &PatchLimits,
    sheet: &CommitSheet,
) -> Result<ProposedCommit, Failure> {
    policy::check_size(patch, limits)?;
    let sections = read::sections(patch)?;
    policy::check_sections(&sections, limits)?;

    let parent = Oid::from_str(base.as_str())
        .and_then(|id| repository.find_commit(id))
        .map_err(|error| broken("open the commit the patch goes on", &error))?;
    let tree = parent.tree().map_err(|error| broken("open the tree the patch goes on", &error))?;
    let applied = files::apply(repository, &tree, &sections)?;
    if applied.files.is_empty() {
        return Err(Failure::permanent(
            "patch_changes_nothing",
            "The patch changes nothing: the default branch already is what the patch makes of it.",
        )
        .hint("Nothing is left to do here; the issue may be closed, or needs another patch."));
    }

    let difference = Difference::between(repository, &tree, applied.tree)?;
    difference.check_for_credentials("patch")?;
    let commit = write_commit(repository, &parent, applied.tree, sheet)?;
    Ok(ProposedCommit {
        commit,
        base: base.clone(),
        files: applied.files,
        added: sections.iter().map(section::Section::added).sum(),
        removed: sections.iter().map(section::Section::removed).sum(),
        merged: applied.merged,
        generated: difference.generated(),
        digest: difference.digest(),
    })
}

/// Writes a commit of `tree` on `parent`; the same sheet gives the same commit.
pub(super) fn write_commit(
    repository: &Repository,
    parent: &git2::Commit<'_>,
    tree: Oid,
    sheet: &CommitSheet,
) -> Result<CommitId, Failure> {
    let write = || {
        let (name, mail) = &sheet.author;
        // Offset zero: the date is in UTC, so the commit is the same wherever it is made.
        let at = Time::new(sheet.at.as_millis().div_euclid(1_000), 0);
        let who = Signature::new(name, mail, &at)?;
        let tree = repository.find_tree(tree)?;
        repository.commit(None, &who, &who, &sheet.message, &tree, &[parent])
    };
    let id = write().map_err(|error| broken("write the commit", &error))?;
    Ok(CommitId::new(id.to_string()))
}
