//! Events that waited for a sound configuration: now the rules say what they lead to.

use std::collections::BTreeSet;

use super::session::{Error, Session};
use crate::config::{Config, rules};
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
    let issues = session.state().issues.clone();
    let mut decided = Vec::new();
    session
        .history(*first, &mut |envelope| {
            let at = envelope.recorded.stamp.sequence;
            if let (true, Event::TriggerReceived(trigger)) = (held.contains(&at), &envelope.recorded.event) {
                let mut requests = rules::requests(config, trigger);
                let known = trigger.subject.number().and_then(|number| issues.get(&number));
                requests.extend(rules::answers(trigger, known));
                decided.push((at, requests));
            }
        })
        .await?;
    for (trigger, requests) in decided {
        if let Err(reason) = session.submit(Command::SettleHeld { trigger, requests }) {
            tracing::debug!(%reason, "an event that waited was settled already");
        }
    }
    Ok(())
}
