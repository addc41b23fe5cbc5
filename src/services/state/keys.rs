//! The keys of a log of which something is sealed: on a ref of their own, closed with age for everybody who may read.
//!
//! The ref's commit has no parent and is always replaced, never added to, by compare-and-swap and in one push with the
//! branch: so keys that were destroyed are in no history. `head.json` names the keys' id and version, so that neither
//! another log's keys nor older ones are taken. Why all this, and what it cannot do, stands in docs/encryption.md.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::layout::HeadFile;
use super::tip::Tip;
use super::{GitLog, unpoisoned};
use crate::domain::encryption::{Extent, Recipient};
use crate::domain::id::Sequence;
use crate::log::Error;
use crate::services::entropy::{Entropy, NoRandomness};
use crate::services::git::objects::ObjectId;
use crate::services::git::remote::RefUpdate;
use crate::services::seal::age::{self, Identity};
use crate::services::seal::keyring::{AtWork, Keyring, Met, Opener};
use crate::services::seal::proof::Proof;

mod made;
mod proved;
mod snapshots;
mod used;

use proved::Unvouched;
pub(super) use snapshots::sealed_snapshot;

/// The keys, a file of age.
const KEYS: &str = "keys.age";
/// For whom it was closed, a line each: for people, and to notice when that is to be others.
const RECIPIENTS: &str = "recipients.txt";
/// Who made the keys, for each of them to check.
const PROOF: &str = "proof.json";
/// For people who find the ref.
const README: (&str, &str) = (
    "README.md",
    "\
# The keys of Automata's memory

`keys.age` opens what is sealed on the state branch, for everybody in `recipients.txt`. This commit is replaced whenever
keys are made or destroyed; an older one must not be put back, and a copy of one undoes what was forgotten since.
",
);
/// What to do when the keys are gone.
const LOST: &str = "Whoever has a copy can push it back; without one, what is sealed stays so for ever: begin a new log with another name in `state.branch`.";
const MESSAGE: &str = "The keys of what is sealed on the state branch";
const WHERE: &str = "Set AUTOMATA_AGE_KEY (in a workflow: a secret of the repository) or AUTOMATA_AGE_KEY_FILE to the secret key of somebody in `state.encryption.recipients`.";

/// With what a log is sealed and opened.
#[derive(Clone, Debug)]
pub struct Sealing {
    /// Secret keys that we have.
    pub identities: Vec<Identity>,
    /// GitHub's number of the repository, where it is known.
    pub repository: Option<u64>,
    /// Randomness for keys.
    pub entropy: Arc<Entropy>,
    /// Whether to go on without a key, for who only looks: what is sealed stays so then.
    pub is_only_looking: bool,
    /// Whether to remember whose words are opened, see [`Met`].
    pub is_tracing: bool,
    /// Where it is shown with what the log is sealed, to whoever keeps something beside it.
    pub at_work: Arc<AtWork>,
}

impl Sealing {
    /// Whether one of our keys is among them.
    fn expect_one_of(&self, recipients: &[Recipient]) -> Result<(), Error> {
        let mut own = self.identities.iter().map(Identity::recipient);
        if recipients.is_empty() || own.any(|own| recipients.contains(own)) {
            return Ok(());
        }
        let told = if self.identities.is_empty() {
            "the log is to be sealed, and there is no key to read it with later"
        } else {
            "the log is to be sealed for others alone: the key that was given is that of nobody in `state.encryption.recipients`"
        };
        Err(Error::Locked { told: told.to_owned(), hint: WHERE.to_owned() })
    }
}

/// What a configuration wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Wanted {
    /// None: nobody knows, so what was wanted last.
    extent: Option<Extent>,
    recipients: Vec<Recipient>,
    /// Keys that are taken though nobody can be shown to have made them, by their digest.
    trusted_keys: Option<String>,
}

struct Known {
    /// Where the keys were found; none where there are none.
    commit: Option<ObjectId>,
    recipients: Vec<Recipient>,
    opener: Arc<Opener>,
    /// Whose key of ours opened them; none where nothing was to be opened.
    opened_by: Option<Recipient>,
    /// What is there of keys that we did not make, until the next append adds our proof; none where ours is there.
    unvouched: Option<Unvouched>,
}

