//! Whether the log can be read, and opened where it is sealed.

use super::super::failure::Ended;
use super::super::session;
use super::super::world::World;
use super::Findings;
use crate::config::Config;
use crate::domain::encryption::Extent;
use crate::domain::id::Sequence;
use crate::log;
use crate::report::doctor::{Finding, Standing};

const AREA: &str = "The log";
/// What opens it.
const KEYS: &str = "AUTOMATA_AGE_KEY or AUTOMATA_AGE_KEY_FILE";

/// Reads it as a run does.
pub(super) async fn look(findings: &mut Findings, world: &World, config: &Config) {
    let branch = config.state.branch.clone();
    let log = match world.working_log() {
        Ok(log) => log,
        Err(ended) => return findings.failed(AREA, branch, &ended),
    };
    let is_sealed = config.state.encryption.extent() != Extent::Nothing;
    match session::read(&log).await {
        Ok((state, _)) if state.sequence == Sequence::ZERO => {
            findings.tell(AREA, branch, Standing::Good, "there is none yet; the first run begins it");
        }
        Ok((state, _)) => {
            findings.tell(AREA, branch, Standing::Good, format!("read up to event {}", state.sequence))
        }
        Err(session::Error::Log(log::Error::Locked { told, hint })) => {
            return findings.add(Finding::new(AREA, "keys", Standing::Missing, told).change(hint));
        }
        Err(error) => return findings.failed(AREA, branch, &Ended::from(error)),
    }
    match (is_sealed || log.met().shut > 0, world.has_keys()) {
        (true, true) => findings.tell(AREA, "keys", Standing::Good, format!("{KEYS} opens what is sealed")),
        (true, false) => {
            let change =
                format!("Set {KEYS} to the secret key of somebody in `state.encryption.recipients`.");
            let told = "the configuration has the log sealed, and there is no key to read it with";
            findings.add(Finding::new(AREA, "keys", Standing::Missing, told).change(change));
        }
        (false, _) => findings.tell(AREA, "keys", Standing::Note, "nothing is to be sealed"),
    }
}
