//! Brings the base into our branch: as a merge commit on top where they agree, never by force.

use super::Ours;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::CommitId;
use crate::domain::input::Tended;
use crate::domain::receipt;
use crate::services::git::{CommitSheet, Joined, Pushed};
use crate::services::github::Standing;
use crate::tasks::{Announcement, Context, signed};

/// The step that pushes the merge.
const STEP: &str = "base";

pub(super) async fn bring_in(
    context: &Context<'_>,
    ours: &Ours,
    standing: &Standing,
) -> Result<Tended, Failure> {
    let tended = Tended { base: standing.base.clone(), ..Tended::default() };
    let waits = |why: &str| Tended { waits: Some(why.to_owned()), ..tended.clone() };
    let code = &context.services.code;
    let Some(base) = code.branch(&standing.base).await? else {
        return Ok(waits("the branch that it goes to is gone"));
    };
    let sheet = CommitSheet {
        message: format!("Merge {} into {}\n", standing.base, ours.branch),
        author: ("automata".to_owned(), "automata@users.noreply.github.com".to_owned()),
        // The same at every attempt, so that the commit is the same.
        at: context.task.enqueued_at,
    };
    match code.join(&standing.head, &base, &sheet).await? {
        Joined::Conflicts(conflicts) => Ok(Tended { conflicts, ..tended }),
        Joined::Unrelated => Ok(waits("it parted from its base too long ago to be brought up to date here")),
        Joined::Nothing => Ok(waits("GitHub has not seen yet that it is up to date with its base")),
        Joined::Made(_) if signed::is_wanted(context, &ours.branch, &standing.base).await? => {
            by_github(context, ours, standing, tended).await
        }
        Joined::Made(commit) => match push(context, ours, &standing.head, &commit).await {
            Err(refused) if signed::is_asked_for(&refused) => {
                by_github(context, ours, standing, tended).await
            }
            pushed => pushed.map(|()| Tended { brought: Some(commit), ..tended }),
        },
    }
}

/// Where commits must be signed GitHub makes the same merge itself.
async fn by_github(
    context: &Context<'_>,
    ours: &Ours,
    standing: &Standing,
    tended: Tended,
) -> Result<Tended, Failure> {
    let (github, code) = (&context.services.github, &context.services.code);
    let receipt = |commit: CommitId| receipt::Branch { branch: ours.branch.clone(), commit };
    let announcement = Announcement {
        step: STEP,
        kind: EffectKind::Commit,
        target: format!("refs/heads/{}", ours.branch),
        detail: format!("{} on {}", standing.base, standing.head),
    };
    context
        .effect(
            announcement,
            // It asks for the head that it stands on, so asking twice is asking once.
            async || {
                let now = code.branch(&ours.branch).await?;
                Ok(now.filter(|now| *now != standing.head).map(receipt))
            },
            async || match github.bring_base(ours.number, &standing.head).await? {
                // It is made a moment later; where it is there already it is known to be ours.
                true => {
                    Ok(receipt(code.branch(&ours.branch).await?.unwrap_or_else(|| standing.head.clone())))
                }
                false => Err(moved(&ours.branch)),
            },
        )
        .await?;
    Ok(Tended { done: Some(format!("GitHub merges {} into it", standing.base)), ..tended })
}

async fn push(context: &Context<'_>, ours: &Ours, head: &CommitId, commit: &CommitId) -> Result<(), Failure> {
    let (code, branch) = (&context.services.code, &ours.branch);
    let announcement = Announcement {
        step: STEP,
        kind: EffectKind::Commit,
        target: format!("refs/heads/{branch}"),
        detail: format!("{commit} on {head}"),
    };
    let receipt = || receipt::Branch { branch: branch.clone(), commit: commit.clone() };
    context
        .effect(
            announcement,
            async || Ok((code.branch(branch).await?.as_ref() == Some(commit)).then(receipt)),
            async || match code.push_branch(branch, Some(head), commit).await? {
                Pushed::Done => Ok(receipt()),
                Pushed::Conflict(Some(at)) if at == *commit => Ok(receipt()),
                Pushed::Conflict(_) => Err(moved(branch)),
            },
        )
        .await
        .map(drop)
}

fn moved(branch: &str) -> Failure {
    Failure::transient("branch_moved", format!("somebody else pushed to {branch} in the same moment"))
}
