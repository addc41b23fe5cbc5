//! What a change has changed: Drive says how a file is now, never how it was, so the states are compared.

use serde::{Deserialize, Serialize};

use super::DriveKey;
use crate::domain::id::Login;
use crate::domain::time::Timestamp;

/// A file as it was seen, as far as changes of it are told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its name.
    #[serde(rename = "n")]
    pub name: String,
    /// Its type.
    #[serde(rename = "m")]
    pub mime: String,
    /// The folder it is in.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// What tells its content, to be compared only: of the revision, or for Google's own documents of the time of the
    /// last change. Folders have none.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Whether it is in the trash.
    #[serde(rename = "t", default, skip_serializing_if = "std::ops::Not::not")]
    pub trashed: bool,
    /// Who may do what: a digest, to be compared only; none where we cannot see it.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<String>,
}

/// One thing that is different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "aspect", rename_all = "snake_case")]
pub enum Aspect {
    /// It was not there before, or not seen.
    Added,
    /// It was deleted, or is not for us to see any more.
    Removed,
    /// It has another content.
    Content,
    /// It has another name.
    Renamed {
        /// The name before.
        from: String,
    },
    /// It is in another folder.
    Moved {
        /// The folder before.
        from: Option<String>,
    },
    /// It was put into the trash.
    Trashed,
    /// It was taken out of the trash.
    Restored,
    /// Somebody may do something else with it.
    Permissions,
    /// Something that Automata does not compare: a star, a description.
    Other,
}

impl Aspect {
    /// The words for all but the last, which nobody is told of.
    pub const WORDS: [&str; 8] =
        ["added", "removed", "content", "renamed", "moved", "trashed", "restored", "permissions"];

    /// One word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Content => "content",
            Self::Renamed { .. } => "renamed",
            Self::Moved { .. } => "moved",
            Self::Trashed => "trashed",
            Self::Restored => "restored",
            Self::Permissions => "permissions",
            Self::Other => "other",
        }
    }
}

/// What is different; none is there when it is gone, or was not known.
#[must_use]
pub fn compare(before: Option<&Seen>, after: Option<&Seen>) -> Vec<Aspect> {
    let (before, after) = match (before, after) {
        (_, None) => return vec![Aspect::Removed],
        (None, Some(after)) if after.trashed => return vec![Aspect::Trashed],
        (None, Some(_)) => return vec![Aspect::Added],
        (Some(before), Some(after)) => (before, after),
    };
    let mut found = Vec::new();
    match (before.trashed, after.trashed) {
        (false, true) => found.push(Aspect::Trashed),
        (true, false) => found.push(Aspect::Restored),
        _ => {}
    }
    if before.content != after.content || before.mime != after.mime {
        found.push(Aspect::Content);
    }
    if before.name != after.name {
        found.push(Aspect::Renamed { from: before.name.clone() });
    }
    if before.parent != after.parent {
        found.push(Aspect::Moved { from: before.parent.clone() });
    }
    // Where one of both could not be seen, nothing can be said.
    if before.grants.is_some() && after.grants.is_some() && before.grants != after.grants {
        found.push(Aspect::Permissions);
    }
    if found.is_empty() {
        found.push(Aspect::Other);
    }
    found
}

/// See [`crate::domain::event::Event::DriveChanged`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveChanged {
    /// Which file or folder.
    pub file: DriveKey,
    /// When, as Drive says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What is different.
    pub what: Vec<Aspect>,
    /// How it is now; none when it is gone, or in no watched folder any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Seen>,
    /// How it was last, when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Seen>,
    /// Where: the watched folder's name in the configuration, a colon, and the names from there on.
    pub place: String,
    /// Who changed it, where the configuration knows their login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Login>,
    /// The name that they have in Drive; empty when it is not told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The page a person looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether Automata did it itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ours: bool,
}

impl DriveChanged {
    /// Its type, now or as it was last.
    #[must_use]
    pub fn mime(&self) -> &str {
        self.now.as_ref().or(self.was.as_ref()).map_or("", |seen| seen.mime.as_str())
    }

    /// Its name, now or as it was last. A stranger's text.
    #[must_use]
    pub fn title(&self) -> &str {
        self.now.as_ref().or(self.was.as_ref()).map_or("", |seen| seen.name.as_str())
    }

    /// What is different, in words: `content, renamed`.
    #[must_use]
    pub fn words(&self) -> String {
        self.what.iter().map(Aspect::word).collect::<Vec<_>>().join(", ")
    }

    /// Who did it, as far as it is told. A stranger's text.
    #[must_use]
    pub fn who(&self) -> Option<&str> {
        self.by.as_ref().map(Login::as_str).or(Some(self.name.as_str())).filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_difference_is_named() {
        let seen = Seen {
            name: "a".into(),
            parent: Some("p".into()),
            content: Some("1".into()),
            grants: Some("x".into()),
            ..Seen::default()
        };
        let words =
            |after: &Seen| compare(Some(&seen), Some(after)).iter().map(Aspect::word).collect::<Vec<_>>();
        assert_eq!(words(&seen), ["other"]);
        assert_eq!(
            words(&Seen { name: "b".into(), content: Some("2".into()), ..seen.clone() }),
            ["content", "renamed"]
        );
        assert_eq!(words(&Seen { trashed: true, ..seen.clone() }), ["trashed"]);
        assert_eq!(words(&Seen { parent: None, grants: None, ..seen.clone() }), ["moved"]);
        assert_eq!(words(&Seen { grants: Some("y".into()), ..seen.clone() }), ["permissions"]);
        assert_eq!(compare(None, Some(&seen)), [Aspect::Added]);
        assert_eq!(compare(Some(&seen), None), [Aspect::Removed]);
        let back = compare(Some(&Seen { trashed: true, ..seen.clone() }), Some(&seen));
        assert_eq!(back, [Aspect::Restored]);
    }
}
