//! What is known of an earlier attempt whose pull request somebody closed: why, and how much smaller the next one is to be.

use std::time::Duration;

use crate::domain::access::Wish;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::time::Timestamp;
use crate::report::prompt::{self, Said};
use crate::tasks::Context;
use crate::tasks::rights::{Rights, Wanted};

/// What was said that long before it was closed belongs to it; all that was said afterwards does.
const BEFORE: Duration = Duration::from_secs(24 * 3600);
/// Comments that are told, the newest.
const COMMENTS: usize = 5;

/// What follows from an earlier attempt.
#[derive(Default)]
pub(super) struct Earlier {
    /// What the prompt says of it.
    pub(super) below: String,
    /// Lines that the next change may have.
    pub(super) most_lines: Option<usize>,
}

/// Nothing where none was closed unmerged.
pub(super) async fn of(context: &Context<'_>, issue: IssueNumber) -> Result<Earlier, Failure> {
    let closed = {
        let state = context.journal.state();
        let known = state.issues.get(&issue);
        let ended =
            known.and_then(|known| Some((known, known.pull_request.as_ref()?, known.fate.end.as_ref()?)));
        ended
            .filter(|(_, _, end)| !end.merged)
            .map(|(known, pull, end)| (pull.number, end.by.to_string(), end.at, known.most_lines_next()))
    };
    let Some((pull, by, at, most_lines)) = closed else { return Ok(Earlier::default()) };
    let mut rights = Rights::new(context.services.github.as_ref());
    let mut said: Vec<Said> = last_review(context, pull, &mut rights).await?.into_iter().collect();
    said.extend(comments(context, pull, at, &mut rights).await?);
    Ok(Earlier { below: prompt::after_closing(pull, &by, &said, most_lines), most_lines })
}

/// The last review with a text by somebody with write access.
async fn last_review(
    context: &Context<'_>,
    pull: IssueNumber,
    rights: &mut Rights<'_>,
) -> Result<Option<Said>, Failure> {
    for review in context.services.github.reviews(pull).await?.into_iter().rev() {
        let wanted = Wanted {
            wish: Wish::Closing,
            about: None,
            said: "the last review of a closed pull request",
            id: Some(review.id),
        };
        if !review.body.trim().is_empty() && rights.may(context, &wanted, &review.author).await? {
            let (author, place) = (review.author.login.to_string(), "the last review".to_owned());
            return Ok(Some(Said { author, place, body: review.body, is_trusted: true }));
        }
    }
    Ok(None)
}

/// What people with write access wrote below it around its closing, oldest first.
async fn comments(
    context: &Context<'_>,
    pull: IssueNumber,
    closed: Timestamp,
    rights: &mut Rights<'_>,
) -> Result<Vec<Said>, Failure> {
    let github = &context.services.github;
    let since = closed.minus(BEFORE);
    let (myself, comments) = futures_util::join!(github.myself(), github.comments(pull, Some(since)));
    let myself = myself?.login;
    let mut said = Vec::new();
    for comment in comments?.into_iter().rev() {
        // Who only says one of our words gives no reason.
        let is_said = comment.created_at >= since
            && comment.author.login != myself
            && comment.author.is_person()
            && !comment.body.trim().is_empty()
            && !comment.body.trim_start().starts_with("/automata");
        let wanted = Wanted {
            wish: Wish::Closing,
            about: None,
            said: "a comment on a closed pull request",
            id: Some(comment.id),
        };
        if !is_said || !rights.may(context, &wanted, &comment.author).await? {
            continue;
        }
        let place = format!("a comment of {}", &comment.created_at.to_string()[..10]);
        said.push(Said {
            author: comment.author.login.to_string(),
            place,
            body: comment.body,
            is_trusted: true,
        });
        if said.len() == COMMENTS {
            break;
        }
    }
    said.reverse();
    Ok(said)
}
