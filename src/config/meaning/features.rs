//! Features that exist, with parts of a hundred, days and globs that can be read.

use super::Found;
use crate::config::check::suggestion;
use crate::config::features::{FallBackRules, FeatureModeName, PercentText};
use crate::config::model::Config;
use crate::config::tree::Step;
use crate::domain::feature::Feature;
use crate::domain::features::DAYS_KEPT;

impl Found<'_> {
    pub(super) fn features(&mut self, config: &Config) {
        for (name, rules) in &config.features {
            let path = |key: &str| -> Vec<Step> { vec!["features".into(), name.as_str().into(), key.into()] };
            let Some(feature) = Feature::find(name) else {
                let known: Vec<&str> = Feature::ALL.into_iter().map(Feature::name).collect();
                let message = format!("`{name}` is no feature of Automata; there are {}", known.join(", "));
                self.add(
                    &["features".into(), name.as_str().into()],
                    message,
                    suggestion(name, &known).as_deref(),
                );
                continue;
            };
            if rules.mode == FeatureModeName::Suggest && !feature.can_be_suggested() {
                let message =
                    format!("`{name}` cannot suggest: there is nothing in it that somebody could approve");
                self.add(&path("mode"), message, Some("write `off`, `observe` or `act`"));
            }
            self.percent(&path("rollout"), &rules.rollout);
            if let Some(from) = rules.from.as_ref().filter(|from| from.time().is_none()) {
                let message = format!("`{}` is no day", from.as_str());
                self.add(&path("from"), message, Some("for example 2026-12-01"));
            }
            for (index, login) in rules.authors.iter().enumerate() {
                let mut path = path("authors");
                path.push(index.into());
                self.login(login.as_str(), &path);
            }
            for (index, glob) in rules.paths.iter().enumerate() {
                if let Err(error) = globset::Glob::new(glob.as_str()) {
                    let mut path = path("paths");
                    path.push(index.into());
                    let message = format!("`{}` is not a pattern: {}", glob.as_str(), error.kind());
                    self.add(&path, message, None);
                }
            }
            if let Some(rules) = &rules.fall_back {
                self.fall_back(&path("fall_back"), rules);
            }
        }
    }

    fn fall_back(&mut self, path: &[Step], rules: &FallBackRules) {
        let at = |key: &str| -> Vec<Step> { path.iter().cloned().chain([key.into()]).collect() };
        self.percent(&at("failures"), &rules.failures);
        self.percent(&at("overrides"), &rules.overrides);
        let days = rules.within.span().as_secs() / 86_400;
        if !(1..=DAYS_KEPT.unsigned_abs()).contains(&days) {
            let message = format!("`{}` is not between one day and {DAYS_KEPT}", rules.within.as_str());
            self.add(&at("within"), message, Some("for example 7d"));
        }
    }

    fn percent(&mut self, path: &[Step], text: &PercentText) {
        if text.percent().is_none() {
            let message = format!("`{}` is no part of a hundred", text.as_str());
            self.add(path, message, Some("for example 25%"));
        }
    }
}
