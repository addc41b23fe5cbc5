//! The folders that a program has to itself: a home, one for temporary files, and one for what it is handed and hands back.

use std::fs::File;
use std::io::{self, Read as _};
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

    /// A file that the program left in the exchange; none when there is none of at most so many bytes. It may have left
    /// anything there: a pipe would be waited for, a link leads to what it could not read itself, and a device never ends.
    #[must_use]
    pub fn handed_back(&self, name: &str, most: usize) -> Option<Vec<u8>> {
        use rustix::fs::{Mode, OFlags, open};
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = std::fs::File::from(open(self.exchange().join(name), flags, Mode::empty()).ok()?);
        if !file.metadata().ok()?.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        file.take(most as u64 + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() <= most).then_some(bytes)
    }

    /// All folders that the program may write.
    pub(super) fn own(&self) -> [PathBuf; 3] {
        [self.home(), self.temporary(), self.exchange()]
    }

    /// The file in which the stub writes down what it could not do. It is gone from there before the program begins.
    pub(super) fn notes(&self) -> PathBuf {
        self.path.join(NOTES)
    }

    /// Makes it anew, and opens it to be read when the program has ended: what an earlier program left there is not about
    /// the next, and may be anything.
    pub(super) fn new_notes(&self) -> io::Result<File> {
        match std::fs::remove_file(self.notes()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        File::options().read(true).append(true).create_new(true).open(self.notes())
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
