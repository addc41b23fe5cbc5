//! What an issue is planned for, who is asked to review, and who wrote what lately.

use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::address::{repository_route, with_query};
use super::exchange::Exchange;
use super::shapes::{self, User, actor};
use super::{CONTENTS_READ, ISSUES_READ, ISSUES_WRITE, PAGE, PULLS_READ, PULLS_WRITE};
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login, RepositoryName};
use crate::services::github::{FileCommit, Issue};

/// Commits of a file that are looked at: whoever wrote none of them knows it no better than others.
const COMMITS: &str = "20";

#[derive(Deserialize)]
struct Milestone {
    number: u64,
    title: String,
}

#[derive(Deserialize)]
struct Commit {
    /// Null where GitHub knows no account for the address in the commit.
    author: Option<User>,
    commit: Said,
}

#[derive(Deserialize)]
struct Said {
    message: String,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    users: Vec<User>,
    #[serde(default)]
    teams: Vec<Team>,
}

#[derive(Deserialize)]
struct Team {
    slug: String,
}

/// A pull request, of which only who is asked to review it matters.
#[derive(Deserialize)]
struct Pull {
    #[serde(default)]
    requested_reviewers: Vec<User>,
    #[serde(default)]
    requested_teams: Vec<Team>,
}

/// Plans an issue for the open milestone of that title; nothing when there is none.
pub(super) async fn set_milestone(
    exchange: &Exchange,
    repository: &RepositoryName,
    issue: IssueNumber,
    title: Option<&str>,
) -> Result<Option<String>, Failure> {
    let Some(title) = title else { return plan(exchange, repository, issue, None).await };
    let route = with_query(&repository_route(repository, &["milestones"])?, &[("state", "open"), PAGE]);
    let known: Vec<Milestone> = exchange.list(&route, ISSUES_READ).await?;
    let Some(found) = known.into_iter().find(|known| known.title.to_lowercase() == title.to_lowercase())
    else {
        return Ok(None);
    };
    plan(exchange, repository, issue, Some(found.number)).await
}

/// Plans an issue for the milestone of this number, or for none.
async fn plan(
    exchange: &Exchange,
    repository: &RepositoryName,
    issue: IssueNumber,
    milestone: Option<u64>,
) -> Result<Option<String>, Failure> {
    let route = repository_route(repository, &["issues", &issue.to_string()])?;
    let wanted = json!({ "milestone": milestone });
    let answer = exchange.write(Method::PATCH, &route, Some(&wanted), ISSUES_WRITE).await?;
    let issue: Issue = exchange.success(answer, ISSUES_WRITE)?.json::<shapes::Issue>()?.into();
    Ok(issue.milestone)
}

/// The last commits that changed a file, newest first.
pub(super) async fn commits_of(
    exchange: &Exchange,
    repository: &RepositoryName,
    path: &str,
) -> Result<Vec<FileCommit>, Failure> {
    let pairs = [("path", path), ("per_page", COMMITS)];
    let route = with_query(&repository_route(repository, &["commits"])?, &pairs);
    let answer = exchange.success(exchange.get(&route, CONTENTS_READ).await?, CONTENTS_READ)?;
    let commits: Vec<Commit> = answer.json()?;
    let told = |commit: Commit| FileCommit {
        author: commit.author.map(|author| actor(Some(author), false)),
        subject: commit.commit.message.lines().next().unwrap_or_default().to_owned(),
    };
    Ok(commits.into_iter().map(told).collect())
}

/// Who is asked to review a pull request: logins, and teams as `org/team`.
pub(super) async fn reviewers(
    exchange: &Exchange,
    repository: &RepositoryName,
    pull: IssueNumber,
) -> Result<Vec<Login>, Failure> {
    let route = repository_route(repository, &["pulls", &pull.to_string(), "requested_reviewers"])?;
    let answer = exchange.success(exchange.get(&route, PULLS_READ).await?, PULLS_READ)?;
    let Asked { users, teams } = answer.json()?;
    Ok(names(repository, users, teams))
}

/// Asks for reviews. None when GitHub refuses one of them, and so asks nobody.
pub(super) async fn request(
    exchange: &Exchange,
    repository: &RepositoryName,
    pull: IssueNumber,
    reviewers: &[Login],
) -> Result<Option<Vec<Login>>, Failure> {
    let wanted = named(reviewers);
    let route = repository_route(repository, &["pulls", &pull.to_string(), "requested_reviewers"])?;
    let answer = exchange.write(Method::POST, &route, Some(&wanted), PULLS_WRITE).await?;
    if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
        return Ok(None);
    }
    let pull: Pull = exchange.success(answer, PULLS_WRITE)?.json()?;
    Ok(Some(names(repository, pull.requested_reviewers, pull.requested_teams)))
}

/// Takes requests for reviews back.
pub(super) async fn remove(
    exchange: &Exchange,
    repository: &RepositoryName,
    pull: IssueNumber,
    reviewers: &[Login],
) -> Result<(), Failure> {
    let route = repository_route(repository, &["pulls", &pull.to_string(), "requested_reviewers"])?;
    let answer = exchange.write(Method::DELETE, &route, Some(&named(reviewers)), PULLS_WRITE).await?;
    exchange.success(answer, PULLS_WRITE).map(drop)
}

/// People and teams, as GitHub wants them told apart.
fn named(reviewers: &[Login]) -> serde_json::Value {
    let (teams, people): (Vec<&str>, Vec<&str>) =
        reviewers.iter().map(Login::as_str).partition(|name| name.contains('/'));
    // Teams are named without their organisation.
    let teams: Vec<&str> = teams.iter().filter_map(|name| name.split('/').nth(1)).collect();
    json!({ "reviewers": people, "team_reviewers": teams })
}

fn names(repository: &RepositoryName, users: Vec<User>, teams: Vec<Team>) -> Vec<Login> {
    let people = users.into_iter().map(|user| actor(Some(user), false).login);
    let teams = teams.into_iter().map(|team| Login::new(format!("{}/{}", repository.owner(), team.slug)));
    people.chain(teams).collect()
}
