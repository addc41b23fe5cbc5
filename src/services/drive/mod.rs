//! The port to Google Drive: what Automata asks of it, in plain types. One folder for each adapter.
//!
//! Whoever writes keeps to three rules of Drive's own. Changes of the permissions of one file are made one after
//! the other, because of two at once only the last is applied. A new file gets an id from
//! [`Drive::generate_ids`] that is recorded before it is created, so that no retry makes a second one. Whether a
//! file exists is asked by its id: a search by name lags behind.

pub mod access;
pub mod arranging;
pub mod batch;
pub mod change;
pub mod error;
pub mod file;
pub mod google;
pub mod id;
pub mod manifest;
pub mod mark;
pub mod query;
pub mod remembered;
pub mod room;
pub mod sending;
pub mod sharing;
pub mod transfer;
pub mod walk;

use std::path::Path;

use async_trait::async_trait;

use crate::domain::time::Timestamp;

pub use self::access::{Grant, GrantChange, Grantee, Link, Permission, Role};
pub use self::batch::{Call, Reply};
pub use self::change::{Change, ChangePage, Changed, Corpus, Revision};
pub use self::error::{Class, Error, Reason};
pub use self::file::{About, Created, File, FileUpdate, NewFile, Page, Person, SharedDrive};
pub use self::id::{DriveId, FileId, PageToken, PermissionId, RevisionId};
pub use self::manifest::{LAG, Manifest};
pub use self::query::{Listing, Order, Query, Term};
pub use self::room::Room;
pub use self::transfer::{
    Bytes, Content, Downloaded, Progress, UploadEnd, UploadSession, UploadTarget, Verification, Wanted,
};
pub use self::walk::{Led, follow};

/// The most ids that [`Drive::generate_ids`] gives at once (`count` of `files.generateIds`).
pub const MOST_IDS: u16 = 1_000;
/// The most calls in a batch, <https://developers.google.com/workspace/drive/api/guides/performance>.
pub const MOST_IN_A_BATCH: usize = 100;
/// Bytes up to which [`Drive::upload_at_once`] takes a file:
/// <https://developers.google.com/workspace/drive/api/guides/manage-uploads>.
pub const MOST_AT_ONCE: u64 = 5 * 1024 * 1024;
/// Bytes of an exported document at most, <https://developers.google.com/workspace/drive/api/reference/rest/v3/files/export>.
pub const MOST_EXPORTED: u64 = 10 * 1024 * 1024;

/// What was used of what all who work with one account share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Units of the quota.
    pub units: u64,
    /// Bytes that went up.
    pub sent: u64,
    /// Drive asked for quiet until then.
    pub quiet_until: Option<Timestamp>,
}

/// A Google Drive, seen by one account.
///
/// Every method may fail with any [`Error`]; what is said beside one is what it adds to that. Reads and writes
/// that cannot hurt when done twice are repeated inside, after waits with jitter, as long as Drive says that this
/// may help; what is left is for the queue to repeat.
#[async_trait]
pub trait Drive: Send + Sync {
    /// What was used so far, where that is counted.
    fn used(&self) -> Used {
        Used::default()
    }

    /// Who we are, and what room there is.
    async fn about(&self) -> Result<About, Error>;

    /// The shared drives that we are a member of.
    async fn shared_drives(&self) -> Result<Vec<SharedDrive>, Error>;

    /// One shared drive.
    async fn shared_drive(&self, id: &DriveId) -> Result<SharedDrive, Error>;

    /// Ids for files that are created or copied later. `count` is 1 to [`MOST_IDS`].
    async fn generate_ids(&self, count: u16) -> Result<Vec<FileId>, Error>;

    /// An id for a shortcut, which is of another kind.
    async fn generate_shortcut_id(&self) -> Result<FileId, Error>;

    /// A file or a folder. It sees what was written just before.
    async fn file(&self, id: &FileId) -> Result<File, Error>;

