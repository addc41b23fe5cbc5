//! Inputs of the task kinds that change something in Google Drive besides putting a file there.

use serde::{Deserialize, Serialize};

use super::{DRIVE_SHARE, DriveShare};
use crate::domain::id::Login;
use crate::domain::payload::Payload;
use crate::domain::shape::{WrongInput, accepts};
use crate::domain::time::Timestamp;
use crate::domain::watched::DriveKey;

/// Gives, changes or takes access to something in Drive, or hands it over. Input: [`DriveAccess`].
pub const DRIVE_ACCESS: &str = "drive_access";
/// Renames, moves, copies, trashes, restores or deletes something in Drive, or makes folders. Input:
/// [`DriveOrganise`].
pub const DRIVE_ORGANISE: &str = "drive_organise";
/// Keeps a folder of the working copy and one in Drive in step. Input: [`DriveSync`].
pub const DRIVE_SYNC: &str = "drive_sync";
/// Compares who has access with what the configuration wants, and keeps one issue about what is not so. Input:
/// [`DriveAudit`].
pub const DRIVE_AUDIT: &str = "drive_audit";

/// What somebody may do, in Drive's words.
const ROLES: [&str; 5] = ["reader", "commenter", "writer", "fileOrganizer", "organizer"];

/// See [`DRIVE_ACCESS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveAccess {
    /// The file or folder, by its id: names are not unique and move, and access is given to one thing and no other.
    pub file: String,
    /// What it is called, for whoever reads the log.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What is to be different.
    pub change: AccessChange,
    /// How it was when this was asked for. Access to what was renamed, moved or thrown away since then is not changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<FileSeen>,
    /// For what an audit mends: how it found the grant that is to be different. It is left alone where it is another by
    /// now, or where a rule has given it since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<GrantFound>,
    /// The person who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Login>,
}

/// A grant as an audit found it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantFound {
    /// What they could do, in Drive's words; none: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// When it was to end by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A change of who may do what. People are written `mona@example.org`, `group:…`, `domain:…` or `anyone`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum AccessChange {
    /// Somebody gets access, or other access than before.
    Give {
        /// Who.
        who: String,
        /// What they may do, in Drive's words: `reader`, `commenter`, `writer`, `fileOrganizer`, `organizer`.
        role: String,
        /// When it ends by itself; for people and groups, within a year.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// Whether Drive writes a mail about it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        notify: bool,
    },
    /// Somebody loses access.
    Take {
        /// Who, or the id of the grant.
        who: String,
    },
    /// Another person owns it from now on; within one organisation.
    HandOver {
        /// Their address.
        to: String,
    },
    /// It is offered to another person, who has to accept; between accounts of no organisation.
    Offer {
        /// Their address.
        to: String,
    },
    /// What was offered to this account is accepted.
    Accept {
        /// The account's address.
        to: String,
    },
}

/// See [`DRIVE_ORGANISE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveOrganise {
    /// What it is done to, by its id; for new folders the one that they are made in.
    pub file: String,
    /// What it is called, for whoever reads the log.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What is to be done.
    pub action: Arrange,
    /// How it was when this was asked for. What somebody changed of it since then is found before anything is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<FileSeen>,
    /// How the folder was that it goes into, or a copy of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<FileSeen>,
    /// The person who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Login>,
}

/// Something that is done to a file or a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Arrange {
    /// It gets another name.
    Rename {
        /// The name.
        to: String,
    },
    /// It goes into another folder.
    Move {
        /// The folder's id.
        to: String,
        /// Its name there; otherwise as before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// A copy is made.
    Copy {
        /// The id of the folder that gets it.
        to: String,
        /// The copy's name; otherwise as the original's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// A shortcut is made that leads to it.
    Shortcut {
        /// The id of the folder that gets it.
        to: String,
        /// The shortcut's name; otherwise as what it leads to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    /// Whether only those get into this folder who are named at it, and not those of folders above.
    Limit {
        /// Whether it is so.
        limited: bool,
    },
    /// Folders are made in it, each in the one before.
    MakeFolders {
        /// Their names.
        names: Vec<String>,
    },
    /// It goes into the trash.
    Trash,
    /// It is taken out of the trash.
    Restore,
    /// It goes for good.
    Delete,
}

/// How a file was when somebody looked at it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSeen {
    /// Its name.
    pub name: String,
    /// The folder that it was in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Whether it was in the trash.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trashed: bool,
    /// What tells its content: the revision or the checksum, for Google's own documents the time of the last change;
    /// none for folders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// See [`DRIVE_SYNC`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveSync {
    /// A name under `drive.sync` in the configuration.
    pub name: String,
}

/// See [`DRIVE_AUDIT`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveAudit {
    /// Whether what the configuration lets be mended (`repair: true`) is mended before the issue is written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repair: bool,
    /// The labels of a new issue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

/// What an audit came to: the output of [`DRIVE_AUDIT`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveAudited {
    /// Things that are not as wanted.
    pub findings: usize,
    /// Things that are to be mended before it is looked at again.
    #[serde(default)]
    pub mending: usize,
    /// The issue that tells of them: its page. None while nothing has to be told, or a person has closed it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
}

