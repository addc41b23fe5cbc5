//! Issues as sparse vectors: how often each feature occurs, evened out by place, rare ones first.

use super::features::{Place, features};
use crate::triage::text::IssueText;

/// How often features occur in an issue, by place: the more often, the less each time counts. Sorted, each once.
pub(super) type Counts = Vec<((Place, u32), f64)>;
/// An issue as features and how much each counts; sorted by feature, each once.
pub(super) type Vector = Vec<(u32, f64)>;

/// Reads an issue.
pub(super) fn counts(issue: &IssueText<'_>) -> Counts {
    let mut seen = Vec::new();
    features(issue, &mut |place, feature| seen.push((place, place.hash(feature))));
    seen.sort_unstable();
    seen.chunk_by(|left, right| left == right).map(|same| (same[0], 1.0 + (same.len() as f64).ln())).collect()
}

/// Raises what is rare, leaves out what `known` does not know, and gives each place the length of its weight, however
/// much was written there. `known` tells by which number a feature goes in the vector, and how telling it is.
pub(super) fn vector(counts: &Counts, known: impl Fn(u32) -> Option<(u32, f64)>) -> Vector {
    let mut raised: Vec<(Place, u32, f64)> = Vec::with_capacity(counts.len());
    let mut squares = [0.0_f64; Place::ALL.len()];
    for ((place, feature), count) in counts {
        if let Some((number, rarity)) = known(*feature) {
            let value = count * rarity;
            squares[*place as usize] += value * value;
            raised.push((*place, number, value));
        }
    }
    let lengths = Place::ALL.map(|place| place.weight().sqrt() / squares[place as usize].sqrt());
    let mut vector: Vector =
        raised.into_iter().map(|(place, number, value)| (number, value * lengths[place as usize])).collect();
    vector.sort_by_key(|(number, _)| *number);
    vector.dedup_by(|later, first| {
        let is_same = later.0 == first.0;
        if is_same {
            first.1 += later.1;
        }
        is_same
    });
    vector
}

/// How telling each feature is: the rarer among the rows, the more. Sorted by feature.
pub(super) struct Rarity(Vec<(u32, f64)>);

/// Rows that have to show a feature for it to be learned: what occurs once tells nothing about others.
const FEWEST_ROWS: usize = 2;

impl Rarity {
    pub(super) fn of<'a>(rows: impl Iterator<Item = &'a Counts>) -> Self {
        let (mut seen, mut count) = (Vec::new(), 0_usize);
        for row in rows {
            count += 1;
            seen.extend(row.iter().map(|((_, feature), _)| *feature));
        }
        seen.sort_unstable();
        let rarity = |rows: usize| 1.0 + ((count as f64 + 1.0) / (rows as f64 + 1.0)).ln();
        Self(
            seen.chunk_by(|left, right| left == right)
                .filter(|same| same.len() >= FEWEST_ROWS)
                .map(|same| (same[0], rarity(same.len())))
                .collect(),
        )
    }

    /// The features, each with how telling it is.
    pub(super) fn features(&self) -> &[(u32, f64)] {
        &self.0
    }

    /// The place of a feature among all, and how telling it is; none when too few rows show it.
    pub(super) fn place(&self, feature: u32) -> Option<(u32, f64)> {
        let at = self.0.binary_search_by_key(&feature, |(feature, _)| *feature).ok()?;
        Some((u32::try_from(at).ok()?, self.0[at].1))
    }
}
