//! The witness: a second ref that moves with the state branch. By it a branch that was set back, rewritten or deleted
//! is told from one that never was longer; and since it names the last commit, a server keeps all of the log.
//!
//! ```text
//! equal to the branch        sound
//! in the branch's history,   sound: a push that ended halfway, or an older program; the next append moves it on
//! and its log goes on there
//! missing                    sound: an older log, or somebody accepted a loss; the next append makes it
//! no log, or another one     the witness is wrong
//! anything else              the branch was set back, rewritten or deleted
//! ```
//! How the last ones are told apart stands in `judging.rs`, what people are told in `ways_out.rs`.

use std::collections::BTreeSet;

use super::judging::Wrong;
use super::repair::REPLACED;
use super::{GitLog, Settings, unpoisoned};
use crate::log::Error;
use crate::services::git::objects::ObjectId;
use crate::services::git::remote::{self, RefUpdate, Remote, RemoteRef};
use crate::services::models::FOLDER as MODELS;

/// How often the refs are listed while branch and witness contradict each other. A server may list them
/// while a push is under way, so only what is the same twice is believed.
const LOOKS: u32 = 5;

/// Where the keys of sealed logs lie.
const KEYS: &str = "refs/automata/keys";

/// How a witness is moved. Its name tells, so that no server has to be asked before each append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// In one push with the branch, both or none.
    Together,
    /// After the branch, where a remote cannot move two refs at once.
    After,
}

impl Pace {
    const fn folder(self) -> &'static str {
        match self {
            Self::Together => "refs/automata/witness",
            Self::After => "refs/automata/witness-after",
        }
    }
}

/// Where a log's refs stand, by one list of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) branch: Option<ObjectId>,
    pub(super) witness: Option<(Pace, ObjectId)>,
    /// Where the keys are, of a log of which something is sealed.
    pub(super) keys: Option<ObjectId>,
}

impl Seen {
    /// Whether branch and witness say the same without a second thought.
    pub(super) fn agrees(&self) -> bool {
        self.witness.is_none_or(|(_, witness)| self.branch == Some(witness))
    }
}

/// What became of looking twice.
pub(super) enum Standing {
    Sound(Seen),
    /// The log that the witness saw does not go on at the branch.
    SetBack {
        branch: Option<ObjectId>,
        witness: (Pace, ObjectId),
    },
    /// What the witness names cannot have been this log.
    WrongWitness {
        branch: Option<ObjectId>,
        witness: (Pace, ObjectId),
        why: Wrong,
    },
}

/// What the witness says, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The witness's full name.
    pub reference: String,
    /// Its commit.
    pub commit: String,
    /// Whether that is the branch's own, and not one before it.
    pub is_level: bool,
}

impl Settings {
    /// The full name of the ref that is the witness.
    pub(super) fn witness(&self, pace: Pace) -> String {
        format!("{}/{}", pace.folder(), self.short())
    }

    /// The full name of the ref of the keys.
    #[must_use]
    pub fn keys(&self) -> String {
        format!("{KEYS}/{}", self.short())
    }

    /// What refs that belong to the log end with.
    pub(super) fn short(&self) -> &str {
        let reference = self.reference();
        // A branch may be called `refs` or begin with it; then its whole name has to be told apart from a ref's.
        reference
            .strip_prefix("refs/heads/")
            .filter(|branch| branch.split('/').next() != Some("refs"))
            .unwrap_or(reference)
    }
}

