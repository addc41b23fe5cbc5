//! `automata rehearse`: decides again what happened, under the configuration that stands and under another one, and
//! tells the difference. Nothing is changed anywhere, and nobody is asked anything that costs.
//!
//! ```text
//! log ── past ──> moments ──┬── play (stands)  ──> side ──┬──> difference ──> report::rehearsal
//!                           └── play (changed) ──> side ──┘
//! ```

mod count;
mod desk;
mod journal;
mod outlets;
mod past;
mod play;
mod stage;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use self::past::{Past, Reading};
use self::play::Player;
use super::environment::Environment;
use super::failure::{Ended, Kind};
use super::found::Found;
use super::progress;
use super::reconcile::when;
use super::world::World;
use crate::cli::{self, Format, Global};
use crate::config::{self, Config, Mode};
use crate::domain::failure::Failure;
use crate::domain::id::{RepositoryName, Sequence};
use crate::domain::rehearsal::{Rehearsal, Side, differences, totals};
use crate::domain::time::Timestamp;
use crate::domain::used::Used;
use crate::log::EventLog;
use crate::report::rehearsal as report;
use crate::report::terminal::Terminal;
use crate::services::clock::Clock;
use crate::services::git::Code;
use crate::services::github::GitHub;
use crate::services::models::Models;
use crate::services::rehearsal::{Rehearsals, Tried};

/// Things that happened which a task looks back at, at most: some seconds of a runner's time for each side.
const MOST_IN_A_RUN: usize = 1_000;

/// A day, in milliseconds.
const DAY: i64 = 24 * 3600 * 1000;

/// What the sides read of the world: nothing of it can be written through.
pub(super) struct Ports {
    repository: RepositoryName,
    code: Arc<dyn Code>,
    models: Option<Arc<dyn Models>>,
    labels: Vec<String>,
    page: String,
}

/// Rehearses configurations against one log.
pub(super) struct Rehearser {
    log: Arc<dyn EventLog>,
    /// The configuration that stands; none when it cannot be used, and nothing is done.
    stands: Option<Config>,
    github: Arc<dyn GitHub>,
    code: Arc<dyn Code>,
    models: Option<Arc<dyn Models>>,
    clock: Arc<dyn Clock>,
    repository: RepositoryName,
    page: String,
    /// Things that happened which are looked back at; none: all.
    most: Option<usize>,
}

impl Rehearser {
    fn on(world: &World, log: Arc<dyn EventLog>, most: Option<usize>) -> Self {
        Self {
            log,
            stands: world.problems.is_empty().then(|| world.config.clone()),
            github: Arc::clone(&world.services.github),
            code: Arc::clone(&world.services.code),
            models: world.services.models.clone(),
            clock: Arc::clone(&world.clock),
            repository: world.repository.clone(),
            page: world.services.outlets.page.clone(),
            most,
        }
    }

    /// What `changed` would have done otherwise since then. `told` hears how many of how many moments are done.
    async fn compare(
        &self,
        changed: &Config,
        since: Timestamp,
        told: &dyn Fn(u64, u64),
    ) -> Result<Rehearsal, Ended> {
        let mut reading = Reading::since(since);
        self.log.history(Sequence(1), &mut |envelope| reading.offer(envelope)).await?;
        let mut past = reading.end(self.most);
        let until = self.clock.now();
        let mut notes = std::mem::take(&mut past.notes);
        let labels = match self.github.labels().await {
            Ok(labels) => labels.into_iter().map(|label| label.name).collect(),
            Err(failure) => {
                tracing::debug!(%failure, "the labels of the repository cannot be listed");
                notes.push(
                    "Which labels the repository has could not be found out: those that the log tells of count."
                        .to_owned(),
                );
                past.labels.iter().cloned().collect()
            }
        };
        let ports = Ports {
            repository: self.repository.clone(),
            code: Arc::clone(&self.code),
            models: self.models.clone(),
            labels,
            page: self.page.clone(),
        };
        let all = 2 * past.moments.len() as u64;
        let done = std::cell::Cell::new(0);
        let tell = || {
            done.set(done.get() + 1);
            told(done.get(), all);
        };
        let (before, after) = acting(self.stands.as_ref(), changed, &mut notes);
        let before = match before {
            Some(config) => Player::new(&past, &config, &ports).await?.play(until, &tell).await?,
            None => Side::default(),
        };
        let after = Player::new(&past, &after, &ports).await?.play(until, &tell).await?;
        notes.extend(unknown_people(&past));
        if before.is_late || after.is_late {
            notes.push(
                "So much is due between these events that some of it was done with the next event instead: a schedule that comes \
                 very often counts less often than it would be done."
                    .to_owned(),
            );
        }
        let differences = differences(&before, &after);
        Ok(Rehearsal {
            differs: !differences.is_empty() || before.cost != after.cost,
            since,
            until,
            triggers: past.moments.len(),
            differences,
            totals: totals(&before, &after),
            cost_before: before.cost,
            cost_after: after.cost,
            notes,
        })
    }
}

