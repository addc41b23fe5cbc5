//! `automata verify`: recomputes everything that the log claims about itself, from the first event on.

use serde::Serialize;

use super::failure::Ended;
use super::world::World;
use crate::domain::id::Sequence;
use crate::domain::state::State;
use crate::log::{self, EventLog as _};
use crate::views;

/// What a check of the whole log found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Verification {
    /// The ref that holds the log.
    reference: String,
    /// Events read, chain and places checked.
    events: u64,
    /// The chain's hash at the end.
    chain: String,
    /// What is wrong, with the place; nothing when the log is sound.
    problems: Vec<String>,
}

impl Verification {
    pub(super) const fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines =
            vec![format!("{}: {} events read, chain {}", self.reference, self.events, self.chain)];
        lines.extend(self.problems.iter().map(|problem| format!("damaged: {problem}")));
        if self.is_sound() {
            lines.push("sound: every line, the chain, every transition and the snapshot agree".to_owned());
        }
        lines
    }
}

/// Reads the whole history: the adapter checks lines, places and chain, the fold checks that each event can
/// follow, and the snapshot is compared with what the history folds into.
pub(super) async fn verify(world: &World) -> Result<Verification, Ended> {
    let git_log = world.git_log()?;
    let (mut state, mut problems) = (State::default(), Vec::new());
    let mut illegal = None;
    let read = git_log
        .history(Sequence(1), &mut |envelope| {
            if illegal.is_none() {
                illegal = state.apply(&envelope.recorded).err();
            }
        })
        .await;
    let mut chain = String::from("unknown");
    match read {
        Ok(()) => match git_log.load().await {
            Ok(loaded) => {
                chain = loaded.head.chain.to_string();
                // A run may have appended in between; then there is nothing to compare.
                let same = loaded.head.sequence == state.sequence;
                match views::present(&loaded) {
                    Ok(present) if same && present != state => {
                        problems.push(
                            "the snapshot is not what the history folds into; the next one replaces it"
                                .to_owned(),
                        );
                    }
                    _ => {}
                }
            }
            Err(error) => problems.push(told(error)?),
        },
        Err(error) => problems.push(told(error)?),
    }
    problems.extend(illegal.map(|illegal| illegal.to_string()));
    Ok(Verification { reference: world.config.state.reference(), events: state.sequence.0, chain, problems })
}

/// A damage is a finding; anything else keeps us from looking.
fn told(error: log::Error) -> Result<String, Ended> {
    match error {
        log::Error::Damaged { .. } | log::Error::Newer { .. } => Ok(error.to_string()),
        other => Err(other.into()),
    }
}
