//! How far machines go on among themselves: bots that answer us about an issue, and plugins that lead to each other.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::actor::{Actor, ActorKind};
use super::time::Timestamp;
use super::trigger::Trigger;

/// What bots may do in a row about one issue or pull request within [`WITHIN`], whatever their texts say: more than
/// two machines have to say to each other that make sense, and few enough that a circle of them ends.
pub const IN_A_ROW: u32 = 20;
/// How long a row is remembered that no person breaks.
pub const WITHIN: Duration = Duration::from_secs(24 * 60 * 60);
/// Starts of plugins of which each led to the next, the first counted in: a second one may finish what the first one
/// found, and nothing that makes sense goes round more often without a person.
pub const DEPTH: u8 = 3;

/// What machines did about an issue since a person did something there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machines {
    /// How many machines in a row have spoken, as the last one's text says: see `Trigger::hops`.
    #[serde(default)]
    pub hops: u8,
    /// How many of their triggers came in a row.
    #[serde(default)]
    count: u32,
    /// When the row began.
    #[serde(default)]
    since: Timestamp,
}

impl Machines {
    /// Whether there is nothing to remember.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.count == 0
    }

    /// The hop that what we write next carries: one more than what led to it.
    #[must_use]
    pub const fn next_hop(&self) -> u8 {
        self.hops.saturating_add(1)
    }

    /// Takes in who did something. A person breaks the row, and so does a day.
    pub(super) fn heed(&mut self, trigger: &Trigger) {
        if is_machine(&trigger.actor) {
            let is_over = self.is_none() || trigger.at.since(self.since) >= WITHIN;
            let (count, since) = if is_over { (0, trigger.at) } else { (self.count, self.since) };
            *self = Self { hops: trigger.hops, count: count.saturating_add(1), since };
        } else if trigger.actor.is_person() {
            *self = Self::default();
        }
    }

    /// Why nothing follows from one more trigger; none where something may.
    #[must_use]
    pub fn refuse(&self, trigger: &Trigger) -> Option<String> {
        let goes_on = self.count >= IN_A_ROW && trigger.at.since(self.since) < WITHIN;
        (goes_on && is_machine(&trigger.actor)).then(|| {
            format!(
                "held: bots have acted here {IN_A_ROW} times in a row within a day, the last time {}; a person has to go on",
                trigger.actor.login
            )
        })
    }
}

/// Whether somebody is an account of a machine, and not the clock or ourselves.
fn is_machine(actor: &Actor) -> bool {
    matches!(actor.kind, ActorKind::Bot | ActorKind::App)
}

/// Why a plugin is not started that stands so deep in a chain of plugins; none where it may be.
#[must_use]
pub fn too_deep(depth: u8) -> Option<String> {
    (depth > DEPTH).then(|| {
        format!(
            "held: plugins led to each other {DEPTH} times in a row, as by a rule `on: analysed` that starts one which asks for an \
             analysis; a person has to go on"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::story::{START, opened};

    fn by(kind: ActorKind, minute: u64) -> Trigger {
        let mut trigger = opened("one", START.plus(Duration::from_secs(60 * minute)));
        trigger.actor.kind = kind;
        trigger
    }

    #[test]
    fn a_row_of_machines_ends_and_a_person_or_a_day_begins_a_new_one() {
        let mut row = Machines::default();
        for minute in 0..u64::from(IN_A_ROW) {
            assert_eq!(row.refuse(&by(ActorKind::Bot, minute)), None, "{minute}");
            row.heed(&by(ActorKind::Bot, minute));
        }
        assert!(row.refuse(&by(ActorKind::App, 30)).is_some());
        assert_eq!(row.refuse(&by(ActorKind::Person, 30)), None);
        assert_eq!(row.refuse(&by(ActorKind::Bot, 24 * 60)), None);
        row.heed(&by(ActorKind::Person, 31));
        assert_eq!((row, row.next_hop()), (Machines::default(), 1));
    }

    #[test]
    fn what_we_write_carries_one_hop_more_than_what_led_to_it() {
        let mut row = Machines::default();
        row.heed(&Trigger { hops: 2, ..by(ActorKind::Bot, 1) });
        assert_eq!(row.next_hop(), 3);
    }
}
