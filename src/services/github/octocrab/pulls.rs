//! Pull requests: opening one, or adopting the one that is there already; how one stands.

use http::{Method, StatusCode};
use serde_json::json;

use super::address::{repository_route, with_query};
use super::exchange::Exchange;
use super::{PAGE, PULLS_READ, PULLS_WRITE, shapes};
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, RepositoryName};
use crate::services::github::{NewPullRequest, Opened, PullRequest, PullState};

/// Opens it. GitHub allows one open pull request for a head and a base and answers 422 for the second;
/// whether that is why it refused is seen by looking, not by its words.
pub(super) async fn open(
    exchange: &Exchange,
    repository: &RepositoryName,
    new: &NewPullRequest,
) -> Result<Opened, Failure> {
    let wanted = json!({
        "title": new.title, "body": new.body, "head": new.head, "base": new.base, "draft": new.draft,
    });
    let route = repository_route(repository, &["pulls"])?;
    let answer = exchange.write(Method::POST, &route, Some(&wanted), PULLS_WRITE).await?;
    if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
        let open = from_branch(exchange, repository, &new.head, "open").await?;
        return match open.into_iter().find(|pull| pull.base == new.base) {
            Some(pull) => Ok(Opened::Exists(pull)),
            None => Err(exchange.refused(&answer, PULLS_WRITE)),
        };
    }
    Ok(Opened::Created(exchange.success(answer, PULLS_WRITE)?.json::<shapes::Pull>()?.into()))
}

/// Pull requests in a `state` (`open`, `closed`, `all`) from a branch of this repository, newest first.
pub(super) async fn from_branch(
    exchange: &Exchange,
    repository: &RepositoryName,
    branch: &str,
    state: &str,
) -> Result<Vec<PullRequest>, Failure> {
    let head = format!("{}:{branch}", repository.owner());
    let pairs = [("state", state), ("head", &head), ("sort", "created"), ("direction", "desc"), PAGE];
    let route = with_query(&repository_route(repository, &["pulls"])?, &pairs);
    let pulls: Vec<shapes::Pull> = exchange.list(&route, PULLS_READ).await?;
    // GitHub passes over a filter that it cannot read and then lists everything.
    Ok(pulls.into_iter().filter(|pull| pull.comes_from(branch)).map(PullRequest::from).collect())
}

/// How one stands; nothing when the number is no pull request's.
pub(super) async fn state(
    exchange: &Exchange,
    repository: &RepositoryName,
    number: IssueNumber,
) -> Result<Option<PullState>, Failure> {
    let route = repository_route(repository, &["pulls", &number.to_string()])?;
    let answer = exchange.get(&route, PULLS_READ).await?;
    if answer.is_gone() {
        return Ok(None);
    }
    Ok(Some(exchange.success(answer, PULLS_READ)?.json::<shapes::Pull>()?.into()))
}
