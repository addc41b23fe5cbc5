//! What was learned from the repository's own labels, as the log tells it: the model itself lies beside the log.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::count::counted;
use super::id::IssueNumber;
use super::time::Timestamp;
use super::verdict::IssueType;

/// Corrected issues that are remembered at most, the newest: some 60 bytes each in the snapshot that every run reads.
const CORRECTED_KEPT: usize = 200;
/// Labels that are remembered of a corrected issue at most.
const LABELS_KEPT: usize = 4;

/// A classifier of issue types was trained, and is to be used from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelLearned {
    /// The SHA-256 of the model's bytes, 64 hexadecimal digits. By it the model is found, and one with another is not
    /// used.
    pub digest: String,
    /// The model's size in bytes.
    pub bytes: u64,
    /// How many labelled issues of each type it learned from.
    pub rows: BTreeMap<String, u32>,
    /// How good it was in cross-validation: the mean of the types' F1, in thousandths.
    pub macro_f1_thousandths: u16,
    /// What it learned besides types: of each set of labels (`triage.learn_sets`), which one an issue has.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sets: BTreeMap<String, SetLearned>,
}

/// What was learned of one set of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetLearned {
    /// How many labelled issues it learned from.
    pub rows: u32,
    /// How many labels it tells apart.
    pub labels: u32,
    /// How good it was at issues that it had not seen: the mean of the labels' F1, in thousandths.
    pub macro_f1_thousandths: u16,
}

impl SetLearned {
    /// The mean of the labels' F1, from 0 to 1.
    #[must_use]
    pub fn macro_f1(&self) -> f64 {
        f64::from(self.macro_f1_thousandths) / 1000.0
    }
}

/// What was learned is not used any more: the rules judge alone until something is learned again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelSetAside {
    /// Why.
    pub reason: String,
}

impl ModelLearned {
    /// How many labelled issues it learned from.
    #[must_use]
    pub fn all_rows(&self) -> u32 {
        self.rows.values().sum()
    }

    /// The mean of the types' F1, from 0 to 1.
    #[must_use]
    pub fn macro_f1(&self) -> f64 {
        f64::from(self.macro_f1_thousandths) / 1000.0
    }

    /// What it was learned from and how good it is, for people: "24 issues (macro F1 0.912)", and each set of labels.
    #[must_use]
    pub fn told(&self, issue: &str) -> String {
        let said = |rows: u32, f1: f64| {
            let rows = counted(rows as usize, issue, &format!("{issue}s"));
            format!("{rows} (macro F1 {f1:.3})")
        };
        let types = (!self.rows.is_empty()).then(|| said(self.all_rows(), self.macro_f1()));
        let sets = self.sets.iter().map(|(set, of)| format!("`{set}` from {}", said(of.rows, of.macro_f1())));
        types.into_iter().chain(sets).collect::<Vec<_>>().join(", ")
    }
}

/// What is known of learning besides the model in use: what judged before, and what people corrected since.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learning {
    /// What judged before the last change; none where nothing was ever learned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<Former>,
    /// Issues that people put labels on after an analysis, since something was learned last; the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrected: Vec<Corrected>,
    /// What came of learning from corrections the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<LearnedAgain>,
}

/// What judged before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// The model; none: the rules alone.
    pub model: Option<ModelLearned>,
}

/// What came of learning from corrections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedAgain {
    /// When.
    pub at: Timestamp,
    /// What, a sentence without a full stop.
    pub told: String,
}

/// An issue that people put labels on after it was analysed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    /// Which.
    pub issue: IssueNumber,
    /// What the analysis had taken it for.
    pub said: IssueType,
    /// The labels that the analysis had found.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub found: BTreeSet<String>,
    /// The labels.
    pub labels: BTreeSet<String>,
}

