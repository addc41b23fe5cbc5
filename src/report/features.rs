//! Features side by side: how far each goes, for how much, what came of it, and what people took back.

use serde::Serialize;

use crate::config::{Config, Mode};
use crate::domain::feature::Feature;
use crate::domain::features::DAYS_KEPT;
use crate::domain::rollout::{FeatureMode, Policy};
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;

/// Width of the last column.
const WIDE: usize = 160;

/// A feature, for people and programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its name.
    pub feature: &'static str,
    /// What it does, a sentence.
    pub about: &'static str,
    /// How far it goes by the configuration: off, observe, suggest or act.
    pub mode: &'static str,
    /// How far it goes now: as `mode`, or `paused`, or less because it fell back or the whole repository observes.
    pub now: &'static str,
    /// Percent of the issues that it is for.
    pub rollout: u8,
    /// The rest of what it is for, one clause each.
    pub filters: Vec<String>,
    /// Tasks that changed something.
    pub done: u32,
    /// Tasks that were given up.
    pub failed: u32,
    /// Changes that people took back.
    pub overridden: u32,
    /// What was suggested.
    pub suggested: u32,
    /// What of it was approved.
    pub approved: u32,
    /// What of it was called off by a person.
    pub rejected: u32,
    /// What was recorded and not done.
    pub held: u32,
    /// Suggestions that wait now.
    pub waiting: usize,
    /// Why it does not go as far as the configuration says; null when it does.
    pub detail: Option<String>,
}

/// All features, with what came of them in the last 31 days, or since they were restored.
#[must_use]
pub fn rows(config: &Config, policy: &Policy, state: &State, now: Timestamp) -> Vec<Row> {
    Feature::ALL.into_iter().map(|feature| row(config, policy, state, now, feature)).collect()
}

fn row(config: &Config, policy: &Policy, state: &State, now: Timestamp, feature: Feature) -> Row {
    let rule = policy.rules.get(&feature).cloned().unwrap_or_default();
    let standing = state.features.get(&feature).cloned().unwrap_or_default();
    let counts = standing.lately(DAYS_KEPT, now);
    let is_one = |spec| Feature::of(spec) == Some(feature);
    let waiting = state.tasks.values().filter(|task| task.is_suggested() && is_one(&task.spec)).count();
    let mode = rule.mode.name();
    let paused = state.paused.as_ref().or(standing.paused.as_ref());
    let (goes, detail) = match (paused, &standing.fallen) {
        (Some(reason), _) => ("paused", Some(one_line(reason, WIDE))),
        (None, Some(fallen)) if rule.mode == FeatureMode::Act => {
            (FeatureMode::Suggest.name(), Some(format!("fell back on {}: {}", fallen.at, fallen.reason)))
        }
        _ if config.mode == Mode::Observe && rule.mode > FeatureMode::Observe && !feature.only_reads() => {
            (FeatureMode::Observe.name(), Some("`mode: observe` holds for everything".to_owned()))
        }
        _ => (mode, None),
    };
    let mut filters = Vec::new();
    filters.extend(rule.from.filter(|from| *from > now).map(|from| format!("from {from}")));
    let list =
        |name: &str, values: &[String]| (!values.is_empty()).then(|| format!("{name} {}", values.join(", ")));
    let said = config.features.get(feature.name());
    let authors: Vec<String> = rule.authors.iter().map(ToString::to_string).collect();
    let paths: Vec<String> =
        said.map(|said| said.paths.iter().map(|path| path.as_str().to_owned()).collect()).unwrap_or_default();
    filters.extend(list("labels", &rule.labels));
    filters.extend(list("authors", &authors));
    filters.extend(list("paths", &paths));
    Row {
        feature: feature.name(),
        about: feature.about(),
        mode,
        now: goes,
        rollout: rule.share,
        filters,
        done: counts.done,
        failed: counts.failed,
        overridden: counts.overridden,
        suggested: counts.suggested,
        approved: counts.approved,
        rejected: counts.rejected,
        held: counts.held,
        waiting,
        detail,
    }
}

/// The rows as cells of a table, under a heading.
#[must_use]
pub fn cells(rows: &[Row]) -> Vec<Vec<String>> {
    let heading = [
        "FEATURE",
        "MODE",
        "NOW",
        "SHARE",
        "DONE",
        "FAILED",
        "OVERRIDDEN",
        "SUGGESTED",
        "APPROVED",
        "REJECTED",
        "HELD",
        "WAITING",
        "DETAIL",
    ];
    let body = rows.iter().map(|row| {
        let detail: Vec<String> = row.filters.iter().cloned().chain(row.detail.clone()).collect();
        vec![
            row.feature.to_owned(),
            row.mode.to_owned(),
            row.now.to_owned(),
            format!("{} %", row.rollout),
            row.done.to_string(),
            row.failed.to_string(),
            row.overridden.to_string(),
            row.suggested.to_string(),
            row.approved.to_string(),
            row.rejected.to_string(),
            row.held.to_string(),
            row.waiting.to_string(),
            one_line(&detail.join("; "), WIDE),
        ]
    });
    [heading.map(str::to_owned).to_vec()].into_iter().chain(body).collect()
}
