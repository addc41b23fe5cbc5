//! Task kind `set_type`: sets the issue's type, unless it has one or a person has settled that themselves.

use super::{Announcement, Context, Done};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::state::{Aspect, IssueState};
use crate::domain::{input, receipt};

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let input::SetType { name } = context.input()?;
    let github = &context.services.github;
    let Some(issue) = github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    let is_theirs = {
        let state = context.journal.state();
        let settled = |known: &IssueState| known.type_is_theirs || known.had_ours.contains(&Aspect::Type);
        state.issues.get(&number).is_some_and(settled)
    };
    let is_set = issue.issue_type.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(&name));
    // What an earlier attempt may have done is closed with a receipt, not passed over.
    let is_done = is_set && context.is_open("issue");
    if !is_done && (is_theirs || issue.issue_type.is_some()) {
        let note = if is_theirs { "a person has settled the type" } else { "it has a type already" };
        return Done::note(note, Vec::new());
    }
    let announcement = Announcement {
        step: "issue",
        kind: EffectKind::Issue,
        target: context.task.spec.subject.to_string(),
        detail: format!("type {name}"),
    };
    let done = receipt::Issue { issue_type: Some(name.clone()), ..receipt::Issue::default() };
    let receipt = context
        .effect(
            announcement,
            async || Ok(is_done.then(|| done.clone())),
            async || {
                // Without push access GitHub passes the change over without a word.
                let issue_type = github.set_issue_type(number, Some(&name)).await?;
                Ok(receipt::Issue { issue_type, ..receipt::Issue::default() })
            },
        )
        .await?;
    match receipt.issue_type {
        Some(set) => Done::with(&serde_json::json!({ "type": set }), Vec::new()),
        None => Done::note("GitHub did not take the type: the token may not set it", Vec::new()),
    }
}
