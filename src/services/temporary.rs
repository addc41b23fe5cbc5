//! Temporary folders of ours: made under a name that nobody else uses, owned while a process works in them, and
//! swept when the process that made one was killed.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

#[cfg(unix)]
use super::process::room;

/// What the names of object databases begin with.
pub(super) const OBJECTS: &str = "automata-git-";
/// What the names of folders begin with that programs are started in.
pub(super) const PROGRAMS: &str = "automata-run-";
/// What the names of folders begin with that hold a copy of something fetched.
pub(super) const COPIES: &str = "automata-copy-";
/// What the names of folders begin with that a rehearsal's forge stands in.
pub const REHEARSALS: &str = "automata-rehearsal-";
/// The letters and digits that follow it, drawn at random.
const DRAWN: usize = 12;
/// The file in each whose lock its owner holds. The system lets go of it when the process ends, however it does.
const LOCK: &str = "owner.lock";
/// Its name until its lock is held: under the other name nobody ever finds it free while its owner lives.
const UNLOCKED: &str = "owner.lock.new";
/// Folders without that file are let be while they are younger than this: GitHub ends every job sooner, so whoever
/// made an older one is gone.
const OLD: Duration = Duration::from_secs(24 * 3600);

/// A temporary folder, gone with the value.
pub struct Folder {
    /// Dropped first: on some systems a folder with an open file cannot be removed.
    _owned: File,
    home: TempDir,
}

impl Folder {
    /// An empty folder but for the lock.
    ///
    /// # Errors
    /// When none can be made in the machine's temporary folder.
    pub fn new(prefix: &str) -> io::Result<Self> {
        Self::within(&std::env::temp_dir(), prefix)
    }

    fn within(parent: &Path, prefix: &str) -> io::Result<Self> {
        let home = tempfile::Builder::new().prefix(prefix).rand_bytes(DRAWN).tempdir_in(parent)?;
        let owned = File::create_new(home.path().join(UNLOCKED))?;
        owned.lock()?;
        fs::rename(home.path().join(UNLOCKED), home.path().join(LOCK))?;
        Ok(Self { _owned: owned, home })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.home.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Otherwise the value inside removes it; what neither of them can, a later run sweeps.
        if fs::remove_dir_all(self.home.path()).is_err() {
            open_up(self.home.path());
        }
    }
}

/// The machine's temporary folder and why nothing can be made in it, if nothing can.
#[must_use]
pub fn problem() -> Option<(PathBuf, io::Error)> {
    let parent = std::env::temp_dir();
    let error = Folder::within(&parent, OBJECTS).err()?;
    Some((parent, error))
}

/// Removes a folder, even if programs made parts of it unwritable, as some do with what they fetched.
fn remove(folder: &Path) -> io::Result<()> {
    fs::remove_dir_all(folder).or_else(|_| {
        open_up(folder);
        fs::remove_dir_all(folder)
    })
}

/// Lets us write to a folder and all folders in it, as far as they are ours.
#[cfg(unix)]
fn open_up(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_up(&entry.path());
        }
    }
}

#[cfg(not(unix))]
fn open_up(_: &Path) {}

/// Removes what runs that were killed left in the machine's temporary folder, after ending what they had started in it, and
/// gives their number. Whatever is
/// not named exactly as ours, belongs to another user, is still owned, or does not say whether it is and is younger
/// than a day is let be; so is all of it when anything about it cannot be found out.
pub fn sweep() -> usize {
    sweep_within(&std::env::temp_dir())
}

fn sweep_within(parent: &Path) -> usize {
    // A folder of our own tells what the time is there, and who we are.
    let Ok(ours) =
        Folder::within(parent, OBJECTS).and_then(|ours| Ok((fs::symlink_metadata(ours.path())?, ours)))
    else {
        return 0;
    };
    let Ok(entries) = fs::read_dir(parent) else { return 0 };
    let left = entries.flatten().filter(|entry| {
        entry.file_name().to_str().is_some_and(is_named_as_ours)
            && is_left(&entry.path(), &ours.0).unwrap_or(false)
    });
    left.filter(|entry| {
        #[cfg(unix)]
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(PROGRAMS)) {
            room::vacate(&entry.path());
        }
        remove(&entry.path()).is_ok()
    })
    .count()
}

fn is_named_as_ours(name: &str) -> bool {
    [OBJECTS, PROGRAMS, COPIES, REHEARSALS]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .is_some_and(|drawn| drawn.len() == DRAWN && drawn.bytes().all(|c| c.is_ascii_alphanumeric()))
}

