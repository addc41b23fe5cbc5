//! The command line of `tasks` and `plan`: clap types only.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

const LIST_JSON: &str = "JSON: one object {sequence, matching, tasks}; `tasks` as of `automata status`, `matching` counts them without `-n`.";
const SHOW_JSON: &str = "JSON: one object {task, wait, effects, needed_by, events}; `task` as of `automata show`, `wait` what a pending task \
    waits for, `needed_by` a list of ids, `events` a list of lines of `automata log`.";
const ADD_JSON: &str = "\
A file holds a list of tasks, or one: {\"name\", \"kind\", \"subject\", \"input\", \"after\", \"if_lost\", \"awaits\", \"priority\", \
\"not_before\", \"in\", \"deadline\", \"unique\", \"on_duplicate\", \"idempotency\", \"concurrency\", \"max_attempts\", \"on_success\", \
\"on_failure\", \"on_end\", \"reason\"}, with the meaning of the options; only `kind` must be there. `after` names tasks of the \
file, or tasks that exist. All of them are enqueued, or none.

JSON: a list of {name, task, existing}; `existing` when an earlier task stands for this one. With `--cron` one object \
{schedule, next, existing}; `existing` when the very same is set already.";
const SCHEDULES_JSON: &str = "\
JSON: one object {sequence, schedules}; `schedules` is a list of {name, cron, zone, jitter, catch_up, set_by, kind, subject, \
input, next, last}, `jitter` in seconds, `set_by` is configuration or hand.";
const UNSCHEDULE_JSON: &str = "JSON: one object {removed}, a list of names.";
const CHANGE_JSON: &str = "\
JSON: one object {would, done, also, refused}; `done` and `also` (what ended or came back with them) are lists of {task, status}, \
`refused` is a list of {task, error}, `would` is a list of ids that --yes would change. The exit code is 2 when something was \
refused; what was done stays done.";
const GRAPH_JSON: &str = "JSON: one object {tasks, edges}; `tasks` as of `automata status`, `edges` is a list of {from, to}: `to` needs `from`.";

pub(super) const PLAN_JSON: &str = "\
JSON: one object {sequence, claims, waits, next_due}; `claims` and `waits` as `tasks` of `automata status`, `next_due` is when the \
next task that only waits for a time may run.

With `--matrix`: {\"include\": [{\"shard\": \"0/3\"}, …]} on one line for `strategy.matrix`, as many shards as --shards allows and as \
there is work for. There is at least one, so that the workflow is valid and tasks of a killed run are taken back. Inside GitHub \
Actions the outputs `matrix` and `ready` (tasks that could be claimed now) are set too: `if: needs.plan.outputs.ready != '0'` \
saves the runner.";

/// Arguments of `tasks`.
#[derive(Debug, Args)]
pub struct Tasks {
    /// What to do with tasks.
    #[command(subcommand)]
    pub command: TasksCommand,
}

/// What to do with tasks.
#[derive(Debug, Subcommand)]
pub enum TasksCommand {
    /// List tasks, unfinished ones first.
    #[command(after_long_help = LIST_JSON)]
    List(List),
    /// Show one task with everything about it.
    #[command(after_long_help = SHOW_JSON)]
    Show(ShowTask),
    /// Enqueue a task, or those of a file, or set one that comes again and again.
    #[command(after_long_help = ADD_JSON)]
    Add(Box<Add>),
    /// List what comes again and again, and when next.
    #[command(after_long_help = SCHEDULES_JSON)]
    Schedules,
    /// Have something come no more that was set by hand; what it enqueued before stays.
    #[command(after_long_help = UNSCHEDULE_JSON)]
    Unschedule(Unschedule),
    /// Call tasks off, also running ones.
    #[command(after_long_help = CHANGE_JSON)]
    Cancel(Cancel),
    /// Let tasks run now that wait for a time, or have failed.
    #[command(after_long_help = CHANGE_JSON)]
    Retry(Retry),
    /// Give failed or cancelled tasks another chance, and with them those that failed or were skipped because of them.
    #[command(after_long_help = CHANGE_JSON)]
    Revive(Revive),
    /// Let pending tasks go earlier or later.
    #[command(after_long_help = CHANGE_JSON)]
    Prioritise(Prioritise),
    /// Show which unfinished task needs which, as a tree or for Mermaid.
    #[command(after_long_help = GRAPH_JSON)]
    Graph(Graph),
}

/// A task's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatusName {
    /// Waits.
    Pending,
    /// Somebody works on it.
    Running,
    /// Done.
    Completed,
    /// Given up.
    Failed,
    /// Called off.
    Cancelled,
}

