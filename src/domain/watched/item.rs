//! A file of Drive as the log names it: its id, small enough to be handed about like a number.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Letters of an id at most. Google's own have 19 to 44.
const LONGEST: usize = 63;

/// The id of a file, a folder or a shared drive: letters, digits, `-` and `_`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DriveKey {
    /// The letters, filled up with zeros.
    letters: [u8; LONGEST],
    count: u8,
}

/// The text is no id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no id of a file in Drive: letters, digits, `-` and `_` only, at most {LONGEST} of them")]
pub struct NotAnItem;

impl DriveKey {
    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only letters that stand for themselves were let in.
        std::str::from_utf8(&self.letters[..usize::from(self.count)]).unwrap_or_default()
    }
}

impl FromStr for DriveKey {
    type Err = NotAnItem;

    fn from_str(text: &str) -> Result<Self, NotAnItem> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if text.is_empty() || text.len() > LONGEST || !text.bytes().all(allowed) {
            return Err(NotAnItem);
        }
        let mut letters = [0; LONGEST];
        letters[..text.len()].copy_from_slice(text.as_bytes());
        let count = u8::try_from(text.len()).map_err(|_| NotAnItem)?;
        Ok(Self { letters, count })
    }
}

impl TryFrom<String> for DriveKey {
    type Error = NotAnItem;
    fn try_from(text: String) -> Result<Self, NotAnItem> {
        text.parse()
    }
}

impl From<DriveKey> for String {
    fn from(item: DriveKey) -> Self {
        item.as_str().to_owned()
    }
}

impl fmt::Display for DriveKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for DriveKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_are_ids_and_they_are_read_back() {
        let id = "1AbC-d_eF";
        assert_eq!(id.parse::<DriveKey>().unwrap().to_string(), id);
        for wrong in ["", "..", "a/b", "a b", "é", &"a".repeat(64)] {
            assert_eq!(wrong.parse::<DriveKey>(), Err(NotAnItem), "{wrong}");
        }
        assert!("a".parse::<DriveKey>().unwrap() < "ab".parse::<DriveKey>().unwrap());
    }
}
