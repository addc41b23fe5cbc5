//! The command line of `state`: clap types only.

use std::path::PathBuf;

use clap::{Args, Subcommand};

const EXPORT_JSON: &str = "The export is JSON lines: first {automata, version, repository, format, sequence, chain, keys}, then every stored line as it is. \
    JSON with `--out`: one object {file, sequence, chain, bytes}.";
const IMPORT_JSON: &str =
    "JSON: one object {imported, repository, sequence, chain}; `imported` is false with `--dry-run`.";
const COMPACT_JSON: &str = "JSON: one object {compacted, before, after}; `before` and `after` are {sequence, tail_files, tail_bytes, snapshot_bytes}, `after` null with `--dry-run` and \
    when there was nothing to do.";

const REPAIR_JSON: &str = "JSON: one object {wrong, hints, remedy, sequence, last_known, sources, kept, plan, repaired}; `remedy` is nothing, branch, witness, snapshot, \
    write or begin, `sequence` the last event that is there afterwards, `last_known` the last one that anybody knows of, `plan` the digest for --apply.";

const ROLLBACK_JSON: &str = "JSON: one object {to, rolled_back, recorded, cancelled, schedules, pauses, features, done_since, by_hand, undo, plan}; `cancelled` is a list of {task, kind, subject}, `schedules` and \
    `pauses` name what is another way again, `done_since` is a list of {sequence, effect, kind, target, receipt, can_be_undone}, `undo` the tasks that take it back, `plan` the digest for --apply.";

/// Arguments of `state`.
#[derive(Debug, Args)]
pub struct State {
    /// What to do with the log.
    #[command(subcommand)]
    pub command: StateCommand,
}

/// What to do with the log.
#[derive(Debug, Subcommand)]
pub enum StateCommand {
    /// Write the whole log as JSON lines, checked while it is written.
    ///
    /// What is sealed stays sealed, and no key is needed.
    #[command(after_long_help = EXPORT_JSON)]
    Export(StateExport),
    /// Take an export in, where there is no log yet: all of it or nothing.
    #[command(after_long_help = IMPORT_JSON)]
    Import(StateImport),
    /// Seal the tail into the archive now, and write the snapshot anew: what an append does now and then.
    #[command(after_long_help = COMPACT_JSON)]
    Compact(StateCompact),
    /// Say what is wrong with the log and what would mend it; with `--yes` or `--apply` mend it.
    ///
    /// Looks at the witness, the branch's own history, the archive, and whatever --from names. What stood on the branch and
    /// is not part of the mended log stays below refs/automata/replaced.
    #[command(after_long_help = REPAIR_JSON)]
    Repair(StateRepair),
    /// Take back what was decided after an event and still lies ahead; nothing is rewritten.
    ///
    /// Tasks enqueued since that have not ended are cancelled; recurring tasks set by hand and pauses are as they were
    /// then. What happened since stays known, and what was done outside is listed: --undo takes that back too.
    #[command(after_long_help = ROLLBACK_JSON)]
    Rollback(StateRollback),
}

/// Arguments of `state export`.
#[derive(Debug, Args)]
pub struct StateExport {
    /// The file to write; stdout otherwise. It is there when all of it was written and found sound, and else is left as it was.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Arguments of `state import`.
#[derive(Debug, Args)]
pub struct StateImport {
    /// The file with the export; `-` for stdin.
    pub file: PathBuf,
    /// Take it in though it is another repository's.
    #[arg(long)]
    pub from_another_repository: bool,
    /// Only check it.
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `state compact`.
#[derive(Debug, Args)]
pub struct StateCompact {
    /// Only say what a fresh reader fetches now.
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `state repair`.
#[derive(Debug, Args)]
pub struct StateRepair {
    /// Look here too: the folder of a clone, or a file that `state export` wrote; may be given again.
    #[arg(long, value_name = "PATH")]
    pub from: Vec<PathBuf>,
    /// Only say what is wrong and what would be done, as without any of these.
    #[arg(long)]
    pub dry_run: bool,
    /// Only print the plan's digest; what it is goes to stderr.
    #[arg(long, conflicts_with_all = ["yes", "apply"])]
    pub plan: bool,
    /// Do what a plan with this digest said; refused when anything is another way by now.
    #[arg(long, value_name = "DIGEST", conflicts_with_all = ["yes", "dry_run"])]
    pub apply: Option<String>,
    /// Do it.
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
    /// Where nothing is left of the log, begin a new one.
    #[arg(long)]
    pub begin_anew: bool,
    /// Take into the new log what changed on GitHub since: a time, or how long ago, such as `30d`. The rules act on it.
    #[arg(long, value_name = "WHEN", requires = "begin_anew")]
    pub since: Option<String>,
}

/// Arguments of `state rollback`.
#[derive(Debug, Args)]
pub struct StateRollback {
    /// The last event that counts; `automata log` and `automata replay --to` show what was so then.
    #[arg(long, value_name = "SEQUENCE")]
    pub to: u64,
    /// Have what was done outside since be undone, as `automata undo` does.
    #[arg(long)]
    pub undo: bool,
    /// Only say what would be taken back.
    #[arg(long)]
    pub dry_run: bool,
    /// Only print the plan's digest; what it is goes to stderr.
    #[arg(long, conflicts_with = "apply")]
    pub plan: bool,
    /// Do what a plan with this digest said; refused when there is more or less to take back by now.
    #[arg(long, value_name = "DIGEST", conflicts_with = "dry_run")]
    pub apply: Option<String>,
}
