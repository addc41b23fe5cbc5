//! Finds the one task that somebody means.

use crate::app::failure::Ended;
use crate::domain::state::State;
use crate::domain::task::Task;
use crate::domain::untrusted::one_line;
use crate::report::sentence;

/// Ids named when the beginning of one fits several.
const NAMED: usize = 10;
/// Width of a quoted word.
const QUOTE: usize = 60;

/// Why it is not clear which task is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum Unclear {
    /// There is none.
    Unknown,
    /// There are several: how many, and the first of them.
    Several(usize, Vec<String>),
}

/// The task with this id, the one whose id begins so, or the one that `log` calls so in short.
pub(in crate::app) fn one_task<'a>(state: &'a State, what: &str) -> Result<&'a Task, Unclear> {
    let is_meant = |task: &&Task| task.id.as_str().starts_with(what) || sentence::short(&task.id) == what;
    let exact = state.tasks.values().find(|task| task.id.as_str() == what);
    let found: Vec<&Task> =
        exact.map_or_else(|| state.tasks.values().filter(is_meant).collect(), |task| vec![task]);
    match found.as_slice() {
        [task] => Ok(task),
        [] => Err(Unclear::Unknown),
        many => {
            let mut ids: Vec<String> = many.iter().map(|task| task.id.to_string()).take(NAMED).collect();
            if many.len() > NAMED {
                ids.push("…".to_owned());
            }
            Err(Unclear::Several(many.len(), ids))
        }
    }
}

/// The task that somebody means who would change it: no name means none, also when there is but one task.
pub(super) fn task<'a>(state: &'a State, what: &str) -> Result<&'a Task, Ended> {
    let found = if what.is_empty() { Err(Unclear::Unknown) } else { one_task(state, what) };
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
            Self::Several(count, ids) => Ended::usage(
                format!("`{what}` is the beginning of {count} tasks"),
                format!("Name one of {}.", ids.join(", ")),
            ),
        }
    }
}
