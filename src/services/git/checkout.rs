//! The working copy that this process stands in, where it is one of git's.

use std::path::Path;

use git2::Repository;

use crate::domain::time::Timestamp;

/// When the commit was made that is checked out there; none where that is no working copy of git's, or not ours to read.
#[must_use]
pub fn committed_at(folder: &Path) -> Option<Timestamp> {
    let repository = Repository::discover(folder).ok()?;
    let commit = repository.head().ok()?.peel_to_commit().ok()?;
    Some(Timestamp::from_millis(commit.time().seconds().saturating_mul(1_000)))
}
