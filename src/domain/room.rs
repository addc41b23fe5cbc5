//! Whether there is room for one more running task: under the configured limits, as of now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::caps::{self, Caps, Reached, Sort, Within};
use super::circuit::Breaker;
use super::count::counted;
use super::id::{AssistantName, RunId, ServiceName, TaskId};
use super::spending::Spend;
use super::state::State;
use super::task::Task;
use super::tasks::{self, Slot};
use super::time::Timestamp;

/// What the configuration allows for a task. None: no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Tasks of all kinds that run at once, in all runs together.
    pub overall: Option<usize>,
    /// Tasks of its kind that run at once.
    pub kind: Option<usize>,
    /// Tasks with its concurrency key that run at once.
    pub key: Option<usize>,
    /// What it asks of outside services.
    pub spends: Vec<Spend>,
    /// How much may be begun in a day and in a run.
    pub caps: Arc<Caps>,
    /// The run that would take it; none where nobody is to.
    pub run: Option<RunId>,
    /// The assistants that may be asked for a change, but for the one that only looks for a patch that somebody posted.
    pub assistants: Arc<[AssistantName]>,
}

impl Room {
    /// How much of a sort the task is.
    fn amount(&self, task: &Task, sort: Sort) -> u32 {
        let calls = self.spends.iter().find(|spend| spend.service.as_str() == caps::GITHUB);
        sort.of(&task.spec, calls.map_or(0, |spend| spend.tokens))
    }
}

/// Why there is no room.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Full {
    /// Another task of the same kind is at work on the same subject.
    #[error("task {0} of the same kind is at work there")]
    Beside(TaskId),
    /// As many tasks run as may.
    #[error("{} allowed {of}", counted(*limit, "task at once is", "tasks at once are"))]
    Limit {
        /// How many.
        limit: usize,
        /// Of which: `in all`, `of kind label`, `with key deploy`.
        of: String,
    },
    /// Something failed again and again, and is left alone until then.
    #[error("{what} failed {failures} times in a row ({code}) and is left alone until {until}")]
    Broken {
        /// What.
        what: Breaker,
        /// How often.
        failures: u32,
        /// The sort of the failures.
        code: String,
        /// Until when.
        until: Timestamp,
    },
    /// A service takes no more before then.
    #[error("{service} takes no more before {until}")]
    Service {
        /// Which service.
        service: ServiceName,
        /// When it does.
        until: Timestamp,
    },
    /// As much has been begun as may be.
    #[error("{0}")]
    Capped(Reached),
}

/// What runs, and what is about to run.
pub struct Load<'a> {
    state: &'a State,
    slots: BTreeMap<Slot, usize>,
    lanes: BTreeMap<(super::subject::Subject, super::id::KindName), TaskId>,
    spent: BTreeMap<ServiceName, u32>,
    begun: BTreeMap<(Within, Sort), u32>,
    tried: BTreeSet<Breaker>,
    count: usize,
}

impl<'a> Load<'a> {
    /// What runs.
    #[must_use]
    pub const fn of(state: &'a State) -> Self {
        Self {
            state,
            slots: BTreeMap::new(),
            lanes: BTreeMap::new(),
            spent: BTreeMap::new(),
            begun: BTreeMap::new(),
            tried: BTreeSet::new(),
            count: 0,
        }
    }

    /// Counts a task as if it ran.
    pub fn add(&mut self, task: &Task, room: &Room) {
        let (subject, kind) = (task.spec.subject, task.spec.kind.clone());
        self.count += 1;
        *self.slots.entry(Slot::Kind(kind.clone())).or_default() += 1;
        if let Some(key) = &task.spec.concurrency {
            *self.slots.entry(Slot::Key(key.clone())).or_default() += 1;
        }
        if !tasks::is_shared(subject) {
            self.lanes.insert((subject, kind), task.id.clone());
        }
        for spend in &room.spends {
            *self.spent.entry(spend.service.clone()).or_default() += spend.tokens;
        }
        // Where nothing failed nobody asks.
        if !self.state.circuits.is_empty() {
            self.tried.extend(Breaker::of(&task.spec));
            self.tried.extend(Breaker::of_assistants(&task.spec, &room.assistants));
        }
        for (within, sort, _) in self.caps_of(task, room) {
            *self.begun.entry((within, sort)).or_default() += room.amount(task, sort);
        }
    }

