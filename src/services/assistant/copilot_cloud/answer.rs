//! The parts of GitHub's answers that are used here.

use serde::Deserialize;

/// What GraphQL answers.
#[derive(Debug, Deserialize)]
pub(super) struct Reply<T> {
    pub(super) data: Option<T>,
    #[serde(default)]
    pub(super) errors: Vec<Error>,
}

/// One of its errors.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Error {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) message: String,
}

/// The answer to the probe.
#[derive(Debug, Deserialize)]
pub(super) struct Known {
    pub(super) viewer: Option<Actor>,
    pub(super) repository: Option<Repository>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repository {
    pub(super) id: String,
    pub(super) suggested_actors: Actors,
    pub(super) issue: Option<Issue>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Issue {
    pub(super) id: String,
    pub(super) assigned_actors: Actors,
}

/// Accounts; GraphQL puts null where the token may not see one.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Actors {
    nodes: Vec<Option<Actor>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Actor {
    pub(super) login: String,
    id: Option<String>,
}

impl Actors {
    pub(super) fn has(&self, logins: &[&str]) -> bool {
        self.nodes
            .iter()
            .flatten()
            .any(|actor| logins.iter().any(|login| actor.login.eq_ignore_ascii_case(login)))
    }

    pub(super) fn id_of(&self, login: &str) -> Option<&str> {
        self.nodes.iter().flatten().find(|actor| actor.login == login)?.id.as_deref()
    }
}

/// The answer to the assignment.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Assigned {
    add_assignees_to_assignable: Option<Payload>,
}

#[derive(Debug, Deserialize)]
struct Payload {
    assignable: Option<Assignable>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assignable {
    assigned_actors: Option<Actors>,
}

impl Assigned {
    pub(super) fn has(&self, logins: &[&str]) -> bool {
        let assignable =
            self.add_assignees_to_assignable.as_ref().and_then(|payload| payload.assignable.as_ref());
        assignable.and_then(|it| it.assigned_actors.as_ref()).is_some_and(|actors| actors.has(logins))
    }
}
