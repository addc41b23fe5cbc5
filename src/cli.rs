//! The command line: clap types only.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

mod access;
mod doctor;
mod drive;
mod forget;
mod misread;
mod plugin;
mod rehearse;
mod state;
mod tasks;
mod triage;

pub use access::Access;
pub use doctor::Doctor;
pub use drive::{
    Converted, Drive, DriveAt, DriveAudit, DriveChanges, DriveCommand, DriveCopy, DriveDiff, DriveExport,
    DriveFind, DriveFromTo, DriveGet, DriveList, DrivePin, DrivePut, DriveRemove, DriveShare, DriveSync,
    DriveTransfer, DriveUnshare, DriveWatch, ExportFormat, ShareRole,
};
pub use forget::Forget;
pub use misread::Misread;
pub use plugin::{Plugin, PluginCheck, PluginCommand, PluginDocument, PluginSchema};
pub use rehearse::Rehearse;
pub use state::{State, StateCommand, StateCompact, StateExport, StateImport, StateRepair, StateRollback};
pub use tasks::{
    Add, Cancel, Chosen, Drain, Filter, Graph, List, One, Plan, Prioritise, Retry, Revive, ShowTask,
    StatusName, Tasks, TasksCommand, Unschedule, WaitName,
};
pub use triage::{By, Eval, Learn, Triage, TriageCommand};

/// What the exit codes mean.
const CODES: &str = "\
Exit codes:
  0   done, or nothing to do
  1   work failed for good, the log is damaged, or the output could not be written
  2   the command line, the configuration or the payload is wrong
  3   gave up on conflicts or an unreachable service; nothing is half-written, run it again
  70  a bug

