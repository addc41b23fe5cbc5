//! An upload from its beginning to its end: at once what is small, else in parts, gone on with where another process left
//! it, and begun anew when Drive forgot it.

use std::path::Path;

use super::error::{Error, Reason};
use super::file::Created;
use super::transfer::{Bytes, Content, Progress, UploadEnd, UploadSession, UploadTarget};
use super::{Drive, MOST_AT_ONCE};
use crate::services::folder;

/// How often an upload is begun anew when Drive has forgotten its session.
const SESSIONS: usize = 3;

/// What tells the state of a local file from any other. On a machine where it stays, when and where it was written tells
/// so without reading it; in a working copy that every run fetches anew, only what it holds does. Should it ever be another
/// file all the same, the checksum at the end of the upload does not fit.
///
/// # Errors
/// When it cannot be read.
pub fn state(path: &Path, stays: bool) -> Result<String, Error> {
    let state = if stays { folder::stamp(path) } else { folder::md5(path) };
    state
        .map_err(|error| Error::new(Reason::LocalFile, format!("{} cannot be read: {error}", path.display())))
}

/// Whether an upload need not be gone on with: it came to its end, well, or with other bytes than are here.
#[must_use]
pub fn is_over(sent: &Result<Created, Error>) -> bool {
    sent.as_ref().err().is_none_or(|error| error.reason == Reason::ChecksumMismatch)
}

/// What tells one upload from all others: a file in this state on its way to that place. Of a new file its id is no part
/// of it, because another process draws another one.
#[must_use]
pub fn key(target: &UploadTarget, mime: &str, state: &str) -> String {
    let to = match target {
        UploadTarget::New(new) => {
            let parent = new.parent.as_ref().map_or("", |parent| parent.as_str());
            let becomes = new.mime.as_deref().unwrap_or_default();
            format!("new in {parent} as {becomes}: {}", new.name.as_deref().unwrap_or_default())
        }
        UploadTarget::Content(id, _) => format!("content of {id}"),
    };
    format!("{state} {mime} {to}")
}

/// The target of an upload that another process began: a new file has the id that was drawn then.
#[must_use]
pub fn as_begun(target: UploadTarget, session: &UploadSession) -> UploadTarget {
    match target {
        UploadTarget::New(new) => UploadTarget::New(super::NewFile { id: session.id.clone(), ..new }),
        content @ UploadTarget::Content(..) => content,
    }
}

/// Bytes of what is to go up.
///
/// # Errors
/// When a local file cannot be read.
pub fn size(content: &Content) -> Result<u64, Error> {
    match &content.bytes {
        Bytes::Memory(bytes) => Ok(bytes.len() as u64),
        Bytes::File(path) => std::fs::metadata(path).map(|meta| meta.len()).map_err(|error| {
            Error::new(Reason::LocalFile, format!("{} cannot be read: {error}", path.display()))
        }),
    }
}

/// Uploads; parts are sent again only where Drive does not have them. `known` is the session that another process
/// began, and `begun` hears of each one that is begun now, before anything is sent by it.
///
/// # Errors
/// As Drive says, or when a local file cannot be read.
pub async fn upload(
    drive: &dyn Drive,
    target: &UploadTarget,
    content: &Content,
    progress: &dyn Progress,
    known: Option<UploadSession>,
    begun: &dyn Fn(&UploadSession),
) -> Result<Created, Error> {
    if size(content)? <= MOST_AT_ONCE {
        return drive.upload_at_once(target, content).await;
    }
    let mut known = known;
    for _ in 0..SESSIONS {
        let session = match known.take() {
            Some(session) => session,
            None => {
                let session = drive.begin_upload(target, content).await?;
                begun(&session);
                session
            }
        };
        match drive.continue_upload(&session, content, progress).await? {
            UploadEnd::Done(created) => return Ok(*created),
            UploadEnd::Expired => {}
            UploadEnd::Stopped { .. } => break,
        }
    }
    Err(Error::new(Reason::Unavailable, "Drive forgot the upload again and again"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::drive::{FileId, FileUpdate, NewFile};

    #[test]
    fn another_place_or_other_bytes_are_another_upload_and_another_id_is_not() {
        let new = |id: &str, parent: &str, name: &str| {
            UploadTarget::New(NewFile {
                id: FileId::parse(id).ok(),
                parent: FileId::parse(parent).ok(),
                name: Some(name.to_owned()),
                ..NewFile::default()
            })
        };
        let one = key(&new("1a", "1docs", "a.bin"), "text/plain", "00");
        assert_eq!(one, key(&new("1b", "1docs", "a.bin"), "text/plain", "00"));
        let content = UploadTarget::Content(FileId::parse("1docs").unwrap(), FileUpdate::default());
        for other in [
            key(&new("1a", "1docs", "b.bin"), "text/plain", "00"),
            key(&new("1a", "1more", "a.bin"), "text/plain", "00"),
            key(&new("1a", "1docs", "a.bin"), "text/plain", "01"),
            key(&content, "text/plain", "00"),
        ] {
            assert_ne!(one, other);
        }
    }
}