/// The two configurations as they are played: where both only observe, what they would do is compared.
fn acting(stands: Option<&Config>, changed: &Config, notes: &mut Vec<String>) -> (Option<Config>, Config) {
    let (mut before, mut after) = (stands.cloned(), changed.clone());
    match &mut before {
        None => notes.push(
            "The configuration that stands is not sound: what happens waits, and nothing is done under it."
                .to_owned(),
        ),
        Some(before) if before.mode == Mode::Observe && after.mode == Mode::Observe => {
            notes.push("Both only observe; what they would do if they acted is compared.".to_owned());
            (before.mode, after.mode) = (Mode::Act, Mode::Act);
        }
        Some(_) => {}
    }
    (before, after)
}

/// Whose words were weighed without knowing what they may.
fn unknown_people(past: &Past) -> Option<String> {
    let spoke = past.moments.iter().filter(|moment| moment.trigger.event == "issue_comment");
    let unknown: BTreeSet<_> = spoke
        .map(|moment| &moment.trigger.actor)
        .filter(|actor| actor.is_person() && !past.people.contains_key(&actor.login))
        .map(|actor| &actor.login)
        .collect();
    (!unknown.is_empty()).then(|| {
        format!(
            "What {} may do here the log does not tell: they count as people who may read.",
            crate::domain::count::counted(unknown.len(), "person who commented", "people who commented")
        )
    })
}

#[async_trait(?Send)]
impl Rehearsals for Rehearser {
    async fn rehearse(&self, text: &str, back: Duration, may_read: bool) -> Result<Tried, Failure> {
        let is_open = |used: &Used| matches!(used, Used::KeysOpened(_));
        if !may_read {
            let unread = |error: crate::log::Error| Failure::transient("rehearsal", error.to_string());
            self.log.load().await.map_err(unread)?;
            if self.log.used().iter().any(is_open) {
                return Ok(Tried::Sealed);
            }
        }
        let branch = self.code.default_tip().await?.branch;
        let config = match config::parse_in(text, Some(&branch)) {
            Ok(config) => config,
            Err(problems) => {
                return Ok(Tried::Unsound(problems.iter().map(ToString::to_string).collect()));
            }
        };
        // From midnight on, so that the same pull request reads the same all day.
        let since = self.clock.now().minus(back).as_millis();
        let since = Timestamp::from_millis(since - since.rem_euclid(DAY));
        let compared = self.compare(&config, since, &|_, _| {}).await;
        compared.map(|rehearsal| Tried::Rehearsed(Box::new(rehearsal))).map_err(|ended| match ended.kind {
            Kind::Again => Failure::transient("rehearsal", ended.message),
            _ => Failure::permanent("rehearsal", ended.message),
        })
    }
}

/// Rehearsals of configurations against the log of `world`, for the tasks of a run.
///
/// # Errors
/// When there is no log.
pub fn for_tasks(world: &World) -> Result<Arc<dyn Rehearsals>, Ended> {
    Ok(Arc::new(Rehearser::on(world, world.log()?, Some(MOST_IN_A_RUN))))
}

/// `automata rehearse`.
///
/// # Errors
/// When the command line or one of the configurations is wrong, or the log cannot be read.
pub(super) async fn rehearse(
    arguments: &cli::Rehearse,
    global: &Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let world = World::looking(global, environment, terminal).await?;
    let Found { text, unread, .. } = Found::named(&arguments.config)?;
    let path = arguments.config.display().to_string();
    let text = match (text, unread) {
        (Some(text), None) => text,
        (_, unread) => {
            let told = unread.map(|problem| problem.to_string()).unwrap_or_default();
            return Err(Ended::usage(format!("{path} cannot be read: {told}"), "Name another file."));
        }
    };
    let branch = world.services.code.default_tip().await.map(|tip| tip.branch).ok();
    let changed = config::parse_in(&text, branch.as_deref()).map_err(|problems| {
        let told: Vec<String> =
            problems.iter().map(|problem| super::configuration::located(&path, problem)).collect();
        Ended::usage(told.join("\n"), format!("`automata check {path}` tells more."))
    })?;
    let since = when(&arguments.since, world.clock.now())?;
    let log = Arc::new(world.git_log()?);
    let bar = progress::bar(terminal, "deciding again");
    let rehearser = Rehearser::on(&world, log, None);
    let rehearsal = rehearser.compare(&changed, since, &|done, all| bar.at(done, all)).await?;
    bar.end();
    match global.format {
        Format::Json => terminal.json(&rehearsal).map_err(Ended::bug)?,
        Format::Markdown => terminal.data(report::markdown(&rehearsal).trim_end()),
        Format::Text => {
            for line in report::lines(&rehearsal) {
                terminal.data(&line);
            }
            for note in &rehearsal.notes {
                terminal.note(&format!("note: {note}"));
            }
        }
    }
    Ok(if arguments.exit_code && rehearsal.differs {
        ExitCode::from(Kind::Work.exit_code())
    } else {
        ExitCode::SUCCESS
    })
}
