//! What was last seen of a Drive, kept in a folder of this machine, so that it can be looked at while Drive cannot be
//! reached. Disposable: whoever deletes it loses nothing but that.
//!
//! One file for each answer that Drive gave, named by a digest of the question: a listing of a thousand files is
//! written as one, and two programs at work replace each other's files whole.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use md5::{Digest as _, Md5};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::file::{File, SharedDrive};
use super::id::FileId;
use super::query::Listing;
use crate::domain::time::Timestamp;

/// Files of one listing that are kept at most: about 40 MB.
const MOST: usize = 40_000;
/// How long a list may lag behind: about an hour, as rclone's manual has it.
pub const LAG: Duration = Duration::from_hours(2);
/// The file for what was done a moment ago.
const LATELY: &str = "w";
/// How long the session of an upload is kept: Drive keeps one for a week.
const SESSION: Duration = Duration::from_hours(6 * 24);

/// The folder.
#[derive(Clone, Debug)]
pub struct Manifest(PathBuf);

/// Something, and when Drive told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen<T> {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: T,
}

impl Manifest {
    /// The manifest of what one account sees, in a folder that is made when something is kept.
    #[must_use]
    pub fn of(folder: &Path, account: &str) -> Self {
        Self(folder.join("drive").join(digest(account)))
    }

    /// Keeps a file.
    pub fn keep_file(&self, asked: &FileId, file: &File, at: Timestamp) {
        self.keep(&format!("f-{}", digest(asked.as_str())), &Seen { at, what: file });
        if *asked != file.id {
            self.keep(&format!("f-{}", digest(file.id.as_str())), &Seen { at, what: file });
        }
    }

    /// Keeps all of a list.
    pub fn keep_list(&self, listing: &Listing, files: &[File], at: Timestamp) {
        if files.len() <= MOST {
            self.keep(&list(listing), &Seen { at, what: files });
        }
    }

    /// Keeps the shared drives.
    pub fn keep_drives(&self, drives: &[SharedDrive], at: Timestamp) {
        self.keep("drives", &Seen { at, what: drives });
    }

