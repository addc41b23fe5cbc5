//! From a place that somebody named to the file that is there: by ids where names are not the only ones.

use std::path::Path;

use super::super::failure::{Ended, Kind};
use super::ended;
use crate::cli::DriveCommand;
use crate::config::{DriveRules, suggestion};
use crate::domain::untrusted::one_line;
use crate::drive::path::{HINT, NotAPlace, Place, Start, joined};
use crate::services::drive::file::SHORTCUT;
use crate::services::drive::{Drive, DriveId, Error, File, FileId, Led, Listing, SharedDrive, walk};

/// Characters of a name that an error shows.
const SHOWN: usize = 80;

impl From<NotAPlace> for Ended {
    fn from(error: NotAPlace) -> Self {
        Self::usage(error.to_string(), error.hint)
    }
}

/// Finds places.
pub(super) struct Finder<'a> {
    pub(super) drive: &'a dyn Drive,
    pub(super) rules: &'a DriveRules,
}

/// What a place comes to.
pub(super) enum Found {
    /// It is there.
    Here(Box<File>),
    /// Only the folders above it are; these names are missing.
    Missing { above: Box<File>, names: Vec<String> },
}

/// Reads all places of a command line, so that a slip in one of them is told before anything is sent.
pub(super) fn check(command: &DriveCommand, rules: &DriveRules) -> Result<(), Ended> {
    match command {
        DriveCommand::Put(put) => {
            is_type(put.mime.as_deref())?;
            is_file(&put.file)?;
        }
        DriveCommand::Find(find) => {
            let begin = find.mime.as_deref().and_then(|mime| mime.strip_suffix('/'));
            is_type(begin.map(|begin| format!("{begin}/x")).or_else(|| find.mime.clone()).as_deref())?;
        }
        _ => {}
    }
    places(command).into_iter().try_for_each(|text| place(text, rules).map(|_| ()))
}

/// All places of a command line.
pub(super) fn places(command: &DriveCommand) -> Vec<&String> {
    match command {
        DriveCommand::Ls(at) => vec![&at.place],
        DriveCommand::Find(find) => find.within.iter().collect(),
        DriveCommand::Get(get) => vec![&get.place],
        DriveCommand::Put(put) => vec![&put.folder],
        DriveCommand::Mkdir(at)
        | DriveCommand::Restore(at)
        | DriveCommand::Info(at)
        | DriveCommand::Revisions(at)
        | DriveCommand::Perms(at) => {
            vec![&at.place]
        }
        DriveCommand::Mv(both) => vec![&both.from, &both.to],
        DriveCommand::Cp(both) => vec![&both.from, &both.to],
        DriveCommand::Rm(remove) => vec![&remove.place],
        DriveCommand::Watch(watch) => vec![&watch.place],
        DriveCommand::Pin(pin) => vec![&pin.place],
        DriveCommand::Diff(diff) => vec![&diff.place],
        DriveCommand::Export(export) => vec![&export.place],
        DriveCommand::Share(share) => vec![&share.place],
        DriveCommand::Unshare(unshare) => vec![&unshare.place],
        DriveCommand::Transfer(transfer) => vec![&transfer.place],
        DriveCommand::Sync(sync) => sync.place.iter().collect(),
        DriveCommand::Audit(_) | DriveCommand::Changes(_) | DriveCommand::Doctor => Vec::new(),
    }
}

/// A type has two names with a slash between them, and may say more after a semicolon:
/// <https://www.rfc-editor.org/rfc/rfc6838#section-4.2>.
fn is_type(mime: Option<&str>) -> Result<(), Ended> {
    let Some(mime) = mime else { return Ok(()) };
    let named = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    let plain = mime.split(';').next().unwrap_or_default().trim_end();
    let is_one = plain.split_once('/').is_some_and(|(kind, name)| named(kind) && named(name));
    if is_one && mime.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Ok(());
    }
    Err(Ended::usage(
        format!("--type: `{}` is no type of content", one_line(mime, SHOWN)),
        "Write it like text/plain or application/pdf.",
    ))
}

fn is_file(path: &Path) -> Result<(), Ended> {
    let told =
        |why: String| Ended::usage(format!("{}: {why}", path.display()), "Name a file that can be read.");
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_file() => Ok(()),
        Ok(_) => Err(told("it is no file; a folder goes by `automata drive sync`".to_owned())),
        Err(error) => Err(told(format!("it cannot be read: {error}"))),
    }
}

