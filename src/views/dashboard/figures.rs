//! The counts of the overview, all of them out of the metrics and the board.

use serde::Serialize;

use super::issues::Issue;
use crate::views::board::Board;
use crate::views::metrics::{Labels, Metrics, Samples};

/// What a history comes to, in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Events in the log, as far as it was read.
    pub events: u64,
    /// What happened outside and was taken in.
    pub triggers: u64,
    /// Issues that are open.
    pub open_issues: usize,
    /// Pull requests that are open.
    pub open_pulls: usize,
    /// Tasks that were enqueued, over the whole log.
    pub enqueued: u64,
    /// Attempts that ended well.
    pub completed: u64,
    /// Attempts that failed and were to be tried again.
    pub retried: u64,
    /// Tasks that were given up.
    pub failed: u64,
    /// Attempts whose run was lost.
    pub lost: u64,
    /// Tasks that were called off.
    pub cancelled: u64,
    /// Tasks that wait now.
    pub pending_now: usize,
    /// Tasks that run now.
    pub running_now: usize,
    /// Dead letters that can be revived now.
    pub dead_now: usize,
    /// Events that wait for a sound configuration.
    pub held: usize,
    /// Changes outside, those that were found done among them.
    pub effects: u64,
    /// Changes outside that a probe found done.
    pub effects_found: u64,
    /// Changes outside that were announced and have no receipt yet.
    pub effects_open: u64,
    /// Attempts of assistants.
    pub assistant_attempts: u64,
    /// What they cost, in millionths of a US dollar.
    pub micro_dollars: u64,
}

impl Figures {
    pub(super) fn of(metrics: &Metrics, board: &Board, issues: &[Issue]) -> Self {
        let attempts = |outcome: &str| sum(metrics.counters(), "task_attempts", Some(("outcome", outcome)));
        let all = |name: &str| sum(metrics.counters(), name, None);
        let now = |status: &str| board.counts.get(status).copied().unwrap_or_default();
        let open = |is_pull: bool| {
            issues.iter().filter(|issue| issue.is_pull == is_pull && issue.stage.is_open()).count()
        };
        Self {
            events: all("log_events"),
            triggers: all("triggers"),
            open_issues: open(false),
            open_pulls: open(true),
            enqueued: all("tasks_enqueued"),
            completed: attempts("completed"),
            retried: attempts("retried"),
            failed: attempts("failed"),
            lost: attempts("lost"),
            cancelled: attempts("cancelled"),
            pending_now: now("pending"),
            running_now: now("running"),
            dead_now: now("failed"),
            held: board.held.len(),
            effects: all("effects"),
            effects_found: sum(metrics.counters(), "effects", Some(("how", "found"))),
            effects_open: sum(metrics.gauges(), "effects_open", None),
            assistant_attempts: all("assistant_attempts"),
            micro_dollars: all("assistant_micro_dollars"),
        }
    }
}

/// The sum of a family, or of those of its samples that have a label with this value.
pub(super) fn sum(samples: &Samples<u64>, name: &str, label: Option<(&str, &str)>) -> u64 {
    of(samples, name)
        .filter(|(labels, _)| label.is_none_or(|(key, value)| value_of(labels, key) == value))
        .map(|(_, count)| *count)
        .sum()
}

/// The samples of a family.
pub(super) fn of<'a, T>(samples: &'a Samples<T>, name: &'a str) -> impl Iterator<Item = (&'a Labels, &'a T)> {
    samples.iter().filter(move |(named, _)| named.name == name).flat_map(|(_, samples)| samples)
}

/// The value of a label; empty when it is not there.
pub(super) fn value_of<'a>(labels: &'a Labels, key: &str) -> &'a str {
    labels.iter().find(|(label, _)| *label == key).map_or("", |(_, value)| value)
}
