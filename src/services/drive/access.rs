//! Who may do what with a file.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::{FileId, PermissionId};
use crate::domain::time::Timestamp;

/// What somebody may do, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// See it.
    Reader,
    /// Say something about it.
    Commenter,
    /// Change it.
    Writer,
    /// In shared drives: change, move and share what is in it.
    FileOrganizer,
    /// In shared drives: manage it, and its members.
    Organizer,
    /// In one's own drive: all of it.
    Owner,
}

impl Role {
    /// The word that Drive has for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Commenter => "commenter",
            Self::Writer => "writer",
            Self::FileOrganizer => "fileOrganizer",
            Self::Organizer => "organizer",
            Self::Owner => "owner",
        }
    }

    /// The role that Drive's word means.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Reader, Self::Commenter, Self::Writer, Self::FileOrganizer, Self::Organizer, Self::Owner]
            .into_iter()
            .find(|role| role.as_str() == word)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who is let in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grantee {
    /// A person, or a service account, by its address.
    User(String),
    /// A group, by its address.
    Group(String),
    /// Everybody of an organisation, by its domain.
    Domain(String),
    /// Everybody.
    Anyone,
}

impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(address) | Self::Group(address) => f.write_str(address),
            Self::Domain(domain) => write!(f, "everybody at {domain}"),
            Self::Anyone => f.write_str("anyone"),
        }
    }
}

/// For [`Grantee::Domain`] and [`Grantee::Anyone`]: how they come to the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// Who has the link.
    #[default]
    WithLink,
    /// Whoever searches.
    Discoverable,
}

/// A grant that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// Its id.
    pub id: PermissionId,
    /// Who is let in; none for a kind that we do not know, or an address that Drive keeps back.
    pub grantee: Option<Grantee>,
    /// The name of the person, the group or the domain; empty when there is none.
    pub name: String,
    /// What they may do; none for a role that we do not know.
    pub role: Option<Role>,
    /// How everybody comes to the file.
    pub link: Link,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Whether ownership is offered, and not yet accepted.
    pub pending_owner: bool,
    /// Whether it comes from above only, so that it cannot be taken away here.
    pub inherited: bool,
    /// Where it comes from; known in shared drives.
    pub inherited_from: Option<FileId>,
    /// Whether the account behind it was deleted.
    pub deleted: bool,
}

/// Access to give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Who is let in.
    pub grantee: Grantee,
    /// What they may do. [`Role::Owner`] hands a file over at once, which works inside one organisation only.
    pub role: Role,
    /// How everybody comes to the file.
    #[serde(default)]
    pub link: Link,
    /// When it ends: for users and groups only, within a year, for folders only as [`Role::Reader`].
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Whether Drive writes a mail about it. At a transfer it does whatever stands here.
    #[serde(default)]
    pub notify: bool,
    /// What the mail says beside its own words.
    #[serde(default)]
    pub message: Option<String>,
    /// Offers ownership, between consumer accounts: the other accepts it with credentials of their own.
    #[serde(default)]
    pub offer_ownership: bool,
}

impl Grant {
    /// A grant without an end and without a mail.
    #[must_use]
    pub const fn new(grantee: Grantee, role: Role) -> Self {
        let link = Link::WithLink;
        Self { grantee, role, link, expires_at: None, notify: false, message: None, offer_ownership: false }
    }
}

/// What is to be different about a grant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantChange {
    /// What they may do. [`Role::Owner`] hands a file over at once, or accepts what was offered to us.
    pub role: Option<Role>,
    /// When it ends; the inner none takes the end away.
    pub expires_at: Option<Option<Timestamp>>,
    /// Offers ownership, or takes the offer back.
    pub offer_ownership: Option<bool>,
}
