//! Who may do what, as it is and as it is wanted.

use std::fmt;

use serde::Serialize;

/// Who is let in, in words of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// A person or a service account, by its address.
    User(String),
    /// A group, by its address.
    Group(String),
    /// Everybody of an organisation.
    Domain(String),
    /// Everybody who has the link.
    Anyone,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(address) => f.write_str(address),
            Self::Group(address) => write!(f, "group {address}"),
            Self::Domain(domain) => write!(f, "everybody at {domain}"),
            Self::Anyone => f.write_str("anyone with the link"),
        }
    }
}

impl Who {
    /// The same however capitals are used: addresses and domains have none.
    pub(super) fn key(&self) -> Self {
        match self {
            Self::User(address) => Self::User(address.to_lowercase()),
            Self::Group(address) => Self::Group(address.to_lowercase()),
            Self::Domain(domain) => Self::Domain(domain.to_lowercase()),
            Self::Anyone => Self::Anyone,
        }
    }

    /// The organisation that they belong to, where that can be told.
    pub(super) fn domain(&self) -> Option<String> {
        match self {
            Self::User(address) | Self::Group(address) => {
                address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase())
            }
            Self::Domain(domain) => Some(domain.to_lowercase()),
            Self::Anyone => None,
        }
    }
}

/// What somebody may do, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum May {
    /// See it.
    Reader,
    /// Say something about it.
    Commenter,
    /// Change it.
    Writer,
    /// Change, move and share what is in a shared drive.
    FileOrganizer,
    /// Manage a shared drive.
    Organizer,
    /// Own it.
    Owner,
}

impl May {
    /// Drive's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Commenter => "commenter",
            Self::Writer => "writer",
            Self::FileOrganizer => "fileOrganizer",
            Self::Organizer => "organizer",
            Self::Owner => "owner",
        }
    }

    /// What Drive's word means.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Reader, Self::Commenter, Self::Writer, Self::FileOrganizer, Self::Organizer, Self::Owner]
            .into_iter()
            .find(|may| may.word() == word)
    }
}

/// A grant that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its id.
    pub id: String,
    /// Who is let in; none where Drive keeps that back.
    pub who: Option<Who>,
    /// What they may do; none for what we have no word for.
    pub may: Option<May>,
    /// Whether it comes from above, so that it cannot be changed here.
    pub inherited: bool,
    /// Whether the account behind it was deleted.
    pub deleted: bool,
    /// Whether it ends by itself.
    pub ends: bool,
}

/// What is wanted of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Who may do what.
    pub grants: Vec<(Who, May)>,
    /// Whether others that are not inherited are to go.
    pub only: bool,
    /// Organisations whose people are no outsiders.
    pub inside: Vec<String>,
    /// The address of the account that we work with.
    pub own: Option<String>,
    /// Grants that we gave there ourselves, as another rule wants it.
    pub given: Vec<Given>,
}

/// A grant that another rule of the configuration led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Its id.
    pub id: String,
    /// What was given; none where that is not known any more.
    pub may: Option<May>,
}

impl Wanted {
    /// Whether this is our own account.
    pub(super) fn is_own(&self, who: &Who) -> bool {
        self.own.as_ref().is_some_and(|own| Who::User(own.clone()).key() == who.key())
    }

    /// Whether it is what we gave, or less.
    #[must_use]
    pub fn is_given(&self, standing: &Standing) -> bool {
        let is_it = |given: &Given| {
            given.id == standing.id
                && given.may.is_none_or(|most| standing.may.is_some_and(|may| may <= most))
        };
        !standing.deleted && self.given.iter().any(is_it)
    }
}