/// What a pending task waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WaitName {
    /// Its turn, and nothing else.
    Ready,
    /// The time it is planned for.
    Scheduled,
    /// The time of its next attempt.
    Retrying,
    /// Other tasks.
    Blocked,
    /// Something outside.
    Awaiting,
    /// Somebody to say `/automata resume` about what it is about.
    Paused,
    /// Room under the limits.
    Throttled,
}

/// Which tasks.
#[derive(Debug, Args)]
pub struct Filter {
    /// Only tasks with one of these statuses.
    #[arg(long, value_name = "STATUS", value_enum, value_delimiter = ',')]
    pub status: Vec<StatusName>,
    /// Only tasks of one of these kinds.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub kind: Vec<String>,
    /// Only tasks about this subject: `issue/42`, `pull/7`, `repository`.
    #[arg(long, value_name = "SUBJECT")]
    pub subject: Option<String>,
    /// Only pending tasks that wait for one of these.
    #[arg(long, value_name = "WAIT", value_enum, value_delimiter = ',')]
    pub wait: Vec<WaitName>,
}

/// Arguments of `tasks list`.
#[derive(Debug, Args)]
pub struct List {
    /// Which tasks.
    #[command(flatten)]
    pub filter: Filter,
    /// Only the first so many; 0 for all.
    #[arg(short = 'n', long, default_value_t = 50, value_name = "COUNT")]
    pub first: usize,
}

/// Arguments of `tasks show`.
#[derive(Debug, Args)]
pub struct ShowTask {
    /// The task's id or its beginning.
    #[arg(value_name = "TASK")]
    pub task: String,
}

/// Arguments of `tasks add`.
#[derive(Debug, Args)]
pub struct Add {
    /// The kind of task; docs/tasks.md lists them.
    #[arg(required_unless_present = "from")]
    pub kind: Option<String>,
    /// Enqueue the tasks of this JSON file (`-` for stdin), all of them or none.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["one", "kind"])]
    pub from: Option<PathBuf>,
    /// What the one task is to be.
    #[command(flatten)]
    pub one: One,
}

/// What one task is to be.
#[derive(Debug, Args)]
#[group(id = "one", multiple = true)]
pub struct One {
    /// What it is about: `issue/42`, `pull/7` or `repository`.
    #[arg(long)]
    pub subject: Option<String>,
    /// What the kind needs to know, as JSON; `@FILE` reads a file, `-` stdin.
    #[arg(long, value_name = "JSON")]
    pub input: Option<String>,
    /// Tasks that must be completed before.
    #[arg(long, value_name = "TASK", num_args = 1.., value_delimiter = ',')]
    pub after: Vec<String>,
    /// What becomes of it when one of them fails or is cancelled: `fail`, `skip` or `continue`.
    #[arg(long, value_name = "FATE")]
    pub if_lost: Option<String>,
    /// What must be so outside before: `merged:7`, `checks:7`, `approved:42`, `closed:42`.
    #[arg(long, value_name = "FACT", num_args = 1.., value_delimiter = ',')]
    pub awaits: Vec<String>,
    /// Who goes first, from 0 to 100; 50 if nothing is said.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub priority: Option<u64>,
    /// Not before then, such as 2026-11-22T10:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub not_before: Option<String>,
    /// Not before this much time has passed, such as `90s`, `15m`, `2h`, `1d12h`.
    #[arg(long, value_name = "SPAN", allow_hyphen_values = true)]
    pub r#in: Option<String>,
    /// It fails if it has not begun by then.
    #[arg(long, value_name = "TIME")]
    pub deadline: Option<String>,
    /// It joins the pending task of its kind, about the same subject, with this key, unless it waits for more than that one.
    #[arg(long, value_name = "KEY")]
    pub unique: Option<String>,
    /// What becomes of this one when there is one already: `drop` (the other stands for both; if nothing is said), `replace`
    /// (the other becomes what this one is, and still waits for whatever it waited for) or `coalesce` (the other keeps its
    /// time and gets this one's input, and its time and priority when that is sooner or higher).
    #[arg(long, value_name = "FATE")]
    pub on_duplicate: Option<String>,
    /// A task with this key is enqueued once, for as long as the key is remembered: 31 days, and a thousand newer keys.
    #[arg(long, value_name = "KEY")]
    pub idempotency: Option<String>,
    /// Tasks with this key share a limit of how many run at once; one unless `limits.keys` says otherwise.
    #[arg(long, value_name = "KEY")]
    pub concurrency: Option<String>,
    /// Attempts it gets, from 1 to 100; 6 if nothing is said.
    #[arg(long, value_name = "N")]
    pub max_attempts: Option<u64>,
    /// A task to enqueue when it is completed, as JSON: {"kind", "input", …}, about the same subject unless it names one.
    #[arg(long, value_name = "JSON")]
    pub on_success: Option<String>,
    /// A task to enqueue when it has failed for good.
    #[arg(long, value_name = "JSON")]
    pub on_failure: Option<String>,
    /// A task to enqueue however it ends.
    #[arg(long, value_name = "JSON")]
    pub on_end: Option<String>,
    /// Why it exists, one sentence.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Enqueue one again and again: minute, hour, day of the month, month and weekday, such as `0 9 * * MON-FRI`.
    #[arg(
        long,
        value_name = "EXPRESSION",
        requires = "name",
        conflicts_with_all = ["after", "if_lost", "not_before", "in", "deadline", "idempotency"]
    )]
    pub cron: Option<String>,
    /// By whose clocks, a name of the IANA database such as `Europe/Paris`; UTC if nothing is said.
    #[arg(long, value_name = "ZONE", requires = "cron")]
    pub zone: Option<String>,
    /// How much each time is put off at most, drawn anew each time, such as `10m`.
    #[arg(long, value_name = "SPAN", requires = "cron", allow_hyphen_values = true)]
    pub jitter: Option<String>,
    /// What becomes of times that passed while no run came along: `all`, `last` (if nothing is said) or `none`.
    #[arg(long, value_name = "FATE", requires = "cron")]
    pub catch_up: Option<String>,
    /// What the schedule is called.
    #[arg(long, value_name = "NAME", requires = "cron")]
    pub name: Option<String>,
}

