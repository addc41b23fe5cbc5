//! Task kind `drive_put`: puts a file into Drive. Killed between any two parts, it goes on where Drive has it.

mod converted;
mod local;

use std::cell::Cell;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::files::{drive, has_room, may_send, waits};
use super::{Announcement, Context, Done, Files};
use super::{place, replaced};
use crate::config::Config;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::untrusted::one_line;
use crate::domain::{input, receipt};
use crate::drive::mime;
use crate::services::drive::{
    Bytes, Content, Error, File, FileId, FileUpdate, MOST_AT_ONCE, NewFile, UploadEnd, UploadSession,
    UploadTarget, arranging,
};

use local::{Local, local};

/// How often an upload is begun anew in one attempt, when Drive has forgotten its session.
const SESSIONS: usize = 3;
/// Characters of a name that an error shows.
const NAME: usize = 80;

/// What an earlier attempt left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// The id that was drawn for the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<FileId>,
    /// What the content adds up to; another content is another upload.
    #[serde(default)]
    md5: String,
    /// The address of the upload, sealed: whoever has it may write the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    /// Whether the file was there before, and gets new content.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    replaces: bool,
}

/// A file takes as long as it takes: an hour, at a megabyte a second, for almost four gigabytes.
pub(super) fn lease(_: &Config) -> Duration {
    Duration::from_hours(1)
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let put: input::DrivePut = context.input()?;
    let files = drive(context)?;
    let local = local(&put)?;
    may_send(context, local.size)?;
    let mut kept: Kept = context.resume().unwrap_or_default();
    if kept.md5 != local.md5 {
        kept = Kept { md5: local.md5.clone(), session: None, ..kept };
    }
    let parent = place::folder(&*files.drive, &context.config.drive, &put.folder).await?;
    if let Some(becomes) = put.convert {
        return converted::run(context, files, (&put, becomes), &local, (&parent, kept)).await;
    }
    let chosen = match &kept.id {
        // What had the name may be gone since; what was drawn is made with its id.
        Some(id) if kept.replaces => is_live(context, files, id).await?.then(|| id.clone()),
        id => id.clone(),
    };
    let id = match chosen {
        Some(id) => id,
        None => {
            // An upload into what is gone is not gone on with.
            kept.session = None;
            let there = if put.replace { there(context, files, &parent, &put, &local).await? } else { None };
            kept.replaces = there.is_some();
            let id = match there {
                Some(there) => there.id,
                None => draw(context, files, &parent, local.size).await?,
            };
            kept.id = Some(id.clone());
            // Durable before anything is made with it: a second attempt makes no second file.
            context.keep(0, "an id was drawn", &kept).await?;
            id
        }
    };
    let announcement = Announcement {
        step: "drive_file",
        kind: EffectKind::DriveFile,
        target: format!("drive/{id}"),
        detail: format!("{}, {} bytes, md5 {}", one_line(&local.name, NAME), local.size, local.md5),
    };
    // An earlier attempt may have come through with what the file held then.
    let is_there = Cell::new(kept.replaces);
    let receipt = context
        .effect(
            announcement,
            async || match files.drive.file(&id).await {
                Ok(file) if file.checksums.md5.as_deref() == Some(&local.md5) => {
                    Ok(Some(left_behind(&file, &local)))
                }
                Ok(_) => {
                    is_there.set(true);
                    Ok(None)
                }
                Err(error) if error.is_missing() => Ok(None),
                Err(error) => Err(error.into()),
            },
            async || {
                if is_there.get()
                    && let Some(same) =
                        same(files, &id, &local).await.map_err(|error| waits(context, error))?
                {
                    return Ok(left_behind(&same, &local));
                }
                let target = if is_there.get() {
                    UploadTarget::Content(id.clone(), FileUpdate::default())
                } else {
                    UploadTarget::New(NewFile {
                        id: Some(id.clone()),
                        name: Some(local.name.clone()),
                        parent: Some(parent.id.clone()),
                        ..NewFile::default()
                    })
                };
                let file = upload(context, files, &local, target, kept).await?;
                Ok(left_behind(&file, &local))
            },
        )
        .await?;
    Done::with(&receipt, Vec::new())
}

