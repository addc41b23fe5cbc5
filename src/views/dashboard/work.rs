//! Who did the work, how well and how fast: kinds of tasks, assistants, and which task needs which.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;

use super::figures::{of, sum, value_of};
use super::spread::Spread;
use crate::domain::event::{Event, Recorded};
use crate::domain::id::{Sequence, TaskId};
use crate::domain::state::State;
use crate::domain::untrusted::one_line;
use crate::views::metrics::Metrics;

/// Width of an assistant's name or a code.
const NAME_WIDTH: usize = 60;
/// Ends of tasks that are remembered: what follows from one is enqueued by the same command, right behind it.
const ENDS_KEPT: usize = 256;

/// How one kind of tasks fared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KindTimes {
    /// Its name.
    pub kind: String,
    /// How many were enqueued.
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
    /// From the enqueuing to the first claim.
    pub waited: Spread,
    /// From a claim to its outcome.
    pub took: Spread,
}

pub(super) fn kinds(metrics: &Metrics) -> Vec<KindTimes> {
    let counters = metrics.counters();
    let names = of(counters, "tasks_enqueued").map(|(labels, _)| value_of(labels, "kind").to_owned());
    let of_kind = |kind: String| {
        let attempts = |outcome: &str| {
            let these = of(counters, "task_attempts");
            let these = these.filter(|(labels, _)| {
                value_of(labels, "kind") == kind && value_of(labels, "outcome") == outcome
            });
            these.map(|(_, count)| *count).sum()
        };
        KindTimes {
            enqueued: sum(counters, "tasks_enqueued", Some(("kind", &kind))),
            completed: attempts("completed"),
            retried: attempts("retried"),
            failed: attempts("failed"),
            lost: attempts("lost"),
            cancelled: attempts("cancelled"),
            waited: spread(metrics, "task_wait", ("kind", &kind)),
            took: spread(metrics, "task_attempt_duration", ("kind", &kind)),
            kind,
        }
    };
    names.collect::<BTreeSet<String>>().into_iter().map(of_kind).collect()
}

fn spread(metrics: &Metrics, name: &str, (key, value): (&str, &str)) -> Spread {
    let these = of(metrics.durations(), name).filter(|(labels, _)| value_of(labels, key) == value);
    Spread::of(&these.flat_map(|(_, times)| times.times.iter().copied()).collect::<Vec<_>>())
}

/// How one assistant fared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assistant {
    /// Its name in the configuration.
    pub name: String,
    /// How often it was asked.
    pub attempts: u64,
    /// How often it made a change that could be taken.
    pub changes: u64,
    /// What it cost, in millionths of a US dollar.
    pub micro_dollars: u64,
    /// Tokens that it read.
    pub read: u64,
    /// Tokens that it wrote.
    pub written: u64,
    /// How long an attempt took.
    pub took: Spread,
    /// Why nothing came of the others: codes, and how often.
    pub reasons: BTreeMap<String, u64>,
}

/// Why nothing came of assistants' attempts.
#[derive(Default)]
pub(super) struct Reasons(BTreeMap<String, BTreeMap<String, u64>>);

impl Reasons {
    pub(super) fn offer(&mut self, event: &Event) {
        if let Event::AssistantAnswered(answered) = event
            && let Some(failure) = &answered.failure
        {
            let reasons = self.0.entry(answered.assistant.clone()).or_default();
            *reasons.entry(one_line(&failure.code, NAME_WIDTH)).or_default() += 1;
        }
    }

    pub(super) fn assistants(mut self, metrics: &Metrics) -> Vec<Assistant> {
        let counters = metrics.counters();
        let tokens = |name: &str, direction: &str| {
            let these = of(counters, "assistant_tokens").filter(|(labels, _)| {
                value_of(labels, "assistant") == name && value_of(labels, "direction") == direction
            });
            these.map(|(_, count)| *count).sum()
        };
        let changes = |name: &str| {
            let these = of(counters, "assistant_attempts").filter(|(labels, _)| {
                value_of(labels, "assistant") == name && value_of(labels, "outcome") == "change"
            });
            these.map(|(_, count)| *count).sum()
        };
        let names = of(counters, "assistant_attempts").map(|(labels, _)| value_of(labels, "assistant"));
        let names: BTreeSet<&str> = names.collect();
        let fared = names.into_iter().map(|name| Assistant {
            name: one_line(name, NAME_WIDTH),
            attempts: sum(counters, "assistant_attempts", Some(("assistant", name))),
            changes: changes(name),
            micro_dollars: sum(counters, "assistant_micro_dollars", Some(("assistant", name))),
            read: tokens(name, "read"),
            written: tokens(name, "written"),
            took: spread(metrics, "assistant_duration", ("assistant", name)),
            reasons: self.0.remove(name).unwrap_or_default(),
        });
        fared.collect()
    }
}

/// One task comes before another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    /// The task that comes first.
    pub from: String,
    /// The task that comes after.
    pub to: String,
    /// Whether the second needs the first; otherwise the first led to it.
    pub needs: bool,
}

/// What led to what: tasks that were enqueued when another one ended.
#[derive(Default)]
pub(super) struct Links {
    ends: VecDeque<(Sequence, TaskId)>,
    led: Vec<(TaskId, TaskId)>,
}

impl Links {
    pub(super) fn offer(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::TaskEnqueued(enqueued) => {
                let cause = recorded.stamp.cause;
                let from = self.ends.iter().rev().find(|(place, _)| Some(*place) == cause);
                if let Some((_, from)) = from {
                    self.led.push((from.clone(), enqueued.task.clone()));
                }
            }
            Event::TaskCompleted(_) | Event::TaskFailed(_) | Event::TaskCancelled(_) => {
                if self.ends.len() == ENDS_KEPT {
                    self.ends.pop_front();
                }
                if let Some(task) = recorded.event.task() {
                    self.ends.push_back((recorded.stamp.sequence, task.clone()));
                }
            }
            _ => {}
        }
    }

    /// Those between tasks that the queue still knows.
    pub(super) fn edges(self, state: &State) -> Vec<Edge> {
        let edge =
            |from: &TaskId, to: &TaskId, needs| Edge { from: from.to_string(), to: to.to_string(), needs };
        let is_known = |id: &TaskId| state.tasks.contains_key(id);
        let led = self.led.iter().filter(|(from, to)| is_known(from) && is_known(to));
        let mut edges: BTreeSet<Edge> = led.map(|(from, to)| edge(from, to, false)).collect();
        for task in state.tasks.values() {
            for needed in task.spec.depends_on.iter().filter(|id| is_known(id)) {
                edges.remove(&edge(needed, &task.id, false));
                edges.insert(edge(needed, &task.id, true));
            }
        }
        edges.into_iter().collect()
    }
}
