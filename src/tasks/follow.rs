//! Task kind `follow`: looks for the pull request of whoever works on an issue elsewhere, and links it to the issue.

use std::time::Duration;

use super::{Context, Done, comment};
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::input::{Follow, Followed, LostSight, Unapproved};
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::subject::Subject;
use crate::domain::trigger::OpenState;
use crate::domain::{input, receipt};
use crate::services::github::PullPhase;

/// How long after the issue was handed over it is looked for first: agents open a draft within minutes.
const FIRST: Duration = Duration::from_secs(10 * 60);
/// How long after that at most; each look waits twice as long as the one before.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Looks before it is given up: about a week.
const LOOKS: u32 = 14;
/// Looks for workflow runs that wait: over an hour after it was found, in which an agent has pushed what it made. A run on
/// `workflow_run` is told of later ones.
const LOOKS_AT_RUNS: u32 = 3;

/// The request that looks for it for the first time.
pub(super) fn first(
    context: &Context<'_>,
    assistant: &str,
    names: Vec<Login>,
) -> Result<TaskRequest, Failure> {
    let wish = Some(Box::new(context.input()?));
    next(context, Follow { assistant: assistant.to_owned(), names, looks: 0, found: false, wish })
}

/// Asks the others for the same, where there are any: whoever was asked for by name was meant alone.
fn others(context: &Context<'_>, follow: &Follow) -> Result<Option<TaskRequest>, Failure> {
    let Some(wish) = follow.wish.as_deref().filter(|wish| wish.assistant.is_none()) else { return Ok(None) };
    let mut wish = wish.clone();
    wish.past.push(follow.assistant.clone());
    let is_left = |name: &str| !wish.past.iter().any(|past| past == name);
    if !context.services.assistants.iter().any(|assistant| is_left(assistant.name())) {
        return Ok(None);
    }
    let payload = Payload::of(&wish).map_err(|error| Failure::permanent("bug", error.to_string()))?;
    let (subject, reason) = (context.task.spec.subject, format!("{} made nothing of it", follow.assistant));
    let key = format!("implement {subject} after {}", wish.past.join(", "));
    Ok(Some(TaskRequest::new(input::IMPLEMENT, subject, payload, reason).unique(key)))
}

fn next(context: &Context<'_>, follow: Follow) -> Result<TaskRequest, Failure> {
    let wait = FIRST.saturating_mul(1 << follow.looks.min(16)).min(LONGEST);
    let payload = Payload::of(&follow).map_err(|error| Failure::permanent("bug", error.to_string()))?;
    let subject = context.task.spec.subject;
    let (reason, key) = if follow.found {
        ("its workflow runs may wait for approval".to_owned(), format!("follow {subject} runs"))
    } else {
        (format!("{} works on it elsewhere", follow.assistant), format!("follow {subject}"))
    };
    let mut request = TaskRequest::new(input::FOLLOW, subject, payload, reason).unique(key);
    request.spec.not_before = Some(context.journal.state().at.plus(wait));
    Ok(request)
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let follow: Follow = context.input()?;
    let (known, is_linked) = {
        let state = context.journal.state();
        let issue = state.issues.get(&number);
        let known = issue.and_then(|issue| issue.pull_request.as_ref());
        let is_open = issue.is_some_and(|issue| issue.fate.end.is_none());
        let is_theirs = known.and_then(|pull| pull.by.as_ref()).is_some_and(|by| follow.names.contains(by));
        (known.map(|pull| pull.number), is_open && is_theirs)
    };
    if follow.found {
        return runs(context, number, follow).await;
    }
    // Another look was told of it, and was faster.
    if is_linked {
        return Done::note("its pull request is linked", Vec::new());
    }
    let linked = context.services.github.pulls_closing(number).await?;
    // An older one is history: it was there when the issue was handed over, or it was found before.
    let found = linked
        .into_iter()
        .find(|pull| follow.names.contains(&pull.author) && known.is_none_or(|known| pull.number > known));
    if let Some(found) = found {
        let is_open = found.phase == PullPhase::Open;
        let awaits_approval = is_open && awaits_approval(context, &found.branch).await;
        let pull_request = receipt::PullRequest {
            number: found.number,
            url: found.url,
            branch: found.branch,
            change: None,
            lines: None,
            by: Some(found.author),
            draft: None,
            unchecked: false,
        };
        let mut follow_ups = comment::refresh_of(Subject::Issue(number));
        if is_open && !awaits_approval {
            follow_ups.push(next(context, Follow { looks: 0, found: true, ..follow })?);
        }
        return Done::with(&Followed { pull_request, awaits_approval }, follow_ups);
    }
    let Some(issue) = context.services.github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    if !issue.assignees.iter().any(|login| follow.names.contains(login)) {
        let gave_up = format!("{} is no longer assigned", follow.assistant);
        return Done::with(&LostSight { gave_up, goes_on: false }, comment::refresh(&context.task));
    }
    if follow.looks + 1 >= LOOKS {
        let gave_up = format!("{} has opened no pull request in a week", follow.assistant);
        // What was closed meanwhile is done, or not wanted any more.
        let next = if issue.state == OpenState::Open { others(context, &follow)? } else { None };
        let goes_on = next.is_some();
        let follow_ups = next.into_iter().chain(comment::refresh(&context.task)).collect();
        return Done::with(&LostSight { gave_up, goes_on }, follow_ups);
    }
    let looks = follow.looks + 1;
    Done::note("there is no pull request yet", vec![next(context, Follow { looks, ..follow })?])
}

/// Whether workflow runs on a branch wait until a person lets them run. Who may not ask is no reason to link nothing.
async fn awaits_approval(context: &Context<'_>, branch: &str) -> bool {
    match context.services.github.awaits_approval(branch).await {
        Ok(waits) => waits,
        Err(failure) => {
            tracing::warn!(%failure, "whether workflow runs of {branch} wait for approval cannot be seen");
            false
        }
    }
}

/// Looks whether workflow runs of the pull request that was found wait: they begin to after it was opened, and at each push.
async fn runs(context: &Context<'_>, number: IssueNumber, follow: Follow) -> Result<Done, Failure> {
    let pull = {
        let state = context.journal.state();
        let issue = state.issues.get(&number).filter(|issue| issue.fate.end.is_none());
        issue.filter(|issue| issue.fate.unapproved.is_none()).and_then(|issue| issue.pull_request.clone())
    };
    let Some(pull_request) = pull.filter(|pull| pull.by.is_some()) else {
        return Done::note("there is nothing to wait for any more", Vec::new());
    };
    if awaits_approval(context, &pull_request.branch).await {
        let follow_ups = comment::refresh_of(Subject::Issue(number));
        return Done::with(&Unapproved { unapproved: pull_request.branch }, follow_ups);
    }
    if follow.looks + 1 >= LOOKS_AT_RUNS {
        return Done::note("no workflow run waits for approval", Vec::new());
    }
    let looks = follow.looks + 1;
    Done::note("no workflow run waits for approval yet", vec![next(context, Follow { looks, ..follow })?])
}
