//! Issues as sparse vectors: how often each feature occurs, evened out by place, rare ones first.

use std::collections::BTreeMap;

use super::features::{Place, features};
use crate::triage::text::IssueText;

/// An issue as features and how much each counts; sorted by feature, each once.
pub(super) type Vector = Vec<(u32, f64)>;

/// Reads an issue. The repeated counts less each time (sublinear), and each place has the length of its weight,
/// however much was written there.
pub(super) fn vector(issue: &IssueText<'_>) -> Vector {
    let mut counts: BTreeMap<(Place, u32), f64> = BTreeMap::new();
    features(issue, &mut |place, feature| {
        *counts.entry((place, place.hash(feature))).or_default() += 1.0;
    });
    let mut squares = [0.0; Place::ALL.len()];
    for ((place, _), count) in &mut counts {
        *count = 1.0 + count.ln();
        squares[*place as usize] += *count * *count;
    }
    let mut vector: BTreeMap<u32, f64> = BTreeMap::new();
    for ((place, hash), count) in counts {
        let length: f64 = squares[place as usize];
        *vector.entry(hash).or_default() += count / length.sqrt() * place.weight().sqrt();
    }
    vector.into_iter().collect()
}

/// How telling each feature is: the rarer among the rows, the more.
pub(super) struct Rarity(BTreeMap<u32, f64>);

/// Rows that have to show a feature for it to be learned: what occurs once tells nothing about others.
const FEWEST_ROWS: usize = 2;

impl Rarity {
    pub(super) fn of<'a>(rows: impl Iterator<Item = &'a Vector>) -> Self {
        let mut seen: BTreeMap<u32, usize> = BTreeMap::new();
        let mut count = 0_usize;
        for row in rows {
            count += 1;
            for (feature, _) in row {
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

    /// How telling one feature is; nothing when it was not learned.
    pub(super) fn of_feature(&self, feature: u32) -> f64 {
        self.0.get(&feature).copied().unwrap_or_default()
    }

    /// The row with rare features raised and unknown ones left out, at the length that its places give it.
    pub(super) fn weigh(&self, row: &Vector) -> Vector {
        row.iter().filter_map(|(feature, count)| Some((*feature, count * self.0.get(feature)?))).collect()
    }
}
