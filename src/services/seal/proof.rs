//! Who made the keys of a log. They are closed with public keys, which anybody can do; a proof can be made only with a
//! secret one.
//!
//! For each reader there is one: HMAC-SHA-256 over the closed keys and the names of all readers, under a key that follows from what
//! the maker's secret key and the reader's have in common (X25519, both of them lasting). So it tells the reader that
//! the maker made the keys, or the reader himself, and nobody else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::hmac;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::age::Identity;
use crate::domain::encryption::Recipient;

/// The version of a file of proofs.
const FORMAT: u32 = 1;
/// What separates these keys from those that age draws of the same numbers.
const PURPOSE: &[u8] = b"automata keys 1";

/// What is proved: the closed keys, for exactly these readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of the keys as they are stored.
    #[must_use]
    pub fn of(closed: &[u8], readers: &[Recipient]) -> Self {
        let mut digest = Sha256::new();
        digest.update((closed.len() as u64).to_be_bytes());
        digest.update(closed);
        for reader in readers {
            digest.update(reader.key());
        }
        Self(digest.finalize().into())
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// That somebody made the keys, for one reader to check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    by: Recipient,
    #[serde(rename = "for")]
    reader: Recipient,
    /// Base64.
    mac: String,
}

/// Proofs as they are stored.
#[derive(Serialize, Deserialize)]
struct File {
    format: u32,
    proofs: Vec<Proof>,
}

/// Why keys are not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unproved {
    /// There is no proof that we could check.
    Nobody,
    /// It is somebody's of whom we do not know that they may.
    Stranger(Recipient),
    /// The keys, or for whom they are, were changed after it was made.
    Changed,
}

impl Proof {
    /// Proofs for all `readers` by every key of ours.
    #[must_use]
    pub fn all(digest: Digest, own: &[Identity], readers: &[Recipient]) -> Vec<Self> {
        let each = own.iter().flat_map(|own| readers.iter().map(move |reader| (own, reader)));
        let made = each.filter_map(|(own, reader)| {
            let key = key(own, reader, (own.recipient(), reader))?;
            let mac = STANDARD_NO_PAD.encode(hmac::sign(&key, &digest.0));
            Some(Self { by: own.recipient().clone(), reader: reader.clone(), mac })
        });
        made.collect()
    }

    /// Who made them.
    #[must_use]
    pub const fn by(&self) -> &Recipient {
        &self.by
    }

    /// Whether it holds for the one of us that it is for.
    fn holds(&self, digest: Digest, own: &[Identity]) -> bool {
        let Ok(mac) = STANDARD_NO_PAD.decode(&self.mac) else { return false };
        own.iter().filter(|own| *own.recipient() == self.reader).any(|own| {
            key(own, &self.by, (&self.by, &self.reader))
                .is_some_and(|key| hmac::verify(&key, &digest.0, &mac).is_ok())
        })
    }

    /// The file for these proofs.
    #[must_use]
    pub fn write(proofs: &[Self]) -> Vec<u8> {
        let mut content =
            serde_json::to_vec_pretty(&File { format: FORMAT, proofs: proofs.to_vec() }).unwrap_or_default();
        content.push(b'\n');
        content
    }

    /// The proofs in a file; none in what is no such file.
    #[must_use]
    pub fn read(content: &[u8]) -> Vec<Self> {
        let read = serde_json::from_slice::<File>(content).ok().filter(|file| file.format == FORMAT);
        read.map(|file| file.proofs).unwrap_or_default()
    }
}

