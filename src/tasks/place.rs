//! From a place that the configuration or an input names to the folder that is there.

use crate::config::DriveRules;
use crate::domain::failure::Failure;
use crate::domain::untrusted::one_line;
use crate::drive::path::{Place, Start};
use crate::services::drive::{Drive, Error, File, FileId, Led, follow};

/// Characters of a name that an error shows.
const NAME: usize = 80;

/// The folder that a place names. Folders are not made: what is misspelt would make them.
///
/// # Errors
/// When the place is none, nothing or no folder is there, or that is in the trash; or as Drive says.
pub(super) async fn folder(drive: &dyn Drive, rules: &DriveRules, text: &str) -> Result<File, Failure> {
    let wrong = |told: String, hint: &str| Failure::permanent("bad_place", told).hint(hint);
    let place = Place::parse(text).map_err(|error| wrong(error.to_string(), error.hint))?;
    let id = match &place.start {
        Start::Root => FileId::root(),
        Start::Id(id) => {
            FileId::parse(id).map_err(|error| wrong(error.to_string(), "Copy it from Drive."))?
        }
        Start::Folder(name) => {
            let link = rules.folders.get(name).map(|folder| folder.as_str());
            link.and_then(FileId::in_link).ok_or_else(|| {
                wrong(
                    format!("there is no `{}` under `drive.folders`", one_line(name, NAME)),
                    "Name it there by its id or link.",
                )
            })?
        }
        Start::Drive(_) => {
            return Err(wrong(
                "a task names a folder by `NAME:` or `id:`".to_owned(),
                "Put the shared drive's folder under `drive.folders`.",
            ));
        }
    };
    let top = drive.file(&id).await?;
    if top.trashed {
        return Err(Error::in_trash(&top).into());
    }
    let shown = |at: usize| one_line(place.names.get(at).map_or("", String::as_str), NAME);
    match follow(drive, &top, &place.names).await? {
        Led::To(folder) if folder.is_folder() => Ok(*folder),
        Led::To(file) => Err(wrong(
            format!("`{}` is no folder", one_line(&file.name, NAME)),
            "Name the folder that it lies in.",
        )),
        Led::Missing { at, last } => Err(wrong(
            format!("there is no folder `{}` in `{}`", shown(at), one_line(&last.name, NAME)),
            "Make it with `automata drive mkdir`.",
        )),
        Led::Several { at, .. } => {
            Err(wrong(format!("several things are called `{}`", shown(at)), "Name it by its id."))
        }
    }
}
