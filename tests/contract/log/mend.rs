//! A log put together from lines that were found here and there.

use std::collections::BTreeSet;
use std::path::PathBuf;

use automata::domain::id::Sequence;
use automata::log::ChainHash;
use automata::log::mend::Found;
use proptest::prelude::*;

/// The lines of the sample log, and the hash after each.
fn log() -> (Vec<Vec<u8>>, Vec<ChainHash>) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("state/golden/v1/log.jsonl");
    let text = std::fs::read(path).unwrap();
    let lines: Vec<Vec<u8>> = text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
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
        let there = lines.iter().enumerate().filter(|(place, _)| !missing.contains(place));
        there.for_each(|(_, line)| found.add(line, 1));
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
