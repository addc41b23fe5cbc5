//! How good a classifier is: precision, recall and F1 of each class, and their means.

use serde::Serialize;

/// Truth against verdict, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcomes {
    classes: Vec<String>,
    /// By truth, then by verdict.
    counts: Vec<Vec<usize>>,
}

/// How good it is at one class. Of nothing, a share is 0.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassScores {
    /// The class.
    pub class: String,
    /// The share of those called so that are so.
    pub precision: f64,
    /// The share of those that are so that are called so.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
    /// How many are so.
    pub rows: usize,
}

impl Outcomes {
    /// Counts pairs of truth and verdict, as indices into `classes`.
    #[must_use]
    pub fn of(classes: &[String], pairs: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut outcomes =
            Self { classes: classes.to_vec(), counts: vec![vec![0; classes.len()]; classes.len()] };
        for (truth, verdict) in pairs {
            outcomes.counts[truth][verdict] += 1;
        }
        outcomes
    }

    /// How many there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.counts.iter().flatten().sum()
    }

    /// The share of right verdicts.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        share((0..self.classes.len()).map(|class| self.counts[class][class]).sum(), self.rows())
    }

    /// How good it is at each class that has examples or was called.
    #[must_use]
    pub fn classes(&self) -> Vec<ClassScores> {
        (0..self.classes.len())
            .map(|class| {
                let right = self.counts[class][class];
                let rows = self.counts[class].iter().sum();
                let called: usize = self.counts.iter().map(|verdicts| verdicts[class]).sum();
                ClassScores {
                    class: self.classes[class].clone(),
                    precision: share(right, called),
                    recall: share(right, rows),
                    f1: share(2 * right, rows + called),
                    rows,
                }
            })
            .filter(|scores| scores.rows > 0 || scores.precision > 0.0)
            .collect()
    }

    /// The mean of the classes' F1, each class counting alike.
    #[must_use]
    pub fn macro_f1(&self) -> f64 {
        let classes = self.classes();
        classes.iter().map(|scores| scores.f1).sum::<f64>() / (classes.len().max(1) as f64)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_the_textbook() {
        let classes = ["bug".to_owned(), "feature".to_owned(), "question".to_owned()];
        let outcomes = Outcomes::of(&classes, [(0, 0), (0, 0), (0, 1), (1, 1), (1, 0), (1, 1)]);
        let told: Vec<String> = outcomes
            .classes()
            .iter()
            .map(|of| format!("{} {:.3} {:.3} {:.3} {}", of.class, of.precision, of.recall, of.f1, of.rows))
            .collect();
        assert_eq!(told, ["bug 0.667 0.667 0.667 3", "feature 0.667 0.667 0.667 3"]);
        assert!(
            (outcomes.macro_f1() - 2.0 / 3.0).abs() < 1e-12
                && (outcomes.accuracy() - 2.0 / 3.0).abs() < 1e-12
        );
        assert!(Outcomes::of(&classes, []).macro_f1() < 1e-12);
    }
}
