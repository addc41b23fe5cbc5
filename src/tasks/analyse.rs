//! Task kind `analyse`: reads an issue and finds out what it is.

mod judged;
pub(super) mod knowledge;
pub(super) mod learned;
pub(super) mod touched;

pub use judged::answers;

use std::time::Duration;

use super::{Context, Done};
use crate::config::{Config, Known, loads, rules};
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::state::{Aspect, IssueState};
use crate::domain::task::DEFAULT_LEASE;
use crate::domain::trigger::IssueFacts;
use crate::domain::untrusted::Excerpt;
use crate::domain::verdict::{Analysis, Finding};
use crate::services::github::Issue;
use crate::triage::{self, IssueText};

/// What it adds to a finding that somebody with write access wrote the issue: they know the project.
const WRITER: f64 = 0.05;
/// However much speaks for it, a rule of thumb is not certain.
const MOST: f64 = 0.98;

/// How long a claim lasts: an assistant that judges may take all of its time, twice.
pub(super) fn lease(config: &Config) -> Duration {
    let asked = if config.triage.assistant.is_some() { judged::ROUNDS } else { 0 };
    DEFAULT_LEASE + Duration::from_secs(u64::from(asked) * config.limits.attempt.minutes * 60)
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let github = &context.services.github;
    let (issue, labels) = futures_util::join!(github.issue(number), github.labels());
    let Some(issue) = issue? else {
        return Done::note("the issue is gone", Vec::new());
    };
    let text = IssueText { title: &issue.title, body: &issue.body };
    let named = context.journal.state().learned.clone();
    let learned = learned::read(context.services, named).await?;
    let mut knowledge = knowledge::gather(context, &issue, &text).await?;
    knowledge.learned = learned.model;
    let mut analysis = triage::analyse(&text, &knowledge);
    if let (Some(without), Some(found)) = (learned.without, &mut analysis.issue_type) {
        found.reasons.push(without);
    }
    touched::add(github.as_ref(), &mut analysis).await;
    analysis.similar.truncate(context.config.triage.similar);
    trust_writers(context, &issue, &mut analysis).await?;
    point_to_policy(context, &knowledge.paths, &mut analysis).await?;
    let existing_labels: Vec<String> = labels?.into_iter().map(|label| label.name).collect();
    let later = judged::later(context, &mut analysis)?;
    if later.is_none() {
        judged::add(context, &issue, &existing_labels, knowledge.wishes.may_ask, &mut analysis).await?;
    }
    let facts = issue_facts(&issue);
    analysis.lacking = rules::lacking(context.config, &facts, &analysis, &existing_labels);
    let mut follow_ups = {
        let state = context.journal.state();
        let known = state.issues.get(&number);
        let refused_labels: Vec<String> =
            known.map(|known| known.labels_taken_off(&issue.labels)).unwrap_or_default();
        // What a person asked for by a word is theirs: it stays, and decides its group.
        let ours = |known: &IssueState| {
            known.our_labels.iter().filter(|it| known.chose_label(it)).cloned().collect()
        };
        let our_labels: Vec<String> = known.map(ours).unwrap_or_default();
        let refused_assignees: Vec<Login> =
            known.map(|known| known.unassigned(&issue.assignees)).unwrap_or_default();
        let asked = known.and_then(|known| known.asked.as_ref());
        let known = Known {
            existing_labels: &existing_labels,
            refused_labels: &refused_labels,
            our_labels: &our_labels,
            refused_assignees: &refused_assignees,
            loads: &loads(&state),
            has_comment: known.is_some_and(|known| known.status_comment.is_some()),
            may_set_type: issue.issue_type.is_none()
                && known.is_none_or(|known| !known.type_is_theirs && !known.had_ours.contains(&Aspect::Type)),
            may_remind: asked.is_none_or(|asked| asked.reminded.is_none()),
            now: state.at,
        };
        rules::after_analysis(context.config, &facts, &analysis, &known)
    };
    follow_ups.extend(later);
    Done::with(&analysis, follow_ups)
}

/// Lifts findings that just miss what acting on them takes, when somebody who may write wrote the issue. Asking what
/// they may costs a request, so that is asked only where it tells something.
async fn trust_writers(context: &Context<'_>, issue: &Issue, analysis: &mut Analysis) -> Result<(), Failure> {
    let wanted = context.config.triage.sure().label;
    let misses = |confidence: f64| confidence < wanted && confidence + WRITER >= wanted;
    let is_close = analysis.issue_type.as_ref().is_some_and(|found| misses(found.confidence))
        || analysis.urgency.as_ref().is_some_and(|found| misses(found.confidence));
    if !is_close || !context.services.github.permission(&issue.author.login).await?.can_write() {
        return Ok(());
    }
    fn lift<T>(found: &mut Option<Finding<T>>) {
        if let Some(found) = found {
            found.confidence = (found.confidence + WRITER).min(MOST.max(found.confidence));
            found.reasons.push("Somebody with write access wrote it.".to_owned());
        }
    }
    lift(&mut analysis.issue_type);
    lift(&mut analysis.urgency);
    Ok(())
}

/// Where GitHub looks for a security policy, the first found counts:
/// <https://docs.github.com/code-security/getting-started/adding-a-security-policy-to-your-repository>
const POLICIES: [&str; 3] = [".github/SECURITY.md", "SECURITY.md", "docs/SECURITY.md"];

/// Says where a weakness is reported in private.
async fn point_to_policy(
    context: &Context<'_>,
    paths: &[String],
    analysis: &mut Analysis,
) -> Result<(), Failure> {
    let Some(report) = &mut analysis.security else { return Ok(()) };
    let repository = context.services.github.repository().await?;
    let url = repository.url.trim_end_matches('/');
    report.private = Some(format!("{url}/security/advisories/new"));
    let policy = POLICIES.into_iter().find(|path| paths.iter().any(|known| known == path));
    report.policy = policy.map(|path| format!("{url}/blob/{}/{path}", repository.default_branch));
    Ok(())
}

pub(super) fn issue_facts(issue: &Issue) -> IssueFacts {
    IssueFacts {
        number: issue.number,
        title: Excerpt::title(&issue.title),
        body: Excerpt::body(&issue.body),
        written: Some(crate::config::text_digest(&issue.title, &issue.body)),
        author: issue.author.clone(),
        state: issue.state,
        labels: issue.labels.clone(),
        assignees: issue.assignees.clone(),
        is_pull: issue.is_pull,
        created_at: issue.created_at,
        updated_at: issue.updated_at,
    }
}

/// Whether an issue is a report of a weakness that is to be handled quietly.
pub(super) fn is_quiet_report(context: &Context<'_>, issue: &Issue) -> bool {
    let rules = &context.config.triage;
    let known = knowledge::is_refused(&context.journal.state(), issue, rules.security.label.as_ref());
    let text = IssueText { title: &issue.title, body: &issue.body };
    rules.security.quiet
        && !known
        && triage::security::of(&text, &issue.labels)
            .is_some_and(|report| report.confidence >= rules.sure().security)
}
