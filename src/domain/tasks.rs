//! The tasks in view, and what must be found without looking at each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::fact::Fact;
use super::feature::Feature;
use super::id::{IssueNumber, Sequence, TaskId};
use super::spec::{Ending, TaskSpec};
use super::subject::Subject;
use super::task::{MOST_OWED, POINT, Status, Task, Turn};
use super::time::Timestamp;

mod index;

use index::Index;
pub(super) use index::Likeness;
pub use index::{Lane, Row, Slot};

/// Tasks by id. Reads like the map it holds; every change keeps the indexes true. Only the map is stored
/// and compared: the indexes follow from it, and from the time up to which the log is folded.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    by_id: BTreeMap<TaskId, Task>,
    index: Index,
}

impl Tasks {
    /// Pending tasks, by the time they came and their priority, whatever they wait for.
    pub fn pending(&self) -> impl Iterator<Item = &Task> {
        self.by_id.values().filter(|task| matches!(task.status, Status::Pending { .. }))
    }

    /// Lanes of tasks that share every limit, of pending tasks that wait for no other task, no fact and no time after
    /// the last event.
    pub fn lanes(&self) -> impl Iterator<Item = &Lane> {
        self.index.ready.keys()
    }

    /// The lanes of a row, in the order of their first tasks' turns.
    pub fn lanes_of(&self, row: &Row) -> impl Iterator<Item = (Turn, &Lane)> + use<'_> {
        self.index.heads.get(row).into_iter().flatten().map(|(turn, lane)| (*turn, lane))
    }

    /// Rows that have such tasks and owe nothing by the last event, in the order of their first tasks' turns.
    pub fn free_rows(&self) -> impl Iterator<Item = (Turn, &Row)> {
        self.index.free.iter().map(|(turn, row)| (*turn, row))
    }

    /// The other rows that have such tasks, in the order of their first tasks' turns with what they owe. The time is
    /// the turn's and [`Self::owes_until`] in one sum; less the present it is that order's, as long as it is owed still.
    pub fn owing_rows(&self) -> impl Iterator<Item = (Turn, &Row)> {
        self.index.owing.iter().map(|(turn, row)| (*turn, row))
    }

    /// Until when a row has had its share, if it is after the last event.
    #[must_use]
    pub fn owes_until(&self, row: &Row) -> Option<Timestamp> {
        self.index.owes(row)
    }

    /// Until when the row of a task has had its share when the task is taken now.
    #[must_use]
    pub(super) fn share(&self, spec: &super::spec::TaskSpec, now: Timestamp) -> Timestamp {
        let owed = self.owes_until(&Row::of(spec)).map_or(now, |until| until.max(now));
        owed.plus(POINT).min(now.plus(MOST_OWED))
    }

    /// The tasks of a lane after `turn`, in their turn; all of them when there is none.
    pub fn lane(&self, lane: &Lane, after: Option<Turn>) -> Option<(Turn, &TaskId)> {
        let tasks = self.index.ready.get(lane)?;
        let next = match after {
            Some(turn) => tasks.range((std::ops::Bound::Excluded(turn), std::ops::Bound::Unbounded)).next(),
            None => tasks.first_key_value(),
        };
        next.map(|(turn, id)| (*turn, id))
    }

    /// Pending tasks that wait for nothing but a time after the last event, the earliest first.
    pub fn timed(&self) -> impl Iterator<Item = (Timestamp, &Task)> {
        let tasks = self.index.timed.iter();
        tasks.filter_map(|((at, _), id)| Some((*at, self.by_id.get(id)?)))
    }

    /// Pending tasks that must have begun by `now` and have not.
    pub fn overdue(&self, now: Timestamp) -> impl Iterator<Item = &Task> {
        let due = self.index.deadlines.iter().take_while(move |(at, _)| *at <= now);
        due.filter_map(|(_, id)| self.by_id.get(id))
    }

    /// Running tasks, by id.
    pub fn running(&self) -> impl Iterator<Item = &Task> {
        self.index.running.iter().filter_map(|id| self.by_id.get(id))
    }

    /// How many tasks run.
    #[must_use]
    pub fn running_count(&self) -> usize {
        self.index.running.len()
    }

    /// How many tasks run of a kind, or with a concurrency key.
    #[must_use]
    pub fn running_in(&self, slot: &Slot) -> usize {
        self.index.slots.get(slot).copied().unwrap_or_default()
    }

    /// A running task of the kind on an issue or a pull request; none for the repository as a whole, where as many
    /// may run as the limits allow.
    #[must_use]
    pub fn running_beside(&self, task: &Task) -> Option<&TaskId> {
        self.index.beside.get(&(task.spec.subject, task.spec.kind.clone()))
    }

    /// What pending tasks wait for outside.
    pub fn awaited(&self) -> impl Iterator<Item = Fact> {
        self.index.awaiting.keys().copied()
    }

    /// Pending tasks that wait for a fact, by id.
    pub fn awaiting(&self, fact: Fact) -> impl Iterator<Item = &Task> {
        self.found(self.index.awaiting.get(&fact))
    }

    /// Pending tasks that wait for somebody to agree to what a feature suggests on an issue or a pull request, by feature.
    pub(super) fn suggested(&self, number: IssueNumber) -> impl Iterator<Item = &Task> {
        Feature::ALL.into_iter().flat_map(move |feature| self.awaiting(Fact::Agreed(number, feature)))
    }

    /// Pending tasks of the same kind, about the same subject and with the same unique key, by id; none when there is
    /// no key.
    pub fn pending_like(&self, spec: &TaskSpec) -> impl Iterator<Item = &Task> {
        self.found(Likeness::of(spec).and_then(|likeness| self.index.keys.get(&likeness)))
    }

    /// Pending tasks that still need `id`, by id.
    pub fn dependants(&self, id: &TaskId) -> impl Iterator<Item = &Task> {
        self.needing(id).filter(|task| matches!(task.status, Status::Pending { .. }))
    }

    /// Pending tasks, and failed and cancelled ones, which can be revived, that still need `id`, by id.
    pub(super) fn needing(&self, id: &TaskId) -> impl Iterator<Item = &Task> {
        self.found(self.index.dependants.get(id))
    }

    /// Failed tasks, the one that failed first first, each with when that was and where in the log it was enqueued.
    pub(super) fn failed(&self) -> impl DoubleEndedIterator<Item = (Timestamp, Sequence, &TaskId)> {
        self.index.dead.iter().map(|((at, place), id)| (*at, *place, id))
    }

    /// As [`Tasks::failed`], completed and cancelled ones.
    pub(super) fn finished(
        &self,
    ) -> impl ExactSizeIterator<Item = (Timestamp, Sequence, &TaskId)> + DoubleEndedIterator {
        self.index.finished.iter().map(|((at, place), id)| (*at, *place, id))
    }

    fn found<'a>(&'a self, ids: Option<&'a BTreeSet<TaskId>>) -> impl Iterator<Item = &'a Task> {
        ids.into_iter().flatten().filter_map(|id| self.by_id.get(id))
    }

    /// Adds a task, in the place of one with the same id.
    pub(super) fn insert(&mut self, task: Task) {
        if let Some(before) = self.by_id.get(&task.id) {
            self.index.drop(before);
        }
        self.index.add(&task);
        self.by_id.insert(task.id.clone(), task);
    }

    /// Changes a task. Nothing when it is not there.
    pub(super) fn change(&mut self, id: &TaskId, change: impl FnOnce(&mut Task)) {
        let Some(task) = self.by_id.get_mut(id) else { return };
        self.index.drop(task);
        change(task);
        self.index.add(task);
    }

    /// A task needs another one no longer. What it still needs is not looked at: a task that waits for thousands
    /// would cost the square of them.
    pub(super) fn free(&mut self, id: &TaskId, needed: &TaskId) {
        let Some(task) = self.by_id.get_mut(id) else { return };
        if task.needs.len() < 2 {
            return self.change(id, |task| {
                task.needs.remove(needed);
            });
        }
        // Other needs are left, so that it stands where it stood.
        task.needs.remove(needed);
        if let Some(dependants) = self.index.dependants.get_mut(needed) {
            dependants.remove(id);
            if dependants.is_empty() {
                self.index.dependants.remove(needed);
            }
        }
    }

    /// Forgets a task.
    pub(super) fn remove(&mut self, id: &TaskId) {
        if let Some(task) = self.by_id.remove(id) {
            self.index.drop(&task);
        }
    }

    /// The log is folded up to this time: what was planned for it, or before, waits no longer.
    pub(super) fn advance(&mut self, now: Timestamp) {
        for id in self.index.advance(now) {
            self.change(&id, |_| {});
        }
    }
}

