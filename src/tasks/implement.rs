//! Task kind `implement`: asks the assistants for a change, commits it and pushes it on a branch of its own.

mod before;
mod earlier;
mod push;
mod texts;

use std::time::Duration;

use super::change::ask::{self, Elsewhere, Given, Made, Wish};
use super::{Context, Done, as_of, comment};
use crate::config::{AssistantRule, Config, PlainAssistant, PullRequestMode};
use crate::domain::failure::Failure;
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::task::DEFAULT_LEASE;
use crate::report::{prompt, pull_request};
use crate::services::assistant::{Allowance, Request};

use earlier::Earlier;
use push::Place;
use texts::Texts;

/// A run that works longer than that is cut off with its job (GitHub ends one after 360 minutes).
const LONGEST: Duration = Duration::from_secs(350 * 60);

/// How long a claim lasts: all assistants may take all of their time, repair as often as they may, and be checked.
pub(super) fn lease(config: &Config) -> Duration {
    let is_quick = |rule: &&AssistantRule| matches!(rule, AssistantRule::Plain(PlainAssistant::Patch));
    let slow = config.assistants.iter().filter(|rule| !is_quick(rule)).count() as u64;
    let rounds = 1 + u64::from(config.pull_requests.repairs);
    let checks: u64 = config.checks.iter().map(|check| check.minutes).sum();
    // One of them makes the change and repairs it; the others before it took their time for nothing.
    let repairs = if slow == 0 { 0 } else { rounds - 1 };
    let minutes = (slow + repairs) * config.limits.attempt.minutes + rounds * checks;
    (DEFAULT_LEASE + Duration::from_secs(minutes * 60)).min(LONGEST)
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let wanted: input::Implement = context.input()?;
    let Some(issue) = context.services.github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    let mode = context.config.pull_requests.mode;
    if mode == PullRequestMode::None {
        let note = "`pull_requests.mode` is `none`, so nobody is asked for a change";
        return Done::note(note, comment::refresh(&context.task));
    }
    if super::analyse::is_quiet_report(context, &issue) {
        return Done::note(
            "a report of a weakness is not worked on in public",
            comment::refresh(&context.task),
        );
    }
    if as_of::is_exchanged(context, &issue).await? {
        return Done::note(&as_of::told(context), comment::refresh(&context.task));
    }
    let Texts { trusted: texts, searched, wanted_by, word } =
        match texts::trusted(context, &issue, &wanted).await? {
            Ok(texts) => texts,
            Err(declined) => return Done::note(&declined, comment::refresh(&context.task)),
        };
    let input::Implement { assistant: from, past, revise, .. } = wanted;
    let is_begun = push::is_begun(context);
    if !is_begun
        && !before::is_patch_at_hand(context, &texts, from.as_deref())
        && let Some(told) = before::same_request(context).await?
    {
        return Done::with(&told, comment::refresh(&context.task));
    }
    let request = Request {
        issue: number,
        title: issue.title.clone(),
        texts,
        searched,
        prompt: String::new(),
        folder: None,
        allowance: Allowance::default(),
    };
    let headline = &context.config.pull_requests.title;
    let Earlier { mut below, most_lines } = earlier::of(context, issue.number).await?;
    if let Some(text) = revise.or(word) {
        below.push_str(&prompt::asked_for(&text));
    }
    let at = issue.created_at;
    let (issue, on, answers) = (&issue, None, <_>::default());
    let wish =
        Wish { context, issue, request, wanted_by, from, past, on, most_lines, headline, at, below, answers };
    let Made { commit: change, assistant, summary, usage, checks } = match ask::change(&wish).await? {
        Given::Made(made) => *made,
        Given::Elsewhere(elsewhere) => return handed_over(context, &elsewhere),
    };
    if !is_begun && let Some(told) = before::same_change(context, &change.digest).await? {
        return Done::with(&told, comment::refresh(&context.task));
    }
    let tip = context.services.code.default_tip().await?;
    let Place { branch, commit, base } = push::push(context, issue, &change, &tip.branch).await?;
    let open = input::OpenPullRequest {
        branch,
        commit,
        base: tip.branch,
        base_commit: base,
        title: pull_request::title(&context.config.pull_requests.title, number, &issue.title),
        summary,
        files: change.files,
        added: change.added,
        removed: change.removed,
        merged: change.merged,
        generated: change.generated,
        change: Some(change.digest),
        assistant,
        usage,
        checks,
    };
    if mode == PullRequestMode::Branch {
        return Done::with(&open, comment::refresh(&context.task));
    }
    let payload = Payload::of(&open).map_err(|error| Failure::permanent("bug", error.to_string()))?;
    let reason = format!("{}; the change is on branch {}", context.task.spec.reason, open.branch);
    let follow_up = TaskRequest::new(input::OPEN_PULL_REQUEST, context.task.spec.subject, payload, reason)
        .priority(context.task.spec.priority);
    Done::with(&open, vec![follow_up])
}

/// Somebody works on it elsewhere: whoever is not assigned yet is, and the rest is theirs.
fn handed_over(context: &Context<'_>, elsewhere: &Elsewhere) -> Result<Done, Failure> {
    let Elsewhere { assistant, who, is_assigned, agent, summary } = elsewhere;
    let mut follow_ups = comment::refresh(&context.task);
    if let Some(names) = agent {
        follow_ups.push(super::follow::first(context, assistant, names.clone())?);
    } else if !is_assigned {
        let assign = input::Assign { logins: vec![who.clone()], remove: Vec::new(), asked_by: None };
        let payload = Payload::of(&assign).map_err(|error| Failure::permanent("bug", error.to_string()))?;
        let reason = format!("{assistant} is asked: {}", context.task.spec.reason);
        follow_ups.push(TaskRequest::new(input::ASSIGN, context.task.spec.subject, payload, reason));
    }
    Done::note(&format!("{assistant}: {summary}"), follow_ups)
}
