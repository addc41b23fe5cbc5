//! `automata run`: takes in one event, works through the queue, and says what came of it.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::failure::{Ended, Kind};
use super::session::Session;
use super::world::World;
use super::{Environment, drain};
use crate::cli;
use crate::config::rules;
use crate::domain::command::{Command, Rejection};
use crate::domain::event::Event;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::receipt;
use crate::domain::trigger::Trigger;
use crate::intake::{self, Intake, IntakeContext, Refusal};
use crate::log::Envelope;
use crate::report::summary::{self, Tally};
use crate::report::terminal::Terminal;
use crate::report::{sentence, workflow};

/// An event to take in.
#[derive(Clone, Debug)]
pub struct Given {
    /// GitHub's name of the event.
    pub event: String,
    /// Its JSON.
    pub payload: Vec<u8>,
}

/// What became of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is in the log now.
    Recorded,
    /// It was in the log before.
    Duplicate,
    /// It is none of our business.
    Ignored,
    /// There was no event; the queue was worked through.
    Drained,
}

/// What a run saw and did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What became of the event.
    pub outcome: Outcome,
    /// One sentence.
    pub headline: String,
    /// The issue or pull request that the event is about.
    pub issue: Option<IssueNumber>,
    /// The pull request that this run opened or adopted.
    pub pull_request: Option<String>,
    /// In numbers.
    pub tally: Tally,
    /// The last event of the log.
    pub sequence: u64,
    /// What a person should look at.
    pub warnings: Vec<String>,
    /// What this run wrote into the log.
    #[serde(skip)]
    pub events: Vec<Envelope>,
}

/// Takes in an event (none: only works through the queue).
///
/// # Errors
/// When the payload cannot be understood (what could be saved of it is recorded), or the log cannot be
/// written.
pub async fn take_in(world: &World, given: Option<&Given>) -> Result<Report, Ended> {
    let received = given.map(|given| receive(world, given));
    if let Some(Ok(Intake::Ignored { reason })) = &received {
        // Nothing happened that concerns us: no read, no push, so that no loop can feed itself.
        return Ok(Report::nothing(Outcome::Ignored, reason.clone()));
    }
    let session =
        Session::open(world.log()?, Arc::clone(&world.clock), Arc::clone(&world.entropy), world.run.clone())
            .await?;
    let (outcome, headline, issue) = match received {
        None => (Outcome::Drained, "worked through the queue".to_owned(), None),
        Some(Err(refusal)) => return Err(record_refusal(&session, &refusal).await),
        Some(Ok(Intake::Ignored { reason })) => (Outcome::Ignored, reason, None),
        Some(Ok(Intake::Trigger(trigger))) => record(world, &session, &trigger)?,
    };
    if !world.problems.is_empty() {
        // The event is safe; nothing is done until the configuration says what is wanted.
        session.flush().await?;
        return Ok(Report::of(&session, outcome, headline, issue));
    }
    let deadline = world.clock.now().plus(Duration::from_secs(60 * world.config.limits.run_minutes));
    drain(&session, &world.services, &world.config, Some(deadline)).await?;
    Ok(Report::of(&session, outcome, headline, issue))
}

fn receive(world: &World, given: &Given) -> Result<Intake, Refusal> {
    let context = IntakeContext {
        repository: world.repository.clone(),
        repository_id: world.repository_id,
        run: world.run.clone(),
        ourselves: world.ourselves.clone(),
        allowed_bots: world.config.bots.allow.iter().map(|login| Login::new(login.as_str())).collect(),
        received_at: world.clock.now(),
    };
    intake::read(&given.event, &given.payload, &context)
}

fn record(
    world: &World,
    session: &Session,
    trigger: &Trigger,
) -> Result<(Outcome, String, Option<IssueNumber>), Ended> {
    let requests =
        if world.problems.is_empty() { rules::requests(&world.config, trigger) } else { Vec::new() };
    let issue = trigger.subject.number();
    let command = Command::RecordTrigger { trigger: Box::new(trigger.clone()), requests };
    match session.submit(command) {
        Ok(_) => Ok((Outcome::Recorded, sentence::received(trigger), issue)),
        Err(rejection @ Rejection::Duplicate(_)) => Ok((Outcome::Duplicate, rejection.to_string(), issue)),
        Err(rejection) => Err(Ended { kind: Kind::Bug, message: rejection.to_string(), hints: Vec::new() }),
    }
}

/// Saves what can be saved of a payload that makes no sense, and fails.
async fn record_refusal(session: &Session, refusal: &Refusal) -> Ended {
    let ended = Ended::usage(refusal.reason.clone(), refusal.hint.clone());
    let recorded = match session.submit(Command::RefuseTrigger(refusal.record())) {
        Ok(_) => session.flush().await.map_err(Ended::from),
        Err(rejection) => Err(Ended { kind: Kind::Bug, message: rejection.to_string(), hints: Vec::new() }),
    };
    match recorded {
        Ok(()) => ended,
        Err(also) => Ended {
            hints: [ended.hints, vec![format!("it could not be recorded either: {also}")]].concat(),
            ..ended
        },
    }
}

fn opened(envelope: &Envelope) -> Option<String> {
    match &envelope.recorded.event {
        Event::EffectCompleted(done) => {
            done.receipt.read::<receipt::PullRequest>().ok().map(|receipt| receipt.url)
        }
        _ => None,
    }
}

