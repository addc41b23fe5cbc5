//! An assistant that failed again and again is passed over for a while, and then tried by one task.

use std::time::Duration;

use crate::domain::circuit::{ALONE, Breaker, Circuit};
use crate::domain::command::Rejection;
use crate::domain::failure::Failure;
use crate::domain::id::AssistantName;
use crate::domain::room::Full;
use crate::tasks::{Context, LOST_LEASE};

/// When to look again whether another task's attempt came to something.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Why an assistant is not asked now; none when it may be.
pub(in crate::tasks) fn left(context: &Context<'_>, assistant: &str) -> Option<Failure> {
    let full = {
        let state = context.journal.state();
        state.left_alone(&Breaker::assistant(assistant), &context.task, state.at)?
    };
    Some(told(context, &full))
}

/// To be called when nothing stands between a task and its question any more: whoever asks again what failed again and again is
/// alone with that, in all runs.
///
/// # Errors
/// Why it is not asked now.
pub(in crate::tasks) async fn ask_again(context: &Context<'_>, assistant: &str) -> Result<(), Failure> {
    let task = &context.task;
    let is_broken = {
        let state = context.journal.state();
        let known = state.circuits.get(&Breaker::assistant(assistant));
        known.is_some_and(|known| known.broken(task.whose()).next().is_some())
    };
    if !is_broken {
        return Ok(());
    }
    match context.journal.tries(task, &AssistantName::new(assistant)) {
        Ok(()) => context.journal.settle(task).await?,
        Err(Rejection::NoRoom { full, .. }) => return Err(told(context, &full)),
        Err(reason) => return Err(Failure::permanent(LOST_LEASE, reason.to_string())),
    }
    // Another run may have been before this one in the log.
    left(context, assistant).map_or(Ok(()), Err)
}

/// Whether this task is the one that asks it again.
pub(in crate::tasks) fn is_asking_again(context: &Context<'_>, assistant: &str) -> bool {
    let (state, task) = (context.journal.state(), &context.task);
    let known = state.circuits.get(&Breaker::assistant(assistant));
    let is_it = |known: &Circuit| {
        known
            .broken(task.whose())
            .any(|(_, row)| row.trial.as_ref().is_some_and(|trial| trial.task == task.id))
    };
    known.is_some_and(is_it)
}

fn told(context: &Context<'_>, full: &Full) -> Failure {
    let until = match full {
        Full::Broken { until, .. } => *until,
        _ => context.journal.state().at.plus(LOOK_AGAIN),
    };
    Failure { code: ALONE.to_owned(), ..Failure::rate_limited(until, full.to_string()) }
}
