//! What the token may do, by questions that change nothing: who it is, what the repository says, and a look at each list.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::address::with_query;
use super::exchange::Exchange;
use super::shapes::QuestionError;
use super::{ACTIONS_READ, Api, CHECKS_READ, CONTENTS_READ, ISSUES_READ, PULLS_READ, STATUSES_READ};
use crate::domain::actor::Permission;
use crate::domain::failure::Failure;
use crate::domain::reach::Seen;
use crate::domain::untrusted::one_line;
use crate::services::github::GitHub as _;

/// Characters of GitHub's reasons that are told.
const TOLD: usize = 200;
/// One item is enough to see whether a list may be seen.
const ONE: (&str, &str) = ("per_page", "1");
/// Whether a project can be changed, which GitHub says of whoever asks.
const PROJECT: &str = "query ProjectSeen($owner: String!, $name: String!, $project: Int!) {
  repository(owner: $owner, name: $name) {
    owner { ... on ProjectV2Owner { projectV2(number: $project) { viewerCanUpdate } } }
  }
}";

/// The repository, with what it says about whoever asks.
#[derive(Deserialize)]
struct Repository {
    default_branch: String,
    #[serde(default)]
    private: bool,
    permissions: Option<Role>,
}

/// What the account may do; of an App GitHub tells that it may nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Role {
    admin: bool,
    maintain: bool,
    push: bool,
    triage: bool,
    pull: bool,
}

impl From<Role> for Permission {
    fn from(role: Role) -> Self {
        match role {
            Role { admin: true, .. } => Self::Admin,
            Role { maintain: true, .. } => Self::Maintain,
            Role { push: true, .. } => Self::Write,
            Role { triage: true, .. } => Self::Triage,
            Role { pull: true, .. } => Self::Read,
            Role { .. } => Self::None,
        }
    }
}

/// Looks at everything.
pub(super) async fn seen(api: &Api, projects: &[u64]) -> Result<Seen, Failure> {
    let exchange = &api.exchange;
    let account = api.myself().await?.login.as_str().to_owned();
    let listed = api.credential.listed().await?;
    let answer = exchange.success(exchange.get(&api.route(&[])?, CONTENTS_READ).await?, CONTENTS_READ)?;
    let scopes = answer.headers.get("x-oauth-scopes").and_then(|scopes| scopes.to_str().ok()).map(|scopes| {
        scopes
            .split(',')
            .map(|scope| scope.trim().to_owned())
            .filter(|scope| !scope.is_empty())
            .collect::<BTreeSet<_>>()
    });
    let repository: Repository = answer.json()?;
    let head = repository.default_branch.as_str();
    let all = [ONE, ("state", "all")];
    let looks = [
        ("issues", api.route(&["issues"])?, &all[..], ISSUES_READ),
        ("pull-requests", api.route(&["pulls"])?, &all[..], PULLS_READ),
        ("actions", api.route(&["actions", "runs"])?, &[ONE][..], ACTIONS_READ),
        ("checks", api.route(&["commits", head, "check-runs"])?, &[ONE][..], CHECKS_READ),
        ("statuses", api.route(&["commits", head, "status"])?, &[ONE][..], STATUSES_READ),
    ];
    let mut seen = Seen {
        account,
        is_private: repository.private,
        role: repository.permissions.map(Permission::from),
        scopes,
        listed,
        ..Seen::default()
    };
    for (of, route, query, needs) in looks {
        seen.looks.insert(of, look(exchange, &with_query(&route, query), needs).await?);
    }
    for project in projects {
        seen.projects.insert(*project, can_change(api, *project).await?);
    }
    Ok(seen)
}

/// Whether a list may be seen, and why not. Only trouble that may pass is an error.
async fn look(exchange: &Exchange, route: &str, needs: &str) -> Result<Result<(), String>, Failure> {
    match exchange.get(route, needs).await {
        // What has no commit yet has neither checks nor statuses.
        Ok(answer) if answer.status.is_success() || answer.status.as_u16() == 422 => Ok(Ok(())),
        Ok(answer) => Ok(Err(exchange.refused(&answer, needs).to_string())),
        // So it is put for a repository that is empty.
        Err(failure) if failure.code == "conflict" => Ok(Ok(())),
        Err(failure) if failure.is_permanent() => Ok(Err(failure.to_string())),
        Err(failure) => Err(failure),
    }
}

#[derive(Deserialize)]
struct Answered {
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<QuestionError>,
}

#[derive(Deserialize)]
struct Data {
    repository: Option<Owned>,
}

#[derive(Deserialize)]
struct Owned {
    owner: Option<Owner>,
}

#[derive(Deserialize)]
struct Owner {
    #[serde(rename = "projectV2")]
    project: Option<Project>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Project {
    viewer_can_update: bool,
}

async fn can_change(api: &Api, project: u64) -> Result<Result<(), String>, Failure> {
    let variables =
        json!({ "owner": api.repository.owner(), "name": api.repository.name(), "project": project });
    let question = json!({ "query": PROJECT, "variables": variables });
    let answer = match api.exchange.ask(&api.graphql, &question).await {
        Ok(answer) => answer,
        Err(failure) if failure.is_permanent() => return Ok(Err(failure.to_string())),
        Err(failure) => return Err(failure),
    };
    let read: Answered = answer.json()?;
    let project_of = |data: Data| data.repository?.owner?.project;
    Ok(match (read.data.and_then(project_of), read.errors.first()) {
        (Some(Project { viewer_can_update: true }), _) => Ok(()),
        (Some(_), _) => Err(format!("project {project} may be seen and not be changed")),
        (None, Some(error)) => {
            Err(format!("project {project} cannot be seen: {}", one_line(&error.message, TOLD)))
        }
        (None, None) => Err(format!("there is no project {project}, or it may not be seen")),
    })
}
