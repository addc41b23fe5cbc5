//! Finds the one task that somebody names: by its id, by the beginning of it, or as `log` prints it in short.

use super::state::State;
use super::task::Task;

/// Ids named when the beginning of one fits several: as many as are taken in at a glance.
const NAMED: usize = 10;

/// Why it is not clear which task is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// There is none.
    Unknown,
    /// What was said is shorter than this many characters, and fits by chance alone.
    Short(usize),
    /// There are several: how many, and the first of them.
    Several(usize, Vec<String>),
}

/// The task with this id, the one whose id begins so, or the one that `log` calls so in short.
///
/// # Errors
/// When there is none, or more than one.
pub fn one_task<'a>(state: &'a State, what: &str) -> Result<&'a Task, Unclear> {
    one_of(state.tasks.values(), what)
}

/// As [`one_task`], among these.
///
/// # Errors
/// When there is none, or more than one.
pub fn one_of<'a>(tasks: impl Iterator<Item = &'a Task>, what: &str) -> Result<&'a Task, Unclear> {
    let is_meant = |task: &&Task| task.id.as_str().starts_with(what) || task.id.short() == what;
    let found: Vec<&Task> = tasks.filter(is_meant).collect();
    if let Some(exact) = found.iter().find(|task| task.id.as_str() == what) {
        return Ok(exact);
    }
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
