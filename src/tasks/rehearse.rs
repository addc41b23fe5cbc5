//! Task kind `rehearse`: says on a pull request that changes the configuration what the change would have done.
//!
//! Anybody's pull request is looked at: what it brings along is read as data. Nothing of it is run, no address in it is
//! asked, and the configuration that stands goes on to rule. Where the log is sealed only those are answered who may write:
//! a rule asks what the words of an issue were, and the answer is told in public.

use std::time::Duration;

use super::{Announcement, Context, Done};
use crate::config;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::{input, receipt};
use crate::report::comment::digest;
use crate::report::rehearsal as report;
use crate::services::github::{Comment, GitHub};
use crate::services::rehearsal::Tried;

/// The one step of this kind.
const STEP: &str = "rehearsal";
/// How far back it looks: a month has a bit of everything.
const BACK: Duration = Duration::from_secs(30 * 24 * 3600);

/// What is said to somebody who may not read what is sealed.
const SEALED: &str = "\
This pull request changes the configuration. What it would have done is not told here: the log is encrypted, and a rehearsal \
would answer questions about what is sealed in it. Somebody with write access can run `automata rehearse`.
";

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let pull = context.issue()?;
    let asked: input::Rehearse = context.input()?;
    if !context.config.pull_requests.rehearse {
        return Done::note("the configuration wants no rehearsals any more", Vec::new());
    }
    let Some(rehearsals) = &context.services.rehearsals else {
        return Done::note("there is no log to look back at", Vec::new());
    };
    let code = &context.services.code;
    if asked.base != code.default_tip().await?.branch {
        return Done::note("what is merged there is no configuration of ours", Vec::new());
    }
    let changed = match code.changed_file(&asked.head, config::PATH).await {
        // Where it came from is gone; whatever is pushed next is looked at again.
        Err(failure) if failure.is_permanent() => return Done::note(&failure.to_string(), Vec::new()),
        changed => changed?,
    };
    let text = match changed {
        None if !has_spoken(context) => {
            return Done::note("it does not change the configuration", Vec::new());
        }
        None => "This pull request does not change the configuration any more.\n".to_owned(),
        Some(content) => {
            let text = String::from_utf8_lossy(&content.unwrap_or_default()).into_owned();
            let mut may_read = !asked.by.is_empty();
            for login in &asked.by {
                may_read = may_read && context.services.github.permission(login).await?.can_write();
            }
            match rehearsals.rehearse(&text, BACK, may_read).await? {
                Tried::Rehearsed(rehearsal) => report::markdown(&rehearsal),
                Tried::Unsound(problems) => report::unsound(&problems),
                Tried::Sealed => SEALED.to_owned(),
            }
        }
    };
    let body = report::comment(pull, &text, context.journal.state().hop_about(pull));
    let github = context.services.github.as_ref();
    let announcement = Announcement {
        step: STEP,
        kind: EffectKind::Comment,
        target: context.task.spec.subject.to_string(),
        detail: format!("{STEP} {}", digest(&body)),
    };
    let receipt_of = |comment: &Comment| receipt::Rehearsed {
        comment: comment.id,
        page: comment.url.clone(),
        head: asked.head.clone(),
    };
    let done = context
        .effect(
            announcement,
            async || {
                Ok(ours(github, pull).await?.filter(|comment| comment.body == body).as_ref().map(receipt_of))
            },
            async || Ok(receipt_of(&write(github, pull, &body).await?)),
        )
        .await?;
    Done::with(&done, Vec::new())
}

/// Whether an earlier task has said something there, as far as the log remembers.
fn has_spoken(context: &Context<'_>) -> bool {
    let target = context.task.spec.subject.to_string();
    let state = context.journal.state();
    let spoke = |detail: &str| detail.starts_with(STEP);
    state.effects.values().any(|effect| effect.intent.target == target && spoke(&effect.intent.detail))
}

/// Writes the text into the one comment: the one that carries our marker, else a new one.
async fn write(github: &dyn GitHub, pull: IssueNumber, body: &str) -> Result<Comment, Failure> {
    if let Some(comment) = ours(github, pull).await? {
        if comment.body == body {
            return Ok(comment);
        }
        if let Some(comment) = github.update_comment(comment.id, body).await? {
            return Ok(comment);
        }
    }
    github.create_comment(pull, body).await
}

/// Our comment there, the oldest if there should be several. A marker in somebody else's comment counts for nothing.
async fn ours(github: &dyn GitHub, pull: IssueNumber) -> Result<Option<Comment>, Failure> {
    let (myself, comments) = futures_util::join!(github.myself(), github.comments(pull, None));
    let (myself, marker) = (myself?, report::marker(pull));
    let is_ours =
        |comment: &Comment| comment.author.login == myself.login && comment.body.starts_with(&marker);
    Ok(comments?.into_iter().find(is_ours))
}
