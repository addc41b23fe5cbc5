//! One attempt at a task: it ends well or badly, takes too long, or is called off in the middle.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures_util::FutureExt as _;
use tracing::Instrument as _;

use super::logs;
use super::session::Session;
use crate::config::{Config, Mode};
use crate::domain::command::{Command, Outcome};
use crate::domain::failure::Failure;
use crate::domain::spec::TaskRequest;
use crate::domain::task::Task;
use crate::domain::untrusted::one_line;
use crate::services::secrets::masked;
use crate::services::uses::working_for;
use crate::tasks::{self, Context, Done, Kind, LOST_LEASE, Services};

/// How long before the end of its lease an attempt is stopped: others may take the task after that, and the
/// outcome has to be written before.
const MARGIN: Duration = Duration::from_secs(60);

/// Width of what a panic said: it may quote what a stranger wrote.
const QUOTE: usize = 200;

/// Runs a task and records what came of it. A panic in it is the end of this attempt and of nothing else. When somebody calls it off, or another run takes it, the work is dropped
/// at its next await point, with all that it holds (work trees, temporary files, child processes).
pub(super) async fn make(session: &Session, services: &Services, config: &Config, task: Task) {
    let about = logs::span(task.spec.subject, Some((task.id.as_str(), task.spec.kind.as_str())));
    let id = task.id.clone();
    working_for(id, attempt(session, services, config, task)).instrument(about).await;
}

async fn attempt(session: &Session, services: &Services, config: &Config, task: Task) {
    let (id, lease) = (task.id.clone(), task.leases);
    let kind = tasks::find(task.spec.kind.as_str());
    let if_final = if_final(&task);
    let limit = time_limit(session, &task);
    let result = tokio::select! {
        biased;
        () = session.until_lost(&id, lease) => {
            tracing::info!("called off, or taken by another run");
            return;
        }
        // What the work held is dropped on the way out, borrows of the session's state too; what it had the session
        // record before is as it would be after a failure.
        result = AssertUnwindSafe(work(session, services, config, kind, task)).catch_unwind() =>
            result.unwrap_or_else(|panic| Err(panicked(panic.as_ref()))),
        () = session.clock().sleep(limit) => Err(too_long(limit)),
    };
    let outcome = match result {
        Ok(Done { output, follow_ups }) => Outcome::Completed { output, follow_ups },
        Err(failure) if failure.code == LOST_LEASE => {
            // That is how races end; whoever won does the work.
            tracing::debug!("{failure}");
            Outcome::Failed { failure, if_final }
        }
        Err(failure) => {
            // The run's report tells it once, with what to do.
            tracing::info!(code = %failure.code, "{failure}");
            Outcome::Failed { failure, if_final }
        }
    };
    if let Err(reason) = session.submit(Command::RecordOutcome { task: id, lease, outcome }) {
        tracing::debug!(%reason, "an outcome no longer applies");
    }
}

/// What to enqueue when a task is given up. Nothing is left out for it but that when it panics: a run that takes the task
/// of a dead one back must not die of it too.
pub(super) fn if_final(task: &Task) -> Vec<TaskRequest> {
    let Some(kind) = tasks::find(task.spec.kind.as_str()) else { return Vec::new() };
    catch_unwind(AssertUnwindSafe(|| (kind.if_final)(task))).unwrap_or_else(|panic| {
        tracing::error!(task = %task.id, "what to do when it is given up: {}", panicked(panic.as_ref()));
        Vec::new()
    })
}

/// A bug, in words. The next attempt may not meet it, so that it counts as any other; the place stands in the run's log.
fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let said =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    // It goes into the log, and may quote anything that the task had in hand.
    let said = said.map(|said| format!(": {}", one_line(&masked(said), QUOTE))).unwrap_or_default();
    Failure::transient("panicked", format!("it panicked, which is a bug of Automata{said}"))
        .hint("The log of the run names the place; please report it.")
}

/// What an attempt may take: its lease, less the margin, or half of a short one.
fn time_limit(session: &Session, task: &Task) -> Duration {
    let left = task.lease().map(|lease| lease.until.since(session.now())).unwrap_or_default();
    left.saturating_sub(MARGIN).max(left / 2)
}

fn too_long(limit: Duration) -> Failure {
    let minutes = limit.as_secs().div_ceil(60);
    Failure::transient("timed_out", format!("it was not done within {minutes} minutes"))
        .hint("If it always takes as long, its kind needs a longer lease, or smaller work.")
}

async fn work(
    session: &Session,
    services: &Services,
    config: &Config,
    kind: Option<&'static Kind>,
    task: Task,
) -> Result<Done, Failure> {
    match kind {
        None => {
            Err(Failure::permanent("unknown_kind", format!("no task kind is called `{}`", task.spec.kind))
                .hint("A newer version may have enqueued it: use that version, or cancel the task."))
        }
        Some(_) if task.spec.held.is_some() => {
            Done::note(task.spec.held.as_deref().unwrap_or_default(), Vec::new())
        }
        Some(kind) if kind.changes_outside && config.mode == Mode::Observe => {
            Done::note("observe mode: nothing was changed outside", Vec::new())
        }
        Some(kind) => {
            let context = Context { task, config, services, journal: session };
            kind.carry_out(&context).await
        }
    }
}
