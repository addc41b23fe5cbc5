//! What was made before: one request, and one change, lead to one pull request while that is open.

use std::collections::BTreeSet;

use crate::config::PullRequestMode;
use crate::domain::failure::Failure;
use crate::domain::fenced::fenced_patches;
use crate::domain::id::IssueNumber;
use crate::domain::input;
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

/// What an earlier task made of the very same request, when its pull request is open: a sentence without its end.
pub(super) async fn same_request(context: &Context<'_>) -> Result<Option<String>, Failure> {
    let branches: BTreeSet<String> = {
        let state = context.journal.state();
        let same = made(context, &state).filter(|(task, _)| task.spec.input == context.task.spec.input);
        same.map(|(_, made)| made.branch).collect()
    };
    for branch in branches {
        if let Some(pull) = open_pull(context, &branch).await? {
            return Ok(Some(told(pull)));
        }
    }
    Ok(None)
}

/// Where the change with this digest is already, as far as nobody has settled it: a sentence without its end. A pull
/// request that was closed is no reason not to try again.
pub(super) async fn same_change(context: &Context<'_>, digest: &str) -> Result<Option<String>, Failure> {
    let (branches, opening) = {
        let state = context.journal.state();
        let is_same = |change: &Option<String>| change.as_deref() == Some(digest);
        let mut branches: BTreeSet<String> = made(context, &state)
            .filter(|(_, made)| is_same(&made.change))
            .map(|(_, made)| made.branch)
            .collect();
        // Longer than tasks, the issue itself is remembered.
        let known = context.task.spec.subject.number().and_then(|number| state.issues.get(&number));
        let pull = known.and_then(|known| known.pull_request.as_ref());
        branches.extend(pull.filter(|pull| is_same(&pull.change)).map(|pull| pull.branch.clone()));
        let opening: BTreeSet<String> = state.tasks.values().filter_map(about_to_be_opened).collect();
        (branches, opening)
    };
    for branch in branches {
        if let Some(pull) = open_pull(context, &branch).await? {
            return Ok(Some(told(pull)));
        }
        let is_kept = context.config.pull_requests.mode == PullRequestMode::Branch
            && context.services.code.branch(&branch).await?.is_some();
        if is_kept || opening.contains(&branch) {
            return Ok(Some(format!("branch `{branch}` has this change already")));
        }
    }
    Ok(None)
}

fn told(pull: IssueNumber) -> String {
    format!("pull request #{pull} has this change already")
}

/// The tasks of this kind about the same issue that made a change, and what each made.
fn made<'a>(
    context: &Context<'_>,
    state: &'a State,
) -> impl Iterator<Item = (&'a Task, input::OpenPullRequest)> {
    let (kind, subject) = (context.task.spec.kind.clone(), context.task.spec.subject);
    state
        .tasks
        .values()
        .filter(move |task| task.spec.kind == kind && task.spec.subject == subject)
        .filter_map(|task| match &task.status {
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
