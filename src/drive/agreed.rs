//! What two folders in step last agreed on, as it is kept beside the log for runs whose working copies come and go. It has
//! no names and no sums, but digests of them: whoever reads it can find again what they know, and learns nothing else. What
//! was done in Drive a moment ago stands there by its ids, for as long as lists may not show it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::digest::digest;
use super::lately::Lately;
use super::sync::{Base, Entry, Tree};
use crate::domain::time::Timestamp;

/// Stands for a sum that neither side has now.
const ANOTHER: &str = "another";

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// Digest of what names the pair.
    of: String,
    /// When the commit was made that the working copy was at; none where they never agreed on anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    /// Digests of sums by digests of paths.
    #[serde(default)]
    sums: BTreeMap<String, String>,
    /// What was done in Drive a moment ago.
    #[serde(default, skip_serializing_if = "Lately::is_empty")]
    lately: Lately,
}

/// The name under which it is kept.
#[must_use]
pub fn name(pair: &str) -> String {
    digest(&[pair])
}

impl Agreed {
    /// What is to be kept of a pair of folders, of which one is at a commit of that time.
    #[must_use]
    pub fn on(base: &Base, pair: &str, at: Timestamp) -> Self {
        let sums = base.iter().map(|(path, sum)| (digest(&[pair, path]), digest(&[pair, path, sum])));
        Self { of: name(pair), at: Some(at), sums: sums.collect(), lately: Lately::default() }
    }

    /// The same with what was done a moment ago; none of it where it is about another pair.
    #[must_use]
    pub fn with(self, pair: &str, lately: Lately) -> Self {
        let kept = if self.of == name(pair) { self } else { Self { of: name(pair), ..Self::default() } };
        Self { lately, ..kept }
    }

    /// What was done a moment ago.
    #[must_use]
    pub fn lately(&self, pair: &str, now: Timestamp) -> Lately {
        if self.of == name(pair) { self.lately.clone().fresh(now) } else { Lately::default() }
    }

    /// What was the same on both sides of the pair, of what is there now. None where it is about another pair, or the
    /// working copy is older: what it lacks may have come later, and is not deleted.
    #[must_use]
    pub fn base(&self, pair: &str, at: Timestamp, here: &Tree, drive: &Tree) -> Option<Base> {
        if self.of != name(pair) || self.at.is_none_or(|kept| at < kept) {
            return None;
        }
        let sums = |path: &str| {
            [here, drive]
                .into_iter()
                .filter_map(|tree| match tree.get(path) {
                    Some(Entry::File { md5, .. }) => Some(md5.clone()),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        let known = here.keys().chain(drive.keys()).filter_map(|path| {
            let kept = self.sums.get(&digest(&[pair, path]))?;
            let same = sums(path).into_iter().find(|sum| digest(&[pair, path, sum]) == *kept);
            Some((path.clone(), same.unwrap_or_else(|| ANOTHER.to_owned())))
        });
        Some(known.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_795_341_600_000);

    fn tree(files: &[(&str, &str)]) -> Tree {
        let file = |sum: &str| Entry::File { size: 1, md5: sum.to_owned() };
        files.iter().map(|(path, sum)| ((*path).to_owned(), file(sum))).collect()
    }

    fn base(files: &[(&str, &str)]) -> Base {
        files.iter().map(|(path, sum)| ((*path).to_owned(), (*sum).to_owned())).collect()
    }

    #[test]
    fn what_is_there_is_found_again_and_what_changed_on_both_sides_is_known_to_have_been() {
        let kept = Agreed::on(&base(&[("a", "1"), ("b", "2"), ("c", "3"), ("gone", "4")]), "guides 1x", NOON);
        let (here, drive) =
            (tree(&[("a", "1"), ("b", "20"), ("new", "9")]), tree(&[("b", "2"), ("c", "30")]));
        let found = kept.base("guides 1x", NOON, &here, &drive);
        assert_eq!(found, Some(base(&[("a", "1"), ("b", "2"), ("c", "another")])));
        let text = serde_json::to_string(&kept).unwrap();
        assert!(!text.contains("gone") && !text.contains("guides"), "{text}");
        assert_eq!(serde_json::from_str::<Agreed>(&text).unwrap(), kept);
    }

    #[test]
    fn of_another_pair_or_an_older_working_copy_nothing_is_known() {
        let kept = Agreed::on(&base(&[("a", "1")]), "guides 1x", NOON);
        let trees = (tree(&[("a", "1")]), tree(&[("a", "1")]));
        assert_eq!(kept.base("guides 1y", NOON, &trees.0, &trees.1), None);
        let before = Timestamp::from_millis(NOON.as_millis() - 1);
        assert_eq!(kept.base("guides 1x", before, &trees.0, &trees.1), None);
    }
    #[test]
    fn what_was_done_a_moment_ago_says_nothing_about_what_was_the_same() {
        let mut lately = Lately::default();
        lately.made("1id", "1top", NOON);
        let kept = Agreed::default().with("guides 1x", lately.clone());
        let trees = (tree(&[("a", "1")]), tree(&[("a", "1")]));
        assert_eq!(kept.base("guides 1x", NOON, &trees.0, &trees.1), None);
        assert_eq!(
            (kept.lately("guides 1x", NOON), kept.lately("guides 1y", NOON)),
            (lately.clone(), Lately::default())
        );
        let kept = Agreed::on(&base(&[("a", "1")]), "guides 1x", NOON).with("guides 1x", lately);
        assert_eq!(kept.base("guides 1x", NOON, &trees.0, &trees.1), Some(base(&[("a", "1")])));
        let text = serde_json::to_string(&kept).unwrap();
        assert_eq!(serde_json::from_str::<Agreed>(&text).unwrap(), kept);
        // As it was kept before there was anything else.
        let old = format!(r#"{{"of":"{}","at":"2026-11-22T10:00:00Z","sums":{{}}}}"#, name("guides 1x"));
        assert!(serde_json::from_str::<Agreed>(&old).is_ok());
    }
}
