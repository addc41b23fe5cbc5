//! Commands that carry content: `get`, `put`, `export`.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::super::failure::{Ended, Kind};
use super::super::progress::{self, Bar, Unit};
use super::organise::fresh_id;
use super::{Desk, ended, told};
use crate::cli::{Converted, DriveExport, DriveGet, DrivePut, ExportFormat};
use crate::domain::input;
use crate::domain::untrusted::one_line;
use crate::drive::document::{self, InTheWay, Unfit};
use crate::drive::{local, mime};
use crate::services::drive::arranging;
use crate::services::drive::room::Room;
use crate::services::drive::sending;
use crate::services::drive::transfer::Bytes;
use crate::services::drive::{
    Content, Error, File, FileUpdate, MOST_AT_ONCE, NewFile, Progress, Reason, RevisionId, UploadSession,
    UploadTarget, Verification, Wanted,
};
use crate::services::folder;
use crate::tasks::drive_sync::{Sessions as _, note_written};

/// Width of a name in a sentence.
const NAME: usize = 80;
/// Parts of a download that are fetched at a time.
const PARTS: u8 = 4;

/// Where a file is to be written: the path itself, or under its own name in a folder.
fn destination(to: Option<&PathBuf>, name: &str, force: bool) -> Result<PathBuf, Ended> {
    let own = |folder: &Path| match local::unfit(name) {
        None => Ok(folder.join(name)),
        Some(why) => Err(Ended::usage(
            format!("`{}` cannot be the name of a file here: {why}", one_line(name, NAME)),
            "Say what it is to be called: name a file after the place.",
        )),
    };
    let path = match to {
        None => own(Path::new(""))?,
        Some(path) if path.is_dir() => own(path)?,
        Some(path) => path.clone(),
    };
    if path.exists() && !force {
        return Err(Ended::usage(
            format!("{} is there already", path.display()),
            "Name another file, or add --force to write over it.",
        ));
    }
    Ok(path)
}

/// Tells how far a file has come.
struct Watched(Bar);

impl Watched {
    fn by(desk: &Desk, what: &'static str) -> Self {
        Self(progress::begun(desk.terminal, what, Unit::Bytes, desk.json))
    }
}

impl Progress for Watched {
    fn at(&self, done: u64, total: u64) -> bool {
        self.0.at(done, total);
        true
    }
}

pub(super) async fn get(desk: &Desk, arguments: &DriveGet) -> Result<(), Ended> {
    let revision = arguments.revision.as_deref().map(RevisionId::parse).transpose();
    let revision = revision.map_err(|error| {
        Ended::usage(error.to_string(), "`automata drive info` shows the revisions of a file.")
    })?;
    let file = desk.finder().file(&arguments.place).await?;
    if file.is_folder() {
        return Err(Ended::usage(
            format!("`{}` is a folder", one_line(&file.name, NAME)),
            "Fetch all that is in it with `automata drive sync FOLDER PLACE --down`.",
        ));
    }
    if !file.has_content() {
        return Err(Ended::usage(
            format!("`{}` is a Google document and has no bytes of its own", one_line(&file.name, NAME)),
            format!("Fetch it in another format: automata drive export id:{} --as md", file.id),
        ));
    }
    let to = destination(arguments.to.as_ref(), &file.name, arguments.force)?;
    let (accept_abuse, modified_at) = (arguments.accept_abuse, file.modified_at);
    let dated = if revision.is_none() { modified_at } else { None };
    let wanted = Wanted { revision, at_once: PARTS, accept_abuse, known: Some(file.clone()) };
    let got =
        desk.drive.download(&file.id, &wanted, &to, &Watched::by(desk, "fetching")).await.map_err(ended)?;
    folder::date(&to, dated);
    let value = json!({
        "id": file.id, "to": to, "size": got.size, "resumed_at": got.resumed_at, "md5": got.checksums.md5,
    });
    let checked = match got.verified {
        Verification::Sha256 | Verification::Md5 => ", checked",
        Verification::Length => "; Drive has no checksum of them, so only their number was checked",
    };
    desk.note(&format!("{} has {} bytes{checked}.", to.display(), got.size));
    desk.tell(&value, &[])
}

