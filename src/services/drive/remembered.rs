//! A Drive that remembers what it told: while it cannot be reached, looks are answered with what was last seen, and the
//! age of that is known. Whatever changes something is never answered so, and whoever is about to change something is
//! not answered so either: between a name that was found in memory and the file that answers, somebody may have renamed
//! it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::manifest::{Manifest, Seen};
use super::{
    About, Call, ChangePage, Content, Corpus, Created, Downloaded, Drive, DriveId, Error, File, FileId,
    FileUpdate, Grant, GrantChange, Listing, NewFile, Page, PageToken, Permission, PermissionId, Progress,
    Reason, Reply, Revision, RevisionId, SharedDrive, UploadEnd, UploadSession, UploadTarget, Used, Wanted,
};
use crate::domain::time::Timestamp;
use crate::services::clock::Clock;

/// What a memory is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// It answers looks while nobody else does.
    Answers,
    /// What is told is taken down for later looks, and nothing is answered from it.
    TakesDown,
}

/// A Drive with a memory.
pub struct Remembered {
    drive: Arc<dyn Drive>,
    manifest: Manifest,
    clock: Arc<dyn Clock>,
    memory: Memory,
    /// Lists of which not all pages have come yet.
    open: Mutex<BTreeMap<String, Vec<File>>>,
    /// Nobody answered: what can be told from memory is told at once.
    is_away: AtomicBool,
    /// The oldest of what was told from memory.
    oldest: Mutex<Option<Timestamp>>,
}

impl Remembered {
    /// Remembers what `drive` tells.
    #[must_use]
    pub fn new(drive: Arc<dyn Drive>, manifest: Manifest, clock: Arc<dyn Clock>, memory: Memory) -> Self {
        let (open, oldest) = (Mutex::default(), Mutex::default());
        Self { drive, manifest, clock, memory, open, is_away: AtomicBool::new(false), oldest }
    }

    /// The time of the oldest that was told from memory; none when all came from Drive itself.
    #[must_use]
    pub fn as_of(&self) -> Option<Timestamp> {
        *self.oldest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told<T>(&self, seen: Seen<T>) -> T {
        let mut oldest = self.oldest.lock().unwrap_or_else(PoisonError::into_inner);
        *oldest = Some(oldest.map_or(seen.at, |oldest| oldest.min(seen.at)));
        seen.what
    }

    fn away(&self) -> bool {
        self.is_away.load(Ordering::Relaxed)
    }

    /// What Drive said, or where nobody answers what is remembered.
    fn or<T>(&self, answer: Result<T, Error>, memory: impl FnOnce() -> Option<Seen<T>>) -> Result<T, Error> {
        let error = match answer {
            Err(error) if is_away(&error) && self.memory == Memory::Answers => error,
            answer => return answer,
        };
        self.is_away.store(true, Ordering::Relaxed);
        memory().map(|seen| self.told(seen)).ok_or(error)
    }

    /// Takes down a page; the list is kept when all of it has come.
    fn take_page(&self, listing: &Listing, is_first: bool, page: &Page<File>) {
        let Ok(key) = serde_json::to_string(listing) else { return };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if is_first {
            open.insert(key.clone(), Vec::new());
        }
        let Some(files) = open.get_mut(&key) else { return };
        files.extend(page.items.iter().cloned());
        if page.incomplete {
            open.remove(&key);
        } else if page.next.is_none()
            && let Some(files) = open.remove(&key)
        {
            self.manifest.keep_list(listing, &files, self.clock.now());
        }
    }
}

/// Whether an error says that nobody answers, or only a machine before Drive.
fn is_away(error: &Error) -> bool {
    error.reason == Reason::Unreachable || error.status.is_some_and(|status| status >= 500)
}

#[async_trait]
impl Drive for Remembered {
    fn used(&self) -> Used {
        self.drive.used()
    }

    async fn file(&self, id: &FileId) -> Result<File, Error> {
        if self.away()
            && let Some(seen) = self.manifest.file(id)
        {
            return Ok(self.told(seen));
        }
        let answer = self.drive.file(id).await;
        if let Ok(file) = &answer {
            self.manifest.keep_file(id, file, self.clock.now());
        }
        self.or(answer, || self.manifest.file(id))
    }

