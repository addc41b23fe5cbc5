//! What was done in Drive a moment ago: lists lag behind, so what they do not show yet, or not as we left it, is asked for by
//! its id, and counts as listed as it is then.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::sides::Sides;
use crate::domain::time::Timestamp;
use crate::drive::lately::{Lately, Shown};
use crate::drive::path::{joined, split};
use crate::services::drive::{Call, Drive, Error, File, FileId, MOST_IN_A_BATCH, Manifest, Reply, walk};

/// What was done.
#[derive(Default)]
pub struct Made<'a> {
    /// Ids that were drawn, by paths, as a task kept them.
    pub ids: BTreeMap<String, FileId>,
    /// Ids that were drawn, by folders and names, as this machine remembers them.
    pub manifest: Option<(&'a Manifest, Timestamp)>,
    /// How things were left.
    pub lately: Lately,
    /// Whether it is only told what would be done: then it is told without them where nobody answers.
    pub is_dry: bool,
}

/// What is so, by ids: none of what is gone, or not for us to see.
type Answers = BTreeMap<FileId, Option<File>>;

impl Made<'_> {
    /// Makes of what lists told of a tree what is so, and gives what is still to be remembered.
    ///
    /// # Errors
    /// As Drive says.
    pub(super) async fn complete(
        &self,
        drive: &dyn Drive,
        top: &FileId,
        entries: &mut Vec<walk::Placed>,
    ) -> Result<Lately, Error> {
        let mut lately = self.lately.clone();
        let folders = Folders::of(top, entries);
        let drawn = self.all(&folders.ids);
        let Some(answers) = self.asked(drive, &self.doubtful(&folders, &drawn, entries)).await? else {
            return Ok(lately);
        };
        let is_gone = |answer: &Option<File>| answer.as_ref().is_none_or(|file| file.trashed);
        for (id, now) in &answers {
            match now {
                Some(now) if !now.trashed => lately.is_now(id.as_str(), now.checksums.md5.as_deref()),
                _ => lately.is_gone(id.as_str()),
            }
        }
        settle(entries, &answers);
        let folders = place(top, entries, answers.values().flatten().filter(|file| !file.trashed));
        self.drop_gone(&folders, &drawn, |id| answers.get(id).is_some_and(is_gone));
        Ok(lately)
    }

    /// What lists do not show, or show otherwise than it was left.
    fn doubtful(
        &self,
        folders: &Folders,
        drawn: &BTreeMap<String, FileId>,
        entries: &[walk::Placed],
    ) -> BTreeSet<FileId> {
        let listed: BTreeSet<&FileId> = entries.iter().map(|placed| &placed.file.id).collect();
        let mut doubtful: BTreeSet<FileId> =
            drawn.values().filter(|id| !listed.contains(id)).cloned().collect();
        let shown = |file: &File| self.lately.doubts(file.id.as_str(), Some(shown(file)));
        doubtful
            .extend(entries.iter().filter(|placed| shown(&placed.file)).map(|placed| placed.file.id.clone()));
        let should_be: BTreeMap<&str, &str> = self.lately.should_be().collect();
        let is_below = |parent: &str| folders.holds(parent) || should_be.contains_key(parent);
        let unlisted = should_be.iter().filter(|(_, parent)| is_below(parent));
        let unlisted = unlisted.filter_map(|(id, _)| FileId::parse(id).ok());
        doubtful.extend(unlisted.filter(|id| !listed.contains(id)));
        doubtful
    }

    /// Asks; none where nobody answers and it need not be known.
    async fn asked(&self, drive: &dyn Drive, ids: &BTreeSet<FileId>) -> Result<Option<Answers>, Error> {
        let mut answers = Answers::new();
        let ids: Vec<&FileId> = ids.iter().collect();
        for some in ids.chunks(MOST_IN_A_BATCH) {
            let calls: Vec<Call> = some.iter().map(|id| Call::Get((*id).clone())).collect();
            let replies = match drive.batch(&calls).await {
                Err(error) if self.is_dry && error.is_away() => return Ok(None),
                replies => replies?,
            };
            for (id, reply) in some.iter().zip(replies) {
                let file = match reply {
                    Ok(Reply::File(file)) => Some(*file),
                    Err(error) if !error.is_missing() => return Err(error),
                    _ => None,
                };
                answers.insert((*id).clone(), file);
            }
        }
        Ok(Some(answers))
    }

    /// All ids that were drawn below these folders, by paths; what lies in a folder that is remembered as well.
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

    /// What was never made, or is gone, need not be asked for again.
    fn drop_gone(
        &self,
        folders: &Folders,
        drawn: &BTreeMap<String, FileId>,
        is_gone: impl Fn(&FileId) -> bool,
    ) {
        let Some((manifest, now)) = self.manifest else { return };
        let mut gone: BTreeMap<&FileId, Vec<String>> = BTreeMap::new();
        for (path, _) in drawn.iter().filter(|(_, id)| is_gone(id)) {
            let (above, name) = split(path);
            if let Some(folder) = folders.ids.get(above) {
                gone.entry(folder).or_default().push(name);
            }
        }
        gone.iter().for_each(|(folder, names)| manifest.drop_made(folder, names, now));
    }
}

