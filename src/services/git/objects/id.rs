//! The name of an object.

use std::fmt;
use std::str::FromStr;

use crate::domain::id::CommitId;

/// The name of an object: its SHA-1, forty hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub(in crate::services::git) git2::Oid);

/// The text is not an object's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a git object: it has forty hexadecimal digits")]
pub struct NotAnObjectId(String);

impl ObjectId {
    /// What stands for "no object" where a ref is to be deleted.
    #[must_use]
    pub fn nothing() -> Self {
        Self(git2::Oid::ZERO_SHA1)
    }

    /// Whether it stands for "no object".
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self.0.is_zero()
    }
}

impl FromStr for ObjectId {
    type Err = NotAnObjectId;

    fn from_str(text: &str) -> Result<Self, NotAnObjectId> {
        if text.len() != 40 {
            return Err(NotAnObjectId(text.to_owned()));
        }
        git2::Oid::from_str(text).map(Self).map_err(|_| NotAnObjectId(text.to_owned()))
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<ObjectId> for CommitId {
    fn from(id: ObjectId) -> Self {
        Self::new(id.to_string())
    }
}

impl TryFrom<&CommitId> for ObjectId {
    type Error = NotAnObjectId;

    fn try_from(id: &CommitId) -> Result<Self, NotAnObjectId> {
        id.as_str().parse()
    }
}
