//! Files that are sealed whole: those of a snapshot, and what is kept beside the log.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{Keyring, Name, Opener, Whose, drawn};
use crate::services::seal::{NONCE_LEN, Seal, hmac, packed, unpacked};

/// What snapshots are sealed under, in the place of a subject: no subject is called so.
pub(super) const SNAPSHOT: &str = "snapshot";

/// The same of what folders agreed on with Drive: they are names of files, and nothing that anybody wrote about an issue.
const SYNCED: &str = "synced";

/// What a sealed file of a snapshot begins with.
pub const SEALED_FILE: &[u8] = b"automata sealed 1\n";

/// What the proof of a file beside the log says in the place of a fold.
const BESIDE: &str = "beside the log";

/// What is kept beside the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// What was learned from issues.
    Learned,
    /// What folders last agreed on with Drive.
    Synced,
}

impl Beside {
    const fn subject(self) -> &'static str {
        match self {
            Self::Learned => SNAPSHOT,
            Self::Synced => SYNCED,
        }
    }
}

/// The opener of the log that is at work, for whoever keeps something beside it. Empty until the log was read.
#[derive(Debug, Default)]
pub struct AtWork {
    opener: Mutex<Option<std::sync::Arc<Opener>>>,
    is_wanted: AtomicBool,
}

impl AtWork {
    /// From now on it is this one.
    pub fn put(&self, opener: std::sync::Arc<Opener>) {
        *self.opener.lock().unwrap_or_else(PoisonError::into_inner) = Some(opener);
    }

    /// Whether the configuration wants anything sealed.
    pub fn want(&self, is_wanted: bool) {
        self.is_wanted.store(is_wanted, Ordering::Relaxed);
    }

    /// Whether something is to be sealed, and there is nothing to seal it with.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        let has_keys = self.opener().is_some_and(|opener| opener.keyring().is_some());
        self.is_wanted.load(Ordering::Relaxed) && !has_keys
    }

    /// The present one.
    #[must_use]
    pub fn opener(&self) -> Option<std::sync::Arc<Opener>> {
        self.opener.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Opener {
    /// A snapshot's file sealed; none where there are no keys. It is sealed also when nothing else is any more, since it
    /// holds what earlier lines hold. The same content gives the same bytes, so that an
    /// unchanged file is not written again.
    ///
    /// # Errors
    /// In words.
    pub fn close_file(&self, name: &str, content: &[u8], about: &str) -> Result<Option<Vec<u8>>, String> {
        self.close_under(SNAPSHOT, name, content, about)
    }

    /// A snapshot's file opened; itself when it is not sealed. None when it cannot be opened: snapshots are a cache.
    #[must_use]
    pub fn open_file(&self, name: &str, content: Vec<u8>, about: &str) -> Option<Vec<u8>> {
        self.open_under(SNAPSHOT, name, content, about)
    }

    /// What lies beside the log sealed, as [`Opener::close_file`]. What was learned holds words that anybody wrote about
    /// anything, as snapshots do, and goes with them.
    ///
    /// # Errors
    /// In words.
    pub fn close_beside(
        &self,
        beside: Beside,
        name: &str,
        content: &[u8],
    ) -> Result<Option<Vec<u8>>, String> {
        self.close_under(beside.subject(), name, content, BESIDE)
    }

    /// The same opened; itself when it is not sealed. None when it cannot be opened.
    #[must_use]
    pub fn open_beside(&self, beside: Beside, name: &str, content: Vec<u8>) -> Option<Vec<u8>> {
        self.open_under(beside.subject(), name, content, BESIDE)
    }

    fn close_under(
        &self,
        subject: &str,
        name: &str,
        content: &[u8],
        about: &str,
    ) -> Result<Option<Vec<u8>>, String> {
        let Some(keyring) = &self.keyring else { return Ok(None) };
        let whose = Whose { subject: subject.to_owned(), by: String::new() };
        let (key_name, key) = keyring.newest(&whose).ok_or("there is no key for files")?;
        let packed = packed(content).map_err(|error| error.to_string())?;
        let proof = file_proof(keyring, name, about);
        // The nonce follows from all that it is used for: two contents never share one.
        let mut nonce = [0; NONCE_LEN];
        let mut hashed = (proof.len() as u64).to_be_bytes().to_vec();
        hashed.extend(&proof);
        hashed.extend(&packed);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &drawn(&key, b"nonce")[..]), &hashed);
        nonce.copy_from_slice(&tag.as_ref()[..NONCE_LEN]);
        let closed = Seal::with(&drawn(&key, b"file")).and_then(|seal| seal.shut(&packed, &proof, nonce));
        let closed = closed.ok_or("a file could not be sealed")?;
        Ok(Some([SEALED_FILE, format!("{key_name}\n").as_bytes(), &closed].concat()))
    }

    fn open_under(&self, subject: &str, name: &str, content: Vec<u8>, about: &str) -> Option<Vec<u8>> {
        let Some(rest) = content.strip_prefix(SEALED_FILE) else { return Some(content) };
        let keyring = self.keyring.as_ref()?;
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let key_name = Name::read(std::str::from_utf8(&rest[..end]).ok()?)?;
        let whose = Whose { subject: subject.to_owned(), by: String::new() };
        let key = self.key(keyring, &whose, key_name).ok()??;
        let seal = Seal::with(&drawn(&key, b"file"))?;
        unpacked(&seal.opened(rest[end + 1..].to_vec(), &file_proof(keyring, name, about))?).ok()
    }
}

fn file_proof(keyring: &Keyring, name: &str, about: &str) -> Vec<u8> {
    format!("automata snapshot 1\0{}\0{name}\0{about}", keyring.id).into_bytes()
}
