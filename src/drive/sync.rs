//! What has to happen so that a folder here and a folder in Drive hold the same. A pure plan; somebody else carries it out.
//!
//! A file is the same when its size and MD5 sum are: Drive tells both in its lists, so what has not changed costs
//! nothing. Without a memory of what was the same before, one side is the model of the other. With it, both sides may
//! have changed. Of a file that changed on both, both contents are kept: Drive's under its name, and what was here under
//! a name beside it. What one side changed and the other deleted comes back.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

mod remember;
mod way;

pub use remember::remember;
use way::{make_room, shut};

/// What lies at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A folder.
    Folder,
    /// A file: bytes, and its MD5 sum in hexadecimal.
    File {
        /// Bytes.
        size: u64,
        /// MD5, hexadecimal, lower case.
        md5: String,
    },
    /// Something that cannot be kept in step, and why: a Google document, two of one name, a link.
    Other(String),
    /// Something that is not to be kept in step, and what it is: nothing is said about it, and nothing is done. What is
    /// no folder is in the way of all below it all the same.
    LeftOut(Box<Entry>),
}

/// What lies below a folder, by its path: names with `/` between them.
pub type Tree = BTreeMap<String, Entry>;

/// What was the same on both sides when they were last in step: MD5 sums by path.
pub type Base = BTreeMap<String, String>;

/// Which side is the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Drive becomes as this machine is.
    Up,
    /// This machine becomes as Drive is.
    Down,
    /// Each takes over what changed on the other.
    Both,
}

/// What a plan may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Which side is the model.
    pub direction: Direction,
    /// Whether what is gone on the one side goes on the other.
    pub delete: bool,
    /// How many files may go; more of them, and the plan is refused.
    pub most_deletions: usize,
}

/// One of the sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// This machine.
    Here,
    /// Drive.
    Drive,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Step {
    /// A folder is made.
    MakeFolder {
        /// Where.
        on: Side,
        /// Its path.
        path: String,
    },
    /// A file here gets another name, because Drive's of the same name has changed as well.
    SetAside {
        /// Its path.
        path: String,
        /// Its path from then on.
        to: String,
    },
    /// A file is copied to this side.
    Copy {
        /// To where.
        to: Side,
        /// Its path.
        path: String,
        /// Bytes.
        size: u64,
        /// Whether there is one already that gets new content.
        replaces: bool,
    },
    /// A file, or an empty folder, goes: into the trash in Drive.
    Remove {
        /// From where.
        from: Side,
        /// Its path.
        path: String,
    },
}

/// Something that is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Left {
    /// Its path.
    pub path: String,
    /// Why.
    pub why: String,
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// In this order: folders first, the outermost before the inner ones; what goes comes last.
    pub steps: Vec<Step>,
    /// What both sides changed, each with what is done about it; and what is a file here and a folder there, about which
    /// nothing is done.
    pub conflicts: Vec<Left>,
    /// What cannot be kept in step.
    pub left: Vec<Left>,
    /// Files that are the same.
    pub unchanged: usize,
    /// Files that go.
    pub deletions: usize,
}

/// So many files would go that the plan is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{deletions} files would be deleted, and {most} may be: {}", .first.join(", "))]
pub struct TooManyDeletions {
    /// Files that would go.
    pub deletions: usize,
    /// How many may.
    pub most: usize,
    /// Some of them.
    pub first: Vec<String>,
}

/// How many are named in an error.
const NAMED: usize = 5;

/// What somebody did to a file since both sides were the same.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Same,
    Changed,
    Gone,
}

impl Plan {
    /// Whether so many files may go.
    ///
    /// # Errors
    /// [`TooManyDeletions`] when more would go than may: then it is not to be carried out.
    pub fn within(&self, most: usize) -> Result<(), TooManyDeletions> {
        if self.deletions <= most {
            return Ok(());
        }
        let gone = self.steps.iter().filter_map(|step| match step {
            Step::Remove { path, .. } => Some(path.clone()),
            _ => None,
        });
        Err(TooManyDeletions { deletions: self.deletions, most, first: gone.take(NAMED).collect() })
    }
}

