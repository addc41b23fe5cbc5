//! `automata access` on the command line.

use clap::Args;

/// What `--format json` prints.
pub(super) const ACCESS_JSON: &str = "JSON: one object a line: {event, at, who, subject, run, decision} and, by `decision`, {said, reason} for granted and \
    refused, with {wish} where it was no word, {credential, name, task} for used, {by} for opened, {extent, added, removed} for changed, {events} for destroyed.";

/// Arguments of `access`.
#[derive(Debug, Args)]
pub struct Access {
    /// Only about this issue or pull request: `42`, `#42`.
    #[arg(long, value_name = "NUMBER")]
    pub issue: Option<String>,
    /// Only by this account; `automata` for what runs did by themselves.
    #[arg(long, value_name = "LOGIN")]
    pub actor: Option<String>,
    /// Only what was refused; with `--granted` both.
    #[arg(long)]
    pub refused: bool,
    /// Only what was granted; with `--refused` both.
    #[arg(long)]
    pub granted: bool,
    /// Only uses of this credential: `github-app`, `github-token`, `drive`, `slack`, `webhook`, `assistant-key`, `plugin-key`, `traces`, or its own name.
    #[arg(long, value_name = "NAME")]
    pub credential: Option<String>,
    /// Only since then: a time such as 2026-11-22T10:00:00Z, or how long ago, such as `90m`, `12h`, `7d`.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Only the last so many lines; 0 for all.
    #[arg(short = 'n', long, default_value_t = 50, value_name = "COUNT")]
    pub last: usize,
}
