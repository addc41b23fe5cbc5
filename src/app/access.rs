//! `automata access`: who had access to what, out of the whole log.

use std::collections::VecDeque;

use super::failure::Ended;
use super::inspect::{issue_number, titled};
use super::progress;
use super::reading::history;
use super::reconcile::when;
use super::world::World;
use crate::cli;
use crate::domain::id::{Login, Sequence};
use crate::report::access::{TITLES, json, row};
use crate::report::terminal::Terminal;
use crate::views::access::{Decision, Entry, Filter};

/// Reads the log and shows what is wanted of it.
pub(super) async fn access(
    world: &World,
    arguments: &cli::Access,
    terminal: Terminal,
    as_json: bool,
) -> Result<(), Ended> {
    let filter = filter(world, arguments)?;
    let mut entries = VecDeque::new();
    let bar = progress::bar(terminal, "reading events");
    let damage = history(world, Sequence(1), &mut |envelope| {
        bar.at(envelope.recorded.stamp.sequence.0, 0);
        entries.extend(Entry::of(&envelope).filter(|entry| filter.takes(entry)));
        if arguments.last > 0 && entries.len() > arguments.last {
            entries.pop_front();
        }
    })
    .await?;
    bar.end();
    if as_json {
        for entry in &entries {
            terminal.json(&json(entry)).map_err(Ended::bug)?;
        }
    } else {
        for line in titled(terminal, TITLES, entries.iter().map(row)) {
            terminal.data(&line);
        }
    }
    damage.map_or(Ok(()), Err)
}

fn filter(world: &World, arguments: &cli::Access) -> Result<Filter, Ended> {
    let example = "automata access --issue 42";
    let mut decisions = Vec::new();
    decisions.extend(arguments.granted.then_some(Decision::Granted));
    decisions.extend(arguments.refused.then_some(Decision::Refused));
    Ok(Filter {
        issue: arguments.issue.as_deref().map(|text| issue_number(text, example)).transpose()?,
        who: arguments.actor.as_deref().map(|login| Login::new(login.trim().trim_start_matches('@'))),
        decisions,
        credential: arguments.credential.clone(),
        since: arguments.since.as_deref().map(|text| when(text, world.clock.now())).transpose()?,
    })
}
