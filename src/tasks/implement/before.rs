//! What was made before: one request, and one change, lead to one pull request while that is open.

use std::collections::BTreeSet;

use crate::config::PullRequestMode;
use crate::domain::failure::Failure;
use crate::domain::fenced::fenced_patches;
use crate::domain::id::IssueNumber;
use crate::domain::input::{self, MadeBefore};
use crate::domain::state::State;
use crate::domain::task::{Status, Task};
use crate::domain::trigger::OpenState;
use crate::services::assistant::TrustedText;
use crate::tasks::Context;

/// The name of the assistant that takes what people posted.
const PATCH: &str = "patch";

/// Whether the change is there to be taken: then it is compared, and not the request, whose text may have been edited.
pub(super) fn is_patch_at_hand(context: &Context<'_>, texts: &[TrustedText], from: Option<&str>) -> bool {
    let takes_it = |name: &str| name == PATCH && from.is_none_or(|from| from == PATCH);
    context.services.assistants.iter().any(|assistant| takes_it(assistant.name()))
        && texts.iter().any(|text| !fenced_patches(&text.body).is_empty())
}

/// What an earlier task made of the very same request, when its pull request is open.
pub(super) async fn same_request(context: &Context<'_>) -> Result<Option<MadeBefore>, Failure> {
    let branches: BTreeSet<String> = {
        let state = context.journal.state();
        // Whoever asks: the same request twice is one.
        let wish = |task: &Task| task.spec.input.read().map(input::Implement::by_anyone).ok();
        let this = wish(&context.task);
        let same = made(context, &state).filter(|(task, _)| wish(task) == this);
        same.map(|(_, made)| made.branch).collect()
    };
    for branch in branches {
        if let Some(pull) = open_pull(context, &branch).await? {
            return Ok(Some(told(context, pull)));
        }
    }
    Ok(None)
}

/// Where the change with this digest is already, as far as nobody has settled it. A pull
/// request that was closed is no reason not to try again.
pub(super) async fn same_change(context: &Context<'_>, digest: &str) -> Result<Option<MadeBefore>, Failure> {
    let (branches, opening) = {
        let state = context.journal.state();
        let is_same = |change: &Option<String>| change.as_deref() == Some(digest);
        // Also what was made for other issues: people post one patch wherever it mends something.
        let mut branches: BTreeSet<String> = made_for_any(context, &state)
            .filter(|(_, made)| is_same(&made.change))
            .map(|(_, made)| made.branch)
            .collect();
        // Longer than tasks, the issues themselves are remembered.
        let pulls = state.issues.values().filter_map(|known| known.pull_request.as_ref());
        let ours = pulls.filter(|pull| pull.by.is_none() && is_same(&pull.change));
        branches.extend(ours.map(|pull| pull.branch.clone()));
        let opening: BTreeSet<String> = state.tasks.values().filter_map(about_to_be_opened).collect();
        (branches, opening)
    };
    for branch in branches {
        if let Some(pull) = open_pull(context, &branch).await? {
            return Ok(Some(told(context, pull)));
        }
        let is_kept = context.config.pull_requests.mode == PullRequestMode::Branch
            && context.services.code.branch(&branch).await?.is_some();
        if is_kept || opening.contains(&branch) {
            let note = format!("branch `{branch}` has this change already");
            return Ok(Some(MadeBefore { note, pull_request: None, issue: None }));
        }
    }
    Ok(None)
}

fn told(context: &Context<'_>, pull: IssueNumber) -> MadeBefore {
    let own = context.task.spec.subject.number();
    let issue = context.journal.state().issue_of_pull(pull).filter(|issue| Some(*issue) != own);
    let of = issue.map(|issue| format!(", which is for #{issue},")).unwrap_or_default();
    MadeBefore {
        note: format!("pull request #{pull}{of} has this change already"),
        pull_request: Some(pull),
        issue,
    }
}

/// The tasks of this kind about the same issue that made a change, and what each made.
fn made<'a>(
    context: &Context<'_>,
    state: &'a State,
) -> impl Iterator<Item = (&'a Task, input::OpenPullRequest)> {
    let subject = context.task.spec.subject;
    made_for_any(context, state).filter(move |(task, _)| task.spec.subject == subject)
}

/// The tasks of this kind that made a change for whichever issue, and what each made.
fn made_for_any<'a>(
    context: &Context<'_>,
    state: &'a State,
) -> impl Iterator<Item = (&'a Task, input::OpenPullRequest)> {
    let kind = context.task.spec.kind.clone();
    state.tasks.values().filter(move |task| task.spec.kind == kind).filter_map(|task| match &task.status {
        Status::Completed { output, .. } => Some((task, output.read().ok()?)),
        _ => None,
    })
}

/// The branch whose pull request a task has still to open.
fn about_to_be_opened(task: &Task) -> Option<String> {
    let is_left = task.spec.kind.as_str() == input::OPEN_PULL_REQUEST && !task.status.is_final();
    let open: input::OpenPullRequest = is_left.then(|| task.spec.input.read().ok()).flatten()?;
    Some(open.branch)
}

async fn open_pull(context: &Context<'_>, branch: &str) -> Result<Option<IssueNumber>, Failure> {
    let pulls = context.services.github.pull_requests_from(branch).await?;
    Ok(pulls.into_iter().find(|pull| pull.state == OpenState::Open).map(|pull| pull.number))
}
