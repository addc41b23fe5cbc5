//! Task kind `open_pull_request`: opens the pull request for a pushed branch, or adopts the one that is open.

use super::{Announcement, Context, Done, comment};
use crate::config::PullRequestMode;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::{input, receipt};
use crate::report::pull_request;
use crate::services::github::{NewPullRequest, Opened, PullRequest};

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let open: input::OpenPullRequest = context.input()?;
    let github = &context.services.github;
    let new = NewPullRequest {
        title: open.title.clone(),
        body: pull_request::body(number, &open, &context.task),
        head: open.branch.clone(),
        base: open.base.clone(),
        draft: context.config.pull_requests.mode != PullRequestMode::Ready
            || open.checks.iter().any(|check| !check.passed),
    };
    let announcement = Announcement {
        step: "pull_request",
        kind: EffectKind::PullRequest,
        target: format!("{} -> {}", open.branch, open.base),
        detail: open.commit.to_string(),
    };
    let receipt_of = |pull: PullRequest| receipt::PullRequest {
        number: pull.number,
        url: pull.url,
        branch: open.branch.clone(),
    };
    let receipt = context
        .effect(
            announcement,
            async || {
                let found = github.pull_requests_from(&open.branch).await?;
                // Also a closed one: somebody has settled it, and a second one would overrule them.
                let ours = |pull: &PullRequest| pull.base == open.base;
                Ok(found.into_iter().find(ours).map(receipt_of))
            },
            async || match github.open_pull_request(&new).await? {
                Opened::Created(pull) | Opened::Exists(pull) => Ok(receipt_of(pull)),
            },
        )
        .await?;
    Done::with(&receipt, comment::refresh(&context.task))
}