/// Keys that wait for the next append.
struct Changed {
    base: Option<ObjectId>,
    keyring: Keyring,
    /// The commits that were made of them and may have been pushed, though nobody heard of it.
    made: Vec<ObjectId>,
}

/// What is known of the keys.
#[derive(Default)]
pub(super) struct Keys {
    sealing: Option<Sealing>,
    wanted: Mutex<Wanted>,
    known: Mutex<Option<Known>>,
    changed: Mutex<Option<Changed>>,
}

/// Keys to be pushed with an append.
pub(super) struct NewKeys {
    pub(super) update: RefUpdate,
    pub(super) objects: Vec<ObjectId>,
    pub(super) opener: Arc<Opener>,
    recipients: Vec<Recipient>,
}

impl GitLog {
    /// Seals and opens with this.
    #[must_use]
    pub fn with_sealing(mut self, sealing: Sealing) -> Self {
        self.keys.sealing = Some(sealing);
        self
    }

    /// Seals from now on as a configuration wants it; no extent: it cannot be read, so as was wanted last.
    pub fn seal_as(&self, extent: Option<Extent>, recipients: Vec<Recipient>) {
        let mut wanted = unpoisoned(&self.keys.wanted);
        (wanted.extent, wanted.recipients) = (extent, recipients);
    }

    /// Takes the keys of this digest, be they made by whom they may: somebody looked at them and says so.
    pub fn trust_keys(&self, digest: Option<String>) {
        unpoisoned(&self.keys.wanted).trusted_keys = digest;
    }

    /// The keys, once the log was read; none where nothing is sealed, or they could not be opened.
    #[must_use]
    pub fn keyring(&self) -> Option<Keyring> {
        unpoisoned(&self.keys.known).as_ref()?.opener.keyring().cloned()
    }

    /// What was met of what is sealed.
    #[must_use]
    pub fn met(&self) -> Met {
        unpoisoned(&self.keys.known).as_ref().map(|known| known.opener.met()).unwrap_or_default()
    }

    /// The full name of the ref of the keys.
    #[must_use]
    pub fn keys_reference(&self) -> String {
        self.settings.keys()
    }

    /// For whom the keys are closed, once the log was read.
    #[must_use]
    pub fn readers(&self) -> Vec<Recipient> {
        unpoisoned(&self.keys.known).as_ref().map(|known| known.recipients.clone()).unwrap_or_default()
    }

    /// Reads with these keys from now on, and has the next append put them in the place of the others. If those are
    /// changed by somebody else before, that append is a conflict for good.
    pub fn change_keys(&self, mut keyring: Keyring) {
        keyring.version += 1;
        let mut known = unpoisoned(&self.keys.known);
        let (base, recipients, opened_by) = known
            .as_ref()
            .map(|known| (known.commit, known.recipients.clone(), known.opened_by.clone()))
            .unwrap_or_default();
        let opener = self.made_opener(Some(keyring.clone()));
        self.show(&opener);
        *known = Some(Known { commit: base, recipients, opener, opened_by, unvouched: None });
        *unpoisoned(&self.keys.changed) = Some(Changed { base, keyring, made: Vec::new() });
    }

    fn made_opener(&self, keyring: Option<Keyring>) -> Arc<Opener> {
        let extent = unpoisoned(&self.keys.wanted).extent;
        let extent = extent.or(keyring.as_ref().map(|keyring| keyring.extent)).unwrap_or_default();
        let (entropy, is_tracing) = match &self.keys.sealing {
            Some(sealing) => (Arc::clone(&sealing.entropy), sealing.is_tracing),
            None => (Arc::new(Entropy::System), false),
        };
        Arc::new(Opener::new(keyring, extent, entropy).tracing(is_tracing))
    }

    /// Shows with what is sealed and opened from now on.
    fn show(&self, opener: &Arc<Opener>) {
        if let Some(sealing) = &self.keys.sealing {
            sealing.at_work.put(Arc::clone(opener));
        }
    }

    /// Keys that are not there, or that we do not open.
    fn no_keys(&self, commit: Option<ObjectId>, recipients: Vec<Recipient>) -> Known {
        Known { commit, recipients, opener: self.made_opener(None), opened_by: None, unvouched: None }
    }

