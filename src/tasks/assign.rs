//! Task kind `assign`: assigns people, unless people have settled that themselves.

use super::{Announcement, Context, Done};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::{input, receipt};

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let wanted: input::Assign = context.input()?;
    let github = &context.services.github;
    let Some(issue) = github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    // What an earlier attempt may have done is looked at again, so that its receipt is not lost.
    let left_open = context.left_open("assignees").map(|intent| intent.detail);
    let tried = |login: &Login| {
        left_open.iter().flat_map(|detail| detail.split(' ')).any(|name| *login == Login::new(name))
    };
    let missing: Vec<Login> = {
        let state = context.journal.state();
        let refused = state.issues.get(&number).map(|known| &known.refused_assignees);
        let is_refused = |login: &Login| refused.is_some_and(|refused| refused.contains(login));
        wanted
            .logins
            .into_iter()
            .filter(|login| !is_refused(login) && (!issue.assignees.contains(login) || tried(login)))
            .collect()
    };
    let settled = !issue.assignees.is_empty();
    if left_open.is_none() && (settled || missing.is_empty()) {
        let note = if settled { "somebody is assigned already" } else { "nobody is left to assign" };
        return Done::note(note, Vec::new());
    }
    let names: Vec<&str> = missing.iter().map(Login::as_str).collect();
    let announcement = Announcement {
        step: "assignees",
        kind: EffectKind::Assignees,
        target: context.task.spec.subject.to_string(),
        detail: left_open
            .clone()
            .filter(|_| settled || missing.is_empty())
            .unwrap_or_else(|| names.join(" ")),
    };
    let receipt = context
        .effect(
            announcement,
            async || {
                // Whoever is assigned by now, by us or by a person: that settles it.
                let added = missing.iter().filter(|login| issue.assignees.contains(login)).cloned().collect();
                Ok((settled || missing.is_empty()).then_some(receipt::Assignees { added }))
            },
            async || {
                let now = github.add_assignees(number, &missing).await?;
                // GitHub passes over people who cannot be assigned without a word.
                let added = missing.iter().filter(|login| now.contains(login)).cloned().collect();
                Ok(receipt::Assignees { added })
            },
        )
        .await?;
    let passed_over: Vec<&Login> = missing.iter().filter(|login| !receipt.added.contains(login)).collect();
    Done::with(
        &serde_json::json!({ "assigned": receipt.added, "cannot_be_assigned": passed_over }),
        Vec::new(),
    )
}
