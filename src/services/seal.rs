//! Secrets that have to be kept where others can read: closed with a key that only we have.
//!
//! ChaCha20-Poly1305 under a key drawn from a secret of ours by HKDF-SHA-256, with a nonce at random. What it is
//! about goes into the proof, so that what was sealed for one thing does not open for another.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};

use super::entropy::Entropy;
use super::secrets::Secret;

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

    /// The text closed, in letters that fit anywhere.
    #[must_use]
    pub fn close(&self, text: &Secret, about: &str, entropy: &Entropy) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        nonce[..8].copy_from_slice(&entropy.bits().to_le_bytes());
        nonce[8..].copy_from_slice(&entropy.bits().to_le_bytes()[..NONCE_LEN - 8]);
        let mut closed = text.expose().as_bytes().to_vec();
        let aad = Aad::from(about.as_bytes());
        self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut closed).ok()?;
        Some(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode([&nonce[..], &closed].concat())))
    }

    /// What was closed; none where the key is another one, it was about something else, or it was changed.
    #[must_use]
    pub fn open(&self, sealed: &str, about: &str) -> Option<Secret> {
        let mut bytes = URL_SAFE_NO_PAD.decode(sealed.strip_prefix(PREFIX)?).ok()?;
        let (nonce, closed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = self.0.open_in_place(nonce, Aad::from(about.as_bytes()), closed).ok()?;
        std::str::from_utf8(text).ok().map(Secret::new)
    }
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
