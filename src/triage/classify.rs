//! What an issue is: signals from its form, its title and its words, added up to scores, read as a verdict.
//!
//! Where a classifier has learned from the repository's own labels, its verdict counts for more than the rules',
//! but not for more than a form or a word of the author's that it has never met.

mod form;
pub(super) mod learned;
mod wording;

use super::learned::Model;
use super::text::{IssueText, Readable};
use crate::domain::verdict::{Finding, IssueType};

/// A piece of evidence for one type.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// The type it speaks for.
    pub about: IssueType,
    /// How strongly, in natural log-odds: 0.7 doubles the odds, 2.3 makes them tenfold; negative speaks against.
    pub weight: f64,
    /// The evidence, one sentence for a person.
    pub reason: String,
}

/// Scores of the types, in [`IssueType::ALL`]'s order: natural logarithms of odds, up to a constant.
pub type Scores = [f64; 4];

/// What is assumed before anything was read: most issues are bugs or wishes, few are about documents.
const PRIOR: Scores = [0.3, 0.2, 0.0, -1.0];

/// Confidence below which there is no verdict: then no type is better than a wrong one.
pub(super) const SURE_ENOUGH: f64 = 0.4;
/// However much speaks for a type, a rule of thumb is not certain.
const MOST: f64 = 0.98;
/// Signals that the verdict repeats as its reasons.
const REASONS: usize = 5;

/// The type of an issue with its confidence and reasons; `None` when nothing tells them apart.
#[must_use]
pub fn classify(text: &Readable) -> Option<Finding<IssueType>> {
    let signals = signals(text);
    verdict(&scores(&signals), &signals)
}

/// As [`classify`], by somebody who has learned from the repository's own labels as well.
#[must_use]
pub fn classify_with(issue: &IssueText<'_>, text: &Readable, model: &Model) -> Option<Finding<IssueType>> {
    let signals = signals(text);
    learned::decided(issue, model, &signals, &scores(&signals))
}

/// All the evidence in a text, strongest first.
#[must_use]
pub fn signals(text: &Readable) -> Vec<Signal> {
    let mut signals = form::signals(text);
    signals.extend(wording::signals(text));
    signals.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    signals
}

/// Adds the evidence up.
#[must_use]
pub fn scores(signals: &[Signal]) -> Scores {
    let mut scores = PRIOR;
    for (score, about) in scores.iter_mut().zip(IssueType::ALL) {
        *score +=
            signals.iter().filter(|signal| signal.about == about).map(|signal| signal.weight).sum::<f64>();
    }
    scores
}

/// Reads scores as a verdict: the confidence is the softmax of the best.
#[must_use]
pub fn verdict(scores: &Scores, signals: &[Signal]) -> Option<Finding<IssueType>> {
    let (value, best) = IssueType::ALL
        .into_iter()
        .zip(*scores)
        .reduce(|best, other| if other.1 > best.1 { other } else { best })?;
    let confidence = 1.0 / scores.iter().map(|score| (score - best).exp()).sum::<f64>();
    let reasons: Vec<String> = signals
        .iter()
        .filter(|signal| signal.about == value && signal.weight > 0.0)
        .take(REASONS)
        .map(|signal| signal.reason.clone())
        .collect();
    let confidence = (confidence.min(MOST) * 100.0).round() / 100.0;
    (confidence >= SURE_ENOUGH && !reasons.is_empty()).then_some(Finding { value, confidence, reasons })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(title: &str, body: &str) -> Option<IssueType> {
        classify(&Readable::of(&IssueText { title, body })).map(|found| found.value)
    }

    #[test]
    fn short_issues_of_each_type_are_told_apart() {
        let cases = [
            ("[Bug]: nothing happens", "", IssueType::Bug),
            ("Crash when the file is empty", "It crashes.", IssueType::Bug),
            ("TypeError: x is not a function", "", IssueType::Bug),
            ("feat: dark theme", "", IssueType::Feature),
            ("Support for YAML", "It would be nice to have.", IssueType::Feature),
            ("Add an option to skip tests", "", IssueType::Feature),
            ("How do I build this on Windows?", "", IssueType::Question),
            ("Question about caching", "Is it possible to turn it off?", IssueType::Question),
            ("docs: explain the cache", "", IssueType::Documentation),
            ("Typo in the README", "", IssueType::Documentation),
        ];
        for (title, body, expected) in cases {
            assert_eq!(of(title, body), Some(expected), "{title}");
        }
    }

    #[test]
    fn where_nothing_speaks_there_is_no_verdict() {
        assert_eq!(of("Hello", ""), None);
        assert_eq!(of("", ""), None);
    }

    proptest! {
        #[test]
        fn confidence_is_a_share_and_has_reasons(title in "(bug|crash|add|how|docs|[a-z?: ]){0,8}", body in "(### steps to reproduce\n|please |error |\\?|```\n|\\PC){0,20}") {
            if let Some(found) = classify(&Readable::of(&IssueText { title: &title, body: &body })) {
                prop_assert!((SURE_ENOUGH..=MOST).contains(&found.confidence) && !found.reasons.is_empty());
            }
        }
    }
}
