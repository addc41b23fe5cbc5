//! Putting a log together from lines that were found here and there: the longest chain that somebody vouches for.
//!
//! A line names the beginning of the chain's hash before it, so a changed line has no successor; and the last line of
//! what is put together is only taken where a hash that was written elsewhere agrees with it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::ChainHash;
use super::reader::Reader;
use crate::domain::id::Sequence;

/// Lines, and what vouches for them.
#[derive(Clone, Debug, Default)]
pub struct Found {
    lines: BTreeMap<u64, Vec<Line>>,
    ends: BTreeSet<(u64, [u8; 32])>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    text: Vec<u8>,
    prev: String,
    from: usize,
}

/// What was put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// The lines, each with its newline.
    pub lines: Vec<u8>,
    /// Where they end.
    pub sequence: Sequence,
    /// The chain's hash there.
    pub chain: ChainHash,
    /// The numbers of the sources that something was taken from.
    pub from: BTreeSet<usize>,
}

/// A way to put lines together, up to one of them.
struct Step {
    chain: ChainHash,
    /// Its place among the steps of the line before.
    before: usize,
    line: usize,
    passed: bool,
}

impl Found {
    /// Adds the lines of a file, as far as they look like lines, from the source of this number. What comes first is
    /// taken first where several fit.
    pub fn add(&mut self, content: &[u8], from: usize) {
        #[derive(Deserialize)]
        struct Place {
            seq: u64,
            prev: String,
        }
        for text in content.split_inclusive(|byte| *byte == b'\n') {
            let Some(text) = text.strip_suffix(b"\n") else { continue };
            let Ok(Place { seq, prev }) = serde_json::from_slice::<Place>(text) else { continue };
            let known = self.lines.entry(seq).or_default();
            if known.iter().all(|line| line.text != text) {
                known.push(Line { text: text.to_vec(), prev, from });
            }
        }
    }

    /// Adds that the chain has this hash after this event.
    pub fn vouch(&mut self, sequence: Sequence, chain: ChainHash) {
        self.ends.insert((sequence.0, chain.0));
    }

    /// The last event that anybody knows of.
    #[must_use]
    pub fn last_known(&self) -> Sequence {
        let vouched = self.ends.last().map_or(0, |(sequence, _)| *sequence);
        Sequence(self.lines.last_key_value().map_or(0, |(sequence, _)| *sequence).max(vouched))
    }

    /// The longest log whose end somebody vouches for; before all others one that has this end on its way.
    #[must_use]
    pub fn longest(&self, through: Option<(Sequence, ChainHash)>) -> Option<Mended> {
        let start = Step { chain: ChainHash::START, before: 0, line: 0, passed: false };
        let mut steps: Vec<Vec<Step>> = vec![vec![start]];
        let mut best: Option<(bool, usize, usize)> = None;
        while let (Some(last), Some(lines)) = (steps.last(), self.lines.get(&(steps.len() as u64))) {
            let sequence = Sequence(steps.len() as u64);
            let mut next: Vec<Step> = Vec::new();
            for (before, step) in last.iter().enumerate() {
                for (line, found) in lines.iter().enumerate() {
                    if step.chain.begins_with(&found.prev) {
                        let chain = step.chain.after(&found.text);
                        let passed = step.passed || through == Some((sequence, chain));
                        next.push(Step { chain, before, line, passed });
                    }
                }
            }
            for (place, step) in next.iter().enumerate() {
                let is_longer =
                    best.is_none_or(|(passed, length, _)| (step.passed, steps.len()) > (passed, length));
                if is_longer && self.ends.contains(&(sequence.0, step.chain.0)) {
                    best = Some((step.passed, steps.len(), place));
                }
            }
            if next.is_empty() {
                break;
            }
            steps.push(next);
        }
        let (_, length, place) = best?;
        Some(self.walked(&steps, length, place))
    }

    fn walked(&self, steps: &[Vec<Step>], length: usize, end: usize) -> Mended {
        let (mut taken, mut place, mut from) = (Vec::new(), end, BTreeSet::new());
        for sequence in (1..=length).rev() {
            let step = &steps[sequence][place];
            let line = &self.lines[&(sequence as u64)][step.line];
            taken.push(&line.text);
            from.insert(line.from);
            place = step.before;
        }
        let mut lines = Vec::new();
        for text in taken.iter().rev() {
            lines.extend_from_slice(text);
            lines.push(b'\n');
        }
        let Reader { sequence, chain } =
            Reader { sequence: Sequence(length as u64), chain: steps[length][end].chain };
        Mended { lines, sequence, chain, from }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::log::{reader, wire::samples};

    /// The lines of the sample log, and the hash after each.
    fn log() -> (Vec<Vec<u8>>, Vec<ChainHash>) {
        let (text, _) = reader::write(Reader::START, &samples::envelopes()).unwrap();
        let lines: Vec<Vec<u8>> =
            text.as_bytes().split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let mut chain = ChainHash::START;
        let chains = lines.iter().map(|line| {
            chain = chain.after(&line[..line.len() - 1]);
            chain
        });
        let chains = chains.collect();
        (lines, chains)
    }

    fn at(place: usize) -> Sequence {
        Sequence(place as u64)
    }

    proptest! {
        /// Whatever is missing, changed and in whatever order it is found: what comes out is a beginning of the log
        /// that was written, up to an end that somebody vouches for, and the longest such.
        #[test]
        fn no_changed_line_ever_gets_into_what_is_put_together(
            missing in proptest::collection::btree_set(0_usize..49, 0..3),
            changed in proptest::collection::btree_map(0_usize..49, 0_usize..60, 0..6),
            ends in proptest::collection::btree_set(1_usize..50, 1..6),
        ) {
            let (lines, chains) = log();
            let mut found = Found::default();
            for (place, offset) in &changed {
                let mut line = lines[*place].clone();
                let byte = offset % (line.len() - 1);
                line[byte] ^= 1;
                found.add(&line, 0);
            }
            for (place, line) in lines.iter().enumerate().filter(|(place, _)| !missing.contains(place)) {
                found.add(line, 1);
            }
            for end in ends.iter().filter(|end| **end <= lines.len()) {
                found.vouch(at(*end), chains[end - 1]);
            }
            let whole = missing.first().copied().unwrap_or(lines.len());
            let end = ends.iter().copied().filter(|end| *end <= whole.min(lines.len())).max();
            let mended = found.longest(None);
            prop_assert_eq!(mended.as_ref().map(|mended| mended.sequence), end.map(at));
            if let Some(mended) = mended {
                prop_assert!(mended.lines == lines[..end.unwrap()].concat());
            }
        }
    }

    #[test]
    fn a_shorter_log_with_the_end_that_is_wanted_goes_before_a_longer_one_without() {
        let (lines, chains) = log();
        let mut found = Found::default();
        found.add(&lines.concat(), 0);
        let mut other = String::from_utf8(lines[4].clone()).unwrap();
        other = other.replacen("12:00:0", "13:00:0", 1);
        found.add(other.as_bytes(), 1);
        let chain = chains[3].after(other.trim_end().as_bytes());
        found.vouch(at(lines.len()), chains[lines.len() - 1]);
        found.vouch(at(5), chain);
        assert_eq!(found.longest(None).unwrap().sequence, at(lines.len()));
        let mended = found.longest(Some((at(5), chain))).unwrap();
        assert_eq!((mended.sequence, mended.chain), (at(5), chain));
        assert_eq!(mended.from, BTreeSet::from([0, 1]));
    }
}
