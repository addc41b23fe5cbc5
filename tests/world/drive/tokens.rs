//! Where access tokens come from: OAuth, the security token service, the credentials of service accounts, and
//! GitHub's own identity tokens.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use automata::domain::time::Timestamp;
use serde_json::{Value, json};

use super::address::pairs;
use super::jwt;
use super::reply::{Carried, Reply};
use super::state::{Issued, State, domain_of};

/// What every scope's name begins with.
const SCOPES: &str = "https://www.googleapis.com/auth/";
/// How long an identity token of GitHub is good.
const IDENTITY_LIVES: Duration = Duration::from_secs(300);
/// The service account that a story has unless it says otherwise.
pub(crate) const SERVICE_ACCOUNT: &str = "automata@acme-docs.iam.gserviceaccount.com";
/// What GitHub's identity tokens say of themselves.
pub(crate) const SUBJECT: &str = "repo:acme/widgets:ref:refs/heads/main";
/// Who may exchange them.
pub(crate) const AUDIENCE: &str =
    "//iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/github/providers/acme";

/// Who may have tokens, and how.
#[derive(Debug)]
pub(crate) struct Access {
    /// Service accounts whose key the story has.
    pub(crate) service_accounts: BTreeSet<String>,
    /// Organisations whose people a service account may stand for.
    pub(crate) delegated: BTreeSet<String>,
    /// Refresh tokens, and whose they are.
    pub(crate) refresh: BTreeMap<String, String>,
    /// What GitHub says a token's subject is.
    pub(crate) subject: String,
    /// Whether who comes through GitHub may become a service account.
    pub(crate) may_impersonate: bool,
    /// Service accounts through whom alone another is become, in their order.
    pub(crate) through: Vec<String>,
    /// Identity tokens that GitHub gave, and when.
    pub(crate) identities: BTreeMap<String, Timestamp>,
    /// How long access tokens are good.
    pub(crate) lives: Duration,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            service_accounts: BTreeSet::from([SERVICE_ACCOUNT.to_owned()]),
            delegated: BTreeSet::new(),
            refresh: BTreeMap::new(),
            subject: SUBJECT.to_owned(),
            may_impersonate: true,
            through: Vec::new(),
            identities: BTreeMap::new(),
            lives: Duration::from_secs(3_600),
        }
    }
}

/// What OAuth refuses with.
fn refused(status: u16, error: &str, description: &str) -> Reply {
    Reply::with(status, Carried::Json(json!({ "error": error, "error_description": description })))
}

/// What Google's newer interfaces refuse with.
fn denied(status: u16, name: &str, message: &str) -> Reply {
    Reply::with(
        status,
        Carried::Json(json!({ "error": { "code": status, "message": message, "status": name } })),
    )
}

