//! Whether something was told so long ago that only the history knows: a re-run tells of it again.

use std::collections::{BTreeMap, BTreeSet};

use super::session::{Error, Session};
use crate::domain::event::Event;
use crate::domain::id::{RunId, Sequence, TriggerIdentity};
use crate::domain::time::Timestamp;
use crate::domain::trigger::Trigger;

/// Where the log has those of these triggers that it remembers no more. The history is read through, once for all of
/// them, when one is as old as what was forgotten; else nothing is read.
///
/// # Errors
/// When the history cannot be read: then nobody knows, and nothing is to be recorded.
pub(super) async fn recorded<'a>(
    session: &Session,
    triggers: impl Iterator<Item = &'a Trigger>,
) -> Result<BTreeMap<TriggerIdentity, Sequence>, Error> {
    let doubtful: BTreeSet<&TriggerIdentity> = {
        let state = session.state();
        let is_doubtful = |trigger: &&Trigger| {
            !state.triggers.contains_key(&trigger.identity)
                && state.may_have_forgotten(told_since(session.run(), trigger))
        };
        triggers.filter(is_doubtful).map(|trigger| &trigger.identity).collect()
    };
    let mut found = BTreeMap::new();
    if doubtful.is_empty() {
        return Ok(found);
    }
    tracing::info!(count = doubtful.len(), "the history is looked through for events of long ago");
    session
        .history(Sequence(1), &mut |envelope| {
            if let Event::TriggerReceived(trigger) = envelope.recorded.event
                && doubtful.contains(&trigger.identity)
            {
                found.entry(trigger.identity.clone()).or_insert(envelope.recorded.stamp.sequence);
            }
        })
        .await?;
    Ok(found)
}

/// The first moment at which a trigger can have been recorded. Some events say no time of their own; what a re-run
/// tells may be as old as can be.
fn told_since(run: &RunId, trigger: &Trigger) -> Timestamp {
    let is_again = run.workflow().is_some_and(|(_, attempt)| attempt > 1);
    if is_again { Timestamp::default() } else { trigger.at }
}
