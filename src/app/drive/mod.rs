//! `automata drive`: reads the command line, connects, and hands over to whoever does it.

mod access;
mod audit;
mod connect;
mod content;
mod doctor;
mod find;
mod ledger;
mod look;
mod organise;
mod revisions;
mod sync;
mod told;
mod uploads;
mod watch;

use std::process::ExitCode;
use std::sync::Arc;

pub(super) use self::connect::{USUAL_CREDENTIALS, for_tasks};
use self::doctor::{Examined, examine};
use self::find::Finder;
use self::ledger::Ledger;
use self::uploads::Uploads;
use super::environment::Environment;
use super::failure::{Ended, Kind};
use crate::cli::{self, DriveAudit, DriveCommand, Format, Global};
use crate::config::{Action, Config, DriveRules};
use crate::domain::count::counted;
use crate::domain::time::Timestamp;
use crate::report::terminal::Terminal;
use crate::services::clock::Clock;
use crate::services::drive::Drive;
use crate::services::drive::manifest::Manifest;
use crate::services::drive::remembered::{Memory, Remembered};
use crate::services::models::Models;
use crate::tasks::WorkingCopy;

/// Everything that a command works with.
struct Desk {
    drive: Arc<dyn Drive>,
    /// The same without a memory.
    live: Arc<dyn Drive>,
    rules: DriveRules,
    /// Whether a rule of the configuration lets people in.
    shares: bool,
    clock: Arc<dyn Clock>,
    terminal: Terminal,
    json: bool,
    /// The log that changes go through, where there is one at hand.
    ledger: Option<Ledger>,
    /// What was last seen of the Drive.
    manifest: Option<Manifest>,
    /// What knows whether Drive answered, or its memory.
    remembered: Option<Arc<Remembered>>,
    /// Large uploads that were begun.
    uploads: Uploads,
    /// How the working copy came here.
    working_copy: WorkingCopy,
}

impl Desk {
    fn finder(&self) -> Finder<'_> {
        Finder { drive: &*self.drive, rules: &self.rules }
    }

    /// Tells data: as JSON, or the lines.
    fn tell(&self, value: &impl serde::Serialize, lines: &[String]) -> Result<(), Ended> {
        if self.json {
            return self.terminal.json(value).map_err(Ended::bug);
        }
        lines.iter().for_each(|line| self.terminal.data(line));
        Ok(())
    }

    /// Where it is kept beside the log what folders in step agreed on, where there is a log at hand.
    async fn synced(&self) -> Result<Option<Arc<dyn Models>>, Ended> {
        match &self.ledger {
            Some(ledger) => ledger.synced().await,
            None => Ok(None),
        }
    }

    /// Whether the time at which a file here was last changed tells something.
    fn keeps_times(&self) -> bool {
        self.working_copy == WorkingCopy::Stays
    }

    /// Whether so many bytes may go up, as far as a log at hand knows.
    async fn may_send(&self, bytes: u64) -> Result<(), Ended> {
        match &self.ledger {
            Some(ledger) => ledger.may_send(bytes).await,
            None => Ok(()),
        }
    }

    /// Since when what was told may have changed: the time of the oldest that came from memory; none when all came from
    /// Drive itself.
    fn as_of(&self) -> Option<Timestamp> {
        self.remembered.as_ref()?.as_of()
    }

    /// Whether all that was told so far came from Drive itself: a memory does not say what there is nothing to do about.
    fn certain(&self) -> Result<(), Ended> {
        match self.as_of() {
            None => Ok(()),
            Some(at) => Err(Ended {
                kind: Kind::Again,
                message: format!(
                    "Drive cannot be reached, and as it was seen at {at} there would be nothing to do"
                ),
                hints: vec!["Run it again when Drive answers.".to_owned()],
            }),
        }
    }

    /// Tells how old what was told is.
    fn tell_age(&self) {
        let Some(at) = self.as_of() else { return };
        let age = self.clock.now().since(at);
        let told = match age.as_secs() / 60 {
            0 => "less than a minute ago".to_owned(),
            minutes @ 1..120 => {
                format!("{} ago", counted(usize::try_from(minutes).unwrap_or_default(), "minute", "minutes"))
            }
            minutes => format!("{} hours ago", minutes / 60),
        };
        // Also beside JSON: whoever reads that must not take it for the present.
        self.terminal
            .note(&format!("warning: Drive cannot be reached; this is as it was seen at {at}, {told}"));
    }

    /// Tells what happened: on stderr, because it is no data.
    fn note(&self, text: &str) {
        if !self.json {
            self.terminal.note(text);
        }
    }
}

