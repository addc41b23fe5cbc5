//! `automata plan`: what would be claimed now, what the others wait for, and a matrix for several runners.

use std::collections::BTreeSet;
use std::process::ExitCode;

use serde_json::json;

use super::environment::Environment;
use super::failure::Ended;
use super::limits;
use super::publish;
use super::reading::{Present, present};
use super::tasks::cells;
use super::world::World;
use crate::cli::{self, Format, Global};
use crate::domain::id::TaskId;
use crate::domain::task::Task;
use crate::queue::{self, Hands, Limits, Shard};
use crate::report::terminal::{Terminal, Tone};
use crate::report::workflow;
use crate::views::board::{self, Filter, Row, Waiting};

/// Jobs that GitHub allows in one matrix
/// (docs.github.com, "Usage limits, billing, and administration": a job matrix can generate 256 jobs a run).
const MOST_SHARDS: u64 = 256;

/// The part of the queue that `drain` is to work on.
///
/// # Errors
/// When the text names none.
pub(super) fn shard(arguments: &cli::Drain, environment: &Environment) -> Result<Option<Shard>, Ended> {
    let (name, text) = match &arguments.shard {
        Some(text) => ("--shard", Some(text)),
        None => ("AUTOMATA_SHARD", environment.shard.as_ref()),
    };
    text.map(|text| text.trim().parse()).transpose().map_err(|error: queue::NotAShard| {
        Ended::usage(format!("{name}: {error}"), "`automata plan --matrix --shards 3` prints them.")
    })
}

fn most_shards(arguments: &cli::Plan, environment: &Environment) -> Result<u64, Ended> {
    let wrong = |name: &str, given: &str| {
        Ended::usage(
            format!("{name}: `{given}` is no number of shards"),
            format!("Say how many runners may work at once, from 1 to {MOST_SHARDS}."),
        )
    };
    let (name, given) = match (arguments.shards, &environment.shards) {
        (Some(count), _) => ("--shards", count.to_string()),
        (None, Some(text)) => ("AUTOMATA_SHARDS", text.trim().to_owned()),
        (None, None) => return Ok(1),
    };
    given.parse().ok().filter(|count| (1..=MOST_SHARDS).contains(count)).ok_or_else(|| wrong(name, &given))
}

/// `automata plan`.
///
/// # Errors
/// When the command line is wrong or the log cannot be read.
pub(super) async fn plan(
    arguments: &cli::Plan,
    global: &Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let most = most_shards(arguments, environment)?;
    let world = World::looking(global, environment, terminal).await?;
    let present = present(&world).await?;
    let limits = limits::of(&world.config);
    let (parts, ready) = queue::parts(&present.state, world.clock.now(), &limits);
    let count = most.min(parts as u64).max(1);
    let shards: Vec<_> =
        (0..count).map(|index| json!({ "shard": Shard { index, count }.to_string() })).collect();
    let matrix = json!({ "include": shards });
    if let Some(path) = &environment.output {
        let outputs = [("matrix", matrix.to_string()), ("ready", ready.to_string())];
        let outputs: String = outputs.iter().map(|(name, value)| workflow::output(name, value)).collect();
        publish::outputs(path, &outputs)?;
    }
    if arguments.matrix {
        terminal.json(&matrix).map_err(Ended::bug)?;
    } else {
        tell(&present, &world, &limits, terminal, global.format == Format::Json)?;
    }
    present.told()?;
    Ok(ExitCode::SUCCESS)
}

fn tell(
    present: &Present,
    world: &World,
    limits: &Limits,
    terminal: Terminal,
    json: bool,
) -> Result<(), Ended> {
    let (state, now) = (&present.state, world.clock.now());
    let rules = &world.config.limits;
    let hands = Hands { all: rules.tasks_at_once, heavy: rules.heavy_at_once };
    let planned = queue::plan(state, now, limits, hands);
    let room = |task: &Task| limits.room(task);
    let row = |task: &Task| board::row(state, task, now, &room);
    let claims: Vec<Row> = planned.iter().filter_map(|id| state.tasks.get(id)).map(row).collect();
    let claimed: BTreeSet<&TaskId> = planned.iter().collect();
    let pending = Filter { statuses: vec!["pending"], ..Filter::default() };
    let others = board::picked(state, &pending, now, &room).into_iter();
    let others = others.filter(|task| !claimed.contains(&task.id)).map(|task| {
        let mut row = row(task);
        if row.wait == Some(Waiting::Ready) {
            "its turn comes after those that would be claimed".clone_into(&mut row.detail);
        }
        row
    });
    let waits: Vec<Row> = others.collect();
    let next_due = queue::next_due(state, now, limits);
    if json {
        let plan =
            json!({ "sequence": state.sequence, "claims": claims, "waits": waits, "next_due": next_due });
        return terminal.json(&plan).map_err(Ended::bug);
    }
    for (heading, rows) in [("would be claimed now", &claims), ("wait", &waits)] {
        terminal.data(&terminal.paint(Tone::Strong, &format!("{} {heading}", rows.len())));
        for line in terminal.table(&rows.iter().map(cells).collect::<Vec<_>>()) {
            terminal.data(&line);
        }
    }
    if let Some(at) = next_due {
        terminal.data(&format!("next due at {at}"));
    }
    Ok(())
}
