//! The tasks in view, and what must be found without looking at each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::id::{Sequence, TaskId};
use super::subject::Subject;
use super::task::{Status, Task};
use super::time::Timestamp;

/// Tasks by id. Reads like the map it holds; every change keeps the indexes true. Only the map is stored
/// and compared: the indexes follow from it.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    by_id: BTreeMap<TaskId, Task>,
    index: Index,
}

/// Ids by what decisions ask for. A set that would be empty is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Index {
    /// Pending tasks in their turn.
    pending: BTreeMap<(Timestamp, Sequence), TaskId>,
    /// Running tasks of each issue and pull request.
    running: BTreeMap<Subject, BTreeSet<TaskId>>,
    /// Pending tasks of each unique key.
    keys: BTreeMap<String, BTreeSet<TaskId>>,
    /// Pending tasks that depend on each task.
    dependants: BTreeMap<TaskId, BTreeSet<TaskId>>,
}

impl Tasks {
    /// Pending tasks, the one whose turn is next first, ready or not.
    pub fn pending(&self) -> impl Iterator<Item = &Task> {
        self.index.pending.values().filter_map(|id| self.by_id.get(id))
    }

    /// Running tasks about an issue or a pull request, by id; none for the repository as a whole, where
    /// nobody asks.
    pub(super) fn running_on(&self, subject: Subject) -> impl Iterator<Item = &Task> {
        self.found(self.index.running.get(&subject))
    }

    /// Pending tasks with a unique key, by id.
    pub(super) fn pending_with_key(&self, key: &str) -> impl Iterator<Item = &Task> {
        self.found(self.index.keys.get(key))
    }

    /// Pending tasks that depend on `id` directly, by id.
    pub(super) fn dependants(&self, id: &TaskId) -> impl Iterator<Item = &Task> {
        self.found(self.index.dependants.get(id))
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

    /// Gives a task another status, and changes what goes with it. Nothing when it is not there.
    pub(super) fn change(&mut self, id: &TaskId, status: Status, also: impl FnOnce(&mut Task)) {
        let Some(task) = self.by_id.get_mut(id) else { return };
        self.index.drop(task);
        task.status = status;
        also(task);
        self.index.add(task);
    }

    /// Keeps the tasks for which `keep` holds.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Task) -> bool) {
        let index = &mut self.index;
        self.by_id.retain(|_, task| {
            let kept = keep(task);
            if !kept {
                index.drop(task);
            }
            kept
        });
    }
}

impl Index {
    fn add(&mut self, task: &Task) {
        match &task.status {
            Status::Running { .. } if task.spec.subject != Subject::Repository => {
                self.running.entry(task.spec.subject).or_default().insert(task.id.clone());
            }
            Status::Pending { .. } => {
                self.pending.insert(task.turn(), task.id.clone());
                if let Some(key) = &task.spec.unique {
                    self.keys.entry(key.clone()).or_default().insert(task.id.clone());
                }
                for needed in &task.spec.depends_on {
                    self.dependants.entry(needed.clone()).or_default().insert(task.id.clone());
                }
            }
            _ => {}
        }
    }

    fn drop(&mut self, task: &Task) {
        match &task.status {
            Status::Running { .. } => take(&mut self.running, &task.spec.subject, &task.id),
            Status::Pending { .. } => {
                self.pending.remove(&task.turn());
                if let Some(key) = &task.spec.unique {
                    take(&mut self.keys, key, &task.id);
                }
                for needed in &task.spec.depends_on {
                    take(&mut self.dependants, needed, &task.id);
                }
            }
            _ => {}
        }
    }
}

fn take<K: Ord>(sets: &mut BTreeMap<K, BTreeSet<TaskId>>, key: &K, id: &TaskId) {
    if let Some(set) = sets.get_mut(key) {
        set.remove(id);
        if set.is_empty() {
            sets.remove(key);
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
                let anew: Tasks = walk.state.tasks.values().cloned().collect();
                prop_assert_eq!(&walk.state.tasks.index, &anew.index);
            }
        }
    }
}
