//! What the kinds that put something from GitHub into Drive have in common: ids that are drawn once, names that
//! are made of strangers' words, and one file that is copied.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::files::{has_room, may_send, waits};
use super::{Announcement, Context, Files};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::receipt;
use crate::domain::untrusted::{is_hidden, one_line};
use crate::domain::watched::DriveKey;
use crate::drive::mime;
use crate::services::drive::{
    Bytes, Content, File, FileId, MOST_AT_ONCE, NewFile, UploadEnd, UploadSession, UploadTarget,
};
use crate::services::folder;

/// Characters of a name in Drive that is made of a title.
const NAME: usize = 120;
/// How often an upload is begun anew in one attempt, when Drive has forgotten its session.
const SESSIONS: usize = 3;

/// A name for a file or a folder, made of strangers' words: one line without what could be taken for a path, never empty.
pub(super) fn name_of(text: &str) -> String {
    let plain = |c: char| if matches!(c, '/' | '\\' | ':') { '-' } else { c };
    let name: String = one_line(text, NAME).chars().filter(|c| !is_hidden(*c)).map(plain).collect();
    let name = name.trim().trim_end_matches('.').trim_start_matches('.').trim().to_owned();
    if name.is_empty() { "untitled".to_owned() } else { name }
}

/// What was left so far, by this attempt or an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// The ids that were drawn, each with what it is for.
    #[serde(default)]
    drawn: BTreeMap<String, FileId>,
    /// The large copy that is under way: its step, and the sealed address of its upload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upload: Option<(String, String)>,
}

impl Kept {
    /// As the log has it now: what this very attempt kept counts as well.
    fn of(context: &Context<'_>) -> Self {
        let state = context.journal.state();
        let progress = state.tasks.get(&context.task.id).and_then(|task| task.progress.as_ref());
        progress.and_then(|progress| progress.checkpoint.read().ok()).unwrap_or_default()
    }
}

/// An id for each of these, drawn once and durable before anything is made with it.
///
/// # Errors
/// As Drive says, or when another run holds the task now.
pub(super) async fn ids(
    context: &Context<'_>,
    files: &Files,
    wanted: &[String],
) -> Result<BTreeMap<String, FileId>, Failure> {
    let mut kept = Kept::of(context);
    let missing: Vec<String> =
        wanted.iter().filter(|name| !kept.drawn.contains_key(*name)).cloned().collect();
    if missing.is_empty() {
        return Ok(kept.drawn);
    }
    let count = u16::try_from(missing.len())
        .map_err(|_| Failure::permanent("too_many", "there are too many files for one task"))?;
    let drawn = files.drive.generate_ids(count).await?;
    kept.drawn.extend(missing.into_iter().zip(drawn));
    context.keep(0, "ids were drawn", &kept).await?;
    Ok(kept.drawn)
}

/// As [`ids`], for shortcuts, whose ids are of another kind.
///
/// # Errors
/// As [`ids`].
pub(super) async fn shortcut_ids(
    context: &Context<'_>,
    files: &Files,
    wanted: &[String],
) -> Result<BTreeMap<String, FileId>, Failure> {
    let mut kept = Kept::of(context);
    let missing: Vec<&String> = wanted.iter().filter(|name| !kept.drawn.contains_key(*name)).collect();
    if missing.is_empty() {
        return Ok(kept.drawn);
    }
    for name in missing {
        let id = files.drive.generate_shortcut_id().await.map_err(|error| waits(context, error))?;
        kept.drawn.insert(name.clone(), id);
    }
    context.keep(0, "ids were drawn", &kept).await?;
    Ok(kept.drawn)
}

/// The ids that were drawn so far, by this attempt or an earlier one.
pub(super) fn drawn(context: &Context<'_>) -> BTreeSet<FileId> {
    Kept::of(context).drawn.into_values().collect()
}

/// Makes a folder with an id that was drawn before, or finds the one that an earlier attempt made.
///
/// # Errors
/// As Drive says.
pub(super) async fn folder_with(
    context: &Context<'_>,
    files: &Files,
    id: &FileId,
    (parent, name): (&FileId, &str),
    key: Option<String>,
) -> Result<receipt::DriveFolder, Failure> {
    let left = |file: File| -> Result<receipt::DriveFolder, Failure> {
        Ok(receipt::DriveFolder { id: key_of(&file.id)?, name: file.name, url: file.url, key: key.clone() })
    };
    let announcement = Announcement {
        step: "drive_folder",
        kind: EffectKind::DriveFolder,
        target: format!("drive/{id}"),
        detail: format!("{name} in {parent}"),
    };
    context
        .effect(
            announcement,
            async || match files.drive.file(id).await {
                Ok(file) => left(file).map(Some),
                Err(error) if error.is_missing() => Ok(None),
                Err(error) => Err(error.into()),
            },
            async || {
                let new = NewFile::folder(id.clone(), name, parent.clone());
                left(files.drive.create(&new).await?.file())
            },
        )
        .await
}

