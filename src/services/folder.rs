//! A folder of this machine: what is in it, and what files add up to.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use md5::{Digest as _, Md5};

use crate::domain::time::Timestamp;

/// How names begin of what only this program knows what to do with.
const OURS: &str = ".automata-";
/// How names end of what is not wholly there.
const PART: &str = ".part";
/// Bytes of a file's name that the name of a part of it shows as they are: with what stands around them, no name is longer
/// than a file system takes.
const SHOWN: usize = 190;

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The names that lead to it, from the folder on.
    pub names: Vec<String>,
    /// What it is.
    pub kind: FoundKind,
}

/// What is in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundKind {
    /// A folder.
    Folder,
    /// A file of so many bytes.
    File(u64),
    /// Something else, and what: a link, a pipe, a name that is no text.
    Other(&'static str),
}

/// Everything below a folder, in order of names. Links are told and never followed; `.git` is passed over with all
/// in it, and so is what is not wholly fetched yet.
///
/// # Errors
/// When something cannot be read.
pub fn walk(folder: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    walk_below(folder, &mut Vec::new(), &mut found)?;
    Ok(found)
}

fn walk_below(folder: &Path, above: &mut Vec<String>, found: &mut Vec<Found>) -> io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        if name == ".git" || name.to_str().is_some_and(is_unfinished) {
            continue;
        }
        above.push(name.to_string_lossy().into_owned());
        // Of the link itself, not of what it leads to.
        let meta = entry.path().symlink_metadata()?;
        let kind = match () {
            () if name.to_str().is_none() => FoundKind::Other("its name is no text"),
            () if meta.is_symlink() => FoundKind::Other("it is a link"),
            () if meta.is_dir() => FoundKind::Folder,
            () if meta.is_file() => FoundKind::File(meta.len()),
            () => FoundKind::Other("it is neither a file nor a folder"),
        };
        let is_folder = kind == FoundKind::Folder;
        found.push(Found { names: above.clone(), kind });
        if is_folder {
            walk_below(&entry.path(), above, found)?;
        }
        above.pop();
    }
    Ok(())
}

/// The name of what is not wholly fetched yet; `state` tells one state of its content from the next.
#[must_use]
pub fn unfinished(name: &str, state: &str) -> String {
    if name.len() <= SHOWN {
        return format!("{OURS}{name}.{state}{PART}");
    }
    let sum = hex(&Md5::digest(name.as_bytes()));
    let begin = name.floor_char_boundary(SHOWN - 1 - sum.len());
    format!("{OURS}{}~{sum}.{state}{PART}", &name[..begin])
}

/// Whether a name is of something that is not wholly fetched yet.
#[must_use]
pub fn is_unfinished(name: &str) -> bool {
    name.starts_with(OURS) && name.ends_with(PART)
}

/// The place of something by its names.
#[must_use]
pub fn place(folder: &Path, names: &[String]) -> PathBuf {
    names.iter().fold(folder.to_owned(), |path, name| path.join(name))
}

/// What tells whether a file was written since, without reading it: its size, and when and where it was written. Whoever
/// sets the time of the last change back cannot set that of the system's own note.
///
/// # Errors
/// When nothing can be said of it.
pub fn stamp(path: &Path) -> io::Result<String> {
    let meta = std::fs::metadata(path)?;
    let nanos = |at: io::Result<SystemTime>| Some(at.ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos());
    #[cfg(unix)]
    let noted = {
        use std::os::unix::fs::MetadataExt as _;
        format!("{}.{} {}.{:09}", meta.dev(), meta.ino(), meta.ctime(), meta.ctime_nsec())
    };
    #[cfg(not(unix))]
    let noted = format!("{:?}", nanos(meta.created()));
    Ok(format!("{} {:?} {noted}", meta.len(), nanos(meta.modified())))
}

/// When a file was last changed; none where nobody knows.
#[must_use]
pub fn dated(path: &Path) -> Option<Timestamp> {
    let changed = std::fs::metadata(path).ok()?.modified().ok()?;
    let since = changed.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(Timestamp::from_millis)
}

/// Gives a file the time at which it was last changed. What it holds counts, so that nothing is lost where this cannot be.
pub fn date(path: &Path, at: Option<Timestamp>) {
    let Some(at) = at.and_then(|at| u64::try_from(at.as_millis()).ok()) else { return };
    let set = || {
        // Of what may only be read its owner sets the time all the same.
        let file = File::options().write(true).open(path).or_else(|_| File::open(path))?;
        file.set_modified(UNIX_EPOCH + Duration::from_millis(at))
    };
    if let Err(error) = set() {
        tracing::debug!(%error, "a file does not keep the time of its last change");
    }
}

/// The MD5 sum of a file, hexadecimal: the one sum that Drive has of every file.
///
/// # Errors
/// When it cannot be read.
pub fn md5(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut sum = Md5::new();
    // Large enough that reading costs nothing beside summing up.
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            count => sum.update(&buffer[..count]),
        }
    }
    Ok(hex(&sum.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_half_fetched_has_a_name_of_its_own_however_long_that_of_the_file_is() {
        assert_eq!(unfinished("a.bin", "r1"), ".automata-a.bin.r1.part");
        let state = "x".repeat(24);
        let long = |last: &str| unfinished(&format!("{}{last}", "\u{6f22}".repeat(78)), &state);
        assert!(long(".md").len() <= 255 && is_unfinished(&long(".md")));
        assert_ne!(long(".md"), long(".txt"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_was_written_has_another_stamp_also_where_its_time_was_set_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "one").unwrap();
        let (at, before) = (std::fs::metadata(&path).unwrap().modified().unwrap(), stamp(&path).unwrap());
        assert_eq!(stamp(&path).unwrap(), before);
        std::fs::rename(&path, folder.path().join("b")).unwrap();
        std::fs::write(&path, "two").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
        assert_ne!(stamp(&path).unwrap(), before);
    }

    #[test]
    fn a_folder_is_walked_without_following_links() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        std::fs::create_dir_all(path.join("b/.git")).unwrap();
        std::fs::write(path.join("b/.git/config"), "x").unwrap();
        std::fs::write(path.join("b/a.txt"), "abc").unwrap();
        std::fs::write(path.join(unfinished("big.bin", "r1")), "a").unwrap();
        assert!(!is_unfinished("big.bin.part") && !is_unfinished(".automata-notes.md"));
        #[cfg(unix)]
        std::os::unix::fs::symlink("/", path.join("c")).unwrap();
        let shown: Vec<String> = walk(path)
            .unwrap()
            .iter()
            .map(|found| format!("{} {:?}", found.names.join("/"), found.kind))
            .collect();
        #[cfg(unix)]
        assert_eq!(shown, ["b Folder", "b/a.txt File(3)", "c Other(\"it is a link\")"]);
        assert!(shown.len() >= 2);
        assert_eq!(md5(&path.join("b/a.txt")).unwrap(), "900150983cd24fb0d6963f7d28e17f72");
    }
}
