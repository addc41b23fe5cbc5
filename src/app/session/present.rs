//! Reading a log up to the present, and what is written beside the events: snapshots and commit messages.

use super::Error;
use crate::domain::event::Event;
use crate::domain::id::Sequence;
use crate::domain::state::State;
use crate::domain::untrusted::one_line;
use crate::log::{Envelope, EventLog, Head, Loaded, SNAPSHOT_EVERY, Snapshot};
use crate::report::sentence;
use crate::views::{self, Unfoldable};

pub(super) fn due_snapshot(state: &State, head: &Head) -> Option<Snapshot> {
    if head.tail < SNAPSHOT_EVERY {
        return None;
    }
    // A snapshot is a cache: failing to make one costs time, not truth.
    views::snapshot::write(state)
        .inspect_err(|error| tracing::warn!(%error, "no snapshot could be made"))
        .ok()
}

/// The present state of a log and its end.
///
/// # Errors
/// When it cannot be read or folded.
pub async fn read(log: &dyn EventLog) -> Result<(State, Head), Error> {
    let loaded = log.load().await?;
    fold(log, loaded).await
}

pub(super) async fn fold(log: &dyn EventLog, loaded: Loaded) -> Result<(State, Head), Error> {
    match views::present(&loaded) {
        Ok(state) => return Ok((state, loaded.head)),
        Err(Unfoldable::Illegal(illegal)) => return Err(Unfoldable::Illegal(illegal).into()),
        Err(unusable) => tracing::info!(%unusable, "folding the whole history instead of the snapshot"),
    }
    let mut state = State::default();
    let mut illegal = None;
    let last = loaded.head.sequence;
    log.history(Sequence(1), &mut |envelope| {
        if illegal.is_none() && envelope.recorded.stamp.sequence <= last {
            illegal = state.apply(&envelope.recorded).err();
        }
    })
    .await?;
    match illegal {
        Some(illegal) => Err(Unfoldable::Illegal(illegal).into()),
        None => Ok((state, loaded.head)),
    }
}

/// Events told in one commit message: as many as anybody reads; the commit itself holds them all.
const LINES: usize = 50;

/// What the history of the state branch says about these events.
pub(super) fn message(events: &[Envelope]) -> String {
    let tells = |envelope: &&Envelope| {
        matches!(
            envelope.recorded.event,
            Event::TriggerReceived(_)
                | Event::TriggerRefused(_)
                | Event::EffectCompleted(_)
                | Event::TaskFailed(_)
        )
    };
    let headline = events.iter().find(tells).or(events.first()).map(sentence::of).unwrap_or_default();
    let mut message = one_line(&headline, 100);
    message.push_str("\n\n");
    for envelope in events.iter().take(LINES) {
        let stamp = &envelope.recorded.stamp;
        let line = one_line(&sentence::of(envelope), 160);
        message.push_str(&format!("{} {}: {line}\n", stamp.sequence, stamp.subject));
    }
    if events.len() > LINES {
        message.push_str(&format!("and {} more\n", events.len() - LINES));
    }
    message
}
