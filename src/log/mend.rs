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
