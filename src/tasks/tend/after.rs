//! Clears up after a merge: the branch goes where it is still as it was merged, and the issue is closed where it is still open.

use super::{Ours, merge, passed_over};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::EffectId;
use crate::domain::input::Tended;
use crate::domain::receipt;
use crate::domain::state::Aspect;
use crate::domain::subject::Subject;
use crate::domain::trigger::OpenState;
use crate::services::github::Standing;
use crate::tasks::{Announcement, Context, Done, comment, gone_branch};

/// `is_news`: whether it was merged just now, by this task.
pub(super) async fn clear_up(
    context: &Context<'_>,
    ours: &Ours,
    standing: &Standing,
    is_news: bool,
) -> Result<Done, Failure> {
    let is_news = is_news || context.is_open(merge::STEP);
    adopt(context, ours, standing).await?;
    let mut told = match &standing.merged_as {
        Some(commit) => vec![format!("it is merged as {commit}")],
        None => vec!["it is merged".to_owned()],
    };
    let Some(rules) = &context.config.pull_requests.merge else {
        return passed_over("there is nothing to clear up");
    };
    if rules.delete_branch {
        told.extend(delete_branch(context, ours, standing).await?);
    }
    if close_issue(context, ours).await? {
        told.push("its issue is closed".to_owned());
    }
    // What was said of an earlier look stays where nothing was left to do.
    if told.len() == 1 && !is_news {
        return passed_over("there is nothing to clear up");
    }
    done(context, ours, standing, &told)
}

fn done(context: &Context<'_>, ours: &Ours, standing: &Standing, told: &[String]) -> Result<Done, Failure> {
    let tended = Tended { base: standing.base.clone(), done: Some(told.join("; ")), ..Tended::default() };
    let mut follow_ups = comment::refresh(&context.task);
    follow_ups.extend(comment::refresh_of(Subject::Issue(ours.issue)));
    Done::with(&tended, follow_ups)
}

/// A merge that an earlier attempt asked for and did not live to hear of.
async fn adopt(context: &Context<'_>, ours: &Ours, standing: &Standing) -> Result<(), Failure> {
    if !context.is_open(merge::STEP) {
        return Ok(());
    }
    let intent = {
        let state = context.journal.state();
        let effect = state.effects.get(&EffectId::of(&context.task.id, merge::STEP));
        effect.map(|effect| effect.intent.clone())
    };
    let Some(intent) = intent else { return Ok(()) };
    let announcement = Announcement {
        step: merge::STEP,
        kind: EffectKind::Merge,
        target: intent.target,
        detail: intent.detail,
    };
    let merged = receipt::Merged { number: ours.number, commit: standing.merged_as.clone() };
    let found = merged.clone();
    context.effect(announcement, async || Ok(Some(found)), async || Ok(merged)).await.map(drop)
}

/// Deletes the branch where it is still at the commit that was merged. What was done, a clause.
async fn delete_branch(
    context: &Context<'_>,
    ours: &Ours,
    standing: &Standing,
) -> Result<Option<String>, Failure> {
    const STEP: &str = "merged_branch";
    let (code, name, merged) = (&context.services.code, &ours.branch, &standing.head);
    match code.branch(name).await? {
        None if !context.is_open(STEP) => return Ok(None),
        Some(at) if at != *merged => {
            return Ok(Some(format!("its branch {name} stays, because somebody has pushed to it")));
        }
        _ => {}
    }
    Ok(Some(match gone_branch::delete(context, STEP, name, merged).await? {
        None => format!("its branch {name} is deleted"),
        Some(failure) => format!("its branch {name} stays: {failure}"),
    }))
}

/// Closes the issue where the closing keyword did not, unless a person has said whether it is open. Whether it did.
async fn close_issue(context: &Context<'_>, ours: &Ours) -> Result<bool, Failure> {
    const STEP: &str = "solved_issue";
    let github = &context.services.github;
    let is_settled = {
        let state = context.journal.state();
        state.issues.get(&ours.issue).is_some_and(|known| known.settled.contains(&Aspect::State))
    };
    let is_open = github.issue(ours.issue).await?.is_some_and(|issue| issue.state == OpenState::Open);
    if (is_settled || !is_open) && !context.is_open(STEP) {
        return Ok(false);
    }
    let announcement = Announcement {
        step: STEP,
        kind: EffectKind::Issue,
        target: Subject::Issue(ours.issue).to_string(),
        detail: format!("close: solved by #{}", ours.number),
    };
    let receipt = || receipt::Issue { closed: true, ..receipt::Issue::default() };
    context
        .effect(
            announcement,
            async || Ok((!is_open).then(receipt)),
            async || github.complete_issue(ours.issue).await.map(|()| receipt()),
        )
        .await
        .map(|_: receipt::Issue| true)
}
