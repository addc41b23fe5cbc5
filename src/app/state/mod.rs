//! `automata state`: the log as a whole.

use std::path::Path;
use std::process::ExitCode;

use super::environment::Environment;
use super::failure::Ended;
use super::world::World;
use crate::cli::{Global, State, StateCommand};
use crate::domain::state::State as Folded;
use crate::log::export::{self, Export};
use crate::log::{Error, Snapshot};
use crate::report::terminal::Terminal;
use crate::views::snapshot;

mod compact;
mod export_to;
mod import;
mod repair;
mod rollback;

pub(super) async fn state(
    arguments: &State,
    global: &Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let world = World::looking(global, environment, terminal).await?;
    let json = global.format == crate::cli::Format::Json;
    match &arguments.command {
        StateCommand::Export(arguments) => export_to::export(arguments, &world, terminal, json).await,
        StateCommand::Import(arguments) => import::import(arguments, &world, terminal, json).await,
        StateCommand::Compact(arguments) => compact::compact(arguments, &world, terminal, json).await,
        StateCommand::Repair(arguments) => repair::repair(arguments, &world, terminal, json).await,
        StateCommand::Rollback(arguments) => {
            rollback::rollback(arguments, &world, environment, terminal, json).await
        }
    }?;
    Ok(ExitCode::SUCCESS)
}

/// What a file holds, or stdin for `-`.
fn content(file: &Path) -> Result<Vec<u8>, Ended> {
    let read = if file.as_os_str() == "-" {
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut content).map(|_| content)
    } else {
        std::fs::read(file)
    };
    read.map_err(|error| {
        Ended::usage(
            format!("{} cannot be read: {error}", file.display()),
            "Name a file that `automata state export` wrote.",
        )
    })
}

/// An export with every line checked, and the state at its end; none of a log that is sealed.
fn checked<'a>(content: &'a [u8], file: &Path) -> Result<(Export<'a>, Option<Snapshot>), Ended> {
    let (mut state, mut illegal) = (Folded::default(), None);
    let read = export::read(content, &file.display().to_string(), &mut |envelope| {
        if illegal.is_none() {
            let sequence = envelope.recorded.stamp.sequence;
            illegal = state.apply(&envelope.recorded).err().map(|error| (sequence, error));
        }
    });
    let export = read.map_err(|error| match error {
        Error::Damaged { place, reason, .. } => Ended::usage(
            format!("what is there is no whole log: {place}: {reason}"),
            "Nothing was written. Take another export.",
        ),
        error => error.into(),
    })?;
    if export.heading.keys.is_some() {
        return Ok((export, None));
    }
    if let Some((sequence, illegal)) = illegal {
        return Err(Ended::usage(
            format!(
                "the log in {} tells something impossible at event {sequence}: {illegal}",
                file.display()
            ),
            "Nothing was written. Take another export.",
        ));
    }
    let snapshot = snapshot::write(&state).map_err(Ended::bug)?;
    Ok((export, Some(snapshot)))
}