    /// A file: as it was asked for, or as it stood in a list.
    #[must_use]
    pub fn file(&self, id: &FileId) -> Option<Seen<File>> {
        if let Some(seen) = self.read(&format!("f-{}", digest(id.as_str()))) {
            return Some(seen);
        }
        let entries = fs::read_dir(&self.0).ok()?;
        let lists = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("l-"));
        let mut found: Vec<Seen<File>> = lists
            .filter_map(|entry| read::<Vec<File>>(&entry.path()))
            .filter_map(|seen| {
                let file = seen.what.into_iter().find(|file| file.id == *id)?;
                Some(Seen { at: seen.at, what: file })
            })
            .collect();
        found.sort_by_key(|seen| seen.at);
        found.pop()
    }

    /// All of a list: as it was asked for, or out of the list of the whole folder, whichever was told last.
    #[must_use]
    pub fn list(&self, listing: &Listing) -> Option<Seen<Vec<File>>> {
        let asked: Option<Seen<Vec<File>>> = self.read(&list(listing));
        let of_whole = || {
            let whole = Listing { query: listing.query.whole_folder()?, ..listing.clone() };
            let mut seen: Seen<Vec<File>> = self.read(&list(&whole))?;
            seen.what.retain(|file| listing.query.fits(file));
            Some(seen)
        };
        // What was told last.
        match (asked, of_whole()) {
            (Some(asked), Some(whole)) => Some(if asked.at < whole.at { whole } else { asked }),
            (asked, whole) => asked.or(whole),
        }
    }

    /// The shared drives.
    #[must_use]
    pub fn drives(&self) -> Option<Seen<Vec<SharedDrive>>> {
        self.read("drives")
    }

    /// Keeps what was the same on both sides of a pair of folders: checksums by paths.
    pub fn keep_sums(&self, pair: &str, sums: &BTreeMap<String, String>, at: Timestamp) {
        self.keep(&format!("s-{}", digest(pair)), &Seen { at, what: sums });
    }

    /// What was the same on both sides of a pair of folders.
    #[must_use]
    pub fn sums(&self, pair: &str) -> Option<BTreeMap<String, String>> {
        self.read(&format!("s-{}", digest(pair))).map(|seen| seen.what)
    }

    /// Keeps the id that was drawn for a new file of that name in a folder. Several programs may do so at once.
    pub fn keep_drawn(&self, folder: &FileId, name: &str, id: &FileId, at: Timestamp) {
        self.keep(&drawn(folder, name), &Seen { at, what: id });
        self.keep_made(folder, [(name.to_owned(), id.clone())].into(), at);
    }

    /// The id that was drawn for a new file of that name in a folder, while a list may not show that file yet.
    #[must_use]
    pub fn drawn(&self, folder: &FileId, name: &str, now: Timestamp) -> Option<FileId> {
        let seen: Option<Seen<FileId>> = self.read(&drawn(folder, name));
        let seen = seen.filter(|seen| now.since(seen.at) < LAG).map(|seen| seen.what);
        seen.or_else(|| self.made_in(folder, now).remove(name))
    }

    /// Keeps the ids that were drawn for new things of these names in a folder.
    pub fn keep_made(&self, folder: &FileId, made: BTreeMap<String, FileId>, at: Timestamp) {
        let mut all = self.made(folder, at);
        all.extend(made.into_iter().map(|(name, id)| (name, Seen { at, what: id })));
        self.keep(&self::made(folder), &Seen { at, what: all });
    }

    /// Forgets what was made in a folder under these names.
    pub fn drop_made(&self, folder: &FileId, names: &[String], now: Timestamp) {
        let mut all = self.made(folder, now);
        all.retain(|name, _| !names.contains(name));
        self.keep(&self::made(folder), &Seen { at: now, what: all });
    }

    /// The ids that were drawn for new things in a folder, by their names, while a list may not show them yet.
    #[must_use]
    pub fn made_in(&self, folder: &FileId, now: Timestamp) -> BTreeMap<String, FileId> {
        self.made(folder, now).into_iter().map(|(name, seen)| (name, seen.what)).collect()
    }

    fn made(&self, folder: &FileId, now: Timestamp) -> BTreeMap<String, Seen<FileId>> {
        let seen: Option<Seen<BTreeMap<String, Seen<FileId>>>> = self.read(&self::made(folder));
        let mut all = seen.map(|seen| seen.what).unwrap_or_default();
        all.retain(|_, seen| now.since(seen.at) < LAG);
        all
    }

    /// Keeps what was done in Drive a moment ago.
    pub fn keep_lately(&self, lately: &impl Serialize, at: Timestamp) {
        self.keep(LATELY, &Seen { at, what: lately });
    }

    /// What was done in Drive a moment ago.
    #[must_use]
    pub fn lately<T: DeserializeOwned>(&self) -> Option<T> {
        self.read(LATELY).map(|seen| seen.what)
    }

    /// Keeps the sealed session of an upload that was begun.
    pub fn keep_session(&self, upload: &str, sealed: &str, at: Timestamp) {
        self.keep(&session(upload), &Seen { at, what: sealed });
    }

    /// The sealed session of an upload; none where Drive may have forgotten it by now.
    #[must_use]
    pub fn session(&self, upload: &str, now: Timestamp) -> Option<String> {
        let seen: Seen<String> = self.read(&session(upload))?;
        (now.since(seen.at) < SESSION).then_some(seen.what)
    }

    /// Forgets an upload that came to its end, and those that nobody went on with.
    pub fn drop_session(&self, upload: &str, now: Timestamp) {
        drop(fs::remove_file(self.0.join(session(upload))));
        let entries = fs::read_dir(&self.0).into_iter().flatten().filter_map(Result::ok);
        for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("u-")) {
            if read::<String>(&entry.path()).is_none_or(|seen| now.since(seen.at) >= SESSION) {
                drop(fs::remove_file(entry.path()));
            }
        }
    }

    fn keep(&self, name: &str, value: &impl Serialize) {
        if let Err(error) = self.write(name, value) {
            tracing::debug!(%error, "what was seen of Drive cannot be kept");
        }
    }

    fn write(&self, name: &str, value: &impl Serialize) -> std::io::Result<()> {
        make_private(&self.0)?;
        let text = serde_json::to_vec(value)?;
        // Whole or not at all, also when two programs write it.
        let draft = self.0.join(format!("{name}.{}", std::process::id()));
        write_private(&draft, &text)?;
        fs::rename(&draft, self.0.join(name))
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Option<Seen<T>> {
        read(&self.0.join(name))
    }
}

/// Names of files are nobody else's business.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut make = fs::DirBuilder::new();
    make.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut make, 0o700);
    make.create(folder)
}

fn write_private(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text)
}

/// What another version wrote, or half a file, is as good as nothing.
fn read<T: DeserializeOwned>(path: &Path) -> Option<Seen<T>> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn drawn(folder: &FileId, name: &str) -> String {
    format!("d-{}", digest(&format!("{folder}/{name}")))
}

fn made(folder: &FileId) -> String {
    format!("m-{}", digest(folder.as_str()))
}

fn session(upload: &str) -> String {
    format!("u-{}", digest(upload))
}

fn list(listing: &Listing) -> String {
    let question = serde_json::to_string(&Listing { page_size: None, ..listing.clone() }).unwrap_or_default();
    format!("l-{}", digest(&question))
}

/// A name for a text: no secret, only short and plain.
fn digest(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