pub(super) async fn put(desk: &Desk, arguments: &DrivePut) -> Result<(), Ended> {
    let own = arguments.file.file_name().map(|name| name.to_string_lossy().into_owned());
    let Some(name) = arguments.name.clone().or(own) else {
        return Err(Ended::usage("the file has no name", "Say what it is to be called with --name."));
    };
    let folder = desk.finder().folder(&arguments.folder).await?;
    let there = if arguments.new {
        None
    } else {
        match desk.finder().child(&folder, &name).await? {
            None => made_before(desk, &folder, &name).await?,
            there => there,
        }
    };
    let becomes = arguments.convert.map(converted);
    if let Some(there) = &there
        && let Some(other) = document::in_the_way(&there.mime, becomes)
    {
        return Err(Ended::usage(other.told(&name), way_out(other)));
    }
    let converted = becomes.map(document::mime_of);
    let mime = arguments.mime.clone().unwrap_or_else(|| mime::of_name(&name).to_owned());
    let content = Content { mime, bytes: Bytes::File(arguments.file.clone()) };
    let size = sending::size(&content).map_err(ended)?;
    // Also what came through in an upload that was cut off before it heard so.
    let as_it_is = converted.is_none() && arguments.mime.is_none();
    if let Some(there) = there.as_ref().filter(|there| as_it_is && there.size == Some(size))
        && there.checksums.md5.as_deref() == Some(&*sum(&arguments.file)?)
    {
        desk.note(&format!("`{}` has this content already.", one_line(&there.name, NAME)));
        return desk.tell(&told::file(&there.name, there), &[there.id.to_string()]);
    }
    desk.may_send(size).await?;
    if there.is_none() {
        Room::default().check(&*desk.drive, &folder, size).await.map_err(ended)?;
    }
    // A checkout gives every file the time of the job.
    let modified_at = if desk.keeps_times() { folder::dated(&arguments.file) } else { None };
    let target = match there {
        Some(there) => UploadTarget::Content(there.id, FileUpdate { modified_at, ..FileUpdate::default() }),
        None => UploadTarget::New(NewFile {
            name: Some(name),
            mime: converted,
            parent: Some(folder.id.clone()),
            modified_at,
            ..NewFile::default()
        }),
    };
    let is_new = matches!(target, UploadTarget::New(_));
    let file = send(desk, target, &content, size).await?;
    desk.manifest.iter().for_each(|manifest| note_written(manifest, &file, desk.clock.now()));
    let what = if is_new { "was uploaded" } else { "has new content" };
    desk.note(&format!("`{}` {what}.", one_line(&file.name, NAME)));
    desk.tell(&told::file(&file.name, &file), &[file.id.to_string()])
}

/// The file of that name that an earlier command made, where lists do not show it yet: it is asked by its id.
async fn made_before(desk: &Desk, folder: &File, name: &str) -> Result<Option<File>, Ended> {
    let drawn = desk.manifest.as_ref().and_then(|kept| kept.drawn(&folder.id, name, desk.clock.now()));
    let Some(id) = drawn else { return Ok(None) };
    let there = arranging::there(&*desk.live, &id).await.map_err(ended)?;
    let is_it = |file: &File| {
        !file.trashed && file.name == name && file.parent.as_ref().is_none_or(|parent| *parent == folder.id)
    };
    Ok(there.filter(is_it))
}

fn sum(path: &Path) -> Result<String, Ended> {
    folder::md5(path).map_err(|error| {
        ended(Error::new(Reason::LocalFile, format!("{} cannot be read: {error}", path.display())))
    })
}

