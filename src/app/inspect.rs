//! Commands that look and change nothing: `status`, `log`, `metrics`, `why`, `verify`, and `show` and `replay` beside.

use std::collections::VecDeque;
use std::process::ExitCode;

use serde::Serialize;
use serde_json::Value;

use super::access;
use super::failure::{Ended, Kind};
use super::learn::again;
use super::progress;
use super::reading::{history, present};
use super::replay;
use super::show;
use super::status;
use super::tasks::cells;
use super::why;
use super::world::World;
use crate::cli::{self, Command};
use crate::config::Config;
use crate::domain::count::counted;
use crate::domain::id::{IssueNumber, Sequence};
use crate::domain::state::State;
use crate::domain::subject::{NotASubject, Subject};
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::log::{ChainHash, Envelope, wire};
use crate::report::terminal::{Terminal, Tone};
use crate::report::{budget, openmetrics, sentence};
use crate::views::board::Board;
use crate::views::issue_list::IssueRow;
use crate::views::metrics::Metrics;

/// The columns of a table of tasks.
const TASK_TITLES: &[&str] = &["status", "kind", "about", "attempts", "task", "detail"];
/// The columns of a table of issues.
const ISSUE_TITLES: &[&str] = &["about", "state", "labels", "assigned", "found", "pull request", "title"];
/// Width of a table's last column.
const WIDE: usize = 120;
/// Tasks that ended well, or were called off, and are shown: the last ones, by which one sees what went on.
const ENDED: usize = 5;

