//! `automata replay`: the queue, the issues and the pull requests as they were at some place in the log.

use super::failure::Ended;
use super::inspect::{Shown, Standing, show_board};
use super::limits;
use super::progress;
use super::reading::history;
use super::reconcile::moment;
use super::session;
use super::world::World;
use crate::cli;
use crate::domain::count::counted;
use crate::domain::event::Stamp;
use crate::domain::id::Sequence;
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::report::terminal::Terminal;
use crate::views::Unfoldable;
use crate::views::board::board;
use crate::views::issue_list::issue_list;

/// Folds the log up to the place that was asked for, and shows the state as it was.
pub(super) async fn replay(
    world: &World,
    arguments: &cli::Replay,
    terminal: Terminal,
    json: bool,
) -> Result<(), Ended> {
    let place = Place::read(&arguments.to, world.clock.now())?;
    let (mut state, mut illegal, mut later) = (State::default(), None, 0_usize);
    let mut last = Sequence::ZERO;
    let bar = progress::bar(terminal, "reading events");
    let damage = history(world, Sequence(1), &mut |envelope| {
        last = envelope.recorded.stamp.sequence;
        bar.at(last.0, 0);
        if !place.holds(&envelope.recorded.stamp) {
            later += 1;
        } else if illegal.is_none() {
            illegal = state.apply(&envelope.recorded).err();
        }
    })
    .await?;
    bar.end();
    if let Some(illegal) = illegal {
        return Err(session::Error::from(Unfoldable::from(illegal)).into());
    }
    if let (Place::Event(asked), None) = (&place, &damage)
        && *asked > last
    {
        return Err(Ended::usage(
            format!("there is no event {asked} yet: the log ends with event {last}"),
            format!(
                "`automata replay --to {last}` shows how things stand at its end, `automata status` the queue now."
            ),
        ));
    }
    let limits = limits::of(&world.config);
    let standing = Standing::of(&state, &world.config, state.at);
    let board = board(&state, state.at, &|task| limits.room(task));
    let shown = Shown { board: &board, standing: &standing, issues: Some(issue_list(&state)) };
    show_board(&shown, terminal, json)?;
    terminal.note(&format!("as it was at {}; {} since", state.at, counted(later, "event", "events")));
    if later > 0 {
        terminal.note("What other commands show (`automata show`, `why`, `tasks list`) is the present; `automata log` has the events until then.");
    }
    // What comes after a damage may belong to what was asked for.
    damage.map_or(Ok(()), Err)
}

/// Up to where a log is read.
enum Place {
    Event(Sequence),
    Time(Timestamp),
}

impl Place {
    fn read(text: &str, now: Timestamp) -> Result<Self, Ended> {
        if let Ok(sequence) = text.parse() {
            return Ok(Self::Event(Sequence(sequence)));
        }
        moment(text, now).map(Self::Time).ok_or_else(|| {
            Ended::usage(
                format!("`{}` is no place in the log", one_line(text, 60)),
                "For example: automata replay --to 1200, --to 2026-11-22T10:00:00Z or --to 12h",
            )
        })
    }

    fn holds(&self, stamp: &Stamp) -> bool {
        match self {
            Self::Event(last) => stamp.sequence <= *last,
            Self::Time(last) => stamp.at <= *last,
        }
    }
}
