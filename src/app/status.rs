//! `automata status`: the queue, once or for as long as somebody watches.

use std::time::Duration;

use super::failure::Ended;
use super::inspect::{Shown, Standing, show_board};
use super::limits;
use super::reading::{Present, present};
use super::world::World;
use crate::cli;
use crate::report::terminal::Terminal;
use crate::views::board::board;

/// The time between two looks. Runs push at most six times a minute (GitHub's recommendation for a repository), so that
/// looking more often shows nothing more. A look is one small request, and none of GitHub's API.
const EVERY: Duration = Duration::from_secs(10);

/// Shows the queue.
///
/// # Errors
/// When the log cannot be read.
pub(super) async fn status(
    world: &World,
    arguments: &cli::Status,
    terminal: Terminal,
    json: bool,
) -> Result<(), Ended> {
    if !arguments.watch {
        let present = present(world).await?;
        show(world, &present, terminal, json)?;
        return present.told();
    }
    let redraws = terminal.is_screen() && !json;
    if redraws {
        terminal.note("Follows the log until Ctrl-C.");
    }
    let drawn = |present: &Present| {
        if redraws {
            terminal.clear();
            return show(world, present, terminal, json);
        }
        if json {
            return show(world, present, terminal, json);
        }
        let limits = limits::of(&world.config);
        let board = board(&present.state, world.clock.now(), &|task| limits.room(task));
        let counts: Vec<String> =
            board.counts.iter().map(|(status, count)| format!("{count} {status}")).collect();
        terminal.data(&format!("{}  {} (event {})", present.state.at, counts.join(", "), board.sequence));
        Ok(())
    };
    let told = |reason: &Ended| terminal.note(&format!("warning: {reason}; looked at again later"));
    tokio::select! {
        biased;
        never = world.stop.listen() => match never {},
        () = world.stop.told() => Ok(()),
        ended = follow(world, &drawn, &told) => ended,
    }
}

fn show(world: &World, present: &Present, terminal: Terminal, json: bool) -> Result<(), Ended> {
    let limits = limits::of(&world.config);
    let now = world.clock.now();
    let standing = Standing::of(&present.state, &world.config, now);
    let board = board(&present.state, now, &|task| limits.room(task));
    show_board(&Shown { board: &board, standing: &standing, issues: None }, terminal, json)
}

/// Draws whenever the log has moved on; the log itself is read only then. Does not come back but with what cannot be drawn.
///
/// # Errors
/// When drawing fails, or the log cannot be read the first time.
pub(super) async fn follow(
    world: &World,
    draw: &dyn Fn(&Present) -> Result<(), Ended>,
    told: &dyn Fn(&Ended),
) -> Result<(), Ended> {
    let mut shown: Option<Vec<String>> = None;
    loop {
        match look(world, shown.as_deref()).await {
            Ok(None) => {}
            Ok(Some((refs, present))) => {
                draw(&present)?;
                if let Some(damage) = &present.damage {
                    told(damage);
                }
                shown = Some(refs);
            }
            Err(ended) if shown.is_none() => return Err(ended),
            // A network that is gone for a while comes back.
            Err(ended) => told(&ended),
        }
        world.clock.sleep(EVERY).await;
    }
}

/// Where the log's refs are and what the log says, unless they are where they were.
async fn look(world: &World, shown: Option<&[String]>) -> Result<Option<(Vec<String>, Present)>, Ended> {
    let refs = world.log_refs().await?;
    if shown == Some(&refs) {
        return Ok(None);
    }
    Ok(Some((refs, present(world).await?)))
}
