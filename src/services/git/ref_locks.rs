//! The lock files of refs in a repository on this machine, and which of them a killed process left behind.
//!
//! git leaves such locks to people. But whoever moves a ref holds its lock for less than a millisecond, and a run that
//! was killed is to be finished by the next one. So a lock goes when it is old by the file system's own time *and* did not
//! change while we waited for it; after a sleep of the whole machine its owner would have gone on by then. One that is
//! younger is never touched.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Locks younger than this are somebody's: a thousand times and more what any git needs, hooks included.
const OLD: Duration = Duration::from_secs(60);
/// The file whose own lock those hold who remove others', one after the other: so nobody removes the new lock that
/// was made since they looked. What is written into it tells the file system's time. It stays there, empty of meaning.
const GUARD: &str = "automata-lock-guard";

/// A ref's lock as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) path: PathBuf,
    modified: SystemTime,
    length: u64,
}

/// The locks of these refs that are held now in the repository whose refs lie in `folder`.
pub(super) fn held(folder: &Path, names: &[&str]) -> Vec<Held> {
    names.iter().filter_map(|name| look(folder.join(format!("{name}.lock"))).ok()).collect()
}

fn look(path: PathBuf) -> io::Result<Held> {
    let found = fs::symlink_metadata(&path)?;
    if !found.is_file() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(Held { modified: found.modified()?, length: found.len(), path })
}

/// Removes those of `seen` that were left behind, seen long enough ago for their owners to have gone on; tells whether
/// there were any.
pub(super) fn remove_left_behind(folder: &Path, seen: &[Held]) -> io::Result<bool> {
    if seen.is_empty() {
        return Ok(false);
    }
    let mut guard = File::options().create(true).truncate(false).write(true).open(folder.join(GUARD))?;
    guard.lock()?;
    guard.write_all(b"\n")?;
    let now = guard.metadata()?.modified()?;
    let mut removed = false;
    for lock in seen {
        let is_same = look(lock.path.clone()).is_ok_and(|found| found == *lock);
        // One from the future has no age.
        let age = now.duration_since(lock.modified).unwrap_or_default();
        if is_same && age >= OLD {
            fs::remove_file(&lock.path)?;
            tracing::warn!(
                "removed {}, which a killed process left behind {} seconds ago",
                lock.path.display(),
                age.as_secs()
            );
            removed = true;
        }
    }
    Ok(removed)
}
