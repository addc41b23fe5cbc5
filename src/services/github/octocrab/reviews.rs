//! Reviews of a pull request, the threads on its lines, answers in them, and reactions.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::address::{repository_route, with_query};
use super::exchange::Exchange;
use super::shapes::{User, actor};
use super::{PAGE, PULLS_READ, PULLS_WRITE};
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, IssueNumber, RepositoryName};
use crate::domain::time::Timestamp;
use crate::services::github as port;

#[derive(Deserialize)]
struct Review {
    id: u64,
    user: Option<User>,
    #[serde(default)]
    state: String,
    body: Option<String>,
    submitted_at: Option<Timestamp>,
    commit_id: Option<String>,
}

#[derive(Deserialize)]
struct LineComment {
    id: u64,
    in_reply_to_id: Option<u64>,
    user: Option<User>,
    #[serde(default)]
    path: String,
    line: Option<u64>,
    #[serde(default)]
    diff_hunk: String,
    body: Option<String>,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
}

/// What was written, as far as it matters.
#[derive(Deserialize)]
struct Written {
    id: u64,
}

/// GitHub lists them in the order of time.
pub(super) async fn of(
    exchange: &Exchange,
    repository: &RepositoryName,
    pull: IssueNumber,
) -> Result<Vec<port::Review>, Failure> {
    let route = repository_route(repository, &["pulls", &pull.to_string(), "reviews"])?;
    let listed: Vec<Review> = exchange.list(&with_query(&route, &[PAGE]), PULLS_READ).await?;
    let review = |review: Review| port::Review {
        id: review.id,
        author: actor(review.user, false),
        // GitHub writes the state in capitals in some answers and not in others.
        state: review.state.to_ascii_lowercase(),
        body: review.body.unwrap_or_default(),
        submitted_at: review.submitted_at,
        commit: review.commit_id.map(CommitId::new),
    };
    Ok(listed.into_iter().map(review).collect())
}

pub(super) async fn line_comments(
    exchange: &Exchange,
    repository: &RepositoryName,
    pull: IssueNumber,
) -> Result<Vec<port::LineComment>, Failure> {
    let route = repository_route(repository, &["pulls", &pull.to_string(), "comments"])?;
    let listed: Vec<LineComment> = exchange.list(&with_query(&route, &[PAGE]), PULLS_READ).await?;
    let mut comments: Vec<port::LineComment> = listed.into_iter().map(port::LineComment::from).collect();
    comments.sort_by_key(|comment| comment.id);
    comments.dedup_by_key(|comment| comment.id);
    Ok(comments)
}

/// Answers in a thread. GitHub takes answers to the first comment of a thread only.
pub(super) async fn answer(
    exchange: &Exchange,
    repository: &RepositoryName,
    (pull, thread): (IssueNumber, u64),
    text: &str,
) -> Result<Option<u64>, Failure> {
    let (pull, thread) = (pull.to_string(), thread.to_string());
    let route = repository_route(repository, &["pulls", &pull, "comments", &thread, "replies"])?;
    let answer = exchange.write(Method::POST, &route, Some(&json!({ "body": text })), PULLS_WRITE).await?;
    if answer.is_gone() {
        return Ok(None);
    }
    Ok(Some(exchange.success(answer, PULLS_WRITE)?.json::<Written>()?.id))
}

/// Puts a reaction on the comment that a route leads to; false when it is gone.
pub(super) async fn react(
    exchange: &Exchange,
    route: &str,
    reaction: port::Reaction,
    needs: &str,
) -> Result<bool, Failure> {
    let wanted = json!({ "content": reaction.content() });
    let answer = exchange.write(Method::POST, route, Some(&wanted), needs).await?;
    if answer.is_gone() {
        return Ok(false);
    }
    exchange.success(answer, needs).map(|_| true)
}

impl From<LineComment> for port::LineComment {
    fn from(comment: LineComment) -> Self {
        Self {
            id: comment.id,
            thread: comment.in_reply_to_id.unwrap_or(comment.id),
            author: actor(comment.user, false),
            path: comment.path,
            line: comment.line,
            hunk: comment.diff_hunk,
            body: comment.body.unwrap_or_default(),
            created_at: comment.created_at,
            updated_at: comment.updated_at.unwrap_or(comment.created_at),
        }
    }
}
