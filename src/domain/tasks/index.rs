//! The indexes over the tasks: who is next, who runs, who waits for whom. Each change costs the logarithm of
//! their number, whatever the queue's length.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::fact::Fact;
use crate::domain::id::{KindName, Sequence, TaskId};
use crate::domain::spec::{Ending, TaskSpec};
use crate::domain::subject::Subject;
use crate::domain::task::{Status, Task, Turn};
use crate::domain::time::Timestamp;

/// What tasks share when the same limits hold for them: one of them may run if and only if any other may.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lane {
    /// What they are about.
    pub subject: Subject,
    /// Which kind of work.
    pub kind: KindName,
    /// Their concurrency key.
    pub concurrency: Option<String>,
}

impl Lane {
    fn of(task: &Task) -> Self {
        let TaskSpec { subject, kind, concurrency, .. } = &task.spec;
        Self { subject: *subject, kind: kind.clone(), concurrency: concurrency.clone() }
    }
}

/// What a limit counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// Tasks of a kind.
    Kind(KindName),
    /// Tasks with a concurrency key.
    Key(String),
}

/// What requests share that one pending task may stand for: another kind of work, or the same about something else, is
/// another task whatever its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::domain) struct Likeness {
    key: String,
    kind: KindName,
    subject: Subject,
}

impl Likeness {
    /// What a request shares; none when it has no unique key.
    pub(in crate::domain) fn of(spec: &TaskSpec) -> Option<Self> {
        let key = spec.unique.clone()?;
        Some(Self { key, kind: spec.kind.clone(), subject: spec.subject })
    }
}

/// Whose tasks stand in one row behind each other: those of an issue, and those of one kind about the repository.
pub(super) fn row(spec: &TaskSpec) -> Row {
    (spec.subject, super::is_shared(spec.subject).then(|| spec.kind.clone()))
}

type Row = (Subject, Option<KindName>);
/// A time, and a place in the log by which tasks of the same time differ.
type When = (Timestamp, Sequence);

/// Ids by what decisions ask for. A set or a count that would be empty is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// The time up to which the log is folded.
    now: Timestamp,
    /// Pending tasks that wait for no task, fact or time, in their turn.
    pub(super) ready: BTreeMap<Lane, BTreeMap<Turn, TaskId>>,
    /// The first task's turn of each of these lanes.
    pub(super) heads: BTreeSet<(Turn, Lane)>,
    /// Pending tasks that wait for nothing but a time.
    pub(super) timed: BTreeMap<When, TaskId>,
    /// Pending tasks by the time at which they must have begun.
    pub(super) deadlines: BTreeSet<(Timestamp, TaskId)>,
    /// Running tasks.
    pub(super) running: BTreeSet<TaskId>,
    /// Their numbers.
    pub(super) slots: BTreeMap<Slot, usize>,
    /// The one that runs of each kind on each issue and pull request.
    pub(super) beside: BTreeMap<(Subject, KindName), TaskId>,
    /// How many unfinished tasks stand in each row.
    pub(super) unfinished: BTreeMap<Row, u32>,
    /// Pending tasks of each unique key, kind and subject.
    pub(super) keys: BTreeMap<Likeness, BTreeSet<TaskId>>,
    /// Pending, failed and cancelled tasks that need each task.
    pub(super) dependants: BTreeMap<TaskId, BTreeSet<TaskId>>,
    /// Pending tasks that wait for each fact.
    pub(super) awaiting: BTreeMap<Fact, BTreeSet<TaskId>>,
    /// Failed tasks, by when.
    pub(super) dead: BTreeMap<When, TaskId>,
    /// Completed and cancelled tasks, by when.
    pub(super) finished: BTreeMap<When, TaskId>,
}

impl Index {
    pub(super) fn add(&mut self, task: &Task) {
        if !task.status.is_final() {
            *self.unfinished.entry(row(&task.spec)).or_default() += 1;
        }
        if Self::has_needs(task) {
            for needed in &task.needs {
                self.dependants.entry(needed.clone()).or_default().insert(task.id.clone());
            }
        }
        match &task.status {
            Status::Pending { not_before, .. } => {
                self.add_pending(task);
                if !(task.needs.is_empty() && task.awaits.is_empty()) {
                    return;
                }
                match not_before {
                    Some(at) if *at > self.now => {
                        self.timed.insert((*at, task.enqueued), task.id.clone());
                    }
                    _ => self.add_ready(task),
                }
            }
            Status::Running { .. } => {
                self.running.insert(task.id.clone());
                for slot in slots(task) {
                    *self.slots.entry(slot).or_default() += 1;
                }
                if !super::is_shared(task.spec.subject) {
                    self.beside.insert((task.spec.subject, task.spec.kind.clone()), task.id.clone());
                }
            }
            ended => {
                let (ended, place) = self.ended(ended, task);
                ended.insert(place, task.id.clone());
            }
        }
    }

