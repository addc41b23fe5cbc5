//! Task kind `open_pull_request`: opens the pull request for a pushed branch, or adopts the one that is open.

mod ci;

use std::time::Duration;

use super::{Announcement, Context, Done, comment};
use crate::config::{PullRequestMode, Reviewers, ReviewersBy};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::{EffectId, IssueNumber, Login};
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::trigger::OpenState;
use crate::domain::verdict::CodePlace;
use crate::domain::{input, receipt};
use crate::report::budget::left_of_issue;
use crate::report::pull_request::{self, Around};
use crate::services::github::{NewPullRequest, Opened, PullRequest};
use crate::triage::Codeowners;
use crate::triage::owners::{LOCATIONS, owners_of};

/// The account of the workflow's own token.
const WORKFLOW: &str = "github-actions[bot]";
/// Within which time checks begin that begin at all: Actions and Apps show theirs within seconds of a push.
const CHECKS_BEGIN: Duration = Duration::from_secs(5 * 60);
/// The step that opens it.
const STEP: &str = "pull_request";

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let open: input::OpenPullRequest = context.input()?;
    if let Some(same) = made_for_another(context, number, &open).await? {
        return Done::with(&same, comment::refresh(&context.task));
    }
    let github = &context.services.github;
    let template = if context.config.pull_requests.template { template(context).await? } else { None };
    let left = left_of_issue(&context.config.limits.budget, &context.journal.state(), number);
    // Who cannot be asked is no reason to open nothing.
    let starts_no_checks = github.myself().await.is_ok_and(|me| me.login.as_str() == WORKFLOW);
    let unchecked = starts_no_checks && ci::has_workflows(context).await?;
    let around = Around {
        closes: context.services.code.default_tip().await?.branch == open.base,
        starts_no_checks,
        template: template.as_deref(),
        left: left.as_deref(),
        hop: context.journal.state().hop_about(number),
    };
    let new = NewPullRequest {
        title: open.title.clone(),
        body: pull_request::body(number, &open, &context.task, &around),
        head: open.branch.clone(),
        base: open.base.clone(),
        draft: context.config.pull_requests.mode != PullRequestMode::Ready
            || open.checks.iter().any(|check| !check.passed),
    };
    let announcement = Announcement {
        step: STEP,
        kind: EffectKind::PullRequest,
        target: format!("{} -> {}", open.branch, open.base),
        detail: open.commit.to_string(),
    };
    let receipt_of = |pull: PullRequest| receipt::PullRequest {
        number: pull.number,
        url: pull.url,
        branch: open.branch.clone(),
        change: open.change.clone(),
        lines: Some(open.added + open.removed),
        by: None,
        draft: Some(pull.draft),
        unchecked,
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
    let mut follow_ups = comment::refresh(&context.task);
    follow_ups.extend(labels(context, receipt.number)?);
    follow_ups.extend(reviewers(context, receipt.number, &open, starts_no_checks).await?);
    Done::with(&receipt, follow_ups)
}

/// Whether the same change was pushed for another issue in the same moment: the first of both is enough. Nothing of that
/// kind once this one was begun.
async fn made_for_another(
    context: &Context<'_>,
    number: IssueNumber,
    open: &input::OpenPullRequest,
) -> Result<Option<input::MadeBefore>, Failure> {
    let Some(change) = &open.change else { return Ok(None) };
    let (opened, first) = {
        let state = context.journal.state();
        if state.effects.contains_key(&EffectId::of(&context.task.id, STEP)) {
            return Ok(None);
        }
        let is_same =
            |pull: &&receipt::PullRequest| pull.by.is_none() && pull.change.as_ref() == Some(change);
        let others =
            state.issues.iter().filter(|(issue, known)| **issue != number && known.fate.end.is_none());
        let opened: Vec<(IssueNumber, receipt::PullRequest)> = others
            .filter_map(|(issue, known)| Some((*issue, known.pull_request.as_ref().filter(is_same)?.clone())))
            .collect();
        let is_first = |task: &&Task| {
            task.spec.kind == context.task.spec.kind
                && task.spec.subject != context.task.spec.subject
                && task.enqueued < context.task.enqueued
                && !task.status.is_final()
                && task
                    .spec
                    .input
                    .read::<input::OpenPullRequest>()
                    .is_ok_and(|other| other.change.as_ref() == Some(change))
        };
        (opened, state.tasks.values().find(is_first).and_then(|task| task.spec.subject.number()))
    };
    for (issue, pull) in opened {
        let found = context.services.github.pull_requests_from(&pull.branch).await?;
        // That somebody closed it need not have been told.
        if found.iter().any(|found| found.number == pull.number && found.state == OpenState::Open) {
            let note =
                format!("pull request #{}, which is for #{issue}, has this change already", pull.number);
            let pull_request = Some(pull.number);
            return Ok(Some(input::MadeBefore { note, pull_request, issue: Some(issue) }));
        }
    }
    Ok(first.map(|issue| {
        let note = format!("the pull request with this change is being opened for #{issue}");
        input::MadeBefore { note, pull_request: None, issue: Some(issue) }
    }))
}

