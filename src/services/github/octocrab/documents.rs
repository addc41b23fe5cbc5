//! GitHub's own objects as they are: what events would have carried, listed.

use http::StatusCode;
use http::header::ETAG;
use serde_json::value::RawValue;

use super::address::{repository_route, with_query};
use super::exchange::{Answer, Exchange};
use super::{ISSUES_READ, PAGE, PULLS_READ, whole_seconds};
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, RepositoryName};
use crate::services::github::{Listing, Looked};

/// Characters that a tag may have to be kept: GitHub's have some seventy.
const TAG: usize = 200;

/// One page of it.
pub(super) async fn list(
    exchange: &Exchange,
    repository: &RepositoryName,
    listing: Listing,
) -> Result<Vec<String>, Failure> {
    let (route, needs) = match route(repository, listing)? {
        Route::One(route, needs) => return one(exchange, &route, needs).await,
        Route::Many(route, needs) => (route, needs),
    };
    objects(&exchange.success(exchange.get(&route, needs).await?, needs)?)
}

/// One page of it, unless it is as it was when it had this tag.
pub(super) async fn unless(
    exchange: &Exchange,
    repository: &RepositoryName,
    listing: Listing,
    known: Option<&str>,
) -> Result<Looked, Failure> {
    let Route::Many(route, needs) = route(repository, listing)? else {
        return Ok(Looked::New { documents: list(exchange, repository, listing).await?, tag: None });
    };
    let answer = exchange.get_unless(&route, needs, known).await?;
    if answer.status == StatusCode::NOT_MODIFIED {
        return Ok(Looked::Same);
    }
    let answer = exchange.success(answer, needs)?;
    let tag = answer.headers.get(ETAG).and_then(|tag| tag.to_str().ok());
    let tag = tag.filter(|tag| tag.len() <= TAG).map(str::to_owned);
    Ok(Looked::New { documents: objects(&answer)?, tag })
}

/// Where it is, and what the token needs.
enum Route {
    One(String, &'static str),
    Many(String, &'static str),
}

fn route(repository: &RepositoryName, listing: Listing) -> Result<Route, Failure> {
    let changed = |segments: &[&str], since, more: &[(&str, &str)]| {
        let since = whole_seconds(since);
        let pairs = [("sort", "updated"), ("direction", "asc"), ("since", since.as_str()), PAGE];
        Ok::<_, Failure>(with_query(&repository_route(repository, segments)?, &[&pairs, more].concat()))
    };
    let of = |kind: &str, number: IssueNumber| repository_route(repository, &[kind, &number.to_string()]);
    Ok(match listing {
        Listing::Issues(since) => Route::Many(changed(&["issues"], since, &[("state", "all")])?, ISSUES_READ),
        Listing::Comments(since) => Route::Many(changed(&["issues", "comments"], since, &[])?, ISSUES_READ),
        Listing::ReviewComments(since) => {
            Route::Many(changed(&["pulls", "comments"], since, &[])?, PULLS_READ)
        }
        Listing::Reviews(pull) => {
            let route = repository_route(repository, &["pulls", &pull.to_string(), "reviews"])?;
            Route::Many(with_query(&route, &[PAGE]), PULLS_READ)
        }
        Listing::Issue(number) => Route::One(of("issues", number)?, ISSUES_READ),
        Listing::Pull(number) => Route::One(of("pulls", number)?, PULLS_READ),
    })
}

fn objects(answer: &Answer) -> Result<Vec<String>, Failure> {
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
