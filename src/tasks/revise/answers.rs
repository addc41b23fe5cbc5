//! Answers the threads of a review, each once.

use super::Ready;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::receipt;
use crate::report::revision;
use crate::tasks::{Announcement, Context};

/// Answers every thread that this task has not answered yet: an earlier attempt's answers are found by their markers.
/// How many there are in the end.
pub(super) async fn give(context: &Context<'_>, pull: IssueNumber, ready: &Ready) -> Result<usize, Failure> {
    if ready.threads.is_empty() {
        return Ok(0);
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
    Ok(given.ids.len())
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
        let body =
            revision::answer(&marker, &thread.path, ready.commit.as_ref(), &ready.files, &ready.summary);
        ids.extend(github.answer_thread(pull, thread.id, &body).await?);
    }
    Ok(receipt::Answers { ids })
}