    async fn list(&self, listing: &Listing, page: Option<&PageToken>) -> Result<Page<File>, Error> {
        let remembered = || {
            let seen = self.manifest.list(listing)?;
            Some(Seen { at: seen.at, what: Page { items: seen.what, next: None, incomplete: false } })
        };
        if self.away()
            && page.is_none()
            && let Some(seen) = remembered()
        {
            return Ok(self.told(seen));
        }
        let answer = self.drive.list(listing, page).await;
        if let Ok(told) = &answer {
            self.take_page(listing, page.is_none(), told);
        }
        // A list of which a part has come is not gone on with from memory.
        if page.is_none() { self.or(answer, remembered) } else { answer }
    }

    async fn shared_drives(&self) -> Result<Vec<SharedDrive>, Error> {
        let answer = self.drive.shared_drives().await;
        if let Ok(drives) = &answer {
            self.manifest.keep_drives(drives, self.clock.now());
        }
        self.or(answer, || self.manifest.drives())
    }

    async fn about(&self) -> Result<About, Error> {
        self.drive.about().await
    }

    async fn shared_drive(&self, id: &DriveId) -> Result<SharedDrive, Error> {
        self.drive.shared_drive(id).await
    }

    async fn generate_ids(&self, count: u16) -> Result<Vec<FileId>, Error> {
        self.drive.generate_ids(count).await
    }

    async fn generate_shortcut_id(&self) -> Result<FileId, Error> {
        self.drive.generate_shortcut_id().await
    }

    async fn create(&self, new: &NewFile) -> Result<Created, Error> {
        self.drive.create(new).await
    }

    async fn copy(&self, original: &FileId, new: &NewFile) -> Result<Created, Error> {
        self.drive.copy(original, new).await
    }

    async fn update(&self, id: &FileId, update: &FileUpdate) -> Result<File, Error> {
        self.drive.update(id, update).await
    }

    async fn delete(&self, id: &FileId) -> Result<(), Error> {
        self.drive.delete(id).await
    }

    async fn upload_at_once(&self, target: &UploadTarget, content: &Content) -> Result<Created, Error> {
        self.drive.upload_at_once(target, content).await
    }

    async fn begin_upload(&self, target: &UploadTarget, content: &Content) -> Result<UploadSession, Error> {
        self.drive.begin_upload(target, content).await
    }

    async fn continue_upload(
        &self,
        session: &UploadSession,
        content: &Content,
        progress: &dyn Progress,
    ) -> Result<UploadEnd, Error> {
        self.drive.continue_upload(session, content, progress).await
    }

    async fn read(&self, id: &FileId, most: u64) -> Result<Vec<u8>, Error> {
        self.drive.read(id, most).await
    }

    async fn download(
        &self,
        id: &FileId,
        wanted: &Wanted,
        to: &Path,
        progress: &dyn Progress,
    ) -> Result<Downloaded, Error> {
        self.drive.download(id, wanted, to, progress).await
    }

    async fn export(&self, id: &FileId, mime: &str) -> Result<Vec<u8>, Error> {
        self.drive.export(id, mime).await
    }

    async fn batch(&self, calls: &[Call]) -> Result<Vec<Result<Reply, Error>>, Error> {
        self.drive.batch(calls).await
    }

    async fn permissions(&self, id: &FileId) -> Result<Vec<Permission>, Error> {
        self.drive.permissions(id).await
    }

    async fn grant(&self, id: &FileId, grant: &Grant) -> Result<Permission, Error> {
        self.drive.grant(id, grant).await
    }

    async fn change_grant(
        &self,
        id: &FileId,
        permission: &PermissionId,
        change: &GrantChange,
    ) -> Result<Permission, Error> {
        self.drive.change_grant(id, permission, change).await
    }

    async fn revoke(&self, id: &FileId, permission: &PermissionId) -> Result<(), Error> {
        self.drive.revoke(id, permission).await
    }

    async fn change_start(&self, corpus: &Corpus) -> Result<PageToken, Error> {
        self.drive.change_start(corpus).await
    }

    async fn changes(&self, corpus: &Corpus, since: &PageToken) -> Result<ChangePage, Error> {
        self.drive.changes(corpus, since).await
    }

    async fn revisions(&self, id: &FileId) -> Result<Vec<Revision>, Error> {
        self.drive.revisions(id).await
    }

    async fn revision(&self, id: &FileId, revision: &RevisionId) -> Result<Revision, Error> {
        self.drive.revision(id, revision).await
    }

    async fn keep_revision(&self, id: &FileId, revision: &RevisionId, keep: bool) -> Result<Revision, Error> {
        self.drive.keep_revision(id, revision, keep).await
    }
}
