//! Whether content can go into a folder, and on whose account: told before the first byte is sent.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::Drive;
use super::error::{Error, Reason};
use super::file::{About, File};
use super::id::DriveId;

/// Whose storage new content takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// The organisation's, in a shared drive.
    SharedDrive(DriveId),
    /// That of the account that we act as.
    Own {
        /// Bytes that are left; none where there is no limit.
        left: Option<u64>,
    },
    /// Nobody's: a service account owns none, and what it makes in somebody's folder would be its own all the same.
    None,
}

/// Whose storage content in `folder` takes.
#[must_use]
pub fn storage(about: &About, folder: &File) -> Storage {
    match &folder.drive {
        Some(drive) => Storage::SharedDrive(drive.clone()),
        None if owns_none(about) => Storage::None,
        None => {
            let left = about.storage_limit.map(|limit| limit.saturating_sub(about.storage_used));
            Storage::Own { left }
        }
    }
}

/// Whether the account owns no storage at all: Drive's own word counts, because older service accounts have some.
#[must_use]
pub fn owns_none(about: &About) -> bool {
    about.storage_limit == Some(0)
}

/// Whether `bytes` can go into `folder`.
///
/// # Errors
/// [`Reason::BadRequest`] for what is no folder, [`Reason::NotAllowed`] where we may put nothing,
/// [`Reason::StorageFull`] where there is no room: each says what to do.
pub fn check(about: &About, folder: &File, bytes: u64) -> Result<Storage, Error> {
    let me = about.me.email.as_deref().unwrap_or("this account");
    if !folder.is_folder() {
        return Err(Error::new(Reason::BadRequest, format!("{} is no folder", folder.id)));
    }
    if !folder.rights.add_children {
        return Err(Error::new(
            Reason::NotAllowed,
            format!("{me} may put nothing into the folder {}", folder.id),
        )
        .hint(format!("Let {me} write there, or in a shared drive make it a contributor or more.")));
    }
    let storage = storage(about, folder);
    match storage {
        Storage::None if bytes > 0 => Err(Error::new(
            Reason::StorageFull,
            format!("{me} is a service account, which owns no storage, and the folder {} is in no shared drive", folder.id),
        )
        .hint(
            "Choose a folder in a shared drive that it is a member of; or act for a user by domain-wide delegation; or \
             use a user's refresh token.",
        )),
        Storage::Own { left: Some(left) } if left < bytes => Err(Error::new(
            Reason::StorageFull,
            format!("{me} has {left} bytes of storage left, and {bytes} are needed"),
        )
        .hint("Make room, empty the trash, or choose a folder in a shared drive.")),
        storage => Ok(storage),
    }
}

/// What is known of the account's room: asked for once by all that goes up in one run, and not at all for shared drives.
#[derive(Clone, Debug, Default)]
pub struct Room(Arc<OnceCell<About>>);

impl Room {
    /// Whether `bytes` of new content can go into `folder`. New content of a file that is there takes its owner's
    /// storage, and need not be asked for.
    ///
    /// # Errors
    /// Those of [`check`], or as Drive says.
    pub async fn check(&self, drive: &dyn Drive, folder: &File, bytes: u64) -> Result<Storage, Error> {
        if let Some(shared) =
            folder.drive.as_ref().filter(|_| folder.is_folder() && folder.rights.add_children)
        {
            return Ok(Storage::SharedDrive(shared.clone()));
        }
        let is_known = self.0.initialized();
        let about = self.0.get_or_try_init(|| drive.about()).await?;
        match check(about, folder, bytes) {
            // Somebody may have made room since.
            Err(_) if is_known => check(&drive.about().await?, folder, bytes),
            told => told,
        }
    }
}