/// Reads a place. A folder that the configuration names becomes its id.
pub(super) fn place(text: &str, rules: &DriveRules) -> Result<Place, Ended> {
    let mut place = Place::parse(text)?;
    if let Start::Folder(name) = &place.start {
        let Some(folder) = rules.folders.get(name) else {
            let known: Vec<&str> = rules.folders.keys().map(String::as_str).collect();
            let none = "Name it there by its id or its link, as `docs: 1AbC`; or write the place as `id:ID`.";
            let hint = match &known[..] {
                [] => none.to_owned(),
                known => suggestion(name, known).unwrap_or_else(|| HINT.to_owned()),
            };
            return Err(Ended::usage(
                format!("there is no `{}` under `drive.folders`", one_line(name, SHOWN)),
                hint,
            ));
        };
        let id = FileId::in_link(folder.as_str()).ok_or_else(|| {
            Ended::usage(format!("`drive.folders.{name}` is neither an id nor a link"), HINT)
        })?;
        place.start = Start::Id(id.as_str().to_owned());
    }
    Ok(place)
}

impl Finder<'_> {
    /// What is there.
    ///
    /// # Errors
    /// When nothing is there, or several things are; or as Drive says.
    pub(super) async fn file(&self, text: &str) -> Result<File, Ended> {
        here(self.look(text).await?)
    }

    /// The same, in the trash or not.
    ///
    /// # Errors
    /// As [`Finder::file`].
    pub(super) async fn even_in_the_trash(&self, text: &str) -> Result<File, Ended> {
        here(self.look_everywhere(text).await?)
    }

    /// The folder that is there.
    ///
    /// # Errors
    /// As [`Finder::file`], and when it is no folder.
    pub(super) async fn folder(&self, text: &str) -> Result<File, Ended> {
        let file = self.file(text).await?;
        if file.is_folder() {
            return Ok(file);
        }
        Err(Ended::usage(
            format!("`{}` is no folder, but {}", one_line(&file.name, SHOWN), file.mime),
            "Name the folder that it lies in, or another one.",
        ))
    }

    /// How far the place is there, outside of the trash: what lies there is put nowhere and into nothing.
    ///
    /// # Errors
    /// When several things have one of its names, or it is in the trash; or as Drive says.
    pub(super) async fn look(&self, text: &str) -> Result<Found, Ended> {
        let found = self.look_everywhere(text).await?;
        let (Found::Here(file) | Found::Missing { above: file, .. }) = &found;
        not_in_the_trash(file)?;
        Ok(found)
    }

    /// The same, also where it leads into the trash. There things are found by their ids.
    ///
    /// # Errors
    /// When several things have one of its names, or as Drive says.
    pub(super) async fn look_everywhere(&self, text: &str) -> Result<Found, Ended> {
        let place = place(text, self.rules)?;
        let start = match &place.start {
            Start::Root | Start::Folder(_) => FileId::root(),
            Start::Id(id) => FileId::parse(id).map_err(|error| Ended::usage(error.to_string(), HINT))?,
            Start::Drive(name) => self.shared_drive(name).await?.id.folder(),
        };
        let top = self.drive.file(&start).await.map_err(ended)?;
        match walk::follow(self.drive, &top, &place.names).await.map_err(ended)? {
            Led::To(file) => Ok(Found::Here(file)),
            Led::Missing { at, last } => {
                Ok(Found::Missing { above: last, names: place.names.get(at..).unwrap_or_default().to_vec() })
            }
            Led::Several { at, files } => {
                Err(several(place.names.get(at).map_or("", String::as_str), &files))
            }
        }
    }

    /// What has that name in a folder, and is not in the trash.
    ///
    /// # Errors
    /// When several things have, or as Drive says.
    pub(super) async fn child(&self, folder: &File, name: &str) -> Result<Option<File>, Ended> {
        match walk::follow(self.drive, folder, &[name.to_owned()]).await.map_err(ended)? {
            Led::To(file) => Ok(Some(*file)),
            Led::Missing { .. } => Ok(None),
            Led::Several { files, .. } => Err(several(name, &files)),
        }
    }

    /// All pages of a list, up to so many files, and whether some may be missing.
    ///
    /// # Errors
    /// As Drive says.
    pub(super) async fn all(&self, listing: &Listing, most: usize) -> Result<walk::Found, Ended> {
        walk::all(self.drive, listing, most).await.map_err(ended)
    }

    /// What is there to be fetched: of a shortcut what it leads to.
    ///
    /// # Errors
    /// As [`Finder::file`]; and where the shortcut leads to nothing that this account sees.
    pub(super) async fn content(&self, text: &str) -> Result<File, Ended> {
        let file = self.file(text).await?;
        let Some(target) = file.shortcut_to.as_ref().filter(|_| file.mime == SHORTCUT) else {
            return Ok(file);
        };
        let leads = |mut ended: Ended| {
            ended.message = format!(
                "the shortcut `{}` leads to id:{target}: {}",
                one_line(&file.name, SHOWN),
                ended.message
            );
            ended
        };
        let found = self.drive.file(target).await.map_err(|error| leads(ended(error)))?;
        not_in_the_trash(&found).map_err(leads)?;
        Ok(found)
    }

    /// What stands in a folder under a name that something else is to have there, but for `own`.
    ///
    /// # Errors
    /// As Drive says.
    pub(super) async fn in_the_way(
        &self,
        folder: &File,
        name: &str,
        own: Option<&FileId>,
    ) -> Result<Option<File>, Ended> {
        let others = match walk::follow(self.drive, folder, &[name.to_owned()]).await.map_err(ended)? {
            Led::To(file) => vec![*file],
            Led::Several { files, .. } => files,
            Led::Missing { .. } => Vec::new(),
        };
        Ok(others.into_iter().find(|other| own != Some(&other.id)))
    }

    /// A shared drive by its id or its name.
    ///
    /// # Errors
    /// When none or several have that name, or as Drive says.
    pub(super) async fn shared_drive(&self, name: &str) -> Result<SharedDrive, Ended> {
        let all = self.drive.shared_drives().await.map_err(ended)?;
        let found: Vec<&SharedDrive> =
            all.iter().filter(|drive| drive.id.as_str() == name || drive.name == name).collect();
        match found[..] {
            [one] => Ok(one.clone()),
            [] => {
                let known: Vec<&str> = all.iter().map(|drive| drive.name.as_str()).collect();
                let hint = match &known[..] {
                    [] => "The account is a member of no shared drive: `automata drive doctor` tells which account it \
                           is; make it a member."
                        .to_owned(),
                    known => format!("It is a member of: {}.", one_line(&known.join(", "), 200)),
                };
                Err(Ended::usage(
                    format!("the account sees no shared drive `{}`", one_line(name, SHOWN)),
                    hint,
                ))
            }
            _ => {
                let ids: Vec<&str> = found.iter().map(|drive| drive.id.as_str()).collect();
                Err(Ended::usage(
                    format!(
                        "several shared drives are called `{}`: {}",
                        one_line(name, SHOWN),
                        ids.join(", ")
                    ),
                    "Name the one that is meant by its id: `drive:ID`.",
                ))
            }
        }
    }
}

