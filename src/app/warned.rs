//! What of that which happened in a run its report warns of.

use crate::domain::event::{Event, TaskFailed};
use crate::domain::input;
use crate::domain::state::State;
use crate::domain::task::Status;
use crate::log::Envelope;
use crate::report::sentence;

/// What to say of an event that somebody should know of.
pub(super) fn warning(envelope: &Envelope) -> Option<String> {
    let about = |hint: Option<&str>| {
        let hint = hint.map(|hint| format!(" {hint}")).unwrap_or_default();
        format!("{}: {}.{hint}", envelope.recorded.stamp.subject, sentence::of(envelope))
    };
    match &envelope.recorded.event {
        Event::TaskRetried(_) | Event::TaskReleased(_) => Some(about(None)),
        Event::TaskFailed(failed) => Some(about(failed.failure.hint.as_deref())),
        Event::FeatureFellBack(changed) => Some(format!(
            "{}. What it would do waits for `/automata approve`; `automata features` shows its results, and `/automata resume {}` lets it act again.",
            sentence::of(envelope),
            changed.feature
        )),
        _ => None,
    }
}

/// Whether what an event warns of passes by itself, so that nobody has to act.
pub(super) fn passes(envelope: &&Envelope) -> bool {
    matches!(envelope.recorded.event, Event::TaskRetried(_) | Event::TaskReleased(_))
}

/// Whether an event tells of a webhook what a dead letter of an earlier event tells already: each event that could not be sent is
/// kept, and who has to mend it hears of it once.
pub(super) fn is_known(state: &State, envelope: &Envelope) -> bool {
    let Event::TaskFailed(TaskFailed { task, failure, .. }) = &envelope.recorded.event else { return false };
    let Some(task) = state.tasks.get(task).filter(|task| task.spec.kind.as_str() == input::WEBHOOK) else {
        return false;
    };
    state.tasks.values().any(|other| {
        other.spec.kind == task.spec.kind
            && other.enqueued < task.enqueued
            && matches!(&other.status, Status::Failed { failure: known, .. }
                if known.code == failure.code && known.message == failure.message)
    })
}
