//! From a place that the configuration or an input names to what is there.

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
    match led(drive, rules, text).await? {
        At::There(folder) if folder.is_folder() => Ok(*folder),
        At::There(file) => Err(wrong(
            format!("`{}` is no folder", one_line(&file.name, NAME)),
            "Name the folder that it lies in.",
        )),
        At::Missing { name, last } => Err(wrong(
            format!("there is no folder `{name}` in `{}`", one_line(&last.name, NAME)),
            "Make it with `automata drive mkdir`.",
        )),
    }
}

/// Whatever a place names.
///
/// # Errors
/// When the place is none, nothing is there, or it is in the trash; or as Drive says.
pub(super) async fn thing(drive: &dyn Drive, rules: &DriveRules, text: &str) -> Result<File, Failure> {
    match led(drive, rules, text).await? {
        At::There(file) => Ok(*file),
        At::Missing { name, last } => Err(wrong(
            format!("there is no `{name}` in `{}`", one_line(&last.name, NAME)),
            "Look with `automata drive ls`; what was put there by hand may take a while to be found by its name: by its id \
             it is at once.",
        )),
    }
}

/// Where a place leads.
enum At {
    /// To this.
    There(Box<File>),
    /// Nowhere: nothing has this name in the last folder that is there.
    Missing { name: String, last: Box<File> },
}

fn wrong(told: String, hint: &str) -> Failure {
    Failure::permanent("bad_place", told).hint(hint)
}

async fn led(drive: &dyn Drive, rules: &DriveRules, text: &str) -> Result<At, Failure> {
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
        Led::To(file) => Ok(At::There(file)),
        Led::Missing { at, last } => Ok(At::Missing { name: shown(at), last }),
        Led::Several { at, .. } => {
            Err(wrong(format!("several things are called `{}`", shown(at)), "Name it by its id."))
        }
    }
}
