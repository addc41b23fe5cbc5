//! Why a label is not on an issue because of us: what was found is not sure enough, or something held it.

use super::{Lacking, Unmoved, too_little};
use crate::config::features::FeatureModeName;
use crate::config::model::Config;
use crate::config::rule::{Action, LabelName};
use crate::config::rules::{rules, same};
use crate::config::verdict::labels::Groups;
use crate::domain::feature::Feature;
use crate::domain::input;
use crate::domain::rollout::FeatureMode;
use crate::domain::task::Task;
use crate::domain::verdict::{IssueType, Urgency};

/// A label that the analysis leads to.
struct Wanted<'a> {
    label: &'a str,
    /// How sure it is; none where that is not asked.
    confidence: Option<f64>,
    /// What it was found to be, where the label stands for that.
    found: Option<&'static str>,
    feature: Feature,
}

fn unset(label: &str, because: Vec<String>) -> Unmoved {
    Unmoved { what: format!("label `{label}` is not set"), because }
}

impl<'a> Lacking<'a> {
    /// Labels for what was found that are not on the issue, and why not.
    #[must_use]
    pub fn unlabelled(&self) -> Vec<Unmoved> {
        let is_missed = |label: &str| {
            self.issue().is_none_or(|issue| {
                let mut there = issue.labels.iter().chain(&issue.our_labels).chain(&issue.refused_labels);
                !there.any(|held| same(held, label))
            })
        };
        let wanted = self.wanted().into_iter().filter(|wanted| is_missed(wanted.label));
        wanted
            .filter_map(|wanted| {
                let because = self.held_back(&wanted);
                (!because.is_empty()).then(|| unset(wanted.label, because))
            })
            .collect()
    }

    /// Why a label is not there because of us, as far as the configuration of today tells; none where it knows nothing of such a
    /// label.
    #[must_use]
    pub fn unlabelled_with(&self, label: &str) -> Option<Vec<Unmoved>> {
        let (mut is_known, mut told) = (false, Vec::new());
        let is_on = self.issue().is_some_and(|issue| issue.labels.iter().any(|held| same(held, label)));
        for (wanted, found) in self.stands_for(label) {
            is_known = true;
            match found {
                Some(found) if found == wanted => {}
                Some(found) => {
                    told.push(format!("it stands for `{wanted}`, and the analysis finds `{found}`"))
                }
                None => told.push(format!("it stands for `{wanted}`, and {}", self.unread())),
            }
        }
        let names = &self.config.labels;
        for wanted in self.wanted().iter().filter(|wanted| same(wanted.label, label)) {
            is_known = true;
            let because = self.held_back(wanted);
            if is_on {
                continue;
            }
            if because.is_empty() && !self.is_told_by_a_task(&|task| adds(task, label)) {
                told.push("the configuration of today would set it; when the issue was analysed it may have been another one".to_owned());
            } else {
                told.extend(because);
            }
        }
        let wants = |action: &Action| match action {
            Action::Label(labels) => {
                labels.as_slice().iter().map(LabelName::as_str).any(|name| same(name, label))
            }
            _ => false,
        };
        let (is_ruled, of_rules) = self.of_rules(&wants);
        told.extend(of_rules);
        let also = names.also.iter().map(|rule| &rule.label);
        let others =
            also.chain(&names.needs_info).chain(&names.duplicate).chain(&self.config.triage.security.label);
        let is_other = others.into_iter().any(|name| same(name.as_str(), label));
        if is_other && told.is_empty() && !is_known && self.analysis.is_none() {
            told.push(self.unread());
        }
        let is_known = is_known || is_ruled || is_other;
        if is_on && is_known {
            let what = format!("label `{label}` is there, and not because of Automata");
            return Some(vec![Unmoved { what, because: told }]);
        }
        is_known.then(|| told.into_iter().map(|because| unset(label, vec![because])).collect())
    }

    /// What the label is the name of, each beside what was found of that sort.
    fn stands_for(&self, label: &str) -> Vec<(&'static str, Option<&'static str>)> {
        let names = &self.config.labels;
        let is_it = |name: Option<&str>| name.is_some_and(|name| same(name, label));
        let issue_type = self.analysis.and_then(|found| Some(found.issue_type.as_ref()?.value.name()));
        let urgency = self.analysis.and_then(|found| Some(found.urgency.as_ref()?.value.name()));
        let types = IssueType::ALL.into_iter().filter(|found| is_it(names.of_type.of(*found)));
        let urgencies = Urgency::ALL.into_iter().filter(|found| is_it(names.of_urgency.of(*found)));
        let types = types.map(|wanted| (wanted.name(), issue_type));
        types.chain(urgencies.map(|wanted| (wanted.name(), urgency))).collect()
    }

