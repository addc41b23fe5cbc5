//! What was learned: the weights of features that speak for a class or against it, few and coarse enough to store.

use std::collections::BTreeMap;

use super::common::is_common;
use super::features::{Place, TITLE_PREFIX, features};
use super::vectors::{Rarity, counts, vector};
use crate::triage::text::IssueText;

/// What a training found.
pub(super) struct Weights {
    /// The features, and how telling each is.
    pub(super) rarity: Rarity,
    /// By feature, in the same order, one for each class.
    pub(super) strengths: Vec<f64>,
}

/// What is kept of a feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// How rare it is, in steps of [`RARITY_STEP`].
    pub(super) rarity: u8,
    /// One for each class, in steps of a 127th of the class's scale.
    pub(super) weights: Vec<i8>,
}

/// The finest difference of rarity that is kept; the rarest of 2000 rows is below 8.
const RARITY_STEP: f64 = 1.0 / 32.0;

/// Features that are kept, the strongest: a stored model is about 6 bytes for each, 200 KB in all.
pub(super) const MOST_FEATURES: usize = 30_000;
/// Weights that are kept: where there are many classes, fewer features, so that a model stays as small.
const MOST_WEIGHTS: usize = 4 * MOST_FEATURES;
/// Words that a judgement names.
const TELLING: usize = 5;

/// A learned classifier. It gives the same answer for the same text on every machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The names of the classes.
    pub(super) classes: Vec<String>,
    /// The share of each class among the examples.
    pub(super) shares: Vec<f32>,
    /// What scores are multiplied with to become shares.
    pub(super) sharpness: f32,
    /// Own examples that it learned from.
    pub(super) rows: u32,
    /// The weight that each class's 127 stands for.
    pub(super) scales: Vec<f32>,
    /// Features and their weights, one for each class, by feature.
    pub(super) weights: BTreeMap<u32, Kept>,
}

/// What a model says of an issue.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The likeliest class, an index into [`Model::classes`].
    pub class: usize,
    /// How likely each class is; together 1.
    pub probabilities: Vec<f64>,
    /// What spoke loudest for the class: words and looks of the issue, the strongest first.
    pub telling: Vec<Telling>,
    /// Whether the model has met the issue's form, or the word that its title puts in front of itself: then it has
    /// learned what people here make of that.
    pub knows_form: bool,
}

/// Something of an issue that spoke for its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Telling {
    /// Words of the title, the prose or the code.
    Words(String),
    /// A heading or an answer of a form.
    Form(String),
}

impl Model {
    pub(super) fn new(
        classes: &[String],
        shares: &[f64],
        sharpness: f64,
        rows: usize,
        weights: &Weights,
    ) -> Self {
        let strength = |weights: &[f64]| weights.iter().fold(0.0_f64, |most, weight| most.max(weight.abs()));
        let features = weights.rarity.features().iter().copied();
        let mut strongest: Vec<((u32, f64), &[f64])> =
            features.zip(weights.strengths.chunks_exact(classes.len().max(1))).collect();
        strongest.sort_by(|left, right| {
            strength(right.1).total_cmp(&strength(left.1)).then(left.0.0.cmp(&right.0.0))
        });
        strongest.truncate(MOST_FEATURES.min(MOST_WEIGHTS / classes.len().max(1)));
        let scales: Vec<f32> = (0..classes.len())
            .map(|class| {
                strongest.iter().fold(f32::MIN_POSITIVE, |most, row| most.max(row.1[class].abs() as f32))
            })
            .collect();
        let coarse = |weights: &[f64]| -> Vec<i8> {
            weights
                .iter()
                .zip(&scales)
                .map(|(weight, scale)| (weight / f64::from(*scale) * 127.0).round() as i8)
                .collect()
        };
        Self {
            classes: classes.to_vec(),
            shares: shares.iter().map(|share| *share as f32).collect(),
            sharpness: sharpness as f32,
            rows: u32::try_from(rows).unwrap_or(u32::MAX),
            weights: strongest
                .iter()
                .map(|((feature, rarity), strengths)| {
                    let rarity = (rarity / RARITY_STEP).round() as u8;
                    (*feature, Kept { rarity, weights: coarse(strengths) })
                })
                .collect(),
            scales,
        }
    }

