//! Says what a run did or why it failed: to the terminal, to the job summary and to the next steps.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::Environment;
use super::failure::{Ended, Kind};
use super::inspect::event_table;
use super::run::{Outcome, Report};
use super::world::World;
use crate::cli::{self, Cli, Command, Misread};
use crate::domain::event::Event;
use crate::domain::usage::Usage;
use crate::report::summary;
use crate::report::terminal::{Terminal, Tone};
use crate::report::workflow::{self, Level};
use crate::services::secrets;

/// Says what the run did.
pub(super) fn report(
    report: &Report,
    world: &World,
    global: &cli::Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let warnings: Vec<String> = world.problems.iter().chain(&report.warnings).cloned().collect();
    if environment.inside_actions && !report.events.is_empty() {
        terminal.command(&workflow::group("What was recorded"));
        terminal.note(&event_table(terminal, &report.events).join("\n"));
        terminal.command(workflow::END_GROUP);
    }
    if global.format == cli::Format::Json {
        terminal.json(report).map_err(Ended::bug)?;
    } else {
        terminal.data(&format!("{}: {}", report.outcome_name(), report.headline));
        if report.outcome != Outcome::Ignored {
            terminal.data(&report.tally.line());
        }
        if let Some(url) = &report.pull_request {
            terminal.data(&format!("pull request: {url}"));
        }
    }
    let is_failure = report.failed() || !world.problems.is_empty();
    let level = if is_failure { Level::Error } else { Level::Warning };
    for warning in &warnings {
        // The run's page is for what a person must act on.
        if environment.inside_actions && !report.passing.contains(warning) {
            terminal.command(&workflow::annotation(level, "Automata", warning));
        } else {
            terminal.note(&format!("warning: {warning}"));
        }
    }
    for note in &report.notes {
        terminal.note(&format!("note: {note}"));
    }
    let remarks = [warnings, report.notes.clone()].concat();
    let summary = summary::markdown(&report.headline, &report.tally, &report.work, &report.events, &remarks);
    summarise(environment, terminal, &summary);
    if let Some(path) = &environment.output {
        outputs(path, &outputs_of(report))?;
    }
    Ok(if !world.problems.is_empty() {
        ExitCode::from(Kind::Usage.exit_code())
    } else if report.failed() {
        ExitCode::from(Kind::Work.exit_code())
    } else {
        ExitCode::SUCCESS
    })
}

/// Says what went wrong and what to do.
pub(super) fn failure(ended: &Ended, cli: &Cli, environment: &Environment, terminal: Terminal) {
    let heading = terminal.paint_note(Tone::Bad, ended.kind.heading());
    terminal.note(&format!("{heading}: {}", ended.message));
    for hint in &ended.hints {
        terminal.note(&format!("hint: {hint}"));
    }
    let text = [std::slice::from_ref(&ended.message), ended.hints.as_slice()].concat().join("\n");
    terminal.command(&workflow::annotation(Level::Error, "Automata", &text));
    if environment.inside_actions && matches!(cli.command, Command::Run(_) | Command::Drain(_)) {
        let summary = summary::failure(ended.kind.heading(), &ended.message, &ended.hints);
        summarise(environment, terminal, &summary);
    }
    if cli.global.format == cli::Format::Json {
        error_json(ended.kind, &ended.message, &ended.hints, terminal);
    }
}

/// Says of a command line that cannot be understood what its parser has not said.
pub(super) fn misread(misread: &Misread, terminal: Terminal) {
    if let Some(advice) = misread.advice {
        terminal.note(&format!("\nhint: {advice}"));
    }
    if misread.wants_json {
        error_json(Kind::Usage, &misread.message, &misread.hints, terminal);
    }
}

fn error_json(kind: Kind, message: &str, hints: &[String], terminal: Terminal) {
    let error = json!({
        "kind": kind.name(),
        "exit_code": kind.exit_code(),
        "message": secrets::masked(message),
        "hints": hints.iter().map(|hint| secrets::masked(hint)).collect::<Vec<_>>(),
    });
    // Strings always have a JSON form, and stderr has told it already.
    let _ = terminal.json(&json!({ "error": error }));
}

/// Adds to the job summary. What cannot be shown there stands in the log, so that is no failure.
fn summarise(environment: &Environment, terminal: Terminal, text: &str) {
    let Some(path) = &environment.step_summary else { return };
    if let Err(error) = append(path, &secrets::masked(text)) {
        terminal.note(&format!("warning: the job summary cannot be written: {error}"));
    }
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    fs::OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes())
}

/// Hands outputs to the next steps.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn outputs(path: &Path, outputs: &str) -> Result<(), Ended> {
    append(path, outputs).map_err(|error| {
        Ended::usage(
            format!("the outputs cannot be written: {error}"),
            "Everything was recorded. Look at GITHUB_OUTPUT.",
        )
    })
}

fn outputs_of(report: &Report) -> String {
    let issue = report.issue.map(|number| number.to_string()).unwrap_or_default();
    let mut used = Usage::default();
    for envelope in &report.events {
        if let Event::AssistantAnswered(answered) = &envelope.recorded.event {
            used += answered.usage;
        }
    }
    [
        ("outcome", report.outcome_name().to_owned()),
        ("issue", issue),
        ("pull-request-url", report.pull_request.clone().unwrap_or_default()),
        ("tasks-completed", report.tally.completed.to_string()),
        ("tasks-failed", report.tally.failed.to_string()),
        ("tokens", used.tokens().to_string()),
        // All of its digits: a step that adds them up loses nothing.
        ("dollars", format!("{}.{:06}", used.micro_dollars / 1_000_000, used.micro_dollars % 1_000_000)),
        ("sequence", report.sequence.to_string()),
    ]
    .iter()
    .map(|(name, value)| workflow::output(name, value))
    .collect()
}