Data goes to stdout, everything else to stderr. With `--format json` an error is one more JSON value on \
stdout: {\"error\": {\"kind\", \"exit_code\", \"message\", \"hints\"}}; kinds are work, usage, again and bug.";

// What `--format json` prints. Fields may be added; those that are here stay.
const RUN_JSON: &str = "JSON: one object {outcome, headline, issue, pull_request, tally, sequence, warnings}; `outcome` is recorded, \
    duplicate, ignored, drained or stopped (told to stop with `left` tasks left), `tally` counts {completed, retried, failed, effects, pushes, settled}. When time ran out with work left there \
    are `successor` (started or left) and `notes` as well.";
const RECONCILE_JSON: &str = "JSON: one object {found, until, recorded}; `found` is a list of sentences, `until` the time before which \
    everything is in the log (null when it was no time to look yet). What is recorded is worked on by the next run, or by `automata drain`.";
const STATUS_JSON: &str = "JSON: one object {sequence, counts, held, tasks}; `counts` by status, `tasks` is a list of \
    {task, kind, subject, status, wait, detail, priority, attempts, max_attempts, reason}, `held` one of {event, subject, since, reason}; \
    `wait` is null, or what a pending task waits for: ready (its turn), scheduled, retrying, blocked, awaiting, paused or throttled.";
const FEATURES_JSON: &str = "JSON: one object {sequence, paused, features}; `paused` is null or why nothing at all is begun, `features` a list of \
    {feature, about, mode, now, rollout, filters, done, failed, overridden, suggested, approved, rejected, held, waiting, detail}.";
const REPLAY_JSON: &str = "JSON: as of `automata status`, with the last event that was folded in as `sequence`, and `issues`, a list of {number, is_pull, state, \
    paused, title, labels, assignees, found, pull_request}.";
const METRICS_JSON: &str = "Text: OpenMetrics 1.0. JSON: a list of {name, type, help, samples}; `samples` is a list of {labels, value}, where the \
    value of a histogram is {count, sum_seconds, within}, `within` for at most 1 s, 10 s, 1 min, 10 min, 1 h, 6 h, 1 d, 7 d and 30 d.";
const DASHBOARD_JSON: &str = "JSON: with `--out` one object {files, sequence, bytes}, `sequence` the last event that is shown and `bytes` the \
    page's; with `--serve` one object {url}. What is shown stands in `dashboard.json`; times in it are milliseconds since 1970 in UTC.";
const LOG_JSON: &str = "JSON: one event a line, as the state branch keeps it but without `prev`: {seq, id, type, v, subject, at, actor, \
    cause, correlation, run, data}.";
const SHOW_JSON: &str = "JSON: {task, effects} for a task, {issue, tasks} for an issue, the line of `log` for an event. The text form is \
    the same, spread out below a title.";
const WHY_JSON: &str = "JSON: one object {about, issue, findings, changes, silence, story}; `issue` is there for an issue or a pull request, `spending` where \
    assistants were asked; findings, changes and silence are lists of {what, because}, `story` is a list of sentences.";
const PROMPT_JSON: &str = "JSON: one object {issue, text, left_out, hidden}; `left_out` names what had no room, `hidden` counts passages \
    that no reader of the page sees and that were taken out.";
const UNDO_JSON: &str = "JSON: a list of {subject, task, effects}; `effects` is a list of {effect, kind, target, receipt}, what is looked at; `task` \
    is the task that takes it back, null with `--dry-run`.";
const VERIFY_JSON: &str = "JSON: one object {sound, reference, witness, events, chain, problems, hints}; `witness` is {reference, commit, level}, or \
    null where there is none. The exit code is 1 when something is wrong.";
const CHECK_JSON: &str =
    "JSON: what the configuration means, or {problems}, a list of {path, line, column, message, hint}.";
const DEMO_JSON: &str =
    "JSON: one object {directory, runs}; `runs` is a list of {scene, run}, `run` as of `automata run`.";

/// A repository's memory and hands: an event-sourced task queue on a state branch that triages issues
/// and opens pull requests.
#[derive(Debug, Parser)]
#[command(name = "automata", bin_name = "automata", version, propagate_version = true, after_long_help = CODES)]
pub struct Cli {
    /// Where the repository is, and how to answer.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// The forge to work with: `github` (settings from the environment, as GitHub Actions gives them) or
    /// `local` (a folder with `repository.git` and `forge/`, as `demo` makes one).
    #[arg(long, global = true, value_enum, default_value_t = Forge::Github)]
    pub forge: Forge,
    /// The local forge's folder.
    #[arg(long, global = true, value_name = "DIR", required_if_eq("forge", "local"))]
    pub directory: Option<PathBuf>,
    /// How to print data.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Tell more on stderr; twice for everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// Which forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Forge {
    /// github.com or a GitHub Enterprise Server.
    Github,
    /// Plain files beside a bare repository.
    Local,
}

/// How to print data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: JSON, one value on a line.
    Json,
    /// For a comment: Markdown. Only `rehearse` has it.
    Markdown,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take in one event, then work through the queue. This is what the action calls.
    ///
    /// Inside GitHub Actions it also writes the job summary and the outputs.
    #[command(after_long_help = RUN_JSON)]
    Run(Run),
    /// Work through the queue without a new event.
    #[command(after_long_help = RUN_JSON)]
    Drain(Drain),
    /// Look for what happened and no event told, and record it.
    ///
    /// GitHub loses events in outages, and cancels runs that wait for too long. Every run looks through the last
    /// minutes or hours by itself; by hand, one can look back as far as one likes.
    #[command(after_long_help = RECONCILE_JSON)]
    Reconcile(Reconcile),
    /// Learn from labelled issues what an issue is; the analysis goes by it from then on.
    ///
    /// Takes the issues of the repository that have just one of the type labels, put there by a person, or those of a
    /// file. Run it again whenever people have labelled or corrected more: it learns anew from what the labels are then.
    #[command(after_long_help = triage::LEARN_JSON)]
    Learn(Learn),
    /// Show what would be claimed now, and what the others wait for.
    #[command(after_long_help = tasks::PLAN_JSON)]
    Plan(Plan),
    /// List, show, enqueue and change tasks.
    Tasks(Tasks),
    /// Show how far each feature goes, what came of it, and what people took back.
    ///
    /// Modes, shares and filters as the configuration has them (`features`); results of the last 31 days.
    #[command(after_long_help = FEATURES_JSON)]
    Features,
    /// Show the queue.
    #[command(after_long_help = STATUS_JSON)]
    Status(Status),
    /// Show the log, newest last.
    #[command(after_long_help = LOG_JSON)]
    Log(Log),
    /// Show who had access to what: words that people said, credentials, keys of the log.
    #[command(after_long_help = access::ACCESS_JSON)]
    Access(Access),
    /// Show the queue, issues and pull requests as they were at some place in the log.
    ///
    /// Folds the log from its first event to that one. Nothing is changed. Issues are shown as the log knew them: with labels,
    /// people, what was found and their pull request.
    #[command(after_long_help = REPLAY_JSON)]
    Replay(Replay),
    /// Tell what another configuration would have done with what happened.
    ///
    /// Decides the events of the log again on a forge in a temporary folder, under the configuration that stands and under the
    /// changed one, and shows the difference. Nothing is changed, and no assistant is asked.
    #[command(after_long_help = rehearse::REHEARSE_JSON)]
    Rehearse(Rehearse),
    /// Count what happened, how long it took and what it cost, over the whole log.
    #[command(after_long_help = METRICS_JSON)]
    Metrics,
    /// Write the dashboard, a page that shows all of it, or serve it to this machine.
    ///
    /// The page asks nothing of anybody: it works from a file and on GitHub Pages. It shows titles, names and what
    /// happened, and no text of issues and comments.
    #[command(after_long_help = DASHBOARD_JSON)]
    Dashboard(Dashboard),
    /// Show one task, issue or event with everything about it.
    #[command(after_long_help = SHOW_JSON)]
    Show(Show),
    /// Tell why something is as it is, from the event to the receipt.
    #[command(after_long_help = WHY_JSON)]
    Why(Why),
    /// Show what an assistant would be told about an issue.
    ///
    /// Nobody is asked and nothing is changed.
    #[command(after_long_help = PROMPT_JSON)]
    Prompt(Prompt),
    /// Take back what Automata did and nobody touched since: about an issue, in a run, by a task, or one effect.
    ///
    /// It becomes a task, which the next run does; what it cannot take back it says in the status comment.
    #[command(after_long_help = UNDO_JSON)]
    Undo(Undo),
    /// Destroy the keys of what was written about an issue, or by somebody, so that nobody can read it any more.
    ///
    /// For a log that is encrypted (`state.encryption`). The log keeps every line and still verifies. It cannot be undone.
    #[command(after_long_help = forget::FORGET_JSON)]
    Forget(Forget),
    /// Export, import, compact, repair or roll back the log as a whole.
    State(State),
    /// Recompute the log's chain from the first event on.
    #[command(after_long_help = VERIFY_JSON)]
    Verify,
    /// Check the configuration and explain what it does.
    #[command(after_long_help = CHECK_JSON)]
    Check(Check),
    /// Tell which credentials are used, what each may do, and whether that is all that the configuration needs.
    ///
    /// Changes nothing: GitHub, Slack and Google Drive are only asked what can be looked at. No secret is shown.
    #[command(after_long_help = doctor::DOCTOR_JSON)]
    Doctor(Doctor),
    /// Work with Google Drive: look, fetch, upload, share, keep in step.
    Drive(Drive),
    /// Measure the analysis of issues.
    Triage(Triage),
    /// Try plugins, and show what they are told and may answer.
    Plugin(Plugin),
    /// Show the main job on a small repository and a local forge in a temporary folder.
    #[command(after_long_help = DEMO_JSON)]
    Demo(Demo),
    /// Set bounds on this process, then become another program. For Automata's own use.
    #[command(hide = true)]
    Sandbox(Sandbox),
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// The event's name; `GITHUB_EVENT_NAME` otherwise.
    #[arg(long, value_name = "NAME")]
    pub event: Option<String>,
    /// The file with the event's JSON; `GITHUB_EVENT_PATH` otherwise.
    #[arg(long, value_name = "FILE")]
    pub payload: Option<PathBuf>,
}

