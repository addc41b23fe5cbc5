//! What a feed of changes tells of the watched folders: which changes are recorded, and what is different by them.
//!
//! Drive says how a file is now, and tells all that the account sees. A change counts where the file lies in a watched
//! folder, or lay there until then.

use std::collections::{BTreeMap, BTreeSet};

use super::path::joined;
use crate::domain::id::Login;
use crate::domain::time::Timestamp;
use crate::domain::watched::{Aspect, DriveChanged, DriveKey, Seen, Watched, compare, place};

/// A change as a feed tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Which file or folder.
    pub item: DriveKey,
    /// When.
    pub at: Option<Timestamp>,
    /// How it is now; none when it is gone.
    pub now: Option<Seen>,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Who changed it last, where their login is known.
    pub by: Option<Login>,
    /// The name that they have in Drive.
    pub name: String,
    /// The page a person looks at.
    pub url: Option<String>,
    /// Whether we did it, whatever it was.
    pub ours: bool,
    /// What of it is as we left it, in the words of [`Aspect::word`]: only what is otherwise as well was somebody else.
    pub left: BTreeSet<&'static str>,
}

/// What is to be made of what a feed told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// The changes, one of each file: what has gone first, otherwise in the order in which they were told.
    pub changes: Vec<DriveChanged>,
    /// What is to be known for later, and is no change.
    pub learned: BTreeMap<DriveKey, Seen>,
    /// Folders that came with all that is in them: the feed tells of them alone.
    pub new_folders: Vec<DriveKey>,
}

/// What lies in a watched folder, or lay there: of these it is worth asking who has access.
#[must_use]
pub fn of_interest(watched: &Watched, roots: &BTreeSet<DriveKey>, told: &[Told]) -> Vec<DriveKey> {
    let after = after(watched, told);
    let lies = |item: DriveKey| place(&after, roots, item).is_some();
    let here = told.iter().filter(|told| told.now.is_some()).map(|told| told.item);
    let mut found: Vec<DriveKey> = here.filter(|item| lies(*item)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// How everything is after the changes: a folder may be told after what is in it.
fn after(watched: &Watched, told: &[Told]) -> BTreeMap<DriveKey, Seen> {
    let mut after = watched.files.clone();
    for told in told {
        match &told.now {
            Some(now) => after.insert(told.item, now.clone()),
            None => after.remove(&told.item),
        };
    }
    after
}

/// The last word about each file.
fn last_words(told: &[Told]) -> impl Iterator<Item = &Told> {
    let last: BTreeMap<DriveKey, usize> = told.iter().enumerate().map(|(at, told)| (told.item, at)).collect();
    told.iter().enumerate().filter(move |(at, told)| last.get(&told.item) == Some(at)).map(|(_, told)| told)
}

/// What is to be made of what a feed told. `names` are the watched folders, each with its name in the configuration.
#[must_use]
pub fn follow(watched: &Watched, names: &BTreeMap<DriveKey, String>, told: &[Told]) -> Followed {
    let roots: BTreeSet<DriveKey> = names.keys().copied().collect();
    let after = after(watched, told);
    let mut followed = Followed::default();
    let written = |(root, path): (DriveKey, Vec<String>)| {
        format!("{}:{}", names.get(&root).map_or("", String::as_str), joined(&path))
    };
    for told in last_words(told) {
        let before = watched.files.get(&told.item);
        let place_before = place(&watched.files, &roots, told.item);
        let before = place_before.as_ref().and(before);
        let place_now = told.now.as_ref().and_then(|_| place(&after, &roots, told.item));
        let (now, place_there) = match (place_now, place_before) {
            (Some(place), _) => (told.now.clone(), place),
            (None, Some(place)) => (None, place),
            (None, None) => continue,
        };
        let what = match (&now, before, &told.now) {
            // It is there, and not here any more.
            (None, Some(before), Some(_)) => vec![Aspect::Moved { from: before.parent.clone() }],
            (None, None, _) => continue,
            (now, before, _) => compare(before, now.as_ref()),
        };
        if told.is_folder && before.is_none() && now.is_some() && !roots.contains(&told.item) {
            followed.new_folders.push(told.item);
        }
        if what == [Aspect::Other] {
            if let Some(now) = now.filter(|now| before != Some(now)) {
                followed.learned.insert(told.item, now);
            }
            continue;
        }
        let was = if now.is_none() { before.cloned() } else { None };
        let ours = told.ours || what.iter().all(|aspect| told.left.contains(aspect.word()));
        followed.changes.push(DriveChanged {
            file: told.item,
            at: told.at,
            what,
            now,
            was,
            place: written(place_there),
            by: told.by.clone(),
            name: told.name.clone(),
            url: told.url.clone(),
            ours,
        });
    }
    // What lay in a folder that has gone is forgotten with it: also what was told first, and has a new place by now.
    followed.changes.sort_by_key(|changed| changed.now.is_some());
    followed
}

#[cfg(test)]
mod tests;
