//! Task kind `drive_put`: puts a file into Drive. Killed between any two parts, it goes on where Drive has it.

use std::cell::Cell;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::files::{drive, has_room, may_send, waits};
use super::place;
use super::{Announcement, Context, Done, Files};
use crate::config::Config;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::untrusted::one_line;
use crate::domain::{input, receipt};
use crate::drive::mime;
use crate::services::drive::{
    Bytes, Content, Error, File, FileId, FileUpdate, Led, MOST_AT_ONCE, NewFile, UploadEnd, UploadSession,
    UploadTarget, follow,
};
use crate::services::folder;

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

/// The file here, and what it is.
struct Local {
    path: PathBuf,
    name: String,
    size: u64,
    md5: String,
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
    let id = match &kept.id {
        Some(id) => id.clone(),
        None => {
            let there = if put.replace { there(context, files, &parent, &put, &local).await? } else { None };
            kept.replaces = there.is_some();
            let id = match there {
                Some(there) => there,
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

/// An id for a file that is to be made, after it is known that it has room.
async fn draw(context: &Context<'_>, files: &Files, parent: &File, size: u64) -> Result<FileId, Failure> {
    has_room(context, files, parent, size).await?;
    let drawn = files.drive.generate_ids(1).await.map_err(|error| waits(context, error))?;
    drawn.into_iter().next().ok_or_else(|| Failure::transient("drive", "Drive gave no id"))
}

/// The file that is to get new content: what was put there under that name before, else what has the name now.
///
/// # Errors
/// When several things have it, or as Drive says.
async fn there(
    context: &Context<'_>,
    files: &Files,
    parent: &File,
    put: &input::DrivePut,
    local: &Local,
) -> Result<Option<FileId>, Failure> {
    // Lists lag: what we put there is asked for by its id.
    if let Some(id) = put_before(context, put, local) {
        match files.drive.file(&id).await {
            Ok(file)
                if !file.trashed && file.parent.as_ref() == Some(&parent.id) && file.name == local.name =>
            {
                return Ok(Some(id));
            }
            Ok(_) => {}
            Err(error) if error.is_missing() => {}
            Err(error) => return Err(waits(context, error)),
        }
    }
    let led = follow(&*files.drive, parent, std::slice::from_ref(&local.name)).await;
    match led.map_err(|error| waits(context, error))? {
        Led::To(file) if file.has_content() => Ok(Some(file.id)),
        Led::To(_) | Led::Missing { .. } => Ok(None),
        Led::Several { .. } => Err(Failure::permanent(
            "drive_several",
            format!("several files are called `{}` there", one_line(&local.name, NAME)),
        )
        .hint("Remove or rename all but the one that is to get new content, by their ids.")),
    }
}

/// The file that a task put last at this place.
fn put_before(context: &Context<'_>, put: &input::DrivePut, local: &Local) -> Option<FileId> {
    let state = context.journal.state();
    let files = state.effects.values().filter(|effect| effect.intent.kind == EffectKind::DriveFile);
    let same = files.filter_map(|effect| {
        let task = state.tasks.get(&effect.intent.task)?;
        let asked: input::DrivePut = task.spec.input.read().ok()?;
        let file: receipt::DriveFile = effect.receipt.as_ref()?.read().ok()?;
        let is_same = asked.folder == put.folder && file.name == local.name;
        is_same.then_some((task.enqueued, file.id))
    });
    same.max().and_then(|(_, id)| FileId::parse(&id).ok())
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

/// Looks at the file here.
fn local(put: &input::DrivePut) -> Result<Local, Failure> {
    let shown = one_line(&put.file, NAME);
    let path = Path::new(&put.file);
    if path.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
        let told = format!("`{shown}` leads out of the working copy");
        return Err(
            Failure::permanent("bad_input", told).hint("Name a file by its path in the working copy.")
        );
    }
    let unreadable = |error: std::io::Error| {
        Failure::permanent("no_file", format!("`{shown}` cannot be read: {error}"))
            .hint("The step that makes it has to come before the one that runs Automata, in the same job.")
    };
    // A link that a stranger's change brought along could lead anywhere: a file's own, or one of a folder above it.
    let is_link = |folder: &Path| folder.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
    if path.ancestors().skip(1).any(is_link) {
        return Err(Failure::permanent("bad_input", format!("`{shown}` leads through a link"))
            .hint("Name the file by its own path in the working copy."));
    }
    let meta = path.symlink_metadata().map_err(unreadable)?;
    if !meta.is_file() {
        return Err(Failure::permanent("no_file", format!("`{shown}` is no file")));
    }
    let own = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = put.name.clone().unwrap_or(own);
    Ok(Local { path: path.to_owned(), name, size: meta.len(), md5: folder::md5(path).map_err(unreadable)? })
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
    if local.size <= MOST_AT_ONCE {
        return Ok(files.drive.upload_at_once(&target, &content).await?.file());
    }
    let place = format!("{}/{}", context.task.id, local.md5);
    for _ in 0..SESSIONS {
        let sealed = kept.session.as_deref().zip(files.seal.as_deref());
        let opened = sealed.and_then(|(sealed, seal)| UploadSession::opened(sealed, seal, &place));
        let session = match opened {
            Some(session) => session,
            None => {
                let session = files.drive.begin_upload(&target, &content).await?;
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
    }
    Err(Failure::transient("drive_session", "Drive forgot the upload again and again"))
}
