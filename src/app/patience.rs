//! Waits for questions to assistants that this run put off until an issue has been left alone: the next run may be hours away.

use std::time::Duration;

use super::drain::{Until, drain};
use super::session::{Error, Session};
use crate::config::Config;
use crate::domain::input;
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;
use crate::tasks::Services;

/// The longest time that a run waits for; what is put off for longer the next run finds.
const LONGEST: Duration = Duration::from_secs(5 * 60);
/// How often a run that waits looks at the time, and whether it is told to stop.
const PIECE: Duration = Duration::from_secs(1);
/// How often it goes on waiting when others have put the same off again: they wait for it themselves.
const ROUNDS: usize = 2;

/// Waits, and works on what is due then. `began` is when this run did.
///
/// # Errors
/// When the log cannot be written.
pub(super) async fn wait(
    session: &Session,
    services: &Services,
    config: &Config,
    until: &Until,
    began: Timestamp,
) -> Result<(), Error> {
    let Some(settle) = config.triage.settles().filter(|settle| *settle <= LONGEST) else { return Ok(()) };
    for _ in 0..ROUNDS {
        let Some(due) = due(session, settle, began) else { return Ok(()) };
        if until.deadline.is_some_and(|deadline| deadline <= due) {
            return Ok(());
        }
        while session.now() < due {
            tokio::select! {
                biased;
                () = until.stop.told() => return Ok(()),
                () = session.clock().sleep(PIECE) => {}
            }
        }
        if let Err(error) = session.look().await {
            tracing::debug!(%error, "the log cannot be read just now");
        }
        drain(session, services, config, until).await?;
    }
    Ok(())
}

/// When the last of the questions that this run put off is due.
fn due(session: &Session, settle: Duration, began: Timestamp) -> Option<Timestamp> {
    let (state, now) = (session.state(), session.now());
    let asks = |task: &&Task| {
        task.spec.kind.as_str() == input::ANALYSE
            && task.spec.input.read().is_ok_and(|input: input::Analyse| input.asks)
    };
    let time = |task: &Task| match &task.status {
        Status::Pending { not_before, .. } => *not_before,
        _ => None,
    };
    let times = state.tasks.pending().filter(asks).filter_map(time);
    times.filter(|at| *at > now && at.minus(settle) >= began).max()
}