    /// The labels that the analysis leads to, however sure it is.
    fn wanted(&self) -> Vec<Wanted<'a>> {
        let Some(analysis) = self.analysis else { return Vec::new() };
        let names = &self.config.labels;
        let of_type = analysis.issue_type.as_ref().and_then(|found| {
            let label = names.of_type.of(found.value)?;
            Some(Wanted {
                label,
                confidence: Some(found.confidence),
                found: Some(found.value.name()),
                feature: Feature::Label,
            })
        });
        let of_urgency = analysis.urgency.as_ref().and_then(|found| {
            let label = names.of_urgency.of(found.value)?;
            Some(Wanted {
                label,
                confidence: Some(found.confidence),
                found: Some(found.value.name()),
                feature: Feature::Label,
            })
        });
        let of_words = analysis.labels.iter().map(|found| Wanted {
            label: &found.label,
            confidence: Some(found.confidence),
            found: None,
            feature: Feature::Label,
        });
        let certain = |label: Option<&'a LabelName>, is_so: bool, feature: Feature| {
            let label = label.filter(|_| is_so)?.as_str();
            Some(Wanted { label, confidence: None, found: None, feature })
        };
        let security =
            certain(self.config.triage.security.label.as_ref(), analysis.security.is_some(), Feature::Label);
        let duplicate =
            certain(names.duplicate.as_ref(), analysis.duplicate.is_some(), self.apart(Feature::Duplicate));
        let asks = certain(names.needs_info.as_ref(), !analysis.missing.is_empty(), self.apart(Feature::Ask));
        security
            .into_iter()
            .chain(of_type)
            .chain(of_urgency)
            .chain(of_words)
            .chain(duplicate)
            .chain(asks)
            .collect()
    }

    /// A label goes its own feature's way only where the configuration says how far that one goes, or labels do.
    fn apart(&self, feature: Feature) -> Feature {
        let is_said = |feature: Feature| self.config.features.contains_key(feature.name());
        if is_said(feature) || is_said(Feature::Label) { feature } else { Feature::Label }
    }

    /// What kept a label from being set; nothing where a task tells that, or nothing did.
    fn held_back(&self, wanted: &Wanted<'_>) -> Vec<String> {
        let least = self.config.triage.sure().label;
        if let Some(confidence) = wanted.confidence.filter(|confidence| *confidence < least) {
            let little = too_little(confidence, least, "labels");
            return vec![
                wanted.found.map_or_else(
                    || little.clone(),
                    |found| format!("the analysis finds it {found}; {little}"),
                ),
            ];
        }
        let label = wanted.label;
        if self.is_told_by_a_task(&|task| adds(task, label)) {
            return Vec::new();
        }
        let lacks = self.analysis.is_some_and(|found| found.lacking.iter().any(|name| same(name, label)));
        let lacks = lacks.then(|| "the repository had no such label when the issue was analysed; with `labels.create` it would be made".to_owned());
        let groups = Groups::of(self.config);
        let rival = self.issue().and_then(|issue| {
            let is_rival = |held: &&String| {
                !issue.our_labels.contains(*held) && !same(held, label) && groups.are_rivals(held, label)
            };
            issue.labels.iter().find(is_rival)
        });
        let rival = rival.map(|rival| format!("somebody set `{rival}`, and one of its kind is enough"));
        lacks.into_iter().chain(rival).chain(self.held_by(wanted.feature)).collect()
    }
}

/// Whether a task is to set the label.
fn adds(task: &Task, label: &str) -> bool {
    task.spec.kind.as_str() == input::LABEL
        && task
            .spec
            .input
            .read::<input::Label>()
            .is_ok_and(|wanted| wanted.add.iter().any(|name| same(name, label)))
}

/// What the configuration sets a label for, one clause each; nothing when it sets none of that name.
#[must_use]
pub fn set_by(config: &Config, label: &str) -> Vec<String> {
    let names = &config.labels;
    let is_it = |name: Option<&str>| name.is_some_and(|name| same(name, label));
    let types =
        IssueType::ALL.into_iter().filter(|found| is_it(names.of_type.of(*found))).map(IssueType::name);
    let urgencies =
        Urgency::ALL.into_iter().filter(|found| is_it(names.of_urgency.of(*found))).map(Urgency::name);
    let mut told: Vec<String> =
        types.chain(urgencies).map(|found| format!("it is for what the analysis finds `{found}`")).collect();
    let others = [
        ("it is for issues that lack something", &names.needs_info),
        ("it is for issues that repeat another", &names.duplicate),
        ("it is for reports of weaknesses", &config.triage.security.label),
    ];
    let others = others.into_iter().filter(|(_, name)| is_it(name.as_ref().map(LabelName::as_str)));
    told.extend(others.map(|(what, _)| what.to_owned()));
    if names.also.iter().any(|rule| same(rule.label.as_str(), label)) {
        told.push("`labels.also` sets it by words or places".to_owned());
    }
    let wants = |action: &Action| matches!(action, Action::Label(labels) if labels.as_slice().iter().any(|name| same(name.as_str(), label)));
    let ruled = rules(config).into_iter().filter(|(_, rule)| rule.actions.as_slice().iter().any(wants));
    told.extend(ruled.map(|(name, _)| format!("{name} adds it")));
    let mode = config.features.get(Feature::Label.name()).map(|rules| rules.mode).unwrap_or_default();
    if !told.is_empty() && mode != FeatureModeName::Act {
        told.push(format!("the feature `label` is on `{}`", FeatureMode::from(mode).name()));
    }
    told
}
