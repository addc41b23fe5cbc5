//! Task kind `set_milestone`: plans an issue for a milestone that there is, unless it is planned or a person settled that.

use super::{Announcement, Context, Done};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::state::{Aspect, IssueState};
use crate::domain::{input, receipt};

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let input::SetMilestone { title } = context.input()?;
    let github = &context.services.github;
    let Some(issue) = github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    let is_theirs = {
        let state = context.journal.state();
        let settled = |known: &IssueState| {
            [&known.settled, &known.had_ours].into_iter().any(|aspects| aspects.contains(&Aspect::Milestone))
        };
        state.issues.get(&number).is_some_and(settled)
    };
    let is_set = issue.milestone.as_ref().is_some_and(|known| known.to_lowercase() == title.to_lowercase());
    // What an earlier attempt may have done is closed with a receipt, not passed over.
    let is_done = is_set && context.is_open("issue");
    if !is_done && (is_theirs || issue.milestone.is_some()) {
        let note =
            if is_theirs { "a person has settled the milestone" } else { "it has a milestone already" };
        return Done::note(note, Vec::new());
    }
    let announcement = Announcement {
        step: "issue",
        kind: EffectKind::Issue,
        target: context.task.spec.subject.to_string(),
        detail: format!("milestone {title}"),
    };
    let done = || receipt::Issue { milestone: Some(title.clone()), ..receipt::Issue::default() };
    let receipt = context
        .effect(
            announcement,
            async || Ok(is_done.then(done)),
            async || {
                let milestone = github.set_milestone(number, Some(&title)).await?;
                Ok(receipt::Issue { milestone, ..receipt::Issue::default() })
            },
        )
        .await?;
    match receipt.milestone {
        Some(set) => Done::with(&serde_json::json!({ "milestone": set }), Vec::new()),
        None => Done::note(&format!("there is no open milestone `{title}`; make it first"), Vec::new()),
    }
}
