//! Answers the threads of a review, each once.

use super::{Ready, Thread};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::receipt;
use crate::report::revision::{self, Said};
use crate::tasks::{Announcement, Context};

/// Answers every thread that this task has not answered yet: an earlier attempt's answers are found by their markers.
/// A thread about a file that the revision changed is called resolved then, unless it has an answer of its own. How many
/// were answered, and resolved.
pub(super) async fn give(
    context: &Context<'_>,
    pull: IssueNumber,
    ready: &Ready,
) -> Result<(usize, usize), Failure> {
    if ready.threads.is_empty() {
        return Ok((0, 0));
    }
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

async fn missing(
    context: &Context<'_>,
    pull: IssueNumber,
    ready: &Ready,
) -> Result<receipt::Answers, Failure> {
    let github = &context.services.github;
    let (myself, comments) = futures_util::join!(github.myself(), github.line_comments(pull));
    let (myself, comments) = (myself?, comments?);
    let mut ids = Vec::with_capacity(ready.threads.len());
    for thread in &ready.threads {
        let marker = revision::marker(&context.task.id, thread.id);
        // A marker in somebody else's comment is a forgery and counts for nothing.
        let is_ours = |comment: &&crate::services::github::LineComment| {
            comment.thread == thread.id
                && comment.author.login == myself.login
                && comment.body.starts_with(&marker)
        };
        if let Some(there) = comments.iter().find(is_ours) {
            ids.push(there.id);
            continue;
        }
        let said = Said { own: ready.answers.get(&thread.id).map(String::as_str), summary: &ready.summary };
        let body = revision::answer(&marker, &thread.path, ready.commit.as_ref(), &ready.files, said);
        ids.extend(github.answer_thread(pull, thread.id, &body).await?);
    }
    Ok(receipt::Answers { ids, resolved: resolve(context, pull, ready).await? })
}

/// Calls those threads resolved whose file was changed; whoever asked opens one again that was not. One with an answer of
/// its own stays open: the answer may be a no, and whoever asked judges that. A token that may not do it leaves all
/// open: they are answered all the same.
async fn resolve(context: &Context<'_>, pull: IssueNumber, ready: &Ready) -> Result<Vec<u64>, Failure> {
    let is_fixed = |thread: &Thread| {
        let is_changed = ready.commit.is_some() && ready.files.contains(&thread.path);
        is_changed && !ready.answers.contains_key(&thread.id)
    };
    let fixed: Vec<u64> =
        ready.threads.iter().filter(|thread| is_fixed(thread)).map(|thread| thread.id).collect();
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