    /// The names of the classes.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Own examples that it learned from.
    #[must_use]
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// Judges an issue.
    #[must_use]
    pub fn judge(&self, issue: &IssueText<'_>) -> Judgement {
        let known = |feature| {
            let kept = self.weights.get(&feature)?;
            Some((feature, f64::from(kept.rarity) * RARITY_STEP))
        };
        let values: BTreeMap<u32, f64> = vector(&counts(issue), known).into_iter().collect();
        let mut scores = vec![0.0; self.classes.len()];
        for (feature, value) in &values {
            if let Some(kept) = self.weights.get(feature) {
                for ((score, weight), scale) in scores.iter_mut().zip(&kept.weights).zip(&self.scales) {
                    *score += value * f64::from(*weight) / 127.0 * f64::from(*scale);
                }
            }
        }
        let shares: Vec<f64> = self.shares.iter().map(|share| f64::from(*share)).collect();
        let probabilities = probabilities(&scores, &shares, f64::from(self.sharpness));
        let class = highest(&probabilities);
        let knows_form = self.knows_form(issue);
        Judgement { class, probabilities, telling: self.telling(issue, &values, class), knows_form }
    }

    fn knows_form(&self, issue: &IssueText<'_>) -> bool {
        let mut is_known = false;
        features(issue, &mut |place, feature| {
            let tells = match place {
                Place::Form => !feature.starts_with('#'),
                Place::Looks => feature.starts_with(TITLE_PREFIX),
                _ => false,
            };
            is_known |= tells && self.weights.contains_key(&place.hash(feature));
        });
        is_known
    }

    /// What spoke loudest for a class, compared with the others.
    fn telling(&self, issue: &IssueText<'_>, values: &BTreeMap<u32, f64>, class: usize) -> Vec<Telling> {
        let mut found: BTreeMap<u32, (f64, Telling)> = BTreeMap::new();
        features(issue, &mut |place, feature| {
            let hash = place.hash(feature);
            let told = match place {
                Place::Form => Telling::Form(feature.trim_end_matches([' ', '=']).to_owned()),
                Place::Title | Place::Prose | Place::Code => Telling::Words(feature.to_owned()),
                // These repeat them, or are no words.
                _ => return,
            };
            let is_plain =
                feature.chars().any(char::is_alphabetic) && !feature.contains(['<', '^', '$', '#']);
            let is_common = matches!(told, Telling::Words(_)) && is_common(feature);
            if !is_plain || is_common || found.contains_key(&hash) {
                return;
            }
            let Some(Kept { weights, .. }) = self.weights.get(&hash) else { return };
            let weight = |class: usize| f64::from(weights[class]) * f64::from(self.scales[class]);
            let others = (0..weights.len()).filter(|other| *other != class).map(weight);
            let lead = weight(class) - others.fold(f64::NEG_INFINITY, f64::max);
            found.insert(hash, (lead * values.get(&hash).copied().unwrap_or_default(), told));
        });
        let mut found: Vec<(f64, Telling)> = found.into_values().filter(|(lead, _)| *lead > 0.0).collect();
        found.sort_by(|left, right| right.0.total_cmp(&left.0));
        let mut named: Vec<Telling> = Vec::new();
        for (_, told) in found {
            if named.len() < TELLING && !named.iter().any(|known| known.overlaps(&told)) {
                named.push(told);
            }
        }
        named
    }
}

impl Telling {
    /// The words.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Words(text) | Self::Form(text) => text,
        }
    }

    /// Whether one says what the other says.
    fn overlaps(&self, other: &Self) -> bool {
        let spaced = |text: &str| format!(" {text} ");
        let (left, right) = (spaced(self.text()), spaced(other.text()));
        left.contains(&right) || right.contains(&left)
    }
}

/// Scores as probabilities: the more frequent a class, the likelier it is beforehand.
pub(super) fn probabilities(scores: &[f64], shares: &[f64], sharpness: f64) -> Vec<f64> {
    let raised: Vec<f64> = scores
        .iter()
        .zip(shares)
        // A class without examples is never said.
        .map(|(score, share)| if *share > 0.0 { sharpness * score + share.ln() } else { f64::NEG_INFINITY })
        .collect();
    let most = raised.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !most.is_finite() {
        return vec![1.0 / scores.len() as f64; scores.len()];
    }
    let powers: Vec<f64> = raised.iter().map(|raised| (raised - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// The index of the highest number, the first of equals.
pub(super) fn highest(numbers: &[f64]) -> usize {
    let mut best = 0;
    for (index, number) in numbers.iter().enumerate() {
        if *number > numbers[best] {
            best = index;
        }
    }
    best
}