/// `automata drive`.
///
/// # Errors
/// When the command line, the configuration or the credentials are wrong, or Drive says no.
pub(super) async fn drive(
    arguments: &cli::Drive,
    global: &Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let config = connect::configuration(arguments.config.as_deref())?;
    let shares = shares(&config);
    let rules = config.drive;
    // What the command line alone can be wrong about is said before anything is sent.
    find::check(&arguments.command, &rules)?;
    let connected = connect::by_environment(&rules, environment, &find::places(&arguments.command)).await?;
    let json = global.format == Format::Json;
    let counted = counted_as(&arguments.command);
    // On a runner the log knows what the folders of a sync agreed on.
    let is_fetched = connected.files.working_copy != WorkingCopy::Stays;
    let asks_log = matches!(arguments.command, DriveCommand::Sync(_)) && is_fetched;
    // And whom rules have let in.
    let asks_log = asks_log || (matches!(arguments.command, DriveCommand::Audit(_)) && shares);
    let needs_log = is_change(&arguments.command) || counted.is_some() || asks_log;
    let ledger = if needs_log && !arguments.unrecorded {
        Ledger::open(global, environment, &connected.files).await?
    } else {
        None
    };
    let uploads = Uploads::of(&connected.files, &connected.clock);
    let working_copy = connected.files.working_copy;
    let (live, manifest, clock) = (connected.files.drive, connected.files.manifest, connected.clock);
    let memory = memory(&arguments.command, ledger.is_some());
    let remembered = manifest
        .clone()
        .map(|manifest| Arc::new(Remembered::new(Arc::clone(&live), manifest, Arc::clone(&clock), memory)));
    let drive: Arc<dyn Drive> = match &remembered {
        Some(remembered) => Arc::clone(remembered) as Arc<dyn Drive>,
        None => Arc::clone(&live),
    };
    let desk = Desk {
        drive,
        live,
        rules,
        shares,
        clock,
        terminal,
        json,
        ledger,
        manifest,
        remembered,
        uploads,
        working_copy,
    };
    let ended = carry_out(&desk, &arguments.command, &connected.about).await;
    if let (Some(action), Some(ledger)) = (counted, &desk.ledger)
        && let Err(error) = ledger.count(action, desk.drive.used()).await
    {
        desk.terminal.note(&format!("warning: what this used of Drive is not in the log: {}", error.message));
    }
    // What was changed was looked at again, and Drive itself answered.
    if !(is_change(&arguments.command) && ended.is_ok()) {
        desk.tell_age();
    }
    ended
}

/// Whose Drive the environment leads to, what that account can reach and what it lacks.
///
/// # Errors
/// As [`drive`].
pub(super) async fn examined(
    rules: &DriveRules,
    environment: &Environment,
) -> Result<(Vec<String>, Examined), Ended> {
    let connected = connect::by_environment(rules, environment, &[]).await?;
    let found = examine(&*connected.files.drive, rules).await?;
    Ok((connected.about, found))
}

