//! Keys are taken from those alone who hold a key of a reader, whoever put them there: anybody who may push can close keys
//! of their own for us, and would read what is sealed under them.

use crate::domain::encryption::Recipient;
use crate::log::Error;
use crate::services::seal::age::Identity;
use crate::services::seal::proof::{self, Digest, Proof, Unproved};
use crate::services::state::{GitLog, unpoisoned};

/// Keys that none of us made, as they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unvouched {
    pub(super) closed: Vec<u8>,
    /// Those who did.
    proofs: Vec<Proof>,
}

impl Unvouched {
    /// The proofs with ours beside them. Whoever made the keys may be taken off the list of readers tomorrow.
    pub(super) fn vouched(&self, own: &[Identity], readers: &[Recipient]) -> Vec<Proof> {
        let digest = Digest::of(&self.closed, readers);
        self.proofs.iter().cloned().chain(Proof::all(digest, own, readers)).collect()
    }
}

impl GitLog {
    /// Whether the keys were made by somebody who may; gives what is to be vouched for, where it was none of us.
    pub(super) fn expect_proof(
        &self,
        closed: Vec<u8>,
        proofs: &[Proof],
        readers: &[Recipient],
        own: &[Identity],
    ) -> Result<Option<Unvouched>, Error> {
        let digest = Digest::of(&closed, readers);
        let wanted = unpoisoned(&self.keys.wanted).clone();
        let is_ours = |by: &Recipient| own.iter().any(|own| own.recipient() == by);
        // Who looks where no configuration names anybody has nobody to hold them against, and seals nothing.
        let is_anybody = self.is_only_looking() && wanted.recipients.is_empty();
        let is_trusted = |by: &Recipient| is_anybody || is_ours(by) || wanted.recipients.contains(by);
        match proof::checked(proofs, digest, own, is_trusted) {
            Ok(proofs) if proofs.iter().any(|proof| is_ours(proof.by())) => Ok(None),
            Ok(proofs) => Ok(Some(Unvouched { closed, proofs })),
            Err(_) if wanted.trusted_keys.is_some_and(|trusted| trusted == digest.to_string()) => {
                Ok(Some(Unvouched { closed, proofs: Vec::new() }))
            }
            Err(unproved) => Err(self.unproved(&unproved, digest)),
        }
    }

    fn unproved(&self, unproved: &Unproved, digest: Digest) -> Error {
        let name = self.settings.keys();
        let told = match unproved {
            Unproved::Nobody => {
                format!("the keys at {name} are not proved to be made by somebody who can read the log")
            }
            Unproved::Stranger(by) => {
                format!("the keys at {name} were made by {by}, who is not in `state.encryption.recipients`")
            }
            Unproved::Changed => {
                format!(
                    "the keys at {name}, or its list of readers, were exchanged by somebody who has none of their secret keys"
                )
            }
        };
        let hint = format!(
            "Put the log's own keys back from wherever they were kept. Only if you know that these are the right ones, made by an older \
             Automata or by a reader who has left, set `state.encryption.trusted_keys: \"{digest}\"` for the next run that writes; see docs/encryption.md."
        );
        Error::Locked { told, hint }
    }
}
