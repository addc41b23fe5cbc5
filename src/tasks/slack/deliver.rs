//! Says what happened: each notice once, whatever was cut off before.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Parcel;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::EffectId;
use crate::domain::notice::{Happening, Notice};
use crate::domain::receipt;
use crate::domain::time::Timestamp;
use crate::report::slack::{Scene, Text};
use crate::services::slack::{GONE_THREAD, Message, Post, Posted, Slack};
use crate::tasks::{Announcement, Context};

/// What the detail of an announcement begins with; the last event follows that it tells.
const UP_TO: &str = "what happened up to event ";

/// A text as the port takes it.
pub(super) fn message(text: &Text) -> Message {
    Message { text: text.text.clone(), blocks: text.blocks.clone() }
}

/// From when on a message of an earlier attempt is looked for.
pub(super) fn found_since(context: &Context<'_>) -> Timestamp {
    context.task.enqueued_at
}

/// Says it in an issue's thread; false when there is nothing to say.
pub(super) async fn in_thread(
    context: &Context<'_>,
    slack: &Arc<dyn Slack>,
    channel: &str,
    thread: &str,
    parcel: &Parcel,
    left_out: usize,
) -> Result<bool, Failure> {
    Ok(say(context, slack, channel, Some(thread), parcel, left_out).await? > 0)
}

/// Says it in the channel itself; false when there is nothing to say.
pub(super) async fn outside_threads(
    context: &Context<'_>,
    slack: &Arc<dyn Slack>,
    channel: &str,
    parcel: &Parcel,
    left_out: usize,
) -> Result<bool, Failure> {
    Ok(say(context, slack, channel, None, parcel, left_out).await? > 0)
}

/// One message for all of it, unless an earlier attempt announced a part: then that part is one of its own, because it may
/// have been posted.
async fn say(
    context: &Context<'_>,
    slack: &Arc<dyn Slack>,
    channel: &str,
    thread: Option<&str>,
    parcel: &Parcel,
    left_out: usize,
) -> Result<usize, Failure> {
    let Some(last) = parcel.notices.iter().map(|notice| notice.sequence.0).max() else { return Ok(0) };
    let mut ends = announced(context, channel);
    ends.insert(last);
    let (mut from, mut sent) = (0, 0);
    for end in ends {
        let part = |notice: &&Notice| (from + 1..=end).contains(&notice.sequence.0);
        let part: Vec<Notice> = parcel.notices.iter().filter(part).cloned().collect();
        from = end;
        if !part.is_empty() {
            let left_out = if sent == 0 { left_out } else { 0 };
            one(context, slack, channel, thread, (&part, left_out, &parcel.mentions), end).await?;
            sent += 1;
        }
    }
    Ok(sent)
}

/// Up to which events messages to this channel were announced by this task.
fn announced(context: &Context<'_>, channel: &str) -> BTreeSet<u64> {
    let state = context.journal.state();
    let of_task = state.effects.values().map(|effect| &effect.intent);
    let of_task = of_task.filter(|intent| intent.task == context.task.id && intent.target == channel);
    of_task.filter_map(|intent| intent.detail.strip_prefix(UP_TO)?.parse().ok()).collect()
}

async fn one(
    context: &Context<'_>,
    slack: &Arc<dyn Slack>,
    channel: &str,
    thread: Option<&str>,
    (notices, left_out, mentions): (&[Notice], usize, &[String]),
    end: u64,
) -> Result<(), Failure> {
    let step = format!("slack-said-{channel}-{end}");
    let effect = EffectId::of(&context.task.id, &step);
    let announcement = Announcement {
        step: &step,
        kind: EffectKind::Slack,
        target: channel.to_owned(),
        detail: format!("{UP_TO}{end}"),
    };
    let done =
        |posted: Posted| receipt::Slack { channel: posted.channel, message: posted.message, digest: None };
    let probe = async || {
        let (since, effect) = (found_since(context), effect.as_str());
        let mut found = slack.find(channel, thread, effect, since).await?;
        if found.is_none() && thread.is_some() {
            // Where the thread was gone it was said in the channel itself.
            found = slack.find(channel, None, effect, since).await?;
        }
        Ok(found.map(done))
    };
    let text = |thread: Option<&str>| {
        let state = context.journal.state();
        let page = context.services.outlets.page.as_str();
        let scene = Scene { rules: &context.config.slack, page, state: &state };
        message(&match thread {
            Some(_) => scene.happened(notices, left_out, mentions),
            None => scene.gathered(notices, left_out, mentions),
        })
    };
    // What a person has to see to is seen in the channel, not only in the thread.
    let broadcast = notices.iter().any(|notice| notice.what == Happening::Failed);
    let act = async || {
        let says = text(thread);
        let post = Post { channel, thread, broadcast, message: &says, effect: effect.as_str() };
        match slack.post(&post).await {
            Err(gone) if gone.code == GONE_THREAD => {
                let says = text(None);
                slack.post(&Post { thread: None, broadcast: false, message: &says, ..post }).await.map(done)
            }
            posted => posted.map(done),
        }
    };
    slack.expect(channel)?;
    context.effect(announcement, probe, act).await.map(drop)
}
