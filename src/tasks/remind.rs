//! Task kind `remind`: what a report lacks has not come in the time that was set, and what the configuration wants follows.

use super::analyse::{knowledge, learned};
use super::{Announcement, Context, Done, comment};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::trigger::OpenState;
use crate::domain::untrusted::Excerpt;
use crate::domain::{input, receipt};
use crate::services::github::Issue;
use crate::triage::{self, IssueText};

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let input::Remind {} = context.input()?;
    let Some(stale) = context.config.triage.stale.clone() else {
        return Done::note("the configuration wants nothing done any more", Vec::new());
    };
    if !is_waiting(context, number) {
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
    // A person who takes the label off has settled it, whether or not anybody told.
    if knowledge::is_refused(&context.journal.state(), &issue, context.config.labels.needs_info.as_ref()) {
        return Done::note("a person settled it", Vec::new());
    }
    if let Some(came) = come(context, &issue).await?.filter(|_| !is_done) {
        return Done::with(&input::Answered { came }, analyse(context)?);
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

/// Whether an answer is waited for, as far as the log tells.
fn is_waiting(context: &Context<'_>, number: IssueNumber) -> bool {
    let state = context.journal.state();
    state.issues.get(&number).is_some_and(|known| {
        let is_unanswered = known.asked.as_ref().is_some_and(|asked| asked.answered.is_none());
        let lacks = known.analysis.as_ref().is_some_and(|analysis| !analysis.missing.is_empty());
        is_unanswered && lacks
    })
}

/// What was missing and stands in the issue now; none when something of it is missing still. The analysis may be of an
/// older text: its event can be lost, and no rule has to look at what is edited.
async fn come(context: &Context<'_>, issue: &Issue) -> Result<Option<Vec<String>>, Failure> {
    let text = IssueText { title: &issue.title, body: &issue.body };
    let named = context.journal.state().learned.clone();
    let learned = learned::read(context.services, named).await?.model;
    let knowledge = knowledge::gather(context, issue, &text).await?;
    let now = triage::analyse(&text, &triage::RepositoryKnowledge { learned, ..knowledge }).missing;
    let state = context.journal.state();
    let Some(known) = state.issues.get(&issue.number) else { return Ok(None) };
    let Some(analysis) = &known.analysis else { return Ok(None) };
    let was_edited = known.text != Some(Excerpt::body(&issue.body).digest());
    // What an assistant found missing no rule finds: it is asked about a new text only.
    let is_judged = analysis.judged.as_ref().is_some_and(|judged| judged.in_vain.is_none());
    let asked: Vec<String> = analysis.missing.iter().map(|need| need.what.clone()).collect();
    let is_missing = now.iter().any(|need| asked.contains(&need.what)) || (is_judged && !was_edited);
    Ok((!is_missing).then_some(asked))
}

/// The analysis that goes on with the flow.
fn analyse(context: &Context<'_>) -> Result<Vec<TaskRequest>, Failure> {
    let subject = context.task.spec.subject;
    let input = Payload::of(&input::Analyse::default())
        .map_err(|error| Failure::permanent("bug", error.to_string()))?;
    let reason = "what was missing stands in the text now".to_owned();
    let request = TaskRequest::new(input::ANALYSE, subject, input, reason);
    Ok(vec![request.unique(format!("analyse {subject}"))])
}
