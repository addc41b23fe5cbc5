//! How far features go, in words.

use crate::config::features::{FeatureModeName, FeatureRules};
use crate::config::model::Config;

/// One clause for each feature that the configuration names.
pub(super) fn features(config: &Config) -> Vec<String> {
    config.features.iter().map(|(name, rules)| clause(name, rules)).collect()
}

fn clause(name: &str, rules: &FeatureRules) -> String {
    let mode = match rules.mode {
        FeatureModeName::Off => return format!("`{name}` is off"),
        FeatureModeName::Observe => "only observes",
        FeatureModeName::Suggest => "suggests, and waits for `/automata approve`",
        FeatureModeName::Act => "acts",
    };
    let list =
        |what: &str, values: Vec<&str>| (!values.is_empty()).then(|| format!("{what} {}", values.join(", ")));
    let share = rules.rollout.as_str();
    let parts = [
        (share != "100%").then(|| format!("for {share} of the issues")),
        rules.from.as_ref().map(|from| format!("from {} on", from.as_str())),
        list("only with the label", rules.labels.iter().map(|it| it.as_str()).collect()),
        list("only for what is opened by", rules.authors.iter().map(|it| it.as_str()).collect()),
        list("only where the issue names", rules.paths.iter().map(|it| it.as_str()).collect()),
        rules.fall_back.as_ref().filter(|_| rules.mode == FeatureModeName::Act).map(|limits| {
            format!(
                "until more than {} fail or {} are taken back of at least {} in {}",
                limits.failures.as_str(),
                limits.overrides.as_str(),
                limits.least,
                limits.within.as_str()
            )
        }),
    ];
    let parts: Vec<String> = [Some(format!("`{name}` {mode}"))].into_iter().chain(parts).flatten().collect();
    parts.join(", ")
}
