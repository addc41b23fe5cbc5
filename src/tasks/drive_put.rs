//! Task kind `drive_put`: puts a file into Drive. Killed between any two parts, it goes on where Drive has it.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::files::{drive, may_send};
use super::place;
use super::{Announcement, Context, Done, Files};
use crate::config::Config;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::untrusted::one_line;
use crate::domain::{input, receipt};
use crate::drive::mime;
use crate::services::drive::{
    Bytes, Content, File, FileId, MOST_AT_ONCE, NewFile, UploadEnd, UploadSession, UploadTarget,
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
            let drawn = files.drive.generate_ids(1).await?.into_iter().next();
            let id = drawn.ok_or_else(|| Failure::transient("drive", "Drive gave no id"))?;
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
    let receipt = context
        .effect(
            announcement,
            async || match files.drive.file(&id).await {
                Ok(file) if file.checksums.md5.as_deref() == Some(&local.md5) => {
                    Ok(Some(left_behind(&file, &local)))
                }
                Ok(_) => Ok(None),
                Err(error) if error.is_missing() => Ok(None),
                Err(error) => Err(error.into()),
            },
            async || {
                let new = NewFile {
                    id: Some(id.clone()),
                    name: Some(local.name.clone()),
                    parent: Some(parent.id.clone()),
                    ..NewFile::default()
                };
                let file = upload(context, files, &local, new, kept).await?;
                Ok(left_behind(&file, &local))
            },
        )
        .await?;
    Done::with(&receipt, Vec::new())
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
    new: NewFile,
    mut kept: Kept,
) -> Result<File, Failure> {
    let content =
        Content { mime: mime::of_name(&local.name).to_owned(), bytes: Bytes::File(local.path.clone()) };
    let target = UploadTarget::New(new);
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
