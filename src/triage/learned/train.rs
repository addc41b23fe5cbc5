//! Learns from labelled issues: those of the repository, and of its siblings as weaker evidence.

use super::model::{Model, Weights};
use super::ridge::{self, Triangle};
use super::scores::Outcomes;
use super::vectors::{Counts, Rarity, Vector, counts, vector};
use crate::triage::text::IssueText;

/// Rows that one training looks at. The cost grows with their cube: so many take about two seconds.
pub const MOST_ROWS: usize = 2000;
/// How much a row may be missed, in squared units of a vector's length (its places' weights together are 3.8).
/// Found by cross-validation, like the two below; all three may be halved or doubled without harm.
const SLACK: f64 = 2.5;
/// How alike an issue of another repository is taken to be, compared with one of the same.
const KINSHIP: f64 = 0.6;
/// How much an example of another repository weighs.
const SIBLING: f64 = 0.5;
/// Rarely labelled classes count up to so many times more for each example, often labelled ones that much less.
const MOST_BALANCE: f64 = 4.0;

/// An issue and what people say it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    counts: Counts,
    class: usize,
    home: usize,
}

impl Example {
    /// Reads an issue. `class` is an index into the classes given to [`train`]; `home` tells repositories apart.
    #[must_use]
    pub fn read(issue: &IssueText<'_>, class: usize, home: usize) -> Self {
        Self { counts: counts(issue), class, home }
    }

    /// The repository it is of.
    #[must_use]
    pub const fn home(&self) -> usize {
        self.home
    }

    /// What people say it is.
    #[must_use]
    pub const fn class(&self) -> usize {
        self.class
    }
}

/// What a training made.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// The model.
    pub model: Model,
    /// How it would have judged each own example, had it not seen that one.
    pub left_out: Outcomes,
}

/// Learns for the repository `home`. Examples beyond [`MOST_ROWS`] are left out: siblings first, then own ones from the front, where the
/// oldest are expected. The same examples in the same order give the same model, bit for bit.
///
/// Each class needs an own example; without one, its share is taken for nothing and it is never said.
#[must_use]
pub fn train(classes: &[String], home: usize, examples: &[&Example]) -> Learned {
    let rows = chosen(home, examples);
    let first_own = rows.iter().take_while(|row| row.home != home).count();
    let rarity = Rarity::of(rows.iter().map(|row| &row.counts));
    let vectors: Vec<Vector> =
        rows.iter().map(|row| vector(&row.counts, |feature| rarity.place(feature))).collect();
    let shares = shares(classes.len(), &rows[first_own..]);
    let factor = softened(ridge::products(&vectors, rarity.features().len()), home, &rows, &shares).factor();
    let diagonal = factor.inverse_diagonal(first_own);
    let mut left_out = vec![vec![0.0; classes.len()]; rows.len() - first_own];
    let mut strengths = vec![0.0; rarity.features().len() * classes.len()];
    for class in 0..classes.len() {
        let target = |row: &&Example| f64::from(u8::from(row.class == class)) - 1.0 / classes.len() as f64;
        let targets: Vec<f64> = rows.iter().map(target).collect();
        let solution = factor.solve(&targets);
        for (index, told) in left_out.iter_mut().enumerate() {
            told[class] = targets[first_own + index] - solution[first_own + index] / diagonal[index];
        }
        for ((row, vector), strength) in rows.iter().zip(&vectors).zip(&solution) {
            let strength = if row.home == home { *strength } else { strength * KINSHIP };
            for (feature, value) in vector {
                strengths[*feature as usize * classes.len() + class] += strength * value;
            }
        }
    }
    let truth: Vec<usize> = rows[first_own..].iter().map(|row| row.class).collect();
    let sharpness = sharpness(&left_out, &truth, &shares);
    let outcomes = truth.iter().zip(&left_out).map(|(truth, told)| (*truth, best(told, &shares, sharpness)));
    Learned {
        left_out: Outcomes::of(classes, outcomes),
        model: Model::new(
            classes,
            &shares,
            sharpness,
            rows.len() - first_own,
            &Weights { rarity, strengths },
        ),
    }
}

/// The examples to learn from, siblings first.
fn chosen<'a>(home: usize, examples: &[&'a Example]) -> Vec<&'a Example> {
    let (own, siblings): (Vec<&Example>, Vec<&Example>) =
        examples.iter().copied().partition(|example| example.home == home);
    let own = &own[own.len().saturating_sub(MOST_ROWS)..];
    let siblings = &siblings[siblings.len().saturating_sub(MOST_ROWS - own.len())..];
    siblings.iter().chain(own).copied().collect()
}

/// The share of each class among own examples.
fn shares(classes: usize, own: &[&Example]) -> Vec<f64> {
    let mut counts = vec![0.0; classes];
    own.iter().for_each(|row| counts[row.class] += 1.0);
    counts.iter().map(|count| count / (own.len().max(1) as f64)).collect()
}

/// Takes siblings for less alike, and allows each row to be missed: the rarer its class and the nearer its
/// repository, the less.
fn softened(mut products: Triangle, home: usize, rows: &[&Example], shares: &[f64]) -> Triangle {
    let even = 1.0 / shares.len() as f64;
    let slack = |row: &Example| {
        let balance = (shares[row.class] / even).clamp(1.0 / MOST_BALANCE, MOST_BALANCE);
        if row.home == home { SLACK * balance } else { SLACK / SIBLING }
    };
    products.change(|row, column, value| {
        let (left, right) = (rows[row], rows[column]);
        let alike = if left.home == right.home { value } else { value * KINSHIP };
        if row == column { alike + slack(left) } else { alike }
    });
    products
}

/// How sharply scores become shares: the multiple of the scores that makes the true classes likeliest.
fn sharpness(told: &[Vec<f64>], truth: &[usize], shares: &[f64]) -> f64 {
    let loss = |sharpness: f64| -> f64 {
        told.iter()
            .zip(truth)
            .map(|(told, truth)| -super::model::probabilities(told, shares, sharpness)[*truth].max(1e-9).ln())
            .sum()
    };
    // Steps of a tenth are finer than the data can tell.
    (5..=120)
        .map(|tenth| f64::from(tenth) / 10.0)
        .min_by(|left, right| loss(*left).total_cmp(&loss(*right)))
        .unwrap_or(1.0)
}

fn best(told: &[f64], shares: &[f64], sharpness: f64) -> usize {
    let probabilities = super::model::probabilities(told, shares, sharpness);
    super::model::highest(&probabilities)
}
