//! The first message of an issue's thread: posted once, then edited in place as the state changes.

use std::sync::Arc;

use super::deliver::{found_since, message};
use crate::domain::effect::{Effect, EffectKind};
use crate::domain::failure::Failure;
use crate::domain::id::{EffectId, IssueNumber};
use crate::domain::notice::Happening;
use crate::domain::receipt;
use crate::domain::state::Thread;
use crate::domain::time::Timestamp;
use crate::report::slack::{Scene, Text};
use crate::services::slack::{LOST_MESSAGE, Post, Slack};
use crate::tasks::{Announcement, Context};

/// What the announcement of a thread's first message begins with.
pub const THREAD: &str = "the thread of ";

/// Whether the first message itself says it, as it is when it is posted.
pub(super) const fn shows(what: Happening) -> bool {
    matches!(what, Happening::Opened | Happening::Triaged | Happening::Assigned | Happening::PullRequest)
}

/// The thread of an issue in a channel, begun when there is none and brought up to date; whether this task began it, and whether
/// it changed what its first message says.
pub(super) async fn standing(
    context: &Context<'_>,
    slack: &Arc<dyn Slack>,
    number: IssueNumber,
    channel: &str,
) -> Result<(String, bool, bool), Failure> {
    let step = format!("slack-root-{channel}");
    let own = EffectId::of(&context.task.id, &step);
    let (known, is_ours) = {
        let state = context.journal.state();
        let known = state.issues.get(&number).and_then(|issue| issue.threads.get(channel)).cloned();
        (known, state.effects.contains_key(&own))
    };
    if known.is_none() {
        begin(context, slack, number, channel, &step).await?;
    }
    let changed = edited(context, slack, number, channel).await?;
    let thread = thread(context, number, channel).map(|thread| thread.message).ok_or_else(|| {
        Failure::permanent("slack_refused", "Slack did not say where it put the message")
            .hint("Look at `slack.url` of the configuration.")
    })?;
    Ok((thread, known.is_none() || is_ours, changed))
}

/// Channels with a thread of the issue, besides these.
pub(super) fn elsewhere<'c>(
    context: &Context<'_>,
    number: IssueNumber,
    these: impl Iterator<Item = &'c String>,
) -> Vec<String> {
    let these: Vec<&String> = these.collect();
    let state = context.journal.state();
    let threads = state.issues.get(&number).into_iter().flat_map(|issue| issue.threads.keys());
    threads.filter(|channel| !these.contains(channel)).cloned().collect()
}

/// Posts the first message, unless an earlier attempt did.
async fn begin(
    context: &Context<'_>,
    slack: &Arc<dyn Slack>,
    number: IssueNumber,
    channel: &str,
    step: &str,
) -> Result<(), Failure> {
    let effect = EffectId::of(&context.task.id, step);
    let announcement =
        Announcement { step, kind: EffectKind::Slack, target: channel.to_owned(), detail: beginning(number) };
    let probe = async || {
        let found = slack.find(channel, None, effect.as_str(), found_since(context)).await?;
        // What it says is not known here: an edit follows.
        Ok(found.map(|posted| receipt::Slack {
            channel: posted.channel,
            message: posted.message,
            digest: Some(String::new()),
        }))
    };
    let act = async || {
        for (other, since) in left_open(context, number, channel, &effect) {
            // Where too much was said since to tell, there may be two threads rather than none.
            let found = slack.find(channel, None, other.as_str(), since).await;
            let found =
                found.or_else(|failure| if failure.code == LOST_MESSAGE { Ok(None) } else { Err(failure) });
            if let Some(posted) = found? {
                let digest = Some(String::new());
                return Ok(receipt::Slack { channel: channel.to_owned(), message: posted.message, digest });
            }
        }
        post(context, slack, number, channel, effect.as_str()).await
    };
    slack.expect(channel)?;
    context.effect(announcement, probe, act).await.map(drop)
}

fn beginning(number: IssueNumber) -> String {
    format!("{THREAD}#{number}")
}

/// Other tasks that announced the very thread and do not know what came of it: given up, or overtaken by this one.
fn left_open(
    context: &Context<'_>,
    number: IssueNumber,
    channel: &str,
    own: &EffectId,
) -> Vec<(EffectId, Timestamp)> {
    let state = context.journal.state();
    let is_open = |effect: &&Effect| {
        let intent = &effect.intent;
        let same = (intent.kind, intent.target.as_str()) == (EffectKind::Slack, channel);
        same && effect.receipt.is_none() && intent.effect != *own && intent.detail == beginning(number)
    };
    let open = state.effects.values().filter(is_open);
    open.filter_map(|effect| {
        let task = state.tasks.get(&effect.intent.task)?;
        Some((effect.intent.effect.clone(), task.enqueued_at))
    })
    .collect()
}

/// Brings the first message up to date; false when it says so already, or there is none.
pub(super) async fn edited(
    context: &Context<'_>,
    slack: &Arc<dyn Slack>,
    number: IssueNumber,
    channel: &str,
) -> Result<bool, Failure> {
    let Some(known) = thread(context, number, channel) else { return Ok(false) };
    let text = present(context, number);
    if text.digest() == known.digest {
        return Ok(false);
    }
    let step = format!("slack-edit-{channel}-{}", text.digest());
    let effect = EffectId::of(&context.task.id, &step);
    let announcement = Announcement {
        step: &step,
        kind: EffectKind::Slack,
        target: format!("{channel}/{}", known.message),
        detail: format!("{THREAD}#{number} as it stands"),
    };
    let probe = async || {
        // An edit is made again and changes nothing then; only what was posted anew in its place is looked for.
        let found = slack.find(channel, None, effect.as_str(), found_since(context)).await?;
        Ok(found.map(|posted| receipt::Slack {
            channel: posted.channel,
            message: posted.message,
            digest: Some(text.digest()),
        }))
    };
    let act = async || {
        let text = present(context, number);
        if slack.edit(channel, &known.message, &message(&text)).await? {
            let (channel, digest) = (channel.to_owned(), Some(text.digest()));
            return Ok(receipt::Slack { channel, message: Some(known.message.clone()), digest });
        }
        // Somebody deleted it: the thread begins anew.
        post(context, slack, number, channel, effect.as_str()).await
    };
    slack.expect(channel)?;
    context.effect(announcement, probe, act).await?;
    Ok(true)
}

async fn post(
    context: &Context<'_>,
    slack: &Arc<dyn Slack>,
    number: IssueNumber,
    channel: &str,
    effect: &str,
) -> Result<receipt::Slack, Failure> {
    let text = present(context, number);
    let post = Post { channel, thread: None, broadcast: false, message: &message(&text), effect };
    let posted = slack.post(&post).await?;
    // Under the name by which it is looked up, whatever Slack calls the channel.
    Ok(receipt::Slack { channel: channel.to_owned(), message: posted.message, digest: Some(text.digest()) })
}

fn thread(context: &Context<'_>, number: IssueNumber, channel: &str) -> Option<Thread> {
    context.journal.state().issues.get(&number)?.threads.get(channel).cloned()
}

/// The first message as it is to be now.
fn present(context: &Context<'_>, number: IssueNumber) -> Text {
    let state = context.journal.state();
    Scene { rules: &context.config.slack, page: &context.services.outlets.page, state: &state }.root(number)
}
