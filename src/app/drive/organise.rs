//! Commands that put things in order: `mkdir`, `mv`, `cp`, `rm`, `restore`.

use super::super::failure::Ended;
use super::find::Found;
use super::{Desk, ended, told};
use crate::cli::{DriveAt, DriveFromTo, DriveRemove};
use crate::domain::untrusted::one_line;
use crate::services::drive::file::Move;
use crate::services::drive::{File, FileId, FileUpdate, NewFile};

/// Width of a name in a sentence.
const NAME: usize = 80;

fn tell(desk: &Desk, file: &File, what: &str) -> Result<(), Ended> {
    desk.note(&format!("`{}` {what}.", one_line(&file.name, NAME)));
    desk.tell(&told::file(&file.name, file), &[file.id.to_string()])
}

/// An id for something that is to be made: with it, no repetition makes a second one.
pub(super) async fn fresh_id(desk: &Desk) -> Result<FileId, Ended> {
    let ids = desk.drive.generate_ids(1).await.map_err(ended)?;
    ids.into_iter().next().ok_or_else(|| Ended::bug("Drive gave no id"))
}

pub(super) async fn make_folders(desk: &Desk, arguments: &DriveAt) -> Result<(), Ended> {
    match desk.finder().look(&arguments.place).await? {
        Found::Here(file) if file.is_folder() => tell(desk, &file, "is there already"),
        Found::Here(file) => Err(Ended::usage(
            format!("`{}` is there, and is no folder", one_line(&file.name, NAME)),
            "Take another name.",
        )),
        Found::Missing { above, names } => {
            let folder = folders(desk, *above, &names).await?;
            tell(desk, &folder, "was made")
        }
    }
}

/// Makes folders in each other; gives the innermost.
pub(super) async fn folders(desk: &Desk, above: File, names: &[String]) -> Result<File, Ended> {
    let mut here = above;
    for name in names {
        let new = NewFile::folder(fresh_id(desk).await?, name, here.id.clone());
        here = desk.drive.create(&new).await.map_err(ended)?.file();
    }
    Ok(here)
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

pub(super) async fn move_it(desk: &Desk, arguments: &DriveFromTo) -> Result<(), Ended> {
    let file = desk.finder().file(&arguments.from).await?;
    let (folder, name) = target(desk, &arguments.to).await?;
    let stays = file.parent.as_ref() == Some(&folder.id);
    let update = FileUpdate {
        moved: (!stays).then(|| Move { from: file.parent.clone(), to: folder.id.clone() }),
        name: name.filter(|name| *name != file.name),
        ..FileUpdate::default()
    };
    if update == FileUpdate::default() {
        return tell(desk, &file, "is there already");
    }
    let moved = desk.drive.update(&file.id, &update).await.map_err(ended)?;
    tell(desk, &moved, &format!("is in `{}`", one_line(&folder.name, NAME)))
}

pub(super) async fn copy(desk: &Desk, arguments: &DriveFromTo) -> Result<(), Ended> {
    let file = desk.finder().file(&arguments.from).await?;
    if file.is_folder() {
        return Err(Ended::usage(
            format!("`{}` is a folder, and Drive copies files only", one_line(&file.name, NAME)),
            "Fetch it with `automata drive sync --down` and upload it again with `automata drive sync`.",
        ));
    }
    let (folder, name) = target(desk, &arguments.to).await?;
    let new = NewFile {
        id: Some(fresh_id(desk).await?),
        name: Some(name.unwrap_or_else(|| file.name.clone())),
        parent: Some(folder.id.clone()),
        ..NewFile::default()
    };
    let copied = desk.drive.copy(&file.id, &new).await.map_err(ended)?.file();
    tell(desk, &copied, &format!("was copied to `{}`", one_line(&folder.name, NAME)))
}

pub(super) async fn remove(desk: &Desk, arguments: &DriveRemove) -> Result<(), Ended> {
    let file = desk.finder().file(&arguments.place).await?;
    if file.parent.is_none() && file.owned_by_me
        || file.drive.as_ref().is_some_and(|drive| drive.folder() == file.id)
    {
        return Err(Ended::usage(
            format!("`{}` is the topmost folder of a drive", one_line(&file.name, NAME)),
            "Name what is in it.",
        ));
    }
    if arguments.for_good {
        desk.drive.delete(&file.id).await.map_err(ended)?;
        return tell(desk, &file, "was deleted for good");
    }
    if file.trashed {
        return tell(desk, &file, "is in the trash already");
    }
    let file = desk.drive.update(&file.id, &FileUpdate::trash(true)).await.map_err(ended)?;
    tell(desk, &file, &format!("is in the trash; `automata drive restore id:{}` takes it out again", file.id))
}

pub(super) async fn restore(desk: &Desk, arguments: &DriveAt) -> Result<(), Ended> {
    let file = match desk.finder().look(&arguments.place).await? {
        Found::Here(file) => *file,
        Found::Missing { above, names } => in_the_trash(desk, &above, &names).await?,
    };
    if !file.trashed {
        return tell(desk, &file, "is not in the trash");
    }
    if !file.explicitly_trashed {
        return Err(Ended::usage(
            format!("`{}` is in the trash with a folder above it", one_line(&file.name, NAME)),
            "Restore that folder.",
        ));
    }
    let file = desk.drive.update(&file.id, &FileUpdate::trash(false)).await.map_err(ended)?;
    tell(desk, &file, "was taken out of the trash")
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
    let mut found: Vec<File> = found.into_iter().filter(|file| query.fits(file)).collect();
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