pub(super) async fn inspect(
    command: &Command,
    world: &World,
    terminal: Terminal,
    json: bool,
) -> Result<ExitCode, Ended> {
    match command {
        Command::Status(arguments) => status::status(world, arguments, terminal, json).await?,
        Command::Log(arguments) => log(world, arguments, terminal, json).await?,
        Command::Access(arguments) => access::access(world, arguments, terminal, json).await?,
        Command::Replay(arguments) => replay::replay(world, arguments, terminal, json).await?,
        Command::Metrics => metrics(world, terminal, json).await?,
        Command::Show(arguments) => show::show(world, arguments, terminal, json).await?,
        Command::Why(arguments) => why::why(world, arguments, terminal, json).await?,
        Command::Verify => return verify(world, terminal, json).await,
        Command::Run(_)
        | Command::Doctor(_)
        | Command::Drain(_)
        | Command::Reconcile(_)
        | Command::Learn(_)
        | Command::Rehearse(_)
        | Command::Plan(_)
        | Command::State(_)
        | Command::Tasks(_)
        | Command::Dashboard(_)
        | Command::Prompt(_)
        | Command::Drive(_)
        | Command::Triage(_)
        | Command::Plugin(_)
        | Command::Check(_)
        | Command::Undo(_)
        | Command::Features
        | Command::Forget(_)
        | Command::Demo(_)
        | Command::Sandbox(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// How it stands with what is beside the queue.
#[derive(Serialize)]
pub(super) struct Standing {
    /// What assistants used up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spending: Vec<String>,
    /// What was learned; none where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    learned: Option<String>,
}

impl Standing {
    /// At this time.
    pub(super) fn of(state: &State, config: &Config, now: Timestamp) -> Self {
        let spending = budget::of_day(&config.limits.budget, state, now);
        Self { spending, learned: again::told(state, config) }
    }
}

/// The queue, and what is beside it.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    #[serde(flatten)]
    pub(super) board: &'a Board,
    #[serde(flatten)]
    pub(super) standing: &'a Standing,
    /// Issues and pull requests, where it is not the present that is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issues: Option<Vec<IssueRow>>,
}

pub(super) fn show_board(shown: &Shown<'_>, terminal: Terminal, json: bool) -> Result<(), Ended> {
    let Shown { board, standing, issues } = shown;
    if json {
        terminal.json(shown).map_err(Ended::bug)?;
    } else {
        let counts: Vec<String> =
            board.counts.iter().map(|(status, count)| format!("{count} {status}")).collect();
        let heading = format!("{} (event {})", counts.join(", "), board.sequence);
        terminal.data(&terminal.paint(Tone::Strong, &heading));
        for waiting in &board.held {
            terminal.data(&format!(
                "event {} ({}) waits for a sound configuration since {}: {}",
                waiting.event,
                waiting.subject,
                waiting.since,
                one_line(&waiting.reason, WIDE)
            ));
        }
        for line in &standing.spending {
            terminal.data(&format!("assistants used {line}"));
        }
        if let Some(learned) = &standing.learned {
            terminal.data(learned);
        }
        let (shown, left_out) = board.summary(ENDED);
        for line in titled(terminal, TASK_TITLES, shown.into_iter().map(cells)) {
            terminal.data(&line);
        }
        if issues.as_ref().is_some_and(|issues| !issues.is_empty()) {
            terminal.data("");
        }
        for line in titled(terminal, ISSUE_TITLES, issues.iter().flatten().map(issue_cells)) {
            terminal.data(&line);
        }
        if left_out > 0 {
            // The commands beside know the present only.
            let how = match issues {
                None => "`automata tasks list -n 0 --status completed,cancelled` lists them",
                Some(_) => "`--format json` has them as they were",
            };
            let more = counted(left_out, "completed or cancelled task", "completed or cancelled tasks");
            terminal.note(&format!("{more} more; {how}."));
        }
    }
    Ok(())
}

fn issue_cells(row: &IssueRow) -> Vec<String> {
    let kind = if row.is_pull { "pull" } else { "issue" };
    let state = if row.paused { format!("{}, paused", row.state) } else { row.state.to_owned() };
    vec![
        format!("{kind}/{}", row.number),
        state,
        row.labels.join(", "),
        row.assignees.join(", "),
        row.found.join(", "),
        row.pull_request.map(|number| format!("#{number}")).unwrap_or_default(),
        one_line(&row.title, WIDE),
    ]
}

async fn metrics(world: &World, terminal: Terminal, json: bool) -> Result<(), Ended> {
    let mut metrics = Metrics::default();
    let bar = progress::bar(terminal, "reading events");
    let damage = history(world, Sequence(1), &mut |envelope| {
        bar.at(envelope.recorded.stamp.sequence.0, 0);
        metrics.offer(&envelope);
    })
    .await?;
    bar.end();
    let present = present(world).await?;
    let metrics = metrics.with(&present.state);
    if json {
        terminal.json(&openmetrics::json(&metrics)).map_err(Ended::bug)?;
    } else {
        terminal.data(openmetrics::text(&metrics).trim_end());
    }
    damage.map_or_else(|| present.told(), Err)
}

/// A table below the names of its columns; nothing when it has no row.
pub(super) fn titled(
    terminal: Terminal,
    titles: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Vec<String> {
    let mut rows: Vec<Vec<String>> = rows.collect();
    if !rows.is_empty() {
        rows.insert(0, titles.iter().map(|title| (*title).to_uppercase()).collect());
    }
    terminal.table(&rows)
}

async fn log(world: &World, arguments: &cli::Log, terminal: Terminal, json: bool) -> Result<(), Ended> {
    let subject: Option<Subject> =
        arguments.subject.as_deref().map(Subject::said).transpose().map_err(|error: NotASubject| {
            Ended::usage(error.to_string(), "For example: automata log --subject issue/42")
        })?;
    let mut events = VecDeque::new();
    let bar = progress::bar(terminal, "reading events");
    let damage = history(world, Sequence(1), &mut |envelope| {
        bar.at(envelope.recorded.stamp.sequence.0, 0);
        if subject.is_some_and(|subject| envelope.recorded.stamp.subject != subject) {
            return;
        }
        events.push_back(envelope);
        if arguments.last > 0 && events.len() > arguments.last {
            events.pop_front();
        }
    })
    .await?;
    bar.end();
    if json {
        for envelope in &events {
            terminal.json(&as_json(envelope)?).map_err(Ended::bug)?;
        }
    } else {
        for line in event_table(terminal, events.make_contiguous()) {
            terminal.data(&line);
        }
    }
    damage.map_or(Ok(()), Err)
}

/// Events as lines for a person.
pub(super) fn event_table(terminal: Terminal, events: &[Envelope]) -> Vec<String> {
    let cells = |envelope: &Envelope| {
        let stamp = &envelope.recorded.stamp;
        let what = one_line(&sentence::of(envelope), WIDE);
        vec![stamp.sequence.to_string(), stamp.at.to_string(), stamp.subject.to_string(), what]
    };
    titled(terminal, &["event", "when", "about", "what happened"], events.iter().map(cells))
}

/// The event as the log keeps it, without the link to the line before it.
pub(super) fn as_json(envelope: &Envelope) -> Result<Value, Ended> {
    let line = wire::encode(envelope, ChainHash::START).map_err(Ended::bug)?;
    let mut value: Value = serde_json::from_str(&line).map_err(Ended::bug)?;
    if let Some(fields) = value.as_object_mut() {
        fields.remove("prev");
    }
    Ok(value)
}

/// The number of an issue as people write it.
///
/// # Errors
/// When it is none; `example` is shown then.
pub(super) fn issue_number(text: &str, example: &str) -> Result<IssueNumber, Ended> {
    let number = text.trim_start_matches("issue/").trim_start_matches("pull/").trim_start_matches('#');
    number.parse().ok().filter(|number| *number > 0).map(IssueNumber).ok_or_else(|| {
        Ended::usage(
            format!("`{}` is not an issue's number", one_line(text, 60)),
            format!("For example: {example}"),
        )
    })
}

async fn verify(world: &World, terminal: Terminal, json: bool) -> Result<ExitCode, Ended> {
    let bar = progress::bar(terminal, "checking events");
    let found = super::verify::verify(world, &bar).await?;
    bar.end();
    if json {
        terminal.json(&found).map_err(Ended::bug)?;
    } else {
        for line in found.lines() {
            terminal.data(&line);
        }
        for hint in found.hints() {
            terminal.note(&format!("hint: {hint}"));
        }
    }
    Ok(if found.is_sound() { ExitCode::SUCCESS } else { ExitCode::from(Kind::Work.exit_code()) })
}
