//! What has to be kept where others can read: closed with a key that only we have.
//!
//! ChaCha20-Poly1305 with a nonce at random, under a key drawn from a secret of ours by HKDF-SHA-256, or one of a
//! [`keyring`]. What it is about goes into the proof, so that what was sealed for one thing does not open for another.

use std::fmt;
use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::hmac;

use super::entropy::{Entropy, NoRandomness};
use super::secrets::Secret;

pub mod age;
pub mod keyring;
pub mod proof;
mod tree;

/// What a sealed text begins with: its version.
const PREFIX: &str = "sealed1.";

/// A key to close and open with.
pub struct Seal(LessSafeKey);

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[seal]")
    }
}

impl Seal {
    /// The key for one purpose that follows from a secret. None for a secret that is too short to hold one.
    #[must_use]
    pub fn of(secret: &Secret, purpose: &str) -> Option<Self> {
        // Below that, all of them can be tried.
        const SHORTEST: usize = 20;
        if secret.expose().len() < SHORTEST {
            return None;
        }
        let salt = Salt::new(HKDF_SHA256, b"automata");
        let drawn = salt.extract(secret.expose().as_bytes());
        let info = [purpose.as_bytes()];
        let key = UnboundKey::from(drawn.expand(&info, &CHACHA20_POLY1305).ok()?);
        Some(Self(LessSafeKey::new(key)))
    }

    /// The key itself, where it is one already.
    fn with(key: &[u8; 32]) -> Option<Self> {
        UnboundKey::new(&CHACHA20_POLY1305, key).ok().map(LessSafeKey::new).map(Self)
    }

    /// The text closed, in letters that fit anywhere.
    #[must_use]
    pub fn close(&self, text: &Secret, about: &str, entropy: &Entropy) -> Option<String> {
        let closed = self.shut(text.expose().as_bytes(), about.as_bytes(), entropy.key().ok()?)?;
        Some(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(closed)))
    }

    /// What was closed; none where the key is another one, it was about something else, or it was changed.
    #[must_use]
    pub fn open(&self, sealed: &str, about: &str) -> Option<Secret> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed.strip_prefix(PREFIX)?).ok()?;
        let text = self.opened(bytes, about.as_bytes())?;
        std::str::from_utf8(&text).ok().map(Secret::new)
    }

    /// The nonce and the content closed.
    fn shut(&self, content: &[u8], about: &[u8], nonce: [u8; NONCE_LEN]) -> Option<Vec<u8>> {
        let mut closed = content.to_vec();
        let aad = Aad::from(about);
        self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut closed).ok()?;
        Some([&nonce[..], &closed].concat())
    }

    /// What [`Seal::shut`] closed.
    fn opened(&self, mut bytes: Vec<u8>, about: &[u8]) -> Option<Vec<u8>> {
        let (nonce, closed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        self.0.open_in_place(nonce, Aad::from(about), closed).ok().map(|content| content.to_vec())
    }
}

/// Shorter, where it can be: what is sealed cannot be compressed any more.
fn packed(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content)?;
    encoder.finish()
}

/// What was [`packed`]. Only what opened, and so is ours, comes here.
fn unpacked(packed: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    DeflateDecoder::new(packed).read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_opens_what_was_closed_about_the_same_thing() {
        let secret = Secret::new("a refresh token or a private key");
        let (entropy, seal) = (Entropy::seeded(1), Seal::of(&secret, "upload").unwrap());
        let text = Secret::new("https://example.org/upload?upload_id=x");
        let closed = seal.close(&text, "task 1", &entropy).unwrap();
        assert!(!closed.contains("example") && !format!("{seal:?}").contains("refresh"));
        assert_eq!(seal.open(&closed, "task 1"), Some(text.clone()));
        assert_ne!(seal.close(&text, "task 1", &entropy).unwrap(), closed, "no two look the same");
        assert_eq!(seal.open(&closed, "task 2"), None);
        assert_eq!(Seal::of(&secret, "other").unwrap().open(&closed, "task 1"), None);
        for broken in [
            "",
            "sealed1.",
            "sealed1.AAAA",
            &closed[..closed.len() - 2],
            &closed.replace("sealed1", "sealed2"),
        ] {
            assert_eq!(seal.open(broken, "task 1"), None, "{broken}");
        }
        assert!(Seal::of(&Secret::new("short"), "upload").is_none());
    }
}
