//! Puts the commit of a revision on top of the pull request's branch, once and never by force.

use super::Ready;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, EffectId};
use crate::domain::receipt;
use crate::services::git::{ProposedCommit, Pushed};
use crate::tasks::{Announcement, Context, signed};

/// The step that pushes.
const STEP: &str = "commit";

/// A revision that an earlier attempt made and, where it changed something, really pushed.
pub(super) async fn made_before(context: &Context<'_>, branch: &str) -> Result<Option<Ready>, Failure> {
    let Some(ready) = context.resume::<Ready>() else { return Ok(None) };
    let Some(commit) = &ready.commit else { return Ok(Some(ready)) };
    let known: Option<receipt::Branch> = {
        let state = context.journal.state();
        let effect = state.effects.get(&EffectId::of(&context.task.id, STEP));
        effect.and_then(|effect| effect.receipt.as_ref()?.read().ok())
    };
    // Somebody may have pushed on top of it since.
    let made = match known {
        Some(known) => Some(known.commit),
        None if context.services.code.branch(branch).await?.as_ref() == Some(commit) => Some(commit.clone()),
        None if context.is_open(STEP) => signed::found(context, branch, commit).await?,
        None => None,
    };
    Ok(made.map(|made| Ready { commit: Some(made), ..ready }))
}

/// Moves the branch from `head` to `made`, or has GitHub make and sign the same; the commit that is there then. Somebody
/// else's push in the same moment wins: the next attempt begins with theirs.
pub(super) async fn commit(
    context: &Context<'_>,
    branch: &str,
    made: &ProposedCommit,
    ready: &Ready,
) -> Result<CommitId, Failure> {
    let code = &context.services.code;
    let is_signed = signed::is_wanted(context, branch, &code.default_tip().await?.branch).await?;
    // Becomes durable together with the announcement.
    context.checkpoint(80, "the revision is ready", ready)?;
    match put(context, branch, made, is_signed).await {
        Err(refused) if !is_signed && signed::is_asked_for(&refused) => {
            put(context, branch, made, true).await
        }
        put => put,
    }
}

async fn put(
    context: &Context<'_>,
    branch: &str,
    made: &ProposedCommit,
    is_signed: bool,
) -> Result<CommitId, Failure> {
    let (code, commit, head) = (&context.services.code, &made.commit, &made.base);
    let announcement = Announcement {
        step: STEP,
        kind: EffectKind::Commit,
        target: format!("refs/heads/{branch}"),
        detail: format!("{commit} on {head}"),
    };
    let receipt = |commit: CommitId| receipt::Branch { branch: branch.to_owned(), commit };
    let pushed = context
        .effect(
            announcement,
            // An earlier attempt may have found out by a refusal that it has to be signed.
            async || match code.branch(branch).await? {
                Some(at) if at == *commit => Ok(Some(receipt(at))),
                Some(at) if at != *head => Ok(signed::found(context, branch, commit).await?.map(receipt)),
                _ => Ok(None),
            },
            async || match is_signed {
                true => signed::make(context, branch, made).await.map(receipt),
                false => match code.push_branch(branch, Some(head), commit).await? {
                    Pushed::Done => Ok(receipt(commit.clone())),
                    Pushed::Conflict(Some(at)) if at == *commit => Ok(receipt(at)),
                    Pushed::Conflict(_) => Err(Failure::transient(
                        "branch_moved",
                        format!("somebody else pushed to {branch} in the same moment"),
                    )),
                },
            },
        )
        .await?;
    Ok(pushed.commit)
}
