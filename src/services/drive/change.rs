//! What happened in a Drive: its feed of changes, and the states of a file's content.

use serde::{Deserialize, Serialize};

use super::file::{File, Person, SharedDrive};
use super::id::{DriveId, FileId, PageToken, RevisionId};
use crate::domain::time::Timestamp;

/// A log of changes. The account's own has what is in its drive and what was shared with it; each shared drive
/// has one, and the first does not tell all that is in the others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Corpus {
    /// The account's own.
    User,
    /// A shared drive's.
    Drive(DriveId),
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When it happened.
    pub at: Option<Timestamp>,
    /// What it happened to.
    pub what: Changed,
}

/// What a change happened to, and how that is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// A file that is there.
    File(Box<File>),
    /// A file that was deleted, or that we lost access to: Drive does not say which.
    FileGone(FileId),
    /// A shared drive that is there.
    Drive(SharedDrive),
    /// A shared drive that was deleted, or that we lost access to.
    DriveGone(DriveId),
}

/// A part of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangePage {
    /// The changes, oldest first. Several of one file may have become one.
    pub changes: Vec<Change>,
    /// What to ask with next: record it together with what was made of the changes. It does not expire.
    pub next: PageToken,
    /// Whether there is more at once.
    pub more: bool,
}

/// A state of a file's content. Drive deletes those that are not kept, 30 days after newer content came; the list
/// of a Google document's may have gaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Its id.
    pub id: RevisionId,
    /// Its type.
    pub mime: String,
    /// When it came about.
    pub modified_at: Option<Timestamp>,
    /// Who made it.
    pub modified_by: Option<Person>,
    /// Bytes; none for Google documents.
    pub size: Option<u64>,
    /// MD5, hexadecimal; none for Google documents.
    pub md5: Option<String>,
    /// Whether it is kept for ever.
    pub kept: bool,
    /// Whether it is published as a page on the web.
    pub published: bool,
}
