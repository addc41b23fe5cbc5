//! Something done to a file or a folder, so that doing it again finds it done: renamed, moved, copied, trashed,
//! restored, deleted, or folders made in it. What is made gets an id that was drawn before.

use super::Drive;
use super::error::{Error, Reason};
use super::file::{File, FileUpdate, Move, NewFile};
use super::id::FileId;
use super::query::{Listing, Query};
use super::walk;
use crate::domain::input::{Arrange, FileSeen};
use crate::domain::untrusted::one_line;

/// Width of a name in a sentence.
const NAME: usize = 80;

/// What is told of a folder that nobody gets into because of a folder above.
const CLOSED: &str = "lets nobody in because of a folder above";
/// What is told of any other folder.
const OPEN: &str = "lets those in who have access to the folder above";

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arranged {
    /// What was changed or made; how it was, where it is gone for good.
    pub file: File,
    /// What was done, a clause: `is in the trash`.
    pub done: String,
}

/// Draws the ids that have to be there before.
///
/// # Errors
/// As Drive says.
pub async fn draw(drive: &dyn Drive, action: &Arrange) -> Result<Vec<FileId>, Error> {
    match (action, ids_wanted(action)) {
        (_, 0) => Ok(Vec::new()),
        // Ids of shortcuts are of another kind.
        (Arrange::Shortcut { .. }, _) => Ok(vec![drive.generate_shortcut_id().await?]),
        (_, count) => drive.generate_ids(count).await,
    }
}

/// How many ids have to be drawn before.
#[must_use]
pub fn ids_wanted(action: &Arrange) -> u16 {
    match action {
        Arrange::Copy { .. } | Arrange::Shortcut { .. } => 1,
        Arrange::MakeFolders { names } => u16::try_from(names.len()).unwrap_or(u16::MAX),
        _ => 0,
    }
}

/// How a file is, to be compared later.
#[must_use]
pub fn seen(file: &File) -> FileSeen {
    let revision = file.revision.as_ref().map(ToString::to_string);
    let changed = || file.modified_at.filter(|_| !file.is_folder()).map(|at| at.to_string());
    FileSeen {
        name: file.name.clone(),
        parent: file.parent.as_ref().map(ToString::to_string),
        trashed: file.trashed,
        content: file.checksums.md5.clone().or(revision).or_else(changed),
    }
}

/// Where something is, to be compared later: as [`seen`], without its content.
#[must_use]
pub fn place(file: &File) -> FileSeen {
    FileSeen { content: None, ..seen(file) }
}

