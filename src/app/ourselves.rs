//! Whose the token is, asked only where it makes a difference: an App's or a person's token writes under an account that no
//! setting names.

use super::world::World;
use crate::intake::{IntakeContext, hinges_on_us};

/// The context with our own account in it, when one of these events (name and payload) hinges on that. GitHub is asked
/// once in a run at most, and never in one whose events all come from others or from the workflow's own account: that
/// one is known, and what it does starts no run.
pub(super) async fn known_by<'a>(
    world: &World,
    mut context: IntakeContext,
    mut seen: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> IntakeContext {
    if seen.any(|(event, payload)| hinges_on_us(event, payload, &context)) {
        match world.services.github.myself().await {
            Ok(myself) => context.ourselves.push(myself.login),
            Err(failure) => {
                tracing::warn!(%failure, "it cannot be told whether Automata did this itself; it is taken for somebody's doing");
            }
        }
    }
    context
}
