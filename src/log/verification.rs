//! Reading a whole log to see whether it is what was written.

use crate::domain::id::Sequence;

use super::{Envelope, Error, EventLog};

/// What a check of the whole log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Events read, from the first on, up to the damage if there is one.
    pub events: u64,
    /// The first damage, or the first thing too new to read, or that the log was set back.
    pub damage: Option<Error>,
}

impl Verification {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.damage.is_none()
    }
}

/// Reads every event of `log` and checks places, chain and the end.
///
/// # Errors
/// When the log cannot be reached or may not be read; damage is a result, not an error.
pub async fn verify(log: &dyn EventLog) -> Result<Verification, Error> {
    read(log, &mut |_| ()).await
}

/// As [`verify`], and hands each event that is in order to `visit`, for whoever checks what it says.
///
/// # Errors
/// As [`verify`].
pub async fn read(
    log: &dyn EventLog,
    visit: &mut (dyn FnMut(Envelope) + Send),
) -> Result<Verification, Error> {
    let mut events = 0;
    let mut count = |envelope| {
        events += 1;
        visit(envelope);
    };
    match log.history(Sequence(1), &mut count).await {
        Ok(()) => Ok(Verification { events, damage: None }),
        Err(damage) if damage.is_damage() => Ok(Verification { events, damage: Some(damage) }),
        Err(other) => Err(other),
    }
}
