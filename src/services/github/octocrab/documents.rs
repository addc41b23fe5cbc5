//! GitHub's own objects as they are: what events would have carried, listed.

use serde_json::value::RawValue;

use super::address::{repository_route, with_query};
use super::exchange::Exchange;
use super::{ISSUES_READ, PAGE, PULLS_READ, whole_seconds};
use crate::domain::failure::Failure;
use crate::domain::id::RepositoryName;
use crate::services::github::Listing;

/// One page of it.
pub(super) async fn list(
    exchange: &Exchange,
    repository: &RepositoryName,
    listing: Listing,
) -> Result<Vec<String>, Failure> {
    let changed = |segments: &[&str], since, more: &[(&str, &str)]| {
        let since = whole_seconds(since);
        let pairs = [("sort", "updated"), ("direction", "asc"), ("since", since.as_str()), PAGE];
        Ok::<_, Failure>(with_query(&repository_route(repository, segments)?, &[&pairs, more].concat()))
    };
    let (route, needs) = match listing {
        Listing::Issues(since) => (changed(&["issues"], since, &[("state", "all")])?, ISSUES_READ),
        Listing::Comments(since) => (changed(&["issues", "comments"], since, &[])?, ISSUES_READ),
        Listing::ReviewComments(since) => (changed(&["pulls", "comments"], since, &[])?, PULLS_READ),
        Listing::Reviews(pull) => {
            let route = repository_route(repository, &["pulls", &pull.to_string(), "reviews"])?;
            (with_query(&route, &[PAGE]), PULLS_READ)
        }
        Listing::Issue(number) => {
            let route = repository_route(repository, &["issues", &number.to_string()])?;
            return one(exchange, &route, ISSUES_READ).await;
        }
        Listing::Pull(number) => {
            let route = repository_route(repository, &["pulls", &number.to_string()])?;
            return one(exchange, &route, PULLS_READ).await;
        }
    };
    let answer = exchange.success(exchange.get(&route, needs).await?, needs)?;
    let objects: Vec<Box<RawValue>> = answer.json()?;
    Ok(objects.iter().map(|object| object.get().to_owned()).collect())
}

async fn one(exchange: &Exchange, route: &str, needs: &str) -> Result<Vec<String>, Failure> {
    let answer = exchange.get(route, needs).await?;
    if answer.is_gone() {
        return Ok(Vec::new());
    }
    let object: Box<RawValue> = exchange.success(answer, needs)?.json()?;
    Ok(vec![object.get().to_owned()])
}