/// Whether a folder that is named as ours was left behind.
fn is_left(folder: &Path, ours: &Metadata) -> io::Result<bool> {
    let found = fs::symlink_metadata(folder)?;
    if !found.is_dir() || !is_of_one_user(&found, ours) {
        return Ok(false);
    }
    match File::open(folder.join(LOCK)) {
        Ok(lock) => Ok(lock.try_lock().is_ok()),
        // Its owner was killed before it made the file, or is about to make it, or is about to be done with the folder.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // One from the future has no age.
            Ok(ours.modified()?.duration_since(found.modified()?).unwrap_or_default() >= OLD)
        }
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn is_of_one_user(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    one.uid() == other.uid()
}

/// Elsewhere each user has a temporary folder of their own.
#[cfg(not(unix))]
const fn is_of_one_user(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a folder look two days old.
    fn age(folder: &Path) {
        let opened = File::open(folder).unwrap();
        let made = opened.metadata().unwrap().modified().unwrap();
        opened.set_modified(made - 2 * OLD).unwrap();
    }

    /// What a killed process leaves: the folder with files in it, and nobody who holds the lock.
    fn abandoned(parent: &Path) -> std::path::PathBuf {
        let folder = Folder::within(parent, PROGRAMS).unwrap();
        let kept = folder.path().with_extension("kept");
        fs::rename(folder.path(), &kept).unwrap();
        let path = folder.path().to_owned();
        drop(folder);
        fs::rename(kept, &path).unwrap();
        fs::create_dir_all(path.join("objects/pack")).unwrap();
        path
    }

    fn names(parent: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(parent)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_killed_run_left_is_removed_at_once() {
        let parent = tempfile::tempdir().unwrap();
        let _left = abandoned(parent.path());
        assert_eq!(sweep_within(parent.path()), 1);
        assert_eq!(names(parent.path()), [""; 0]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_killed_run_had_started_is_ended_first() {
        use std::io::Read as _;
        use std::os::unix::process::ExitStatusExt as _;
        use std::process::Stdio;
        let parent = tempfile::tempdir().unwrap();
        let (left, busy) = (abandoned(parent.path()), Folder::within(parent.path(), PROGRAMS).unwrap());
        let start = |folder: &Path| {
            let home = folder.canonicalize().unwrap().join("home");
            let mut waits = std::process::Command::new("sh");
            waits.args(["-c", "echo up; read never"]).env("HOME", home);
            let mut child = waits.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            // Before it says so, its variables may not be seen yet.
            let said = child.stdout.as_mut().unwrap().read(&mut [0; 3]).unwrap();
            assert_eq!(said, 3);
            child
        };
        let (mut orphan, mut ours) = (start(&left), start(busy.path()));
        assert_eq!(sweep_within(parent.path()), 1);
        assert_eq!(orphan.wait().unwrap().signal(), Some(9));
        assert!(ours.try_wait().unwrap().is_none(), "what somebody still owns goes on");
        ours.kill().unwrap();
        ours.wait().unwrap();
    }

    #[test]
    fn what_does_not_say_whether_it_is_owned_is_removed_after_a_day() {
        let parent = tempfile::tempdir().unwrap();
        let (old, young) = (abandoned(parent.path()), abandoned(parent.path()));
        // Killed before its lock was held, or about to hold it.
        for folder in [&old, &young] {
            fs::rename(folder.join(LOCK), folder.join(UNLOCKED)).unwrap();
        }
        age(&old);
        assert_eq!(sweep_within(parent.path()), 1);
        assert_eq!(names(parent.path()), [young.file_name().unwrap().to_str().unwrap()]);
    }

    #[cfg(unix)]
    #[test]
    fn folders_that_a_program_made_unwritable_are_removed_too() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::within(parent.path(), PROGRAMS).unwrap();
        let cache = folder.path().join("home/go/pkg");
        fs::create_dir_all(&cache).unwrap();
        fs::write(cache.join("fetched"), "").unwrap();
        fs::set_permissions(&cache, fs::Permissions::from_mode(0o500)).unwrap();
        drop(folder);
        assert_eq!(names(parent.path()), [""; 0]);
    }

    #[test]
    fn what_somebody_still_works_in_is_let_be() {
        let parent = tempfile::tempdir().unwrap();
        let busy = Folder::within(parent.path(), OBJECTS).unwrap();
        age(busy.path());
        assert_eq!(sweep_within(parent.path()), 0);
        assert!(busy.path().join(LOCK).exists());
        drop(busy);
        assert_eq!(names(parent.path()), [""; 0]);
    }

    #[test]
    fn what_is_not_named_exactly_as_ours_is_let_be() {
        let parent = tempfile::tempdir().unwrap();
        let others = [
            "automata-git-",
            "automata-git-abc",
            "automata-git-abcdefghijkl.old",
            "automata-demo-abcdefghijkl",
        ];
        for name in others {
            fs::create_dir(parent.path().join(name)).unwrap();
            age(&parent.path().join(name));
        }
        fs::write(parent.path().join("automata-git-aaaaaaaaaaaa"), "a file").unwrap();
        age(&parent.path().join("automata-git-aaaaaaaaaaaa"));
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("precious"), "").unwrap();
        age(elsewhere.path());
        #[cfg(unix)]
        std::os::unix::fs::symlink(elsewhere.path(), parent.path().join("automata-git-bbbbbbbbbbbb"))
            .unwrap();
        let before = names(parent.path());
        assert_eq!(sweep_within(parent.path()), 0);
        assert_eq!(names(parent.path()), before);
        assert!(elsewhere.path().join("precious").exists());
    }
}
