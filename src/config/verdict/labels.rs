//! Which labels an analysis puts on an issue and takes off: one at most of each group, and people win.

use crate::config::model::Config;
use crate::config::rules::same;
use crate::domain::feature::Feature;
use crate::domain::trigger::IssueFacts;

use super::Known;

/// Labels to add and to take off, gathered finding by finding.
pub(super) struct Choice<'a> {
    config: &'a Config,
    issue: &'a IssueFacts,
    known: &'a Known<'a>,
    groups: Groups<'a>,
    pub(super) add: Vec<String>,
    pub(super) remove: Vec<String>,
    pub(super) reasons: Vec<String>,
    /// The findings that go their own way, each the feature's: see [`Choice::apart`].
    pub(super) apart: Vec<(Feature, Picked)>,
}

/// Labels of one feature that is not done together with the others.
#[derive(Default)]
pub(super) struct Picked {
    pub(super) add: Vec<String>,
    pub(super) remove: Vec<String>,
    pub(super) reasons: Vec<String>,
}

fn is_in(labels: &[String], name: &str) -> bool {
    labels.iter().any(|label| same(label, name))
}

impl<'a> Choice<'a> {
    pub(super) fn new(config: &'a Config, issue: &'a IssueFacts, known: &'a Known<'a>) -> Self {
        let groups = Groups::of(config);
        let (add, remove, reasons, apart) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { config, issue, known, groups, add, remove, reasons, apart }
    }

    /// Wants a label on the issue.
    ///
    /// - One that the repository lacks is left out unless `labels.create`; one that a person took off stays off.
    /// - Of its group the issue keeps one: another that somebody else set stays and wins; one that we set goes.
    pub(super) fn want(&mut self, label: &str, reason: &str) {
        let is_there = self.config.labels.create || is_in(self.known.existing_labels, label);
        let is_rivalled =
            self.add.iter().any(|added| !same(added, label) && self.groups.are_rivals(added, label));
        if !is_there || is_in(self.known.refused_labels, label) || is_in(&self.add, label) || is_rivalled {
            return;
        }
        let rivals: Vec<String> =
            self.issue.labels.iter().filter(|held| self.groups.are_rivals(held, label)).cloned().collect();
        let (ours, theirs): (Vec<&String>, Vec<&String>) = rivals
            .iter()
            .filter(|held| !same(held, label))
            .partition(|held| is_in(self.known.our_labels, held));
        let is_on = is_in(&self.issue.labels, label);
        if let Some(chosen) = theirs.first() {
            // A person has chosen: what we set beside it goes.
            let reason = format!("somebody set `{chosen}`, and one of its kind is enough");
            for held in ours
                .into_iter()
                .cloned()
                .chain((is_on && is_in(self.known.our_labels, label)).then(|| label.to_owned()))
            {
                self.take_off(&held, &reason);
            }
            return;
        }
        let gone: Vec<String> = ours.iter().map(|held| format!("`{held}`")).collect();
        let reason = match gone.as_slice() {
            [] => reason.to_owned(),
            _ => format!("{reason}, and no longer {}", gone.join(", ")),
        };
        for held in ours {
            self.take_off(held, &reason);
        }
        if !is_on {
            self.add.push(label.to_owned());
            self.explain(&reason);
        }
    }

    /// What `choose` picks belongs to a feature. Where the configuration says how far that one goes, or labels do, it has a
    /// task of its own.
    pub(super) fn apart(&mut self, feature: Feature, choose: impl FnOnce(&mut Self)) {
        let is_said = |feature: Feature| self.config.features.contains_key(feature.name());
        if !is_said(feature) && !is_said(Feature::Label) {
            return choose(self);
        }
        let before = (self.add.len(), self.remove.len(), self.reasons.len());
        choose(self);
        let picked = Picked {
            add: self.add.split_off(before.0),
            remove: self.remove.split_off(before.1),
            reasons: self.reasons.split_off(before.2),
        };
        self.apart.push((feature, picked));
    }

    /// Takes a label off if we set it.
    pub(super) fn drop_ours(&mut self, label: &str, reason: &str) {
        if is_in(&self.issue.labels, label) && is_in(self.known.our_labels, label) {
            self.take_off(label, reason);
        }
    }

    fn take_off(&mut self, label: &str, reason: &str) {
        if !is_in(&self.remove, label) {
            self.remove.push(label.to_owned());
            self.explain(reason);
        }
    }

    fn explain(&mut self, reason: &str) {
        if self.reasons.iter().all(|known| known != reason) {
            self.reasons.push(reason.to_owned());
        }
    }
}

/// The groups of labels of which an issue has one.
pub(in crate::config) struct Groups<'a> {
    config: &'a Config,
    exclusive: Vec<globset::GlobMatcher>,
}

impl<'a> Groups<'a> {
    pub(in crate::config) fn of(config: &'a Config) -> Self {
        // What is learned as a set is a group as well.
        let globs = config.labels.exclusive.iter().chain(&config.triage.learn_sets);
        let glob = |glob: &str| globset::GlobBuilder::new(glob).case_insensitive(true).build().ok();
        // What cannot be read as a glob, checking the configuration refuses.
        let exclusive = globs.filter_map(|text| Some(glob(text.as_str())?.compile_matcher())).collect();
        Self { config, exclusive }
    }

    /// Whether two labels belong to the same group.
    pub(in crate::config) fn are_rivals(&self, one: &str, other: &str) -> bool {
        let groups = [self.config.labels.of_type.all(), self.config.labels.of_urgency.all()];
        let both_in = |group: &Vec<&str>| {
            let has = |name: &str| group.iter().any(|label| same(label, name));
            has(one) && has(other)
        };
        groups.iter().any(both_in)
            || self.exclusive.iter().any(|glob| glob.is_match(one) && glob.is_match(other))
    }
}
