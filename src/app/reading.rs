//! Reads a log for people who look: what is damaged is read as far as it can be, and the damage told after.

use super::encryption;
use super::environment::Environment;
use super::failure::Ended;
use super::session;
use super::world::World;
use crate::cli::Global;
use crate::domain::id::Sequence;
use crate::domain::state::State;
use crate::log::{Envelope, EventLog as _};
use crate::report::terminal::Terminal;

impl World {
    /// The world of a command that looks: what is wrong with the configuration is told, and keeps nobody from looking.
    ///
    /// # Errors
    /// As [`World::open`] and [`World::configured`].
    pub(super) async fn looking(
        global: &Global,
        environment: &Environment,
        terminal: Terminal,
    ) -> Result<Self, Ended> {
        let world = Self::open(global, environment)?.configured().await?;
        world.warn(terminal);
        Ok(world)
    }

    /// Tells what is wrong with the configuration.
    pub(super) fn warn(&self, terminal: Terminal) {
        for problem in &self.problems {
            terminal.note(&format!("warning: {problem}"));
        }
    }
}

/// The present state, or the state that the readable part of a damaged log folds into.
pub(super) struct Present {
    /// The state.
    pub(super) state: State,
    /// What is wrong with the log, to be told after what could be read of it.
    pub(super) damage: Option<Ended>,
}

impl Present {
    /// What comes after all that could be shown.
    pub(super) fn told(self) -> Result<(), Ended> {
        self.damage.map_or(Ok(()), Err)
    }
}

/// Reads the present state.
///
/// # Errors
/// When the log cannot be reached; damage is no error here.
pub(super) async fn present(world: &World) -> Result<Present, Ended> {
    let (read, note) = match world.kept_elsewhere() {
        Some(log) => (session::read(log.as_ref()).await, None),
        None => {
            let log = world.git_log()?;
            (session::read(&log).await, encryption::note(&log.met()))
        }
    };
    let is_sealed = note.is_some();
    if let Some(note) = note.filter(|_| read.is_ok()) {
        tracing::warn!("{note}");
    }
    let damage = match read {
        Ok((state, _)) => return Ok(Present { state, damage: None }),
        Err(session::Error::Log(error)) if !error.is_damage() => return Err(error.into()),
        Err(damage) => damage,
    };
    let (mut state, mut illegal) = (State::default(), false);
    history(world, Sequence(1), &mut |envelope| {
        illegal = illegal || state.apply(&envelope.recorded).is_err();
    })
    .await?;
    if is_sealed && matches!(damage, session::Error::Unfoldable(_)) {
        // What is sealed as a whole is missing, and what follows from it cannot.
        return Ok(Present { state, damage: None });
    }
    let damage = Some(up_to(damage.into(), state.sequence));
    Ok(Present { state, damage })
}

/// Reads events from `first` on and gives the damage that stopped the reading, if there is one.
///
/// # Errors
/// When the log cannot be reached; damage is no error here.
pub(super) async fn history(
    world: &World,
    first: Sequence,
    visit: &mut (dyn FnMut(Envelope) + Send),
) -> Result<Option<Ended>, Ended> {
    let mut last = Sequence::ZERO;
    let log = world.git_log()?;
    let read = log
        .history(first, &mut |envelope| {
            last = envelope.recorded.stamp.sequence;
            visit(envelope);
        })
        .await;
    if let Some(note) = encryption::note(&log.met()) {
        tracing::warn!("{note}");
    }
    match read {
        Ok(()) => Ok(None),
        Err(error) if error.is_damage() => Ok(Some(up_to(error.into(), last))),
        Err(error) => Err(error.into()),
    }
}

fn up_to(mut damage: Ended, last: Sequence) -> Ended {
    if last > Sequence::ZERO {
        let told = format!("What was shown ends with event {last}, the last one that can be read.");
        damage.hints.insert(0, told);
    }
    damage
}