/// Whether a log on `reference` would lie in the way of the witnesses or of what was learned: refs are kept as files, and none of them
/// can be a folder of another.
pub(super) fn is_in_the_way(reference: &str) -> bool {
    let taken = [Pace::Together.folder(), Pace::After.folder(), MODELS, KEYS, REPLACED];
    reference == "refs/automata"
        || taken.iter().any(|folder| {
            reference.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

/// The logs that ever were on `remote`, by their witnesses, each under the name by which [`Settings::on`] knows it.
///
/// # Errors
/// Those of [`Remote::refs`].
pub async fn known_logs(remote: &dyn Remote) -> Result<BTreeSet<String>, remote::Error> {
    let folders = [Pace::Together, Pace::After].map(|pace| format!("{}/", pace.folder()));
    let refs = remote.refs(&folders.each_ref().map(String::as_str)).await?;
    let named = |found: RemoteRef| {
        folders.iter().find_map(|folder| found.name.strip_prefix(folder.as_str()).map(str::to_owned))
    };
    Ok(refs.into_iter().filter_map(named).collect())
}

impl GitLog {
    /// The refs that tell where the log stands, to be listed together: see [`GitLog::fetch_ahead`].
    #[must_use]
    pub fn references(&self) -> [String; 3] {
        let settings = &self.settings;
        [settings.reference().to_owned(), settings.witness(Pace::Together), settings.witness(Pace::After)]
    }

    /// The same refs and that of the keys.
    #[must_use]
    pub fn listed(&self) -> [String; 4] {
        let [branch, witness, behind] = self.references();
        [branch, witness, behind, self.settings.keys()]
    }

    /// What the witness said when the log was last looked at and found sound; none where there is none yet.
    #[must_use]
    pub fn witness(&self) -> Option<Witness> {
        let seen = (*unpoisoned(&self.seen))?;
        let (pace, commit) = seen.witness?;
        let reference = self.settings.witness(pace);
        Some(Witness { reference, commit: commit.to_string(), is_level: seen.agrees() })
    }

    /// Reads a list of refs that has at least [`GitLog::listed`].
    pub(super) fn seen_in(&self, refs: &[RemoteRef]) -> Seen {
        let find = |name: &str| refs.iter().find(|found| found.name == name).map(|found| found.target);
        let witness = [Pace::Together, Pace::After]
            .into_iter()
            .find_map(|pace| Some((pace, find(&self.settings.witness(pace))?)));
        Seen { branch: find(self.settings.reference()), witness, keys: find(&self.settings.keys()) }
    }

    /// Looks where the log stands, and remembers it for the next append when it is sound.
    pub(super) async fn standing(&self) -> Result<Standing, Error> {
        let names = self.listed();
        let mut before = None;
        for look in 1..=LOOKS {
            let refs = self.remote.refs(&names.each_ref().map(String::as_str)).await?;
            if let Some(link) = self.link_in(&refs) {
                return Err(link);
            }
            let seen = self.seen_in(&refs);
            let is_settled = before == Some(seen);
            match seen.witness {
                Some(witness) if !seen.agrees() => {
                    let is_last = is_settled || look == LOOKS;
                    if is_last && self.goes_on(seen.branch, witness.1).await? {
                        return Ok(self.sound(seen));
                    }
                    if is_settled {
                        *unpoisoned(&self.seen) = None;
                        let branch = seen.branch;
                        return Ok(match self.is_wrong(branch, witness.1).await? {
                            Some(why) => Standing::WrongWitness { branch, witness, why },
                            None => Standing::SetBack { branch, witness },
                        });
                    }
                }
                _ => return Ok(self.sound(seen)),
            }
            before = Some(seen);
        }
        Err(Error::Unreachable(
            "the state branch and its witness moved whenever they were looked at".to_owned(),
        ))
    }

    /// Where branch and witness stand, when that is sound.
    pub(super) async fn sound_standing(&self) -> Result<Seen, Error> {
        match self.standing().await? {
            Standing::Sound(seen) => Ok(seen),
            Standing::SetBack { branch, witness } => Err(self.set_back(branch, witness)),
            Standing::WrongWitness { branch, witness, why } => {
                Err(self.wrong_witness(branch, witness, why).await)
            }
        }
    }

    fn sound(&self, seen: Seen) -> Standing {
        *unpoisoned(&self.seen) = Some(seen);
        Standing::Sound(seen)
    }

    /// The update that moves the witness with an append, which makes it where there is none.
    pub(super) async fn witnessing(
        &self,
        witness: Option<(Pace, ObjectId)>,
        target: ObjectId,
    ) -> Result<(Pace, RefUpdate), Error> {
        let pace = match witness {
            Some((pace, _)) => pace,
            None if self.remote.moves_together().await? => Pace::Together,
            None => Pace::After,
        };
        let expected = witness.map(|(_, stood)| stood);
        Ok((pace, RefUpdate { name: self.settings.witness(pace), expected, target }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_log_has_a_witness_of_its_own_that_nests_with_nothing() {
        let witness = |name| Settings::on(name).unwrap().witness(Pace::Together);
        assert_eq!(witness("automata-state"), "refs/automata/witness/automata-state");
        assert_eq!(witness("refs/heads/memory/automata"), "refs/automata/witness/memory/automata");
        assert_eq!(witness("refs/automata/state"), "refs/automata/witness/refs/automata/state");
        assert_eq!(
            witness("refs/heads/refs/automata/state"),
            "refs/automata/witness/refs/heads/refs/automata/state"
        );
        assert_eq!(witness("refs/heads/refs"), "refs/automata/witness/refs/heads/refs");
        for name in [
            "refs/automata",
            "refs/automata/witness",
            "refs/automata/witness/x",
            "refs/automata/witness-after",
        ] {
            assert!(Settings::on(name).is_err(), "{name}");
        }
        assert!(Settings::on("refs/automata/witnesses").is_ok());
    }
}
