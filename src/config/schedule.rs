//! What comes again and again: `schedules` of the configuration, and what the log keeps of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Config;
use super::rule::{CronText, TaskKind};
use crate::domain::id::ScheduleName;
use crate::domain::payload::Payload;
use crate::domain::retry::DEFAULT_ATTEMPTS;
use crate::domain::schedule::{CatchUp, MOST_JITTER, Schedule, SetBy, own_key};
use crate::domain::spec::{Priority, TaskRequest, TaskSpec};
use crate::domain::subject::Subject;

/// A task that comes again and again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleRule {
    /// When: minute, hour, day of the month, month and weekday, as in `0 9 * * MON-FRI`. Lists, ranges, steps, names,
    /// `L` for the last day of the month, `FRIL` and `FRI#2` for the last and the second Friday. Of two restricted
    /// days either is enough.
    pub cron: CronText,
    /// By whose clocks, a name of the IANA database: `Europe/Paris`. A time that clocks are set forward over comes
    /// once, right after; one that exists twice comes once.
    #[serde(default = "utc")]
    #[schemars(length(min = 1, max = 100))]
    pub zone: String,
    /// Seconds by which each time is put off, at most; drawn anew each time, and never as far as the next time.
    #[serde(default)]
    #[schemars(range(max = MOST_JITTER))]
    pub jitter: u32,
    /// What becomes of times that passed while no run came along.
    #[serde(default)]
    pub catch_up: CatchUpRule,
    /// What to enqueue.
    #[serde(rename = "do")]
    pub task: TaskRule,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// What becomes of times that passed while no run came along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CatchUpRule {
    /// One task for each of them, for the last hundred at most.
    All,
    /// One task for the last of them, however late.
    #[default]
    Last,
    /// One task for the last of them if it came at most seven hours ago, else none.
    None,
}

impl From<CatchUpRule> for CatchUp {
    fn from(rule: CatchUpRule) -> Self {
        match rule {
            CatchUpRule::All => Self::All,
            CatchUpRule::Last => Self::Last,
            CatchUpRule::None => Self::None,
        }
    }
}

/// A task to enqueue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskRule {
    /// Which kind of work.
    pub kind: TaskKind,
    /// What it is about: `issue/42`, `pull/7` or `repository`.
    #[serde(default = "repository")]
    pub subject: String,
    /// What the kind needs to know: `{ add: [stale] }` for `label`.
    #[serde(default)]
    pub input: serde_json::Map<String, serde_json::Value>,
    /// Who goes first, from 0 (whenever) to 100 (now).
    #[serde(default = "normal")]
    #[schemars(range(max = 100))]
    pub priority: u8,
    /// While a task with this key is pending, no other is enqueued. Left out, it is the schedule's own, so that tasks
    /// do not pile up; with `catch_up: all` there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 1, max = 200))]
    pub unique: Option<String>,
    /// Tasks with the same key share a limit of how many run at once; see `limits.keys`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 1, max = 200))]
    pub concurrency: Option<String>,
    /// Attempts that it gets.
    #[serde(default = "attempts")]
    #[schemars(range(min = 1, max = 100))]
    pub max_attempts: u32,
}

fn repository() -> String {
    Subject::Repository.to_string()
}

const fn normal() -> u8 {
    Priority::NORMAL.value()
}

const fn attempts() -> u32 {
    DEFAULT_ATTEMPTS
}

/// The schedules of a configuration, as the log keeps them.
#[must_use]
pub fn schedules(config: &Config) -> BTreeMap<ScheduleName, Schedule> {
    config.schedules.iter().map(|(name, rule)| (ScheduleName::new(name.as_str()), kept(name, rule))).collect()
}

/// The task that is asked for.
pub(super) fn asked(task: &TaskRule, reason: String) -> TaskSpec {
    // The configuration was checked: subject and input are what they should be.
    let subject = task.subject.parse().unwrap_or(Subject::Repository);
    let input = Payload::of(&task.input).unwrap_or_default();
    let mut spec = TaskRequest::new(&task.kind.0, subject, input, reason).spec;
    spec.priority = Priority::new(task.priority);
    spec.max_attempts = task.max_attempts;
    spec.concurrency.clone_from(&task.concurrency);
    spec.unique.clone_from(&task.unique);
    spec
}

fn kept(name: &str, rule: &ScheduleRule) -> Schedule {
    let task = &rule.task;
    let mut spec = asked(task, format!("schedule `{name}` ({} {})", rule.cron.as_str(), rule.zone));
    spec.unique = spec.unique.or_else(|| own_key(name, rule.catch_up.into()));
    Schedule {
        cron: rule.cron.as_str().to_owned(),
        zone: rule.zone.clone(),
        jitter: rule.jitter,
        catch_up: rule.catch_up.into(),
        set_by: SetBy::Configuration,
        task: spec,
    }
}
