//! Issues as sparse vectors: how often each feature occurs, evened out by place, rare ones first.

use std::collections::BTreeMap;

use super::features::{Place, features};
use crate::triage::text::IssueText;

/// How often features occur in an issue, each once, by place: the more often, the less each time counts.
pub(super) type Counts = BTreeMap<(Place, u32), f64>;
/// An issue as features and how much each counts; sorted by feature, each once.
pub(super) type Vector = Vec<(u32, f64)>;

/// Reads an issue.
pub(super) fn counts(issue: &IssueText<'_>) -> Counts {
    let mut counts = Counts::new();
    features(issue, &mut |place, feature| {
        *counts.entry((place, place.hash(feature))).or_default() += 1.0;
    });
    counts.values_mut().for_each(|count| *count = 1.0 + count.ln());
    counts
}

/// Raises what is rare, leaves out what has no rarity, and gives each place the length of its weight, however much
/// was written there.
pub(super) fn vector(counts: &Counts, rarity: impl Fn(u32) -> Option<f64>) -> Vector {
    let raised: Vec<(Place, u32, f64)> = counts
        .iter()
        .filter_map(|((place, feature), count)| Some((*place, *feature, count * rarity(*feature)?)))
        .collect();
    let mut squares = [0.0_f64; Place::ALL.len()];
    for (place, _, value) in &raised {
        squares[*place as usize] += value * value;
    }
    let mut vector: BTreeMap<u32, f64> = BTreeMap::new();
    for (place, feature, value) in raised {
        *vector.entry(feature).or_default() += value / squares[place as usize].sqrt() * place.weight().sqrt();
    }
    vector.into_iter().collect()
}

/// How telling each feature is: the rarer among the rows, the more.
pub(super) struct Rarity(BTreeMap<u32, f64>);

/// Rows that have to show a feature for it to be learned: what occurs once tells nothing about others.
const FEWEST_ROWS: usize = 2;

impl Rarity {
    pub(super) fn of<'a>(rows: impl Iterator<Item = &'a Counts>) -> Self {
        let mut seen: BTreeMap<u32, usize> = BTreeMap::new();
        let mut count = 0_usize;
        for row in rows {
            count += 1;
            for (_, feature) in row.keys() {
                *seen.entry(*feature).or_default() += 1;
            }
        }
        let rarity = |rows: usize| 1.0 + ((count as f64 + 1.0) / (rows as f64 + 1.0)).ln();
        Self(
            seen.into_iter()
                .filter(|(_, rows)| *rows >= FEWEST_ROWS)
                .map(|(feature, rows)| (feature, rarity(rows)))
                .collect(),
        )
    }

    /// How telling one feature is; none when too few rows show it.
    pub(super) fn of_feature(&self, feature: u32) -> Option<f64> {
        self.0.get(&feature).copied()
    }
}
