//! Commands that put things in order: `mkdir`, `mv`, `cp`, `rm`, `restore`. Through the log where there is one.

use super::super::failure::{Ended, Kind};
use super::find::Found;
use super::ledger::{Order, key, verb};
use super::{Desk, ended, told};
use crate::cli::{DriveAt, DriveCopy, DriveFromTo, DriveRemove};
use crate::domain::input::{Arrange, DRIVE_ORGANISE, DriveOrganise};
use crate::domain::receipt;
use crate::domain::untrusted::one_line;
use crate::services::drive::arranging::{self, Arranged, place, seen};
use crate::services::drive::room::Room;
use crate::services::drive::{File, FileId};

/// Width of a name in a sentence.
const NAME: usize = 80;
/// Folders in folders at most; Drive allows a hundred.
const DEEPEST: usize = 100;

fn tell(desk: &Desk, file: &File, what: &str) -> Result<(), Ended> {
    desk.note(&format!("`{}` {what}.", one_line(&file.name, NAME)));
    desk.tell(&told::file(&file.name, file), &[file.id.to_string()])
}

/// An id for something that is to be made: with it, no repetition makes a second one.
pub(super) async fn fresh_id(desk: &Desk) -> Result<FileId, Ended> {
    let ids = desk.drive.generate_ids(1).await.map_err(ended)?;
    ids.into_iter().next().ok_or_else(|| Ended::bug("Drive gave no id"))
}

/// Does it: through the log where there is one, otherwise at once.
async fn arrange(desk: &Desk, file: &File, action: Arrange, into: Option<&File>) -> Result<Arranged, Ended> {
    let Some(ledger) = &desk.ledger else {
        let ids = arranging::draw(&*desk.drive, &action).await.map_err(ended)?;
        return arranging::arrange(&*desk.drive, file, &action, &ids).await.map_err(ended);
    };
    let input = DriveOrganise {
        file: file.id.to_string(),
        name: file.name.clone(),
        seen: Some(seen(file)),
        into: into.map(place),
        action,
        asked_by: Some(ledger.asks()),
    };
    let order = Order {
        kind: DRIVE_ORGANISE,
        unique: key(&input.file, &input.action),
        reason: format!("{} asked on the command line to {} it", ledger.asks(), verb(&input.action)),
        input: &input,
    };
    let done: receipt::DriveItem = ledger.carry_out(&order).await?;
    let id = FileId::parse(&done.id).map_err(Ended::bug)?;
    // As it is now; what is gone for good is told as it was.
    let now = arranging::there(&*desk.live, &id).await.map_err(ended)?;
    Ok(Arranged { file: now.unwrap_or_else(|| file.clone()), done: done.done })
}

async fn arrange_and_tell(desk: &Desk, file: &File, action: Arrange) -> Result<(), Ended> {
    let arranged = arrange(desk, file, action, None).await?;
    tell(desk, &arranged.file, &arranged.done)
}

async fn arrange_into(desk: &Desk, file: &File, action: Arrange, into: &File) -> Result<(), Ended> {
    let arranged = arrange(desk, file, action, Some(into)).await?;
    tell(desk, &arranged.file, &arranged.done)
}

/// Tells that there is nothing to do: only Drive itself knows that.
fn tell_certain(desk: &Desk, file: &File, what: &str) -> Result<(), Ended> {
    desk.certain()?;
    tell(desk, file, what)
}

pub(super) async fn make_folders(desk: &Desk, arguments: &DriveAt) -> Result<(), Ended> {
    match desk.finder().look(&arguments.place).await? {
        Found::Here(file) if file.is_folder() => tell_certain(desk, &file, "is there already"),
        Found::Here(file) => Err(Ended::usage(
            format!("`{}` is there, and is no folder", one_line(&file.name, NAME)),
            "Take another name.",
        )),
        Found::Missing { above, names } => {
            arrange_and_tell(desk, &above, Arrange::MakeFolders { names }).await
        }
    }
}

