//! An assistant that failed again and again is passed over for a while, and then tried by one task.

use std::time::Duration;

use super::ask::Wish;
use crate::domain::circuit::{ALONE, Breaker};
use crate::domain::failure::Failure;
use crate::domain::room::Full;

/// When to look again whether another task's attempt came to something.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Why an assistant is not asked now; none when it may be.
pub(super) fn left(wish: &Wish<'_>, assistant: &str) -> Option<Failure> {
    let (breaker, task) = (Breaker::assistant(assistant), &wish.context.task);
    let state = wish.context.journal.state();
    let known = state.circuits.get(&breaker).filter(|circuit| circuit.is_broken())?;
    let (until, told) = match state.left_alone(&breaker, state.at) {
        Some(full @ Full::Broken { until, .. }) => (until, full.to_string()),
        _ => {
            // Of those that run the one that came first tries it.
            let running = state.tasks.running().filter(|other| breaker.is_tried_by(&other.spec));
            let first = running.min_by_key(|other| other.enqueued)?;
            if first.id == task.id {
                return None;
            }
            let told = format!("{breaker}, which failed {} times in a row ({})", known.failures, known.code);
            (state.at.plus(LOOK_AGAIN), format!("{told}, is tried by another task"))
        }
    };
    Some(Failure { code: ALONE.to_owned(), ..Failure::rate_limited(until, told) })
}
