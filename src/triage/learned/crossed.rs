//! Judges every own example by what was learned from others: cross-validation.

use std::collections::BTreeSet;

use super::train::{Example, train};
use crate::triage::text::IssueText;

/// The true and the judged class of each example of `home`, each judged by a model that has seen none of its part.
/// `parts` has the part of each example, as [`super::folds`] deals them; `text` the issue itself.
#[must_use]
pub fn crossed<'a>(
    classes: &[String],
    home: usize,
    known: &[Example],
    parts: &[usize],
    text: &dyn Fn(usize) -> IssueText<'a>,
) -> Vec<(usize, usize)> {
    let is_own = |row: &usize| known[*row].home() == home;
    let own_parts: BTreeSet<usize> = (0..known.len()).filter(is_own).map(|row| parts[row]).collect();
    let mut pairs = Vec::new();
    for part in own_parts {
        let is_asked = |row: &usize| known[*row].home() == home && parts[*row] == part;
        let seen: Vec<&Example> =
            (0..known.len()).filter(|row| !is_asked(row)).map(|row| &known[row]).collect();
        let model = train(classes, home, &seen).model;
        let asked = (0..known.len()).filter(is_asked);
        pairs.extend(asked.map(|row| (known[row].class(), model.judge(&text(row)).class)));
    }
    pairs
}
