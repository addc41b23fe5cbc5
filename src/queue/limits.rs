//! How much may run at once: in all runs together, and in this one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::caps::Caps;
use crate::domain::id::{AssistantName, KindName, RunId, TaskId};
use crate::domain::room::Room;
use crate::domain::spending::Spend;
use crate::domain::task::Task;

use super::shard::Shard;

/// How many tasks with the same concurrency key run at once when nothing is said: the key is a lock.
const KEY_LIMIT: usize = 1;

/// The limits that the configuration and the task kinds set. Nothing set: no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Tasks of all kinds at once, in all runs together.
    pub overall: Option<usize>,
    /// Tasks of a kind at once, in all runs together.
    pub kinds: BTreeMap<KindName, usize>,
    /// Tasks with a concurrency key at once, in all runs together; one where nothing is said.
    pub keys: BTreeMap<String, usize>,
    /// What a task of a kind asks of outside services.
    pub spends: BTreeMap<KindName, Vec<Spend>>,
    /// Kinds that keep a processor busy rather than wait for the network.
    pub heavy: BTreeSet<KindName>,
    /// How much may be begun in a day and in a run.
    pub caps: Arc<Caps>,
    /// The run that takes tasks; none where nobody is to.
    pub run: Option<RunId>,
    /// The assistants that may be asked for a change, but for the one that only looks for a patch.
    pub assistants: Arc<[AssistantName]>,
    /// The part of the queue that this run works on; none: all of it.
    pub shard: Option<Shard>,
    /// The only tasks that this run works on; none: all.
    pub only: Option<BTreeSet<TaskId>>,
}

impl Limits {
    /// The room there may be for a task.
    #[must_use]
    pub fn room(&self, task: &Task) -> Room {
        let kind = &task.spec.kind;
        let of_key = |key: &String| self.keys.get(key).copied().unwrap_or(KEY_LIMIT);
        Room {
            overall: self.overall,
            kind: self.kinds.get(kind).copied(),
            key: task.spec.concurrency.as_ref().map(of_key),
            spends: self.spends.get(kind).cloned().unwrap_or_default(),
            caps: Arc::clone(&self.caps),
            run: self.run.clone(),
            assistants: Arc::clone(&self.assistants),
        }
    }

    pub(super) fn is_heavy(&self, task: &Task) -> bool {
        self.heavy.contains(&task.spec.kind)
    }

    pub(super) fn is_ours(&self, task: &Task) -> bool {
        let is_meant = |only: &BTreeSet<TaskId>| only.contains(&task.id);
        self.shard.is_none_or(|shard| shard.holds(task)) && self.only.as_ref().is_none_or(is_meant)
    }
}

/// How many more tasks this run can work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hands {
    /// Tasks of any sort.
    pub all: usize,
    /// Of these, tasks that keep a processor busy.
    pub heavy: usize,
}

impl Hands {
    /// So many for any sort of task.
    #[must_use]
    pub const fn of(all: usize) -> Self {
        Self { all, heavy: all }
    }

    pub(super) const fn are_full(self) -> bool {
        self.all == 0
    }

    pub(super) fn free_for(self, heavy: bool) -> usize {
        if heavy { self.heavy.min(self.all) } else { self.all }
    }

    /// Puts one to work.
    pub fn take(&mut self, heavy: bool) {
        self.all = self.all.saturating_sub(1);
        self.heavy = self.heavy.saturating_sub(usize::from(heavy));
    }
}
