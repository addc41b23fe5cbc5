//! Files and folders as Drive keeps them, and what can be changed of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{DriveId, FileId, PageToken, RevisionId};
use crate::domain::time::Timestamp;

/// The type of a folder.
pub const FOLDER: &str = "application/vnd.google-apps.folder";
/// The type of a shortcut.
pub const SHORTCUT: &str = "application/vnd.google-apps.shortcut";
/// What the types of all begin with that has no bytes of its own.
pub const GOOGLE: &str = "application/vnd.google-apps.";

/// A person, as far as Drive tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The address; none where Drive keeps it back.
    pub email: Option<String>,
    /// The name; empty when there is none.
    pub name: String,
}

/// What is known of a file's content. Google's own documents have none of it, and some files from before 2018
/// lack the SHA sums.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksums {
    /// MD5, hexadecimal, lower case.
    pub md5: Option<String>,
    /// SHA-1, hexadecimal, lower case.
    pub sha1: Option<String>,
    /// SHA-256, hexadecimal, lower case.
    pub sha256: Option<String>,
}

/// What we may do with a file: Drive's own answer, which counts grants, domain rules and restrictions together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of Drive's `capabilities`")]
pub struct Rights {
    /// Change the content.
    pub edit: bool,
    /// Change name and description.
    pub rename: bool,
    /// Change who may do what.
    pub share: bool,
    /// Read the content.
    pub download: bool,
    /// Copy it.
    pub copy: bool,
    /// Put it into the trash.
    pub trash: bool,
    /// Delete it for good.
    pub delete: bool,
    /// Put something into the folder.
    pub add_children: bool,
    /// See what is in the folder.
    pub list_children: bool,
    /// See earlier states.
    pub read_revisions: bool,
    /// Limit the folder to those named at it.
    pub limit_access: bool,
    /// Let those back in who inherit access.
    pub unlimit_access: bool,
    /// Become its owner, as was offered.
    pub accept_ownership: bool,
}

/// A file, a folder or a shortcut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that Drive keeps")]
pub struct File {
    /// Its id.
    pub id: FileId,
    /// Its name, which may hold anything and need not be the only one of its folder. It is a stranger's text.
    pub name: String,
    /// Its type.
    pub mime: String,
    /// The folder it is in; none for the topmost, and for what others shared with us. There is never more than
    /// one.
    pub parent: Option<FileId>,
    /// The shared drive it is in.
    pub drive: Option<DriveId>,
    /// Bytes of the content; none where there is none to download.
    pub size: Option<u64>,
    /// What the content adds up to.
    pub checksums: Checksums,
    /// Whether it is in the trash, itself or with a folder above.
    pub trashed: bool,
    /// Whether it was itself put there.
    pub explicitly_trashed: bool,
    /// Grows with every change that Drive makes to it, those by others included.
    pub version: u64,
    /// The state of the content; none for Google's own documents.
    pub revision: Option<RevisionId>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it was last changed by anyone.
    pub modified_at: Option<Timestamp>,
    /// Who changed it last.
    pub modified_by: Option<Person>,
    /// Who owns it; nobody what is in a shared drive.
    pub owners: Vec<Person>,
    /// Whether that is us.
    pub owned_by_me: bool,
    /// Whether others have access.
    pub shared: bool,
    /// Whether it is starred, by us.
    pub starred: bool,
    /// What it is about; empty when nobody said.
    pub description: String,
    /// What a shortcut leads to.
    pub shortcut_to: Option<FileId>,
    /// Values that only the OAuth client (or the service account's project) that wrote them sees.
    pub app_properties: BTreeMap<String, String>,
    /// Whether somebody was let in at this very file; none where Drive does not say so, which is outside of shared drives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_own_grants: Option<bool>,
    /// Whether only those named at this folder get in, and not those named above it.
    pub limited_access: bool,
    /// Whether those who may change it may share it.
    pub writers_can_share: bool,
    /// What we may do with it.
    pub rights: Rights,
    /// The page a person looks at.
    pub url: Option<String>,
}

impl File {
    /// Whether it can hold others.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.mime == FOLDER
    }

    /// Whether it is a folder of which this account does not see what is in it. A list of it is empty: that says nothing
    /// about what is there.
    #[must_use]
    pub fn is_unlistable(&self) -> bool {
        self.is_folder() && !self.rights.list_children
    }

    /// Google's word for the kind of what has no bytes of its own: `document`, `shortcut`.
    #[must_use]
    pub fn google_kind(&self) -> Option<&str> {
        self.mime.strip_prefix(GOOGLE)
    }

    /// Whether it has bytes of its own; what has none is exported.
    #[must_use]
    pub fn has_content(&self) -> bool {
        !self.mime.starts_with(GOOGLE)
    }
}

