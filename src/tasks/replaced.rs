//! Which file in a folder gets new content, so that no other is made beside it.

use serde::de::DeserializeOwned;

use super::files::waits;
use super::{Context, Files};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::input::Converted;
use crate::domain::receipt;
use crate::domain::untrusted::one_line;
use crate::drive::document::{self, InTheWay};
use crate::services::drive::{File, FileId, Led, arranging, follow};

/// Characters of a name that an error shows.
const NAME: usize = 80;

/// The file that a task put last at a place: `is_it` tells by the input of that task and by what it left behind.
pub(super) fn before<T: DeserializeOwned>(
    context: &Context<'_>,
    is_it: impl Fn(&T, &receipt::DriveFile) -> bool,
) -> Option<FileId> {
    let state = context.journal.state();
    let files = state.effects.values().filter(|effect| effect.intent.kind == EffectKind::DriveFile);
    let same = files.filter_map(|effect| {
        let task = state.tasks.get(&effect.intent.task)?;
        let asked: T = task.spec.input.read().ok()?;
        let file: receipt::DriveFile = effect.receipt.as_ref()?.read().ok()?;
        is_it(&asked, &file).then_some((task.enqueued, file.id))
    });
    same.max().and_then(|(_, id)| FileId::parse(&id).ok())
}

/// The file of that name that is to get new content: what was put there before, else what has the name now.
///
/// # Errors
/// When several things have it, or one that does not take the content; or as Drive says.
pub(super) async fn there(
    context: &Context<'_>,
    files: &Files,
    (parent, name): (&File, &str),
    before: Option<FileId>,
    becomes: Option<Converted>,
) -> Result<Option<File>, Failure> {
    // Lists lag: what we put there is asked for by its id.
    if let Some(id) = before {
        let file = arranging::there(&*files.drive, &id).await.map_err(|error| waits(context, error))?;
        let is_it = |file: &File| {
            !file.trashed
                && file.parent.as_ref() == Some(&parent.id)
                && file.name == name
                && document::in_the_way(&file.mime, becomes).is_none()
        };
        if let Some(file) = file.filter(is_it) {
            return Ok(Some(file));
        }
    }
    let led = follow(&*files.drive, parent, &[name.to_owned()]).await;
    match led.map_err(|error| waits(context, error))? {
        Led::To(file) => match document::in_the_way(&file.mime, becomes) {
            None => Ok(Some(*file)),
            Some(other) => Err(Failure::permanent("drive_in_the_way", other.told(name)).hint(way_out(other))),
        },
        Led::Missing { .. } => Ok(None),
        Led::Several { .. } => Err(Failure::permanent(
            "drive_several",
            format!("several files are called `{}` there", one_line(name, NAME)),
        )
        .hint("Remove or rename all but the one that is to get new content, by their ids.")),
    }
}

/// What to do about something that is in the way.
const fn way_out(other: InTheWay) -> &'static str {
    match other {
        InTheWay::Folder => "Take another `name`.",
        InTheWay::OtherKind(_) => {
            "Only a document of the same kind gets new content this way. Take another `name`, or leave `replace` out: then it is put \
             beside it."
        }
        InTheWay::Document | InTheWay::Shortcut => {
            "Take another `name`, or leave `replace` out: then it is put beside it."
        }
    }
}
