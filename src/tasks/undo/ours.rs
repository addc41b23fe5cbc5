//! Whether all that a branch has on top of our first commit is our own as well.

use super::Scene;
use crate::domain::effect::EffectKind;
use crate::domain::id::CommitId;
use crate::domain::receipt;
use crate::domain::state::State;

/// A commit of ours on top of another one.
pub(super) struct Above {
    pushed: receipt::Branch,
    on: CommitId,
}

/// Commits that we pushed after a review or to bring a base in.
pub(super) fn commits(state: &State) -> Vec<Above> {
    let commits = state.effects.values().filter(|effect| effect.intent.kind == EffectKind::Commit);
    let above = commits.filter_map(|effect| {
        let pushed = effect.receipt.as_ref()?.read().ok()?;
        // Announced as what goes there `on` what it stands on.
        let (_, on) = effect.intent.detail.rsplit_once(" on ")?;
        Some(Above { pushed, on: CommitId::new(on) })
    });
    above.collect()
}

impl Scene<'_> {
    /// Whether we put `head` there: it is the `first` commit, or one that we pushed after a review or to bring the base
    /// in, on top of one that is ours in turn. A person's commit below one of ours is a person's.
    pub(super) fn is_ours(&self, branch: &str, first: &CommitId, head: &CommitId) -> bool {
        let mut left: Vec<&Above> =
            self.commits.iter().filter(|above| above.pushed.branch == branch).collect();
        let mut at = head;
        while at != first {
            // Each once: what goes round in a circle is no history.
            let Some(place) = left.iter().position(|above| above.pushed.commit == *at) else { return false };
            at = &left.swap_remove(place).on;
        }
        true
    }
}
