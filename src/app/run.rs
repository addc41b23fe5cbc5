//! `automata run`: takes in one event, works through the queue, and says what came of it.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::failure::Ended;
use super::publish;
use super::session::Session;
use super::world::World;
use super::{Environment, drain, recurring};
use crate::cli;
use crate::config::{self, rules};
use crate::domain::command::{Command, Rejection};
use crate::domain::event::Event;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::receipt;
use crate::domain::trigger::Trigger;
use crate::intake::{self, Intake, IntakeContext, Refusal};
use crate::log::Envelope;
use crate::report::sentence;
use crate::report::summary::Tally;
use crate::report::terminal::Terminal;

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
    let session = open(world).await?;
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
    recurring::keep_in_step(&session, &world.config);
    let deadline = world.clock.now().plus(Duration::from_secs(60 * world.config.limits.run_minutes));
    drain(&session, &world.services, &world.config, Some(deadline)).await?;
    Ok(Report::of(&session, outcome, headline, issue))
}

async fn open(world: &World) -> Result<Session, Ended> {
    let (clock, entropy) = (Arc::clone(&world.clock), Arc::clone(&world.entropy));
    let session = Session::open(world.log()?, clock, entropy, world.run.clone()).await?;
    Ok(session.with_subscriptions(config::subscriptions(&world.config)))
}

/// Records that a payload could not even be read, and says so.
async fn refuse(world: &World, refusal: &Refusal) -> Ended {
    match open(world).await {
        Ok(session) => record_refusal(&session, refusal).await,
        Err(also) => not_recorded(refusal, &also),
    }
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
        Err(rejection) => Err(Ended::bug(rejection)),
    }
}

/// Saves what can be saved of a payload that makes no sense, and fails.
async fn record_refusal(session: &Session, refusal: &Refusal) -> Ended {
    let recorded = match session.submit(Command::RefuseTrigger(refusal.record())) {
        Ok(_) => session.flush().await.map_err(Ended::from),
        Err(rejection) => Err(Ended::bug(rejection)),
    };
    match recorded {
        Ok(()) => Ended::usage(refusal.to_string(), refusal.hint.clone()),
        Err(also) => not_recorded(refusal, &also),
    }
}

fn not_recorded(refusal: &Refusal, also: &Ended) -> Ended {
    let mut ended = Ended::usage(refusal.to_string(), refusal.hint.clone());
    ended.hints.push(format!("It could not be recorded either: {also}"));
    ended
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

    /// The outcome's name for programs.
    #[must_use]
    pub const fn outcome_name(&self) -> &'static str {
        match self.outcome {
            Outcome::Recorded => "recorded",
            Outcome::Duplicate => "duplicate",
            Outcome::Ignored => "ignored",
            Outcome::Drained => "drained",
        }
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
/// As [`take_in`], and when the event is not named or its payload cannot be read.
pub(super) async fn run(
    arguments: &cli::Run,
    global: &cli::Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let event = arguments.event.clone().or_else(|| environment.event_name.clone()).ok_or_else(|| {
        Ended::usage(
            "there is no event to take in",
            "Inside Actions GITHUB_EVENT_NAME names it; by hand use --event NAME --payload FILE, or `automata drain`.",
        )
    })?;
    let path = arguments.payload.as_deref().or(environment.event_path.as_deref());
    let payload = path.ok_or_else(|| "no file was named".to_owned()).and_then(|path| {
        read_payload(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
    });
    let world = World::open(global, environment)?;
    let given = match payload {
        Ok(payload) => Given { event, payload },
        Err(reason) => {
            return Err(refuse(&world.configured().await?, &Refusal::unreadable(&event, &reason)).await);
        }
    };
    let world = match receive(&world, &given) {
        // As far as can be told without the configuration, the log will not be read.
        Ok(Intake::Ignored { .. }) => world.configured().await?,
        _ => world.prepared().await?,
    };
    let report = take_in(&world, Some(&given)).await?;
    publish::report(&report, &world, global, environment, terminal)
}

/// Reads the payload, at most a little more than intake accepts: the rest would only fill the memory.
fn read_payload(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(intake::PAYLOAD_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// `automata drain`.
///
/// # Errors
/// As [`take_in`].
pub(super) async fn drain_only(
    global: &cli::Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let world = World::open(global, environment)?.prepared().await?;
    let report = take_in(&world, None).await?;
    publish::report(&report, &world, global, environment, terminal)
}
