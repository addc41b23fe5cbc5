//! What the schema cannot say about triage and its labels.

use super::Found;
use crate::config::model::Config;
use crate::config::rule::SpanText;
use crate::config::tree::Step;
use crate::domain::time;
use crate::domain::verdict::{IssueType, Urgency};

/// The longest time that closed issues are remembered.
const LONGEST_DAYS: u64 = 366;

/// The longest time that an issue has to be left alone before an assistant is asked, in seconds.
const LONGEST_SETTLE: u64 = 86_400;
/// Sets of labels that are learned at most: each takes a moment, and room in the model.
const MOST_SETS: usize = 8;

impl Found<'_> {
    pub(super) fn triage(&mut self, config: &Config) {
        let closed = ["triage".into(), "closed".into()];
        self.span(&config.triage.closed, &closed);
        if config.triage.closed.span().as_secs() > LONGEST_DAYS * 86_400 {
            self.add(&closed, "closed issues are remembered for a year at most", None);
        }
        if config.triage.duplicate.is_some_and(|least| least <= 0.0) {
            let hint = "0.9 says it of those that are nearly the same, null of none";
            let path = ["triage".into(), "duplicate".into()];
            self.add(&path, "at 0 every issue would be said to repeat another", Some(hint));
        }
        self.one_label_for_one("type", &IssueType::ALL.map(|of| (of.name(), config.labels.of_type.of(of))));
        self.one_label_for_one(
            "urgency",
            &Urgency::ALL.map(|of| (of.name(), config.labels.of_urgency.of(of))),
        );
        if let Some(settle) = &config.triage.settle {
            let path = ["triage".into(), "settle".into()];
            self.span(settle, &path);
            if settle.span().as_secs() > LONGEST_SETTLE {
                self.add(&path, "an assistant is asked within a day", None);
            }
        }
        if let Some(stale) = &config.triage.stale {
            let after = ["triage".into(), "stale".into(), "after".into()];
            self.span(&stale.after, &after);
            if stale.after.span().is_zero() && time::span(stale.after.as_str()).is_some() {
                self.add(&after, "nobody can answer in no time", None);
            }
        }
        for (index, glob) in config.labels.exclusive.iter().enumerate() {
            self.glob(glob.as_str(), &["labels".into(), "exclusive".into(), index.into()]);
        }
        if config.triage.learn_sets.len() > MOST_SETS {
            let told = format!("at most {MOST_SETS} sets are learned");
            self.add(&["triage".into(), "learn_sets".into()], told, None);
        }
        for (index, glob) in config.triage.learn_sets.iter().enumerate() {
            let path = ["triage".into(), "learn_sets".into(), index.into()];
            self.glob(glob.as_str(), &path);
            if config.triage.learn_sets[..index].iter().any(|before| before == glob) {
                self.add(&path, format!("`{}` stands there already", glob.as_str()), None);
            }
        }
        for (index, rule) in config.labels.also.iter().enumerate() {
            if rule.paths.is_empty() && rule.words.is_empty() {
                let hint = "name `paths`, `words` or both";
                self.add(
                    &["labels".into(), "also".into(), index.into()],
                    "the label stands for nothing",
                    Some(hint),
                );
            }
            for (place, glob) in rule.paths.iter().enumerate() {
                let path = ["labels".into(), "also".into(), index.into(), "paths".into(), place.into()];
                self.glob(glob.as_str(), &path);
                if glob.as_str().starts_with('/') {
                    let told =
                        format!("`{}` begins with `/`, and paths in a repository do not", glob.as_str());
                    self.add(&path, told, None);
                }
            }
        }
        for (index, login) in config.assign.unavailable.iter().enumerate() {
            self.login(login.as_str(), &["assign".into(), "unavailable".into(), index.into()]);
        }
    }

    /// Of a label that stands for two nobody could tell which is meant.
    fn one_label_for_one(&mut self, group: &str, labels: &[(&str, Option<&str>)]) {
        let is_same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
        for (at, (name, label)) in labels.iter().enumerate() {
            let Some(label) = label else { continue };
            let before =
                labels[..at].iter().find(|(_, other)| other.is_some_and(|other| is_same(other, label)));
            if let Some((before, _)) = before {
                // Where the file names only one of both, the other is a default, and the problem stands at the one.
                let path = |name: &str| ["labels".into(), group.into(), name.into()];
                let is_written = |name: &str| self.tree.nearest(&path(name)).text().is_some();
                let place = if is_written(name) { path(name) } else { path(before) };
                let told = format!("the label `{label}` stands for `{before}` and for `{name}`");
                self.add(&place, told, Some("give each its own, or null to one of them"));
            }
        }
    }

    pub(super) fn span(&mut self, text: &SpanText, path: &[Step]) {
        if time::span(text.as_str()).is_none() {
            let told =
                format!("`{}` is not a span of time", crate::domain::untrusted::one_line(text.as_str(), 20));
            self.add(path, told, Some("for example: 12h, 30d, 2w"));
        }
    }

    pub(super) fn glob(&mut self, glob: &str, path: &[Step]) {
        if let Err(error) = globset::Glob::new(glob) {
            self.add(path, format!("`{glob}` is not a pattern: {}", error.kind()), None);
        }
    }
}