/// Where something is to go: the folder, and its new name where it gets one.
async fn target(desk: &Desk, text: &str) -> Result<(File, Option<String>), Ended> {
    match desk.finder().look(text).await? {
        Found::Here(file) if file.is_folder() => Ok((*file, None)),
        Found::Here(file) => Err(Ended::usage(
            format!("`{}` is there already", one_line(&file.name, NAME)),
            "Take another name, or put what is there into the trash first.",
        )),
        Found::Missing { above, mut names } if names.len() == 1 => Ok((*above, names.pop())),
        Found::Missing { above, names } => Err(Ended::usage(
            format!("there is no `{}` in `{}`", one_line(&names[0], NAME), one_line(&above.name, NAME)),
            "Make it first: `automata drive mkdir`.",
        )),
    }
}

/// Two things of one name in a folder are told apart by nobody but Drive: what is to go there under a name that something
/// else has there does not.
async fn is_free(desk: &Desk, folder: &File, name: &str, own: Option<&FileId>) -> Result<(), Ended> {
    match desk.finder().in_the_way(folder, name, own).await? {
        None => Ok(()),
        Some(there) => Err(Ended::usage(
            format!("`{}` is there already in `{}`", one_line(name, NAME), one_line(&folder.name, NAME)),
            format!(
                "Write another name behind the folder, or put what is there (id:{}) into the trash first.",
                there.id
            ),
        )),
    }
}

fn is_no_top(file: &File) -> Result<(), Ended> {
    if file.parent.is_none() && file.owned_by_me
        || file.drive.as_ref().is_some_and(|drive| drive.folder() == file.id)
    {
        return Err(Ended::usage(
            format!("`{}` is the topmost folder of a drive", one_line(&file.name, NAME)),
            "Name what is in it.",
        ));
    }
    Ok(())
}

/// A folder does not go into itself, nor into what is in it.
async fn stays_outside(desk: &Desk, folder: &File, into: &File) -> Result<(), Ended> {
    let mut here = into.clone();
    for _ in 0..DEEPEST {
        if here.id == folder.id {
            return Err(Ended::usage(
                format!("`{}` cannot go into itself, nor into what is in it", one_line(&folder.name, NAME)),
                "Name another folder.",
            ));
        }
        // What lies in the same folder is not in it, nor is what lies where we do not see.
        let Some(above) = here.parent.clone().filter(|above| folder.parent.as_ref() != Some(above)) else {
            return Ok(());
        };
        let Some(found) = arranging::there(&*desk.drive, &above).await.map_err(ended)? else { return Ok(()) };
        here = found;
    }
    Ok(())
}

pub(super) async fn move_it(desk: &Desk, arguments: &DriveFromTo) -> Result<(), Ended> {
    let file = desk.finder().file(&arguments.from).await?;
    is_no_top(&file)?;
    let (folder, name) = target(desk, &arguments.to).await?;
    if file.is_folder() {
        stays_outside(desk, &file, &folder).await?;
    }
    let name = name.filter(|name| *name != file.name);
    let stays = file.parent.as_ref() == Some(&folder.id);
    let action = match (stays, name) {
        (true, None) => return tell_certain(desk, &file, "is there already"),
        (true, Some(to)) => Arrange::Rename { to },
        (false, name) => {
            is_free(desk, &folder, name.as_ref().unwrap_or(&file.name), Some(&file.id)).await?;
            Arrange::Move { to: folder.id.to_string(), name }
        }
    };
    let is_rename = matches!(action, Arrange::Rename { .. });
    let into = (!is_rename).then_some(&folder);
    let arranged = arrange(desk, &file, action, into).await?;
    let inside = format!("is in `{}`", one_line(&folder.name, NAME));
    tell(desk, &arranged.file, if is_rename { &inside } else { &arranged.done })
}

