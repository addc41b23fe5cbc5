//! Labels of the repository's own sets (`area: *`), by what was learned from its labelled issues: one of each set.

use super::IssueText;
use super::classify::SURE_ENOUGH;
use super::classify::learned::{MOST, reason};
use super::learned::{Model, Taught};
use crate::domain::learned::same;
use crate::domain::verdict::LabelFinding;

/// Takes what was learned in among what the rules found. Of a set that was learned the surest finding stays; where both say
/// the same, with the reasons of both.
pub(super) fn add(
    issue: &IssueText<'_>,
    wanted: &[String],
    taught: &Taught,
    mut found: Vec<LabelFinding>,
) -> Vec<LabelFinding> {
    for (set, model) in wanted.iter().filter_map(|set| Some((set, taught.sets.get(set)?))) {
        let Ok(glob) = globset::GlobBuilder::new(set).case_insensitive(true).build() else { continue };
        let matcher = glob.compile_matcher();
        let Some(learned) = judged(issue, model) else { continue };
        let mut best = learned;
        let of_set = found.extract_if(.., |rule| matcher.is_match(&rule.label)).collect::<Vec<_>>();
        for rule in of_set {
            if same(&rule.label, &best.label) {
                best.confidence = best.confidence.max(rule.confidence);
                best.reasons.splice(0..0, rule.reasons);
            } else if rule.confidence >= best.confidence {
                best = rule;
            }
        }
        found.push(best);
    }
    found
}

/// What a model says; nothing where it would be a guess, or no word of the issue speaks for it.
fn judged(issue: &IssueText<'_>, model: &Model) -> Option<LabelFinding> {
    let judgement = model.judge(issue);
    let label = model.classes().get(judgement.class)?.clone();
    let confidence = (judgement.probabilities[judgement.class].min(MOST) * 100.0).round() / 100.0;
    if confidence < SURE_ENOUGH || judgement.telling.is_empty() {
        return None;
    }
    let reasons = vec![reason(&format!("`{label}`"), model.rows(), &judgement.telling)];
    Some(LabelFinding { label, confidence, reasons })
}
