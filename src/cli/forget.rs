//! Arguments of `forget`.

use clap::Args;

/// What `--format json` prints. Fields may be added; those that are here stay.
pub(super) const FORGET_JSON: &str = "JSON: one object {forgotten, subjects, events, readable, cancelled, sequence}; `forgotten` is false with `--dry-run` and \
    when there was nothing left to forget, `subjects` whose texts are concerned, `events` how many lose something, `readable` how many were recorded before \
    anything was encrypted and stay as they are, `cancelled` the tasks that cannot go on without, `sequence` the event that records it, or null.";

/// Arguments of `forget`.
#[derive(Debug, Args)]
pub struct Forget {
    /// Everything that anybody wrote about this issue or pull request, and about the pull request that was opened for it.
    #[arg(long, value_name = "NUMBER", required_unless_present = "actor", conflicts_with = "actor")]
    pub issue: Option<String>,
    /// Everything that this person wrote, and what Automata wrote where they did, since it may repeat them.
    #[arg(long, value_name = "LOGIN")]
    pub actor: Option<String>,
    /// Only say what would be forgotten.
    #[arg(long)]
    pub dry_run: bool,
}
