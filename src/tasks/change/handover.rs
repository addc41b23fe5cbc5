//! Hands an issue to an agent that works elsewhere: announced before, and once.

use super::ask::Wish;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::EffectId;
use crate::domain::receipt;
use crate::services::assistant::{Assistant, Change};
use crate::tasks::Announcement;

/// How the step is named; the assistant's name follows.
const STEP: &str = "handover-";

/// The assistant that an earlier attempt of this task handed the issue to, or was about to.
pub(super) fn begun(wish: &Wish<'_>) -> Option<String> {
    let state = wish.context.journal.state();
    let is_begun = |name: &str| {
        let effect = EffectId::of(&wish.context.task.id, &step(name));
        state.effects.contains_key(&effect)
    };
    let assistants = &wish.context.services.assistants;
    assistants.iter().map(|assistant| assistant.name()).find(|name| is_begun(name)).map(str::to_owned)
}

fn step(assistant: &str) -> String {
    format!("{STEP}{assistant}")
}

/// Hands it over where an agent is meant. One that has it already, because a person gave it, is left alone.
pub(super) async fn hand_over(
    wish: &Wish<'_>,
    assistant: &dyn Assistant,
    change: &Change,
) -> Result<(), Failure> {
    let Change::Elsewhere { who, is_assigned, agent: Some(_) } = change else { return Ok(()) };
    let step = step(assistant.name());
    if *is_assigned && !wish.context.is_open(&step) {
        return Ok(());
    }
    let number = wish.issue.number;
    let announcement = Announcement {
        step: &step,
        kind: EffectKind::Assistant,
        target: wish.context.task.spec.subject.to_string(),
        detail: who.to_string(),
    };
    let receipt = || receipt::Assignees { added: vec![who.clone()], removed: Vec::new() };
    let handed = wish
        .context
        .effect(
            announcement,
            async || Ok(assistant.has_taken_on(number).await?.then(receipt)),
            async || assistant.take_on(number).await.map(|()| receipt()),
        )
        .await;
    handed.map(|_: receipt::Assignees| ())
}
