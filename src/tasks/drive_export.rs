//! Task kind `drive_export`: keeps a Google document in another format in a folder in Drive. One that has not changed since
//! is not exported again.

use serde::{Deserialize, Serialize};

use super::files::{drive, has_room, may_send, waits};
use super::{Announcement, Context, Done, Files, lodge, place, replaced};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::input::{DriveExport, ExportFormat};
use crate::domain::receipt;
use crate::domain::untrusted::one_line;
use crate::drive::document::{self, Unfit};
use crate::services::drive::{
    Bytes, Content, Error, File, FileId, FileUpdate, NewFile, Reason, UploadTarget, arranging, mark, sending,
};

/// The step that puts the copy there.
const STEP: &str = "drive_file";
/// Characters of a name that an error shows.
const NAME: usize = 80;

/// What an earlier attempt left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// The id of the copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<FileId>,
    /// Whether it was there before and gets new content; otherwise its id was drawn for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    replaces: bool,
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let wanted: DriveExport = context.input()?;
    let files = drive(context)?;
    let document = match source(context, files, &wanted).await? {
        Ok(document) => document,
        Err(note) => return Done::note(&note, Vec::new()),
    };
    let folder = place::folder(&*files.drive, &context.config.drive, &wanted.to).await?;
    let name = wanted.name.clone().unwrap_or_else(|| named(&document.name, wanted.becomes));
    let kept: Kept = context.resume().unwrap_or_default();
    let (copy, drawn) = copy(context, files, &wanted, (&folder, &name), &kept).await?;
    if let Some(copy) = copy.as_ref().filter(|copy| is_of_another(copy, &document)) {
        let told = format!("`{}` there is the copy of another document", one_line(&copy.name, NAME));
        return Err(Failure::permanent("drive_in_the_way", told)
            .hint("Each document has a copy of its own: take another `name`, or another folder."));
    }
    let is_as_now = |file: &File| mark::is_of_document(file, &document, wanted.becomes.word());
    let found = copy.clone().filter(is_as_now);
    if let Some(found) = found.as_ref().filter(|_| !context.is_open(STEP)) {
        let (copy, original) = (one_line(&found.name, NAME), one_line(&document.name, NAME));
        return Done::note(
            &format!("`{original}` has not changed since `{copy}` was made of it"),
            Vec::new(),
        );
    }
    // Before anything is announced: what cannot be exported changes nothing.
    let bytes = match &found {
        Some(_) => Vec::new(),
        None => match files.drive.export(&document.id, document::format(wanted.becomes)).await {
            Ok(bytes) => bytes,
            Err(error) if error.is_missing() => return Done::note("it is gone", Vec::new()),
            // Of a rarer kind only Drive knows what it becomes, and a rule hears of all that changes.
            Err(error)
                if wanted.document.is_none()
                    && document::usual(&document.mime).is_none()
                    && error.is_no_format() =>
            {
                return Done::note(&refused(error, &document).message, Vec::new());
            }
            Err(error) => return Err(waits(context, refused(error, &document))),
        },
    };
    if copy.is_none() {
        has_room(context, files, &folder, bytes.len() as u64).await?;
    }
    let id = match copy.as_ref().map(|file| file.id.clone()).or(drawn) {
        Some(id) => id,
        None => {
            let drawn = files.drive.generate_ids(1).await.map_err(|error| waits(context, error))?;
            drawn.into_iter().next().ok_or_else(|| Failure::transient("drive", "Drive gave no id"))?
        }
    };
    if kept.id.as_ref() != Some(&id) {
        // Durable before anything is made with it: a second attempt makes no second file.
        let now = Kept { id: Some(id.clone()), replaces: copy.is_some() };
        context.keep(0, "an id was drawn", &now).await?;
    }
    let announcement = Announcement {
        step: STEP,
        kind: EffectKind::DriveFile,
        target: format!("drive/{id}"),
        detail: format!(
            "{}: {} as {}, as it was at {}",
            one_line(&name, NAME),
            one_line(&document.name, NAME),
            wanted.becomes.word(),
            document.modified_at.unwrap_or_default()
        ),
    };
    let made = Made { document: &document, format: wanted.becomes, name: &name, bytes };
    let receipt = context
        .effect(
            announcement,
            async || Ok(found.as_ref().map(left_behind)),
            async || match &found {
                Some(found) => Ok(left_behind(found)),
                None => put(context, files, &made, (&id, copy.as_ref()), &folder).await,
            },
        )
        .await?;
    Done::with(&receipt, Vec::new())
}

/// The document that is to be exported, or why there is none: what the task is about may have changed since it was asked for.
async fn source(
    context: &Context<'_>,
    files: &Files,
    wanted: &DriveExport,
) -> Result<Result<File, String>, Failure> {
    let (document, is_named) = match (&wanted.document, context.task.spec.subject.item()) {
        (Some(text), _) => (place::thing(&*files.drive, &context.config.drive, text).await?, true),
        (None, Some(item)) => {
            let there = arranging::there(&*files.drive, &lodge::id_of(item)?).await;
            match there.map_err(|error| waits(context, error))? {
                None => return Ok(Err("it is gone".to_owned())),
                Some(file) if file.trashed => return Ok(Err("it is in the trash".to_owned())),
                Some(file) => (file, false),
            }
        }
        (None, None) => {
            return Err(Failure::permanent("bad_input", "the task names no document and is about none")
                .hint(
                    "Name the document with `document`, by its place in Drive: `docs:plans/Plan`, or `id:…`.",
                ));
        }
    };
    if let Some(unfit) = document::unfit(&document.mime, wanted.becomes) {
        let told = unfit.told(&document.name, &document.mime, wanted.becomes);
        // A rule hears of all that changes.
        if !is_named {
            return Ok(Err(told));
        }
        let hint = match unfit {
            Unfit::File(_) => "What has bytes of its own is copied as it is: `automata drive cp`.".to_owned(),
            Unfit::Folder => "Name one of the documents in it.".to_owned(),
            Unfit::Shortcut => "Name what it leads to, by its id.".to_owned(),
            Unfit::Other(formats) => format!("There are {formats}: name one with `as`."),
        };
        return Err(Failure::permanent("bad_document", told).hint(hint));
    }
    if !document.rights.download {
        let told = format!("this account may not fetch `{}`", one_line(&document.name, NAME));
        return Err(Error::new(Reason::DownloadForbidden, told).into());
    }
    Ok(Ok(document))
}

