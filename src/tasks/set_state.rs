//! Task kind `set_state`: closes an issue or opens it again, unless a person settled that.

use super::{Announcement, Context, Done};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::state::Aspect;
use crate::domain::trigger::OpenState;
use crate::domain::{input, receipt};

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let input::SetState { to } = context.input()?;
    let github = &context.services.github;
    let Some(issue) = github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    let is_theirs = {
        let state = context.journal.state();
        state.issues.get(&number).is_some_and(|known| known.settled.contains(&Aspect::State))
    };
    let is_so = issue.state == to;
    // What an earlier attempt may have done is closed with a receipt, not passed over.
    let is_done = is_so && context.is_open("issue");
    let (closes, word) = match to {
        OpenState::Closed => (true, "closed"),
        OpenState::Open => (false, "open"),
    };
    if !is_done && is_so {
        return Done::note(&format!("it is {word} already"), Vec::new());
    }
    if !is_done && is_theirs {
        return Done::note("a person has closed or reopened it", Vec::new());
    }
    let announcement = Announcement {
        step: "issue",
        kind: EffectKind::Issue,
        target: context.task.spec.subject.to_string(),
        detail: if closes { "closed as not planned".to_owned() } else { "opened again".to_owned() },
    };
    let done = receipt::Issue { closed: closes, reopened: !closes, ..receipt::Issue::default() };
    context
        .effect(
            announcement,
            async || Ok(is_done.then(|| done.clone())),
            async || {
                let asked =
                    if closes { github.close_issue(number).await } else { github.reopen_issue(number).await };
                asked.map(|()| done.clone())
            },
        )
        .await?;
    Done::with(&done, Vec::new())
}