/// Makes the plan. Whoever carries it out asks [`Plan::within`] before.
#[must_use]
pub fn plan(here: &Tree, drive: &Tree, base: &Base, rules: Rules) -> Plan {
    let mut plan = Plan::default();
    let mut gone: Vec<(Side, String)> = Vec::new();
    let paths: BTreeSet<&String> = here.keys().chain(drive.keys()).collect();
    let mut in_the_way = BTreeSet::new();
    for path in paths {
        if let Some(folder) = shut(path, here, drive) {
            let is_left_out = |tree: &Tree| matches!(tree.get(path), None | Some(Entry::LeftOut(_)));
            if !(is_left_out(here) && is_left_out(drive)) {
                in_the_way.insert(folder);
            }
            continue;
        }
        decide(path, (here, drive), base, rules, &mut plan, &mut gone);
    }
    way::tell(in_the_way, here, drive, &mut plan);
    make_room(here, drive, &mut plan);
    plan.deletions = gone.iter().filter(|(side, path)| is_file(tree_of(*side, here, drive), path)).count();
    remove(here, drive, gone, &mut plan);
    plan
}

const fn tree_of<'a>(side: Side, here: &'a Tree, drive: &'a Tree) -> &'a Tree {
    match side {
        Side::Here => here,
        Side::Drive => drive,
    }
}

fn is_file(tree: &Tree, path: &str) -> bool {
    matches!(tree.get(path), Some(Entry::File { .. }))
}

/// What is done about one path.
fn decide(
    path: &str,
    trees: (&Tree, &Tree),
    all: &Base,
    rules: Rules,
    plan: &mut Plan,
    gone: &mut Vec<(Side, String)>,
) {
    let (here, drive, base) = (trees.0.get(path), trees.1.get(path), all.get(path));
    let left = |why: &str| Left { path: path.to_owned(), why: why.to_owned() };
    let copy = |to: Side, size: u64, replaces: bool| Step::Copy { to, path: path.to_owned(), size, replaces };
    match (here, drive) {
        (Some(Entry::LeftOut(_)), _) | (_, Some(Entry::LeftOut(_))) => {}
        (Some(Entry::Other(why)), _) | (_, Some(Entry::Other(why))) => plan.left.push(left(why)),
        (Some(Entry::Folder), Some(Entry::Folder)) | (None, None) => {}
        (Some(Entry::File { .. }), Some(Entry::Folder)) => {
            plan.conflicts.push(left("a file here is a folder in Drive"));
        }
        (Some(Entry::Folder), Some(Entry::File { .. })) => {
            plan.conflicts.push(left("a folder here is a file in Drive"));
        }
        (Some(Entry::File { size, md5 }), Some(Entry::File { size: other_size, md5: other })) => {
            if (size, md5) == (other_size, other) {
                plan.unchanged += 1;
                return;
            }
            match (rules.direction, base) {
                (Direction::Up, _) => plan.steps.push(copy(Side::Drive, *size, true)),
                (Direction::Down, _) => plan.steps.push(copy(Side::Here, *other_size, true)),
                (Direction::Both, Some(base)) if base == other => {
                    plan.steps.push(copy(Side::Drive, *size, true))
                }
                (Direction::Both, Some(base)) if base == md5 => {
                    plan.steps.push(copy(Side::Here, *other_size, true))
                }
                (Direction::Both, _) => match aside(path, md5, trees) {
                    Some(to) => {
                        let why = format!("it changed here and in Drive; what was here is kept as {to}");
                        plan.conflicts.push(left(&why));
                        plan.steps.extend([
                            Step::SetAside { path: path.to_owned(), to: to.clone() },
                            Step::Copy { to: Side::Drive, path: to, size: *size, replaces: false },
                            copy(Side::Here, *other_size, false),
                        ]);
                    }
                    None => plan.conflicts.push(left("it changed here and in Drive, and no name is free")),
                },
            }
        }
        (Some(entry), None) => lone(path, Side::Here, entry, all, rules, plan, gone),
        (None, Some(entry)) => lone(path, Side::Drive, entry, all, rules, plan, gone),
    }
}

