//! An upload from its beginning to its end: at once what is small, else in parts, begun anew when Drive forgot it.

use super::error::{Error, Reason};
use super::file::Created;
use super::transfer::{Bytes, Content, Progress, UploadEnd, UploadTarget};
use super::{Drive, MOST_AT_ONCE};

/// How often an upload is begun anew when Drive has forgotten its session.
const SESSIONS: usize = 3;

/// Uploads; parts are sent again only where Drive does not have them.
///
/// # Errors
/// As Drive says, or when a local file cannot be read.
pub async fn upload(
    drive: &dyn Drive,
    target: &UploadTarget,
    content: &Content,
    progress: &dyn Progress,
) -> Result<Created, Error> {
    let size = match &content.bytes {
        Bytes::Memory(bytes) => bytes.len() as u64,
        Bytes::File(path) => match std::fs::metadata(path) {
            Ok(meta) => meta.len(),
            Err(error) => {
                return Err(Error::new(
                    Reason::LocalFile,
                    format!("{} cannot be read: {error}", path.display()),
                ));
            }
        },
    };
    if size <= MOST_AT_ONCE {
        return drive.upload_at_once(target, content).await;
    }
    for _ in 0..SESSIONS {
        let session = drive.begin_upload(target, content).await?;
        match drive.continue_upload(&session, content, progress).await? {
            UploadEnd::Done(created) => return Ok(*created),
            UploadEnd::Expired => {}
            UploadEnd::Stopped { .. } => break,
        }
    }
    Err(Error::new(Reason::Unavailable, "Drive forgot the upload again and again"))
}
