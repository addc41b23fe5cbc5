//! Task kind `drive_organise`: something in Drive is renamed, moved, copied, trashed, restored or deleted, or folders are
//! made, in the order it was asked for, unless somebody has changed it since.

use super::files::{self, drive, has_room, may_send, overtaken, waits};
use super::{Announcement, Context, Done};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::input::{Arrange, DriveOrganise};
use crate::domain::receipt;
use crate::domain::untrusted::one_line;
use crate::drive::conflict;
use crate::services::drive::{Error, FileId, arranging};

/// Characters of a name in the log.
const NAME: usize = 80;

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let asked: DriveOrganise = context.input()?;
    let files = drive(context)?;
    let id = FileId::parse(&asked.file).map_err(Error::from)?;
    let action = &asked.action;
    let ids = files::ids(context, files, action).await?;
    let announcement = Announcement {
        step: "drive_item",
        kind: EffectKind::DriveItem,
        target: format!("drive/{id}"),
        detail: detail(&asked),
    };
    let drive = &*files.drive;
    let left_behind = |arranged: &arranging::Arranged| left_behind(action, arranged);
    let receipt = context
        .effect(
            announcement,
            async || {
                let file = arranging::there(drive, &id).await.map_err(|error| waits(context, error))?;
                if file.is_none() && *action == Arrange::Delete {
                    return Ok(Some(gone(&asked)));
                }
                let found = arranging::look(drive, file.as_ref(), action, &ids).await;
                Ok(found.map_err(|error| waits(context, error))?.as_ref().map(left_behind))
            },
            async || {
                let file = arranging::there(drive, &id).await.map_err(|error| waits(context, error))?;
                if file.is_none() && matches!(action, Arrange::Delete | Arrange::Trash) {
                    return Ok(gone(&asked));
                }
                let is_so = arranging::look(drive, file.as_ref(), action, &ids).await;
                if let Some(arranged) = is_so.map_err(|error| waits(context, error))? {
                    return Ok(left_behind(&arranged));
                }
                let now = file.as_ref().map(arranging::seen);
                let before = asked.seen.clone().or_else(|| now.clone()).unwrap_or_default();
                if let Some(why) = conflict::since(action, &before, now.as_ref()) {
                    return Err(overtaken(&asked.name, &asked.file, &why));
                }
                let Some(file) = file else { return Err(overtaken(&asked.name, &asked.file, "it is gone")) };
                if let (Some(seen), Some(into)) = (&asked.into, folder(action)) {
                    let into = FileId::parse(into).map_err(Error::from)?;
                    let now = drive.file(&into).await.map_err(|error| waits(context, error))?;
                    if let Some(why) = conflict::is_another(seen, &arranging::place(&now)) {
                        return Err(overtaken(&seen.name, into.as_str(), &why));
                    }
                }
                if let Arrange::Copy { to, .. } = action {
                    let bytes = file.size.unwrap_or_default();
                    may_send(context, bytes)?;
                    let into = FileId::parse(to).map_err(Error::from)?;
                    let into = drive.file(&into).await.map_err(|error| waits(context, error))?;
                    has_room(context, files, &into, bytes).await?;
                }
                let done = arranging::arrange(drive, &file, action, &ids).await;
                Ok(left_behind(&done.map_err(|error| waits(context, error))?))
            },
        )
        .await?;
    Done::with(&receipt, Vec::new())
}

/// The folder that an action puts something into.
fn folder(action: &Arrange) -> Option<&str> {
    match action {
        Arrange::Move { to, .. } | Arrange::Copy { to, .. } | Arrange::Shortcut { to, .. } => Some(to),
        _ => None,
    }
}

fn shown(asked: &DriveOrganise) -> String {
    one_line(if asked.name.is_empty() { &asked.file } else { &asked.name }, NAME)
}

/// What is announced: what is to happen, to what, and who asked.
fn detail(asked: &DriveOrganise) -> String {
    let by = asked.asked_by.as_ref().map_or_else(String::new, |login| format!(", asked for by {login}"));
    let named = |name: &Option<String>| {
        name.as_ref().map_or_else(String::new, |name| format!(" as {}", one_line(name, NAME)))
    };
    let what = match &asked.action {
        Arrange::Rename { to } => format!("is renamed to {}", one_line(to, NAME)),
        Arrange::Move { to, name } => format!("moves to id:{to}{}", named(name)),
        Arrange::Copy { to, name } => format!("is copied to id:{to}{}", named(name)),
        Arrange::Shortcut { to, name } => format!("gets a shortcut in id:{to}{}", named(name)),
        Arrange::Limit { limited: true } => "lets nobody in because of a folder above".to_owned(),
        Arrange::Limit { limited: false } => "lets those in who have access to the folder above".to_owned(),
        Arrange::MakeFolders { names } => format!("gets the folder {}", one_line(&names.join("/"), NAME)),
        Arrange::Trash => "goes into the trash".to_owned(),
        Arrange::Restore => "is taken out of the trash".to_owned(),
        Arrange::Delete => "is deleted for good".to_owned(),
    };
    format!("{} {what}{by}", shown(asked))
}

fn left_behind(action: &Arrange, arranged: &arranging::Arranged) -> receipt::DriveItem {
    let file = &arranged.file;
    let (name, done) = (one_line(&file.name, NAME), arranged.done.clone());
    let copied = if matches!(action, Arrange::Copy { .. }) { file.size.unwrap_or_default() } else { 0 };
    receipt::DriveItem { id: file.id.to_string(), name, done, url: file.url.clone(), copied }
}

fn gone(asked: &DriveOrganise) -> receipt::DriveItem {
    let done = "was gone already".to_owned();
    receipt::DriveItem { id: asked.file.clone(), name: shown(asked), done, url: None, copied: 0 }
}
