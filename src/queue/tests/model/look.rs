//! What the reference says of a state: what to claim, and where a state differs from it.

use std::collections::BTreeSet;

use super::{Entry, Model, Place};
use crate::domain::fact::Fact;
use crate::domain::id::TaskId;
use crate::domain::state::State;
use crate::domain::story::MINUTE;
use crate::domain::subject::Subject;
use crate::domain::task::Status;
use crate::domain::time::Timestamp;

impl Model {
    /// What to claim now: again and again the best that is ready and not beside another of its sort.
    pub(in crate::queue::tests) fn plan(&self, now: Timestamp, most: usize) -> Vec<&TaskId> {
        let mut ready: Vec<&Entry> = self.tasks.iter().filter(|task| self.is_ready(task, now)).collect();
        let mut shares = self.shares.clone();
        let mut planned: Vec<&TaskId> = Vec::new();
        while planned.len() < most {
            // Milliseconds of waiting, with a minute for each point of priority, less what the row owes.
            let weight = |task: &Entry| {
                let begins = task.spec.not_before.unwrap_or(task.since).max(task.since);
                let owes = shares.get(&task.row()).map_or(0, |until| until.as_millis() - now.as_millis());
                let waited = now.as_millis() - begins.as_millis();
                waited + 60_000 * i64::from(task.spec.priority.value()) - owes.max(0)
            };
            // The first of the best: `max_by_key` would give the last.
            let Some(best) = ready.iter().map(|task| weight(task)).max() else { break };
            let Some(at) = ready.iter().position(|task| weight(task) == best) else { break };
            let chosen = ready.remove(at);
            planned.push(&chosen.id);
            let share = shares.entry(chosen.row()).or_insert(now);
            *share = (*share).max(now).plus(MINUTE).min(now.plus(100 * MINUTE));
            ready.retain(|task| {
                let same_key =
                    task.spec.concurrency.is_some() && task.spec.concurrency == chosen.spec.concurrency;
                let same_work = task.spec.subject != Subject::Repository
                    && (&task.spec.kind, task.spec.subject) == (&chosen.spec.kind, chosen.spec.subject);
                !same_key && !same_work
            });
        }
        planned
    }

    /// The first difference between this and a state, in words.
    pub(in crate::queue::tests) fn difference(&self, state: &State) -> Option<String> {
        if self.tasks.len() != state.tasks.len() {
            return Some(format!("{} tasks and not {}", state.tasks.len(), self.tasks.len()));
        }
        self.tasks.iter().find_map(|task| {
            let Some(found) = state.tasks.get(&task.id) else {
                return Some(format!("{} is missing", task.id));
            };
            let place = match &found.status {
                Status::Pending { not_before, .. } => Place::Pending(*not_before),
                Status::Running { lease } => Place::Running(lease.number, lease.run.clone()),
                Status::Completed { .. } => Place::Completed,
                Status::Failed { .. } => Place::Failed,
                Status::Cancelled { .. } => Place::Cancelled,
            };
            let needs: BTreeSet<&TaskId> = task.needs.iter().collect();
            let awaits: BTreeSet<&Fact> = task.awaits.iter().collect();
            let same = place == task.place
                && found.spec == task.spec
                && found.needs.iter().collect::<BTreeSet<_>>() == needs
                && found.awaits.iter().collect::<BTreeSet<_>>() == awaits
                && (found.attempts, found.given_back, found.leases)
                    == (task.attempts, task.given_back, task.leases);
            (!same).then(|| format!("{} is another: {found:?}, and not {:?} {needs:?}", task.id, task.place))
        })
    }
}
