//! Recurring tasks: what comes again and again, and when next.

use serde::{Deserialize, Serialize};

use super::spec::TaskSpec;
use super::time::Timestamp;

/// Characters of a schedule's name: it stands in every list and in the history of the state branch.
pub const NAME_CHARS: usize = 50;
/// Seconds by which a time is put off, at most: a day, after which it would be another day's.
pub const MOST_JITTER: u32 = 86_400;

/// Whether a text may name a schedule.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=NAME_CHARS).contains(&text.len()) && text.chars().all(known)
}

/// The unique key that a schedule's tasks have when nothing is said, so that they do not pile up; none where each
/// missed time is to have a task of its own.
#[must_use]
pub fn own_key(name: &str, catch_up: CatchUp) -> Option<String> {
    (catch_up != CatchUp::All).then(|| format!("schedule {name}"))
}

/// What becomes of times that passed while nothing ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// One task for each of them.
    All,
    /// One task for all of them.
    #[default]
    Last,
    /// No task: the next comes at the next time.
    None,
}

/// Where a schedule was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetBy {
    /// In the configuration, and it goes when it goes from there.
    Configuration,
    /// By hand, and it stays until it is removed by hand.
    Hand,
}

/// A recurring task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Five fields: minute, hour, day of the month, month, day of the week.
    pub cron: String,
    /// The time zone's name in the IANA database: `Europe/Paris`.
    pub zone: String,
    /// Seconds, at most, by which each time is put off, drawn anew each time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub jitter: u32,
    /// What becomes of missed times.
    #[serde(default)]
    pub catch_up: CatchUp,
    /// Where it was set.
    pub set_by: SetBy,
    /// What to enqueue.
    pub task: TaskSpec,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(seconds: &u32) -> bool {
    *seconds == 0
}

/// A recurring task and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurring {
    /// What comes again and again.
    pub schedule: Schedule,
    /// When next.
    pub next: Timestamp,
    /// When it last led to a task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
}