/// Whether a file was made of another document: two of one name in different folders would take turns in it.
fn is_of_another(copy: &File, document: &File) -> bool {
    copy.app_properties.get(mark::OF).is_some_and(|id| id != document.id.as_str())
}

/// What the copy is called where nobody said so: the document's name made harmless, and the format's ending.
pub(super) fn named(document: &str, format: ExportFormat) -> String {
    let (name, ending) = (lodge::name_of(document), format.word());
    let has_it = name.rsplit_once('.').is_some_and(|(_, known)| known.eq_ignore_ascii_case(ending));
    if has_it { name } else { format!("{name}.{ending}") }
}

/// The file that is to get the content: the one that an earlier attempt made or chose, else the one that is replaced. Beside
/// it the id that was drawn and under which nothing was made.
async fn copy(
    context: &Context<'_>,
    files: &Files,
    wanted: &DriveExport,
    (folder, name): (&File, &str),
    kept: &Kept,
) -> Result<(Option<File>, Option<FileId>), Failure> {
    let mut drawn = kept.id.clone().filter(|_| !kept.replaces);
    if let Some(id) = &kept.id {
        let there = arranging::there(&*files.drive, id).await.map_err(|error| waits(context, error))?;
        match there {
            Some(there) if !there.trashed => return Ok((Some(there), None)),
            // Somebody threw away what was made with it.
            Some(_) => drawn = None,
            None => {}
        }
    }
    if !wanted.replace {
        return Ok((None, drawn));
    }
    let before =
        replaced::before(context, |asked: &DriveExport, file| asked.to == wanted.to && file.name == name);
    Ok((replaced::there(context, files, (folder, name), before, None).await?, drawn))
}

/// What goes up.
struct Made<'a> {
    document: &'a File,
    format: ExportFormat,
    name: &'a str,
    bytes: Vec<u8>,
}

/// Puts the copy there. Bytes that are there already are not sent again: the copy only gets the mark of the document's state.
async fn put(
    context: &Context<'_>,
    files: &Files,
    made: &Made<'_>,
    (id, copy): (&FileId, Option<&File>),
    folder: &File,
) -> Result<receipt::DriveFile, Failure> {
    let md5 = mark::of_bytes(&made.bytes);
    let from = mark::of_document(made.document, made.format.word(), &md5);
    let marks = [(mark::FROM.to_owned(), from), (mark::OF.to_owned(), made.document.id.to_string())];
    let update = FileUpdate {
        app_properties: marks.clone().map(|(key, value)| (key, Some(value))).into(),
        ..FileUpdate::default()
    };
    if let Some(copy) = copy.filter(|copy| copy.checksums.md5.as_ref() == Some(&md5)) {
        let file = files.drive.update(&copy.id, &update).await;
        return Ok(left_behind(&file.map_err(|error| lost(context, error))?));
    }
    may_send(context, made.bytes.len() as u64)?;
    let target = match copy {
        Some(copy) => UploadTarget::Content(copy.id.clone(), update),
        None => UploadTarget::New(NewFile {
            id: Some(id.clone()),
            name: Some(made.name.to_owned()),
            parent: Some(folder.id.clone()),
            app_properties: marks.into(),
            ..NewFile::default()
        }),
    };
    let content =
        Content { mime: document::format(made.format).to_owned(), bytes: Bytes::Memory(made.bytes.clone()) };
    // Exported again it may be other bytes: an upload that was cut off is not gone on with.
    let sent = sending::upload(&*files.drive, &target, &content, &(), None, &|_| {}).await;
    match sent {
        Ok(created) => Ok(left_behind(&created.file())),
        Err(error) if copy.is_some() => Err(lost(context, error)),
        Err(error) => Err(waits(context, error)),
    }
}

/// What it means that the copy could not be written which was there a moment ago: the next attempt looks anew.
fn lost(context: &Context<'_>, error: Error) -> Failure {
    if error.is_missing() {
        return Failure::transient("drive_gone", "the copy is gone, or may not be written any more");
    }
    waits(context, error)
}

/// A refusal of the export, with the document's name: a task may be about any.
fn refused(error: Error, document: &File) -> Error {
    let message = format!("`{}` is not exported: {}", one_line(&document.name, NAME), error.message);
    Error { message, ..error }
}

fn left_behind(file: &File) -> receipt::DriveFile {
    receipt::DriveFile {
        id: file.id.to_string(),
        name: file.name.clone(),
        size: file.size.unwrap_or_default(),
        md5: file.checksums.md5.clone().unwrap_or_default(),
        url: file.url.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_documents_name_made_harmless_and_the_formats_ending() {
        assert_eq!(named("Plan: 2026/27", ExportFormat::Pdf), "Plan- 2026-27.pdf");
        assert_eq!(named("notes.PDF", ExportFormat::Pdf), "notes.PDF");
        assert_eq!(named("../..", ExportFormat::Md), "-.md");
    }
}