/// The id as the log has it.
///
/// # Errors
/// For an id that is longer than any of Google's.
pub(super) fn key_of(id: &FileId) -> Result<DriveKey, Failure> {
    id.as_str().parse().map_err(|_| Failure::permanent("bad_id", format!("`{id}` is no id of Google's")))
}

/// The id as Drive takes it.
///
/// # Errors
/// None that a key could have.
pub(super) fn id_of(key: DriveKey) -> Result<FileId, Failure> {
    FileId::parse(key.as_str()).map_err(|error| Failure::permanent("bad_id", error.to_string()))
}

/// A file on this machine that is to be copied.
pub(super) struct Copy<'a> {
    /// Where it is.
    pub(super) path: &'a Path,
    /// What it is to be called.
    pub(super) name: &'a str,
    /// Bytes.
    pub(super) size: u64,
}

/// Copies a file into a folder, under an id that was drawn before. `step` is its place among the files of the task.
///
/// # Errors
/// As Drive says, or when the file cannot be read.
pub(super) async fn copy(
    context: &Context<'_>,
    files: &Files,
    step: &str,
    id: &FileId,
    (parent, copy): (&File, &Copy<'_>),
) -> Result<receipt::DriveFile, Failure> {
    let md5 = folder::md5(copy.path)
        .map_err(|error| Failure::transient("no_file", format!("a copy cannot be read: {error}")))?;
    let left = |file: &File| receipt::DriveFile {
        id: id.to_string(),
        name: file.name.clone(),
        size: file.size.unwrap_or(copy.size),
        md5: file.checksums.md5.clone().unwrap_or_else(|| md5.clone()),
        url: file.url.clone(),
    };
    let announcement = Announcement {
        step,
        kind: EffectKind::DriveFile,
        target: format!("drive/{id}"),
        detail: format!("{}, {} bytes, md5 {md5}", copy.name, copy.size),
    };
    context
        .effect(
            announcement,
            async || match files.drive.file(id).await {
                Ok(file) if file.checksums.md5.as_deref() == Some(&md5) => Ok(Some(left(&file))),
                Ok(_) => Ok(None),
                Err(error) if error.is_missing() => Ok(None),
                Err(error) => Err(error.into()),
            },
            async || {
                let new = NewFile {
                    id: Some(id.clone()),
                    name: Some(copy.name.to_owned()),
                    parent: Some(parent.id.clone()),
                    ..NewFile::default()
                };
                may_send(context, copy.size)?;
                has_room(context, files, parent, copy.size).await?;
                upload(context, files, new, copy, (step, &md5)).await.map(|file| left(&file))
            },
        )
        .await
}

/// Uploads, a large file from where an earlier attempt came to: fetched again it is the same bytes, or its sum is another
/// and so is the seal.
async fn upload(
    context: &Context<'_>,
    files: &Files,
    new: NewFile,
    copy: &Copy<'_>,
    (step, md5): (&str, &str),
) -> Result<File, Failure> {
    let content =
        Content { mime: mime::of_name(copy.name).to_owned(), bytes: Bytes::File(copy.path.to_owned()) };
    let target = UploadTarget::New(new);
    if copy.size <= MOST_AT_ONCE {
        return Ok(files.drive.upload_at_once(&target, &content).await?.file());
    }
    let place = format!("{}/{step}/{md5}", context.task.id);
    let mut kept = Kept::of(context);
    let mut sealed = kept.upload.take().filter(|(of, _)| of == step).map(|(_, sealed)| sealed);
    for _ in 0..SESSIONS {
        let known = sealed.take().zip(files.seal.as_deref());
        let opened = known.and_then(|(sealed, seal)| UploadSession::opened(&sealed, seal, &place));
        let session = match opened {
            Some(session) => session,
            None => {
                let session = files.drive.begin_upload(&target, &content).await?;
                let closed =
                    files.seal.as_deref().and_then(|seal| session.sealed(seal, &place, &files.entropy));
                if let Some(closed) = closed {
                    kept.upload = Some((step.to_owned(), closed));
                    context.keep(1, "an upload was begun", &kept).await?;
                }
                session
            }
        };
        if let UploadEnd::Done(created) = files.drive.continue_upload(&session, &content, &()).await? {
            return Ok(created.file());
        }
    }
    Err(Failure::transient("drive_session", "Drive forgot the upload again and again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_words_make_no_path_and_no_empty_name() {
        for (text, name) in [
            ("42 Crash: on a/b\\c", "42 Crash- on a-b-c"),
            ("../..", "-"),
            ("\u{202e}\u{0} \n", "untitled"),
            ("...", "untitled"),
            (" a\nb. ", "a b"),
        ] {
            assert_eq!(name_of(text), name, "{text:?}");
        }
        assert!(name_of(&"x".repeat(500)).chars().count() <= NAME);
    }
}
