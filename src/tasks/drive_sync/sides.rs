//! What is on both sides: a folder of this machine and one in Drive, as the plan wants them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::made::Made;
use super::top::Top;
use crate::domain::failure::Failure;
use crate::drive::filter::Filter;
use crate::drive::lately::Lately;
use crate::drive::local;
use crate::drive::path::{joined, parted};
use crate::drive::sync::{Direction, Entry, Tree};
use crate::services::drive::{Drive, File, Progress, walk};
use crate::services::folder::{self, FoundKind};

/// Both sides, as they were looked at.
pub struct Sides<'a> {
    /// The folder here.
    pub folder: &'a Path,
    /// The folder in Drive.
    pub top: Top,
    /// What is here.
    pub here: Tree,
    /// What is in Drive.
    pub drive: Tree,
    /// Drive's files by their paths.
    pub files: BTreeMap<String, File>,
    /// What was done in Drive a moment ago, as far as lists may not show it yet.
    pub lately: Lately,
    /// By what a file here is known to be the same that was looked at, where it was not summed up.
    stamps: BTreeMap<String, String>,
}

/// A file here as it was looked at, or none.
pub(super) struct AsSeen {
    place: PathBuf,
    entry: Option<Entry>,
    stamp: Option<String>,
}

impl AsSeen {
    /// Whether it is still so.
    pub(super) fn still(&self) -> bool {
        match &self.entry {
            None => self.place.symlink_metadata().is_err(),
            Some(Entry::File { size, md5 }) => {
                let same_size =
                    self.place.symlink_metadata().is_ok_and(|meta| meta.is_file() && meta.len() == *size);
                let same = || match &self.stamp {
                    _ if !md5.is_empty() => folder::md5(&self.place).is_ok_and(|now| now == *md5),
                    Some(stamp) => folder::stamp(&self.place).is_ok_and(|now| now == *stamp),
                    None => true,
                };
                same_size && same()
            }
            Some(_) => true,
        }
    }

    /// Whether something can come to its place: nothing is there, or still what was looked at.
    pub(super) fn is_free(&self) -> bool {
        self.place.symlink_metadata().is_err() || self.still()
    }
}

/// What is fetched comes to its place only where nobody wrote there meanwhile.
impl Progress for AsSeen {
    fn at(&self, done: u64, total: u64) -> bool {
        done < total || self.is_free()
    }
}

impl<'a> Sides<'a> {
    /// Looks at both: in Drive at what lists told, and at what was made and they do not show yet; here at each file's
    /// size, and at its content only where that leaves it open whether it is the same. What `filter` does not take is
    /// seen, and left out.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub async fn look(
        drive: &dyn Drive,
        folder: &'a Path,
        mut top: Top,
        direction: Direction,
        filter: &Filter,
        made: &Made<'_>,
    ) -> Result<Self, Failure> {
        let lately = made.complete(drive, &top.id, &mut top.tree.entries).await?;
        let entries = std::mem::take(&mut top.tree.entries);
        let (files, mut remote) = (by_path(&entries), remote(&entries));
        filter.apply(&mut remote);
        let (mut here, stamps) = here(folder, &remote, filter, direction == Direction::Both)?;
        filter.apply(&mut here);
        Ok(Self { folder, top, here, drive: remote, files, lately, stamps })
    }

    /// Where a path of the plan lies here.
    #[must_use]
    pub fn place(&self, path: &str) -> PathBuf {
        // What has a name that leads elsewhere never comes this far, nor what lies below it.
        parted(path).iter().fold(self.folder.to_owned(), |place, name| place.join(name))
    }

    /// A file here as it was looked at.
    pub(super) fn seen(&self, path: &str) -> AsSeen {
        let (entry, stamp) = (self.here.get(path).cloned(), self.stamps.get(path).cloned());
        AsSeen { place: self.place(path), entry, stamp }
    }
}

