//! The branch on which a document is brought in: ours as long as nobody else commits to it.

use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, EffectId};
use crate::domain::receipt;
use crate::domain::trigger::OpenState;
use crate::domain::watched::DriveKey;
use crate::services::git::{ProposedCommit, Pushed};
use crate::tasks::{Announcement, Context, signed};

/// What such branches are called, before the beginning of the document's id.
const PREFIX: &str = "automata/drive-";
/// Letters of the id: enough to tell documents apart.
const LETTERS: usize = 12;
/// Branches tried for one document, from the last one that is known on: the plain name, then `-2`, `-3` and so on.
const TRIED: u32 = 20;
/// What parts the commit from the one it stands on, in the announcement.
const ON: &str = " on ";

/// Where the next commit goes.
pub(super) enum Place {
    /// Onto a new branch, from the default one.
    New {
        /// Its name.
        branch: String,
    },
    /// On top of the branch that is there.
    On {
        /// Its name.
        branch: String,
        /// Its commit, which is ours.
        commit: CommitId,
    },
}

impl Place {
    /// The commit that the next one stands on; none: the default branch's.
    pub(super) const fn base(&self) -> Option<&CommitId> {
        match self {
            Self::New { .. } => None,
            Self::On { commit, .. } => Some(commit),
        }
    }
}

/// Where the next commit goes, or why there is to be none: people have taken the branch over, or did not want it.
pub(super) async fn find(context: &Context<'_>, item: DriveKey) -> Result<Result<Place, String>, Failure> {
    let begin: String = item.as_str().chars().take(LETTERS).collect();
    let first = format!("{PREFIX}{}", begin.trim_end_matches('-'));
    let known = context.journal.state().watched.imports.get(&item).map(|known| known.branch.clone());
    // The names before the last one are done with: documents that live long have many.
    let from = known.map_or(1, |known| number(&known, &first));
    for count in from..from.saturating_add(TRIED) {
        let branch = if count == 1 { first.clone() } else { format!("{first}-{count}") };
        let Some(at) = context.services.code.branch(&branch).await? else {
            return Ok(Ok(Place::New { branch }));
        };
        let pulls = context.services.github.pull_requests_from(&branch).await?;
        let newest = pulls.first();
        if newest.is_some_and(|pull| pull.merged) {
            // What was merged is done; the branch is left to whoever cleans up.
            continue;
        }
        if newest.is_some_and(|pull| pull.state == OpenState::Closed) {
            return Ok(Err(format!(
                "its pull request was closed without being merged; delete the branch {branch} to have it brought again"
            )));
        }
        if !is_ours(context, item, &branch, &at) {
            return Ok(Err(format!("somebody else has committed to {branch}, which is left as it is")));
        }
        return Ok(Ok(Place::On { branch, commit: at }));
    }
    Err(Failure::permanent("branch_taken", format!("{first} and {TRIED} names like it are taken"))
        .hint("Delete branches that are merged."))
}

/// The number of a branch among those of its document, from 1.
fn number(branch: &str, first: &str) -> u32 {
    let number = branch.strip_prefix(first).and_then(|rest| rest.strip_prefix('-'));
    number.and_then(|number| number.parse().ok()).unwrap_or(1).max(1)
}

/// Whether a branch is at a commit of ours: one that is known, or one that an attempt announced which did not come back.
fn is_ours(context: &Context<'_>, item: DriveKey, branch: &str, at: &CommitId) -> bool {
    let state = context.journal.state();
    let is_known =
        state.watched.imports.get(&item).is_some_and(|known| known.branch == branch && known.commit == *at);
    let target = format!("refs/heads/{branch}");
    is_known
        || state.effects.values().any(|effect| {
            effect.intent.target == target
                && effect.intent.detail.split_once(ON).is_some_and(|(commit, _)| commit == at.as_str())
        })
}

/// Closes what an earlier attempt announced and really did, and of which nobody heard.
pub(super) async fn settle(context: &Context<'_>) -> Result<(), Failure> {
    for step in ["branch", "commit"] {
        if !context.is_open(step) {
            continue;
        }
        let effect = EffectId::of(&context.task.id, step);
        let Some(intent) = context.journal.state().effects.get(&effect).map(|effect| effect.intent.clone())
        else {
            continue;
        };
        let named = intent.target.strip_prefix("refs/heads/").zip(intent.detail.split_once(ON));
        let Some((branch, (commit, _))) = named else { continue };
        let commit = CommitId::new(commit);
        let at = context.services.code.branch(branch).await?;
        let found = match at.filter(|at| *at == commit) {
            Some(at) => Some(at),
            None => signed::found(context, branch, &commit).await?,
        };
        let Some(found) = found else { continue };
        let left = receipt::Branch { branch: branch.to_owned(), commit: found };
        let announcement = Announcement {
            step,
            kind: intent.kind,
            target: intent.target.clone(),
            detail: intent.detail.clone(),
        };
        let lost = || Failure::transient("branch_moved", "the branch moved in the same moment");
        context.effect(announcement, async || Ok(Some(left)), async || Err(lost())).await?;
    }
    Ok(())
}

/// Pushes the commit, once and never by force; where commits have to be signed GitHub makes it.
pub(super) async fn push(
    context: &Context<'_>,
    place: &Place,
    made: &ProposedCommit,
) -> Result<receipt::Branch, Failure> {
    let (code, commit) = (&context.services.code, &made.commit);
    let (branch, expected, step, kind) = match place {
        Place::New { branch } => (branch, None, "branch", EffectKind::Branch),
        Place::On { branch, commit } => (branch, Some(commit), "commit", EffectKind::Commit),
    };
    let is_signed = signed::is_wanted(context, branch, &code.default_tip().await?.branch).await?;
    if is_signed {
        // What cannot be said that way is found out before a branch is made.
        code.file_changes(made).await?;
    }
    let announcement = Announcement {
        step,
        kind,
        target: format!("refs/heads/{branch}"),
        detail: format!("{commit}{ON}{}", made.base),
    };
    let left = |commit: CommitId| receipt::Branch { branch: branch.clone(), commit };
    let moved =
        || Failure::transient("branch_moved", format!("somebody else pushed to {branch} in the same moment"));
    context
        .effect(
            announcement,
            async || match is_signed {
                true => Ok(signed::found(context, branch, commit).await?.map(left)),
                false => Ok(code.branch(branch).await?.filter(|at| at == commit).map(left)),
            },
            async || {
                if is_signed {
                    if expected.is_none() {
                        let is_made = context.services.github.create_branch(branch, &made.base).await?;
                        if !is_made && code.branch(branch).await?.as_ref() != Some(&made.base) {
                            return Err(moved());
                        }
                    }
                    return signed::make(context, branch, made).await.map(left);
                }
                match code.push_branch(branch, expected, commit).await? {
                    Pushed::Done => Ok(left(commit.clone())),
                    Pushed::Conflict(Some(at)) if at == *commit => Ok(left(at)),
                    Pushed::Conflict(_) => Err(moved()),
                }
            },
        )
        .await
}
