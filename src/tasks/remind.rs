//! Task kind `remind`: what a report lacks has not come in the time that was set, and what the configuration wants follows.

use super::{Announcement, Context, Done, comment};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::trigger::OpenState;
use crate::domain::{input, receipt};

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let input::Remind {} = context.input()?;
    let Some(stale) = context.config.triage.stale.clone() else {
        return Done::note("the configuration wants nothing done any more", Vec::new());
    };
    let is_waiting = {
        let state = context.journal.state();
        state.issues.get(&number).is_some_and(|known| {
            let is_unanswered = known.asked.as_ref().is_some_and(|asked| asked.answered.is_none());
            let lacks = known.analysis.as_ref().is_some_and(|analysis| !analysis.missing.is_empty());
            // A person who takes the label off has settled it.
            let is_refused = context.config.labels.needs_info.as_ref().is_some_and(|label| {
                known.refused_labels.iter().any(|name| name.to_lowercase() == label.as_str().to_lowercase())
            });
            is_unanswered && lacks && !is_refused
        })
    };
    if !is_waiting {
        return Done::note("an answer came, or a person settled it", Vec::new());
    }
    let github = &context.services.github;
    let Some(issue) = github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    let is_done = issue.state == OpenState::Closed;
    if is_done && !context.is_open("issue") {
        return Done::note("it is closed already", Vec::new());
    }
    let mut next = Vec::new();
    if let Some(label) = stale.label.as_ref() {
        let input = input::Label { add: vec![label.as_str().to_owned()], remove: Vec::new(), asked_by: None };
        let input = Payload::of(&input).map_err(|error| Failure::permanent("bug", error.to_string()))?;
        let reason = format!("no answer came in {}", stale.after.as_str());
        next.push(TaskRequest::new(input::LABEL, context.task.spec.subject, input, reason));
    }
    next.extend(comment::refresh(&context.task));
    if !stale.close {
        return Done::note("no answer came; the status comment says so", next);
    }
    let announcement = Announcement {
        step: "issue",
        kind: EffectKind::Issue,
        target: context.task.spec.subject.to_string(),
        detail: format!("closed as not planned, because no answer came in {}", stale.after.as_str()),
    };
    let done = receipt::Issue { closed: true, ..receipt::Issue::default() };
    context
        .effect(
            announcement,
            async || Ok(is_done.then(|| done.clone())),
            async || github.close_issue(number).await.map(|()| done.clone()),
        )
        .await?;
    Done::with(&done, next)
}
