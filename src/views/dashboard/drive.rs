//! Google Drive: what is watched, what changed there, what was done there, and the folders of issues.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::figures::{of, value_of};
use crate::domain::event::{Event, Recorded};
use crate::domain::state::State;
use crate::domain::untrusted::one_line;
use crate::views::metrics::Metrics;

/// Changes kept: more than anybody reads.
const MOVES_KEPT: usize = 200;
/// Width of a name or a place.
const WIDE: usize = 120;

/// See the file's first line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drive {
    /// Feeds of changes.
    pub feeds: Vec<DriveFeed>,
    /// Files and folders in watched folders.
    pub watched: usize,
    /// Changes that were seen, over the whole log.
    pub seen: u64,
    /// The last of them, the latest first.
    pub moves: Vec<DriveMove>,
    /// The folders of issues.
    pub folders: Vec<DriveFolder>,
    /// What was done there, by the kind of change.
    pub effects: BTreeMap<String, u64>,
}

/// A feed of changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DriveFeed {
    /// `user` for the account's own, else the id of a shared drive.
    pub name: String,
    /// When it was read.
    pub at: i64,
    /// The names of the folders that are watched by it, or their ids where no name is known.
    pub folders: Vec<String>,
}

/// Something changed in a watched folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DriveMove {
    /// The event.
    pub event: u64,
    /// When, as Drive says, or when it was seen.
    pub at: i64,
    /// Where.
    pub place: String,
    /// What is different, in words.
    pub what: String,
    /// Who did it, where that is known.
    pub by: Option<String>,
}

/// The folder of an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DriveFolder {
    /// The issue's number.
    pub issue: u64,
    /// The folder's name.
    pub name: String,
    /// Its page.
    pub url: Option<String>,
    /// Files that were copied into it.
    pub copied: usize,
    /// People who have access because of us.
    pub shared: usize,
}

#[derive(Default)]
pub(super) struct Moves {
    seen: u64,
    moves: VecDeque<DriveMove>,
}

impl Moves {
    pub(super) fn offer(&mut self, recorded: &Recorded) {
        let Event::DriveChanged(changed) = &recorded.event else { return };
        self.seen += 1;
        if self.moves.len() == MOVES_KEPT {
            self.moves.pop_front();
        }
        let by = if changed.ours { Some("Automata") } else { changed.who() };
        self.moves.push_back(DriveMove {
            event: recorded.stamp.sequence.0,
            at: changed.at.unwrap_or(recorded.stamp.at).as_millis(),
            place: one_line(&changed.place, WIDE),
            what: changed.words(),
            by: by.map(|who| one_line(who, WIDE)),
        });
    }

    pub(super) fn finish(self, state: &State, metrics: &Metrics) -> Drive {
        let watched = &state.watched;
        let feeds = watched.feeds.iter().map(|(name, feed)| DriveFeed {
            name: one_line(name, WIDE),
            at: feed.at.as_millis(),
            folders: feed
                .roots
                .iter()
                .map(|root| {
                    let name = watched.files.get(root).map(|seen| one_line(&seen.name, WIDE));
                    name.unwrap_or_else(|| root.to_string())
                })
                .collect(),
        });
        let folders = state.issues.iter().filter_map(|(number, issue)| {
            let folder = issue.folder.as_ref()?;
            Some(DriveFolder {
                issue: number.0,
                name: one_line(&folder.made.name, WIDE),
                url: folder.made.url.clone(),
                copied: folder.copied.len(),
                shared: folder.shared.len(),
            })
        });
        let effects = of(metrics.counters(), "effects").filter_map(|(labels, count)| {
            let kind = value_of(labels, "kind");
            kind.starts_with("drive").then(|| (kind.to_owned(), *count))
        });
        let mut done: BTreeMap<String, u64> = BTreeMap::new();
        effects.for_each(|(kind, count)| *done.entry(kind).or_default() += count);
        Drive {
            feeds: feeds.collect(),
            watched: watched.files.len(),
            seen: self.seen,
            moves: self.moves.into_iter().rev().collect(),
            folders: folders.collect(),
            effects: done,
        }
    }
}
