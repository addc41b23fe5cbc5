//! How far each feature goes, as the configuration says it, and what decisions make of that.

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::{Glob, GlobSet, GlobSetBuilder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Config;
use super::rule::{LabelName, LoginName, SpanText, Words};
use super::text::text_value;
use crate::domain::feature::Feature;
use crate::domain::id::Login;
use crate::domain::rollout::{FallBack, FeatureMode, Paths, Policy, Rule};
use crate::domain::state::State;
use crate::domain::time::Timestamp;

text_value! {
    /// A part of a hundred: `25%`.
    PercentText, 4
}
text_value! {
    /// A day (`2026-12-01`, from midnight UTC on) or a time (`2026-12-01T09:00:00Z`).
    DayText, 40
}

/// How far a feature goes, and for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FeatureRules {
    /// Whether it is off, only decides and records, suggests and waits for `/automata approve`, or acts.
    pub mode: FeatureModeName,
    /// The part of all issues that it is for. Which ones stays the same, and a larger part has them all.
    pub rollout: PercentText,
    /// Nothing of it is done before then; null: from now on.
    pub from: Option<DayText>,
    /// It is for issues and pull requests that have one of these labels; an empty list: for all.
    pub labels: Vec<LabelName>,
    /// It is for what these people opened; an empty list: for everybody's.
    pub authors: Vec<LoginName>,
    /// Globs of paths: it is for issues that name a place in the code that one of them matches; an empty list: for all.
    pub paths: Vec<Words>,
    /// When it goes back to suggesting by itself, until `/automata resume` and its name; null: never.
    pub fall_back: Option<FallBackRules>,
}

impl Default for FeatureRules {
    fn default() -> Self {
        Self {
            mode: FeatureModeName::Act,
            rollout: "100%".into(),
            from: None,
            labels: Vec::new(),
            authors: Vec::new(),
            paths: Vec::new(),
            fall_back: Some(FallBackRules::default()),
        }
    }
}

/// How far a feature goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeatureModeName {
    /// Nothing of it is decided.
    Off,
    /// It is decided and recorded; nothing is changed outside.
    Observe,
    /// The status comment says what it would do, and it is done when somebody says `/automata approve`.
    Suggest,
    /// It does it.
    #[default]
    Act,
}

impl From<FeatureModeName> for FeatureMode {
    fn from(name: FeatureModeName) -> Self {
        match name {
            FeatureModeName::Off => Self::Off,
            FeatureModeName::Observe => Self::Observe,
            FeatureModeName::Suggest => Self::Suggest,
            FeatureModeName::Act => Self::Act,
        }
    }
}

/// When a feature goes back to suggesting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FallBackRules {
    /// The part of its tasks that may be given up.
    pub failures: PercentText,
    /// The part of what it did that people may take back.
    pub overrides: PercentText,
    /// Results that there must be before it is judged.
    #[schemars(range(min = 1, max = 10000))]
    pub least: u32,
    /// How far back results count, in whole days: `7d`; at most 31 days.
    pub within: SpanText,
}

/// More than a bad day, and few enough that a bad week is noticed in a small repository.
impl Default for FallBackRules {
    fn default() -> Self {
        Self { failures: "50%".into(), overrides: "30%".into(), least: 10, within: "7d".into() }
    }
}

impl PercentText {
    /// From 0 to 100; none when it is none.
    #[must_use]
    pub fn percent(&self) -> Option<u8> {
        let digits = self.as_str().strip_suffix('%')?.trim_end();
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|percent| is_number && *percent <= 100)
    }
}

impl DayText {
    /// The time; none when it is none.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        let text = self.as_str();
        text.parse().or_else(|_| format!("{text}T00:00:00Z").parse()).ok()
    }
}

/// Globs of paths.
#[derive(Debug)]
struct Globs(GlobSet);

impl Paths for Globs {
    fn take(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

/// What the configuration says about all features, in a repository. Its shares are drawn by the name that the log knows, so that
/// a new name moves no issue into or out of them.
#[must_use]
pub fn policy(config: &Config, repository: &str, state: &State) -> Policy {
    let repository = state.repository.as_deref().unwrap_or(repository);
    let rules = config.features.iter().filter_map(|(name, rules)| Some((Feature::find(name)?, rule(rules))));
    Policy { repository: repository.to_lowercase(), rules: rules.collect() }
}

/// The configuration was checked: what cannot be read is the default.
fn rule(rules: &FeatureRules) -> Rule {
    let globs = |paths: &[Words]| {
        let mut set = GlobSetBuilder::new();
        paths.iter().filter_map(|path| Glob::new(path.as_str()).ok()).for_each(|glob| {
            set.add(glob);
        });
        set.build().ok().map(|set| Arc::new(Globs(set)) as Arc<dyn Paths>)
    };
    Rule {
        mode: rules.mode.into(),
        share: rules.rollout.percent().unwrap_or(100),
        from: rules.from.as_ref().and_then(DayText::time),
        labels: rules.labels.iter().map(|label| label.as_str().to_owned()).collect(),
        authors: rules.authors.iter().map(|login| Login::new(login.as_str())).collect(),
        paths: if rules.paths.is_empty() { None } else { globs(&rules.paths) },
        fall_back: rules.fall_back.as_ref().map(|rules| FallBack {
            failures: rules.failures.percent().unwrap_or(100),
            overrides: rules.overrides.percent().unwrap_or(100),
            least: rules.least,
            within: rules.within.span(),
        }),
    }
}

/// What is said about features by name.
pub(super) type FeatureMap = BTreeMap<String, FeatureRules>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_a_number_with_its_sign() {
        let percent = |text: &str| PercentText::from(text).percent();
        assert_eq!([percent("25%"), percent("0%"), percent("100%")], [Some(25), Some(0), Some(100)]);
        for text in ["", "%", "25", "101%", "-1%", "+5%", "2.5%", "a%"] {
            assert_eq!(percent(text), None, "{text}");
        }
    }

    #[test]
    fn shares_are_drawn_by_the_name_that_was_recorded_first() {
        let config = Config::default();
        let mut state = State::default();
        assert_eq!(policy(&config, "Acme/Gadgets", &state).repository, "acme/gadgets");
        state.repository = Some("Acme/Widgets".to_owned());
        assert_eq!(policy(&config, "acme/gadgets", &state).repository, "acme/widgets");
    }

    #[test]
    fn a_day_begins_at_midnight() {
        let time = |text: &str| DayText::from(text).time().map(|time| time.to_string());
        assert_eq!(time("2026-12-01").as_deref(), Some("2026-12-01T00:00:00Z"));
        assert_eq!(time("2026-12-01T09:30:00Z").as_deref(), Some("2026-12-01T09:30:00Z"));
        assert_eq!((time("1.12.2026"), time("2026-13-01")), (None, None));
    }
}
