//! The command line of `rehearse`.

use std::path::PathBuf;

use clap::Args;

/// What `--format json` prints.
pub(super) const REHEARSE_JSON: &str = "JSON: one object {differs, since, until, triggers, differences, totals, cost_before, cost_after, notes}; \
    `differences` is a list of {subject, sort, what, before, after}, how often under each configuration; `sort` is label, comment, assignment, \
    field, pull_request, question or task; costs are {micro_dollars, answered, would_ask, unpriced}; `notes` says what the log does not hold. \
    `--format markdown` gives what stands in the comment on a pull request.";

/// Arguments of `rehearse`.
#[derive(Debug, Args)]
pub struct Rehearse {
    /// The changed configuration.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// From when on: a time such as 2026-11-22T10:00:00Z, or how long ago, such as `90m`, `12h`, `30d`.
    #[arg(long, value_name = "WHEN", default_value = "30d")]
    pub since: String,
    /// End with exit code 1 when there is a difference, as `git diff --exit-code` does.
    #[arg(long)]
    pub exit_code: bool,
}
