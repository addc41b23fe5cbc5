//! Task kind `assign`: assigns people, unless people have settled that themselves, and takes assignments away.

use super::{Announcement, Context, Done, comment};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::effect::EffectKind;
use crate::domain::event::CommandAnswered;
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::spec::TaskRequest;
use crate::domain::words::Word;
use crate::domain::{input, receipt};
use crate::report::answer;

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let wanted: input::Assign = context.input()?;
    let github = &context.services.github;
    let Some(issue) = github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    // Whoever asks in person settles it anew.
    let is_asked = wanted.asked_by.is_some();
    let meant: Vec<Login> = {
        let state = context.journal.state();
        let known = state.issues.get(&number);
        let refused = known.map(|known| known.unassigned(&issue.assignees)).unwrap_or_default();
        wanted.logins.iter().filter(|login| is_asked || !refused.contains(login)).cloned().collect()
    };
    let settled = !is_asked && !issue.assignees.is_empty();
    let there: Vec<Login> = meant.iter().filter(|login| issue.assignees.contains(login)).cloned().collect();
    let gone: Vec<Login> =
        wanted.remove.iter().filter(|login| !issue.assignees.contains(login)).cloned().collect();
    // Whom an earlier attempt may have assigned is ours, not somebody's decision.
    let is_open = context.is_open("assignees");
    let is_done = is_open && !(there.is_empty() && gone.is_empty());
    let has_work = !meant.is_empty() || gone.len() < wanted.remove.len();
    if !is_done && (settled || !has_work) {
        let note = if settled { "somebody is assigned already" } else { "nobody is left to assign" };
        return Done::note(note, Vec::new());
    }
    let names =
        meant.iter().map(Login::to_string).chain(wanted.remove.iter().map(|login| format!("-{login}")));
    let announcement = Announcement {
        step: "assignees",
        kind: EffectKind::Assignees,
        target: context.task.spec.subject.to_string(),
        detail: names.collect::<Vec<_>>().join(" "),
    };
    let receipt = context
        .effect(
            announcement,
            async || {
                let is_whole = gone.len() == wanted.remove.len() && (meant.is_empty() || !there.is_empty());
                let receipt = || receipt::Assignees { added: there.clone(), removed: gone.clone() };
                Ok(is_whole.then(receipt))
            },
            async || {
                let now = match meant.is_empty() {
                    true => Vec::new(),
                    false => github.add_assignees(number, &meant).await?,
                };
                github.remove_assignees(number, &wanted.remove).await?;
                // GitHub passes over people who cannot be assigned without a word.
                let added = meant.iter().filter(|login| now.contains(login)).cloned().collect();
                Ok(receipt::Assignees { added, removed: wanted.remove.clone() })
            },
        )
        .await?;
    let passed_over: Vec<Login> =
        meant.iter().filter(|login| !receipt.added.contains(login)).cloned().collect();
    let follow_ups = tell(context, wanted.asked_by.as_ref(), &passed_over);
    Done::with(
        &serde_json::json!({
            "assigned": receipt.added, "unassigned": receipt.removed, "cannot_be_assigned": passed_over,
        }),
        follow_ups,
    )
}

/// Tells whoever asked that some people cannot be assigned.
fn tell(context: &Context<'_>, asked_by: Option<&Login>, passed_over: &[Login]) -> Vec<TaskRequest> {
    let Some(asked_by) = asked_by.filter(|_| !passed_over.is_empty()) else { return Vec::new() };
    let told = answer::told(
        &Word::Assign { logins: passed_over.to_vec() },
        &context.config.comment.words.cannot_be_assigned,
    );
    let subject = context.task.spec.subject;
    let answered = CommandAnswered { asked_by: asked_by.clone(), text: told };
    let ordered = context.journal.order(
        &context.task,
        &Actor::person(asked_by.as_str()),
        Command::Answer { subject, answered },
    );
    if ordered.is_ok() { comment::refresh_of(subject) } else { Vec::new() }
}
