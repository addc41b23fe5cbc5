//! The keys of a log: one for what each person wrote about each subject, each of which can be destroyed.
//!
//! A path in the [`super::tree`] leads to each: 64 steps that follow from the subject, 64 from the person. So the keys
//! of a subject lie below one place, and are destroyed at once. Whoever writes about it again gets the next generation.
//! Each era has a tree of its own; one begins when somebody is no longer to read what is written from then on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::tree::{DEPTH, Key, Place, Tree};
use super::{NoRandomness, Seal, hmac, packed, unpacked};
use crate::domain::encryption::Extent;
use crate::log::sealing::{About, Opened, Veil};
use crate::services::entropy::Entropy;

mod files;

use files::SNAPSHOT;
pub use files::{AtWork, Beside, SEALED_FILE};

/// The version of a keyring's shape.
const FORMAT: u32 = 1;
/// Steps that follow from the subject; the rest follow from the person.
const SUBJECT_STEPS: u8 = 64;
/// What lines are sealed under as a whole.
const FRAME: &str = "frame";

/// The keys of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyring {
    format: u32,
    /// Drawn once: what is sealed under these keys belongs to this log.
    pub id: String,
    /// Grows with every change.
    pub version: u64,
    /// GitHub's number of the repository that it was made in.
    pub repository: Option<u64>,
    /// How much is sealed, as a sound configuration said last.
    pub extent: Extent,
    eras: Vec<Tree>,
}

/// Whose words, about what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Whose {
    /// `issue/42`.
    pub subject: String,
    /// A login in lower case; empty: ours.
    pub by: String,
}

/// The name of a key beside whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    era: usize,
    /// How often the subject was forgotten before.
    subject: u32,
    /// How often the person was, there.
    by: u32,
}

impl Name {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (era, subject, by) = (parts.next()?, parts.next()?, parts.next()?);
        let name = Self { era: era.parse().ok()?, subject: subject.parse().ok()?, by: by.parse().ok()? };
        // One name, one spelling.
        (name.to_string() == text).then_some(name)
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.era, self.subject, self.by)
    }
}

/// 64 steps that follow from a word and a number.
fn steps(sort: &str, word: &str, generation: u32) -> u128 {
    let digest = Sha256::digest(format!("automata {sort}\0{word}\0{generation}"));
    digest[..8].iter().fold(0, |steps, byte| steps << 8 | u128::from(*byte))
}

fn subject_path(subject: &str, generation: u32) -> u128 {
    steps("subject", subject, generation) << (DEPTH - SUBJECT_STEPS)
}

impl Keyring {
    /// New keys.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn new(extent: Extent, repository: Option<u64>, entropy: &Entropy) -> Result<Self, NoRandomness> {
        let id: [u8; 16] = entropy.key()?;
        let id = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let eras = vec![Tree::new(entropy.key()?)];
        Ok(Self { format: FORMAT, id, version: 1, repository, extent, eras })
    }

    /// Reads what [`Keyring::write`] wrote; none when it is something else, or newer.
    #[must_use]
    pub fn read(content: &[u8]) -> Option<Self> {
        let read: Self = serde_json::from_slice(content).ok()?;
        // No forgetting leaves a tree empty, and looking for what is left in one would never end.
        let is_whole = !read.eras.is_empty() && !read.eras.iter().any(Tree::is_empty);
        (read.format == FORMAT && is_whole).then_some(read)
    }

    /// The keys as JSON, which nobody else may see.
    #[must_use]
    pub fn write(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Begins an era: what is written from now on follows from another number.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn begin_era(&mut self, entropy: &Entropy) -> Result<(), NoRandomness> {
        self.eras.push(Tree::new(entropy.key()?));
        Ok(())
    }

    /// How many eras there were.
    #[must_use]
    pub const fn eras(&self) -> usize {
        self.eras.len()
    }

    /// Destroys the keys of everything that anybody wrote about a subject up to now.
    pub fn forget_subject(&mut self, subject: &str) {
        for tree in &mut self.eras {
            let place = Place::on(subject_path(subject, present(tree, subject)), SUBJECT_STEPS);
            tree.destroy(place);
        }
    }

    /// Destroys the key of what one person wrote about a subject up to now.
    pub fn forget(&mut self, whose: &Whose) {
        for tree in &mut self.eras {
            let (path, _, _) = newest(tree, whose);
            tree.destroy(Place::on(path, DEPTH));
        }
    }

    /// Destroys the keys of all snapshots up to now: they hold what anybody wrote about anything.
    pub fn forget_snapshots(&mut self) {
        self.forget_subject(SNAPSHOT);
    }

    /// The key of this name; none when it was destroyed. An era that never was is an error, in words.
    fn key(&self, whose: &Whose, name: Name) -> Result<Option<Key>, String> {
        let tree = self.eras.get(name.era).ok_or("it is sealed under a key that was never made")?;
        Ok(tree.key(subject_path(&whose.subject, name.subject) | steps("writer", &whose.by, name.by)))
    }

    /// The name of the key that is used from now on, and the key.
    fn newest(&self, whose: &Whose) -> Option<(Name, Key)> {
        let era = self.eras.len().checked_sub(1)?;
        let (path, subject, by) = newest(&self.eras[era], whose);
        Some((Name { era, subject, by }, self.eras[era].key(path)?))
    }
}

/// The generation of a subject that was not forgotten yet.
fn present(tree: &Tree, subject: &str) -> u32 {
    let is_left = |generation: &u32| tree.has(Place::on(subject_path(subject, *generation), SUBJECT_STEPS));
    (0..).find(is_left).unwrap_or_default()
}

