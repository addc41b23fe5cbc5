//! What is watched in Drive: how far its feeds of changes were read, how each file was seen last, and what became of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::id::IssueNumber;
use super::receipt;
use super::time::Timestamp;

pub use change::{Aspect, DriveChanged, Seen, compare};
pub use item::{DriveKey, NotAnItem};

mod change;
mod item;

/// Folders that a path goes through at most; Drive allows 100.
const DEEPEST: usize = 100;

/// See the file's first line. Only what lies in a watched folder is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Watched {
    /// The feeds: `user` for the account's own, the id of a shared drive for its own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub feeds: BTreeMap<String, Feed>,
    /// Files and folders, the watched folders themselves among them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<DriveKey, Seen>,
    /// The issue that is kept about something in Drive, by its key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub issues: BTreeMap<String, IssueNumber>,
    /// Documents that are brought into the repository.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub imports: BTreeMap<DriveKey, receipt::Branch>,
    /// Folders that were made for milestones, by the folder above and the milestone's title.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub folders: BTreeMap<String, receipt::DriveFolder>,
}

/// A feed of changes, read up to some place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// Drive's token for what comes next.
    pub token: String,
    /// When it was read.
    pub at: Timestamp,
    /// The folders that are watched by it.
    pub roots: BTreeSet<DriveKey>,
}

/// See [`crate::domain::event::Event::DriveRead`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveRead {
    /// Which feed: `user`, or the id of a shared drive.
    pub feed: String,
    /// Where it goes on; none: it is watched no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The folders that are watched by it now.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub roots: BTreeSet<DriveKey>,
    /// What was seen that is no change: how everything is when the watch begins, and what nobody is told of.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub learned: BTreeMap<DriveKey, Seen>,
    /// How many changes follow.
    #[serde(default)]
    pub changes: u32,
}

impl Watched {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// All watched folders.
    #[must_use]
    pub fn roots(&self) -> BTreeSet<DriveKey> {
        self.feeds.values().flat_map(|feed| feed.roots.iter().copied()).collect()
    }

    /// The watched folder that something lies in, and the names from there on; none where it lies in none.
    #[must_use]
    pub fn place(&self, item: DriveKey) -> Option<(DriveKey, Vec<String>)> {
        place(&self.files, &self.roots(), item)
    }

    /// Whether `item` is `folder`, or lies in it.
    #[must_use]
    pub fn is_in(&self, item: DriveKey, folder: DriveKey) -> bool {
        place(&self.files, &BTreeSet::from([folder]), item).is_some()
    }

    pub(super) fn read(&mut self, read: &DriveRead, at: Timestamp) {
        self.files.extend(read.learned.iter().map(|(item, seen)| (*item, seen.clone())));
        let roots_before = self.roots();
        match &read.next {
            Some(token) => {
                let feed = Feed { token: token.clone(), at, roots: read.roots.clone() };
                self.feeds.insert(read.feed.clone(), feed);
            }
            None => {
                self.feeds.remove(&read.feed);
            }
        }
        if self.roots() != roots_before {
            self.prune();
        }
    }

    pub(super) fn changed(&mut self, changed: &DriveChanged) {
        match &changed.now {
            Some(now) => {
                self.files.insert(changed.file, now.clone());
            }
            None => {
                self.files.remove(&changed.file);
                self.prune();
            }
        }
    }

    /// Forgets what lies in no watched folder any more: what was in a folder that has gone.
    fn prune(&mut self) {
        let roots = self.roots();
        let kept: BTreeSet<DriveKey> =
            self.files.keys().copied().filter(|item| place(&self.files, &roots, *item).is_some()).collect();
        self.files.retain(|item, _| kept.contains(item));
    }
}

/// The first of `roots` on the way up from `item`, and the names from there down.
#[must_use]
pub fn place(
    files: &BTreeMap<DriveKey, Seen>,
    roots: &BTreeSet<DriveKey>,
    item: DriveKey,
) -> Option<(DriveKey, Vec<String>)> {
    let (mut names, mut at) = (Vec::new(), item);
    for _ in 0..DEEPEST {
        if roots.contains(&at) {
            names.reverse();
            return Some((at, names));
        }
        let seen = files.get(&at)?;
        names.push(seen.name.clone());
        at = seen.parent.as_deref()?.parse().ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str) -> DriveKey {
        id.parse().unwrap()
    }

    fn seen(name: &str, parent: &str) -> Seen {
        Seen { name: name.into(), parent: Some(parent.into()), ..Seen::default() }
    }

    fn begun() -> Watched {
        let mut watched = Watched::default();
        let learned = [
            (item("r"), seen("docs", "top")),
            (item("f"), seen("plans", "r")),
            (item("a"), seen("a.md", "f")),
        ];
        let read = DriveRead {
            feed: "user".into(),
            next: Some("1".into()),
            roots: [item("r")].into(),
            learned: learned.into(),
            changes: 0,
        };
        watched.read(&read, Timestamp::default());
        watched
    }

    #[test]
    fn a_place_is_told_from_the_watched_folder_on() {
        let watched = begun();
        assert_eq!(watched.place(item("a")), Some((item("r"), vec!["plans".into(), "a.md".into()])));
        assert_eq!(watched.place(item("r")), Some((item("r"), Vec::new())));
        assert_eq!(watched.place(item("elsewhere")), None);
        assert!(watched.is_in(item("a"), item("f")) && !watched.is_in(item("f"), item("a")));
    }

    #[test]
    fn what_was_in_a_folder_that_has_gone_is_forgotten_with_it() {
        let mut watched = begun();
        let gone = DriveChanged {
            file: item("f"),
            at: None,
            what: vec![Aspect::Removed],
            now: None,
            was: None,
            place: "docs:plans".into(),
            by: None,
            name: String::new(),
            url: None,
            ours: false,
        };
        watched.changed(&gone);
        assert_eq!(watched.files.keys().copied().collect::<Vec<_>>(), [item("r")]);
    }

    #[test]
    fn a_feed_that_is_watched_no_more_leaves_nothing() {
        let mut watched = begun();
        let end = DriveRead {
            feed: "user".into(),
            next: None,
            roots: BTreeSet::new(),
            learned: BTreeMap::new(),
            changes: 0,
        };
        watched.read(&end, Timestamp::default());
        assert!(watched.is_empty());
    }
}
