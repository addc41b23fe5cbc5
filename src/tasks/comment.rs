//! Task kind `comment`: keeps the one status comment of an issue up to date.

use super::rights::{Rights, Wanted};
use super::{Announcement, Context, Done};
use crate::domain::access::Wish;
use crate::domain::actor::Actor;
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::state::{Reviewed, Verdict};
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::{input, receipt};
use crate::report::comment::{Marker, Scene, StatusComment, digest};
use crate::services::github::{Comment, GitHub};

/// The one step of this kind.
const STEP: &str = "status";

/// The request that brings the status comment of a task's issue up to date.
pub(super) fn refresh(task: &Task) -> Vec<TaskRequest> {
    refresh_of(task.spec.subject)
}

/// The request that brings the status comment of an issue or a pull request up to date.
pub(super) fn refresh_of(subject: Subject) -> Vec<TaskRequest> {
    let input = Payload::of(&input::Comment::default()).unwrap_or_default();
    let reason = format!("the state of {subject} changed");
    vec![TaskRequest::new(input::COMMENT, subject, input, reason).unique(format!("comment {subject}"))]
}

/// Weighs those reviews of the issue's pull request that nobody has weighed: only what is heeded is shown. Where GitHub does
/// not say for good who may what, nothing of them is.
async fn weigh_reviews(context: &Context<'_>, number: IssueNumber) -> Result<(), Failure> {
    let unweighed: Vec<(IssueNumber, Login, Reviewed)> = {
        let state = context.journal.state();
        let Some(issue) = state.issues.get(&number) else { return Ok(()) };
        let Some(pull) = issue.pull_request.as_ref().map(|pull| pull.number) else { return Ok(()) };
        let reviews = issue.fate.reviews.iter().filter(|(_, reviewed)| reviewed.counts.is_none());
        reviews.map(|(login, reviewed)| (pull, login.clone(), *reviewed)).collect()
    };
    let mut rights = Rights::new(context.services.github.as_ref());
    for (pull, login, Reviewed { id, verdict, .. }) in unweighed {
        let about = Some(Subject::Pull(pull));
        let said = match verdict {
            Verdict::Approved => "a review that approves",
            Verdict::ChangesRequested => "a review that asks for changes",
            Verdict::Looked => "a review that remarks something",
        };
        let wanted = Wanted { wish: Wish::Review, about, said, id: Some(id) };
        match rights.may(context, &wanted, &Actor::person(login.as_str())).await {
            Err(failure) if failure.is_permanent() => {
                tracing::info!(%failure, %login, "whether a review is to be heeded cannot be seen");
            }
            weighed => drop(weighed?),
        }
    }
    Ok(())
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    weigh_reviews(context, number).await?;
    let known = {
        let state = context.journal.state();
        state.issues.get(&number).and_then(|issue| issue.status_comment.clone())
    };
    let Some(text) = present(context, number) else {
        if context.is_open(STEP) {
            return look_for_what_was_announced(context, number).await;
        }
        return Done::note("there is nothing to say", Vec::new());
    };
    let input::Comment { again } = context.input()?;
    if known.as_ref().is_some_and(|known| known.digest == text.digest()) && !again && !context.is_open(STEP) {
        return Done::note("the comment says so already", Vec::new());
    }
    let github = context.services.github.as_ref();
    let announcement = announcement(context, text.digest());
    let written = context
        .effect(
            announcement,
            async || {
                let ours = ours(github, number).await?;
                let text = present(context, number).unwrap_or_else(|| text.clone());
                let same = ours.first().filter(|(comment, _)| text.is_shown_by(&comment.body));
                Ok(same.map(|(comment, _)| receipt_of(comment, text.digest())))
            },
            async || {
                // While the announcement was under way others may have written: what holds now is shown.
                let text = present(context, number).unwrap_or_else(|| text.clone());
                write(github, number, known.as_ref(), &text).await
            },
        )
        .await;
    match written {
        Err(failure) if failure.code == "gone" => Done::note("the issue is gone", Vec::new()),
        written => Done::with(&written?, Vec::new()),
    }
}

