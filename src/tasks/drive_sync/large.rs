//! Large files on their way up: they are begun before a byte of them is sent, and that is kept, so that another process
//! goes on with them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures_util::StreamExt as _;

use super::work::{AT_ONCE, Copied, Tools, Work};
use crate::domain::failure::Failure;
use crate::drive::sync::Side;
use crate::services::drive::{Error, FileId, MOST_AT_ONCE, UploadSession, UploadTarget, sending};

/// Large uploads that are begun before any of them is sent: where they are recorded, that is one push, and about 6 KB.
pub(super) const BEGUN_AT_ONCE: usize = 16;

/// Keeps the sessions of large uploads, so that another process goes on with them. Whoever has one can write the file:
/// they are kept sealed.
#[async_trait(?Send)]
pub trait Sessions {
    /// The session of an upload that an earlier process began; by [`sending::key`].
    fn kept(&self, upload: &str) -> Option<UploadSession>;

    /// Keeps those that were begun; comes back when that is durable.
    ///
    /// # Errors
    /// When another run holds the task now: stop, send nothing.
    async fn keep(&self, begun: &BTreeMap<String, UploadSession>) -> Result<(), Failure>;

    /// An upload came to its end.
    fn ended(&self, upload: &str);
}

/// A large upload that was begun.
pub(super) struct Begun {
    /// Which one.
    upload: String,
    target: UploadTarget,
    session: UploadSession,
    /// Whether it was begun just now.
    is_new: bool,
}

impl Work<'_> {
    /// Whether a copy goes up in several parts.
    pub(super) fn is_large(&self, (to, _, size): (Side, &str, u64)) -> bool {
        to == Side::Drive && size > self.tools.part.max(MOST_AT_ONCE)
    }

    /// Begins the large ones of a group, or finds how they were begun, and has that kept before a byte of them is sent.
    /// What cannot be begun is told, and is none of them.
    pub(super) async fn begin<'a>(
        &mut self,
        group: &[(Side, &'a str, u64)],
        ids: &BTreeMap<String, FileId>,
    ) -> Result<BTreeMap<&'a str, Begun>, Failure> {
        let large: Vec<&'a str> =
            group.iter().filter(|copy| self.is_large(**copy)).map(|(_, path, _)| *path).collect();
        let work = &*self;
        let opened: Vec<(&str, Result<Begun, Error>)> = futures_util::stream::iter(large)
            .map(|path| async move { (path, work.open(path, ids.get(path)).await) })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut begun = BTreeMap::new();
        for (path, opened) in opened {
            match opened {
                Ok(opened) => drop(begun.insert(path, opened)),
                Err(error) => self.refused(path, &error),
            }
        }
        let new: BTreeMap<String, UploadSession> = begun
            .values()
            .filter(|begun| begun.is_new)
            .map(|begun| (begun.upload.clone(), begun.session.clone()))
            .collect();
        if !new.is_empty() {
            self.tools.sessions.keep(&new).await?;
        }
        Ok(begun)
    }

    async fn open(&self, path: &str, id: Option<&FileId>) -> Result<Begun, Error> {
        let (target, content) = (self.target(path, id).await?, self.content(path));
        let place = self.sides.place(path);
        let state = sending::state(&place, self.tools.keeps_times)?;
        let upload = sending::key(&target, &content.mime, &state);
        if let Some(session) = self.tools.sessions.kept(&upload) {
            if let Some(id) = &session.id {
                self.tools.draw.instead(path, id);
            }
            let target = sending::as_begun(target, &session);
            return Ok(Begun { upload, target, session, is_new: false });
        }
        let session = self.tools.drive.begin_upload(&target, &content).await?;
        Ok(Begun { upload, target, session, is_new: true })
    }

    /// Sends what Drive does not have yet of a large file.
    pub(super) async fn go_on(&self, path: &str, begun: &Begun) -> Result<Copied, Error> {
        let (content, known) = (self.content(path), Some(begun.session.clone()));
        let Tools { drive, progress, sessions, .. } = self.tools;
        let sent = sending::upload(*drive, &begun.target, &content, *progress, known, &|_| ()).await;
        if sending::is_over(&sent) {
            sessions.ended(&begun.upload);
        }
        sent.map(Copied::up)
    }
}
