//! Finds the one task that somebody means, or says why it is not clear.

use crate::app::failure::Ended;
use crate::domain::named::one_task_to_change;
pub(in crate::app) use crate::domain::named::{Unclear, one_task};
use crate::domain::state::State;
use crate::domain::task::Task;
use crate::domain::untrusted::one_line;

/// Width of a quoted word.
const QUOTE: usize = 60;

/// The task that somebody means who would look at it: no name means none, also when there is but one task.
pub(super) fn task<'a>(state: &'a State, what: &str) -> Result<&'a Task, Ended> {
    let found = if what.is_empty() { Err(Unclear::Unknown) } else { one_task(state, what) };
    found.map_err(|unclear| unclear.ended(what))
}

/// The task that somebody means who would change it, or make another one wait for it.
pub(super) fn task_to_change<'a>(state: &'a State, what: &str) -> Result<&'a Task, Ended> {
    let found = if what.is_empty() { Err(Unclear::Unknown) } else { one_task_to_change(state, what) };
    found.map_err(|unclear| unclear.ended(what))
}

impl Unclear {
    /// In words.
    pub(in crate::app) fn ended(self, what: &str) -> Ended {
        let what = one_line(what, QUOTE);
        match self {
            Self::Unknown => Ended::usage(
                format!("there is no task `{what}`"),
                "`automata tasks list` lists them; those that ended long ago stay in the log alone.",
            ),
            Self::Short(least) => Ended::usage(
                format!("`{what}` is too short to name a task"),
                format!("Write at least {least} characters of its id; `automata tasks list` lists them."),
            ),
            Self::Several(count, ids) => Ended::usage(
                format!("`{what}` is the beginning of {count} tasks"),
                format!("Name one of {}.", ids.join(", ")),
            ),
        }
    }
}
