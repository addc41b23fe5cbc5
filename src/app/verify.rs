//! `automata verify`: recomputes everything that the log claims about itself, from the first event on.

use serde::Serialize;

use super::failure::Ended;
use super::progress::Bar;
use super::world::World;
use crate::domain::count::counted;
use crate::domain::event::Event;
use crate::domain::state::State;
use crate::log::{EventLog as _, verification};
use crate::views;

/// What is told of a log from before the witness, of one whose loss was accepted, and of none at all.
const NO_WITNESS: &str = "witness: there is none yet, the next append makes it";
/// Digits of a commit that people see.
const SHORT: usize = 12;

/// Where the witness of the state branch stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Witness {
    reference: String,
    commit: String,
    /// Whether it is at the branch's commit; else it is behind.
    level: bool,
}

impl Witness {
    fn line(&self) -> String {
        if self.level {
            format!("{}: the branch is where it was left", self.reference)
        } else {
            let short: String = self.commit.chars().take(SHORT).collect();
            format!(
                "{} is behind the branch, at {short} in its history: the next append moves it on",
                self.reference
            )
        }
    }
}

/// What a check of the whole log found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Verification {
    /// Whether nothing is wrong.
    sound: bool,
    /// The ref that holds the log.
    reference: String,
    /// The ref that tells whether the branch was set back; nothing where there is none yet, or the branch was set back.
    witness: Option<Witness>,
    /// Events read, places and chain checked.
    events: u64,
    /// The chain's hash at the end, when the end was reached.
    chain: Option<String>,
    /// Texts that there was no key for: their places and the chain were checked, and not what they say.
    #[serde(skip_serializing_if = "is_zero")]
    sealed: u64,
    /// Texts whose keys were destroyed.
    #[serde(skip_serializing_if = "is_zero")]
    forgotten: u64,
    /// What is wrong, with the place; nothing when the log is sound.
    problems: Vec<String>,
    /// What to do about it.
    hints: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Verification {
    pub(super) const fn is_sound(&self) -> bool {
        self.sound
    }

    /// What to do about the problems.
    pub(super) fn hints(&self) -> &[String] {
        &self.hints
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let chain = self.chain.as_ref().map(|chain| format!(", chain {chain}")).unwrap_or_default();
        let mut lines =
            vec![format!("{}: {} read{chain}", self.reference, counted(self.events, "event", "events"))];
        if self.sealed > 0 {
            lines.push(format!(
                "{} sealed: the chain holds over them, and without a key nothing else is known",
                counted(self.sealed, "text is", "texts are")
            ));
        }
        if self.forgotten > 0 {
            lines.push(format!(
                "{} forgotten: the chain holds over them all the same",
                counted(self.forgotten, "text was", "texts were")
            ));
        }
        lines.extend(self.problems.iter().map(|problem| format!("damaged: {problem}")));
        lines.extend(self.witness.as_ref().map(Witness::line));
        if self.sound {
            lines.extend(self.witness.is_none().then(|| NO_WITNESS.to_owned()));
            lines.push(
                if self.sealed > 0 {
                    "sound as far as can be seen without a key: every line and the chain agree"
                } else {
                    "sound: every line, the chain, every transition and the snapshot agree"
                }
                .to_owned(),
            );
        }
        lines
    }
}

/// Reads the whole history: the log checks lines, places and chain, the fold checks that each event can
/// follow, and the snapshot is compared with what the history folds into.
pub(super) async fn verify(world: &World, bar: &Bar) -> Result<Verification, Ended> {
    let git_log = world.git_log()?;
    let (mut state, mut illegal) = (State::default(), None);
    // Of these nothing is known that others could contradict.
    let mut has_sealed_lines = false;
    let read = verification::read(&git_log, &mut |envelope| {
        bar.at(envelope.recorded.stamp.sequence.0, 0);
        has_sealed_lines |= matches!(envelope.recorded.event, Event::Sealed(_));
        if illegal.is_none() {
            illegal =
                state.apply(&envelope.recorded).err().map(|error| (envelope.recorded.stamp.sequence, error));
        }
    })
    .await?;
    let met = git_log.met();
    let (mut problems, mut hints, mut chain) = (Vec::new(), Vec::new(), None);
    if let Some((sequence, illegal)) = illegal.filter(|_| !has_sealed_lines) {
        problems.push(format!("event {sequence}: {illegal}"));
    }
    if let Some(damage) = read.damage {
        let damage = Ended::from(damage);
        problems.push(damage.message);
        hints = damage.hints;
    } else {
        let loaded = git_log.load().await?;
        chain = Some(loaded.head.chain.to_string());
        // A run may have appended in between; then there is nothing to compare.
        let same = loaded.head.sequence == state.sequence;
        if same && views::present(&loaded).is_ok_and(|present| present != state) {
            problems.push("the snapshot is not what the history folds into".to_owned());
            hints.push(
                "Remove the folder `snapshot` from the state branch: it is a cache, and is made anew from the history."
                    .to_owned(),
            );
        }
    }
    if let Some(lost) = git_log.lost_keys().map(Ended::from) {
        problems.push(lost.message);
        hints.extend(lost.hints);
    }
    let witness = git_log.witness().map(|witness| Witness {
        reference: witness.reference,
        commit: witness.commit,
        level: witness.is_level,
    });
    Ok(Verification {
        sound: problems.is_empty(),
        reference: world.config.state.reference(),
        witness,
        events: read.events,
        sealed: met.shut,
        forgotten: met.forgotten,
        chain,
        problems,
        hints,
    })
}
