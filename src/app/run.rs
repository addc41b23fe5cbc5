//! `automata run`: takes in one event, works through the queue, and says what came of it.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tracing::Instrument as _;

use super::collected;
use super::failure::Ended;
use super::learn::again;
use super::limits;
use super::logs;
use super::long_ago;
use super::missed;
use super::ourselves;
use super::patience;
use super::plan;
use super::progress;
use super::publish;
use super::rehearse;
use super::session::Session;
use super::spans;
use super::successor;
use super::waiting::settle;
use super::watch;
use super::world::World;
use super::{Environment, Until, drain, recurring};
use crate::cli;
use crate::config::{self, ours};
use crate::domain::command::{Command, Rejection};
use crate::domain::event::Event;
use crate::domain::id::{CommandId, IssueNumber, Login, TriggerIdentity};
use crate::domain::receipt;
use crate::domain::trigger::Trigger;
use crate::domain::untrusted::one_line;
use crate::intake::{self, Intake, IntakeContext, Refusal};
use crate::log::Envelope;
use crate::queue::Limits;
use crate::report::budget;
use crate::report::sentence;
use crate::report::terminal::Terminal;
use crate::services::secrets::masked;
use crate::services::temporary;
use crate::tasks::Services;

mod report;

pub(super) use report::left;
pub use report::{Outcome, Report};

/// An event to take in.
#[derive(Clone, Debug)]
pub struct Given {
    /// GitHub's name of the event.
    pub event: String,
    /// Its JSON.
    pub payload: Vec<u8>,
}

/// Takes in an event (none: only works through the queue).
///
/// # Errors
/// When the payload cannot be understood (what could be saved of it is recorded), or the log cannot be
/// written.
pub async fn take_in(world: &World, given: Option<&Given>) -> Result<Report, Ended> {
    let began = world.clock.now();
    let received = match given {
        Some(given) => Some(receive(world, given).await),
        None => None,
    };
    if let Some(Ok(Intake::Ignored { reason })) = &received {
        // Nothing happened that concerns us: no read, no push, so that no loop can feed itself.
        return Ok(Report::nothing(Outcome::Ignored, reason.clone()));
    }
    let session = open(world).await?;
    let taken = match received {
        None if world.problems.is_empty() => {
            Taken::of(Outcome::Drained, "worked through the queue".to_owned())
        }
        None => {
            let told = "nothing was begun, because the configuration is not sound";
            Taken::of(Outcome::Drained, told.to_owned())
        }
        Some(Err(refusal)) => return Err(record_refusal(&session, &refusal).await),
        Some(Ok(Intake::Ignored { reason })) => Taken::of(Outcome::Ignored, reason),
        Some(Ok(Intake::Trigger(trigger))) => {
            let about = logs::span(trigger.subject, None);
            record(world, &session, &trigger).instrument(about).await?
        }
    };
    if !world.problems.is_empty() {
        // The event is safe; nothing is done until the configuration says what is wanted.
        session.flush().await?;
        let mut report = Report::of(&session, taken);
        report.warnings.extend(sentence::waiting(&session.state()));
        return Ok(report);
    }
    if world.paused {
        // As with a brake in the log, events and what they lead to are recorded; but nobody can say a word past this one.
        session.flush().await?;
        let mut report = Report::of(&session, taken);
        report.warnings.push(PAUSED.to_owned());
        return Ok(report);
    }
    // It is told when nothing can be recorded any more.
    world.traces_noting.note();
    if let Err(error) = settle(&session, &world.config).await {
        tracing::warn!(%error, "events wait to be decided and cannot be read; the next run tries again");
    }
    let missed = missed::find(&session, world, given.is_some()).await;
    let changed = watch::look(&session, world).await;
    recurring::keep_in_step(&session, &world.config);
    again::ask(&session, &world.config);
    let deadline = world.clock.now().plus(Duration::from_secs(60 * world.config.limits.run_minutes));
    let until = Until { deadline: Some(deadline), stop: world.stop.clone() };
    let services = Services { rehearsals: Some(rehearse::for_tasks(world)?), ..world.services.clone() };
    drain(&session, &services, &world.config, &until).await?;
    if world.shard.is_none() {
        patience::wait(&session, &services, &world.config, &until, began).await?;
    }
    let called = successor::call(&session, world, deadline).await;
    let left = if world.stop.is_told() { left(&session) } else { 0 };
    let mut report = Report::of(&session, taken).with(called).stopped_with(left);
    report.notes.extend(collected::told(&session.state(), &report.events));
    report.notes.extend(missed);
    report.notes.extend(changed);
    let limits = Limits { run: Some(session.run().clone()), ..limits::of(&world.config) };
    let budgets = &world.config.limits.budget;
    report.notes.extend(budget::after(budgets, &session.state(), &report.events, world.clock.now()));
    report.notes.extend(sentence::throttled(&session.state(), world.clock.now(), &|task| limits.room(task)));
    report.warnings.extend(world.fence.missing());
    spans::tell(world, &session, began, &report).await;
    Ok(report)
}

/// What a run says that was told to begin nothing.
const PAUSED: &str = "Nothing was begun: the variable AUTOMATA_PAUSED is set. Events are recorded, and the first run without it goes on with them.";