/// Arguments of `reconcile`.
#[derive(Debug, Args)]
pub struct Reconcile {
    /// Since when: a time such as 2026-11-22T10:00:00Z, or how long ago, such as `90m`, `12h`, `30d`. Otherwise where the
    /// last look left off.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Only say what would be recorded.
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Go on showing it, anew whenever the log has moved on, until Ctrl-C. Looked at every ten seconds by one small request: runs
    /// push no more often. Off a terminal a line each time, with `--format json` an object.
    #[arg(long)]
    pub watch: bool,
}

/// Arguments of `log`.
#[derive(Debug, Args)]
pub struct Log {
    /// Only the last so many events; 0 for all.
    #[arg(short = 'n', long, default_value_t = 50, value_name = "COUNT")]
    pub last: usize,
    /// Only events about this subject: `issue/42`, `pull/7`, `repository`.
    #[arg(long, value_name = "SUBJECT")]
    pub subject: Option<String>,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// The last event that counts: its number, a time such as 2026-11-22T10:00:00Z, or how long ago, such as `90m`, `12h`, `30d`.
    #[arg(long, value_name = "PLACE")]
    pub to: String,
}

/// Arguments of `dashboard`.
#[derive(Debug, Args)]
pub struct Dashboard {
    /// Write `index.html` and `dashboard.json`, the same for programs, into this folder; `AUTOMATA_OUT` otherwise.
    #[arg(long, value_name = "DIR", conflicts_with = "serve")]
    pub out: Option<PathBuf>,
    /// Serve the page on 127.0.0.1 until Ctrl-C; it follows the log by itself.
    #[arg(long)]
    pub serve: bool,
    /// The port to serve on; 0 for one that is free.
    #[arg(long, value_name = "PORT", default_value_t = 0, requires = "serve")]
    pub port: u16,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// A task's id or its beginning, an issue as `#42` or `issue/42`, or an event's number.
    pub what: String,
}