/// What is done about what only one side has.
fn lone(
    path: &str,
    on: Side,
    entry: &Entry,
    base: &Base,
    rules: Rules,
    plan: &mut Plan,
    gone: &mut Vec<(Side, String)>,
) {
    let other = if on == Side::Here { Side::Drive } else { Side::Here };
    let model = match rules.direction {
        Direction::Up => Some(Side::Here),
        Direction::Down => Some(Side::Drive),
        Direction::Both => None,
    };
    match (entry, model) {
        (Entry::File { size, .. }, Some(model)) if model == on => {
            plan.steps.push(Step::Copy { to: other, path: path.to_owned(), size: *size, replaces: false });
        }
        // Folders go along with the files that go; an empty one is made where the model has it.
        (Entry::Folder, Some(model)) if model == on => {
            plan.steps.push(Step::MakeFolder { on: other, path: path.to_owned() });
        }
        (Entry::File { .. } | Entry::Folder, Some(_)) => {
            if rules.delete {
                gone.push((on, path.to_owned()));
            }
        }
        (Entry::Folder, None) => {
            // A folder has no sum to remember it by: what was in it tells whether the other side had it.
            match (had_something(base, path), rules.delete) {
                (false, _) => plan.steps.push(Step::MakeFolder { on: other, path: path.to_owned() }),
                (true, true) => gone.push((on, path.to_owned())),
                (true, false) => {}
            }
        }
        (Entry::File { size, md5 }, None) => {
            let fate = match base.get(path) {
                None => Fate::Changed,
                Some(base) if base == md5 => Fate::Gone,
                Some(_) => Fate::Same,
            };
            match fate {
                // New here, as far as anybody remembers.
                Fate::Changed => {
                    plan.steps.push(Step::Copy {
                        to: other,
                        path: path.to_owned(),
                        size: *size,
                        replaces: false,
                    });
                }
                // It is as it was, and the other side has deleted it.
                Fate::Gone if rules.delete => gone.push((on, path.to_owned())),
                Fate::Gone => plan.left.push(Left {
                    path: path.to_owned(),
                    why: "the other side has deleted it, and nothing is to be deleted".to_owned(),
                }),
                Fate::Same => {
                    plan.conflicts.push(Left {
                        path: path.to_owned(),
                        why: "it changed on one side and was deleted on the other; it is kept".to_owned(),
                    });
                    plan.steps.push(Step::Copy {
                        to: other,
                        path: path.to_owned(),
                        size: *size,
                        replaces: false,
                    });
                }
            }
        }
        (Entry::Other(_) | Entry::LeftOut(_), _) => {}
    }
}

/// Whether a folder had something in it when both sides were last the same.
fn had_something(base: &Base, folder: &str) -> bool {
    let inside = format!("{folder}/");
    base.range(inside.clone()..).next().is_some_and(|(path, _)| path.starts_with(&inside))
}

/// Letters of a sum that tell contents of one file apart.
const SHORT: usize = 6;

/// A name for what is kept beside a file: it follows from the content, so that a plan that was broken off makes the
/// same one again. None where no such name is free.
fn aside(path: &str, md5: &str, (here, drive): (&Tree, &Tree)) -> Option<String> {
    let name = path.rfind('/').map_or(0, |at| at + 1);
    let ending = path[name..].rfind('.').filter(|at| *at > 0).map_or(path.len(), |at| name + at);
    [SHORT, md5.len()].into_iter().filter_map(|letters| md5.get(..letters)).find_map(|mark| {
        let free = format!("{} (conflict {mark}){}", &path[..ending], &path[ending..]);
        (!here.contains_key(&free) && !drive.contains_key(&free)).then_some(free)
    })
}

/// What goes: files, then folders that are empty by then, the innermost first.
fn remove(here: &Tree, drive: &Tree, gone: Vec<(Side, String)>, plan: &mut Plan) {
    let all: BTreeSet<(Side, String)> = gone.into_iter().collect();
    let stays = |side: Side, folder: &str| {
        let inside = format!("{folder}/");
        let below = tree_of(side, here, drive).range(inside.clone()..).map(|(path, _)| path);
        below.take_while(|path| path.starts_with(&inside)).any(|path| !all.contains(&(side, path.clone())))
    };
    let (files, mut folders): (Vec<_>, Vec<_>) =
        all.iter().cloned().partition(|(side, path)| is_file(tree_of(*side, here, drive), path));
    folders.retain(|(side, path)| !stays(*side, path));
    folders.reverse();
    let removals = files.into_iter().chain(folders).map(|(from, path)| Step::Remove { from, path });
    plan.steps.extend(removals);
}

#[cfg(test)]
mod tests;
