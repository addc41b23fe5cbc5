//! What an earlier undoing has settled: there is nothing left to take back of it.

use serde::de::DeserializeOwned;

use super::{Part, part_of};
use crate::domain::effect::{Effect, EffectKind};
use crate::domain::input::{self, Undo, Undone};
use crate::domain::receipt;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::{Status, Task};

/// An undoing that was completed.
pub(super) struct Undoing<'a> {
    task: &'a Task,
    /// What it was to take back; none for all of it.
    part: Option<Part>,
    /// Whether it left nothing as it was.
    is_whole: bool,
    effects: Vec<&'a Effect>,
}

/// Undoings about the subject that were completed.
pub(super) fn earlier(state: &State, subject: Subject) -> Vec<Undoing<'_>> {
    let of_kind = |task: &&Task| task.spec.kind.as_str() == input::UNDO && task.spec.subject == subject;
    state.tasks.values().filter(of_kind).filter_map(|task| undoing(state, task)).collect()
}

fn undoing<'a>(state: &'a State, task: &'a Task) -> Option<Undoing<'a>> {
    let Status::Completed { output, .. } = &task.status else { return None };
    let wanted: Undo = task.spec.input.read().ok()?;
    let part = part_of(state, task.spec.subject, wanted.what.as_deref()).ok()?;
    let is_whole = output.read::<Undone>().is_ok_and(|undone| undone.left.is_empty());
    let effects = state.effects.values().filter(|effect| effect.intent.task == task.id).collect();
    Some(Undoing { task, part, is_whole, effects })
}

impl Undoing<'_> {
    /// Whether nothing of the effect is left to take back: it was looked at and nothing was left, or it was reversed.
    pub(super) fn settled(&self, effect: &Effect, task: &Task) -> bool {
        if task.enqueued > self.task.enqueued || self.part.as_ref().is_some_and(|part| !part.holds(effect)) {
            return false;
        }
        // What happened after the look was not seen by it.
        let was_seen = task.status.ending().is_some_and(|(_, at)| at <= self.task.enqueued_at);
        (self.is_whole && was_seen) || self.has_reversed(effect)
    }

    fn has_reversed(&self, effect: &Effect) -> bool {
        match effect.intent.kind {
            EffectKind::Labels => self.any(effect, |done: &receipt::Labels, taken: &receipt::Labels| {
                is_within(&done.added, &taken.removed) && is_within(&done.removed, &taken.added)
            }),
            EffectKind::Assignees => {
                self.any(effect, |done: &receipt::Assignees, taken: &receipt::Assignees| {
                    is_within(&done.added, &taken.removed) && is_within(&done.removed, &taken.added)
                })
            }
            EffectKind::Issue => self.any(effect, |done: &receipt::Issue, taken: &receipt::Issue| {
                (done.milestone.is_none() || taken.unplanned)
                    && (done.issue_type.is_none() || taken.cleared)
                    && (!done.closed || taken.reopened)
            }),
            EffectKind::PullRequest => self
                .any(effect, |done: &receipt::PullRequest, taken: &receipt::Closed| {
                    done.number == taken.closed
                }),
            EffectKind::Branch => self
                .any(effect, |done: &receipt::Branch, taken: &receipt::Branch| done.branch == taken.branch),
            EffectKind::Field => self.any(effect, |done: &receipt::Field, taken: &receipt::Field| {
                done.set.is_none() || done.set == taken.taken_back
            }),
            EffectKind::Reviewers => {
                self.any(effect, |done: &receipt::Reviewers, taken: &receipt::Reviewers| {
                    is_within(&done.asked, &taken.removed)
                })
            }
            EffectKind::Commit
            | EffectKind::Answers
            | EffectKind::Merge
            | EffectKind::Comment
            | EffectKind::Assistant
            | EffectKind::DriveFile
            | EffectKind::DriveFolder
            | EffectKind::DriveShares
            | EffectKind::DriveIssue
            | EffectKind::DriveAccess
            | EffectKind::DriveItem
            | EffectKind::DriveLinks
            | EffectKind::DriveTree
            | EffectKind::Slack
            | EffectKind::Webhook
            | EffectKind::CheckRun
            | EffectKind::Reaction
            | EffectKind::Program => false,
        }
    }

    /// Whether some effect of this undoing, of the same kind, is the reverse of that one.
    fn any<D: DeserializeOwned, T: DeserializeOwned>(
        &self,
        effect: &Effect,
        is_reverse: impl Fn(&D, &T) -> bool,
    ) -> bool {
        let Some(done) = effect.receipt.as_ref().and_then(|done| done.read().ok()) else { return false };
        let of_kind = self.effects.iter().filter(|taken| taken.intent.kind == effect.intent.kind);
        let mut receipts = of_kind.filter_map(|taken| taken.receipt.as_ref()?.read().ok());
        receipts.any(|taken| is_reverse(&done, &taken))
    }
}

fn is_within<T: PartialEq>(these: &[T], those: &[T]) -> bool {
    these.iter().all(|one| those.contains(one))
}
