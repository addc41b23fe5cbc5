//! Files for several readers, as age writes them: what closes the keys of the log for those who may read it.
//!
//! <https://age-encryption.org/v1>, recipients of the sort X25519. `age -d -i key.txt keys.age` opens them as well.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::hmac;
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};
use zeroize::Zeroizing;

use super::Seal;
use crate::domain::encryption::{self, Recipient};
use crate::services::entropy::{Entropy, NoRandomness};
use crate::services::secrets::Secret;

const VERSION: &str = "age-encryption.org/v1";
/// What separates the keys for recipients in the proof of their header.
const WRAPPED_FOR: &[u8] = b"age-encryption.org/v1/X25519";
/// Bytes of a piece of the content.
const CHUNK: usize = 64 << 10;
/// Bytes that a proof adds.
const TAG: usize = 16;
/// Letters on a line of a header.
const COLUMNS: usize = 64;
/// Bytes of a header at most: thousands of recipients.
const HEADER: usize = 1 << 20;

/// The secret half of a key.
#[derive(Clone)]
pub struct Identity {
    secret: Zeroizing<[u8; 32]>,
    recipient: Recipient,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[the key of {}]", self.recipient)
    }
}

/// The text holds no key that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {0} is no key of age: a key begins with AGE-SECRET-KEY-1, as `age-keygen` prints it")]
pub struct NotAnIdentity(usize);

impl Identity {
    /// The keys in a text as `age-keygen` writes it: one in a line, lines that begin with `#` say nothing.
    ///
    /// # Errors
    /// [`NotAnIdentity`] for a line that is something else; what it is, is not repeated.
    pub fn all(text: &Secret) -> Result<Vec<Self>, NotAnIdentity> {
        let lines = text.plain().lines().enumerate();
        let said = lines.filter(|(_, line)| !line.trim().is_empty() && !line.trim().starts_with('#'));
        said.map(|(at, line)| {
            Secret::new(line).guard();
            encryption::decode(line.trim(), encryption::IDENTITY).map(Self::of).ok_or(NotAnIdentity(at + 1))
        })
        .collect()
    }

    fn of(secret: [u8; 32]) -> Self {
        let recipient = Recipient::of(x25519(secret, X25519_BASEPOINT_BYTES));
        Self { secret: Zeroizing::new(secret), recipient }
    }

    /// The key for one purpose that follows from this one.
    #[must_use]
    pub fn seal(&self, purpose: &str) -> Option<Seal> {
        Seal::of(&Secret::new(encryption::encode(&self.secret, encryption::IDENTITY)), purpose)
    }

    /// What only the holders of this key and of that recipient's have in common; none where that recipient is no key.
    pub(super) fn shared_with(&self, other: &Recipient) -> Option<Zeroizing<[u8; 32]>> {
        let shared = Zeroizing::new(x25519(*self.secret, *other.key()));
        (*shared != [0; 32]).then_some(shared)
    }

    /// The public half.
    #[must_use]
    pub const fn recipient(&self) -> &Recipient {
        &self.recipient
    }
}

/// Why a file does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It was closed for others.
    #[error("it was closed for other keys")]
    NotForUs,
    /// It is no such file, or was changed.
    #[error("it is no file of age, or was changed: {0}")]
    Broken(&'static str),
}

/// Closes `content` for everybody in `recipients`.
///
/// # Errors
/// [`NoRandomness`].
pub fn close(content: &[u8], recipients: &[Recipient], entropy: &Entropy) -> Result<Vec<u8>, NoRandomness> {
    let file_key: [u8; 16] = entropy.key()?;
    let mut header = format!("{VERSION}\n");
    for recipient in recipients {
        let secret: [u8; 32] = entropy.key()?;
        let share = x25519(secret, X25519_BASEPOINT_BYTES);
        let wrapping = wrapping_key(&x25519(secret, *recipient.key()), &share, recipient);
        let mut body = file_key.to_vec();
        seal(&wrapping, [0; NONCE_LEN], &mut body);
        header.push_str(&format!("-> X25519 {}\n", STANDARD_NO_PAD.encode(share)));
        let body = STANDARD_NO_PAD.encode(body);
        // A line that is full is followed by another one, be it empty.
        for line in body.as_bytes().chunks(COLUMNS) {
            header.push_str(&String::from_utf8_lossy(line));
            header.push('\n');
        }
    }
    header.push_str("---");
    let proof = hmac::sign(&header_key(&file_key), header.as_bytes());
    header.push_str(&format!(" {}\n", STANDARD_NO_PAD.encode(proof)));
    let mut file = header.into_bytes();
    let nonce: [u8; 16] = entropy.key()?;
    file.extend(nonce);
    let key = drawn(&file_key, &nonce, b"payload");
    let pieces = content.chunks(CHUNK).count().max(1);
    for piece in 0..pieces {
        let mut bytes = content[piece * CHUNK..content.len().min((piece + 1) * CHUNK)].to_vec();
        seal(&key, numbered(piece, piece + 1 == pieces), &mut bytes);
        file.extend(bytes);
    }
    Ok(file)
}