/// What a command may take from memory. What goes through the log is compared with how it is, before anything is sent;
/// every other command that changes something, or hands out what a file holds or who may see it, asks Drive alone.
const fn memory(command: &DriveCommand, recorded: bool) -> Memory {
    let answers = match command {
        DriveCommand::Ls(_) | DriveCommand::Find(_) | DriveCommand::Info(_) => true,
        DriveCommand::Sync(sync) => sync.dry_run,
        DriveCommand::Audit(_) => false,
        command => recorded && is_change(command),
    };
    if answers { Memory::Answers } else { Memory::TakesDown }
}

/// Whether a rule lets people into the folders of issues.
fn shares(config: &Config) -> bool {
    let rules = config.rules.iter().flatten();
    let mut actions = rules.flat_map(|rule| rule.actions.as_slice());
    actions.any(|action| matches!(action, Action::Share(_)))
}

/// Whether a command changes something of which the log is told.
const fn is_change(command: &DriveCommand) -> bool {
    matches!(
        command,
        DriveCommand::Mkdir(_)
            | DriveCommand::Mv(_)
            | DriveCommand::Cp(_)
            | DriveCommand::Rm(_)
            | DriveCommand::Restore(_)
            | DriveCommand::Share(_)
            | DriveCommand::Unshare(_)
            | DriveCommand::Transfer(_)
            | DriveCommand::Audit(DriveAudit { repair: true, .. } | DriveAudit { issue: true, .. })
    )
}

/// What a command that carries content up is called where it counts: other runs share what it uses.
const fn counted_as(command: &DriveCommand) -> Option<&'static str> {
    match command {
        DriveCommand::Put(_) => Some("put"),
        DriveCommand::Sync(sync) if !sync.dry_run => Some("sync"),
        _ => None,
    }
}

async fn carry_out(desk: &Desk, command: &DriveCommand, about: &[String]) -> Result<ExitCode, Ended> {
    match command {
        DriveCommand::Ls(arguments) => look::list(desk, arguments).await?,
        DriveCommand::Find(arguments) => look::find(desk, arguments).await?,
        DriveCommand::Info(arguments) => look::info(desk, arguments).await?,
        DriveCommand::Perms(arguments) => access::show(desk, arguments).await?,
        DriveCommand::Changes(arguments) => look::changes(desk, arguments).await?,
        DriveCommand::Watch(arguments) => watch::watch(desk, arguments).await?,
        DriveCommand::Revisions(arguments) => revisions::list(desk, arguments).await?,
        DriveCommand::Pin(arguments) => revisions::pin(desk, arguments).await?,
        DriveCommand::Diff(arguments) => revisions::diff(desk, arguments).await?,
        DriveCommand::Doctor => doctor::doctor(desk, about).await?,
        DriveCommand::Get(arguments) => content::get(desk, arguments).await?,
        DriveCommand::Put(arguments) => content::put(desk, arguments).await?,
        DriveCommand::Export(arguments) => content::export(desk, arguments).await?,
        DriveCommand::Mkdir(arguments) => organise::make_folders(desk, arguments).await?,
        DriveCommand::Mv(arguments) => organise::move_it(desk, arguments).await?,
        DriveCommand::Cp(arguments) => organise::copy(desk, arguments).await?,
        DriveCommand::Rm(arguments) => organise::remove(desk, arguments).await?,
        DriveCommand::Restore(arguments) => organise::restore(desk, arguments).await?,
        DriveCommand::Share(arguments) => access::share(desk, arguments).await?,
        DriveCommand::Unshare(arguments) => access::unshare(desk, arguments).await?,
        DriveCommand::Transfer(arguments) => access::transfer(desk, arguments).await?,
        DriveCommand::Sync(arguments) => return sync::sync(desk, arguments).await,
        DriveCommand::Audit(arguments) => return audit::audit(desk, arguments).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// What Drive said no with, for a person.
fn ended(error: crate::services::drive::Error) -> Ended {
    let is_for_another_day = error.is_for_another_day();
    let mut ended: Ended = crate::domain::failure::Failure::from(error).into();
    if is_for_another_day {
        // The same command comes through then.
        ended.kind = Kind::Again;
    }
    ended
}
