//! Our own check on a commit: made, changed, and found again by its external id.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::address::{repository_route, with_query};
use super::exchange::Exchange;
use super::{CHECKS_READ, CHECKS_WRITE, PAGE, shapes};
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, RepositoryName};
use crate::services::github::{CheckState, OWN_CHECK, WrittenCheck};

/// Characters of a check's title and of its summary that GitHub takes.
const TITLE: usize = 255;
const SUMMARY: usize = 65_535;

/// The newest of ours on a commit.
pub(super) async fn find(
    exchange: &Exchange,
    repository: &RepositoryName,
    commit: &CommitId,
    external_id: &str,
) -> Result<Option<u64>, Failure> {
    let route = repository_route(repository, &["commits", commit.as_str(), "check-runs"])?;
    let route = with_query(&route, &[("check_name", OWN_CHECK), ("filter", "latest"), PAGE]);
    let pages: Vec<shapes::CheckRuns> = exchange.pages(&route, CHECKS_READ).await?;
    let runs = pages.into_iter().flat_map(|page| page.check_runs);
    Ok(runs.filter(|run| run.external_id.as_deref() == Some(external_id)).map(|run| run.id).max())
}

pub(super) async fn create(
    exchange: &Exchange,
    repository: &RepositoryName,
    commit: &CommitId,
    check: &WrittenCheck,
) -> Result<u64, Failure> {
    let mut body = body(check);
    body["head_sha"] = json!(commit.as_str());
    let route = repository_route(repository, &["check-runs"])?;
    let answer = exchange.write(Method::POST, &route, Some(&body), CHECKS_WRITE).await?;
    let made: shapes::CheckRun = exchange.success(answer, CHECKS_WRITE)?.json()?;
    Ok(made.id)
}

/// None when it is gone.
pub(super) async fn change(
    exchange: &Exchange,
    repository: &RepositoryName,
    id: u64,
    check: &WrittenCheck,
) -> Result<Option<u64>, Failure> {
    let route = repository_route(repository, &["check-runs", &id.to_string()])?;
    let answer = exchange.write(Method::PATCH, &route, Some(&body(check)), CHECKS_WRITE).await?;
    if answer.status == StatusCode::NOT_FOUND {
        return Ok(None);
    }
    let changed: shapes::CheckRun = exchange.success(answer, CHECKS_WRITE)?.json()?;
    Ok(Some(changed.id))
}

fn body(check: &WrittenCheck) -> Value {
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let mut body = json!({
        "name": OWN_CHECK,
        "external_id": check.external_id,
        "output": { "title": cut(&check.title, TITLE), "summary": cut(&check.summary, SUMMARY) },
    });
    // A conclusion makes GitHub call the check completed.
    match check.state {
        CheckState::InProgress => body["status"] = json!("in_progress"),
        CheckState::Success => body["conclusion"] = json!("success"),
        CheckState::Neutral => body["conclusion"] = json!("neutral"),
        CheckState::Failure => body["conclusion"] = json!("failure"),
    }
    if check.state != CheckState::InProgress {
        body["status"] = json!("completed");
    }
    body
}
