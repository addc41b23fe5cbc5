//! Google Drive itself, over its API, version 3.
//!
//! `google-drive3` lends its types. Its calls are not used: they put ids into addresses unescaped, ask for scopes
//! that are not ours, send no header and no `null`, hide `Retry-After` and the status, never repeat, keep a whole
//! upload in memory, and lose a part of a resumable one when the server stumbles
//! (<https://github.com/Byron/google-apis-rs/issues/438>). One request function of ours stands for all of them.

mod auth;
mod batch;
mod body;
mod changes;
mod content;
mod download;
mod endpoints;
mod files;
mod line;
mod pace;
mod permissions;
mod refusal;
mod request;
mod shapes;
mod upload;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

pub use self::auth::{Credential, SCOPE, Sort};
pub use self::endpoints::Endpoints;
use self::line::Line;
pub use self::pace::USER_UNITS;
use self::request::{Exchange, Times};
use super::{
    About, Call, ChangePage, Content, Corpus, Created, Downloaded, Drive, DriveId, Error, File, FileId,
    FileUpdate, Grant, GrantChange, Listing, NewFile, Page, PageToken, Permission, PermissionId, Progress,
    Reply, Revision, RevisionId, SharedDrive, UploadEnd, UploadSession, UploadTarget, Used, Wanted,
};
use crate::services::clock::Clock;
use crate::services::entropy::Entropy;
use crate::services::http::{self, Client};
use crate::services::uses::Noting;

/// Whose Drive, and how it is reached.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Who we are.
    pub credential: Credential,
    /// The user of the organisation to act for, by domain-wide delegation.
    pub subject: Option<String>,
    /// The scope to ask for; [`SCOPE`] when none is said.
    pub scope: Option<String>,
    /// Where Google is.
    pub endpoints: Endpoints,
    /// Units of the quota that this run may spend in a minute; [`USER_UNITS`] when it is alone.
    pub units: u32,
    /// Bytes that an upload sends, and a download fetches, at a time. Uploads round it down to 256 KiB.
    pub part: u64,
    /// How long a call may take that carries no content.
    pub call_time: Duration,
    /// How long content may stand still on its way.
    pub still_time: Duration,
    /// How long a part of content may take.
    pub part_time: Duration,
    /// Where the use of the credentials is noted.
    pub noting: Noting,
    /// Keys that links had beside the ids of files ([`FileId::key_in_link`]).
    pub keys: Vec<(FileId, String)>,
}

impl Setup {
    /// Google itself, the whole quota, and parts of 16 MiB: few requests, and little to send again.
    #[must_use]
    pub fn new(credential: Credential) -> Self {
        Self {
            credential,
            subject: None,
            scope: None,
            endpoints: Endpoints::default(),
            units: USER_UNITS,
            part: 16 * 1024 * 1024,
            // Drive's own limit for a call is about as long.
            call_time: Duration::from_secs(60),
            // What several megabytes take that a slow line still holds when all of them were handed to it.
            still_time: Duration::from_secs(120),
            // A part at ten kilobytes a second. What moves so slowly goes on in smaller ones.
            part_time: Duration::from_mins(30),
            noting: Noting::default(),
            keys: Vec::new(),
        }
    }
}

/// What the client for a Drive is made of: it does not follow redirects, since an upload's 308 is none and tokens go nowhere
/// else, and it has no limit of its own for silence, which would count the sending of a body as such.
#[must_use]
pub fn http_settings(base: &http::Settings) -> http::Settings {
    http::Settings { follow_redirects: false, silence: None, ..base.clone() }
}

/// The Drive of one account.
pub struct Api {
    exchange: Exchange,
    line: Line,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("endpoints", &self.exchange.endpoints).finish_non_exhaustive()
    }
}

impl Api {
    /// Sets everything up; nothing is sent yet. `client` is made by [`http_settings`].
    ///
    /// # Errors
    /// [`super::Reason::BadCredentials`], when they cannot be made use of, cannot act for `subject`, or would be sent unencrypted.
    pub async fn new(
        setup: Setup,
        client: Client,
        clock: Arc<dyn Clock>,
        entropy: Arc<Entropy>,
    ) -> Result<Self, Error> {
        let Setup { credential, subject, scope, endpoints, units, part, noting, keys, .. } = setup;
        let Setup { call_time, still_time, part_time, .. } = setup;
        endpoints.check()?;
        let source =
            auth::Source::new(credential, subject, scope, endpoints.clone(), client.clone(), call_time)
                .await?;
        let tokens = auth::Tokens::new(source, Arc::clone(&clock), noting);
        let times = Times { call: call_time, still: still_time, part: part_time };
        let exchange = Exchange::new(client, tokens, endpoints, units, times, clock, entropy);
        keys.iter().for_each(|(id, key)| exchange.learn_key(id, Some(key)));
        Ok(Self { exchange, line: Line::new(part) })
    }
}