impl Deref for Tasks {
    type Target = BTreeMap<TaskId, Task>;

    fn deref(&self) -> &Self::Target {
        &self.by_id
    }
}

impl PartialEq for Tasks {
    fn eq(&self, other: &Self) -> bool {
        self.by_id == other.by_id
    }
}

impl FromIterator<Task> for Tasks {
    fn from_iter<I: IntoIterator<Item = Task>>(tasks: I) -> Self {
        let mut all = Self::default();
        tasks.into_iter().for_each(|task| all.insert(task));
        all
    }
}

impl Serialize for Tasks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.by_id.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Tasks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(BTreeMap::<TaskId, Task>::deserialize(deserializer)?.into_values().collect())
    }
}

/// Whether as many as the limits allow of the subject's tasks of one kind may run at once. On an issue or a pull
/// request it is one: both would edit the same comment.
pub(super) fn is_shared(subject: Subject) -> bool {
    subject == Subject::Repository
}

/// Whether a task ended otherwise than well.
pub(super) fn is_lost(task: &Task) -> bool {
    matches!(task.status.ending(), Some((Ending::Failed | Ending::Cancelled, _)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::decide::decide;
    use crate::domain::story::walk::{Walk, steps};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_indexes_are_those_that_the_tasks_alone_would_give(steps in steps(200)) {
            let mut walk = Walk::new();
            for step in &steps {
                walk.take(step, decide)?;
                let mut anew: Tasks = walk.state.tasks.values().cloned().collect();
                anew.advance(walk.state.at);
                prop_assert_eq!(&walk.state.tasks.index, &anew.index);
            }
        }
    }
}
