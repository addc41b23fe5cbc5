//! Keys that can be destroyed one by one though they are never written down one by one.
//!
//! All keys follow from one number, down a tree: each place gives two below it by HMAC-SHA-256, and a path of 128 steps
//! ends at a key. To destroy a key, or all below a place, the place above it is replaced by those beside the way
//! down: everything else still follows from what is left, and that key from nothing. (A puncturable pseudorandom function
//! after Goldreich, Goldwasser and Micali.) So what is kept grows with what was destroyed, and not with what was sealed.

use std::collections::BTreeMap;

use ring::hmac;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

/// Steps from the top to a key.
pub(super) const DEPTH: u8 = 128;

/// A place in the tree: the steps that lead to it, the first one in the highest bit; all others are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    steps: u128,
    depth: u8,
}

impl Place {
    /// The place that the first `depth` steps of a path lead to.
    #[must_use]
    pub(super) const fn on(path: u128, depth: u8) -> Self {
        let steps = if depth == 0 { 0 } else { path >> (DEPTH - depth) << (DEPTH - depth) };
        Self { steps, depth }
    }

    /// The last path that leads through here.
    const fn last(self) -> u128 {
        if self.depth == DEPTH { self.steps } else { self.steps | u128::MAX >> self.depth }
    }

    const fn step(path: u128, depth: u8) -> bool {
        path >> (DEPTH - 1 - depth) & 1 == 1
    }
}

/// A key, or a number that keys follow from: wiped from memory when it is dropped.
pub(super) type Key = Zeroizing<[u8; 32]>;

/// What keys follow from. Its `Debug` shows none.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Tree(BTreeMap<Place, Key>);

impl std::fmt::Debug for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[a tree of {} places]", self.0.len())
    }
}

impl Tree {
    /// All keys that follow from `seed`.
    #[must_use]
    pub(super) fn new(seed: [u8; 32]) -> Self {
        Self(BTreeMap::from([(Place::on(0, 0), Key::new(seed))]))
    }

    /// The key at the end of `path`; none when it was destroyed.
    #[must_use]
    pub(super) fn key(&self, path: u128) -> Option<Key> {
        let (above, node) = self.above(Place::on(path, DEPTH))?;
        Some((above.depth..DEPTH).fold(node, |node, depth| below(&node, Place::step(path, depth))))
    }

    /// Whether no key is left.
    #[must_use]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any key below `place` is left.
    #[must_use]
    pub(super) fn has(&self, place: Place) -> bool {
        self.above(place).is_some() || self.inside(place).next().is_some()
    }

    /// Destroys every key below `place`.
    pub(super) fn destroy(&mut self, place: Place) {
        let inside: Vec<Place> = self.inside(place).collect();
        for place in inside {
            self.0.remove(&place);
        }
        let Some((above, mut node)) = self.above(place) else { return };
        self.0.remove(&above);
        for depth in above.depth..place.depth {
            let turn = Place::step(place.steps, depth);
            let beside = Place::on(place.steps ^ 1 << (DEPTH - 1 - depth), depth + 1);
            self.0.insert(beside, below(&node, !turn));
            node = below(&node, turn);
        }
    }

    /// The place that is kept and leads to `place`, or is it.
    fn above(&self, place: Place) -> Option<(Place, Key)> {
        (0..=place.depth).rev().find_map(|depth| {
            let above = Place::on(place.steps, depth);
            self.0.get(&above).map(|node| (above, node.clone()))
        })
    }

    /// The places that are kept and lie below `place`.
    fn inside(&self, place: Place) -> impl Iterator<Item = Place> {
        let range = Place { steps: place.steps, depth: 0 }..=Place { steps: place.last(), depth: DEPTH };
        self.0.range(range).map(|(kept, _)| *kept).filter(move |kept| kept.depth > place.depth)
    }
}

/// One of the two places below.
fn below(node: &Key, turn: bool) -> Key {
    let mut next = Key::default();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &node[..]), &[u8::from(turn)]);
    next.copy_from_slice(tag.as_ref());
    next
}

/// A place and its number as they are written.
#[derive(Serialize, Deserialize)]
struct Written {
    /// The steps, hexadecimal.
    at: String,
    depth: u8,
    /// Hexadecimal.
    node: String,
}

impl Drop for Written {
    fn drop(&mut self) {
        self.node.zeroize();
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    // As long as it gets from the beginning: growing would leave copies behind.
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

impl Serialize for Tree {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(place, node)| Written {
            at: format!("{:032x}", place.steps),
            depth: place.depth,
            node: hex(&node[..]),
        }))
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written: Vec<Written> = Deserialize::deserialize(deserializer)?;
        let read = |written: &Written| {
            let steps = u128::from_str_radix(&written.at, 16).ok()?;
            let place = Place::on(steps, written.depth.min(DEPTH));
            let digits = written.node.as_bytes().chunks(2);
            let mut node = Key::default();
            if written.node.len() != node.len() * 2 {
                return None;
            }
            for (byte, pair) in node.iter_mut().zip(digits) {
                *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
            }
            Some((place, node))
        };
        let nodes: Option<BTreeMap<Place, Key>> = written.iter().map(read).collect();
        nodes.map(Self).ok_or_else(|| serde::de::Error::custom("a place in the tree of keys cannot be read"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn places() -> impl Strategy<Value = Vec<Place>> {
        // Few distinct beginnings, so that places lie inside of each other and repeat.
        let place = (any::<u128>(), 0_u8..4, 0_u8..=DEPTH).prop_map(|(path, mask, depth)| {
            Place::on(path & (u128::MAX >> 3 | u128::from(mask) << 126), depth)
        });
        proptest::collection::vec(place, 0..6)
    }

    proptest! {
        #[test]
        fn what_was_destroyed_is_gone_and_all_else_is_what_it_was(
            destroyed in places(), paths in proptest::collection::vec(any::<u128>(), 1..6), seed: [u8; 32],
        ) {
            let whole = Tree::new(seed);
            let mut tree = whole.clone();
            for place in &destroyed {
                tree.destroy(*place);
                prop_assert!(!tree.has(*place));
            }
            let ends = destroyed.iter().flat_map(|place| [place.steps, place.last()]);
            // Right beside what is gone, too.
            let beside: Vec<u128> = ends.flat_map(|end| [end, end ^ 1, end.wrapping_add(1)]).collect();
            let read: Tree = serde_json::from_str(&serde_json::to_string(&tree).unwrap()).unwrap();
            prop_assert_eq!(&read, &tree);
            for path in paths.into_iter().chain(beside) {
                let is_gone = destroyed.iter().any(|place| Place::on(path, place.depth) == *place);
                prop_assert_eq!(tree.key(path), (!is_gone).then(|| whole.key(path).unwrap()));
            }
        }

        #[test]
        fn no_kept_place_leads_to_what_was_destroyed(destroyed in places(), seed: [u8; 32]) {
            let mut tree = Tree::new(seed);
            destroyed.iter().for_each(|place| tree.destroy(*place));
            for (kept, place) in tree.0.keys().flat_map(|kept| destroyed.iter().map(move |place| (kept, place))) {
                let shorter = kept.depth.min(place.depth);
                prop_assert_ne!(Place::on(kept.steps, shorter), Place::on(place.steps, shorter));
            }
        }
    }
}