    /// The caps that hold for a task, with how much they allow.
    fn caps_of(&self, task: &Task, room: &Room) -> Vec<(Within, Sort, u32)> {
        if *room.caps == Caps::default() || task.spec.held.is_some() {
            return Vec::new();
        }
        let run = room.run.clone().map(Within::Run);
        let issue = task.spec.subject.number().map(Within::Issue);
        let all = [run, issue, task.set_off_by.clone().map(Within::Actor), Some(Within::Day)];
        let of = |within: Within| {
            let most = |sort: Sort| Some((within.clone(), sort, room.caps.of(&within, sort)?));
            Sort::ALL.into_iter().filter_map(most).collect::<Vec<_>>()
        };
        all.into_iter().flatten().flat_map(of).filter(|(_, sort, _)| room.amount(task, *sort) > 0).collect()
    }

    /// The cap that one more task would pass, if it would pass one.
    fn cap_for(&self, task: &Task, room: &Room, now: Timestamp) -> Option<Full> {
        self.caps_of(task, room).into_iter().find_map(|(within, sort, most)| {
            let planned = self.begun.get(&(within.clone(), sort)).copied().unwrap_or_default();
            let amount = room.amount(task, sort);
            self.state.counts.reached((&within, sort, most), planned, amount, now).map(Full::Capped)
        })
    }

    /// Why what a task is done with is not tried now, if it is not.
    fn broken_for(&self, task: &Task, room: &Room, now: Timestamp) -> Option<Full> {
        if self.state.circuits.is_empty() {
            return None;
        }
        if let Some(full) = Breaker::of(&task.spec).iter().find_map(|breaker| self.broken(breaker, now)) {
            return Some(full);
        }
        // One of them is enough.
        let assistants = Breaker::of_assistants(&task.spec, &room.assistants);
        let broken = assistants.iter().map(|breaker| self.broken(breaker, now));
        let all: Vec<Full> = broken.collect::<Option<_>>()?;
        // The one that is tried first.
        all.into_iter().min_by_key(|full| match full {
            Full::Broken { until, .. } => Some(*until),
            _ => None,
        })
    }

    /// Why something is not tried now, if it is not.
    fn broken(&self, breaker: &Breaker, now: Timestamp) -> Option<Full> {
        let known = self.state.circuits.get(breaker).filter(|circuit| circuit.is_broken())?;
        if let Some(full) = self.state.left_alone(breaker, now) {
            return Some(full);
        }
        let running = self.state.tasks.running().any(|other| breaker.is_tried_by(&other.spec));
        let of = format!(
            "while {breaker}, which failed {} times in a row ({}), is tried again",
            known.failures, known.code
        );
        (running || self.tried.contains(breaker)).then_some(Full::Limit { limit: 1, of })
    }

    /// Why one more has no room; none when it has.
    #[must_use]
    pub fn full_for(&self, task: &Task, room: &Room, now: Timestamp) -> Option<Full> {
        let (subject, kind) = (task.spec.subject, task.spec.kind.clone());
        let beside =
            self.state.tasks.running_beside(task).or_else(|| self.lanes.get(&(subject, kind.clone())));
        if let Some(beside) = beside {
            return Some(Full::Beside(beside.clone()));
        }
        if let Some(limit) =
            room.overall.filter(|limit| self.state.tasks.running_count() + self.count >= *limit)
        {
            return Some(Full::Limit { limit, of: "in all".to_owned() });
        }
        let of_kind = (room.kind, format!("of kind {kind}"), Some(Slot::Kind(kind)));
        let key = task.spec.concurrency.as_ref();
        let of_key =
            (room.key, format!("with key {}", key.map_or("", String::as_str)), key.cloned().map(Slot::Key));
        for (limit, of, slot) in [of_kind, of_key] {
            let (Some(limit), Some(slot)) = (limit, slot) else { continue };
            let more = self.slots.get(&slot).copied().unwrap_or_default();
            if self.state.tasks.running_in(&slot) + more >= limit {
                return Some(Full::Limit { limit, of });
            }
        }
        if let Some(full) = self.broken_for(task, room, now).or_else(|| self.cap_for(task, room, now)) {
            return Some(full);
        }
        room.spends.iter().find_map(|spend| {
            let more = self.spent.get(&spend.service).copied().unwrap_or_default();
            let known = self.state.spending.get(&spend.service);
            let untouched = super::spending::Spending::default();
            let until =
                known.unwrap_or(&untouched).opens(spend.tokens.saturating_add(more), spend.bucket, now)?;
            Some(Full::Service { service: spend.service.clone(), until })
        })
    }
}

impl State {
    /// Why something is left alone as of `now`; none when somebody may try it.
    #[must_use]
    pub fn left_alone(&self, what: &Breaker, now: Timestamp) -> Option<Full> {
        let known = self.circuits.get(what)?;
        let (what, failures, code) = (what.clone(), known.failures, known.code.clone());
        known.closed_until(now).map(|until| Full::Broken { what, failures, code, until })
    }
}
