//! The folders that a program has to itself: a home, one for temporary files, and one for what it is handed and hands back.

use std::io;
use std::path::{Path, PathBuf};

use crate::services::temporary::{self, Folder};

/// Where the stub writes down what it could not do.
const NOTES: &str = "notes";
/// The program's HOME.
const HOME: &str = "home";

/// Folders for one program, gone with the value. A killed run's are swept by a later one.
pub struct Room {
    folder: Folder,
    path: PathBuf,
}

impl Room {
    /// Makes the folders.
    ///
    /// # Errors
    /// When the machine's temporary folder cannot be written.
    pub fn new() -> io::Result<Self> {
        let folder = Folder::new(temporary::PROGRAMS)?;
        // Bounds are about real places, and the machine's temporary folder may lie behind a symbolic link.
        let path = folder.path().canonicalize()?;
        let room = Self { folder, path };
        for own in room.own() {
            std::fs::create_dir(own)?;
        }
        room.forget_notes()?;
        Ok(room)
    }

    /// The program's HOME.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.path.join(HOME)
    }

    /// The program's TMPDIR.
    #[must_use]
    pub fn temporary(&self) -> PathBuf {
        self.path.join("tmp")
    }

    /// For files that the program is handed and hands back.
    #[must_use]
    pub fn exchange(&self) -> PathBuf {
        self.path.join("exchange")
    }

    /// All folders that the program may write.
    pub(super) fn own(&self) -> [PathBuf; 3] {
        [self.home(), self.temporary(), self.exchange()]
    }

    /// The file in which the stub writes down what it could not do. The program cannot reach it where there are bounds.
    pub(super) fn notes(&self) -> PathBuf {
        self.path.join(NOTES)
    }

    /// What an earlier program left there is not about the next.
    pub(super) fn forget_notes(&self) -> io::Result<()> {
        std::fs::write(self.notes(), "")
    }

    /// The folder that holds all of them.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Ends what still runs in a folder that a killed run left: it would go on beside the next attempt, past every limit.
#[cfg(unix)]
pub(in crate::services) fn vacate(folder: &Path) {
    if let Ok(path) = folder.canonicalize() {
        super::group::end_those_at(&path.join(HOME));
    }
}