/// Opens what was closed for one of `identities`.
///
/// # Errors
/// [`Error`].
pub fn open(file: &[u8], identities: &[Identity]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (header, proof, content) = parts(file)?;
    let file_key = file_key(header, identities)?;
    hmac::verify(&header_key(&file_key), header.as_bytes(), &proof)
        .map_err(|_| Error::Broken("the proof of its header is wrong"))?;
    let (nonce, content) = content.split_at_checked(16).ok_or(Error::Broken("it ends too early"))?;
    let key = drawn(&file_key, nonce, b"payload");
    let pieces = content.len().div_ceil(CHUNK + TAG).max(1);
    // As long as it gets from the beginning: growing would leave copies behind.
    let mut opened = Zeroizing::new(Vec::with_capacity(content.len()));
    for piece in 0..pieces {
        let end = content.len().min((piece + 1) * (CHUNK + TAG));
        let mut bytes = Zeroizing::new(content[piece * (CHUNK + TAG)..end].to_vec());
        let text = unseal(&key, numbered(piece, piece + 1 == pieces), &mut bytes)
            .ok_or(Error::Broken("a part of its content was changed or is missing"))?;
        if text.is_empty() && piece > 0 {
            return Err(Error::Broken("it ends with nothing"));
        }
        opened.extend_from_slice(text);
    }
    Ok(opened)
}

/// The header up to its proof, the proof, and what follows.
fn parts(file: &[u8]) -> Result<(&str, Vec<u8>, &[u8]), Error> {
    let broken = Error::Broken;
    let searched = &file[..file.len().min(HEADER)];
    let mark = b"\n--- ";
    let at = searched.windows(mark.len()).position(|w| w == mark).ok_or(broken("its header has no end"))?;
    let header = std::str::from_utf8(&file[..at + 4]).map_err(|_| broken("its header is no text"))?;
    let rest = &file[at + mark.len()..];
    let end = rest.iter().position(|byte| *byte == b'\n').ok_or(broken("its header has no end"))?;
    let proof = STANDARD_NO_PAD.decode(&rest[..end]).map_err(|_| broken("its header has no proof"))?;
    Ok((header, proof, &rest[end + 1..]))
}

/// The key of the file, out of the part of its header that is for one of `identities`.
fn file_key(header: &str, identities: &[Identity]) -> Result<[u8; 16], Error> {
    let mut lines = header.lines();
    if lines.next() != Some(VERSION) {
        return Err(Error::Broken("it is of another version"));
    }
    let mut lines = lines.peekable();
    while let Some(line) = lines.next() {
        let Some(sort) = line.strip_prefix("-> ") else { continue };
        let mut body = String::new();
        while let Some(more) = lines.next_if(|line| !line.starts_with("-> ") && !line.starts_with("---")) {
            body.push_str(more);
        }
        let Some(share) = sort.strip_prefix("X25519 ") else { continue };
        let bytes = |text: &str| STANDARD_NO_PAD.decode(text).ok();
        let share: Option<[u8; 32]> = bytes(share).and_then(|share| share.try_into().ok());
        let (Some(share), Some(body)) = (share, bytes(&body)) else {
            return Err(Error::Broken("a recipient of it cannot be read"));
        };
        for identity in identities {
            let shared = Zeroizing::new(x25519(*identity.secret, share));
            if *shared == [0; 32] {
                return Err(Error::Broken("a recipient of it is none"));
            }
            let key = wrapping_key(&shared, &share, &identity.recipient);
            let mut body = body.clone();
            if let Some(key) = unseal(&key, [0; NONCE_LEN], &mut body) {
                return key.try_into().map_err(|_| Error::Broken("its key has another length"));
            }
        }
    }
    Err(Error::NotForUs)
}

fn wrapping_key(shared: &[u8; 32], share: &[u8; 32], recipient: &Recipient) -> [u8; 32] {
    drawn(shared, &[&share[..], recipient.key()].concat(), WRAPPED_FOR)
}

fn header_key(file_key: &[u8; 16]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &drawn(file_key, b"", b"header"))
}

/// HKDF-SHA-256.
fn drawn(secret: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let infos = [info];
    // Only a length beyond 255 times 32 can be refused.
    if let Ok(okm) = Salt::new(HKDF_SHA256, salt).extract(secret).expand(&infos, HKDF_SHA256) {
        let _ = okm.fill(&mut key);
    }
    key
}

/// The nonce of a piece: its number, and whether it is the last.
fn numbered(piece: usize, is_last: bool) -> [u8; NONCE_LEN] {
    let mut nonce = [0; NONCE_LEN];
    nonce[3..11].copy_from_slice(&(piece as u64).to_be_bytes());
    nonce[11] = u8::from(is_last);
    nonce
}

fn aead(key: &[u8; 32]) -> Option<LessSafeKey> {
    UnboundKey::new(&CHACHA20_POLY1305, key).ok().map(LessSafeKey::new)
}

fn seal(key: &[u8; 32], nonce: [u8; NONCE_LEN], bytes: &mut Vec<u8>) {
    // A key of 32 bytes is never refused, and no piece is as long as the cipher's limit.
    if let Some(key) = aead(key) {
        let _ = key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), bytes);
    }
}

fn unseal<'a>(key: &[u8; 32], nonce: [u8; NONCE_LEN], bytes: &'a mut [u8]) -> Option<&'a [u8]> {
    let nonce = Nonce::assume_unique_for_key(nonce);
    aead(key)?.open_in_place(nonce, Aad::empty(), bytes).ok().map(|text| &*text)
}

#[cfg(test)]
mod tests;
