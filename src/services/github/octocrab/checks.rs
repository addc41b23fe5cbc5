//! What the checks of a commit say together: check runs of Apps and Actions, and the older commit statuses.

use super::address::{repository_route, with_query};
use super::exchange::Exchange;
use super::logs::Logs;
use super::{ACTIONS_READ, CHECKS_READ, PAGE, STATUSES_READ, shapes};
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, RepositoryName};
use crate::services::github::{Checks, FailedCheck};

/// Failed checks that are told; each costs a request more.
const CHECKS_TOLD: usize = 10;
/// Annotations that are told of each: GitHub shows ten of a step, and the first say most.
const ANNOTATIONS: (&str, &str) = ("per_page", "30");

/// Asks for both. A red check run settles it without a look at the statuses.
pub(super) async fn of(
    exchange: &Exchange,
    repository: &RepositoryName,
    commit: &CommitId,
) -> Result<Checks, Failure> {
    let route = |last: &str| repository_route(repository, &["commits", commit.as_str(), last]);
    // GitHub shows what it calls the latest: of checks that ran again, the last run of each.
    let runs = with_query(&route("check-runs")?, &[("filter", "latest"), PAGE]);
    let pages: Vec<shapes::CheckRuns> = exchange.pages(&runs, CHECKS_READ).await?;
    let runs = pages.iter().flat_map(|page| &page.check_runs).filter(|run| !run.is_ours());
    let runs = runs.map(shapes::CheckRun::says);
    let runs = runs.fold(Checks::None, together);
    if runs == Checks::Red {
        return Ok(runs);
    }
    Ok(together(runs, statuses(exchange, repository, commit).await?.says()))
}

/// What services say of a commit. Its `state` is over all of them, whatever part of them the page shows.
async fn statuses(
    exchange: &Exchange,
    repository: &RepositoryName,
    commit: &CommitId,
) -> Result<shapes::CombinedStatus, Failure> {
    let route = repository_route(repository, &["commits", commit.as_str(), "status"])?;
    let answer = exchange.get(&with_query(&route, &[PAGE]), STATUSES_READ).await?;
    exchange.success(answer, STATUSES_READ)?.json()
}

/// Those that failed, with what they say of themselves, and the end of the log where it is a job of Actions.
pub(super) async fn failed(
    exchange: &Exchange,
    logs: &Logs,
    repository: &RepositoryName,
    commit: &CommitId,
) -> Result<Vec<FailedCheck>, Failure> {
    let route = repository_route(repository, &["commits", commit.as_str(), "check-runs"])?;
    let route = with_query(&route, &[("filter", "latest"), PAGE]);
    let pages: Vec<shapes::CheckRuns> = exchange.pages(&route, CHECKS_READ).await?;
    let runs = pages.into_iter().flat_map(|page| page.check_runs);
    let mut failed = Vec::new();
    for run in runs.filter(|run| run.says() == Checks::Red && !run.is_ours()).take(CHECKS_TOLD) {
        let is_job = run.is_job();
        let output = run.output.unwrap_or_default();
        let mut said: Vec<String> = output.title.into_iter().chain(output.summary).collect();
        if output.annotations_count > 0 {
            let id = run.id.to_string();
            let route = repository_route(repository, &["check-runs", &id, "annotations"])?;
            let answer = exchange.get(&with_query(&route, &[ANNOTATIONS]), CHECKS_READ).await?;
            let noted: Vec<shapes::Annotation> = exchange.success(answer, CHECKS_READ)?.json()?;
            said.extend(noted.iter().map(shapes::Annotation::said));
        }
        let log = match is_job {
            // The check run of a job has the job's own id. A log that cannot be had is no reason to repair nothing.
            true => logs.end_of(exchange, repository, run.id).await.unwrap_or_default(),
            false => String::new(),
        };
        failed.push(FailedCheck { name: run.name, said, log });
    }
    if failed.len() < CHECKS_TOLD {
        // Other checkers than Actions and Apps say no more than a line. A token that may not read them sees the others all
        // the same.
        match statuses(exchange, repository, commit).await {
            Ok(said) => failed.extend(said.failed().take(CHECKS_TOLD - failed.len())),
            Err(failure) if failure.is_permanent() => {
                tracing::warn!(%failure, "commit statuses cannot be read; only check runs are repaired");
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(failed)
}

/// Whether a workflow run on a branch waits until a person lets it run. One is enough to know.
pub(super) async fn awaits_approval(
    exchange: &Exchange,
    repository: &RepositoryName,
    branch: &str,
) -> Result<bool, Failure> {
    let pairs = [("branch", branch), ("status", shapes::WAITS), ("per_page", "10")];
    let route = with_query(&repository_route(repository, &["actions", "runs"])?, &pairs);
    let answer = exchange.get(&route, ACTIONS_READ).await?;
    let found: shapes::WorkflowRuns = exchange.success(answer, ACTIONS_READ)?.json()?;
    // GitHub passes over a filter that it cannot read and then lists everything.
    Ok(found.workflow_runs.iter().any(|run| run.waits(branch)))
}

/// The worse of two.
const fn together(one: Checks, other: Checks) -> Checks {
    match (one, other) {
        (Checks::Red, _) | (_, Checks::Red) => Checks::Red,
        (Checks::Pending, _) | (_, Checks::Pending) => Checks::Pending,
        (Checks::Green, _) | (_, Checks::Green) => Checks::Green,
        (Checks::None, Checks::None) => Checks::None,
    }
}
