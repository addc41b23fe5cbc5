//! What the simulated GitHub tells of a token, where a story says so: its scopes, its account's role, what is left of the hour.

use serde_json::{Value, json};

use super::GitHubWorld;
use super::reply::Reply;
use super::state::State;

/// What is told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Token {
    /// Scopes of a classic token.
    scopes: Option<&'static str>,
    /// `admin`, `push` or `pull`.
    role: Option<&'static str>,
    /// Left, and the limit.
    hour: Option<(u64, u64)>,
    /// A token that the story has instead of the usual one.
    pub(super) other: Option<String>,
}

impl GitHubWorld {
    /// The token is this one, a person's with these scopes and this role: `push` or `pull`. A fine-grained one has no scopes.
    pub(crate) fn takes_persons_token(&self, token: &str, scopes: Option<&'static str>, role: &'static str) {
        let other = Some(token.to_owned());
        self.at_now().token = Token { scopes, role: Some(role), other, ..Token::default() };
    }

    /// Every answer tells what is left of the hour.
    pub(crate) fn tells_budget(&self, left: u64, limit: u64) {
        self.at_now().token.hour = Some((left, limit));
    }

    /// What the App's installation may do, by GitHub's names.
    pub(crate) fn installation_may(&self, permissions: &[(&str, &str)]) {
        let permissions =
            permissions.iter().map(|(name, level)| ((*name).to_owned(), json!(level))).collect();
        self.at_now().apps.permissions = Some(Value::Object(permissions));
    }
}

impl State {
    /// The repository as it is shown to whoever asks with this token.
    pub(super) fn repository_for_token(&self) -> Value {
        let mut repository = self.repository();
        if let Some(role) = self.token.role {
            let (admin, push) = (role == "admin", role != "pull");
            repository["permissions"] =
                json!({ "admin": admin, "maintain": admin, "push": push, "triage": push, "pull": true });
        }
        repository
    }

    /// With the headers that tell of the token.
    pub(super) fn tells_of_token(&self, reply: Reply) -> Reply {
        let reply = match self.token.scopes {
            Some(scopes) => reply.header("x-oauth-scopes", scopes),
            None => reply,
        };
        match self.token.hour {
            Some((left, limit)) => reply
                .header("x-ratelimit-limit", limit.to_string())
                .header("x-ratelimit-remaining", left.to_string())
                .header("x-ratelimit-resource", "core"),
            None => reply,
        }
    }
}
