//! Everything below a folder in Drive, by paths: one list for each folder, several at a time.

use std::collections::BTreeSet;

use super::super::failure::{Ended, Kind};
use super::find::{Finder, drive_of};
use super::told::below;
use crate::services::drive::{File, Listing, Query, Term};

/// Lists that are asked for at a time: a list costs 100 units, and 325,000 a minute are allowed.
const AT_ONCE: usize = 8;

/// Something below a folder.
pub(super) struct Leaf {
    /// Its path from the folder on, names with `/` between them, slashes of names escaped.
    pub(super) path: String,
    pub(super) file: File,
}

/// Walks a folder. Shortcuts are told and not followed.
///
/// # Errors
/// When there is more than `most`, or as Drive says.
pub(super) async fn walk(
    finder: &Finder<'_>,
    folder: &File,
    trashed: bool,
    most: usize,
) -> Result<Vec<Leaf>, Ended> {
    let mut leaves = Vec::new();
    let mut seen = BTreeSet::from([folder.id.clone()]);
    let mut level = vec![(String::new(), folder.clone())];
    while !level.is_empty() {
        let mut deeper = Vec::new();
        for group in level.chunks(AT_ONCE) {
            let lists = group.iter().map(|(_, folder)| list(finder, folder, trashed, most));
            for ((above, _), listed) in group.iter().zip(futures_util::future::join_all(lists).await) {
                for file in listed? {
                    let path = below(above, &file.name);
                    // A folder in itself would never end; Drive forbids it, and a list may lag.
                    if file.is_folder() && seen.insert(file.id.clone()) {
                        deeper.push((path.clone(), file.clone()));
                    }
                    leaves.push(Leaf { path, file });
                }
            }
            if leaves.len() > most {
                return Err(Ended {
                    kind: Kind::Work,
                    message: format!("there is more than {most} things below `{}`", folder.name),
                    hints: vec!["Take a folder further down, or raise `drive.limits.files`.".to_owned()],
                });
            }
        }
        level = deeper;
    }
    leaves.sort_by(|a, b| (&a.path, &a.file.id).cmp(&(&b.path, &b.file.id)));
    Ok(leaves)
}

/// What is directly in a folder.
pub(super) async fn list(
    finder: &Finder<'_>,
    folder: &File,
    trashed: bool,
    most: usize,
) -> Result<Vec<File>, Ended> {
    let terms =
        std::iter::once(Term::In(folder.id.clone())).chain((!trashed).then_some(Term::Trashed(false)));
    let listing = Listing::of(Query::all(terms), drive_of(folder));
    finder.all(&listing, most.saturating_add(1)).await
}
