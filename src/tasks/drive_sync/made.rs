//! What was made in Drive a moment ago: lists lag behind, so what they do not show yet is asked for by the id that was
//! drawn for it, and counts as listed when it is where it was put.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::sides::Sides;
use crate::domain::time::Timestamp;
use crate::drive::path::{joined, parted, split};
use crate::services::drive::{Call, Drive, Error, File, FileId, MOST_IN_A_BATCH, Manifest, Reply, walk};

/// Ids that were drawn.
#[derive(Default)]
pub struct Made<'a> {
    /// By paths, as a task kept them.
    pub ids: BTreeMap<String, FileId>,
    /// By folders and names, as this machine remembers them.
    pub manifest: Option<(&'a Manifest, Timestamp)>,
    /// Whether it is only told what would be done: then it is told without them where nobody answers.
    pub is_dry: bool,
}

impl Made<'_> {
    /// Adds to what lists told of a tree what they do not show yet.
    ///
    /// # Errors
    /// As Drive says.
    pub(super) async fn complete(
        &self,
        drive: &dyn Drive,
        top: &FileId,
        entries: &mut Vec<walk::Placed>,
    ) -> Result<(), Error> {
        let mut folders: BTreeMap<String, FileId> = entries
            .iter()
            .filter(|placed| placed.file.is_folder())
            .map(|placed| (joined(&placed.path), placed.file.id.clone()))
            .collect();
        folders.insert(String::new(), top.clone());
        let listed: BTreeSet<&FileId> = entries.iter().map(|placed| &placed.file.id).collect();
        let mut unlisted = self.all(&folders);
        unlisted.retain(|_, id| !listed.contains(id));
        // In order of paths, so that a folder comes before what is in it.
        let unlisted: Vec<(String, FileId)> = unlisted.into_iter().collect();
        let mut gone: BTreeMap<FileId, Vec<String>> = BTreeMap::new();
        for some in unlisted.chunks(MOST_IN_A_BATCH) {
            let calls: Vec<Call> = some.iter().map(|(_, id)| Call::Get(id.clone())).collect();
            let replies = match drive.batch(&calls).await {
                Err(error) if self.is_dry && error.is_away() => return Ok(()),
                replies => replies?,
            };
            for ((path, _), reply) in some.iter().zip(replies) {
                let (above, name) = split(path);
                let Some(parent) = folders.get(above) else { continue };
                let file = match reply {
                    Ok(Reply::File(file)) if is_there(&file, parent, &name) => *file,
                    Err(error) if !error.is_missing() => return Err(error),
                    // It was never made, or somebody has renamed, moved or thrown it away.
                    _ => {
                        gone.entry(parent.clone()).or_default().push(name);
                        continue;
                    }
                };
                if file.is_folder() {
                    folders.insert(path.clone(), file.id.clone());
                }
                entries.push(walk::Placed { path: parted(path), file });
            }
        }
        if let Some((manifest, now)) = self.manifest {
            gone.iter().for_each(|(folder, names)| manifest.drop_made(folder, names, now));
        }
        Ok(())
    }

    /// All that is remembered below these folders, by paths; what lies in a folder that is remembered as well.
    fn all(&self, folders: &BTreeMap<String, FileId>) -> BTreeMap<String, FileId> {
        let mut all = self.ids.clone();
        let Some((manifest, now)) = self.manifest else { return all };
        let mut open: Vec<(String, FileId)> =
            folders.iter().map(|(path, id)| (path.clone(), id.clone())).collect();
        let mut seen = BTreeSet::new();
        while let Some((folder, id)) = open.pop() {
            if !seen.insert(id.clone()) {
                continue;
            }
            for (name, id) in manifest.made_in(&id, now) {
                let name = joined(&[name]);
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                open.push((path.clone(), id.clone()));
                all.insert(path, id);
            }
        }
        all
    }
}

fn is_there(file: &File, folder: &FileId, name: &str) -> bool {
    !file.trashed && file.name == name && file.parent.as_ref() == Some(folder)
}

/// Takes down which ids are drawn, before anything is made with them.
pub struct Drawing<'a> {
    manifest: Option<&'a Manifest>,
    now: Timestamp,
    /// Folders by their paths: those that are there, and those that got an id.
    folders: RefCell<BTreeMap<String, FileId>>,
}

impl<'a> Drawing<'a> {
    /// For what a plan makes.
    #[must_use]
    pub fn new(manifest: Option<&'a Manifest>, sides: &Sides<'_>, now: Timestamp) -> Self {
        let folders = sides.files.iter().filter(|(_, file)| file.is_folder());
        let mut folders: BTreeMap<String, FileId> =
            folders.map(|(path, file)| (path.clone(), file.id.clone())).collect();
        folders.insert(String::new(), sides.top.id.clone());
        Self { manifest, now, folders: RefCell::new(folders) }
    }

    /// Takes them down.
    pub fn keep(&self, ids: &BTreeMap<String, FileId>) {
        let mut folders = self.folders.borrow_mut();
        folders.extend(ids.iter().map(|(path, id)| (path.clone(), id.clone())));
        let Some(manifest) = self.manifest else { return };
        let mut by_folder: BTreeMap<&FileId, BTreeMap<String, FileId>> = BTreeMap::new();
        for (path, id) in ids {
            let (above, name) = split(path);
            if let Some(folder) = folders.get(above) {
                by_folder.entry(folder).or_default().insert(name, id.clone());
            }
        }
        for (folder, made) in by_folder {
            manifest.keep_made(folder, made, self.now);
        }
    }
}