pub(super) async fn copy(desk: &Desk, arguments: &DriveCopy) -> Result<(), Ended> {
    let file = desk.finder().file(&arguments.from).await?;
    if arguments.shortcut {
        let (folder, name) = target(desk, &arguments.to).await?;
        is_free(desk, &folder, name.as_ref().unwrap_or(&file.name), None).await?;
        let action = Arrange::Shortcut { to: folder.id.to_string(), name };
        return arrange_into(desk, &file, action, &folder).await;
    }
    if file.is_folder() {
        return Err(Ended::usage(
            format!("`{}` is a folder, and Drive copies files only", one_line(&file.name, NAME)),
            "Make a shortcut to it with --shortcut; or fetch it with `automata drive sync --down` and upload it again with \
             `automata drive sync`.",
        ));
    }
    let (folder, name) = target(desk, &arguments.to).await?;
    is_free(desk, &folder, name.as_ref().unwrap_or(&file.name), None).await?;
    if desk.ledger.is_none() {
        let bytes = file.size.unwrap_or_default();
        Room::default().check(&*desk.drive, &folder, bytes).await.map_err(ended)?;
    }
    arrange_into(desk, &file, Arrange::Copy { to: folder.id.to_string(), name }, &folder).await
}

/// Whether those get into a folder who have access to the folder above.
pub(super) async fn limit(desk: &Desk, place: &str, limited: bool) -> Result<(), Ended> {
    let file = desk.finder().file(place).await?;
    if !file.is_folder() {
        return Err(Ended::usage(
            format!("`{}` is no folder, and Drive limits access to folders only", one_line(&file.name, NAME)),
            "Move it into a folder of its own, and limit that.",
        ));
    }
    let may = if limited { file.rights.limit_access } else { file.rights.unlimit_access };
    if !may && file.limited_access != limited {
        return Err(Ended::usage(
            format!("the account may not change who gets into `{}` from above", one_line(&file.name, NAME)),
            "Ask its owner, or an organizer of its shared drive.",
        ));
    }
    arrange_and_tell(desk, &file, Arrange::Limit { limited }).await
}

pub(super) async fn remove(desk: &Desk, arguments: &DriveRemove) -> Result<(), Ended> {
    let file = desk.finder().even_in_the_trash(&arguments.place).await?;
    is_no_top(&file)?;
    let action = if arguments.for_good { Arrange::Delete } else { Arrange::Trash };
    arrange_and_tell(desk, &file, action).await
}

pub(super) async fn restore(desk: &Desk, arguments: &DriveAt) -> Result<(), Ended> {
    let file = match desk.finder().look_everywhere(&arguments.place).await? {
        Found::Here(file) => *file,
        Found::Missing { above, names } => in_the_trash(desk, &above, &names).await?,
    };
    if !file.trashed {
        return tell_certain(desk, &file, "is not in the trash");
    }
    if !file.explicitly_trashed {
        return Err(Ended::usage(
            format!("`{}` is in the trash with a folder above it", one_line(&file.name, NAME)),
            "Restore that folder.",
        ));
    }
    arrange_and_tell(desk, &file, Arrange::Restore).await
}

/// What has that name in a folder and is in the trash.
async fn in_the_trash(desk: &Desk, above: &File, names: &[String]) -> Result<File, Ended> {
    use crate::services::drive::{Listing, Query, Term};
    let [name] = names else {
        return Err(Ended::usage(
            format!("there is no `{}` in `{}`", one_line(&names[0], NAME), one_line(&above.name, NAME)),
            "Name what is to be restored by its id.",
        ));
    };
    let query = Query::all([Term::In(above.id.clone()), Term::NameIs(name.clone()), Term::Trashed(true)]);
    let listing = Listing::of(query.clone(), above.drive.clone());
    let found = desk.finder().all(&listing, usize::MAX).await?;
    if found.incomplete {
        return Err(Ended {
            kind: Kind::Again,
            message: "Drive did not look everywhere, so there may be others of that name in the trash"
                .to_owned(),
            hints: vec!["Name what is to be restored by its id, or run it again.".to_owned()],
        });
    }
    let mut found: Vec<File> = found.files.into_iter().filter(|file| query.fits(file)).collect();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Ended::usage(
            format!(
                "there is no `{}` in `{}`, not in the trash either",
                one_line(name, NAME),
                one_line(&above.name, NAME)
            ),
            "`automata drive find --trashed` shows what is in the trash.",
        )),
        _ => {
            let ids: Vec<String> = found.iter().map(|file| format!("id:{}", file.id)).collect();
            Err(Ended::usage(
                format!("several things of that name are in the trash: {}", ids.join(", ")),
                "Name the one that is meant by its id.",
            ))
        }
    }
}
