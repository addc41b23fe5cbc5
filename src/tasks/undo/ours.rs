//! Whether all that a branch has on top of our first commit is our own as well.

use std::collections::BTreeMap;

use super::Scene;
use crate::domain::effect::EffectKind;
use crate::domain::id::CommitId;
use crate::domain::receipt;

impl Scene<'_> {
    /// Whether we put `head` there: it is the `first` commit, or one that we pushed after a review or to bring the base
    /// in, on top of one that is ours in turn. A person's commit below one of ours is a person's.
    pub(super) fn is_ours(&self, branch: &str, first: &CommitId, head: &CommitId) -> bool {
        let state = self.state();
        let mut below: BTreeMap<CommitId, CommitId> = state
            .effects
            .values()
            .filter(|effect| effect.intent.kind == EffectKind::Commit)
            .filter_map(|effect| {
                let pushed: receipt::Branch = effect.receipt.as_ref()?.read().ok()?;
                // Announced as what goes there `on` what it stands on.
                let (_, on) = effect.intent.detail.rsplit_once(" on ")?;
                (pushed.branch == branch).then(|| (pushed.commit, CommitId::new(on)))
            })
            .collect();
        let mut at = head.clone();
        while at != *first {
            match below.remove(&at) {
                Some(on) => at = on,
                None => return false,
            }
        }
        true
    }
}
