//! The hash chain over the stored lines: what makes a changed, missing or swapped line visible.

use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::ChainHash;

/// Hexadecimal digits of the hash before a line that the line itself repeats: enough to see by eye where
/// a chain breaks; the whole hash stands in `head.json`.
pub const PREFIX_DIGITS: usize = 12;

/// The text is not a chain hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a chain hash: it has sixty-four hexadecimal digits")]
pub struct NotAChainHash(String);

impl ChainHash {
    /// The hash after one more line, given without its newline.
    #[must_use]
    pub fn after(self, line: &[u8]) -> Self {
        Self(Sha256::new().chain_update(self.0).chain_update(line).finalize().into())
    }

    /// The first [`PREFIX_DIGITS`] digits.
    #[must_use]
    pub fn prefix(self) -> String {
        self.digits().into_iter().map(char::from).collect()
    }

    /// Whether `digits` are the first [`PREFIX_DIGITS`] digits.
    #[must_use]
    pub fn begins_with(self, digits: &str) -> bool {
        digits.as_bytes() == self.digits()
    }

    fn digits(self) -> [u8; PREFIX_DIGITS] {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        std::array::from_fn(|place| {
            let byte = self.0[place / 2];
            HEX[usize::from(if place % 2 == 0 { byte >> 4 } else { byte & 15 })]
        })
    }
}

impl FromStr for ChainHash {
    type Err = NotAChainHash;

    fn from_str(text: &str) -> Result<Self, NotAChainHash> {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let mut hash = [0; 32];
        if text.len() != 64 {
            return Err(NotAChainHash(text.to_owned()));
        }
        for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = match (digit(pair[0]), digit(pair[1])) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err(NotAChainHash(text.to_owned())),
            };
        }
        Ok(Self(hash))
    }
}

impl Serialize for ChainHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ChainHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_is_sha256_over_the_hash_before_and_the_line() {
        let first = ChainHash::START.after(b"one");
        // python3 -c "import hashlib; print(hashlib.sha256(bytes(32) + b'one').hexdigest())"
        assert_eq!(first.to_string(), "4e233ba6ac7032d3894ecea5974fd96176e564b024af45747eb46357af8d2401");
        assert_eq!(first.to_string().parse(), Ok(first));
        assert_eq!(first.prefix(), first.to_string()[..12]);
        assert!(first.begins_with(&first.prefix()) && !first.begins_with(&first.to_string()[..11]));
        assert_ne!(first.after(b"two"), ChainHash::START.after(b"two"));
        assert!("abc".parse::<ChainHash>().is_err() && "zz".repeat(32).parse::<ChainHash>().is_err());
    }
}
