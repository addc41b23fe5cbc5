//! Content on its way to Drive and from it.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::file::{Checksums, Created, File, FileUpdate, NewFile};
use super::id::{FileId, RevisionId};
use crate::services::entropy::Entropy;
use crate::services::seal::Seal;
use crate::services::secrets::Secret;

/// Bytes to be uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Their type: `text/plain`.
    pub mime: String,
    /// Where they are.
    pub bytes: Bytes,
}

/// Where bytes are.
#[derive(Clone, PartialEq, Eq)]
pub enum Bytes {
    /// In memory.
    Memory(Vec<u8>),
    /// In a local file, which must not change until they are sent.
    File(PathBuf),
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(bytes) => write!(f, "{} bytes in memory", bytes.len()),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Where an upload goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadTarget {
    /// It becomes a new file.
    New(NewFile),
    /// It becomes the content of this file, whose id, links and grants stay.
    Content(FileId, FileUpdate),
}

/// An upload that was begun. Whoever has its address can write the file, for a week, without further proof, so it
/// is a secret: it is recorded sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadSession {
    /// The address that its parts go to.
    pub address: Secret,
    /// Bytes in all.
    pub total: u64,
    /// The id that was drawn for a new file.
    pub id: Option<FileId>,
}

impl UploadSession {
    /// The session closed, to be recorded. `about` says what for, such as the task's id.
    #[must_use]
    pub fn sealed(&self, seal: &Seal, about: &str, entropy: &Entropy) -> Option<String> {
        let kept = Kept { address: self.address.expose().to_owned(), total: self.total, id: self.id.clone() };
        seal.close(&Secret::new(serde_json::to_string(&kept).ok()?), about, entropy)
    }

    /// The session that was recorded; none where the key is another one or it was changed: begin another.
    #[must_use]
    pub fn opened(sealed: &str, seal: &Seal, about: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(seal.open(sealed, about)?.expose()).ok()?;
        Some(Self { address: Secret::new(kept.address), total: kept.total, id: kept.id })
    }
}

/// What of a session is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    address: String,
    total: u64,
    id: Option<FileId>,
}

/// How an upload ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadEnd {
    /// The file is there, and its checksum is that of what was sent.
    Done(Box<Created>),
    /// Drive has forgotten the session, or refuses to go on with it: begin another one.
    Expired,
    /// [`Progress::at`] asked to stop. The session goes on from here, in any process.
    Stopped {
        /// Bytes that Drive has.
        sent: u64,
    },
}

/// Hears how far something has come.
pub trait Progress: Send + Sync {
    /// `done` bytes of `total` are safe. Says whether to go on: false stops between two parts.
    fn at(&self, done: u64, total: u64) -> bool;

    /// One of several files is through, well or not; it has so many bytes.
    fn through(&self, _bytes: u64) {}
}

/// Nobody watches, nobody stops it.
impl Progress for () {
    fn at(&self, _: u64, _: u64) -> bool {
        true
    }
}

/// What is downloaded, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A revision; the present content when none is said.
    pub revision: Option<RevisionId>,
    /// How many parts are fetched at a time; one when it is zero.
    pub at_once: u8,
    /// Fetches also what Drive found to be malware. Drive lets only owners and organisers do so.
    pub accept_abuse: bool,
    /// The file as Drive told it a moment ago: it is not asked again. That it is another one by now is found by its
    /// checksum, and then it is asked.
    pub known: Option<File>,
}

/// What was downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloaded {
    /// Bytes in all.
    pub size: u64,
    /// Bytes that an earlier call had fetched.
    pub resumed_at: u64,
    /// Against what it was checked.
    pub verified: Verification,
    /// What the bytes add up to.
    pub checksums: Checksums,
}

/// Against which of Drive's checksums bytes were checked, the strongest that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// SHA-256.
    Sha256,
    /// MD5: Drive has no SHA-256 of some files from before 2018, and of revisions.
    Md5,
    /// Drive has none, so the number of bytes only.
    Length,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_recorded_closed_and_opened_again() {
        let secret = Secret::new("what only this account knows");
        let seal = Seal::of(&secret, "drive upload").unwrap();
        let id = FileId::parse("1abc").ok();
        let session = UploadSession { address: Secret::new("https://x.example/?upload_id=1"), total: 7, id };
        let closed = session.sealed(&seal, "t.1", &Entropy::seeded(1)).unwrap();
        assert!(!closed.contains("upload_id"));
        assert_eq!(UploadSession::opened(&closed, &seal, "t.1"), Some(session));
        assert_eq!(UploadSession::opened(&closed, &seal, "t.2"), None);
    }
}
