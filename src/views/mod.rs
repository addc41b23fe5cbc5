//! Folds over envelopes: pure, disposable, made again whenever they are wanted.

pub mod access;
pub mod board;
pub mod dashboard;
pub mod issue_list;
pub mod metrics;
pub mod search;
pub mod snapshot;
pub mod timeline;

use crate::domain::evolve::IllegalEvent;
use crate::domain::state::State;
use crate::log::{Envelope, Loaded};

/// The present state could not be folded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfoldable {
    /// The snapshot is of another version of the fold: fold the whole history.
    #[error("the snapshot was made by another version of the fold")]
    OtherFold,
    /// The snapshot cannot be read: fold the whole history.
    #[error("the snapshot cannot be read: {0}")]
    BadSnapshot(String),
    /// An event cannot follow from what was before it.
    #[error("the log tells something impossible: {0}")]
    Illegal(#[from] IllegalEvent),
}

/// The present state out of what a fresh reader gets.
///
/// # Errors
/// [`Unfoldable::OtherFold`] and [`Unfoldable::BadSnapshot`] when the history has to be folded instead
/// (snapshots are a cache); [`Unfoldable::Illegal`] when the log itself is wrong.
pub fn present(loaded: &Loaded) -> Result<State, Unfoldable> {
    let mut state = match &loaded.snapshot {
        Some(snapshot) => snapshot::read(snapshot)?,
        None => State::default(),
    };
    fold(&mut state, &loaded.tail)?;
    Ok(state)
}

/// Folds events into a state.
///
/// # Errors
/// [`IllegalEvent`] at the first one that cannot follow.
pub fn fold(state: &mut State, events: &[Envelope]) -> Result<(), IllegalEvent> {
    events.iter().try_for_each(|envelope| state.apply(&envelope.recorded))
}