#[async_trait]
impl Drive for Api {
    fn used(&self) -> Used {
        self.exchange.used()
    }

    async fn about(&self) -> Result<About, Error> {
        files::about(&self.exchange).await
    }

    async fn shared_drives(&self) -> Result<Vec<SharedDrive>, Error> {
        files::shared_drives(&self.exchange).await
    }

    async fn shared_drive(&self, id: &DriveId) -> Result<SharedDrive, Error> {
        files::shared_drive(&self.exchange, id).await
    }

    async fn generate_ids(&self, count: u16) -> Result<Vec<FileId>, Error> {
        files::generate_ids(&self.exchange, count, "files").await
    }

    async fn generate_shortcut_id(&self) -> Result<FileId, Error> {
        let id = files::generate_ids(&self.exchange, 1, "shortcuts").await?.pop();
        id.ok_or_else(|| refusal::nonsense("no id"))
    }

    async fn file(&self, id: &FileId) -> Result<File, Error> {
        files::file(&self.exchange, id).await
    }

    async fn list(&self, listing: &Listing, page: Option<&PageToken>) -> Result<Page<File>, Error> {
        files::list(&self.exchange, listing, page).await
    }

    async fn create(&self, new: &NewFile) -> Result<Created, Error> {
        files::create(&self.exchange, new).await
    }

    async fn copy(&self, original: &FileId, new: &NewFile) -> Result<Created, Error> {
        files::copy(&self.exchange, original, new).await
    }

    async fn update(&self, id: &FileId, update: &FileUpdate) -> Result<File, Error> {
        files::update(&self.exchange, id, update).await
    }

    async fn delete(&self, id: &FileId) -> Result<(), Error> {
        files::delete(&self.exchange, id).await
    }

    async fn upload_at_once(&self, target: &UploadTarget, content: &Content) -> Result<Created, Error> {
        upload::at_once(&self.exchange, target, content).await
    }

    async fn begin_upload(&self, target: &UploadTarget, content: &Content) -> Result<UploadSession, Error> {
        upload::begin(&self.exchange, target, content).await
    }

    async fn continue_upload(
        &self,
        session: &UploadSession,
        content: &Content,
        progress: &dyn Progress,
    ) -> Result<UploadEnd, Error> {
        upload::go_on(&self.exchange, &self.line, session, content, progress).await
    }

    async fn read(&self, id: &FileId, most: u64) -> Result<Vec<u8>, Error> {
        download::read(&self.exchange, id, most).await
    }

    async fn download(
        &self,
        id: &FileId,
        wanted: &Wanted,
        to: &Path,
        progress: &dyn Progress,
    ) -> Result<Downloaded, Error> {
        download::to_file(&self.exchange, self.line.most(), id, wanted, to, progress).await
    }

    async fn export(&self, id: &FileId, mime: &str) -> Result<Vec<u8>, Error> {
        download::export(&self.exchange, id, mime).await
    }

    async fn batch(&self, calls: &[Call]) -> Result<Vec<Result<Reply, Error>>, Error> {
        batch::send(&self.exchange, calls).await
    }

    async fn permissions(&self, id: &FileId) -> Result<Vec<Permission>, Error> {
        permissions::list(&self.exchange, id).await
    }

    async fn grant(&self, id: &FileId, grant: &Grant) -> Result<Permission, Error> {
        permissions::grant(&self.exchange, id, grant).await
    }

    async fn change_grant(
        &self,
        id: &FileId,
        permission: &PermissionId,
        change: &GrantChange,
    ) -> Result<Permission, Error> {
        permissions::change_grant(&self.exchange, id, permission, change).await
    }

    async fn revoke(&self, id: &FileId, permission: &PermissionId) -> Result<(), Error> {
        permissions::revoke(&self.exchange, id, permission).await
    }

    async fn change_start(&self, corpus: &Corpus) -> Result<PageToken, Error> {
        changes::start(&self.exchange, corpus).await
    }

    async fn changes(&self, corpus: &Corpus, since: &PageToken) -> Result<ChangePage, Error> {
        changes::list(&self.exchange, corpus, since).await
    }

    async fn revisions(&self, id: &FileId) -> Result<Vec<Revision>, Error> {
        changes::revisions(&self.exchange, id).await
    }

    async fn revision(&self, id: &FileId, revision: &RevisionId) -> Result<Revision, Error> {
        changes::revision(&self.exchange, id, revision).await
    }

    async fn keep_revision(&self, id: &FileId, revision: &RevisionId, keep: bool) -> Result<Revision, Error> {
        changes::keep(&self.exchange, id, revision, keep).await
    }
}
