//! The working copy that this process stands in, where it is one of git's.

use std::path::Path;

use git2::{Commit, Repository};

use crate::domain::id::CommitId;
use crate::domain::time::Timestamp;

/// When the commit was made that is checked out there; none where that is no working copy of git's, or not ours to read.
#[must_use]
pub fn committed_at(folder: &Path) -> Option<Timestamp> {
    at_head(folder, |commit| Timestamp::from_millis(commit.time().seconds().saturating_mul(1_000)))
}

/// The commit that is checked out there, as [`committed_at`].
#[must_use]
pub fn commit(folder: &Path) -> Option<CommitId> {
    at_head(folder, |commit| CommitId::new(commit.id().to_string()))
}

fn at_head<T>(folder: &Path, told: impl FnOnce(&Commit<'_>) -> T) -> Option<T> {
    let repository = Repository::discover(folder).ok()?;
    let commit = repository.head().ok()?.peel_to_commit().ok()?;
    Some(told(&commit))
}
