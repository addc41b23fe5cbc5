//! A file that becomes a Google document. Drive takes no id of ours for one: what tells whether an earlier attempt came
//! through is the session of its upload, which is durable before anything is sent, and else a mark on the document.

use super::local::Local;
use super::{Kept, left_behind, there, upload};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::input::{Converted, DrivePut};
use crate::domain::untrusted::one_line;
use crate::drive::document;
use crate::services::drive::{
    File, FileUpdate, Listing, NewFile, Query, Term, UploadTarget, arranging, mark, walk,
};
use crate::tasks::files::{has_room, waits};
use crate::tasks::{Announcement, Context, Done, Files};

/// Characters of a name in the log.
const NAME: usize = 80;
/// Documents looked through for the one that an earlier attempt made; there is one.
const MADE: usize = 10;

/// Puts the file, and has Drive make a document of it; with `replace` the one of that name gets new content, unless it came
/// of this very file. What people wrote into that one since stays until the file is another.
pub(super) async fn run(
    context: &Context<'_>,
    files: &Files,
    (put, becomes): (&DrivePut, Converted),
    local: &Local,
    (parent, mut kept): (&File, Kept),
) -> Result<Done, Failure> {
    let found = match &kept.id {
        Some(id) => {
            let there = arranging::there(&*files.drive, id).await.map_err(|error| waits(context, error))?;
            there.filter(|file| !file.trashed)
        }
        // What is on its way under no id of ours comes to its end first.
        None if put.replace && kept.session.is_none() => there(context, files, parent, put, local).await?,
        None => None,
    };
    let is_same = |file: &File| file.app_properties.get(mark::FROM) == Some(&local.md5);
    if let Some(file) = found.as_ref().filter(|file| is_same(file) && !context.is_open("drive_file")) {
        let told =
            format!("`{}` was made of this very file, and is left as it is", one_line(&file.name, NAME));
        return Done::note(&told, Vec::new());
    }
    let target = match &found {
        Some(file) => {
            kept.id = Some(file.id.clone());
            kept.replaces = true;
            let marks = [(mark::FROM.to_owned(), Some(local.md5.clone()))].into();
            UploadTarget::Content(
                file.id.clone(),
                FileUpdate { app_properties: marks, ..FileUpdate::default() },
            )
        }
        None => {
            // An upload into what is gone is not gone on with.
            let session = kept.session.take().filter(|_| !kept.replaces);
            kept = Kept { id: None, replaces: false, session, ..kept };
            has_room(context, files, parent, local.size).await?;
            let task = context.task.id.to_string();
            UploadTarget::New(NewFile {
                name: Some(local.name.clone()),
                mime: Some(document::mime_of(becomes)),
                parent: Some(parent.id.clone()),
                app_properties: [(mark::FROM.to_owned(), local.md5.clone()), (mark::TASK.to_owned(), task)]
                    .into(),
                ..NewFile::default()
            })
        }
    };
    let into = found.as_ref().map_or(&parent.id, |file| &file.id);
    let announcement = Announcement {
        step: "drive_file",
        kind: EffectKind::DriveFile,
        target: format!("drive/{into}"),
        detail: format!(
            "{} as a {}, {} bytes, md5 {}",
            one_line(&local.name, NAME),
            becomes.word(),
            local.size,
            local.md5
        ),
    };
    let has_session = kept.session.is_some();
    let receipt = context
        .effect(
            announcement,
            async || {
                let made = match &target {
                    UploadTarget::Content(..) => found.clone().filter(is_same),
                    // The session is asked, below: it knows at once what lists show later.
                    UploadTarget::New(_) if has_session => None,
                    UploadTarget::New(_) => made(context, files, &target).await?,
                };
                Ok(made.map(|file| left_behind(&file, local)))
            },
            async || {
                let file = upload(context, files, local, target.clone(), kept).await?;
                Ok(left_behind(&file, local))
            },
        )
        .await?;
    Done::with(&receipt, Vec::new())
}

/// The document that an earlier attempt of this task made, for a target that gets no id of ours. Lists lag.
///
/// # Errors
/// As Drive says.
pub(super) async fn made(
    context: &Context<'_>,
    files: &Files,
    target: &UploadTarget,
) -> Result<Option<File>, Failure> {
    let UploadTarget::New(NewFile { id: None, parent: Some(parent), .. }) = target else { return Ok(None) };
    let marked = Term::AppProperty(mark::TASK.to_owned(), context.task.id.to_string());
    let folder = files.drive.file(parent).await.map_err(|error| waits(context, error))?;
    let listing = Listing::of(Query::all([Term::In(parent.clone()), marked]), folder.drive);
    let found = walk::all(&*files.drive, &listing, MADE).await.map_err(|error| waits(context, error))?;
    Ok(found.files.into_iter().next())
}