fn announcement<'a>(context: &Context<'_>, detail: String) -> Announcement<'a> {
    let target = context.task.spec.subject.to_string();
    Announcement { step: STEP, kind: EffectKind::Comment, target, detail }
}

/// Nothing is to be said any more, but an earlier attempt may have said something: a comment that stands is taken in, so
/// that the next attempt brings it up to date.
async fn look_for_what_was_announced(context: &Context<'_>, number: IssueNumber) -> Result<Done, Failure> {
    let look = async || {
        let ours = ours(context.services.github.as_ref(), number).await?;
        Ok(ours.first().map(|(comment, _)| receipt_of(comment, digest(&comment.body))))
    };
    let announcement = announcement(context, "nothing".to_owned());
    let found = context.effect(announcement, async || look().await.map(Some), look).await?;
    match found {
        Some(found) => Done::with(&found, refresh(&context.task)),
        None => Done::note("there is nothing to say", Vec::new()),
    }
}

/// The text as it is to be shown now. It is marked with the last *durable* event: a run that is cut off must
/// not leave a mark that its successors, whose log is shorter, could not reach.
fn present(context: &Context<'_>, number: IssueNumber) -> Option<StatusComment> {
    let state = context.journal.state();
    let page = context.services.outlets.page.as_str();
    let scene = Scene { state: &state, config: context.config, page };
    Some(scene.status(number, &context.task.id)?.as_of(context.journal.durable()))
}

fn receipt_of(comment: &Comment, digest: String) -> receipt::Comment {
    receipt::Comment { id: comment.id, url: comment.url.clone(), digest }
}

/// Writes the text into the one comment: the one we know, else the oldest that carries our marker, else
/// a new one.
async fn write(
    github: &dyn GitHub,
    number: IssueNumber,
    known: Option<&receipt::Comment>,
    text: &StatusComment,
) -> Result<receipt::Comment, Failure> {
    let mut standing = match known {
        Some(known) => github.comment(known.id).await?,
        None => None,
    };
    if standing.is_none() {
        standing = only_one(github, number).await?;
    }
    if let Some(comment) = standing {
        let newer = Marker::find(&comment.body, number)
            .is_some_and(|marker| marker.sequence > text.marker().sequence);
        // A later run has written already: what stands there is newer than this text.
        if newer || text.is_shown_by(&comment.body) {
            return Ok(receipt_of(&comment, digest(&comment.body)));
        }
        if let Some(comment) = github.update_comment(comment.id, text.body()).await? {
            return Ok(receipt_of(&comment, text.digest()));
        }
    }
    let created = github.create_comment(number, text.body()).await?;
    // Another run may have created one in the same moment.
    let Some(oldest) = only_one(github, number).await? else {
        return Ok(receipt_of(&created, text.digest()));
    };
    if oldest.id != created.id && !text.is_shown_by(&oldest.body) {
        github.update_comment(oldest.id, text.body()).await?;
    }
    Ok(receipt_of(&oldest, text.digest()))
}

/// Our status comment on the issue. Should there be several, the oldest stays and its copies go.
async fn only_one(github: &dyn GitHub, number: IssueNumber) -> Result<Option<Comment>, Failure> {
    let mut all = ours(github, number).await?.into_iter().map(|(comment, _)| comment);
    let oldest = all.next();
    for copy in all {
        github.delete_comment(copy.id).await?;
    }
    Ok(oldest)
}

/// Our status comments on the issue, oldest first. A marker in somebody else's comment is a forgery and
/// counts for nothing.
async fn ours(github: &dyn GitHub, number: IssueNumber) -> Result<Vec<(Comment, Marker)>, Failure> {
    let (myself, comments) = futures_util::join!(github.myself(), github.comments(number, None));
    let myself = myself?;
    let mine = comments?.into_iter().filter(|comment| comment.author.login == myself.login);
    Ok(mine
        .filter_map(|comment| Some((Marker::find(&comment.body, number)?, comment)))
        .map(|(marker, comment)| (comment, marker))
        .collect())
}
