//! Which effects are meant when something is to be undone: of a subject, a run, a task, or one of them.

use super::effect::{Effect, EffectKind};
use super::id::IssueNumber;
use super::input;
use super::state::State;
use super::subject::Subject;
use super::task::Task;

/// Whether `what` names the subject itself: `42`, `#42`, `issue/42`.
#[must_use]
pub fn names(what: &str, subject: Subject) -> bool {
    let number = what.strip_prefix('#').unwrap_or(what).parse().ok().map(IssueNumber);
    what == subject.to_string() || (number.is_some() && number == subject.number())
}

/// Effects about the subject that happened and are in view, the newest task's first; with `what`, only those of the
/// run, of the task (or of tasks whose ids begin so), or the one effect of that name. What was itself an undoing is
/// not undone, a reaction says what was so when it was put there, and what lies in Drive has a trash of its own.
#[must_use]
pub fn effects<'a>(state: &'a State, subject: Subject, what: Option<&str>) -> Vec<(&'a Effect, &'a Task)> {
    let mut found: Vec<(&Effect, &Task)> = state
        .effects
        .values()
        .filter(|effect| effect.receipt.is_some())
        .filter(|effect| !matches!(effect.intent.kind, EffectKind::Reaction | EffectKind::DriveFile))
        .filter_map(|effect| Some((effect, state.tasks.get(&effect.intent.task)?)))
        .filter(|(_, task)| task.spec.subject == subject && task.spec.kind.as_str() != input::UNDO)
        .filter(|(effect, task)| what.is_none_or(|what| is_meant(effect, task, what)))
        .collect();
    found.sort_by_key(|(_, task)| std::cmp::Reverse(task.enqueued));
    found
}

fn is_meant(effect: &Effect, task: &Task, what: &str) -> bool {
    effect.run.as_str() == what || effect.intent.effect.as_str() == what || task.id.as_str().starts_with(what)
}