/// The path to the key that was not destroyed yet, and both generations.
fn newest(tree: &Tree, whose: &Whose) -> (u128, u32, u32) {
    let subject = present(tree, &whose.subject);
    let path = |by: u32| subject_path(&whose.subject, subject) | steps("writer", &whose.by, by);
    let by = (0..).find(|by| tree.has(Place::on(path(*by), DEPTH))).unwrap_or_default();
    (path(by), subject, by)
}

/// What was met while a log was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// How many texts there was no key for.
    pub shut: u64,
    /// How many had been forgotten.
    pub forgotten: u64,
    /// Whose words were opened, with the events that they are in. Kept only where somebody wants to know.
    pub opened: BTreeMap<Whose, BTreeSet<u64>>,
    /// The same of what had been forgotten.
    pub gone: BTreeMap<Whose, BTreeSet<u64>>,
}

/// Keys by whose they are and their names; none: destroyed.
type LookedUp = BTreeMap<(Whose, Name), Option<Key>>;

/// A keyring at work, or the lack of one.
pub struct Opener {
    keyring: Option<Keyring>,
    extent: Extent,
    entropy: std::sync::Arc<Entropy>,
    /// Keys that were looked up, since a path takes a while to walk.
    known: Mutex<LookedUp>,
    met: Mutex<Met>,
    is_tracing: bool,
}

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opener").field("keyring", &self.keyring).finish_non_exhaustive()
    }
}

impl Opener {
    /// Seals `extent` of what is written with `keyring`, and opens with it; without one nothing opens.
    #[must_use]
    pub fn new(keyring: Option<Keyring>, extent: Extent, entropy: std::sync::Arc<Entropy>) -> Self {
        Self { keyring, extent, entropy, known: Mutex::default(), met: Mutex::default(), is_tracing: false }
    }

    /// Remembers whose words it opens.
    #[must_use]
    pub const fn tracing(mut self, is_tracing: bool) -> Self {
        self.is_tracing = is_tracing;
        self
    }

    /// The keys.
    #[must_use]
    pub const fn keyring(&self) -> Option<&Keyring> {
        self.keyring.as_ref()
    }

    /// What was met so far.
    #[must_use]
    pub fn met(&self) -> Met {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, note: impl FnOnce(&mut Met)) {
        note(&mut self.met.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn key(&self, keyring: &Keyring, whose: &Whose, name: Name) -> Result<Option<Key>, String> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = known.get(&(whose.clone(), name)) {
            return Ok(key.clone());
        }
        let key = keyring.key(whose, name)?;
        known.insert((whose.clone(), name), key.clone());
        Ok(key)
    }
}

/// A key for one use of a key.
fn drawn(key: &Key, purpose: &[u8]) -> Key {
    let mut drawn = Key::default();
    drawn.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key[..]), purpose).as_ref());
    drawn
}

/// What a text in a line is about, as it goes into its proof: the log's own id first, so that another log's does not fit.
fn line_proof(keyring: &Keyring, about: &About<'_>) -> Vec<u8> {
    [keyring.id.as_bytes(), &about.bytes()].concat()
}

fn whose(about: &About<'_>) -> Whose {
    match about.by {
        Some(by) => Whose { subject: about.subject.to_owned(), by: by.to_owned() },
        None => Whose { subject: FRAME.to_owned(), by: String::new() },
    }
}

impl Veil for Opener {
    fn extent(&self) -> Extent {
        if self.keyring.is_some() { self.extent } else { Extent::Nothing }
    }

    fn close(&self, about: &About<'_>, text: &str) -> Result<(String, String), String> {
        let keyring = self.keyring.as_ref().ok_or("there is no key to seal with")?;
        let (name, key) = keyring.newest(&whose(about)).ok_or("there is no key to seal with")?;
        let nonce = self.entropy.key().map_err(|error| error.to_string())?;
        let packed = packed(text.as_bytes()).map_err(|error| error.to_string())?;
        let seal = Seal::with(&drawn(&key, b"line"));
        let closed = seal.and_then(|seal| seal.shut(&packed, &line_proof(keyring, about), nonce));
        let closed = closed.ok_or("a text could not be sealed")?;
        Ok((name.to_string(), URL_SAFE_NO_PAD.encode(closed)))
    }

    fn open(&self, about: &About<'_>, key: &str, text: &str) -> Result<Opened, String> {
        let Some(keyring) = &self.keyring else {
            self.note(|met| met.shut += 1);
            return Ok(Opened::Shut);
        };
        let whose = whose(about);
        let name = Name::read(key).ok_or("the name of its key is none")?;
        let Some(key) = self.key(keyring, &whose, name)? else {
            self.note(|met| {
                met.forgotten += 1;
                if self.is_tracing {
                    met.gone.entry(whose).or_default().insert(about.sequence);
                }
            });
            return Ok(Opened::Forgotten);
        };
        const MOVED: &str = "what is sealed in it was changed, or belongs to another place or another log";
        let opened = URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| Seal::with(&drawn(&key, b"line"))?.opened(bytes, &line_proof(keyring, about)))
            .and_then(|packed| String::from_utf8(unpacked(&packed).ok()?).ok())
            .ok_or(MOVED)?;
        if self.is_tracing && about.by.is_some() {
            self.note(|met| {
                met.opened.entry(whose).or_default().insert(about.sequence);
            });
        }
        Ok(Opened::Text(opened))
    }
}

#[cfg(test)]
mod tests;
