//! Taking tasks back: from runs that are gone, and from this one when it is told to stop.

use super::attempt;
use super::session::Session;
use crate::domain::command::Command;
use crate::domain::id::{RunId, TaskId};
use crate::domain::task::Task;
use crate::services::github::RunState;
use crate::tasks::Services;

/// Takes tasks back from runs that are gone: the forge says that the run has ended, or the lease is over.
pub(super) async fn lost(session: &Session, services: &Services) {
    let held: Vec<Task> = session.state().tasks.running().cloned().collect();
    let mut known: Vec<(RunId, RunState)> = Vec::new();
    for task in held {
        let Some(lease) = task.lease() else { continue };
        if lease.run == *session.run() {
            continue;
        }
        let state = match known.iter().find(|(run, _)| *run == lease.run) {
            Some((_, state)) => *state,
            None => {
                let state = services.github.run_state(&lease.run).await.unwrap_or(RunState::Unknown);
                known.push((lease.run.clone(), state));
                state
            }
        };
        let reason = match state {
            RunState::Ended => format!("run {} has ended without an outcome", lease.run),
            _ if lease.until <= session.now() => {
                format!("the lease of run {} ended at {}", lease.run, lease.until)
            }
            RunState::Alive | RunState::Unknown => continue,
        };
        let (lease, if_final) = (task.leases, attempt::if_final(&task));
        settle(session, Command::Release { task: task.id, lease, reason, if_final });
    }
}

/// Gives back what this run works on: it was told to stop.
pub(super) fn ours<'a>(session: &Session, tasks: impl IntoIterator<Item = &'a TaskId>) {
    for id in tasks {
        let task = session.state().tasks.get(id).cloned();
        if let Some(task) = task.filter(|task| session.holds(id, task.leases)) {
            let reason = format!("run {} was told to stop", session.run());
            let (lease, if_final) = (task.leases, attempt::if_final(&task));
            settle(session, Command::GiveBack { task: task.id, lease, reason, if_final });
        }
    }
}

fn settle(session: &Session, command: Command) {
    if let Err(reason) = session.submit(command) {
        tracing::debug!(%reason, "a task that was to be taken back was settled already");
    }
}