    /// What opens what is read, as far as it was unlocked.
    pub(super) fn opener(&self) -> Arc<Opener> {
        let known = unpoisoned(&self.keys.known).as_ref().map(|known| Arc::clone(&known.opener));
        known.unwrap_or_else(|| self.made_opener(None))
    }

    /// Where the keys are, as far as is known.
    pub(super) fn keys_at(&self) -> Option<ObjectId> {
        unpoisoned(&self.keys.known).as_ref().and_then(|known| known.commit)
    }

    /// Opens the keys that were seen last, for a log with this head.
    pub(super) async fn unlock(&self, head: Option<&HeadFile>) -> Result<(), Error> {
        let at = (*unpoisoned(&self.seen)).and_then(|seen| seen.keys);
        let mark = head.and_then(|head| head.keys.as_ref());
        if !self.is_settled(at)? {
            let found = match at {
                Some(commit) => self.found_keys(commit).await?,
                None => self.no_keys(None, Vec::new()),
            };
            self.show(&found.opener);
            *unpoisoned(&self.keys.known) = Some(found);
        }
        self.expect_own_key()?;
        let keyring = self.keyring();
        let Some(mark) = mark else { return Ok(()) };
        let name = self.settings.keys();
        match keyring {
            Some(keyring) if keyring.id != mark.id => Err(Error::Locked {
                told: format!("the keys at {name} are those of another log"),
                hint: "Put the log's own keys back from wherever they were kept.".to_owned(),
            }),
            Some(keyring) if keyring.version < mark.version => Err(Error::Locked {
                told: format!(
                    "the keys at {name} were set back: they are of version {}, the log was written with version {}",
                    keyring.version, mark.version
                ),
                hint: "Put the newest keys back. Older ones may still open what was forgotten since, and are not used."
                    .to_owned(),
            }),
            None if at.is_none() && !self.is_only_looking() => Err(Error::Locked {
                told: format!("the keys of what is sealed in the log are gone: there is no {name}"),
                hint: LOST.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Opens the keys for what is to be written on this tip. Nobody makes first keys for a log that holds what is sealed: what
    /// tells is the whole of it, since a snapshot that was put there by hand hides it, and it is read whole only then.
    pub(super) async fn unlock_to_write(&self, base: Option<&Tip>) -> Result<(), Error> {
        self.unlock(base.map(|base| &base.head)).await?;
        self.expect_opened()?;
        let wants_keys = unpoisoned(&self.keys.wanted).extent.is_some_and(Extent::is_anything);
        if let Some(base) = base.filter(|_| wants_keys && self.keyring().is_none()) {
            self.read_history_at(base, Sequence(1), &mut |_| {}).await?;
            self.expect_opened()?;
        }
        Ok(())
    }

    /// Whoever is about to write has read all that is sealed. `head.json` is no witness of that: whoever may push can take
    /// the name of the keys out of it, and a run that went on without them would seal under others what comes after.
    pub(super) fn expect_opened(&self) -> Result<(), Error> {
        if self.met().shut > 0 { self.expect_keys() } else { Ok(()) }
    }

    /// Whoever is about to write has the keys.
    fn expect_keys(&self) -> Result<(), Error> {
        if self.keyring().is_some() || self.is_only_looking() {
            return Ok(());
        }
        Err(self.no_keys_there())
    }

    /// That what was read holds what is sealed and no keys are there, for who only looks and would not be stopped by it; none
    /// where keys are, whoever can open them.
    #[must_use]
    pub fn lost_keys(&self) -> Option<Error> {
        let are_gone = self.keys_at().is_none() && self.keyring().is_none();
        (are_gone && self.met().shut > 0).then(|| self.no_keys_there())
    }

    fn no_keys_there(&self) -> Error {
        let name = self.settings.keys();
        Error::Locked {
            told: format!("the log holds what is sealed, and its keys are gone: there is no {name}"),
            hint: LOST.to_owned(),
        }
    }

    /// Whoever is about to write can read it later.
    fn expect_own_key(&self) -> Result<(), Error> {
        let wanted = unpoisoned(&self.keys.wanted).clone();
        match &self.keys.sealing {
            Some(sealing) if !sealing.is_only_looking && wanted.extent.is_some_and(Extent::is_anything) => {
                sealing.expect_one_of(&wanted.recipients)
            }
            _ => Ok(()),
        }
    }

    fn is_only_looking(&self) -> bool {
        self.keys.sealing.as_ref().is_some_and(|sealing| sealing.is_only_looking)
    }

    /// Whether the keys at this commit are the ones that are known, or were made here.
    fn is_settled(&self, at: Option<ObjectId>) -> Result<bool, Error> {
        let (mut known, mut changed) = (unpoisoned(&self.keys.known), unpoisoned(&self.keys.changed));
        if let Some(waiting) = changed.as_ref() {
            if let (Some(commit), Some(known)) = (at, known.as_mut())
                && waiting.made.contains(&commit)
            {
                // The append failed after its keys had arrived.
                known.commit = Some(commit);
                *changed = None;
                return Ok(true);
            }
            return if waiting.base == at { Ok(true) } else { Err(Error::Conflict) };
        }
        Ok(known.as_ref().is_some_and(|known| known.commit == at))
    }

    async fn found_keys(&self, commit: ObjectId) -> Result<Known, Error> {
        let name = self.settings.keys();
        let unreadable = |reason: &str| Error::Locked {
            told: format!("the keys at {name} cannot be read: {reason}"),
            hint: "Put them back from wherever they were kept.".to_owned(),
        };
        self.remote.fetch_whole(&self.objects, commit, None).await?;
        let tree = self.objects.read_commit(commit).and_then(|read| self.objects.read_tree(read.tree));
        let files: BTreeMap<Vec<u8>, ObjectId> = tree
            .map_err(|error| unreadable(&error.to_string()))?
            .into_iter()
            .map(|entry| (entry.name, entry.id))
            .collect();
        let ids: Vec<ObjectId> = files.values().copied().collect();
        self.remote.fetch_blobs(&self.objects, &ids).await?;
        let content = |name: &str| {
            let id = *files.get(name.as_bytes()).ok_or_else(|| unreadable(&format!("there is no {name}")))?;
            self.objects.read_blob(id).map_err(|error| unreadable(&error.to_string()))
        };
        let (closed, readers) = (content(KEYS)?, content(RECIPIENTS)?);
        let readers = String::from_utf8_lossy(&readers);
        let recipients: Vec<Recipient> =
            readers.lines().filter_map(|line| Recipient::parse(line).ok()).collect();
        let identities = self.keys.sealing.as_ref().map_or(&[][..], |sealing| &sealing.identities);
        if identities.is_empty() {
            if self.is_only_looking() {
                return Ok(self.no_keys(Some(commit), recipients));
            }
            return Err(Error::Locked {
                told: "the log is sealed, and there is no key to open it with".to_owned(),
                hint: WHERE.to_owned(),
            });
        }
        let opened = age::open(&closed, identities).map_err(|error| match error {
            age::Error::NotForUs => Error::Locked {
                told: format!(
                    "the log is sealed for others: the key that was given is that of {}",
                    identities.iter().map(|own| own.recipient().to_string()).collect::<Vec<_>>().join(", ")
                ),
                hint: WHERE.to_owned(),
            },
            age::Error::Broken(reason) => unreadable(reason),
        })?;
        let proofs = content(PROOF).map(|proofs| Proof::read(&proofs)).unwrap_or_default();
        let unvouched = self.expect_proof(closed, &proofs, &recipients, identities)?;
        let keyring =
            Keyring::read(&opened).ok_or_else(|| unreadable("they are of a newer Automata, or of none"))?;
        let ours = self.keys.sealing.as_ref().and_then(|sealing| sealing.repository);
        if let (Some(made_in), Some(ours)) = (keyring.repository, ours)
            && made_in != ours
        {
            return Err(Error::Locked {
                told: format!(
                    "the keys at {name} were made in another repository: number {made_in}, this is {ours}"
                ),
                hint:
                    "A copy of a repository begins a log of its own: name another branch in `state.branch`."
                        .to_owned(),
            });
        }
        let opened_by = identities.iter().map(Identity::recipient).find(|own| recipients.contains(own));
        let (opened_by, opener) = (opened_by.cloned(), self.made_opener(Some(keyring)));
        Ok(Known { commit: Some(commit), recipients, opener, opened_by, unvouched })
    }
}

fn no_randomness(error: NoRandomness) -> Error {
    Error::Locked {
        told: error.to_string(),
        hint: "Nothing was written. Run it on a system with a source of randomness.".to_owned(),
    }
}
