//! The verdict of a classifier that has learned from the repository's own labels, beside that of the rules.

use super::{SURE_ENOUGH, Signal, verdict};
use crate::domain::verdict::{Finding, IssueType};
use crate::triage::learned::{Model, Telling};
use crate::triage::text::IssueText;

/// A signal so strong is the author's own word, or a whole form: it decides, unless people here have been seen to
/// make something else of it.
const OWN_WORD: f64 = 2.0;
/// However clear the examples are, a new issue may be unlike all of them.
pub(in crate::triage) const MOST: f64 = 0.98;

/// The verdict: by the author's own word or form where the model has not met it, else by the model, else by the
/// rules. Types of which the model has no examples are left to the rules.
pub(super) fn decided(
    issue: &IssueText<'_>,
    model: &Model,
    signals: &[Signal],
    scores: &super::Scores,
) -> Option<Finding<IssueType>> {
    let by_rule = verdict(scores, signals);
    let known: Vec<Option<IssueType>> = model.classes().iter().map(|name| named(name)).collect();
    let judgement = model.judge(issue);
    let own_word = signals.iter().find(|signal| signal.weight >= OWN_WORD).map(|signal| signal.about);
    let is_rules_own = own_word.is_some_and(|about| !known.contains(&Some(about)) || !judgement.knows_form);
    let (Some(value), false) = (known[judgement.class], is_rules_own) else { return by_rule };
    let confidence = (judgement.probabilities[judgement.class].min(MOST) * 100.0).round() / 100.0;
    let reason = reason(value.name(), model.rows(), &judgement.telling);
    (confidence >= SURE_ENOUGH).then(|| Finding { value, confidence, reasons: vec![reason] })
}

fn named(name: &str) -> Option<IssueType> {
    IssueType::ALL.into_iter().find(|of| of.name() == name)
}

/// Why a model says so: what in the issue spoke for what people call `name`.
pub(in crate::triage) fn reason(name: &str, rows: u32, telling: &[Telling]) -> String {
    let quoted = |words: &[&str]| {
        words.iter().map(|word| format!("\u{201c}{word}\u{201d}")).collect::<Vec<_>>().join(", ")
    };
    let of = |is_form: bool| -> Vec<&str> {
        telling.iter().filter(|told| matches!(told, Telling::Form(_)) == is_form).map(Telling::text).collect()
    };
    let (words, form) = (of(false), of(true));
    let told = match (words.is_empty(), form.is_empty()) {
        (true, true) => "its looks are those".to_owned(),
        (false, true) => format!("it says {}, as do those", quoted(&words)),
        (true, false) => format!("its form has {}, as have those", quoted(&form)),
        (false, false) => {
            format!("it says {}, and its form has {}, as do those", quoted(&words), quoted(&form))
        }
    };
    format!("Learned from {rows} labelled issues here: {told} that people call {name}.")
}
