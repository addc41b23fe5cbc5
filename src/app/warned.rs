//! What of that which happened in a run its report warns of.

use crate::domain::event::Event;
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
