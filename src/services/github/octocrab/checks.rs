//! What the checks of a commit say together: check runs of Apps and Actions, and the older commit statuses.

use super::address::{repository_route, with_query};
use super::exchange::Exchange;
use super::{CHECKS_READ, PAGE, STATUSES_READ, shapes};
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, RepositoryName};
use crate::services::github::Checks;

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
    let runs = pages.iter().flat_map(|page| &page.check_runs).map(shapes::CheckRun::says);
    let runs = runs.fold(Checks::None, together);
    if runs == Checks::Red {
        return Ok(runs);
    }
    // Its `state` is over all contexts, whatever part of them the page shows.
    let answer = exchange.get(&with_query(&route("status")?, &[PAGE]), STATUSES_READ).await?;
    let status: shapes::CombinedStatus = exchange.success(answer, STATUSES_READ)?.json()?;
    Ok(together(runs, status.says()))
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