/// Folders by their paths; what several have for one counts once.
struct Folders {
    ids: BTreeMap<String, FileId>,
    all: BTreeSet<FileId>,
}

impl Folders {
    fn of(top: &FileId, entries: &[walk::Placed]) -> Self {
        let mut folders = Self { ids: BTreeMap::new(), all: BTreeSet::new() };
        folders.add(String::new(), top.clone());
        let listed = entries.iter().filter(|placed| placed.file.is_folder());
        listed.for_each(|placed| folders.add(joined(&placed.path), placed.file.id.clone()));
        folders
    }

    fn add(&mut self, path: String, id: FileId) {
        self.all.insert(id.clone());
        self.ids.insert(path, id);
    }

    fn holds(&self, id: &str) -> bool {
        FileId::parse(id).is_ok_and(|id| self.all.contains(&id))
    }
}

fn shown(file: &File) -> Shown<'_> {
    if file.is_folder() { Shown::Folder } else { Shown::File(file.checksums.md5.as_deref()) }
}

/// Takes over what is so of what was listed. What is gone goes with all below it; what lies elsewhere is placed anew, but for
/// folders, whose lists were looked at where they were listed.
fn settle(entries: &mut Vec<walk::Placed>, answers: &Answers) {
    let mut gone: BTreeSet<FileId> = BTreeSet::new();
    // In order of paths, so that a folder comes before what is in it.
    entries.retain_mut(|placed| {
        let is_in_one_that_goes = placed.file.parent.as_ref().is_some_and(|parent| gone.contains(parent));
        let goes = match answers.get(&placed.file.id) {
            _ if is_in_one_that_goes => true,
            None => false,
            Some(None) => true,
            Some(Some(now)) if now.trashed => true,
            Some(Some(now)) if now.name == placed.file.name && now.parent == placed.file.parent => {
                placed.file = now.clone();
                false
            }
            Some(Some(now)) => !now.is_folder(),
        };
        if goes {
            gone.insert(placed.file.id.clone());
        }
        !goes
    });
}

/// Puts what lists do not show where it lies.
fn place<'a>(
    top: &FileId,
    entries: &mut Vec<walk::Placed>,
    there: impl Iterator<Item = &'a File>,
) -> Folders {
    let mut paths: BTreeMap<FileId, Vec<String>> = [(top.clone(), Vec::new())].into();
    let listed = entries.iter().filter(|placed| placed.file.is_folder());
    paths.extend(listed.map(|placed| (placed.file.id.clone(), placed.path.clone())));
    let known: BTreeSet<FileId> = entries.iter().map(|placed| placed.file.id.clone()).collect();
    let mut open: Vec<&File> = there.filter(|file| !known.contains(&file.id)).collect();
    // Until nothing finds its folder any more: one that is new itself may come later in the row.
    loop {
        let before = open.len();
        open.retain(|file| {
            let Some(above) = file.parent.as_ref().and_then(|parent| paths.get(parent)) else { return true };
            let path: Vec<String> = above.iter().chain([&file.name]).cloned().collect();
            if file.is_folder() {
                paths.insert(file.id.clone(), path.clone());
            }
            entries.push(walk::Placed { path, file: (*file).clone() });
            false
        });
        if open.len() == before {
            return Folders::of(top, entries);
        }
    }
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
