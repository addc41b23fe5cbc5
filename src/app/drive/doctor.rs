//! `automata drive doctor`: whose account this is, whose storage what goes up takes, and what it lacks.

use std::process::ExitCode;

use serde_json::json;

use super::super::failure::{Ended, Kind};
use super::{Desk, ended};
use crate::config::DriveRules;
use crate::domain::untrusted::one_line;
use crate::services::drive::google::Sort;
use crate::services::drive::room::{Storage, owns_none, storage};
use crate::services::drive::{About, Class, Drive, Error, File, FileId, Reason, SharedDrive};

/// Width of a name in a sentence.
const NAME: usize = 60;
/// Width of what Drive says in a sentence.
const WIDE: usize = 200;

/// What is said of an identity of another provider that acts as no service account.
const FEDERATED: &str = "The credentials are an identity of another provider that acts as no service account, and Drive knows \
                         such an identity no better than a stranger. Let it act as a service account: name one where the \
                         credentials are made (`service_account` of google-github-actions/auth), and give the workload's \
                         principal the role Workload Identity User on it.";
/// What is said where there is a token that Drive does not take.
const NOT_TAKEN: &str = "The sign-in went well, and Drive does not take the token that came of it. Look at `drive.url`, at the \
                         Google Cloud project, in which the Google Drive API has to be turned on, and whether the account is \
                         still there; or make new credentials.";

/// What was found out about an account.
pub(in super::super) struct Examined {
    me: String,
    room: String,
    about: About,
    drives: Vec<SharedDrive>,
    /// By their names in the configuration.
    folders: Vec<(String, Folder)>,
    advice: Vec<String>,
}

/// A folder of the configuration.
struct Folder {
    told: String,
    /// Whether it can be used at all.
    is_there: bool,
}

impl Folder {
    const fn there(told: String) -> Self {
        Self { told, is_there: true }
    }

    const fn missing(told: String) -> Self {
        Self { told, is_there: false }
    }
}

impl Examined {
    /// Whose account it is and what it has, a line each.
    pub(in super::super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("account: {}", self.me), format!("storage: {}", self.room)];
        for drive in &self.drives {
            let may = if drive.can_add { "to read and to write" } else { "to read only" };
            lines.push(format!("shared drive: {} ({}), {may}", one_line(&drive.name, NAME), drive.id));
        }
        lines
    }

    /// The folders of the configuration: the name, how it stands, and whether it can be used at all.
    pub(in super::super) fn folders(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        self.folders.iter().map(|(name, folder)| (name.as_str(), folder.told.as_str(), folder.is_there))
    }

    /// What to do, a sentence or two each.
    pub(in super::super) fn advice(&self) -> &[String] {
        &self.advice
    }
}

/// Tells whose account this is and what it lacks: what is known without Drive also where Drive tells nothing. Ends with 1 where
/// a folder of the configuration cannot be used.
pub(super) async fn doctor(desk: &Desk, known: &[String], sort: Sort) -> Result<ExitCode, Ended> {
    let found = match examine(&*desk.drive, &desk.rules, sort).await {
        Ok(found) => found,
        Err(error) => {
            desk.tell(&json!({ "known": known, "account": null }), known)?;
            return Err(error);
        }
    };
    let advice = found.advice().iter().map(|advice| format!("advice: {advice}"));
    let folders = found.folders().map(|(name, told, _)| format!("folder {name}: {told}"));
    let lines: Vec<String> =
        known.iter().cloned().chain(found.lines()).chain(folders).chain(advice).collect();
    let folder = |(name, folder): &(String, Folder)| json!({ "name": name, "state": folder.told, "usable": folder.is_there });
    let value = json!({
        "known": known,
        "account": found.me,
        "storage": { "limit": found.about.storage_limit, "used": found.about.storage_used },
        "drives": found.drives,
        "folders": found.folders.iter().map(folder).collect::<Vec<_>>(),
        "advice": found.advice,
    });
    desk.tell(&value, &lines)?;
    let is_well = found.folders().all(|(_, _, is_there)| is_there);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::from(Kind::Work.exit_code()) })
}

/// Why Drive tells nothing, with what to do about it: not to ask the doctor.
fn untold(error: Error, sort: Sort) -> Ended {
    let is_refused = error.class == Class::Auth && error.reason == Reason::NotAuthorized;
    let mut ended = ended(error);
    match sort {
        Sort::Federated if ended.kind != Kind::Again => ended.hints = vec![FEDERATED.to_owned()],
        _ if is_refused => ended.hints = vec![NOT_TAKEN.to_owned()],
        _ => {}
    }
    ended
}

