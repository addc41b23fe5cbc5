//! Answers the threads of a review, each once.

use std::time::Duration;

use super::{Ready, Thread, touched};
use crate::domain::caps::{REACHED, Sort};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::receipt;
use crate::report::revision::{self, Said};
use crate::tasks::change::budget;
use crate::tasks::{Announcement, Context};

/// When another run may have room that has a cap of its own.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Answers every thread that this task has not answered yet: an earlier attempt's answers are found by their markers.
/// What the revision mended is called resolved then, see [`is_fixed`]. How many were answered, and resolved.
pub(super) async fn give(
    context: &Context<'_>,
    pull: IssueNumber,
    ready: &Ready,
) -> Result<(usize, usize), Failure> {
    if ready.threads.is_empty() {
        return Ok((0, 0));
    }
    expect_room(context, ready.threads.len())?;
    let ids: Vec<String> = ready.threads.iter().map(|thread| thread.id.to_string()).collect();
    let announcement = Announcement {
        step: "answers",
        kind: EffectKind::Answers,
        target: context.task.spec.subject.to_string(),
        detail: format!("threads {}", ids.join(", ")),
    };
    let given: receipt::Answers =
        context.effect(announcement, async || Ok(None), async || missing(context, pull, ready).await).await?;
    Ok((given.ids.len(), given.resolved.len()))
}

/// Waits where the answers are more than may be written; those that were begun are brought to their end.
fn expect_room(context: &Context<'_>, count: usize) -> Result<(), Failure> {
    let state = context.journal.state();
    let task = &context.task.id;
    if state.effects_of(task).any(|effect| effect.intent.kind == EffectKind::Answers) {
        return Ok(());
    }
    let (caps, run) = (context.config.limits.caps.caps(), budget::run_of(&state, task));
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    match state.counts.passed(&caps, Sort::Comments, (&context.task, run), count, state.at) {
        None => Ok(()),
        Some(reached) => {
            let until = reached.until.unwrap_or_else(|| state.at.plus(LOOK_AGAIN));
            let waits = Failure::rate_limited(
                until,
                format!("the revision is there, and its answers wait: {reached}"),
            );
            Err(Failure { code: REACHED.to_owned(), ..waits })
        }
    }
}

async fn missing(
    context: &Context<'_>,
    pull: IssueNumber,
    ready: &Ready,
) -> Result<receipt::Answers, Failure> {
    let github = &context.services.github;
    let (myself, comments) = futures_util::join!(github.myself(), github.line_comments(pull));
    let (myself, comments) = (myself?, comments?);
    let hop = context.journal.state().hop_about(pull);
    let mut ids = Vec::with_capacity(ready.threads.len());
    for thread in &ready.threads {
        let signature = revision::signature(&context.task.id, thread.id);
        // A marker in somebody else's comment is a forgery and counts for nothing.
        let is_ours = |comment: &&crate::services::github::LineComment| {
            comment.thread == thread.id
                && comment.author.login == myself.login
                && comment.body.starts_with(&signature)
        };
        if let Some(there) = comments.iter().find(is_ours) {
            ids.push(there.id);
            continue;
        }
        let own = ready.answers.get(&thread.id).map(|answer| answer.text.as_str());
        let said = Said { own, is_fixed: is_fixed(ready, thread), summary: &ready.summary };
        let marker = revision::marker(&context.task.id, thread.id, hop);
        let body = revision::answer(&marker, &thread.path, ready.commit.as_ref(), &ready.files, said);
        ids.extend(github.answer_thread(pull, thread.id, &body).await?);
    }
    Ok(receipt::Answers { ids, resolved: resolve(context, pull, ready).await? })
}

/// Whether the revision did what a thread asks for. Without an answer of its own that is so when its file was changed: whoever
/// asked opens one again that was not. With one it stays open, because the answer may be a no, unless the assistant
/// says that it is fixed; that is believed only where the lines that the thread is about were changed, or, where these are
/// not known any more, its file.
fn is_fixed(ready: &Ready, thread: &Thread) -> bool {
    if ready.commit.is_none() || !ready.files.contains(&thread.path) {
        return false;
    }
    match ready.answers.get(&thread.id) {
        None => true,
        Some(answer) if answer.fixed == Some(true) => match thread.line {
            // A change that is too large to be kept, or is no text, does not show its lines.
            Some(line) if !ready.patch.is_empty() => touched::touches(&ready.patch, &thread.path, line),
            _ => true,
        },
        Some(_) => false,
    }
}

/// Calls those threads resolved that were fixed. A token that may not do it leaves all open: they are answered all the same.
async fn resolve(context: &Context<'_>, pull: IssueNumber, ready: &Ready) -> Result<Vec<u64>, Failure> {
    let fixed: Vec<u64> =
        ready.threads.iter().filter(|thread| is_fixed(ready, thread)).map(|thread| thread.id).collect();
    if fixed.is_empty() {
        return Ok(Vec::new());
    }
    let github = &context.services.github;
    let mut resolved = Vec::with_capacity(fixed.len());
    for thread in github.review_threads(pull).await? {
        if !fixed.contains(&thread.first) {
            continue;
        }
        if !thread.is_resolved {
            match github.resolve_thread(&thread.node).await {
                Ok(()) => {}
                Err(failure) if failure.is_permanent() => {
                    tracing::warn!(%failure, "a thread that was answered stays open");
                    continue;
                }
                Err(failure) => return Err(failure),
            }
        }
        resolved.push(thread.first);
    }
    Ok(resolved)
}
