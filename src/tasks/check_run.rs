//! Task kind `check_run`: keeps our check on a pull request of ours up to date, changed in place.

use std::cell::Cell;

use super::{Announcement, Context, Done, told_before};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, IssueNumber};
use crate::domain::receipt;
use crate::report::own_check::{self, OwnCheck, Says};
use crate::services::github::{CheckState, WrittenCheck};

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let ended = tell(context).await;
    told_before::or_noted(context, ended)
}

async fn tell(context: &Context<'_>) -> Result<Done, Failure> {
    let pull = context.issue()?;
    if !context.config.pull_requests.check_run {
        return Done::note("the configuration wants no check any more", Vec::new());
    }
    let (issue, known) = {
        let state = context.journal.state();
        let issue = state.issue_of_our_pull(pull);
        (issue, issue.and_then(|issue| state.issues.get(&issue)?.check.clone()))
    };
    let Some((issue, check)) = issue.and_then(|issue| Some((issue, present(context, issue)?))) else {
        return Done::note("the pull request is not one of ours", Vec::new());
    };
    let github = &context.services.github;
    let Some(commit) = github.pull_state(pull).await?.and_then(|pull| pull.head_commit) else {
        return Done::note("the pull request is gone, or the forge keeps no commits", Vec::new());
    };
    // A check on an earlier commit stays as it was: it is about that commit.
    let known = known.filter(|known| known.commit == commit);
    let step = format!("check_run-{}", check.digest());
    if known.as_ref().is_some_and(|known| known.digest == check.digest()) && !context.is_open(&step) {
        return Done::note("the check says so already", Vec::new());
    }
    let announcement = Announcement {
        step: &step,
        kind: EffectKind::CheckRun,
        target: context.task.spec.subject.to_string(),
        detail: format!("{} on {commit}", check.says.name()),
    };
    let found = Cell::new(None);
    let external = external_id(pull);
    let probe = async || {
        found.set(github.own_check(&commit, &external).await?);
        // Writing it again makes it say so and changes nothing else.
        Ok(None)
    };
    let act = async || {
        let present = present(context, issue).unwrap_or_else(|| check.clone());
        let id = known.as_ref().map(|known| known.id).or(found.get());
        write(context, &commit, &external, id, &present).await
    };
    let done: receipt::CheckRun = context.effect(announcement, probe, act).await?;
    Done::with(&done, Vec::new())
}

/// Changes the check that is known, or makes one.
async fn write(
    context: &Context<'_>,
    commit: &CommitId,
    external: &str,
    id: Option<u64>,
    check: &OwnCheck,
) -> Result<receipt::CheckRun, Failure> {
    let github = &context.services.github;
    let written = WrittenCheck {
        external_id: external.to_owned(),
        state: match check.says {
            Says::InProgress => CheckState::InProgress,
            Says::Success => CheckState::Success,
            Says::Neutral => CheckState::Neutral,
            Says::Failure => CheckState::Failure,
        },
        title: check.title.clone(),
        summary: check.summary.clone(),
    };
    let changed = match id {
        Some(id) => github.change_check(id, &written).await?,
        None => None,
    };
    let id = match changed {
        Some(id) => id,
        None => github.create_check(commit, &written).await?,
    };
    let (says, digest) = (check.says.name().to_owned(), check.digest());
    Ok(receipt::CheckRun { id, commit: commit.clone(), says, digest })
}

/// By which our check is found again.
fn external_id(pull: IssueNumber) -> String {
    format!("automata:pull/{pull}")
}

/// The check as it is to be now.
fn present(context: &Context<'_>, issue: IssueNumber) -> Option<OwnCheck> {
    own_check::of(&context.journal.state(), issue)
}