/// Files of Drive by their paths; of several with one path, the last: nothing is done about those.
fn by_path(placed: &[walk::Placed]) -> BTreeMap<String, File> {
    placed.iter().map(|placed| (joined(&placed.path), placed.file.clone())).collect()
}

/// Drive's side as the plan wants it.
fn remote(placed: &[walk::Placed]) -> Tree {
    let mut tree = Tree::new();
    for placed in placed {
        let (path, file) = (joined(&placed.path), &placed.file);
        // On neither side: what another program left half fetched is nobody's file.
        if placed.path.iter().any(|name| folder::is_unfinished(name)) {
            continue;
        }
        let entry = if let Some(why) = local::unfit(&file.name) {
            Entry::Other(why.to_owned())
        } else if file.is_unlistable() {
            // What cannot be seen is not gone.
            Entry::Other("the account may not see what is in this folder".to_owned())
        } else if file.is_folder() {
            Entry::Folder
        } else if !file.has_content() {
            Entry::Other(without_bytes(file))
        } else if let (Some(size), Some(md5)) = (file.size, file.checksums.md5.clone()) {
            Entry::File { size, md5 }
        } else {
            Entry::Other("Drive tells no checksum of it".to_owned())
        };
        if tree.insert(path.clone(), entry).is_some() {
            let why =
                "several things in Drive have this name: rename or remove all but one of them, by their ids";
            tree.insert(path, Entry::Other(why.to_owned()));
        }
    }
    tree
}

/// Why something is not kept in step that has no bytes of its own, and what to do instead.
fn without_bytes(file: &File) -> String {
    let export = "which has no bytes: `automata drive export` fetches it";
    match file.google_kind().unwrap_or_default() {
        "shortcut" => "it is a shortcut: what it leads to is kept in step where that lies".to_owned(),
        "document" => {
            format!(
                "it is a Google document, {export}, and a rule with `import` brings its text into the repository"
            )
        }
        kind @ ("spreadsheet" | "presentation" | "drawing") => format!("it is a Google {kind}, {export}"),
        _ => "it is of a kind that Google's own programs alone read".to_owned(),
    }
}

/// This machine's side. With `all`, every file is summed up; otherwise only those whose size leaves it open whether
/// they are the same.
fn here(
    folder: &Path,
    drive: &Tree,
    filter: &Filter,
    all: bool,
) -> Result<(Tree, BTreeMap<String, String>), Failure> {
    let unreadable = |path: &Path, error: &std::io::Error| {
        Failure::permanent("no_file", format!("{} cannot be read: {error}", path.display()))
            .hint("Nothing was done. Look at who may read it.")
    };
    let (mut tree, mut stamps) = (Tree::new(), BTreeMap::new());
    for found in folder::walk(folder).map_err(|error| unreadable(folder, &error))? {
        let path = joined(&found.names);
        let unfit = found.names.last().and_then(|name| local::unfit(name));
        let entry = match found.kind {
            _ if unfit.is_some() => Entry::Other(unfit.unwrap_or_default().to_owned()),
            FoundKind::Folder => Entry::Folder,
            FoundKind::Other(why) => Entry::Other(why.to_owned()),
            FoundKind::File(size) if !filter.takes(&path) => {
                Entry::LeftOut(Box::new(Entry::File { size, md5: String::new() }))
            }
            FoundKind::File(size) => {
                let open =
                    matches!(drive.get(&path), Some(Entry::File { size: other, .. }) if *other == size);
                let place = folder::place(folder, &found.names);
                let md5 = if open || all {
                    folder::md5(&place).map_err(|error| unreadable(&place, &error))?
                } else {
                    stamps.extend(folder::stamp(&place).ok().map(|stamp| (path.clone(), stamp)));
                    String::new()
                };
                Entry::File { size, md5 }
            }
        };
        tree.insert(path, entry);
    }
    Ok((tree, stamps))
}