/// What became of the event, as far as this run knew before it wrote.
struct Taken {
    outcome: Outcome,
    headline: String,
    issue: Option<IssueNumber>,
    /// The command that was to record it.
    recording: Option<(CommandId, TriggerIdentity)>,
}

impl Taken {
    const fn of(outcome: Outcome, headline: String) -> Self {
        Self { outcome, headline, issue: None, recording: None }
    }

    /// What became of it in the end: another run may have been faster.
    fn in_the_end(self, session: &Session) -> Self {
        let Some((command, identity)) = &self.recording else { return self };
        if session.is_recorded(command) {
            return self;
        }
        let seen = session.state().triggers.get(identity).map(|seen| Rejection::Duplicate(seen.sequence));
        match seen {
            Some(duplicate) => {
                Self { outcome: Outcome::Duplicate, headline: duplicate.to_string(), recording: None, ..self }
            }
            None => self,
        }
    }
}

/// A hold on the world's log.
pub(super) async fn open(world: &World) -> Result<Session, Ended> {
    let (clock, entropy) = (Arc::clone(&world.clock), Arc::clone(&world.entropy));
    let session = Session::open(world.log()?, clock, entropy, world.run.clone()).await?;
    let policy = config::policy(&world.config, &world.repository.to_string(), &session.state());
    let session = session.with_subscriptions(config::subscriptions(&world.config)).with_features(policy);
    Ok(session.on_shard(world.shard).with_uses(world.uses.clone()).watched_by(world.bar.clone()))
}

/// Records that a payload could not even be read, and says so.
async fn refuse(world: &World, refusal: &Refusal) -> Ended {
    match open(world).await {
        Ok(session) => record_refusal(&session, refusal).await,
        Err(also) => not_recorded(refusal, &also),
    }
}

/// What intake has to know of this run.
pub(super) fn intake_context(world: &World) -> IntakeContext {
    IntakeContext {
        repository: world.repository.clone(),
        repository_id: world.repository_id,
        run: world.run.clone(),
        ourselves: world.ourselves.clone(),
        allowed_bots: world.config.bots.allow.iter().map(|login| Login::new(login.as_str())).collect(),
        received_at: world.clock.now(),
    }
}

async fn receive(world: &World, given: &Given) -> Result<Intake, Refusal> {
    let seen = std::iter::once((given.event.as_str(), given.payload.as_slice()));
    let context = ourselves::known_by(world, intake_context(world), seen).await;
    intake::read(&given.event, &given.payload, &context)
}

/// Width of what is kept of what is wrong with a configuration: two problems or so, in all that waits.
const REASON: usize = 200;

async fn record(world: &World, session: &Session, trigger: &Trigger) -> Result<Taken, Ended> {
    if let Some(at) = long_ago::recorded(session, std::iter::once(trigger)).await?.into_values().next() {
        let issue = trigger.subject.number();
        return Ok(Taken { issue, ..Taken::of(Outcome::Duplicate, Rejection::Duplicate(at).to_string()) });
    }
    let (mut headline, recorded) = (sentence::received(trigger), Box::new(trigger.clone()));
    let command = if world.problems.is_empty() {
        let requests = ours::following(&world.config, &session.state(), trigger);
        Command::RecordTrigger { trigger: recorded, requests }
    } else {
        headline.push_str("; it waits for a sound configuration");
        Command::HoldTrigger { trigger: recorded, reason: one_line(&world.problems.join("; "), REASON) }
    };
    let issue = trigger.subject.number();
    match session.submit(command) {
        Ok(command) => {
            let recording = Some((command, trigger.identity.clone()));
            Ok(Taken { outcome: Outcome::Recorded, headline, issue, recording })
        }
        Err(rejection @ Rejection::Duplicate(_)) => {
            Ok(Taken { issue, ..Taken::of(Outcome::Duplicate, rejection.to_string()) })
        }
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
            let world = world.configured().await?;
            // It is recorded, and names what the environment named.
            return Err(refuse(&world, &Refusal::unreadable(&event, &masked(&reason))).await);
        }
    };
    let world = match receive(&world, &given).await {
        // As far as can be told without the configuration, the log will not be read.
        Ok(Intake::Ignored { .. }) => world.configured().await?,
        _ => world.prepared().await?,
    };
    let report = world.stop.during(take_in(&world, Some(&given))).await?;
    let told = publish::report(&report, &world, global, environment, terminal);
    sweep();
    told
}

/// Last of all, so that nothing waits for it: what earlier runs on this machine left when they were killed goes.
fn sweep() {
    let swept = temporary::sweep();
    if swept > 0 {
        tracing::info!(swept, "temporary folders of runs that were killed are removed");
    }
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
/// As [`take_in`], and when the shard is none.
pub(super) async fn drain_only(
    arguments: &cli::Drain,
    global: &cli::Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let shard = plan::shard(arguments, environment)?;
    let mut world = World::open(global, environment)?.prepared().await?;
    world.shard = shard;
    let bar = Arc::new(progress::bar(terminal, "working through the queue"));
    world.bar = Some(Arc::clone(&bar));
    let report = world.stop.during(take_in(&world, None)).await?;
    bar.end();
    let told = publish::report(&report, &world, global, environment, terminal);
    sweep();
    told
}