/// Whether an input of one of these kinds has its shape, and something to do.
pub(super) fn check(kind: &str, input: &Payload) -> Result<(), WrongInput> {
    match kind {
        DRIVE_ACCESS => {
            accepts::<DriveAccess>(input)?;
            let access: DriveAccess = input.read().map_err(|error| wrong("", &error.to_string()))?;
            is_id("file", &access.file)?;
            match &access.change {
                AccessChange::Give { role, .. } if !ROLES.contains(&role.as_str()) => {
                    Err(wrong("change.role", &format!("it is one of {}", ROLES.join(", "))))
                }
                AccessChange::Give { who, .. } | AccessChange::Take { who } if who.is_empty() => {
                    Err(wrong("change.who", "it names nobody"))
                }
                _ => Ok(()),
            }
        }
        DRIVE_ORGANISE => {
            accepts::<DriveOrganise>(input)?;
            let organise: DriveOrganise = input.read().map_err(|error| wrong("", &error.to_string()))?;
            is_id("file", &organise.file)?;
            match &organise.action {
                Arrange::Move { to, .. } | Arrange::Copy { to, .. } | Arrange::Shortcut { to, .. } => {
                    is_id("action.to", to)
                }
                Arrange::Rename { to } if to.is_empty() => Err(wrong("action.to", "it is empty")),
                Arrange::MakeFolders { names } if names.is_empty() || names.iter().any(String::is_empty) => {
                    Err(wrong("action.names", "each folder needs a name"))
                }
                _ => Ok(()),
            }
        }
        DRIVE_AUDIT => accepts::<DriveAudit>(input),
        _ => {
            accepts::<DriveSync>(input)?;
            let named = input.read::<DriveSync>().is_ok_and(|sync| !sync.name.is_empty());
            if named { Ok(()) } else { Err(wrong("name", "it is empty")) }
        }
    }
}

fn wrong(field: &str, message: &str) -> WrongInput {
    WrongInput { field: field.to_owned(), message: message.to_owned() }
}

/// Whether a text can be one of Drive's ids: what could be more than a segment of an address is none.
fn is_id(field: &str, text: &str) -> Result<(), WrongInput> {
    let fits = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if fits { Ok(()) } else { Err(wrong(field, "ids of Drive have letters, digits, `-` and `_` only")) }
}

/// What a task of one of these kinds has for itself while it works, so that things happen to a file one after the
/// other and in the order they were asked for; none for other kinds. Of changes of the permissions of one file that
/// are made at once, Drive keeps the last alone.
#[must_use]
pub fn lock(kind: &str, input: &Payload) -> Option<String> {
    let file = match kind {
        DRIVE_ACCESS => input.read::<DriveAccess>().ok()?.file,
        DRIVE_ORGANISE => input.read::<DriveOrganise>().ok()?.file,
        // Of the issue's present folder only the state knows: see [`lock_of_folder`].
        DRIVE_SHARE => input.read::<DriveShare>().ok()?.folder?.as_str().to_owned(),
        DRIVE_SYNC => return Some(format!("drive sync {}", input.read::<DriveSync>().ok()?.name)),
        // Two at once would open two issues.
        DRIVE_AUDIT => return Some("drive audit".to_owned()),
        _ => return super::content::lock(kind, input),
    };
    Some(of_file(&file))
}

/// As [`lock`], for kinds that change the folder of the issue that they are about.
#[must_use]
pub fn lock_of_folder(kind: &str, folder: DriveKey) -> Option<String> {
    (kind == DRIVE_SHARE).then(|| of_file(folder.as_str()))
}

fn of_file(id: &str) -> String {
    format!("drive/{id}")
}
