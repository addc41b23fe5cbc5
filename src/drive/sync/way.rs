//! The way to what lies deep: folders are made where there are none, and where something else lies in the way on either
//! side, all below it stays as it is.

use std::collections::BTreeSet;

use super::{Entry, Left, Plan, Side, Step, Tree, tree_of};
use crate::drive::path::above;

/// The outermost of what lies above a path and is no folder on one of the sides: through a link, or one of two folders
/// of one name, nothing is written, and what is below it was not seen, or not as a whole.
pub(super) fn shut<'a>(path: &'a str, here: &Tree, drive: &Tree) -> Option<&'a str> {
    let is_shut =
        |folder: &&str| [here, drive].iter().filter_map(|tree| tree.get(*folder)).any(is_in_the_way);
    above(path).find(is_shut)
}

fn is_in_the_way(entry: &Entry) -> bool {
    match entry {
        Entry::Folder => false,
        Entry::LeftOut(what) => is_in_the_way(what),
        Entry::File { .. } | Entry::Other(_) => true,
    }
}

/// Tells what keeps something out of step and would not be told otherwise, because it is itself left out.
pub(super) fn tell(shut: BTreeSet<&str>, here: &Tree, drive: &Tree, plan: &mut Plan) {
    for path in shut {
        let left_out = [here, drive].iter().find_map(|tree| match tree.get(path) {
            Some(Entry::LeftOut(what)) if is_in_the_way(what) => Some(&**what),
            _ => None,
        });
        let why = match left_out {
            Some(Entry::Other(why)) => why.clone(),
            Some(_) => "it is a file on one side and a folder on the other".to_owned(),
            None => continue,
        };
        plan.left.push(Left { path: path.to_owned(), why });
    }
}

/// The folders that copies need and that are not there; all folders before everything else.
pub(super) fn make_room(here: &Tree, drive: &Tree, plan: &mut Plan) {
    let mut folders: BTreeSet<(String, Side)> = BTreeSet::new();
    let mut rest = Vec::new();
    for step in std::mem::take(&mut plan.steps) {
        let (path, side) = match &step {
            Step::MakeFolder { on, path } => (path.clone(), *on),
            Step::Copy { to, path, .. } => (path.clone(), *to),
            Step::SetAside { .. } | Step::Remove { .. } => {
                rest.push(step);
                continue;
            }
        };
        let tree = tree_of(side, here, drive);
        let missing = above(&path).filter(|folder| !tree.contains_key(*folder));
        folders.extend(missing.map(|folder| (folder.to_owned(), side)));
        match step {
            Step::MakeFolder { .. } => {
                folders.insert((path, side));
            }
            step => rest.push(step),
        }
    }
    // In order of paths, so that what is outside comes first.
    plan.steps = folders.into_iter().map(|(path, on)| Step::MakeFolder { on, path }).collect();
    plan.steps.extend(rest);
}
