//! `automata tasks`: looks at tasks, enqueues them and changes them.

mod add;
mod change;
mod choose;
mod draft;
mod find;
mod graph;
mod list;
mod schedule;
mod show;
mod wanted;

use std::io::Read as _;
use std::process::ExitCode;

use super::environment::Environment;
use super::failure::Ended;
use super::run;
use super::session::Session;
use super::world::World;
use crate::cli::{Format, Global, Tasks, TasksCommand};
use crate::domain::actor::{Actor, ActorKind};
use crate::domain::id::Login;
use crate::report::terminal::Terminal;

pub(super) use find::{Unclear, one_task};
pub(super) use list::cells;

/// Who asks when nothing says who.
const SOMEBODY: &str = "somebody";
/// Bytes of a file or of stdin that are read at most: a few hundred thousand tasks.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Does what the command line asks.
///
/// # Errors
/// When the command line is wrong or the log cannot be read or written.
pub(super) async fn tasks(
    arguments: &Tasks,
    global: &Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let json = global.format == Format::Json;
    let world = World::open(global, environment)?;
    let desk = |world: World| Desk { world, actor: actor(environment), terminal, json };
    match &arguments.command {
        TasksCommand::List(arguments) => list::list(&desk(looking(world, terminal).await?), arguments).await,
        TasksCommand::Show(arguments) => show::show(&desk(looking(world, terminal).await?), arguments).await,
        TasksCommand::Graph(arguments) => {
            graph::graph(&desk(looking(world, terminal).await?), arguments).await
        }
        TasksCommand::Add(arguments) => {
            // What is wrong with the command line is said before anybody is asked anything.
            if let Some(planned) = schedule::planned(arguments, world.clock.now())? {
                return schedule::set(&desk(writing(world, terminal).await?), planned).await;
            }
            let drafts = draft::drafts(arguments, world.clock.now())?;
            add::add(&desk(writing(world, terminal).await?), drafts).await
        }
        TasksCommand::Schedules => schedule::list(&desk(looking(world, terminal).await?)).await,
        TasksCommand::Unschedule(arguments) => {
            schedule::remove(&desk(writing(world, terminal).await?), arguments).await
        }
        TasksCommand::Cancel(arguments) => {
            let change = change::Change::cancel(arguments);
            change.make(&desk(writing(world, terminal).await?), &arguments.chosen).await
        }
        TasksCommand::Retry(arguments) => {
            let change = change::Change::retry(arguments);
            change.make(&desk(writing(world, terminal).await?), &arguments.chosen).await
        }
        TasksCommand::Revive(arguments) => {
            let change = change::Change::revive(arguments)?;
            change.make(&desk(writing(world, terminal).await?), &arguments.chosen).await
        }
        TasksCommand::Prioritise(arguments) => {
            let change = change::Change::prioritise(arguments)?;
            change.make_to(&desk(writing(world, terminal).await?), &arguments.tasks).await
        }
    }
}

/// What a command about tasks works with.
struct Desk {
    world: World,
    actor: Actor,
    terminal: Terminal,
    json: bool,
}

impl Desk {
    /// A hold on the log, for whoever asks.
    async fn session(&self) -> Result<Session, Ended> {
        Ok(run::open(&self.world).await?.on_behalf_of(self.actor.clone()))
    }
}

async fn looking(world: World, terminal: Terminal) -> Result<World, Ended> {
    Ok(warned(world.configured().await?, terminal))
}

async fn writing(world: World, terminal: Terminal) -> Result<World, Ended> {
    Ok(warned(world.prepared().await?, terminal))
}

/// A configuration that cannot be used is no reason not to call a task off.
fn warned(world: World, terminal: Terminal) -> World {
    world.warn(terminal);
    world
}

pub(super) fn actor(environment: &Environment) -> Actor {
    let login = environment.actor.as_deref().unwrap_or(SOMEBODY);
    // GitHub allows brackets in no name but a bot's.
    let is_bot = environment.inside_actions && login.ends_with("[bot]");
    if is_bot { Actor { kind: ActorKind::Bot, login: Login::new(login) } } else { Actor::person(login) }
}

/// The text that an argument stands for: itself, a file (`@FILE`) or stdin (`-`).
fn text(option: &str, argument: &str) -> Result<String, Ended> {
    match (argument, argument.strip_prefix('@')) {
        ("-", _) => contents(option, std::path::Path::new("-")),
        (_, Some(path)) => contents(option, std::path::Path::new(path)),
        _ => Ok(argument.to_owned()),
    }
}

/// What a file holds, or stdin for `-`.
fn contents(option: &str, path: &std::path::Path) -> Result<String, Ended> {
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().take(MOST_BYTES).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
    };
    read.map(|_| text).map_err(|error| {
        Ended::usage(format!("{option}: {} cannot be read: {error}", path.display()), "Name a file of JSON.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_is_a_person_a_bot_or_somebody() {
        let who = |inside_actions, actor: Option<&str>| {
            let actor = actor.map(str::to_owned);
            super::actor(&Environment { inside_actions, actor, ..Environment::default() })
        };
        assert_eq!(who(true, Some("mona")), Actor::person("mona"));
        assert_eq!(who(true, Some("dependabot[bot]")).kind, ActorKind::Bot);
        assert_eq!(who(false, None), Actor::person("somebody"));
    }
}
