//! Keys of an encrypted log are made, and stored with the events that need them.

use std::sync::Arc;

use super::proved::Unvouched;
use super::{KEYS, Known, MESSAGE, NewKeys, PROOF, README, RECIPIENTS, no_randomness};
use crate::domain::encryption::{Extent, Recipient};
use crate::domain::time::Timestamp;
use crate::log::Error;
use crate::services::entropy::Entropy;
use crate::services::git::objects::{Draft, Entry, ObjectId};
use crate::services::git::remote::RefUpdate;
use crate::services::seal::age::{self};
use crate::services::seal::keyring::Keyring;
use crate::services::seal::proof::{Digest as KeysDigest, Proof};
use crate::services::state::{GitLog, local, unpoisoned};

impl GitLog {
    /// The keys that the next append has to bring: the first ones, changed ones, or the same for other people.
    pub(in crate::services::state) fn new_keys(&self, now: Timestamp) -> Result<Option<NewKeys>, Error> {
        let wanted = unpoisoned(&self.keys.wanted).clone();
        let Some(sealing) = &self.keys.sealing else { return Ok(None) };
        let (commit, readers, keyring, unvouched) = match unpoisoned(&self.keys.known).as_ref() {
            Some(known) => {
                let keyring = known.opener.keyring().cloned();
                (known.commit, known.recipients.clone(), keyring, known.unvouched.clone())
            }
            None => (None, Vec::new(), None, None),
        };
        let changed = unpoisoned(&self.keys.changed).as_ref().map(|changed| changed.keyring.clone());
        let extent = wanted.extent.unwrap_or_default();
        // Where nothing is to be sealed any more the same people go on reading what was.
        let recipients = if extent == Extent::Nothing { readers.clone() } else { wanted.recipients };
        let is_for_others = recipients.iter().collect::<std::collections::BTreeSet<_>>()
            != readers.iter().collect::<std::collections::BTreeSet<_>>();
        let keyring = match (keyring, changed) {
            (_, Some(mut changed)) => {
                changed.extent = wanted.extent.unwrap_or(changed.extent);
                changed
            }
            (None, None) if extent == Extent::Nothing || commit.is_some() => return Ok(None),
            (None, None) => {
                Keyring::new(extent, sealing.repository, &sealing.entropy).map_err(no_randomness)?
            }
            (Some(mut keyring), None) => {
                let is_other = wanted.extent.is_some_and(|extent| extent != keyring.extent);
                if !is_for_others && !is_other {
                    let vouch = |there: Unvouched| {
                        let proofs = there.vouched(&sealing.identities, &readers);
                        self.stored_keys(&keyring, (&there.closed, &proofs), readers.clone(), commit, now)
                    };
                    return unvouched.map(vouch).transpose();
                }
                (keyring.version, keyring.extent) = (keyring.version + 1, extent);
                if readers.iter().any(|reader| !recipients.contains(reader)) {
                    // They know what the keys up to now follow from.
                    keyring.begin_era(&sealing.entropy).map_err(no_randomness)?;
                }
                keyring
            }
        };
        sealing.expect_one_of(&recipients)?;
        self.written_keys(&keyring, recipients, commit, now).map(Some)
    }

    fn written_keys(
        &self,
        keyring: &Keyring,
        recipients: Vec<Recipient>,
        expected: Option<ObjectId>,
        now: Timestamp,
    ) -> Result<NewKeys, Error> {
        let entropy = self.keys.sealing.as_ref().map(|sealing| Arc::clone(&sealing.entropy));
        let entropy = entropy.unwrap_or_else(|| Arc::new(Entropy::System));
        let closed = age::close(&keyring.write(), &recipients, &entropy).map_err(no_randomness)?;
        let own = self.keys.sealing.as_ref().map_or(&[][..], |sealing| &sealing.identities);
        let proofs = Proof::all(KeysDigest::of(&closed, &recipients), own, &recipients);
        self.stored_keys(keyring, (&closed, &proofs), recipients, expected, now)
    }

    /// Writes closed keys, with the proofs of who made them, into a commit of their own.
    fn stored_keys(
        &self,
        keyring: &Keyring,
        (closed, proofs): (&[u8], &[Proof]),
        recipients: Vec<Recipient>,
        expected: Option<ObjectId>,
        now: Timestamp,
    ) -> Result<NewKeys, Error> {
        let names: String = recipients.iter().map(|recipient| format!("{recipient}\n")).collect();
        let blob = |content: &[u8]| self.objects.write_blob(content).map_err(local);
        let (readme, keys, readers) = (blob(README.1.as_bytes())?, blob(closed)?, blob(names.as_bytes())?);
        let proof = blob(&Proof::write(proofs))?;
        let entries = [
            Entry::file(README.0, readme),
            Entry::file(KEYS, keys),
            Entry::file(PROOF, proof),
            Entry::file(RECIPIENTS, readers),
        ];
        let tree = self.objects.write_tree(&entries).map_err(local)?;
        let author = (self.settings.author.0.as_str(), self.settings.author.1.as_str());
        let draft = Draft { tree, parents: Vec::new(), author, at: now, message: MESSAGE };
        let target = self.objects.write_commit(&draft).map_err(local)?;
        if let Some(changed) = unpoisoned(&self.keys.changed).as_mut() {
            changed.made.push(target);
        }
        Ok(NewKeys {
            update: RefUpdate { name: self.settings.keys(), expected, target },
            objects: vec![readme, keys, proof, readers, tree, target],
            opener: self.made_opener(Some(keyring.clone())),
            recipients,
        })
    }

    /// Takes keys that were pushed as the present ones, and says where they are.
    pub(in crate::services::state) fn take_keys(&self, keys: NewKeys) -> ObjectId {
        let NewKeys { update, opener, recipients, .. } = keys;
        let mut known = unpoisoned(&self.keys.known);
        let opened_by = known.take().and_then(|known| known.opened_by);
        self.show(&opener);
        *known = Some(Known { commit: Some(update.target), recipients, opener, opened_by, unvouched: None });
        drop(known);
        *unpoisoned(&self.keys.changed) = None;
        update.target
    }
}