/// Finds out whose account this is and what it lacks.
///
/// # Errors
/// When Drive does not answer, or does not take the credentials.
pub(in super::super) async fn examine(
    drive: &dyn Drive,
    rules: &DriveRules,
    sort: Sort,
) -> Result<Examined, Ended> {
    let about = drive.about().await.map_err(|error| untold(error, sort))?;
    let me = about.me.email.clone().unwrap_or_default();
    // The same rule as for what goes up.
    let owns_none = owns_none(&about);
    let mut advice = Vec::new();
    if sort == Sort::Federated {
        advice.push(FEDERATED.to_owned());
    }
    let (drives, are_known) = match drive.shared_drives().await {
        Ok(drives) => (drives, true),
        Err(error) => {
            advice.push(format!("The shared drives cannot be listed: {}.", one_line(&error.message, WIDE)));
            (Vec::new(), false)
        }
    };
    let writable: Vec<_> = drives.iter().filter(|drive| drive.can_add).collect();
    if owns_none && are_known {
        advice.push(match &writable[..] {
            [] => format!(
                "{me} is a service account: it owns no storage, so it can upload nothing to its own drive, and it may \
                 put nothing into any shared drive. Make it a member of a shared drive with the role of a content \
                 manager, or let it stand for a person (`drive.stands_for`, with domain-wide delegation)."
            ),
            some => format!(
                "{me} is a service account: it owns no storage. Upload into a shared drive: {}.",
                some.iter().map(|drive| one_line(&drive.name, NAME)).collect::<Vec<_>>().join(", ")
            ),
        });
    } else if let Some(limit) = about.storage_limit
        && about.storage_used >= limit
    {
        advice.push("The storage is full: delete something, and empty the trash.".to_owned());
    }
    let mut folders = Vec::new();
    for (name, folder) in &rules.folders {
        let state = match FileId::in_link(folder.as_str()) {
            None => Folder::missing("neither an id nor a link".to_owned()),
            Some(id) => {
                match drive.file(&id).await {
                    Ok(file) if !file.is_folder() => {
                        Folder::missing(format!("`{}` is no folder", one_line(&file.name, NAME)))
                    }
                    Ok(file) if file.trashed => {
                        Folder::missing(format!("`{}` is in the trash", one_line(&file.name, NAME)))
                    }
                    Ok(file) if file.is_unlistable() => {
                        let shown = one_line(&file.name, NAME);
                        Folder::missing(format!(
                            "`{shown}` is limited to others: what is in it is not for this account to see"
                        ))
                    }
                    Ok(file) if file.rights.add_children => {
                        if storage(&about, &file) == Storage::None {
                            advice.push(format!(
                                "The folder `{name}` is in no shared drive, and {me} owns no storage: nothing can be \
                                 uploaded there. Name a folder of a shared drive that it is a member of, let it stand \
                                 for a person (`drive.stands_for`, with domain-wide delegation), or use a user's \
                                 refresh token."
                            ));
                        }
                        Folder::there(told_of_room(&about, &drives, &file))
                    }
                    Ok(file) => Folder::there(format!("`{}`, to read only", one_line(&file.name, NAME))),
                    Err(error) if error.is_missing() => {
                        advice.push(format!("Share the folder `{name}` ({id}) with {me}, or correct its id in `drive.folders`."));
                        Folder::missing("not there, or not for this account to see".to_owned())
                    }
                    Err(error) => {
                        let why = one_line(&error.message, WIDE);
                        Folder::missing(format!("it cannot be looked at: {why}"))
                    }
                }
            }
        };
        folders.push((name.clone(), state));
    }
    let room = match (owns_none, about.storage_limit) {
        (true, _) => "none of its own".to_owned(),
        (false, Some(limit)) => format!("{} of {limit} bytes are in use", about.storage_used),
        (false, None) => format!("{} bytes are in use, without a limit", about.storage_used),
    };
    Ok(Examined { me, room, about, drives, folders, advice })
}

/// A folder that things can be put into, and whose storage they take there.
fn told_of_room(about: &About, drives: &[SharedDrive], file: &File) -> String {
    let name = one_line(&file.name, NAME);
    let me = about.me.email.as_deref().unwrap_or("this account");
    match storage(about, file) {
        Storage::SharedDrive(id) => {
            let known = drives.iter().find(|drive| drive.id == id);
            let shown = known.map_or_else(|| id.to_string(), |drive| one_line(&drive.name, NAME));
            format!("`{name}`, to read and to write; what is put there belongs to the shared drive {shown}")
        }
        Storage::Own { .. } => {
            format!("`{name}`, to read and to write; what is put there takes the storage of {me}")
        }
        Storage::None => {
            format!(
                "`{name}`, to read and to make folders in; uploads are refused, because {me} owns no storage"
            )
        }
    }
}