/// A file, or none where there is none that we see.
///
/// # Errors
/// As Drive says.
pub async fn there(drive: &dyn Drive, id: &FileId) -> Result<Option<File>, Error> {
    match drive.file(id).await {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

fn id(text: &str) -> Result<FileId, Error> {
    Ok(FileId::parse(text)?)
}

/// What there is, where it is as wanted already.
///
/// # Errors
/// As Drive says.
pub async fn look(
    drive: &dyn Drive,
    file: Option<&File>,
    action: &Arrange,
    ids: &[FileId],
) -> Result<Option<Arranged>, Error> {
    if ids_wanted(action) > 0 {
        let Some(last) = ids.last() else { return Ok(None) };
        return Ok(there(drive, last).await?.map(|file| Arranged { file, done: "was made".to_owned() }));
    }
    let Some(file) = file else { return Ok(None) };
    let is_in = |folder: &str| file.parent.as_ref().is_some_and(|parent| parent.as_str() == folder);
    let is_so = match action {
        Arrange::Rename { to } => (file.name == *to).then_some("is called so already"),
        Arrange::Move { to, name } => {
            let named = name.as_ref().is_none_or(|name| file.name == *name);
            (named && is_in(to)).then_some("is there already")
        }
        Arrange::Trash => file.trashed.then_some("is in the trash already"),
        Arrange::Restore => (!file.trashed).then_some("is not in the trash"),
        Arrange::Limit { limited } => {
            (file.limited_access == *limited).then_some(if *limited { CLOSED } else { OPEN })
        }
        Arrange::Delete | Arrange::Copy { .. } | Arrange::Shortcut { .. } | Arrange::MakeFolders { .. } => {
            None
        }
    };
    Ok(is_so.map(|done| Arranged { file: file.clone(), done: done.to_owned() }))
}

/// Does it. `ids` are as many as [`ids_wanted`] says.
///
/// # Errors
/// As Drive says.
pub async fn arrange(
    drive: &dyn Drive,
    file: &File,
    action: &Arrange,
    ids: &[FileId],
) -> Result<Arranged, Error> {
    if let Some(arranged) = look(drive, Some(file), action, ids).await? {
        return Ok(arranged);
    }
    let update = async |update: FileUpdate, done: String| {
        drive.update(&file.id, &update).await.map(|file| Arranged { file, done })
    };
    match action {
        Arrange::Rename { to } => update(FileUpdate::rename(to), "has its new name".to_owned()).await,
        Arrange::Move { to, name } => {
            let folder = drive.file(&id(to)?).await?;
            let stays = file.parent.as_ref() == Some(&folder.id);
            let change = FileUpdate {
                moved: (!stays).then(|| Move { from: file.parent.clone(), to: folder.id.clone() }),
                name: name.clone().filter(|name| *name != file.name),
                ..FileUpdate::default()
            };
            update(change, format!("is in `{}`", one_line(&folder.name, NAME))).await
        }
        Arrange::Copy { to, name } => {
            let folder = drive.file(&id(to)?).await?;
            let new = NewFile {
                id: ids.first().cloned(),
                name: Some(name.clone().unwrap_or_else(|| file.name.clone())),
                parent: Some(folder.id.clone()),
                ..NewFile::default()
            };
            let file = drive.copy(&file.id, &new).await?.file();
            Ok(Arranged { file, done: format!("was copied to `{}`", one_line(&folder.name, NAME)) })
        }
        Arrange::Shortcut { to, name } => {
            let folder = drive.file(&id(to)?).await?;
            let Some(own) = ids.first() else {
                return Err(Error::new(Reason::Other, "there is no id for the shortcut"));
            };
            let name = name.as_ref().unwrap_or(&file.name);
            let new = NewFile::shortcut(own.clone(), name, folder.id.clone(), file.id.clone());
            let made = drive.create(&new).await?.file();
            Ok(Arranged { file: made, done: format!("was made in `{}`", one_line(&folder.name, NAME)) })
        }
        Arrange::Limit { limited } => {
            let change = FileUpdate { limited_access: Some(*limited), ..FileUpdate::default() };
            update(change, if *limited { CLOSED } else { OPEN }.to_owned()).await
        }
        Arrange::MakeFolders { names } => make_folders(drive, file, names, ids).await,
        Arrange::Trash => {
            let told = format!("is in the trash; `automata drive restore id:{}` takes it out again", file.id);
            update(FileUpdate::trash(true), told).await
        }
        Arrange::Restore => update(FileUpdate::trash(false), "was taken out of the trash".to_owned()).await,
        Arrange::Delete => {
            drive.delete(&file.id).await?;
            Ok(Arranged { file: file.clone(), done: "was deleted for good".to_owned() })
        }
    }
}

/// Makes folders, each in the one before; a folder of that name that is there already is taken. Lists lag: one that
/// somebody made a moment ago may not be seen, and then there are two of one name.
async fn make_folders(
    drive: &dyn Drive,
    above: &File,
    names: &[String],
    ids: &[FileId],
) -> Result<Arranged, Error> {
    let (mut here, mut is_new) = (above.clone(), false);
    for (name, id) in names.iter().zip(ids) {
        let query = Query::child(here.id.clone(), name, true);
        let known = if is_new {
            None
        } else {
            let found = walk::all(drive, &Listing::of(query.clone(), here.drive.clone()), 50).await?;
            found.files.into_iter().find(|file| query.fits(file))
        };
        here = match known {
            Some(folder) => folder,
            None => {
                is_new = true;
                drive.create(&NewFile::folder(id.clone(), name, here.id.clone())).await?.file()
            }
        };
    }
    if names.len() > ids.len() {
        return Err(Error::new(Reason::Other, "there is no id for a folder"));
    }
    let done = if is_new { "was made" } else { "is there already" };
    Ok(Arranged { file: here, done: done.to_owned() })
}