/// Whether a file that is to get new content is still there.
async fn is_live(context: &Context<'_>, files: &Files, id: &FileId) -> Result<bool, Failure> {
    let file = arranging::there(&*files.drive, id).await.map_err(|error| waits(context, error))?;
    Ok(file.is_some_and(|file| !file.trashed))
}

/// What it means that a file could not be written which was there a moment ago: that the next attempt looks anew.
fn gone(error: Error) -> Failure {
    if error.is_missing() {
        let told = "the file that was to get new content is gone, or may not be written any more";
        return Failure::transient("drive_gone", told);
    }
    error.into()
}

/// An id for a file that is to be made, after it is known that it has room.
async fn draw(context: &Context<'_>, files: &Files, parent: &File, size: u64) -> Result<FileId, Failure> {
    has_room(context, files, parent, size).await?;
    let drawn = files.drive.generate_ids(1).await.map_err(|error| waits(context, error))?;
    drawn.into_iter().next().ok_or_else(|| Failure::transient("drive", "Drive gave no id"))
}

/// The file that is to get new content.
///
/// # Errors
/// As [`replaced::there`].
async fn there(
    context: &Context<'_>,
    files: &Files,
    parent: &File,
    put: &input::DrivePut,
    local: &Local,
) -> Result<Option<File>, Failure> {
    let before = replaced::before(context, |asked: &input::DrivePut, file| {
        asked.folder == put.folder && asked.convert == put.convert && file.name == local.name
    });
    replaced::there(context, files, (parent, &local.name), before, put.convert).await
}

/// The file, where it has this content already.
async fn same(files: &Files, id: &FileId, local: &Local) -> Result<Option<File>, Error> {
    match files.drive.file(id).await {
        Ok(file) => Ok(Some(file).filter(|file| file.checksums.md5.as_deref() == Some(&local.md5))),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

fn left_behind(file: &File, local: &Local) -> receipt::DriveFile {
    receipt::DriveFile {
        id: file.id.to_string(),
        name: file.name.clone(),
        size: local.size,
        md5: local.md5.clone(),
        url: file.url.clone(),
    }
}

/// Uploads, from where an earlier attempt came to.
async fn upload(
    context: &Context<'_>,
    files: &Files,
    local: &Local,
    target: UploadTarget,
    mut kept: Kept,
) -> Result<File, Failure> {
    let content =
        Content { mime: mime::of_name(&local.name).to_owned(), bytes: Bytes::File(local.path.clone()) };
    // Of what gets no id of ours the session tells whether it came through.
    let is_nameless = matches!(&target, UploadTarget::New(new) if new.id.is_none());
    let failed =
        |error: Error| if matches!(target, UploadTarget::Content(..)) { gone(error) } else { error.into() };
    if local.size <= MOST_AT_ONCE && !is_nameless {
        return Ok(files.drive.upload_at_once(&target, &content).await.map_err(failed)?.file());
    }
    let place = format!("{}/{}", context.task.id, local.md5);
    for _ in 0..SESSIONS {
        let sealed = kept.session.as_deref().zip(files.seal.as_deref());
        let opened = sealed.and_then(|(sealed, seal)| UploadSession::opened(sealed, seal, &place));
        let session = match opened {
            Some(session) => session,
            None => {
                let session = files.drive.begin_upload(&target, &content).await.map_err(failed)?;
                kept.session =
                    files.seal.as_deref().and_then(|seal| session.sealed(seal, &place, &files.entropy));
                if kept.session.is_some() {
                    context.keep(1, "the upload was begun", &kept).await?;
                }
                session
            }
        };
        match files.drive.continue_upload(&session, &content, &()).await? {
            UploadEnd::Done(created) => return Ok(created.file()),
            UploadEnd::Expired | UploadEnd::Stopped { .. } => kept.session = None,
        }
        if let Some(made) = converted::made(context, files, &target).await? {
            return Ok(made);
        }
    }
    Err(Failure::transient("drive_session", "Drive forgot the upload again and again"))
}
