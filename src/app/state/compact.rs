//! `automata state compact`: the tail goes into the archive now.

use serde::Serialize;

use crate::app::failure::{Ended, Kind};
use crate::app::session::read;
use crate::app::world::World;
use crate::cli::StateCompact;
use crate::domain::count::counted;
use crate::domain::state::State;
use crate::log::{Error, Head};
use crate::report::terminal::Terminal;
use crate::services::state::{GitLog, Weight};
use crate::views::snapshot;

/// Tries while other runs append; each of them is one more small file in the tail, so there is no hurry.
const TRIES: u32 = 8;

/// What was there, and what is.
#[derive(Serialize)]
struct Told {
    compacted: bool,
    before: Sizes,
    after: Option<Sizes>,
}

#[derive(Serialize)]
pub(super) struct Sizes {
    sequence: u64,
    tail_files: usize,
    tail_bytes: usize,
    snapshot_bytes: usize,
}

impl Sizes {
    const fn of(weight: Weight) -> Self {
        let Weight { sequence, tail_files, tail_bytes, snapshot_bytes } = weight;
        Self { sequence, tail_files, tail_bytes, snapshot_bytes }
    }

    fn line(&self) -> String {
        let Self { sequence, tail_files, tail_bytes, snapshot_bytes } = self;
        let files = counted(*tail_files as u64, "file", "files");
        format!(
            "{files} of events ({tail_bytes} bytes), a snapshot of {snapshot_bytes} bytes (event {sequence})"
        )
    }
}

pub(super) async fn compact(
    arguments: &StateCompact,
    world: &World,
    terminal: Terminal,
    json: bool,
) -> Result<(), Ended> {
    let log = world.working_log()?;
    let Some(before) = log.weight().await? else {
        return Err(Ended::usage(
            "there is no log yet, so there is nothing to seal",
            "The first run of the action makes one.",
        ));
    };
    let compacted = !arguments.dry_run && (before.tail_files > 0 || before.snapshot_bytes == 0);
    let after = if compacted { Some(sealed(&log, world).await?) } else { None };
    let told = Told { compacted, before: Sizes::of(before), after };
    if json {
        return terminal.json(&told).map_err(Ended::bug);
    }
    terminal.data(&format!("before: {}", told.before.line()));
    match &told.after {
        Some(after) => terminal.data(&format!("after:  {}", after.line())),
        None if arguments.dry_run => terminal.note("nothing was changed"),
        None => terminal.note("all of it is sealed already"),
    }
    Ok(())
}

/// Seals the tail as it is when nobody else appends; gives what is left.
pub(super) async fn sealed(log: &GitLog, world: &World) -> Result<Sizes, Ended> {
    for _ in 0..TRIES {
        let (state, head) = read(log).await?;
        match written(log, &head, &state, world).await {
            Ok(()) => {
                let weight = world.git_log()?.weight().await?;
                return weight.map(Sizes::of).ok_or_else(|| Ended::bug("the log is gone"));
            }
            Err(Error::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Ended {
        kind: Kind::Again,
        message: "other runs appended whenever the tail was to be sealed".to_owned(),
        hints: vec!["Nothing was changed. Run it again; the next appends seal it by themselves.".to_owned()],
    })
}

/// Seals the tail, with the state at `head` as the snapshot.
pub(super) async fn written(log: &GitLog, head: &Head, state: &State, world: &World) -> Result<(), Error> {
    let snapshot = snapshot::write(state).map_err(|error| Error::Damaged {
        place: "the snapshot".to_owned(),
        reason: error.to_string(),
        ways_out: Vec::new(),
    })?;
    log.compact(head, &snapshot, world.clock.now(), &world.run).await.map(drop)
}
