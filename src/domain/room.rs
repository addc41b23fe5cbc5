//! Whether there is room for one more running task: under the configured limits, as of now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::caps::{self, Caps, Reached, Sort, Within};
use super::circuit::{Breaker, Row, Trial};
use super::count::counted;
use super::id::{AssistantName, Login, RunId, ServiceName, TaskId};
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
    #[error("{what} failed {failures} times in a row ({code}){} until {until}", left(of.as_ref()))]
    Broken {
        /// What.
        what: Breaker,
        /// The one person over whose words it failed, and with whose words alone it is left alone; none: with all.
        of: Option<Login>,
        /// How often.
        failures: u32,
        /// The sort of the failures.
        code: String,
        /// Until when.
        until: Timestamp,
    },
    /// Something failed again and again, and another task tries it.
    #[error("1 task at once is allowed while {what}, which failed {failures} times in a row ({code}){}, is tried again", over(of.as_ref()))]
    Tried {
        /// What.
        what: Breaker,
        /// The one person over whose words it failed; none: over several people's.
        of: Option<Login>,
        /// How often.
        failures: u32,
        /// The sort of the failures.
        code: String,
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
    tried: BTreeSet<(Breaker, Option<Login>)>,
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
            let assistants = Breaker::of_assistants(&task.spec, &room.assistants);
            for breaker in Breaker::of(&task.spec).into_iter().chain(assistants) {
                self.tried.insert((breaker.clone(), None));
                self.tried.extend(task.whose().map(|who| (breaker, Some(who.clone()))));
            }
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
        if let Some(full) = Breaker::of(&task.spec).iter().find_map(|it| self.broken(it, task, now)) {
            return Some(full);
        }
        // One of them is enough.
        let assistants = Breaker::of_assistants(&task.spec, &room.assistants);
        let broken = assistants.iter().map(|breaker| self.broken(breaker, task, now));
        let all: Vec<Full> = broken.collect::<Option<_>>()?;
        // The one that is tried first.
        all.into_iter().min_by_key(|full| match full {
            Full::Broken { until, .. } => Some(*until),
            _ => None,
        })
    }

    /// Why something is not tried now, if it is not.
    fn broken(&self, breaker: &Breaker, task: &Task, now: Timestamp) -> Option<Full> {
        self.state.left_alone(breaker, task, now).or_else(|| {
            let mut rows = self.state.circuits.get(breaker)?.broken(task.whose());
            let is_tried = |of: Option<&Login>| self.tried.contains(&(breaker.clone(), of.cloned()));
            rows.find(|(of, _)| is_tried(*of)).map(|(of, row)| Full::tried(breaker, of, row))
        })
    }

    /// Whether a task would be the one to try something again that failed over words of the same person: those of others tell
    /// more about it.
    #[must_use]
    pub fn tells_little(&self, task: &Task) -> bool {
        let failed_over = |breaker: &Breaker| {
            let known = self.state.circuits.get(breaker).filter(|known| known.row.is_broken());
            known.zip(task.whose()).is_some_and(|(known, who)| known.people.contains(who))
        };
        !self.state.circuits.is_empty() && Breaker::of(&task.spec).iter().any(failed_over)
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

impl Full {
    fn tried(what: &Breaker, of: Option<&Login>, row: &Row) -> Self {
        Self::Tried { what: what.clone(), of: of.cloned(), failures: row.failures, code: row.code.clone() }
    }
}

impl State {
    /// Why a task leaves something alone as of `now`, or to another task that tries it; none when it may try it itself.
    #[must_use]
    pub fn left_alone(&self, what: &Breaker, task: &Task, now: Timestamp) -> Option<Full> {
        self.circuits.get(what)?.broken(task.whose()).find_map(|(of, row)| match row.closed_until(now) {
            Some(until) => {
                let (failures, code) = (row.failures, row.code.clone());
                Some(Full::Broken { what: what.clone(), of: of.cloned(), failures, code, until })
            }
            None => self.tries(what, (of, row), task).then(|| Full::tried(what, of, row)),
        })
    }

    /// Whether a running task other than this one tries something again.
    fn tries(&self, what: &Breaker, (of, row): (Option<&Login>, &Row), task: &Task) -> bool {
        // A change may never come to ask an assistant, so whoever does says so.
        if let Breaker::Assistant(_) = what {
            let trial = row.trial.as_ref().filter(|trial| trial.task != task.id);
            let holds =
                |trial: &Trial| self.tasks.get(&trial.task)?.lease().map(|held| held.number == trial.lease);
            return trial.and_then(holds).unwrap_or_default();
        }
        let is_of = |other: &Task| of.is_none_or(|of| other.whose() == Some(of));
        let mut others = self.tasks.running().filter(|other| other.id != task.id && is_of(other));
        others.any(|other| Breaker::of(&other.spec).contains(what))
    }
}

/// Over whose words something failed.
fn over(of: Option<&Login>) -> String {
    of.map(|of| format!(" over what {of} wrote")).unwrap_or_default()
}

fn left(of: Option<&Login>) -> String {
    let with = if of.is_some() { " with that" } else { "" };
    format!("{} and is left alone{with}", over(of))
}
