//! Task kind `webhook`: tells another system one thing that happened, by a signed call.

use super::{Announcement, Context, Done};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::{input, receipt};
use crate::report::cloud_event;
use crate::services::webhook::Call;

/// What cannot be sent is a dead letter, each event by itself: nothing that is sent later says what it said.
pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let input::Webhook { name, notice } = context.input()?;
    if !context.config.webhooks.contains_key(&name) {
        return Done::note("the configuration wants nothing told there any more", Vec::new());
    }
    let webhooks = context.services.outlets.webhooks.as_ref().ok_or_else(|| {
        Failure::permanent("webhook_unset", "no webhook can be called from here")
            .hint("Look at the warnings at the beginning of the run.")
    })?;
    let (id, body) = (cloud_event::id(&notice), cloud_event::of(&notice, &context.services.outlets.page));
    let announcement =
        Announcement { step: "webhook", kind: EffectKind::Webhook, target: name.clone(), detail: id.clone() };
    let call = Call { name: &name, id: &id, body: &body };
    // Nobody can be asked whether the receiver has it: it is sent again with the same id, by which the receiver knows.
    let probe = async || Ok(None);
    let act = async || {
        let status = webhooks.send(&call).await?;
        Ok(receipt::Webhook { name: name.clone(), id: id.clone(), status })
    };
    let done = context.effect(announcement, probe, act).await?;
    Done::with(&done, Vec::new())
}
