//! The forge's folder: JSON files that a person can read, replaced whole, changed by one process at a time.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::failure::Failure;

/// The folder and what lies in it.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

/// Held by the one process that changes things. The system lets go of it when the process ends, however
/// it ends, so there is nothing to clean up after a crash.
pub(super) struct Held {
    _lock: File,
}

/// Numbers given out. A number is spent before its file is there: after a crash one is missing, never double.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Spent {
    issue: u64,
    comment: u64,
}

impl Folder {
    /// The folder at `root`. What is missing is made where that can be: whoever may only read needs none of it.
    pub(super) fn create(root: &Path) -> Result<Self, Failure> {
        let folder = Self { root: root.to_owned() };
        for part in ["issues", "pulls", "comments"] {
            let path = root.join(part);
            match fs::create_dir_all(&path) {
                Err(error) if !(is_barred(&error) && root.is_dir()) => return Err(unusable(&path, &error)),
                _ => {}
            }
        }
        Ok(folder)
    }

    /// Reads a file, or writes it when it is not there and this user may.
    pub(super) fn read_or_write<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        new: T,
    ) -> Result<T, Failure> {
        if let Some(kept) = self.read(name)? {
            return Ok(kept);
        }
        let path = self.path("lock");
        if let Err(error) = File::create(&path) {
            return if is_barred(&error) { Ok(new) } else { Err(unusable(&path, &error)) };
        }
        let held = self.hold()?;
        // Somebody may have been faster.
        if let Some(kept) = self.read(name)? {
            return Ok(kept);
        }
        self.write(&held, name, &new)?;
        Ok(new)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Waits for its turn to change things. Turns last as long as writing a small file takes.
    pub(super) fn hold(&self) -> Result<Held, Failure> {
        let path = self.path("lock");
        let lock = File::create(&path).map_err(|error| unusable(&path, &error))?;
        lock.lock().map_err(|error| unusable(&path, &error))?;
        Ok(Held { _lock: lock })
    }

    /// Reads a file; nothing when it is not there.
    pub(super) fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Failure> {
        let path = self.path(name);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(&path, &error)),
        };
        serde_json::from_slice(&text).map(Some).map_err(|error| {
            Failure::permanent("forge_damaged", format!("{} cannot be read: {error}.", path.display()))
                .hint("Put the file right, or delete it.")
        })
    }

    /// Replaces a file; whoever reads sees the old one or the new one.
    pub(super) fn write<T: Serialize>(&self, _: &Held, name: &str, value: &T) -> Result<(), Failure> {
        let path = self.path(name);
        // Only the holder writes, so this name is free; what a crash left under it is written over.
        let fresh = path.with_extension("json.new");
        let written = || -> std::io::Result<()> {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            let mut text = serde_json::to_vec_pretty(value)?;
            text.push(b'\n');
            fs::write(&fresh, text)?;
            fs::rename(&fresh, &path)
        };
        written().map_err(|error| unusable(&path, &error))
    }

    pub(super) fn delete(&self, _: &Held, name: &str) -> Result<(), Failure> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(unusable(&path, &error)),
            _ => Ok(()),
        }
    }

    /// The files of a part of the folder, as names that [`read`](Self::read) takes, in the order of their
    /// names; none when that part is not there.
    pub(super) fn list(&self, part: &str) -> Result<Vec<String>, Failure> {
        let path = self.path(part);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unusable(&path, &error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(|error| unusable(&path, &error))?.file_name();
            let name = name.to_string_lossy();
            if !name.ends_with(".new") {
                names.push(format!("{part}/{name}"));
            }
        }
        names.sort();
        Ok(names)
    }

    /// A number for an issue or a pull request; both count in one row.
    pub(super) fn next_issue(&self, held: &Held) -> Result<u64, Failure> {
        let there = self.highest("issues")?.max(self.highest("pulls")?);
        self.spend(held, there, |spent| &mut spent.issue)
    }

    /// An id for a comment.
    pub(super) fn next_comment(&self, held: &Held) -> Result<u64, Failure> {
        let mut highest = 0;
        for part in ["comments", "reviews", "lines"] {
            for issue in self.list(part)? {
                highest = highest.max(self.highest(&issue)?);
            }
        }
        self.spend(held, highest, |spent| &mut spent.comment)
    }

    /// The highest number among the files of a folder: people lay files there as well.
    fn highest(&self, part: &str) -> Result<u64, Failure> {
        let number =
            |name: &String| -> Option<u64> { name.rsplit('/').next()?.split('.').next()?.parse().ok() };
        Ok(self.list(part)?.iter().filter_map(number).max().unwrap_or_default())
    }

    fn spend(&self, held: &Held, there: u64, which: fn(&mut Spent) -> &mut u64) -> Result<u64, Failure> {
        let mut spent: Spent = self.read("spent.json")?.unwrap_or_default();
        let number = which(&mut spent);
        *number = (*number).max(there) + 1;
        let number = *number;
        self.write(held, "spent.json", &spent)?;
        Ok(number)
    }
}

/// The disk did not do it: full, read-only, taken away.
fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    let failure =
        Failure::transient("forge_unavailable", format!("{} cannot be used: {error}.", path.display()));
    if is_barred(error) { failure.hint("Let this user write there.") } else { failure }
}

/// Whether this user may not write there, however often it is tried.
fn is_barred(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}
