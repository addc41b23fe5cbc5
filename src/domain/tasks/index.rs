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

/// Tasks that stand in one row, by nothing but their turns: those of an issue, and those of one kind about the
/// repository. Rows share what runs there are, each taking a task in its turn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    subject: Subject,
    kind: Option<KindName>,
}

impl Row {
    /// The row in which such a task stands.
    #[must_use]
    pub fn of(spec: &TaskSpec) -> Self {
        Self::with(spec.subject, &spec.kind)
    }

    fn with(subject: Subject, kind: &KindName) -> Self {
        Self { subject, kind: super::is_shared(subject).then(|| kind.clone()) }
    }
}

/// A time, and a place in the log by which tasks of the same time differ.
type When = (Timestamp, Sequence);

/// Ids by what decisions ask for. A set or a count that would be empty is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// The time up to which the log is folded.
    now: Timestamp,
    /// Pending tasks that wait for no task, fact or time, in their turn.
    pub(super) ready: BTreeMap<Lane, BTreeMap<Turn, TaskId>>,
    /// The first task's turn of each of these lanes, by row.
    pub(super) heads: BTreeMap<Row, BTreeSet<(Turn, Lane)>>,
    /// The first task's turn of each row that owes nothing.
    pub(super) free: BTreeSet<(Turn, Row)>,
    /// The same of each row that does, with until when it does in one sum.
    pub(super) owing: BTreeSet<(Turn, Row)>,
    /// Until when each row has had its share, by the tasks that were taken: the last of these counts.
    shares: BTreeMap<Row, BTreeSet<When>>,
    /// The same, by time.
    shares_end: BTreeSet<(When, Row)>,
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
        self.add_share(task);
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
        let first = tasks.first_key_value().map(|(first, _)| *first);
        tasks.insert(turn, task.id.clone());
        if first.is_none_or(|first| turn < first) {
            self.lead(lane, first, Some(turn));
        }
    }

    /// The first task of a lane is another one.
    fn lead(&mut self, lane: Lane, before: Option<Turn>, after: Option<Turn>) {
        let row = Row::with(lane.subject, &lane.kind);
        let owed = self.owes(&row);
        let heads = self.heads.entry(row.clone()).or_default();
        let first = heads.first().map(|(turn, _)| *turn);
        if let Some(before) = before {
            heads.remove(&(before, lane.clone()));
        }
        if let Some(after) = after {
            heads.insert((after, lane));
        }
        let next = heads.first().map(|(turn, _)| *turn);
        if next.is_none() {
            self.heads.remove(&row);
        }
        self.seat(&row, (first, owed), (next, owed));
    }

    /// A row's first task is another one, or what it owes.
    fn seat(
        &mut self,
        row: &Row,
        before: (Option<Turn>, Option<Timestamp>),
        after: (Option<Turn>, Option<Timestamp>),
    ) {
        if before == after {
            return;
        }
        match before {
            (Some(turn), None) => self.free.remove(&(turn, row.clone())),
            (Some(turn), Some(until)) => self.owing.remove(&(sum(turn, until), row.clone())),
            (None, _) => false,
        };
        match after {
            (Some(turn), None) => self.free.insert((turn, row.clone())),
            (Some(turn), Some(until)) => self.owing.insert((sum(turn, until), row.clone())),
            (None, _) => false,
        };
    }

    /// Until when a row has had its share, if that is not over.
    pub(super) fn owes(&self, row: &Row) -> Option<Timestamp> {
        self.shares.get(row)?.last().map(|(until, _)| *until)
    }

    fn add_share(&mut self, task: &Task) {
        if let Some(until) = task.share.filter(|until| *until > self.now) {
            self.change_share(Row::of(&task.spec), |index, row| {
                index.shares.entry(row.clone()).or_default().insert((until, task.enqueued));
                index.shares_end.insert(((until, task.enqueued), row.clone()));
            });
        }
    }

    fn drop_share(&mut self, task: &Task) {
        if let Some(until) = task.share.filter(|until| *until > self.now) {
            let row = Row::of(&task.spec);
            self.shares_end.remove(&((until, task.enqueued), row.clone()));
            self.change_share(row, |index, row| index.end_share(row, (until, task.enqueued)));
        }
    }

    fn end_share(&mut self, row: &Row, share: When) {
        if let Some(shares) = self.shares.get_mut(row) {
            shares.remove(&share);
            if shares.is_empty() {
                self.shares.remove(row);
            }
        }
    }

    fn change_share(&mut self, row: Row, change: impl FnOnce(&mut Self, &Row)) {
        let first = self.heads.get(&row).and_then(|heads| heads.first()).map(|(turn, _)| *turn);
        let before = self.owes(&row);
        change(self, &row);
        let after = self.owes(&row);
        self.seat(&row, (first, before), (first, after));
    }

    pub(super) fn drop(&mut self, task: &Task) {
        self.drop_share(task);
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
        let first = tasks.first_key_value().map(|(first, _)| *first);
        tasks.remove(&turn);
        let next = tasks.first_key_value().map(|(next, _)| *next);
        if next.is_none() {
            self.ready.remove(&lane);
        }
        if next != first {
            self.lead(lane, first, next);
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
        while self.shares_end.first().is_some_and(|((until, _), _)| *until <= now)
            && let Some((share, row)) = self.shares_end.pop_first()
        {
            self.change_share(row, |index, row| index.end_share(row, share));
        }
        self.now = self.now.max(now);
        due
    }
}

/// A turn with what is owed until then.
fn sum((at, place): Turn, until: Timestamp) -> Turn {
    (Timestamp::from_millis(at.as_millis().saturating_add(until.as_millis())), place)
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