/// The task that labels the pull request, where the configuration wants it.
fn labels(context: &Context<'_>, pull: IssueNumber) -> Result<Option<TaskRequest>, Failure> {
    let add: Vec<String> =
        context.config.pull_requests.labels.iter().map(|label| label.as_str().to_owned()).collect();
    if add.is_empty() {
        return Ok(None);
    }
    let label = input::Label { add, remove: Vec::new(), asked_by: None };
    let payload = Payload::of(&label).map_err(|error| Failure::permanent("bug", error.to_string()))?;
    let reason = "`pull_requests.labels` names them".to_owned();
    Ok(Some(TaskRequest::new(input::LABEL, Subject::Pull(pull), payload, reason)))
}

/// The task that asks for a review, where the configuration wants it. A draft whose checks failed is not ready for one, and one
/// that GitHub checks only when it is green. Where our token starts no checks nobody waits for them.
async fn reviewers(
    context: &Context<'_>,
    pull: IssueNumber,
    open: &input::OpenPullRequest,
    starts_no_checks: bool,
) -> Result<Option<TaskRequest>, Failure> {
    let (logins, reason) = match &context.config.pull_requests.reviewers {
        _ if open.checks.iter().any(|check| !check.passed) => return Ok(None),
        Reviewers::By(ReviewersBy::None) => return Ok(None),
        Reviewers::By(ReviewersBy::Owners) => {
            (owners(context, &open.files).await?, "they own what it changes, by CODEOWNERS")
        }
        Reviewers::People(people) => {
            let people = people.iter().map(|login| Login::new(login.as_str())).collect();
            (people, "`pull_requests.reviewers` names them")
        }
    };
    if logins.is_empty() {
        return Ok(None);
    }
    let after_checks = !starts_no_checks
        && (ci::has_workflows(context).await? || ci::checks_commits(context, &open.base_commit).await?);
    let wanted = input::RequestReview { logins, after_checks };
    let payload = Payload::of(&wanted).map_err(|error| Failure::permanent("bug", error.to_string()))?;
    let mut request = TaskRequest::new(input::REQUEST_REVIEW, Subject::Pull(pull), payload, reason);
    if after_checks {
        request.spec.not_before = Some(context.journal.state().at.plus(CHECKS_BEGIN));
    }
    Ok(Some(request))
}

/// Who owns some files, by the CODEOWNERS of the default branch.
async fn owners(context: &Context<'_>, files: &[String]) -> Result<Vec<Login>, Failure> {
    let code = &context.services.code;
    let there = code.files().await?;
    let is_there = |path: &&&str| there.iter().any(|file| file.is_regular && file.path == **path);
    let Some(path) = LOCATIONS.iter().find(is_there) else { return Ok(Vec::new()) };
    let content = code.read(&[path]).await?.pop().flatten().unwrap_or_default();
    let codeowners = Codeowners::parse(&String::from_utf8_lossy(&content));
    let place =
        |path: &String| CodePlace { path: path.clone(), line: None, symbol: None, mention: String::new() };
    let places: Vec<CodePlace> = files.iter().map(place).collect();
    Ok(owners_of(&codeowners, &places).into_iter().map(|owner| owner.name).collect())
}

/// The repository's own template for pull requests on its default branch, the first of the places where GitHub looks:
/// <https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/creating-a-pull-request-template-for-your-repository>
async fn template(context: &Context<'_>) -> Result<Option<String>, Failure> {
    let code = &context.services.code;
    let is_template = |path: &str| {
        let path = path.to_ascii_lowercase();
        let name = path.strip_prefix(".github/").or_else(|| path.strip_prefix("docs/")).unwrap_or(&path);
        matches!(name, "pull_request_template.md" | "pull_request_template.txt" | "pull_request_template")
    };
    let files = code.files().await?;
    let Some(found) = files.into_iter().find(|file| file.is_regular && is_template(&file.path)) else {
        return Ok(None);
    };
    let content = code.read(&[&found.path]).await?.pop().flatten();
    Ok(content.map(|content| String::from_utf8_lossy(&content).into_owned()))
}