/// Those proofs of `proofs` that hold for us and are by somebody whom `is_trusted` names.
///
/// # Errors
/// [`Unproved`] when there is none.
pub fn checked(
    proofs: &[Proof],
    digest: Digest,
    own: &[Identity],
    is_trusted: impl Fn(&Recipient) -> bool,
) -> Result<Vec<Proof>, Unproved> {
    let is_ours = |proof: &&Proof| own.iter().any(|own| *own.recipient() == proof.reader);
    let ours: Vec<&Proof> = proofs.iter().filter(is_ours).collect();
    let (trusted, strange): (Vec<&Proof>, Vec<&Proof>) =
        ours.into_iter().partition(|proof| is_trusted(&proof.by));
    let made_by_these: Vec<&Recipient> =
        trusted.iter().filter(|proof| proof.holds(digest, own)).map(|proof| &proof.by).collect();
    if !made_by_these.is_empty() {
        // What they proved to others is for those to check.
        return Ok(proofs.iter().filter(|proof| made_by_these.contains(&&proof.by)).cloned().collect());
    }
    Err(match strange.into_iter().find(|proof| proof.holds(digest, own)) {
        Some(proof) => Unproved::Stranger(proof.by.clone()),
        None if trusted.is_empty() => Unproved::Nobody,
        None => Unproved::Changed,
    })
}

/// The key for proofs by the first of `both` for the second, one of whom we are.
fn key(own: &Identity, other: &Recipient, both: (&Recipient, &Recipient)) -> Option<hmac::Key> {
    let shared = own.shared_with(other)?;
    let salt = [&both.0.key()[..], &both.1.key()[..]].concat();
    let drawn = Salt::new(HKDF_SHA256, &salt).extract(&shared[..]);
    Some(hmac::Key::from(drawn.expand(&[PURPOSE], hmac::HMAC_SHA256).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::encryption::{IDENTITY, encode};
    use crate::services::secrets::Secret;

    fn identity(who: u8) -> Identity {
        Identity::all(&Secret::new(encode(&[who; 32], IDENTITY))).unwrap().remove(0)
    }

    #[test]
    fn only_who_holds_a_key_that_is_trusted_makes_keys_that_are_taken() {
        let (ours, friend, stranger) = (identity(1), identity(2), identity(3));
        let readers = vec![ours.recipient().clone(), friend.recipient().clone()];
        let digest = Digest::of(b"keys", &readers);
        let is_trusted = |by: &Recipient| readers.contains(by);
        let check = |proofs: &[Proof], digest, own: &Identity| {
            checked(proofs, digest, std::slice::from_ref(own), is_trusted)
        };
        let proofs = Proof::all(digest, std::slice::from_ref(&friend), &readers);
        for reader in [&ours, &friend] {
            assert_eq!(check(&Proof::read(&Proof::write(&proofs)), digest, reader), Ok(proofs.clone()));
        }
        assert_eq!(check(&proofs, digest, &stranger), Err(Unproved::Nobody), "it is not for them");
        let others = [Digest::of(b"Keys", &readers), Digest::of(b"keys", &readers[..1])];
        for other in others {
            assert_eq!(check(&proofs, other, &ours), Err(Unproved::Changed));
        }
        let by_stranger = Proof::all(digest, std::slice::from_ref(&stranger), &readers);
        assert_eq!(
            check(&by_stranger, digest, &ours),
            Err(Unproved::Stranger(stranger.recipient().clone())),
            "it holds, and is nobody's who may"
        );
        let mut renamed = by_stranger;
        renamed.iter_mut().for_each(|proof| proof.by = friend.recipient().clone());
        assert_eq!(check(&renamed, digest, &ours), Err(Unproved::Changed));
        assert_eq!(check(&[], digest, &ours), Err(Unproved::Nobody));
        assert_eq!(Proof::read(b"{}"), vec![]);
    }

    #[test]
    fn what_was_proved_to_others_stays_beside_it_and_what_was_added_does_not() {
        let (ours, friend, stranger) = (identity(1), identity(2), identity(3));
        let readers = vec![ours.recipient().clone(), friend.recipient().clone()];
        let digest = Digest::of(b"keys", &readers);
        let made = Proof::all(digest, std::slice::from_ref(&friend), &readers);
        let mut all = Proof::all(digest, std::slice::from_ref(&stranger), &readers);
        all.extend(made.clone());
        let kept = checked(&all, digest, std::slice::from_ref(&ours), |by| readers.contains(by));
        assert_eq!(kept, Ok(made));
    }
}
