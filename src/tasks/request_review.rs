//! Task kind `request_review`: asks people and teams for a review of our pull request, each once.

use super::{Announcement, Context, Done};
use crate::domain::effect::EffectKind;
use crate::domain::fact::Fact;
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, IssueNumber, Login};
use crate::domain::spec::TaskRequest;
use crate::domain::trigger::OpenState;
use crate::domain::{input, receipt};
use crate::services::github::Checks;

/// People and teams that are asked at most: who asks everybody asks nobody.
const MOST: usize = 10;

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let pull = context.issue()?;
    let input::RequestReview { logins, after_checks } = context.input()?;
    let github = &context.services.github;
    let Some(state) = github.pull_state(pull).await?.filter(|pull| pull.state == OpenState::Open) else {
        return Done::note("the pull request is closed", Vec::new());
    };
    if let Some(head) = state.head_commit.as_ref().filter(|_| after_checks)
        && are_not_green(context, head).await?
    {
        return Done::note("its checks are not green yet", vec![when_green(context, pull)]);
    }
    let wanted = who_can(context, logins).await?;
    if wanted.is_empty() {
        return Done::note("nobody is left to ask for a review", Vec::new());
    }
    let names: Vec<&str> = wanted.iter().map(Login::as_str).collect();
    let announcement = Announcement {
        step: "reviewers",
        kind: EffectKind::Reviewers,
        target: context.task.spec.subject.to_string(),
        detail: names.join(" "),
    };
    let receipt: receipt::Reviewers = context
        .effect(
            announcement,
            async || {
                let waiting = github.reviewers(pull).await?;
                let there: Vec<Login> =
                    wanted.iter().filter(|login| waiting.contains(login)).cloned().collect();
                Ok((there.len() == wanted.len()).then_some(asked(there)))
            },
            async || ask(context, pull, &wanted).await,
        )
        .await?;
    let passed_over: Vec<&Login> = wanted.iter().filter(|login| !receipt.asked.contains(login)).collect();
    Done::with(&serde_json::json!({ "asked": receipt.asked, "cannot_be_asked": passed_over }), Vec::new())
}

/// Whether checks of a commit have begun and have not all succeeded. What the token may not see nobody waits for.
async fn are_not_green(context: &Context<'_>, head: &CommitId) -> Result<bool, Failure> {
    match context.services.github.checks(head).await {
        Ok(checks) => Ok(matches!(checks, Checks::Red | Checks::Pending)),
        Err(failure) if failure.is_permanent() => {
            tracing::info!(%failure, "whether checks are green cannot be seen; a review is asked for without");
            Ok(false)
        }
        Err(failure) => Err(failure),
    }
}

/// The same again when its checks have succeeded, those of a later commit perhaps: no worker waits for that.
fn when_green(context: &Context<'_>, pull: IssueNumber) -> TaskRequest {
    let spec = &context.task.spec;
    let reason = format!("{}; its checks were not green before", spec.reason);
    let mut again = TaskRequest::new(input::REQUEST_REVIEW, spec.subject, spec.input.clone(), reason);
    again.spec.awaits = vec![Fact::Checks(pull)];
    again
}

/// Whoever can be asked: not ourselves, who opened it, no bots, nobody who is away.
async fn who_can(context: &Context<'_>, logins: Vec<Login>) -> Result<Vec<Login>, Failure> {
    let myself = context.services.github.myself().await?.login;
    let away = &context.config.assign.unavailable;
    let is_away = |login: &Login| away.iter().any(|away| *login == Login::new(away.as_str()));
    let mut people: Vec<Login> = Vec::new();
    for login in logins {
        let is_bot = login.as_str().ends_with("[bot]");
        if login != myself && !is_bot && !is_away(&login) && !people.contains(&login) && people.len() < MOST {
            people.push(login);
        }
    }
    Ok(people)
}

const fn asked(asked: Vec<Login>) -> receipt::Reviewers {
    receipt::Reviewers { asked, removed: Vec::new() }
}

/// Asks all of them at once; where GitHub refuses that because of one of them, each alone.
async fn ask(
    context: &Context<'_>,
    pull: IssueNumber,
    wanted: &[Login],
) -> Result<receipt::Reviewers, Failure> {
    let github = &context.services.github;
    let among = |asked: &[Login]| wanted.iter().filter(|login| asked.contains(login)).cloned().collect();
    match github.request_reviewers(pull, wanted).await {
        Ok(Some(now)) => return Ok(self::asked(among(&now))),
        Ok(None) => {}
        // A token that may ask people may not be allowed to see teams.
        Err(failure) if failure.is_permanent() && wanted.len() > 1 => {}
        Err(failure) => return Err(failure),
    }
    let mut asked = Vec::new();
    for login in wanted {
        match github.request_reviewers(pull, std::slice::from_ref(login)).await {
            Ok(Some(now)) if now.contains(login) => asked.push(login.clone()),
            Ok(_) => {}
            Err(failure) if failure.is_permanent() => {
                tracing::info!(%login, %failure, "cannot be asked for a review");
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(self::asked(asked))
}