/// A file to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewFile {
    /// The id it gets, from [`super::Drive::generate_ids`]; a second try with it makes no second file. Drive
    /// refuses it for what it converts to its own formats.
    pub id: Option<FileId>,
    /// Its name; for a copy, none keeps "Copy of …".
    pub name: Option<String>,
    /// Its type; Drive guesses one when there is none. A Google type converts what is uploaded.
    pub mime: Option<String>,
    /// The folder it goes into; the topmost of our own when none is said.
    pub parent: Option<FileId>,
    /// What it is about.
    pub description: Option<String>,
    /// What a shortcut leads to.
    pub shortcut_to: Option<FileId>,
    /// Values that only our application sees: at most 30, of 124 bytes with their names.
    pub app_properties: BTreeMap<String, String>,
    /// When it was last changed, for a copy of something older.
    pub modified_at: Option<Timestamp>,
    /// Whether the first revision is kept for ever.
    pub keep_revision: bool,
}

impl NewFile {
    /// A folder.
    #[must_use]
    pub fn folder(id: FileId, name: &str, parent: FileId) -> Self {
        Self {
            id: Some(id),
            name: Some(name.to_owned()),
            mime: Some(FOLDER.to_owned()),
            parent: Some(parent),
            ..Self::default()
        }
    }

    /// A shortcut to `target`. What it leads to cannot be changed later.
    #[must_use]
    pub fn shortcut(id: FileId, name: &str, parent: FileId, target: FileId) -> Self {
        let mime = Some(SHORTCUT.to_owned());
        Self { mime, shortcut_to: Some(target), ..Self::folder(id, name, parent) }
    }
}

/// What came of making a file with an id that was drawn before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created {
    /// It is new.
    New(File),
    /// It was there already (Drive's 409): an earlier try had come through.
    Before(File),
}

impl Created {
    /// The file, however it came about.
    #[must_use]
    pub fn file(self) -> File {
        match self {
            Self::New(file) | Self::Before(file) => file,
        }
    }
}

/// What is to be different; none leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileUpdate {
    /// Its name.
    pub name: Option<String>,
    /// The type of the content.
    pub mime: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// From which folder to which.
    pub moved: Option<Move>,
    /// Into the trash, or out of it. In a shared drive what was put there with its folder comes out with it only.
    pub trashed: Option<bool>,
    /// Whether it is starred.
    pub starred: Option<bool>,
    /// Values that only our application sees; one without a value is removed.
    pub app_properties: BTreeMap<String, Option<String>>,
    /// Whether only those named at this folder get in. For folders, by whoever may
    /// ([`Rights::limit_access`]).
    pub limited_access: Option<bool>,
    /// Whether those who may change it may share it. Not in shared drives.
    pub writers_can_share: Option<bool>,
    /// When it was last changed.
    pub modified_at: Option<Timestamp>,
    /// Whether the revision that new content makes is kept for ever.
    pub keep_revision: Option<bool>,
}

impl FileUpdate {
    /// Only a new name.
    #[must_use]
    pub fn rename(name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..Self::default() }
    }

    /// Only another folder.
    #[must_use]
    pub fn move_to(from: Option<FileId>, to: FileId) -> Self {
        Self { moved: Some(Move { from, to }), ..Self::default() }
    }

    /// Only into the trash, or out of it.
    #[must_use]
    pub fn trash(trashed: bool) -> Self {
        Self { trashed: Some(trashed), ..Self::default() }
    }
}

/// A way from one folder to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// The folder it is in; none where it is in none that we see.
    pub from: Option<FileId>,
    /// The folder it goes into.
    pub to: FileId,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where it goes on; none at the end.
    pub next: Option<PageToken>,
    /// Whether Drive did not look everywhere: then what is missing from the list may exist.
    pub incomplete: bool,
}

/// A shared drive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedDrive {
    /// Its id.
    pub id: DriveId,
    /// Its name.
    pub name: String,
    /// Whether we may put something into it.
    pub can_add: bool,
    /// Whether we may change who is a member.
    pub can_manage_members: bool,
}

/// Who we are, and what room there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The account.
    pub me: Person,
    /// Bytes that its storage holds; none when there is no limit. A service account has a limit of zero.
    pub storage_limit: Option<u64>,
    /// Bytes in use, other products included.
    pub storage_used: u64,
    /// Bytes that one file may have.
    pub max_upload: Option<u64>,
    /// The formats that each Google type can be exported to.
    pub exports: BTreeMap<String, Vec<String>>,
    /// The Google types that each format can be converted to.
    pub imports: BTreeMap<String, Vec<String>>,
    /// Whether we may make shared drives.
    pub can_create_drives: bool,
}
