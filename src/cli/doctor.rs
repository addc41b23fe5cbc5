//! `automata doctor` on the command line.

use std::path::PathBuf;

use clap::Args;

/// What `--format json` prints.
pub(super) const DOCTOR_JSON: &str = "JSON: one object {sufficient, reachable, findings}; `findings` is a list of {area, what, state, told, change}; `state` is \
    good, missing, unseen (only using it would tell) or note, `change` what to do, or null. The exit code is 0 when nothing is missing, 2 when something is, \
    3 when nothing is and a service did not answer.";

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The configuration to judge by; otherwise the one on the default branch.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}