    /// A page of files; `page` is none for the first one. It may lag behind what was written.
    async fn list(&self, listing: &Listing, page: Option<&PageToken>) -> Result<Page<File>, Error>;

    /// Makes a folder, a shortcut or an empty file: all that is no content.
    async fn create(&self, new: &NewFile) -> Result<Created, Error>;

    /// Copies a file; of `new`, what is set differs from the original.
    async fn copy(&self, original: &FileId, new: &NewFile) -> Result<Created, Error>;

    /// Renames, moves, trashes, restores, describes: all that is no content.
    async fn update(&self, id: &FileId, update: &FileUpdate) -> Result<File, Error>;

    /// Deletes for good, past the trash, a folder with all in it. One that is gone already is no error.
    async fn delete(&self, id: &FileId) -> Result<(), Error>;

    /// Uploads at most [`MOST_AT_ONCE`] bytes in one request.
    async fn upload_at_once(&self, target: &UploadTarget, content: &Content) -> Result<Created, Error>;

    /// Opens an upload that is sent in parts. Record the session, sealed, before [`Drive::continue_upload`].
    async fn begin_upload(&self, target: &UploadTarget, content: &Content) -> Result<UploadSession, Error>;

    /// Asks how far an upload has come and sends what is missing, in any process, as often as it takes.
    async fn continue_upload(
        &self,
        session: &UploadSession,
        content: &Content,
        progress: &dyn Progress,
    ) -> Result<UploadEnd, Error>;

    /// Bytes of a file that has content, into memory. Fails with [`Reason::TooLarge`] for more than `most`.
    async fn read(&self, id: &FileId, most: u64) -> Result<Vec<u8>, Error>;

    /// Writes a file's content to `to`, which appears when it is whole and verified. A part that an earlier call
    /// left beside it is gone on with.
    async fn download(
        &self,
        id: &FileId,
        wanted: &Wanted,
        to: &Path,
        progress: &dyn Progress,
    ) -> Result<Downloaded, Error>;

    /// A Google document as another format, such as `text/markdown`. At most [`MOST_EXPORTED`] bytes.
    async fn export(&self, id: &FileId, mime: &str) -> Result<Vec<u8>, Error>;

    /// Many calls in one request. The outcomes stand in the order of `calls`, as many as there are.
    async fn batch(&self, calls: &[Call]) -> Result<Vec<Result<Reply, Error>>, Error>;

    /// Who may do what with a file, inherited grants included.
    async fn permissions(&self, id: &FileId) -> Result<Vec<Permission>, Error>;

    /// Gives somebody access.
    async fn grant(&self, id: &FileId, grant: &Grant) -> Result<Permission, Error>;

    /// Changes what somebody may do, or until when.
    async fn change_grant(
        &self,
        id: &FileId,
        permission: &PermissionId,
        change: &GrantChange,
    ) -> Result<Permission, Error>;

    /// Takes access away. A grant that is gone already is no error.
    async fn revoke(&self, id: &FileId, permission: &PermissionId) -> Result<(), Error>;

    /// Where the feed of changes of a corpus is now: what changes from here on comes after it.
    async fn change_start(&self, corpus: &Corpus) -> Result<PageToken, Error>;

    /// Changes since then, a page of them. A change says what is, never what was.
    async fn changes(&self, corpus: &Corpus, since: &PageToken) -> Result<ChangePage, Error>;

    /// The revisions that Drive still has, oldest first.
    async fn revisions(&self, id: &FileId) -> Result<Vec<Revision>, Error>;

    /// One revision.
    async fn revision(&self, id: &FileId, revision: &RevisionId) -> Result<Revision, Error>;

    /// Keeps a revision of a file with content for ever, or no longer. At most 200 of a file are kept.
    async fn keep_revision(&self, id: &FileId, revision: &RevisionId, keep: bool) -> Result<Revision, Error>;
}
