//! Puts the commit of a revision on top of the pull request's branch, once and never by force.

use super::Ready;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, EffectId};
use crate::domain::receipt;
use crate::services::git::Pushed;
use crate::tasks::{Announcement, Context};

/// The step that pushes.
const STEP: &str = "commit";

/// A revision that an earlier attempt made and, where it changed something, really pushed.
pub(super) async fn made_before(context: &Context<'_>, branch: &str) -> Result<Option<Ready>, Failure> {
    let Some(ready) = context.resume::<Ready>() else { return Ok(None) };
    let Some(commit) = &ready.commit else { return Ok(Some(ready)) };
    let is_known = {
        let state = context.journal.state();
        let effect = state.effects.get(&EffectId::of(&context.task.id, STEP));
        effect.is_some_and(|effect| effect.receipt.is_some())
    };
    // Somebody may have pushed on top of it since.
    let is_there = is_known || context.services.code.branch(branch).await?.as_ref() == Some(commit);
    Ok(is_there.then_some(ready))
}

/// Moves the branch from `head` to `commit`. Somebody else's push in the same moment wins: the next attempt begins
/// with theirs.
pub(super) async fn commit(
    context: &Context<'_>,
    branch: &str,
    head: &CommitId,
    commit: &CommitId,
    ready: &Ready,
) -> Result<(), Failure> {
    let code = &context.services.code;
    // Becomes durable together with the announcement.
    context.checkpoint(80, "the revision is ready", ready)?;
    let announcement = Announcement {
        step: STEP,
        kind: EffectKind::Commit,
        target: format!("refs/heads/{branch}"),
        detail: format!("{commit} on {head}"),
    };
    let receipt = || receipt::Branch { branch: branch.to_owned(), commit: commit.clone() };
    context
        .effect(
            announcement,
            async || Ok((code.branch(branch).await?.as_ref() == Some(commit)).then(receipt)),
            async || match code.push_branch(branch, Some(head), commit).await? {
                Pushed::Done => Ok(receipt()),
                Pushed::Conflict(Some(at)) if at == *commit => Ok(receipt()),
                Pushed::Conflict(_) => Err(Failure::transient(
                    "branch_moved",
                    format!("somebody else pushed to {branch} in the same moment"),
                )),
            },
        )
        .await
        .map(drop)
}
