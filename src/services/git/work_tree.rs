//! A folder with the files of a commit, for somebody to change in; gone with the value.

mod lay_out;
mod take_in;

use std::path::PathBuf;

use super::PatchLimits;
use super::objects::{ObjectId, Objects};
use crate::domain::failure::Failure;
use crate::domain::id::CommitId;
use crate::services::temporary;

/// The folder of the files, inside the temporary one.
const FILES: &str = "tree";

/// The files of a commit in a folder of their own. The folder is a small git repository too, with the files as its
/// only commit, so that programs that ask git what changed get an answer; it has no remote and no credentials.
pub struct WorkTree {
    home: temporary::Folder,
    base: CommitId,
}

impl WorkTree {
    /// The folder with the files.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.home.path().join(FILES)
    }

    /// The commit whose files it began with, or that its changes are counted from.
    #[must_use]
    pub const fn base(&self) -> &CommitId {
        &self.base
    }

    /// The same folder, of which everything counts as a change that is not so in `base`: for files that were laid out with a
    /// part of the change in them. Both commits must be known here.
    #[must_use]
    pub fn changed_since(self, base: CommitId) -> Self {
        Self { base, ..self }
    }

    /// Lays out the files of `commit`, all of which must be in `objects`.
    pub(super) fn lay_out(objects: &Objects, commit: ObjectId) -> Result<Self, Failure> {
        let home = temporary::Folder::new(temporary::OBJECTS).map_err(|error| no_room(&error))?;
        let work_tree = Self { home, base: commit.into() };
        lay_out::files(objects, commit, &work_tree.path())?;
        lay_out::repository(objects, commit, &work_tree.path())?;
        Ok(work_tree)
    }

    /// What the files are now, as a tree in `objects`, where the files of the commit that it began with are.
    pub(super) fn take_in(&self, objects: &Objects, limits: &PatchLimits) -> Result<ObjectId, Failure> {
        take_in::tree(objects, self, limits)
    }

    /// A place beside the files, for what is needed while they are looked at.
    fn beside(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }
}

fn no_room(error: &std::io::Error) -> Failure {
    Failure::transient("work_tree", format!("The work tree's folder could not be used: {error}."))
}

/// A name as the system writes it in paths; none where it has no such names.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems know names that cannot be written")]
fn system_name(name: &[u8]) -> Option<&std::ffi::OsStr> {
    use std::os::unix::ffi::OsStrExt as _;
    Some(std::ffi::OsStr::from_bytes(name))
}

/// As on Unix, but only text can be a name.
#[cfg(not(unix))]
fn system_name(name: &[u8]) -> Option<&std::ffi::OsStr> {
    std::str::from_utf8(name).ok().map(std::ffi::OsStr::new)
}
