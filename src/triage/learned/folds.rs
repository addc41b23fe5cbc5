//! Parts rows for cross-validation: every part has its share of each group, and the same rows give the same parts.

use std::collections::BTreeMap;

/// The part of each row, from 0 to `count - 1`. Rows of one group (a class of a repository) are dealt in turn, after
/// a shuffle that only their order decides: rows that lie beside each other are often alike.
#[must_use]
pub fn folds<G: Ord>(groups: &[G], count: usize) -> Vec<usize> {
    let mut members: BTreeMap<&G, Vec<usize>> = BTreeMap::new();
    for (row, group) in groups.iter().enumerate() {
        members.entry(group).or_default().push(row);
    }
    let mut parts = vec![0; groups.len()];
    let mut dealt = 0;
    for rows in members.values_mut() {
        rows.sort_by_key(|row| mixed(*row as u64));
        for row in rows {
            parts[*row] = dealt % count.max(1);
            dealt += 1;
        }
    }
    parts
}

/// Spreads neighbours far apart: the finaliser of SplitMix64 (<https://prng.di.unimi.it/splitmix64.c>).
const fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_its_share_of_every_group() {
        let groups: Vec<usize> = (0..60).map(|row| row % 3).collect();
        let parts = folds(&groups, 5);
        for part in 0..5 {
            for group in 0..3 {
                let rows = (0..60).filter(|row| parts[*row] == part && groups[*row] == group).count();
                assert_eq!(rows, 4, "part {part}, group {group}");
            }
        }
        assert_eq!(parts, folds(&groups, 5));
    }
}