/// Arguments of `tasks unschedule`.
#[derive(Debug, Args)]
pub struct Unschedule {
    /// The schedules' names.
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// Why, one sentence.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Tasks by id, or by what they have in common.
#[derive(Debug, Args)]
pub struct Chosen {
    /// The tasks' ids or their beginnings.
    #[arg(value_name = "TASK")]
    pub tasks: Vec<String>,
    /// Or all that these options pick.
    #[command(flatten)]
    pub filter: Filter,
    /// Do it to all that the options pick; without it they are only listed.
    #[arg(long)]
    pub yes: bool,
}

/// Arguments of `tasks cancel`.
#[derive(Debug, Args)]
pub struct Cancel {
    /// Which tasks.
    #[command(flatten)]
    pub chosen: Chosen,
    /// Why, one sentence.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Arguments of `tasks retry`.
#[derive(Debug, Args)]
pub struct Retry {
    /// Which tasks.
    #[command(flatten)]
    pub chosen: Chosen,
    /// Why, one sentence.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Arguments of `tasks revive`.
#[derive(Debug, Args)]
pub struct Revive {
    /// Which tasks.
    #[command(flatten)]
    pub chosen: Chosen,
    /// Another input than they had, as JSON; `@FILE` reads a file, `-` stdin.
    #[arg(long, value_name = "JSON")]
    pub input: Option<String>,
    /// Why, one sentence.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Arguments of `tasks prioritise`.
#[derive(Debug, Args)]
pub struct Prioritise {
    /// The tasks' ids or their beginnings.
    #[arg(value_name = "TASK", required = true)]
    pub tasks: Vec<String>,
    /// Who goes first, from 0 to 100.
    #[arg(value_name = "PRIORITY")]
    pub priority: u64,
    /// Why, one sentence.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Arguments of `tasks graph`.
#[derive(Debug, Args)]
pub struct Graph {
    /// Only this task, what it needs and what needs it.
    #[arg(value_name = "TASK")]
    pub task: Option<String>,
    /// Print a Mermaid diagram, as GitHub shows it in a code block `mermaid`.
    #[arg(long)]
    pub mermaid: bool,
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub struct Plan {
    /// Print a matrix for several runners instead.
    #[arg(long)]
    pub matrix: bool,
    /// Shards of the matrix at most.
    #[arg(long, value_name = "N", requires = "matrix")]
    pub shards: Option<u64>,
}

/// Arguments of `drain`.
#[derive(Debug, Args)]
pub struct Drain {
    /// Only this part of the queue, `0/3` to `2/3`: an entry of the matrix that `plan --matrix` prints.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<String>,
}