fn not_in_the_trash(file: &File) -> Result<(), Ended> {
    if file.trashed { Err(ended(Error::in_trash(file))) } else { Ok(()) }
}

/// What is there; else what is missing is told.
fn here(found: Found) -> Result<File, Ended> {
    match found {
        Found::Here(file) => Ok(*file),
        Found::Missing { above, names } => Err(Ended {
            kind: Kind::Work,
            message: format!(
                "there is no `{}` in `{}`",
                one_line(&joined(&names[..1]), SHOWN),
                one_line(&above.name, SHOWN)
            ),
            hints: vec![format!(
                "`automata drive ls id:{}` shows what is there; names count with their capitals. Lists lag \
                 behind: what was made a moment ago is found by its id.",
                above.id
            )],
        }),
    }
}

/// Of several things with one name none is taken.
fn several(name: &str, files: &[File]) -> Ended {
    let ids: Vec<String> = files.iter().map(|file| format!("id:{}", file.id)).collect();
    Ended::usage(
        format!(
            "{} things in one folder are called `{}`: {}",
            files.len(),
            one_line(name, SHOWN),
            ids.join(", ")
        ),
        "Name the one that is meant by its id.",
    )
}

/// The shared drive that a place lies in, to list below it.
pub(super) fn drive_of(file: &File) -> Option<DriveId> {
    file.drive.clone()
}
