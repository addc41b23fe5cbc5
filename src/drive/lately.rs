//! What was done in Drive a moment ago. Lists lag behind what was written: what they tell of such a thing is believed where it
//! is as we left it, and asked by its id otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::digest::digest;
use crate::domain::time::Timestamp;

/// How long a list may lag behind: about an hour, as rclone's manual has it.
pub const LAG: Duration = Duration::from_hours(2);

/// How something was left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It was made, or was about to be: with what content is not known, or it has none.
    Made,
    /// It was given content; a digest of it.
    Written(String),
    /// It was put into the trash, or found gone.
    Gone,
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// When.
    at: Timestamp,
    /// The folder that it lay in then, by its id.
    #[serde(rename = "in")]
    parent: String,
    /// How it was left.
    how: How,
}

/// What a list shows of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// A folder.
    Folder,
    /// Anything else, with its MD5 sum where it has one.
    File(Option<&'a str>),
}

/// What was done lately, by the ids of what it was done to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lately(BTreeMap<String, Deed>);

impl Lately {
    /// Whether nothing was done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Something lies in this folder since now.
    pub fn made(&mut self, id: &str, parent: &str, at: Timestamp) {
        self.keep(id, parent, How::Made, at);
    }

    /// Something has this content since now.
    pub fn written(&mut self, id: &str, parent: &str, md5: &str, at: Timestamp) {
        self.keep(id, parent, How::Written(digest(&[id, md5])), at);
    }

    /// Something went.
    pub fn gone(&mut self, id: &str, parent: &str, at: Timestamp) {
        self.keep(id, parent, How::Gone, at);
    }

    fn keep(&mut self, id: &str, parent: &str, how: How, at: Timestamp) {
        self.0.insert(id.to_owned(), Deed { at, parent: parent.to_owned(), how });
    }

    /// Asked by its id, something that was here is gone: lists may still show it.
    pub fn is_gone(&mut self, id: &str) {
        self.0.entry(id.to_owned()).and_modify(|deed| deed.how = How::Gone);
    }

    /// Asked by its id, it is so, whoever did it: lists may show it otherwise for as long.
    pub fn is_now(&mut self, id: &str, md5: Option<&str>) {
        let how = md5.map_or(How::Made, |md5| How::Written(digest(&[id, md5])));
        self.0.entry(id.to_owned()).and_modify(|deed| deed.how = how);
    }

    /// Adds what others remember; of one thing, what was done last counts.
    pub fn add(&mut self, others: Self) {
        for (id, deed) in others.0 {
            if self.0.get(&id).is_none_or(|known| known.at <= deed.at) {
                self.0.insert(id, deed);
            }
        }
    }

    /// As if all of it had been done just now: an upload takes as long as it takes.
    #[must_use]
    pub fn dated(mut self, now: Timestamp) -> Self {
        self.0.values_mut().for_each(|deed| deed.at = now);
        self
    }

    /// Only what was done in these folders, and in those that were made a moment ago.
    #[must_use]
    pub fn below(mut self, folders: &BTreeSet<&str>) -> Self {
        let ids: BTreeSet<String> = self.0.keys().cloned().collect();
        self.0.retain(|_, deed| folders.contains(&*deed.parent) || ids.contains(&deed.parent));
        self
    }

    /// Without what lists show by now.
    #[must_use]
    pub fn fresh(mut self, now: Timestamp) -> Self {
        self.0.retain(|_, deed| now.since(deed.at) < LAG);
        self
    }

    /// Whether it is to be asked by its id what is so, where a list shows it like that, or does not show it at all.
    #[must_use]
    pub fn doubts(&self, id: &str, shown: Option<Shown<'_>>) -> bool {
        let Some(deed) = self.0.get(id) else { return false };
        match (&deed.how, shown) {
            (How::Gone, shown) => shown.is_some(),
            (_, None) => true,
            (How::Made, Some(shown)) => shown != Shown::Folder,
            (How::Written(_), Some(Shown::Folder)) => false,
            (How::Written(sum), Some(Shown::File(md5))) => md5.is_none_or(|md5| digest(&[id, md5]) != *sum),
        }
    }

    /// What should be there, each with the folder that it was put into.
    pub fn should_be(&self) -> impl Iterator<Item = (&str, &str)> {
        let there = self.0.iter().filter(|(_, deed)| deed.how != How::Gone);
        there.map(|(id, deed)| (id.as_str(), deed.parent.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_795_341_600_000);

    fn file(md5: &str) -> Option<Shown<'_>> {
        Some(Shown::File(Some(md5)))
    }

    #[test]
    fn a_list_is_believed_where_it_shows_what_was_done() {
        let mut lately = Lately::default();
        lately.made("folder", "top", NOON);
        lately.written("file", "folder", "1", NOON);
        lately.gone("old", "top", NOON);
        for (id, shown, doubts) in [
            ("folder", Some(Shown::Folder), false),
            ("folder", None, true),
            ("folder", file("1"), true),
            ("file", file("1"), false),
            ("file", file("0"), true),
            ("file", Some(Shown::File(None)), true),
            ("file", None, true),
            ("old", None, false),
            ("old", file("1"), true),
            ("somebody's", file("1"), false),
            ("somebody's", None, false),
        ] {
            assert_eq!(lately.doubts(id, shown), doubts, "{id} {shown:?}");
        }
        assert_eq!(lately.should_be().collect::<Vec<_>>(), [("file", "folder"), ("folder", "top")]);
        let text = serde_json::to_string(&lately).unwrap();
        assert_eq!(serde_json::from_str::<Lately>(&text).unwrap(), lately);
    }

    #[test]
    fn what_was_done_last_counts_and_after_a_while_lists_have_the_last_word() {
        let later = Timestamp::from_millis(NOON.as_millis() + 60_000);
        let (mut lately, mut others) = (Lately::default(), Lately::default());
        lately.written("file", "top", "1", NOON);
        others.written("file", "top", "2", later);
        lately.add(others.clone());
        assert!(lately.doubts("file", file("1")) && !lately.doubts("file", file("2")));
        let mut older = Lately::default();
        older.gone("file", "top", NOON);
        others.add(older);
        assert!(!others.doubts("file", file("2")));
        lately.is_gone("file");
        assert!(lately.doubts("file", file("2")) && !lately.doubts("file", None));
        let over = Timestamp::from_millis(later.as_millis() + i64::try_from(LAG.as_millis()).unwrap());
        assert!(lately.fresh(over).is_empty());
    }
}