/// Arguments of `why`.
#[derive(Debug, Args)]
pub struct Why {
    /// An issue or pull request as `42`, `#42` or its address; a comment's address; a task, an effect, a run, a label, a
    /// login, a branch.
    pub what: String,
    /// Only what names this: a label, a login, a branch.
    pub name: Option<String>,
}

/// Arguments of `prompt`.
#[derive(Debug, Args)]
pub struct Prompt {
    /// The issue's number; `#42` and `issue/42` will do too.
    pub issue: String,
    /// Characters that it may have; the least important is left out first.
    #[arg(long, value_name = "CHARACTERS")]
    pub budget: Option<usize>,
}

/// Arguments of `undo`.
#[derive(Debug, Args)]
pub struct Undo {
    /// An issue as `42`, `#42`, `issue/42` or `pull/7`, a run's id, a task's id or its
    /// beginning (at least 4 characters), or an effect's id.
    pub what: String,
    /// Only show what would be taken back.
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The configuration file; otherwise the working copy's `.github/automata.yml`, or with `--forge local` the
    /// one on the default branch.
    pub file: Option<PathBuf>,
    /// Print the configuration's JSON Schema instead.
    #[arg(long)]
    pub schema: bool,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Keep everything in this folder instead of a temporary one; the same folder again continues there.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

/// Arguments of `sandbox`.
#[derive(Debug, Args)]
pub struct Sandbox {
    /// The bounds, as JSON.
    #[arg(long, value_name = "JSON")]
    pub bounds: String,
    /// Whether its keeper started it.
    #[arg(long)]
    pub kept: bool,
    /// The program and its arguments.
    #[arg(last = true, required = true)]
    pub program: Vec<std::ffi::OsString>,
}
