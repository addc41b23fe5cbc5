//! `automata drive doctor`: whose account this is, whose storage what goes up takes, and what it lacks.

use serde_json::json;

use super::super::failure::Ended;
use super::{Desk, ended};
use crate::domain::untrusted::one_line;
use crate::services::drive::room::{Storage, storage};
use crate::services::drive::{About, File, FileId, SharedDrive};

/// Width of a name in a sentence.
const NAME: usize = 60;

/// Tells whose account this is and what it lacks.
pub(super) async fn doctor(desk: &Desk, known: &[String]) -> Result<(), Ended> {
    let about = desk.drive.about().await.map_err(ended)?;
    let drives = desk.drive.shared_drives().await.map_err(ended)?;
    let me = about.me.email.clone().unwrap_or_default();
    let is_robot = me.ends_with(".gserviceaccount.com");
    let mut advice = Vec::new();
    let writable: Vec<_> = drives.iter().filter(|drive| drive.can_add).collect();
    if is_robot {
        advice.push(match (&writable[..], desk.rules.stands_for.is_some()) {
            ([], _) => format!(
                "{me} is a service account: it owns no storage, so it can upload nothing to its own drive, and it may \
                 put nothing into any shared drive. Make it a member of a shared drive with the role of a content \
                 manager, or let it stand for a person (`drive.stands_for`, with domain-wide delegation)."
            ),
            (some, _) => format!(
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
    for (name, folder) in &desk.rules.folders {
        let state = match FileId::in_link(folder.as_str()) {
            None => "neither an id nor a link".to_owned(),
            Some(id) => {
                match desk.drive.file(&id).await {
                    Ok(file) if !file.is_folder() => format!("`{}` is no folder", one_line(&file.name, NAME)),
                    Ok(file) if file.trashed => format!("`{}` is in the trash", one_line(&file.name, NAME)),
                    Ok(file) if file.rights.add_children => {
                        if storage(&about, &file) == Storage::None {
                            advice.push(format!(
                                "The folder `{name}` is in no shared drive, and {me} owns no storage: nothing can be \
                                 uploaded there. Name a folder of a shared drive that it is a member of, let it stand \
                                 for a person (`drive.stands_for`, with domain-wide delegation), or use a user's \
                                 refresh token."
                            ));
                        }
                        told_of_room(&about, &drives, &file)
                    }
                    Ok(file) => format!("`{}`, to read only", one_line(&file.name, NAME)),
                    Err(error) if error.is_missing() => {
                        advice.push(format!("Share the folder `{name}` ({id}) with {me}, or correct its id in `drive.folders`."));
                        "not there, or not for this account to see".to_owned()
                    }
                    Err(error) => return Err(ended(error)),
                }
            }
        };
        folders.push((name.clone(), state));
    }
    let room = match (is_robot, about.storage_limit) {
        (true, _) => "none of its own".to_owned(),
        (false, Some(limit)) => format!("{} of {limit} bytes are in use", about.storage_used),
        (false, None) => format!("{} bytes are in use, without a limit", about.storage_used),
    };
    let mut lines: Vec<String> = known.to_vec();
    lines.push(format!("account: {me}"));
    lines.push(format!("storage: {room}"));
    for drive in &drives {
        let may = if drive.can_add { "to read and to write" } else { "to read only" };
        lines.push(format!("shared drive: {} ({}), {may}", one_line(&drive.name, NAME), drive.id));
    }
    lines.extend(folders.iter().map(|(name, state)| format!("folder {name}: {state}")));
    lines.extend(advice.iter().map(|advice| format!("advice: {advice}")));
    let value = json!({
        "account": me,
        "storage": { "limit": about.storage_limit, "used": about.storage_used },
        "drives": drives,
        "folders": folders.iter().map(|(name, state)| json!({ "name": name, "state": state })).collect::<Vec<_>>(),
        "advice": advice,
    });
    desk.tell(&value, &lines)
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
