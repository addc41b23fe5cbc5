//! Events that waited for a sound configuration: now the rules say what they lead to.

use std::collections::BTreeSet;

use super::session::{Error, Session};
use crate::config::{Config, ours};
use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::id::Sequence;

/// Decides every trigger that was held, as if it had come in just now. What another run decides first is
/// refused here, and nothing is enqueued twice.
///
/// # Errors
/// When the history that holds them cannot be read; they go on waiting then.
pub async fn settle(session: &Session, config: &Config) -> Result<(), Error> {
    let held: BTreeSet<Sequence> = session.state().held.keys().copied().collect();
    let Some(first) = held.first() else { return Ok(()) };
    let mut waiting = Vec::new();
    session
        .history(*first, &mut |envelope| {
            let at = envelope.recorded.stamp.sequence;
            if let (true, Event::TriggerReceived(trigger)) = (held.contains(&at), &envelope.recorded.event) {
                waiting.push((at, trigger.clone()));
            }
        })
        .await?;
    for (at, trigger) in waiting {
        let requests = ours::following(config, &session.state(), &trigger);
        if let Err(reason) = session.submit(Command::SettleHeld { trigger: at, requests }) {
            tracing::debug!(%reason, "an event that waited was settled already");
        }
    }
    Ok(())
}
