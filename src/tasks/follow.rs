//! Task kind `follow`: looks for the pull request of whoever works on an issue elsewhere, and links it to the issue.

use std::time::Duration;

use super::{Context, Done, comment};
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::input::{Follow, Followed, LostSight};
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::subject::Subject;
use crate::domain::{input, receipt};

/// How long after the issue was handed over it is looked for first: agents open a draft within minutes.
const FIRST: Duration = Duration::from_secs(10 * 60);
/// How long after that at most; each look waits twice as long as the one before.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Looks before it is given up: about a week.
const LOOKS: u32 = 14;

/// The request that looks for it for the first time.
pub(super) fn first(
    context: &Context<'_>,
    assistant: &str,
    names: Vec<Login>,
) -> Result<TaskRequest, Failure> {
    next(context, Follow { assistant: assistant.to_owned(), names, looks: 0 })
}

fn next(context: &Context<'_>, follow: Follow) -> Result<TaskRequest, Failure> {
    let wait = FIRST.saturating_mul(1 << follow.looks.min(16)).min(LONGEST);
    let payload = Payload::of(&follow).map_err(|error| Failure::permanent("bug", error.to_string()))?;
    let reason = format!("{} works on it elsewhere", follow.assistant);
    let subject = context.task.spec.subject;
    let mut request =
        TaskRequest::new(input::FOLLOW, subject, payload, reason).unique(format!("follow {subject}"));
    request.spec.not_before = Some(context.journal.state().at.plus(wait));
    Ok(request)
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let follow: Follow = context.input()?;
    let known = {
        let state = context.journal.state();
        let known = state.issues.get(&number).and_then(|issue| issue.pull_request.as_ref());
        known.map(|pull| pull.number)
    };
    let linked = context.services.github.pulls_closing(number).await?;
    // An older one is history: it was there when the issue was handed over, or it was found before.
    let found = linked
        .into_iter()
        .find(|pull| follow.names.contains(&pull.author) && known.is_none_or(|known| pull.number > known));
    if let Some(found) = found {
        let pull_request = receipt::PullRequest {
            number: found.number,
            url: found.url,
            branch: found.branch,
            change: None,
            by: Some(found.author),
        };
        return Done::with(&Followed { pull_request }, comment::refresh_of(Subject::Issue(number)));
    }
    let Some(issue) = context.services.github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    if !issue.assignees.iter().any(|login| follow.names.contains(login)) {
        let gave_up = format!("{} is no longer assigned", follow.assistant);
        return Done::with(&LostSight { gave_up }, comment::refresh(&context.task));
    }
    if follow.looks + 1 >= LOOKS {
        let gave_up = format!("{} has opened no pull request in a week", follow.assistant);
        return Done::with(&LostSight { gave_up }, comment::refresh(&context.task));
    }
    let looks = follow.looks + 1;
    Done::note("there is no pull request yet", vec![next(context, Follow { looks, ..follow })?])
}
