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
    let meant: Vec<Login> = {
        let state = context.journal.state();
        let refused = state.issues.get(&number).map(|known| &known.refused_assignees);
        let is_refused = |login: &Login| refused.is_some_and(|refused| refused.contains(login));
        wanted.logins.into_iter().filter(|login| !is_refused(login)).collect()
    };
    let settled = !issue.assignees.is_empty();
    let there: Vec<Login> = meant.iter().filter(|login| issue.assignees.contains(login)).cloned().collect();
    // Whom an earlier attempt may have assigned is ours, not somebody's decision.
    let is_done = context.is_open("assignees") && !there.is_empty();
    if !is_done && (settled || meant.is_empty()) {
        let note = if settled { "somebody is assigned already" } else { "nobody is left to assign" };
        return Done::note(note, Vec::new());
    }
    let names: Vec<&str> = meant.iter().map(Login::as_str).collect();
    let announcement = Announcement {
        step: "assignees",
        kind: EffectKind::Assignees,
        target: context.task.spec.subject.to_string(),
        detail: names.join(" "),
    };
    let receipt = context
        .effect(
            announcement,
            async || Ok(is_done.then(|| receipt::Assignees { added: there.clone() })),
            async || {
                let now = github.add_assignees(number, &meant).await?;
                // GitHub passes over people who cannot be assigned without a word.
                let added = meant.iter().filter(|login| now.contains(login)).cloned().collect();
                Ok(receipt::Assignees { added })
            },
        )
        .await?;
    let passed_over: Vec<&Login> = meant.iter().filter(|login| !receipt.added.contains(login)).collect();
    Done::with(
        &serde_json::json!({ "assigned": receipt.added, "cannot_be_assigned": passed_over }),
        Vec::new(),
    )
}
