//! `automata state import`: an export becomes the log of a repository that has none.

use serde_json::json;

use super::{checked, content};
use crate::app::failure::Ended;
use crate::app::progress;
use crate::app::world::World;
use crate::cli::StateImport;
use crate::domain::count::counted;
use crate::log::export::Heading;
use crate::log::{Error, verification};
use crate::report::terminal::Terminal;
use crate::services::state::Writing;

pub(super) async fn import(
    arguments: &StateImport,
    world: &World,
    terminal: Terminal,
    json: bool,
) -> Result<(), Ended> {
    let bar = progress::bar(terminal, "importing events");
    bar.about("reading");
    let content = content(&arguments.file)?;
    let (export, snapshot) = checked(&content, &arguments.file)?;
    let heading = &export.heading;
    expect_ours(heading, world, arguments.from_another_repository)?;
    let log = world.git_log()?;
    let reference = log.reference().to_owned();
    let begun = || {
        Ended::usage(
            format!("there is something on {reference} already"),
            "An import begins a log and adds to none. Name another branch in `state.branch`; a log that is damaged is mended by `automata state repair`.",
        )
    };
    if log.is_begun().await? {
        return Err(begun());
    }
    if !arguments.dry_run {
        bar.at(0, heading.sequence.0);
        bar.about("writing");
        let writing = Writing { now: world.clock.now(), run: &world.run };
        match log.import(&export, snapshot.as_ref(), writing).await {
            Err(Error::Conflict) => return Err(begun()),
            imported => imported?,
        }
        bar.about("checking");
        expect_there(world, heading).await?;
    }
    bar.end();
    if json {
        let told = json!({
            "imported": !arguments.dry_run, "repository": heading.repository,
            "sequence": heading.sequence, "chain": heading.chain,
        });
        return terminal.json(&told).map_err(Ended::bug);
    }
    let events = counted(heading.sequence.0, "event", "events");
    let done = if arguments.dry_run { "would be imported" } else { "imported" };
    terminal.data(&format!("{reference}: {events} {done}, chain {}", heading.chain));
    if heading.keys.is_some() {
        terminal.note(&format!(
            "some of it is sealed: until its keys lie on refs/automata/keys/{}, every command that writes stops",
            world.config.state.branch
        ));
    }
    Ok(())
}

/// What another repository did is no memory of this one, unless somebody says so.
fn expect_ours(heading: &Heading, world: &World, may_be_another: bool) -> Result<(), Ended> {
    if may_be_another || heading.repository.eq_ignore_ascii_case(&world.repository.to_string()) {
        return Ok(());
    }
    Err(Ended::usage(
        format!("this is the log of {}, and the repository here is {}", heading.repository, world.repository),
        "Its issues and pull requests are others. If the repository was renamed or moved, say --from-another-repository.",
    ))
}

/// Looks by another reader whether the log is what was to be written.
pub(super) async fn expect_there(world: &World, heading: &Heading) -> Result<(), Ended> {
    let log = world.git_log()?;
    let read = verification::verify(&log).await?;
    match read.damage {
        Some(damage) => Err(damage.into()),
        // Somebody may have appended since.
        None if read.events >= heading.sequence.0 => Ok(()),
        None => Err(Ended::bug(format!("{} events are there, not {}", read.events, heading.sequence))),
    }
}
