//! The names that Drive gives to things, checked before they can reach an address.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::untrusted::one_line;

/// Characters of an id at most. Google's have 19 to 44; shared links of old ones up to 80.
const LONGEST: usize = 128;
/// Characters of a page token at most; Google's are well under two thousand.
const LONGEST_TOKEN: usize = 8_192;

/// The text is no id, so nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` is not {what}: {of}")]
pub struct NotAnId {
    what: &'static str,
    of: &'static str,
    shown: String,
}

/// What ids are of.
const OF_IDS: &str = "letters, digits, `-` and `_` only, at most 128 of them";
/// What page tokens are of.
const OF_TOKENS: &str = "characters of ASCII without spaces, at most 8192 of them";

fn is_id(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

macro_rules! checked_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes an id as Drive gave it.
            ///
            /// # Errors
            /// [`NotAnId`] for whatever could be more than one segment of an address.
            pub fn parse(text: &str) -> Result<Self, NotAnId> {
                if is_id(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NotAnId { what: $what, of: OF_IDS, shown: one_line(text, 60) })
                }
            }

            /// The id, safe as a segment of an address.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

checked_id! {
    /// A file, a folder or a shortcut; a shared drive's topmost folder has the drive's id.
    FileId, "the id of a file in Drive"
}
checked_id! {
    /// A shared drive.
    DriveId, "the id of a shared drive"
}
checked_id! {
    /// A grant on a file. The same person's has the same id on every file.
    PermissionId, "the id of a permission"
}
checked_id! {
    /// A state of a file's content.
    RevisionId, "the id of a revision"
}

impl FileId {
    /// The topmost folder of the account's own drive, by the alias that Drive takes for its id.
    #[must_use]
    pub fn root() -> Self {
        Self("root".to_owned())
    }

    /// The id that a link to a file or a folder names: `…/d/ID/edit`, `…/folders/ID`, `…?id=ID`; or the text
    /// itself where it is an id. None for links that lead elsewhere.
    #[must_use]
    pub fn in_link(text: &str) -> Option<Self> {
        let text = text.trim();
        let Some(rest) = text.strip_prefix("https://") else { return Self::parse(text).ok() };
        let (host, path) = rest.split_once('/')?;
        if !["drive.google.com", "docs.google.com"].contains(&host) {
            return None;
        }
        let path = path.split('#').next().unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut segments = path.split('/').skip_while(|segment| *segment != "d" && *segment != "folders");
        let in_query = || query.split('&').find_map(|pair| pair.strip_prefix("id="));
        Self::parse(segments.nth(1).or_else(in_query)?).ok()
    }

    /// The key that a link has beside the id: `…?resourcekey=KEY`. What was shared by links before 2021 is not there for whoever
    /// lacks it: <https://developers.google.com/workspace/drive/api/guides/resource-keys>.
    #[must_use]
    pub fn key_in_link(text: &str) -> Option<(Self, String)> {
        let id = Self::in_link(text)?;
        let (_, query) = text.trim().split('#').next()?.split_once('?')?;
        let key = query.split('&').find_map(|pair| pair.strip_prefix("resourcekey="))?;
        is_id(key).then(|| (id, key.to_owned()))
    }
}

impl DriveId {
    /// The drive's topmost folder.
    #[must_use]
    pub fn folder(&self) -> FileId {
        FileId(self.0.clone())
    }
}

/// Where a list goes on. Opaque, sent back as it came, and only to Drive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageToken(String);

impl PageToken {
    /// Takes a token as Drive gave it.
    ///
    /// # Errors
    /// [`NotAnId`] when it is empty, has characters that cannot be shown, or does not end.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        if (1..=LONGEST_TOKEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnId { what: "a page token", of: OF_TOKENS, shown: one_line(text, 60) })
        }
    }

    /// The token.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_another_address_is_no_id() {
        for trick in
            ["", "..", ".", "a/b", "../files/x/permissions/anyoneWithLink?x=", "a?b", "a%2Fb", "a b", "é"]
        {
            assert!(FileId::parse(trick).is_err(), "{trick}");
        }
        assert!(FileId::parse(&"a".repeat(129)).is_err());
        assert!(serde_json::from_str::<FileId>("\"a/b\"").is_err(), "what was stored is checked as well");
        insta::assert_snapshot!(FileId::parse("../x\n").unwrap_err(), @"`../x` is not the id of a file in Drive: letters, digits, `-` and `_` only, at most 128 of them");
    }

    #[test]
    fn a_link_names_its_file() {
        let id = "1AbC-d_eF";
        for link in [
            "1AbC-d_eF",
            " https://drive.google.com/file/d/1AbC-d_eF/view?usp=sharing ",
            "https://docs.google.com/document/d/1AbC-d_eF/edit#heading=h.x",
            "https://docs.google.com/spreadsheets/d/1AbC-d_eF",
            "https://drive.google.com/drive/folders/1AbC-d_eF?resourcekey=0-x",
            "https://drive.google.com/drive/u/0/folders/1AbC-d_eF",
            "https://drive.google.com/open?usp=x&id=1AbC-d_eF",
        ] {
            assert_eq!(FileId::in_link(link).map(String::from).as_deref(), Some(id), "{link}");
        }
        let key = |link| FileId::key_in_link(link).map(|(id, key)| format!("{id} {key}"));
        let link = "https://drive.google.com/file/d/1AbC/view?usp=sharing&resourcekey=0-x_Y#top";
        assert_eq!(key(link).as_deref(), Some("1AbC 0-x_Y"));
        for keyless in [
            "1AbC",
            "https://drive.google.com/file/d/1AbC/view",
            "https://drive.google.com/file/d/1AbC/view?resourcekey=",
            "https://drive.google.com/file/d/1AbC/view?resourcekey=a,b/c",
            "https://evil.example/file/d/1AbC/view?resourcekey=0-x",
        ] {
            assert_eq!(key(keyless), None, "{keyless}");
        }
        for elsewhere in [
            "https://drive.google.com.evil.example/file/d/1AbC/view",
            "https://evil.example/d/1AbC",
            "http://drive.google.com/file/d/1AbC/view",
            "https://drive.google.com/drive/my-drive",
            "https://drive.google.com/file/d/a%2Fb/view",
        ] {
            assert_eq!(FileId::in_link(elsewhere), None, "{elsewhere}");
        }
    }
}
