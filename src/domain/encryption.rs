//! For whom the log is encrypted, and how much of it: age recipients as people write them.
//!
//! A recipient is the public half of a key of age (<https://age-encryption.org/v1>, X25519): 32 bytes in Bech32 (BIP 173)
//! that begin with `age1`. The private half is written the same way and begins with `AGE-SECRET-KEY-1`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the public half begins with, before the `1` that ends every such beginning.
pub const RECIPIENT: &str = "age";
/// What the private half begins with.
pub const IDENTITY: &str = "age-secret-key-";

/// How much of the log is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Nothing.
    #[default]
    Nothing,
    /// What people and assistants wrote, addresses, sessions; types, times, subjects and names stay readable.
    Sensitive,
    /// Everything but types, times and subjects.
    All,
}

impl Extent {
    /// Whether anything is.
    #[must_use]
    pub fn is_anything(self) -> bool {
        self != Self::Nothing
    }
}

/// Somebody who can read what is encrypted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recipient([u8; 32]);

/// The text is no recipient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARecipient {
    /// It is the private half, which must not be written down there.
    #[error("this is the secret half of a key, which nobody else may see; the public half begins with age1")]
    Secret,
    /// It is something else.
    #[error(
        "`{0}` is no recipient of age: it begins with age1 and has 62 letters, as `age-keygen` prints it"
    )]
    Other(String),
}

impl Recipient {
    /// The recipient with this public key.
    #[must_use]
    pub const fn of(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Reads what `age-keygen` prints as the public key.
    ///
    /// # Errors
    /// [`NotARecipient`] when it is not that, a slip of one letter included: the text carries a checksum.
    pub fn parse(text: &str) -> Result<Self, NotARecipient> {
        let text = text.trim();
        if text.to_ascii_lowercase().starts_with(IDENTITY) {
            return Err(NotARecipient::Secret);
        }
        decode(text, RECIPIENT).map(Self).ok_or_else(|| NotARecipient::Other(text.to_owned()))
    }

    /// The public key, as X25519 has it.
    #[must_use]
    pub const fn key(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(&self.0, RECIPIENT))
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Recipient {
    type Error = NotARecipient;

    fn try_from(text: String) -> Result<Self, NotARecipient> {
        Self::parse(&text)
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.to_string()
    }
}

/// The digits of Bech32, which look alike as little as can be.
const DIGITS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// Digits of the checksum at the end.
const CHECKSUM: usize = 6;
/// Digits of 32 bytes.
const KEY_DIGITS: usize = 52;

/// The checksum's polynomial over digits of five bits (BIP 173).
fn polymod(digits: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    digits.fold(1, |sum, digit| {
        let top = sum >> 25;
        let sum = (sum & 0x01ff_ffff) << 5 ^ u32::from(digit);
        (0..5).filter(|bit| top >> bit & 1 == 1).fold(sum, |sum, bit| sum ^ GENERATOR[bit])
    })
}

/// What comes before the digits, as the checksum takes it in.
fn spread(prefix: &str) -> impl Iterator<Item = u8> {
    prefix.bytes().map(|byte| byte >> 5).chain([0]).chain(prefix.bytes().map(|byte| byte & 31))
}

/// The 32 bytes that `text` stands for when it begins with `prefix`; none when it is not exactly that.
#[must_use]
pub fn decode(text: &str, prefix: &str) -> Option<[u8; 32]> {
    let is_mixed =
        text.bytes().any(|c| c.is_ascii_lowercase()) && text.bytes().any(|c| c.is_ascii_uppercase());
    let lower = text.to_ascii_lowercase();
    let written = lower.strip_prefix(prefix)?.strip_prefix('1')?;
    let digits: Vec<u8> = written
        .bytes()
        .map(|c| DIGITS.iter().position(|digit| *digit == c).and_then(|at| u8::try_from(at).ok()))
        .collect::<Option<_>>()?;
    if is_mixed
        || digits.len() != KEY_DIGITS + CHECKSUM
        || polymod(spread(prefix).chain(digits.iter().copied())) != 1
    {
        return None;
    }
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for digit in &digits[..KEY_DIGITS] {
        (held, bits) = (held << 5 | u32::from(*digit), bits + 5);
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    // What is left of the last digit is nothing.
    (held == 0).then(|| bytes.try_into().ok())?
}

/// 32 bytes as text that begins with `prefix`.
#[must_use]
pub fn encode(key: &[u8; 32], prefix: &str) -> String {
    let (mut digits, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in key {
        (held, bits) = (held << 8 | u32::from(*byte), bits + 8);
        while bits >= 5 {
            bits -= 5;
            digits.push((held >> bits & 31) as u8);
            held &= (1 << bits) - 1;
        }
    }
    digits.push((held << (5 - bits) & 31) as u8);
    let sum = polymod(spread(prefix).chain(digits.iter().copied()).chain([0; CHECKSUM])) ^ 1;
    digits.extend((0..CHECKSUM).rev().map(|place| (sum >> (5 * place) & 31) as u8));
    let digits = digits.into_iter().map(|digit| char::from(DIGITS[usize::from(digit)]));
    format!("{prefix}1{}", digits.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The recipient in the specification's own example (<https://age-encryption.org/v1>).
    const KNOWN: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

    #[test]
    fn a_recipient_is_read_and_a_slip_is_noticed() {
        let known = Recipient::parse(&format!(" {KNOWN}\n")).unwrap();
        assert_eq!(known.to_string(), KNOWN);
        for (at, _) in KNOWN.char_indices().skip(4) {
            let mut slipped = KNOWN.to_owned();
            slipped.replace_range(at..=at, if &KNOWN[at..=at] == "q" { "p" } else { "q" });
            assert!(Recipient::parse(&slipped).is_err(), "{slipped}");
        }
        for wrong in ["", "age1", "age1q", "ssh-ed25519 AAAA", "age1é", &KNOWN.replace("age1z", "age1Z")] {
            assert!(matches!(Recipient::parse(wrong), Err(NotARecipient::Other(_))), "{wrong}");
        }
        let secret = encode(known.key(), IDENTITY).to_ascii_uppercase();
        assert_eq!(Recipient::parse(&secret), Err(NotARecipient::Secret));
        assert_eq!(decode(&secret, IDENTITY), Some(*known.key()));
    }

    proptest! {
        #[test]
        fn every_key_is_read_back(key: [u8; 32]) {
            prop_assert_eq!(decode(&encode(&key, RECIPIENT), RECIPIENT), Some(key));
            prop_assert_eq!(decode(&encode(&key, RECIPIENT).to_ascii_uppercase(), RECIPIENT), Some(key));
        }
    }
}
