//! A plan that was checked, taken over into what the rules found.

use super::{Effect, Offer, Plan, REASON, TEXT, WHAT};
use crate::domain::id::{IssueNumber, Login};
use crate::domain::untrusted::one_line;
use crate::domain::verdict::{Analysis, Finding, Judged, LabelFinding, Need};

impl Plan {
    /// Puts what the assistant `by` says in the place of what the rules found, with its reasons. What acts on findings
    /// treats them as any other: the configuration's thresholds hold, and so does what people settled.
    pub fn take_over(self, by: &str, offer: &Offer, analysis: &mut Analysis) {
        let says = |reason: &str| format!("The assistant {by} says: {}", one_line(reason, REASON));
        let mut labels = 0;
        let mut judged = Judged { by: by.to_owned(), ..Judged::default() };
        for effect in self.effects {
            match effect {
                Effect::Type { is, sure, reason } => {
                    let found = analysis.issue_type.take().filter(|found| found.value != is);
                    let rules = found.map(|found| rules_found(found.value.name()));
                    let reasons = std::iter::once(says(&reason)).chain(rules).collect();
                    analysis.issue_type = Some(Finding { value: is, confidence: sure, reasons });
                }
                Effect::Urgency { urgency, sure, reason } => {
                    let found = analysis.urgency.take().filter(|found| found.value != urgency);
                    let rules = found.map(|found| rules_found(found.value.name()));
                    let reasons = std::iter::once(says(&reason)).chain(rules).collect();
                    analysis.urgency = Some(Finding { value: urgency, confidence: sure, reasons });
                }
                Effect::Label { label, sure, reason } => {
                    analysis.labels.retain(|found| found.label != label);
                    let reasons = vec![says(&reason)];
                    // Before what the rules found: of a group the first one stays.
                    let finding = LabelFinding { label, confidence: sure, reasons };
                    analysis.labels.insert(labels.min(analysis.labels.len()), finding);
                    labels += 1;
                }
                Effect::Ask { what, reason } => {
                    let what = one_line(&what, WHAT);
                    if analysis.missing.iter().all(|need| need.what != what) {
                        analysis.missing.push(Need { what, reason: says(&reason) });
                    }
                }
                Effect::Assign { login, sure, reason } => {
                    let login = Login::new(&login);
                    if let Some(owner) = analysis.owners.iter_mut().find(|owner| owner.name == login) {
                        owner.confidence = owner.confidence.max(sure);
                        owner.reason = format!("{} {}", owner.reason, says(&reason));
                    }
                    judged.people.push(login);
                }
                Effect::Duplicate { of, sure, reason } => {
                    if offer.duplicate.is_some_and(|least| sure >= least) {
                        let (value, reasons) = (IssueNumber(of), vec![says(&reason)]);
                        analysis.duplicate = Some(Finding { value, confidence: sure, reasons });
                    }
                }
                Effect::Comment { text } => judged.comment = Some(one_line(&text, TEXT)),
            }
        }
        analysis.judged = Some(judged);
    }
}

fn rules_found(name: &str) -> String {
    format!("The rules found it {name}.")
}