/// The fields of a form, or of JSON where that is what came.
fn fields(content_type: &str, body: &[u8]) -> BTreeMap<String, String> {
    if content_type.starts_with("application/json") {
        let read: BTreeMap<String, Value> = serde_json::from_slice(body).unwrap_or_default();
        return read
            .into_iter()
            // The service takes the names in both spellings of Google's JSON.
            .map(|(name, value)| {
                (snake(&name), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect();
    }
    pairs(&String::from_utf8_lossy(body)).into_iter().collect()
}

fn snake(name: &str) -> String {
    name.chars().flat_map(|c| c.is_uppercase().then_some('_').into_iter().chain(c.to_lowercase())).collect()
}

impl State {
    /// A token for an account, good from now on.
    pub(crate) fn issue(&mut self, account: &str, scopes: &[String], lives: Duration) -> String {
        let token = self.fresh(crate::world::planted::ACCESS, 48);
        let until = self.now.plus(lives);
        let issued = Issued { account: account.to_owned(), scopes: scopes.to_vec(), until };
        self.tokens.insert(token.clone(), issued);
        token
    }

    /// `POST /token`.
    pub(crate) fn oauth(&mut self, content_type: &str, body: &[u8]) -> Reply {
        let form = fields(content_type, body);
        let get = |name: &str| form.get(name).map_or("", String::as_str);
        match get("grant_type") {
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => self.by_assertion(get("assertion")),
            "refresh_token" => {
                let Some(account) = self.access.refresh.get(get("refresh_token")).cloned() else {
                    return refused(400, "invalid_grant", "Token has been expired or revoked.");
                };
                if get("client_id").is_empty() || get("client_secret").is_empty() {
                    return refused(401, "invalid_client", "The OAuth client was not found.");
                }
                // A refresh token has the scopes that its person agreed to, whatever is asked for.
                self.handed(&account, &[format!("{SCOPES}drive"), format!("{SCOPES}cloud-platform")])
            }
            other => refused(400, "unsupported_grant_type", &format!("Invalid grant_type: {other}")),
        }
    }

    fn handed(&mut self, account: &str, scopes: &[String]) -> Reply {
        let lives = self.access.lives;
        let token = self.issue(account, scopes, lives);
        Reply::ok(json!({
            "access_token": token, "expires_in": lives.as_secs(), "token_type": "Bearer", "scope": scopes.join(" "),
        }))
    }

    fn by_assertion(&mut self, assertion: &str) -> Reply {
        let Some(claims) = jwt::verified(assertion) else {
            return refused(400, "invalid_grant", "Invalid JWT Signature.");
        };
        let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
        let issuer = text("iss");
        if !self.access.service_accounts.contains(&issuer) {
            return refused(400, "invalid_grant", "Invalid grant: account not found");
        }
        let now = self.now.as_millis() / 1_000;
        let (from, until) =
            (claims["iat"].as_i64().unwrap_or_default(), claims["exp"].as_i64().unwrap_or_default());
        // Google allows a clock that goes wrong by some minutes.
        if until <= now || from > now + 300 || until - from > 3_600 {
            let words =
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.";
            return refused(400, "invalid_grant", words);
        }
        if text("aud") != format!("{}/token", self.base) {
            return refused(400, "invalid_grant", "Invalid JWT: Failed audience check.");
        }
        let scopes: Vec<String> = text("scope").split_whitespace().map(str::to_owned).collect();
        if scopes.is_empty() || scopes.iter().any(|scope| !scope.starts_with(SCOPES)) {
            return refused(400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.");
        }
        match claims["sub"].as_str() {
            None => self.handed(&issuer, &scopes),
            Some(person) if person == issuer => self.handed(&issuer, &scopes),
            Some(person) if self.access.delegated.contains(domain_of(person)) => self.handed(person, &scopes),
            Some(_) => refused(
                401,
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.",
            ),
        }
    }

    /// GitHub's side: an identity token for a workflow run.
    pub(crate) fn identity(&mut self, bearer: &str, query: &[(String, String)]) -> Reply {
        if bearer != "Bearer request-token" {
            return Reply::with(401, Carried::Json(json!({ "message": "unauthorized" })));
        }
        let audience = query.iter().find(|(name, _)| name == "audience").map_or("", |(_, value)| value);
        let token = self.fresh(&format!("eyJ.{}.", audience.len()), 64);
        self.access.identities.insert(token.clone(), self.now);
        Reply::ok(json!({ "count": 1, "value": token }))
    }

    /// `POST /v1/token`: an identity token becomes a federated one.
    pub(crate) fn exchange(&mut self, content_type: &str, body: &[u8]) -> Reply {
        let form = fields(content_type, body);
        let get = |name: &str| form.get(name).map_or("", String::as_str);
        let wanted = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
            ("audience", AUDIENCE),
        ];
        for (name, value) in wanted {
            if get(name) != value {
                return refused(400, "invalid_request", &format!("Invalid value for \"{name}\"."));
            }
        }
        let Some(given) = self.access.identities.get(get("subject_token")).copied() else {
            return refused(400, "invalid_grant", "The subject token is not one of the provider's.");
        };
        if self.now.since(given) > IDENTITY_LIVES {
            return refused(400, "invalid_grant", "ID Token is stale to sign-in.");
        }
        let account = format!("principal://{}", self.access.subject);
        let scopes: Vec<String> = get("scope").split_whitespace().map(str::to_owned).collect();
        let token = self.issue(&account, &scopes, IDENTITY_LIVES);
        Reply::ok(json!({
            "access_token": token, "token_type": "Bearer", "expires_in": IDENTITY_LIVES.as_secs(),
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        }))
    }

    /// `…/serviceAccounts/{email}:generateAccessToken` and `:signJwt`.
    pub(crate) fn credentials(&mut self, rest: &str, bearer: &str, body: &[u8]) -> Reply {
        let Some((email, method)) = rest.split_once(':') else {
            return denied(404, "NOT_FOUND", "Not found.");
        };
        let caller = bearer.strip_prefix("Bearer ").and_then(|token| self.tokens.get(token));
        let Some(caller) = caller.filter(|caller| caller.until > self.now) else {
            return denied(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
        };
        let known = self.access.service_accounts.contains(email);
        let cloud =
            caller.scopes.iter().any(|scope| scope.ends_with("/cloud-platform") || scope.ends_with("/iam"));
        let said: Value = serde_json::from_slice(body).unwrap_or_default();
        let through: Vec<String> = self
            .access
            .through
            .iter()
            .map(|account| format!("projects/-/serviceAccounts/{account}"))
            .collect();
        let delegates: Vec<&str> =
            said["delegates"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !known || !cloud || !self.access.may_impersonate || delegates != through {
            let words = format!(
                "Permission 'iam.serviceAccounts.{}' denied on resource (or it may not exist).",
                if method == "signJwt" { "signJwt" } else { "getAccessToken" }
            );
            return denied(403, "PERMISSION_DENIED", &words);
        }
        match method {
            "generateAccessToken" => {
                let scopes: Vec<String> = said["scope"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|scope| scope.as_str().map(str::to_owned))
                    .collect();
                if scopes.is_empty() {
                    return denied(400, "INVALID_ARGUMENT", "Scope required.");
                }
                let lifetime =
                    said["lifetime"].as_str().and_then(|text| text.strip_suffix('s')?.parse().ok());
                let lives = lifetime.map_or(self.access.lives, Duration::from_secs);
                let token = self.issue(email, &scopes, lives);
                let until = self.now.plus(lives).to_string();
                Reply::ok(json!({ "accessToken": token, "expireTime": until }))
            }
            "signJwt" => match said["payload"]
                .as_str()
                .and_then(|text| serde_json::from_str::<Value>(text).ok())
            {
                Some(claims) => Reply::ok(json!({ "keyId": "made-up", "signedJwt": jwt::signed(&claims) })),
                None => denied(400, "INVALID_ARGUMENT", "The payload is no JSON object."),
            },
            _ => denied(404, "NOT_FOUND", "Not found."),
        }
    }
}