    fn add_pending(&mut self, task: &Task) {
        let id = &task.id;
        if let Some(likeness) = Likeness::of(&task.spec) {
            self.keys.entry(likeness).or_default().insert(id.clone());
        }
        if let Some(deadline) = task.spec.deadline {
            self.deadlines.insert((deadline, id.clone()));
        }
        for fact in &task.awaits {
            self.awaiting.entry(*fact).or_default().insert(id.clone());
        }
    }

    /// Whether a task still needs others: one that failed or was called off does, for the day it is revived.
    fn has_needs(task: &Task) -> bool {
        matches!(task.status, Status::Pending { .. } | Status::Failed { .. } | Status::Cancelled { .. })
    }

    fn add_ready(&mut self, task: &Task) {
        let (lane, turn) = (Lane::of(task), task.turn());
        let tasks = self.ready.entry(lane.clone()).or_default();
        match tasks.first_key_value().map(|(first, _)| *first) {
            Some(first) if first <= turn => {}
            Some(first) => {
                self.heads.remove(&(first, lane.clone()));
                self.heads.insert((turn, lane));
            }
            None => {
                self.heads.insert((turn, lane));
            }
        }
        tasks.insert(turn, task.id.clone());
    }

    pub(super) fn drop(&mut self, task: &Task) {
        if !task.status.is_final() {
            lower(&mut self.unfinished, &row(&task.spec));
        }
        if Self::has_needs(task) {
            for needed in &task.needs {
                take(&mut self.dependants, needed, &task.id);
            }
        }
        match &task.status {
            Status::Pending { not_before, .. } => {
                self.drop_pending(task);
                if !(task.needs.is_empty() && task.awaits.is_empty()) {
                    return;
                }
                match not_before {
                    Some(at) if *at > self.now => {
                        self.timed.remove(&(*at, task.enqueued));
                    }
                    _ => self.drop_ready(task),
                }
            }
            Status::Running { .. } => {
                self.running.remove(&task.id);
                for slot in slots(task) {
                    lower(&mut self.slots, &slot);
                }
                self.beside.remove(&(task.spec.subject, task.spec.kind.clone()));
            }
            ended => {
                let (ended, place) = self.ended(ended, task);
                ended.remove(&place);
            }
        }
    }

    fn drop_pending(&mut self, task: &Task) {
        if let Some(likeness) = Likeness::of(&task.spec) {
            take(&mut self.keys, &likeness, &task.id);
        }
        if let Some(deadline) = task.spec.deadline {
            self.deadlines.remove(&(deadline, task.id.clone()));
        }
        for fact in &task.awaits {
            take(&mut self.awaiting, fact, &task.id);
        }
    }

    fn drop_ready(&mut self, task: &Task) {
        let (lane, turn) = (Lane::of(task), task.turn());
        let Some(tasks) = self.ready.get_mut(&lane) else { return };
        tasks.remove(&turn);
        let next = tasks.first_key_value().map(|(next, _)| *next);
        if next.is_none() {
            self.ready.remove(&lane);
        }
        if self.heads.remove(&(turn, lane.clone()))
            && let Some(next) = next
        {
            self.heads.insert((next, lane));
        }
    }

    fn ended(&mut self, status: &Status, task: &Task) -> (&mut BTreeMap<When, TaskId>, When) {
        match status.ending() {
            Some((Ending::Failed, at)) => (&mut self.dead, (at, task.enqueued)),
            ending => (&mut self.finished, (ending.map_or(self.now, |(_, at)| at), task.enqueued)),
        }
    }

    /// Takes the tasks whose time has come out of `timed`, to be added anew.
    ///
    /// They are put where `drop` looks for what is not after `now`.
    pub(super) fn advance(&mut self, now: Timestamp) -> Vec<TaskId> {
        let mut due = Vec::new();
        while let Some(first) = self.timed.first_entry() {
            if first.key().0 > now {
                break;
            }
            due.push(first.remove());
        }
        self.now = self.now.max(now);
        due
    }
}

fn slots(task: &Task) -> impl Iterator<Item = Slot> + use<> {
    let key = task.spec.concurrency.clone().map(Slot::Key);
    std::iter::once(Slot::Kind(task.spec.kind.clone())).chain(key)
}

fn take<K: Ord>(sets: &mut BTreeMap<K, BTreeSet<TaskId>>, key: &K, id: &TaskId) {
    if let Some(set) = sets.get_mut(key) {
        set.remove(id);
        if set.is_empty() {
            sets.remove(key);
        }
    }
}

fn lower<K: Ord, N: Copy + PartialEq + From<u8> + std::ops::SubAssign>(counts: &mut BTreeMap<K, N>, key: &K) {
    let one = N::from(1);
    match counts.get_mut(key) {
        Some(count) if *count != one => *count -= one,
        Some(_) => {
            counts.remove(key);
        }
        None => {}
    }
}