impl Learning {
    /// Notes that a person put a label on an issue or took it off, which the analysis had taken for `said` and found these
    /// labels for.
    pub fn note(
        &mut self,
        issue: IssueNumber,
        (said, found): (IssueType, BTreeSet<String>),
        label: &str,
        is_on: bool,
    ) {
        let known = self.corrected.iter().position(|known| known.issue == issue);
        // What was said first counts: a later analysis goes by what people made of it.
        let mut one = match known {
            Some(at) => self.corrected.remove(at),
            None => {
                let found = found.into_iter().take(LABELS_KEPT).collect();
                Corrected { issue, said, found, labels: BTreeSet::new() }
            }
        };
        if !is_on {
            one.labels.remove(label);
        } else if one.labels.len() < LABELS_KEPT {
            one.labels.insert(label.to_owned());
        }
        if !one.labels.is_empty() {
            self.corrected.push(one);
        }
        if self.corrected.len() > CORRECTED_KEPT {
            self.corrected.remove(0);
        }
    }

    /// On how many issues people put the label of another type than the analysis took them for, or another of a set than it
    /// found. A label that was only taken off says nothing that could be learned. `label_of` is the label of each type, `set_of`
    /// the set that a label belongs to.
    #[must_use]
    pub fn corrections<'a>(
        &self,
        label_of: impl Fn(IssueType) -> Option<&'a str>,
        set_of: impl Fn(&str) -> Option<usize>,
    ) -> usize {
        let is_put = |one: &Corrected, of: IssueType| {
            label_of(of).is_some_and(|name| one.labels.iter().any(|label| same(label, name)))
        };
        let is_other = |one: &Corrected, label: &str| {
            set_of(label).is_some_and(|set| {
                let mut found = one.found.iter().filter(|found| set_of(found) == Some(set));
                found.any(|found| !same(found, label))
            })
        };
        let is_one = |one: &&Corrected| {
            IssueType::ALL.into_iter().any(|of| of != one.said && is_put(one, of))
                || one.labels.iter().any(|label| is_other(one, label))
        };
        self.corrected.iter().filter(is_one).count()
    }
}

/// Whether two labels are one: GitHub makes no difference between large and small letters.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label_of(of: IssueType) -> Option<&'static str> {
        match of {
            IssueType::Bug => Some("bug"),
            IssueType::Feature => Some("enhancement"),
            _ => None,
        }
    }

    fn count(changes: &[(u64, &str, bool)]) -> usize {
        let mut learning = Learning::default();
        for (issue, label, is_on) in changes {
            let found = (IssueType::Bug, BTreeSet::from(["area: parser".to_owned()]));
            learning.note(IssueNumber(*issue), found, label, *is_on);
        }
        assert!(learning.corrected.len() <= CORRECTED_KEPT);
        learning.corrections(label_of, |label| label.starts_with("area: ").then_some(0))
    }

    #[test]
    fn an_issue_is_corrected_when_people_say_that_it_is_something_else() {
        assert_eq!(count(&[(1, "Enhancement", true)]), 1, "another type");
        assert_eq!(count(&[(1, "bug", false)]), 0, "not this type, but which?");
        assert_eq!(count(&[(1, "bug", false), (1, "enhancement", true)]), 1);
        assert_eq!(count(&[(1, "bug", true)]), 0, "that is what was said");
        assert_eq!(count(&[(1, "area: parser", true), (2, "wontfix", true)]), 0, "these say no type");
        assert_eq!(
            count(&[(1, "enhancement", true), (1, "enhancement", false)]),
            0,
            "they thought better of it"
        );
        assert_eq!(count(&[(1, "enhancement", true), (2, "enhancement", true)]), 2);
        assert_eq!(count(&[(1, "area: web", true)]), 1, "another of a set");
    }

    #[test]
    fn the_newest_are_remembered_and_no_more_than_that() {
        let many: Vec<_> = (0..1_000).map(|issue| (issue, "enhancement", true)).collect();
        assert_eq!(count(&many), CORRECTED_KEPT);
        let labels: Vec<String> = (0..100).map(|at| format!("label {at}")).collect();
        let mut learning = Learning::default();
        for label in &labels {
            learning.note(IssueNumber(1), (IssueType::Bug, BTreeSet::new()), label, true);
        }
        assert_eq!(learning.corrected[0].labels.len(), LABELS_KEPT);
    }
}
