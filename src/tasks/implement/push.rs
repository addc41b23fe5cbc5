//! Pushes the commit of a change on a branch of its own, once.

use crate::domain::branch::{BranchName, BranchTemplate, Named};
use crate::domain::effect::{EffectKind, Intent};
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, EffectId};
use crate::domain::receipt;
use crate::services::git::{ProposedCommit, Pushed};
use crate::services::github::Issue;
use crate::tasks::{Announcement, Context, signed};

/// Branches tried for one issue: the plain name, then `-2`, `-3` and so on.
const BRANCHES_TRIED: u32 = 20;
/// The step that pushes.
const STEP: &str = "branch";
/// What parts the commit from the one it stands on, in the announcement.
const ON: &str = " on ";

/// Where a pushed change is.
pub(super) struct Place {
    pub(super) branch: String,
    pub(super) commit: CommitId,
    /// The commit it stands on.
    pub(super) base: CommitId,
}

/// Whether an earlier attempt announced a branch: it may be there, and is gone on with whatever others made meanwhile.
pub(super) fn is_begun(context: &Context<'_>) -> bool {
    context.journal.state().effects.contains_key(&EffectId::of(&context.task.id, STEP))
}

/// What the attempts before announced, the last of them first.
fn announced(context: &Context<'_>) -> Vec<Place> {
    let state = context.journal.state();
    let Some(effect) = state.effects.get(&EffectId::of(&context.task.id, STEP)) else { return Vec::new() };
    let intents = [&effect.intent].into_iter().chain(effect.before.iter().rev());
    let place = |intent: &Intent| {
        let branch = intent.target.strip_prefix("refs/heads/")?.to_owned();
        let (commit, base) = intent.detail.split_once(ON)?;
        Some(Place { branch, commit: CommitId::new(commit), base: CommitId::new(base) })
    };
    intents.filter_map(place).collect()
}

/// What an earlier attempt announced and really pushed. The default branch may have moved on since, and the
/// change made anew would be another commit.
async fn pushed_before(context: &Context<'_>, change: &ProposedCommit) -> Result<Option<Place>, Failure> {
    for place in announced(context) {
        let at = context.services.code.branch(&place.branch).await?;
        let is_there = match &at {
            None => false,
            Some(at) if *at == place.commit => true,
            // The branch was made, and its commit was not.
            Some(at) if *at == place.base && change.commit == place.commit => true,
            // What GitHub made of it has another name.
            Some(_) => signed::found(context, &place.branch, &place.commit).await?.is_some(),
        };
        if is_there {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

/// Pushes the commit on the first branch name that is free, or that has this very commit already. Where commits have to
/// be signed GitHub makes it, and the place names GitHub's commit.
pub(super) async fn push(
    context: &Context<'_>,
    issue: &Issue,
    change: &ProposedCommit,
    base_branch: &str,
) -> Result<Place, Failure> {
    let bad = |problem: String| {
        Failure::permanent("bad_branch_name", format!("the branch template makes no good name: {problem}"))
            .hint("Change `pull_requests.branch` in .github/automata.yml.")
    };
    let template = BranchTemplate::parse(&context.config.pull_requests.branch)
        .map_err(|problem| bad(problem.to_string()))?;
    let found = {
        let state = context.journal.state();
        let analysis = state.issues.get(&issue.number).and_then(|known| known.analysis.as_ref());
        analysis.and_then(|analysis| analysis.issue_type.as_ref()).map(|found| found.value.name())
    };
    // The log names branches for everybody to read; what is encrypted in it is not to stand in their names.
    let is_sealed = context.config.state.encryption.extent().is_anything();
    let named = Named {
        title: if is_sealed { "" } else { &issue.title },
        kind: issue.issue_type.as_deref().or(found),
        label: issue.labels.first().map(String::as_str),
    };
    let first = template.name(issue.number, &named).map_err(|problem| bad(problem.to_string()))?;
    let place = match pushed_before(context, change).await? {
        Some(place) => place,
        None => Place {
            branch: free_name(context, &first, &change.commit).await?,
            commit: change.commit.clone(),
            base: change.base.clone(),
        },
    };
    let is_signed = signed::is_wanted(context, &place.branch, base_branch).await?;
    let commit = match push_at(context, &place, change, is_signed).await {
        Err(refused) if !is_signed && signed::is_asked_for(&refused) => {
            push_at(context, &place, change, true).await?
        }
        pushed => pushed?,
    };
    Ok(Place { commit, ..place })
}

/// Pushes the commit there, or has GitHub make and sign the same; gives the commit that is there then.
async fn push_at(
    context: &Context<'_>,
    place: &Place,
    change: &ProposedCommit,
    is_signed: bool,
) -> Result<CommitId, Failure> {
    let code = &context.services.code;
    let Place { branch: name, commit: wanted, base } = place;
    if is_signed {
        // What cannot be said that way is found out before a branch is made.
        code.file_changes(change).await?;
    }
    let announcement = Announcement {
        step: STEP,
        kind: EffectKind::Branch,
        target: format!("refs/heads/{name}"),
        detail: format!("{wanted}{ON}{base}"),
    };
    let receipt = |commit: CommitId| receipt::Branch { branch: name.clone(), commit };
    let pushed = context
        .effect(
            announcement,
            // An earlier attempt may have found out by a refusal that it has to be signed.
            async || match code.branch(name).await? {
                None => Ok(None),
                Some(at) if at == *wanted => Ok(Some(receipt(at))),
                Some(_) => Ok(signed::found(context, name, wanted).await?.map(receipt)),
            },
            async || match is_signed {
                true => make_signed(context, name, change).await.map(receipt),
                false => match code.push_branch(name, None, wanted).await? {
                    Pushed::Done => Ok(receipt(wanted.clone())),
                    Pushed::Conflict(Some(at)) if at == *wanted => Ok(receipt(at)),
                    // As an attempt leaves it that was to have the commit signed and was cut off.
                    Pushed::Conflict(Some(at)) if at == change.base => Err(signed::asked_for(name)),
                    Pushed::Conflict(_) => Err(taken(name)),
                },
            },
        )
        .await?;
    Ok(pushed.commit)
}

/// Makes the branch at the commit that the change stands on, which GitHub has, and then the commit.
async fn make_signed(
    context: &Context<'_>,
    name: &str,
    change: &ProposedCommit,
) -> Result<CommitId, Failure> {
    let made = context.services.github.create_branch(name, &change.base).await?;
    if !made && context.services.code.branch(name).await?.as_ref() != Some(&change.base) {
        return Err(taken(name));
    }
    signed::make(context, name, change).await
}

fn taken(name: &str) -> Failure {
    Failure::transient("branch_taken", format!("somebody else made {name} in the same moment"))
}

async fn free_name(context: &Context<'_>, first: &BranchName, commit: &CommitId) -> Result<String, Failure> {
    for count in 1..=BRANCHES_TRIED {
        let name = if count == 1 { first.to_string() } else { format!("{first}-{count}") };
        match context.services.code.branch(&name).await? {
            None => return Ok(name),
            Some(at) if at == *commit => return Ok(name),
            Some(_) => {}
        }
    }
    Err(Failure::permanent("branch_taken", format!("{first} and {BRANCHES_TRIED} names like it are taken"))
        .hint("Delete branches of finished attempts."))
}
