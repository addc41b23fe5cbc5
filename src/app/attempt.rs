//! One attempt at a task: it ends well or badly, takes too long, or is called off in the middle.

use std::time::Duration;

use super::session::Session;
use crate::config::{Config, Mode};
use crate::domain::command::{Command, Outcome};
use crate::domain::failure::Failure;
use crate::domain::task::Task;
use crate::tasks::{self, Context, Done, Kind, LOST_LEASE, Services};

/// How long before the end of its lease an attempt is stopped: others may take the task after that, and the
/// outcome has to be written before.
const MARGIN: Duration = Duration::from_secs(60);

/// Runs a task and records what came of it. When somebody calls it off, or another run takes it, the work is dropped
/// at its next await point, with all that it holds (work trees, temporary files, child processes).
pub(super) async fn make(session: &Session, services: &Services, config: &Config, task: Task) {
    let (id, lease) = (task.id.clone(), task.leases);
    let kind = tasks::find(task.spec.kind.as_str());
    let if_final = kind.map(|kind| (kind.if_final)(&task)).unwrap_or_default();
    let limit = time_limit(session, &task);
    let result = tokio::select! {
        biased;
        () = session.until_lost(&id, lease) => {
            tracing::info!(task = %id, "called off, or taken by another run");
            return;
        }
        result = work(session, services, config, kind, task) => result,
        () = session.clock().sleep(limit) => Err(too_long(limit)),
    };
    let outcome = match result {
        Ok(Done { output, follow_ups }) => Outcome::Completed { output, follow_ups },
        Err(failure) if failure.code == LOST_LEASE => {
            // That is how races end; whoever won does the work.
            tracing::debug!(task = %id, "{failure}");
            Outcome::Failed { failure, if_final }
        }
        Err(failure) => {
            // The run's report tells it once, with what to do.
            tracing::info!(task = %id, code = %failure.code, "{failure}");
            Outcome::Failed { failure, if_final }
        }
    };
    if let Err(reason) = session.submit(Command::RecordOutcome { task: id, lease, outcome }) {
        tracing::debug!(%reason, "an outcome no longer applies");
    }
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
        Some(kind) if kind.changes_outside && config.mode == Mode::Observe => {
            Done::note("observe mode: nothing was changed outside", Vec::new())
        }
        Some(kind) => {
            let context = Context { task, config, services, journal: session };
            (kind.run)(&context).await
        }
    }
}
