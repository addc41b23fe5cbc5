//! `automata drive`: reads the command line, connects, and hands over to whoever does it.

mod access;
mod audit;
mod connect;
mod content;
mod find;
mod look;
mod organise;
mod revisions;
mod sync;
mod told;
mod tree;
mod watch;

use std::process::ExitCode;
use std::sync::Arc;

pub(super) use self::connect::for_tasks;
use self::find::Finder;
use super::environment::Environment;
use super::failure::Ended;
use crate::cli::{self, DriveCommand, Format, Global};
use crate::config::DriveRules;
use crate::report::terminal::Terminal;
use crate::services::clock::Clock;
use crate::services::drive::Drive;

/// Everything that a command works with.
struct Desk {
    drive: Arc<dyn Drive>,
    rules: DriveRules,
    clock: Arc<dyn Clock>,
    terminal: Terminal,
    json: bool,
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
    let rules = connect::rules(arguments.config.as_deref())?;
    // What the command line alone can be wrong about is said before anything is sent.
    find::check(&arguments.command, &rules)?;
    let connected = connect::by_environment(&rules, environment).await?;
    let json = global.format == Format::Json;
    let desk = Desk { drive: connected.drive, rules, clock: connected.clock, terminal, json };
    match &arguments.command {
        DriveCommand::Ls(arguments) => look::list(&desk, arguments).await?,
        DriveCommand::Find(arguments) => look::find(&desk, arguments).await?,
        DriveCommand::Info(arguments) => look::info(&desk, arguments).await?,
        DriveCommand::Perms(arguments) => access::show(&desk, arguments).await?,
        DriveCommand::Changes(arguments) => look::changes(&desk, arguments).await?,
        DriveCommand::Watch(arguments) => watch::watch(&desk, arguments).await?,
        DriveCommand::Revisions(arguments) => revisions::list(&desk, arguments).await?,
        DriveCommand::Pin(arguments) => revisions::pin(&desk, arguments).await?,
        DriveCommand::Diff(arguments) => revisions::diff(&desk, arguments).await?,
        DriveCommand::Doctor => look::doctor(&desk, &connected.about).await?,
        DriveCommand::Get(arguments) => content::get(&desk, arguments).await?,
        DriveCommand::Put(arguments) => content::put(&desk, arguments).await?,
        DriveCommand::Export(arguments) => content::export(&desk, arguments).await?,
        DriveCommand::Mkdir(arguments) => organise::make_folders(&desk, arguments).await?,
        DriveCommand::Mv(arguments) => organise::move_it(&desk, arguments).await?,
        DriveCommand::Cp(arguments) => organise::copy(&desk, arguments).await?,
        DriveCommand::Rm(arguments) => organise::remove(&desk, arguments).await?,
        DriveCommand::Restore(arguments) => organise::restore(&desk, arguments).await?,
        DriveCommand::Share(arguments) => access::share(&desk, arguments).await?,
        DriveCommand::Unshare(arguments) => access::unshare(&desk, arguments).await?,
        DriveCommand::Transfer(arguments) => access::transfer(&desk, arguments).await?,
        DriveCommand::Sync(arguments) => return sync::sync(&desk, arguments).await,
        DriveCommand::Audit(arguments) => return audit::audit(&desk, arguments).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// What Drive said no with, for a person.
fn ended(error: crate::services::drive::Error) -> Ended {
    crate::domain::failure::Failure::from(error).into()
}
