//! What is long over is forgotten, so that the snapshot that every run reads stays small.

use std::time::Duration;

use super::{Remembered, State};
use crate::domain::id::{EffectId, Sequence, TaskId};
use crate::domain::time::Timestamp;

/// How long a trigger is remembered: GitHub lets people re-run a workflow for thirty days.
pub(super) const TRIGGER_MEMORY: Duration = Duration::from_secs(31 * 24 * 3600);
/// Triggers remembered at most, about 60 bytes each in the snapshot that every run reads.
pub(super) const TRIGGERS_KEPT: usize = 1_000;
/// How long a completed or cancelled task stays in view.
pub(super) const FINISHED_MEMORY: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long a dead letter can be revived: longer than a holiday.
const DEAD_LETTER_MEMORY: Duration = Duration::from_secs(60 * 24 * 3600);
/// Completed and cancelled tasks kept at most, about 500 bytes each in the snapshot that every run reads.
pub(super) const FINISHED_KEPT: usize = 200;
/// Moments at which tasks failed whose dead letters are kept at most, about 500 bytes for each letter: more than anybody
/// looks through. What failed at one moment failed together, and stays or leaves together.
pub(super) const FAILED_MOMENTS_KEPT: usize = 500;
/// How long a closed issue stays in view: late comments and similar reports come within weeks.
const CLOSED_ISSUE_MEMORY: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long it is remembered after that what a closed issue was about: a year is as far as people remember.
const REMEMBERED_MEMORY: Duration = Duration::from_secs(365 * 24 * 3600);
/// Words kept of a closed issue: the first are the most telling, and weigh the most.
const REMEMBERED_TERMS: usize = 12;
/// Closed issues remembered at most, about 130 bytes each in the snapshot that every run reads.
const REMEMBERED_KEPT: usize = 300;

impl State {
    /// Forgets what is long over. Called at fixed places of the log (see `evolve`) and by the log's own
    /// time, so that every fold forgets the same things at the same place.
    pub(in crate::domain) fn forget(&mut self) {
        let now = self.at;
        let older = |at: Timestamp, span: Duration| now.since(at) > span;

        let places = self.triggers.values().map(|seen| seen.sequence);
        let oldest_kept = nth_newest(places, TRIGGERS_KEPT);
        let is_kept = |sequence: Sequence, at: Timestamp| {
            oldest_kept.is_none_or(|oldest| sequence >= oldest) && !older(at, TRIGGER_MEMORY)
        };
        self.triggers.retain(|_, seen| is_kept(seen.sequence, seen.at));
        // As long as a second telling would be refused and no longer: after that, one records it anew.
        self.held.retain(|sequence, held| is_kept(*sequence, held.at));

        let newest = nth_newest(self.idempotency.values().map(|taken| taken.at), TRIGGERS_KEPT);
        self.idempotency.retain(|_, taken| {
            newest.is_none_or(|oldest| taken.at >= oldest) && !older(taken.at, TRIGGER_MEMORY)
        });

        self.forget_ended(now);

        let remembered = &mut self.remembered;
        self.issues.retain(|number, issue| {
            let Some(at) = issue.closed_at else { return true };
            let is_kept = !older(at.max(issue.updated_at), CLOSED_ISSUE_MEMORY);
            let terms = issue.analysis.as_ref().map(|analysis| analysis.terms.as_slice()).unwrap_or_default();
            if !is_kept && !terms.is_empty() {
                let terms = terms.iter().take(REMEMBERED_TERMS).cloned().collect();
                remembered.insert(*number, Remembered { closed_at: at, terms });
            }
            is_kept
        });
        let newest = nth_newest(self.remembered.values().map(|issue| issue.closed_at), REMEMBERED_KEPT);
        self.remembered.retain(|_, issue| {
            newest.is_none_or(|oldest| issue.closed_at >= oldest)
                && !older(issue.closed_at, REMEMBERED_MEMORY)
        });
    }

    /// Forgets tasks that ended long ago. Completed and cancelled ones must not push dead letters out, which somebody
    /// still has to see; and what another one that can be revived still needs stays as long as that one.
    fn forget_ended(&mut self, now: Timestamp) {
        let surplus = self.tasks.finished().count().saturating_sub(FINISHED_KEPT);
        let finished = self
            .tasks
            .finished()
            .enumerate()
            .filter(|(place, (at, ..))| *place < surplus || now.since(*at) > FINISHED_MEMORY);
        let oldest_kept = nth_moment(self.tasks.failed().rev().map(|(at, ..)| at), FAILED_MOMENTS_KEPT);
        let failed = self.tasks.failed().filter(|(at, ..)| {
            oldest_kept.is_some_and(|oldest| *at < oldest) || now.since(*at) > DEAD_LETTER_MEMORY
        });
        let over = finished.map(|(_, ended)| ended).chain(failed);
        let mut over: Vec<(Sequence, TaskId)> = over.map(|(_, place, id)| (place, id.clone())).collect();
        // What needs another was enqueued after it, and leaves before it.
        over.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
        for (_, id) in over {
            if self.tasks.needing(&id).next().is_none() {
                self.tasks.remove(&id);
                self.forget_effects(&id);
            }
        }
    }

    /// Forgets the effects of a task that is forgotten.
    fn forget_effects(&mut self, task: &TaskId) {
        let ids: Vec<EffectId> = self.effects_of(task).map(|effect| effect.intent.effect.clone()).collect();
        for id in ids {
            self.effects.remove(&id);
        }
    }
}

/// The `count`th moment of these, which come newest first; none when there are fewer.
pub(super) fn nth_moment(times: impl Iterator<Item = Timestamp>, count: usize) -> Option<Timestamp> {
    let (mut moments, mut last) = (0, None);
    for at in times {
        if last.replace(at) != Some(at) {
            moments += 1;
        }
        if moments == count {
            return Some(at);
        }
    }
    None
}

/// The `count`th of these, newest first; none when there are fewer.
fn nth_newest<P: Ord + Copy>(places: impl Iterator<Item = P>, count: usize) -> Option<P> {
    let mut places: Vec<P> = places.collect();
    if places.len() <= count {
        return None;
    }
    let (_, nth, _) = places.select_nth_unstable_by(count - 1, |a, b| b.cmp(a));
    Some(*nth)
}
