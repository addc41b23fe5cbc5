//! What lies in a folder in Drive, as it is now.

use std::collections::BTreeMap;

use super::{Names, Teller, grants_of, id_of, told};
use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::domain::watched::{DriveChanged, DriveKey, Seen, Watched};
use crate::drive::path::joined;
use crate::drive::watch::{Told, follow};
use crate::services::drive::{Drive, walk};

/// What lies in a folder, and the folder itself.
pub(super) struct Below {
    pub(super) found: Vec<Told>,
    /// Whether there may be more.
    pub(super) incomplete: bool,
}

impl Below {
    pub(super) fn seen(self) -> impl Iterator<Item = (DriveKey, Seen)> {
        self.found.into_iter().filter_map(|told| Some((told.item, told.now?)))
    }
}

/// How folders are looked into.
#[derive(Clone, Copy)]
pub(in super::super) struct Looking<'a> {
    pub(in super::super) drive: &'a dyn Drive,
    pub(in super::super) teller: &'a Teller,
    /// Things that are known one by one, at most.
    pub(in super::super) most: usize,
    /// Since when what we did ourselves counts; none where it does not.
    pub(in super::super) since: Option<Timestamp>,
}

impl Looking<'_> {
    /// A folder and everything below, as it is now.
    ///
    /// # Errors
    /// As Drive says.
    pub(super) async fn below(&self, root: DriveKey) -> Result<Below, Failure> {
        let top = self.drive.file(&id_of(root)?).await?;
        let tree = walk::tree(self.drive, &top, self.most, true).await?;
        if tree.cut {
            tracing::warn!(
                folder = %root,
                "more lies there than `drive.watch.files` allows, or Drive did not tell all: a change of the rest says \
                 that it was added"
            );
        }
        for path in &tree.unlisted {
            let within = joined(path);
            tracing::warn!(folder = %root, within, "what is in there is not for this account to see, and not watched");
        }
        let files = std::iter::once(top).chain(tree.entries.into_iter().map(|placed| placed.file));
        let mut found: Vec<Told> = files.filter_map(|file| self.teller.found(&file, self.since)).collect();
        let items: Vec<DriveKey> = found.iter().map(|told| told.item).collect();
        let mut grants = grants_of(self.drive, &items).await?;
        for told in &mut found {
            if let Some(now) = &mut told.now {
                now.grants = grants.remove(&told.item);
            }
        }
        Ok(Below { found, incomplete: tree.incomplete })
    }

    /// What came along with folders that are new in the watched ones, of which no feed tells. `told` is what the feed told
    /// after `watched`.
    ///
    /// # Errors
    /// As Drive says.
    pub(in super::super) async fn came_along(
        &self,
        names: &Names,
        watched: &Watched,
        told: &[Told],
        new: &[DriveKey],
    ) -> Result<Vec<DriveChanged>, Failure> {
        let by: BTreeMap<DriveKey, Told> = told.iter().map(|told| (told.item, told.clone())).collect();
        let mut changes = Vec::new();
        for folder in new {
            let came = self.below(*folder).await?.found;
            let mut with = watched.clone();
            with.files.extend(by.values().filter_map(|told| Some((told.item, told.now.clone()?))));
            let unknown = came.into_iter().filter(|found| !with.files.contains_key(&found.item));
            let Some(told) = by.get(folder) else { continue };
            let unknown: Vec<Told> = unknown.map(|found| told::came_with(told, found)).collect();
            changes.extend(follow(&with, names, &unknown).changes);
        }
        Ok(changes)
    }
}
