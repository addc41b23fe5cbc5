//! The App that the simulated GitHub knows: who signs as it, where it is installed, which of its tokens still hold.

use std::collections::BTreeMap;
use std::time::Duration;

use automata::domain::time::Timestamp;
use serde_json::{Value, json};

use super::TOKEN;
use super::operations::Request;
use super::render::user;
use super::reply::Reply;
use super::state::State;
use crate::world::drive::jwt;

/// The App's client id. Its key is the tests' made-up one.
pub(crate) const APP: &str = "Iv23liMadeUpForTests";
/// The number of its installation.
const INSTALLATION: u64 = 4_711;
/// How long a token of an installation holds.
const HOUR: Duration = Duration::from_secs(3_600);

/// How it is with the App.
#[derive(Clone, Debug, Default)]
pub(crate) struct Apps {
    pub(crate) is_installed: bool,
    pub(crate) is_suspended: bool,
    /// What its installation may do; the usual where a story says nothing.
    pub(crate) permissions: Option<Value>,
    /// What its tokens were asked for, one after the other; null where nothing was named.
    pub(crate) asked: Vec<Value>,
    /// When each token ends; one that was given back is none any more.
    tokens: BTreeMap<String, Timestamp>,
}

impl State {
    /// Whether a path is one of those that an App asks by signing as itself.
    pub(super) fn is_for_apps(path: &str) -> bool {
        path.ends_with("/installation") || path.contains("/app/installations/")
    }

    /// Why somebody is not taken for the App: as GitHub says it of a JSON Web Token.
    pub(super) fn refuses_app(&self, authorization: &str) -> Option<Reply> {
        let refusal = |words| Some(Reply::refusal(401, words));
        let Some(claims) = authorization.strip_prefix("Bearer ").and_then(jwt::verified) else {
            return refusal("A JSON web token could not be decoded");
        };
        let now = self.now.as_millis() / 1_000;
        let (from, until) =
            (claims["iat"].as_i64().unwrap_or_default(), claims["exp"].as_i64().unwrap_or_default());
        if claims["iss"] != APP {
            return refusal("'Issuer' claim ('iss') must be an Integer or a client id");
        }
        if from > now || until <= now || until > now + 600 {
            return refusal("'Expiration time' claim ('exp') is too far in the future");
        }
        None
    }

    /// Whether a token of the App's has ended.
    pub(super) fn has_ended(&self, authorization: &str) -> bool {
        let token = authorization.strip_prefix("Bearer ").unwrap_or_default();
        self.apps.tokens.get(token).is_some_and(|ends| *ends <= self.now)
    }

    /// Whether this is a token that the App got.
    pub(super) fn is_the_apps(&self, authorization: &str) -> bool {
        let token = authorization.strip_prefix("Bearer ").unwrap_or_default();
        self.apps.tokens.contains_key(token)
    }

    fn installation_permissions(&self) -> Value {
        let usual = json!({ "contents": "write", "issues": "write", "metadata": "read" });
        self.apps.permissions.clone().unwrap_or(usual)
    }

    pub(crate) fn installation(&self) -> Reply {
        if !self.apps.is_installed {
            return Reply::not_found();
        }
        let api = &self.base;
        Reply::ok(json!({
            "id": INSTALLATION, "app_id": 23, "app_slug": "helper", "client_id": APP,
            "target_id": 1, "target_type": "Organization", "account": user("acme"),
            "repository_selection": "selected", "single_file_name": Value::Null, "events": ["issues"],
            "permissions": self.installation_permissions(),
            "access_tokens_url": format!("{api}/app/installations/{INSTALLATION}/access_tokens"),
            "repositories_url": format!("{api}/installation/repositories"),
            "html_url": format!("https://github.com/organizations/acme/settings/installations/{INSTALLATION}"),
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
            "suspended_by": Value::Null, "suspended_at": Value::Null,
        }))
    }

    pub(crate) fn installation_token(&mut self, request: &Request<'_>) -> Reply {
        if request.number("installation_id") != INSTALLATION {
            return Reply::not_found();
        }
        if self.apps.is_suspended {
            return Reply::refusal(403, "This installation has been suspended");
        }
        if request.body["repositories"] != json!([self.name.name()]) {
            return Reply::refusal(422, "There is at least one repository that does not exist");
        }
        let (has, wanted) = (self.installation_permissions(), request.body["permissions"].clone());
        self.apps.asked.push(wanted.clone());
        let level = |level: &Value| ["read", "write", "admin"].iter().position(|known| level == known);
        let mut lacks = wanted.as_object().into_iter().flatten();
        if lacks.any(|(name, wanted)| level(wanted) > level(&has[name.as_str()])) {
            let words = "The permissions requested are not granted to this installation.";
            return Reply::refusal(422, words);
        }
        let count = self.apps.tokens.len();
        let token = if count == 0 { TOKEN.to_owned() } else { format!("{TOKEN}_{}", count + 1) };
        let ends = self.now.plus(HOUR);
        self.apps.tokens.insert(token.clone(), ends);
        let told = json!({
            "token": token, "expires_at": ends.to_string(), "repository_selection": "selected",
            "permissions": if wanted.is_null() { has } else { wanted },
        });
        Reply::with(201, told)
    }

    /// The token that asks ends.
    pub(crate) fn take_token_back(&mut self, token: &str) -> Reply {
        if !self.apps.tokens.contains_key(token) {
            // One of another sort cannot be given back.
            return Reply::refusal(403, "Resource not accessible by this token");
        }
        self.apps.tokens.remove(token);
        Reply::with(204, Value::Null)
    }
}