/// Uploads, from where the same command came to before, if it was cut off.
async fn send(desk: &Desk, target: UploadTarget, content: &Content, size: u64) -> Result<File, Ended> {
    // What goes up in one request has nothing to go on from.
    let upload = match &content.bytes {
        Bytes::File(path) if size > MOST_AT_ONCE => {
            let state = sending::state(path, desk.keeps_times()).map_err(ended)?;
            Some(sending::key(&target, &content.mime, &state))
        }
        _ => None,
    };
    let known = upload.as_deref().and_then(|upload| desk.uploads.kept(upload));
    let target = match (&known, target) {
        (Some(known), target) => {
            desk.note(&format!("An earlier upload of these {size} bytes goes on."));
            sending::as_begun(target, known)
        }
        // Drive takes no id of ours for what it converts.
        (None, UploadTarget::New(new)) if new.mime.is_none() => {
            let id = fresh_id(desk).await?;
            if let (Some(manifest), Some(folder), Some(name)) = (&desk.manifest, &new.parent, &new.name) {
                manifest.keep_drawn(folder, name, &id, desk.clock.now());
            }
            UploadTarget::New(NewFile { id: Some(id), ..new })
        }
        (None, target) => target,
    };
    let begun = |session: &UploadSession| {
        upload.iter().for_each(|upload| desk.uploads.began(upload, session));
    };
    let sent =
        sending::upload(&*desk.drive, &target, content, &Watched::by(desk, "sending"), known, &begun).await;
    if sending::is_over(&sent) {
        upload.iter().for_each(|upload| desk.uploads.ended(upload));
    }
    Ok(sent.map_err(ended)?.file())
}

/// What a file is to become.
const fn converted(convert: Converted) -> input::Converted {
    match convert {
        Converted::Document => input::Converted::Document,
        Converted::Spreadsheet => input::Converted::Spreadsheet,
        Converted::Presentation => input::Converted::Presentation,
    }
}

/// What to do about something that is in the way.
const fn way_out(other: InTheWay) -> &'static str {
    match other {
        InTheWay::Folder => "Take another name with --name.",
        InTheWay::OtherKind(_) => {
            "Only a document of the same kind gets new content this way. Take another name with --name; or put the file beside \
             it with --new."
        }
        InTheWay::Document | InTheWay::Shortcut => {
            "Take another name with --name; or put the file beside it with --new; or with --convert give the document new \
             content."
        }
    }
}

/// The format that was asked for.
const fn format(format: ExportFormat) -> input::ExportFormat {
    match format {
        ExportFormat::Markdown => input::ExportFormat::Md,
        ExportFormat::Text => input::ExportFormat::Txt,
        ExportFormat::Html => input::ExportFormat::Html,
        ExportFormat::Pdf => input::ExportFormat::Pdf,
        ExportFormat::Docx => input::ExportFormat::Docx,
        ExportFormat::Odt => input::ExportFormat::Odt,
        ExportFormat::Csv => input::ExportFormat::Csv,
        ExportFormat::Xlsx => input::ExportFormat::Xlsx,
        ExportFormat::Pptx => input::ExportFormat::Pptx,
        ExportFormat::Svg => input::ExportFormat::Svg,
    }
}

pub(super) async fn export(desk: &Desk, arguments: &DriveExport) -> Result<(), Ended> {
    let file = desk.finder().file(&arguments.place).await?;
    let becomes = format(arguments.becomes);
    let (mime, ending) = (document::format(becomes), becomes.word());
    if let Some(unfit) = document::unfit(&file.mime, becomes) {
        let hint = match &unfit {
            Unfit::File(_) => format!("Fetch it as it is: automata drive get id:{}", file.id),
            Unfit::Folder => "Name one of the documents in it.".to_owned(),
            Unfit::Shortcut => "Name what it leads to.".to_owned(),
            Unfit::Other(formats) => format!("There are {formats}: name one with --as."),
        };
        return Err(Ended::usage(unfit.told(&file.name, &file.mime, becomes), hint));
    }
    let to_stdout = arguments.to.as_deref() == Some(Path::new("-"));
    let to = if to_stdout {
        None
    } else {
        Some(destination(arguments.to.as_ref(), &format!("{}.{ending}", file.name), arguments.force)?)
    };
    let bytes = desk.drive.export(&file.id, mime).await.map_err(ended)?;
    let Some(to) = to else {
        let text = String::from_utf8(bytes).map_err(|_| {
            Ended::usage("this format is no text, and stdout takes text only", "Name a file to write it to.")
        })?;
        desk.terminal.data(text.trim_end_matches('\n'));
        return Ok(());
    };
    std::fs::write(&to, &bytes).map_err(|error| Ended {
        kind: Kind::Work,
        message: format!("{} cannot be written: {error}", to.display()),
        hints: vec!["Name another file.".to_owned()],
    })?;
    desk.note(&format!("{} has {} bytes.", to.display(), bytes.len()));
    desk.tell(&json!({ "id": file.id, "to": to, "size": bytes.len(), "mime": mime }), &[])
}