fn warning(envelope: &Envelope) -> Option<String> {
    let about = |hint: Option<&str>| {
        let hint = hint.map(|hint| format!(" {hint}")).unwrap_or_default();
        format!("{}: {}.{hint}", envelope.recorded.stamp.subject, sentence::of(envelope))
    };
    match &envelope.recorded.event {
        Event::TaskRetried(_) | Event::TaskReleased(_) => Some(about(None)),
        Event::TaskFailed(failed) => Some(about(failed.failure.hint.as_deref())),
        _ => None,
    }
}

impl Report {
    fn of(session: &Session, outcome: Outcome, headline: String, issue: Option<IssueNumber>) -> Self {
        let sequence = session.state().sequence.0;
        let (events, pushes) = session.written();
        let pull_request = events.iter().rev().find_map(opened);
        let warnings = events.iter().filter_map(warning).collect();
        let tally = Tally::of(&events, pushes);
        Self { outcome, headline, issue, pull_request, tally, sequence, warnings, events }
    }

    fn nothing(outcome: Outcome, headline: String) -> Self {
        let (tally, warnings, events) = (Tally::default(), Vec::new(), Vec::new());
        Self { outcome, headline, issue: None, pull_request: None, tally, sequence: 0, warnings, events }
    }

    /// Whether work was given up for good, which makes the exit code 1.
    #[must_use]
    pub const fn failed(&self) -> bool {
        self.tally.failed > 0
    }
}

/// `automata run`.
///
/// # Errors
/// As [`take_in`], and when the event is not named or cannot be read.
pub async fn run(
    arguments: &cli::Run,
    global: &cli::Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let event = arguments.event.clone().or_else(|| environment.event_name.clone()).ok_or_else(|| {
        Ended::usage("there is no event to take in", "Inside Actions GITHUB_EVENT_NAME names it; by hand use --event NAME --payload FILE, or `automata drain`.")
    })?;
    let path = arguments.payload.clone().or_else(|| environment.event_path.clone());
    let payload = match &path {
        // A missing file is an empty payload: refused by intake like any other, and recorded.
        Some(path) => read_payload(path).unwrap_or_default(),
        None => Vec::new(),
    };
    let given = Given { event, payload };
    let world = World::open(global, environment)?;
    let world = match receive(&world, &given) {
        // As far as can be told without the configuration, the log will not be read.
        Ok(Intake::Ignored { .. }) => world.configured().await?,
        _ => world.prepared().await?,
    };
    let report = take_in(&world, Some(&given)).await?;
    publish(&report, &world, global, environment, terminal)
}

/// Reads the payload, at most a little more than intake accepts: the rest would only fill the memory.
fn read_payload(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(intake::PAYLOAD_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// `automata drain`.
///
/// # Errors
/// As [`take_in`].
pub async fn drain_only(
    global: &cli::Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let world = World::open(global, environment)?.prepared().await?;
    let report = take_in(&world, None).await?;
    publish(&report, &world, global, environment, terminal)
}

/// Says what the run did: to the terminal, to the job summary and to the next steps.
fn publish(
    report: &Report,
    world: &World,
    global: &cli::Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let written = |error: std::io::Error| {
        Ended::usage(
            format!("a file of the runner cannot be written: {error}"),
            "Look at GITHUB_STEP_SUMMARY and GITHUB_OUTPUT.",
        )
    };
    let warnings: Vec<String> = world.problems.iter().chain(&report.warnings).cloned().collect();
    if let Some(path) = &environment.step_summary {
        append(path, &summary::markdown(&report.headline, &report.tally, &report.events, &warnings))
            .map_err(written)?;
    }
    if let Some(path) = &environment.output {
        append(path, &outputs(report)).map_err(written)?;
    }
    if global.format == cli::Format::Json {
        terminal.data(&serde_json::to_string(report).unwrap_or_default());
    } else {
        terminal.data(&format!("{}: {}", outcome_word(report.outcome), report.headline));
        if report.outcome != Outcome::Ignored {
            terminal.data(&report.tally.line());
        }
        for url in &report.pull_request {
            terminal.data(&format!("pull request: {url}"));
        }
    }
    for warning in &warnings {
        if environment.inside_actions {
            terminal.data(&workflow::annotation(workflow::Level::Warning, "Automata", warning));
        } else {
            terminal.note(&format!("warning: {warning}"));
        }
    }
    let code = if !world.problems.is_empty() {
        Kind::Usage.exit_code()
    } else if report.failed() {
        Kind::Work.exit_code()
    } else {
        0
    };
    Ok(ExitCode::from(code))
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    fs::OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes())
}

const fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Recorded => "recorded",
        Outcome::Duplicate => "duplicate",
        Outcome::Ignored => "ignored",
        Outcome::Drained => "drained",
    }
}

fn outputs(report: &Report) -> String {
    let issue = report.issue.map(|number| number.to_string()).unwrap_or_default();
    [
        ("outcome", outcome_word(report.outcome).to_owned()),
        ("issue", issue),
        ("pull-request-url", report.pull_request.clone().unwrap_or_default()),
        ("tasks-completed", report.tally.completed.to_string()),
        ("tasks-failed", report.tally.failed.to_string()),
        ("sequence", report.sequence.to_string()),
    ]
    .iter()
    .map(|(name, value)| workflow::output(name, value))
    .collect()
}
