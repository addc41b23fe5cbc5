//! How a token is had: the exchanges with Google's sign-in, one for each sort of credentials.
//!
//! Written by hand but for the key's, with these reasons: `yup-oauth2` loses the status and so the cause of a
//! refusal, sends refresh tokens to a fixed address, prints secrets in its debug log, never repeats, and has no way
//! to act for a user without a key.

use std::path::Path;
use std::time::Duration;

use reqwest::Url;
use serde_json::{Value, json};

use super::super::endpoints::{Endpoints, trusted};
use super::super::refusal;
use super::acting::{ActsAs, Impersonated};
use super::external::{External, Form, SubjectSource};
use super::key::Key;
use super::step::Step;
use super::{Credential, Kind, SCOPE, User, bad};
use crate::domain::time::Timestamp;
use crate::services::drive::error::Error;
use crate::services::http::Client;
use crate::services::secrets::Secret;

/// The life of a token that does not say how long it is. Google's live for an hour.
const USUAL_LIFE: Duration = Duration::from_hours(1);
/// The scope that a token needs in order to act as a service account.
const CLOUD_SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// The form of a signed claim, RFC 7523.
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// A token, and for how long it is good.
pub(super) struct Token {
    pub(super) token: Secret,
    pub(super) lives: Duration,
}

/// Where tokens come from.
pub(in super::super) struct Source {
    way: Way,
    /// The service accounts that are acted as, one by way of the other; the last one's token is the one to work with.
    acts_as: Vec<ActsAs>,
    steps: Steps,
    scope: String,
    subject: Option<String>,
    endpoints: Endpoints,
}

/// How somebody gets a token of their own.
enum Way {
    Key(Box<Key>),
    User(User),
    External(Box<External>),
}

/// Who signs in, and as whom they act from then on.
fn apart(kind: Kind) -> (Kind, Vec<ActsAs>) {
    match kind {
        Kind::Impersonated(impersonated) => {
            let Impersonated { source, target } = *impersonated;
            let (who, mut acts_as) = apart(source);
            acts_as.push(target);
            (who, acts_as)
        }
        Kind::External(mut external) => {
            let acts_as = external.acts_as.take().into_iter().collect();
            (Kind::External(external), acts_as)
        }
        own => (own, Vec::new()),
    }
}

impl Source {
    /// `subject` is the user to act for, by domain-wide delegation.
    pub(in super::super) async fn new(
        credential: Credential,
        subject: Option<String>,
        scope: Option<String>,
        endpoints: Endpoints,
        client: Client,
        time: Duration,
    ) -> Result<Self, Error> {
        let scope = scope.unwrap_or_else(|| SCOPE.to_owned());
        let cannot = |who: &str| {
            bad(format!("{who} cannot act for somebody else")).hint(
                "Acting for a user of the organisation takes a service account with domain-wide delegation: its key, \
                 or somebody who may act as it.",
            )
        };
        let (who, acts_as) = apart(credential.0);
        // Of several, the last is the service account that has the delegation.
        let itself = subject.as_deref().filter(|_| acts_as.is_empty());
        let way = match (who, itself) {
            (Kind::ServiceAccount(key), itself) => {
                Way::Key(Box::new(Key::new(*key, itself, client.clone(), time).await?))
            }
            (Kind::External(external), None) => Way::External(external),
            (Kind::External(_), Some(_)) => return Err(cannot("an identity without a service account")),
            (Kind::User(user), None) => Way::User(user),
            (Kind::User(_), Some(_)) => return Err(cannot("an authorised user")),
            (Kind::Impersonated(_), _) => return Err(bad("the credentials act as one another")),
        };
        Ok(Self { way, acts_as, steps: Steps { client, time }, scope, subject, endpoints })
    }

    pub(super) async fn fetch(&self, now: Timestamp) -> Result<Token, Error> {
        let Some((last, before)) = self.acts_as.split_last() else { return self.own(&self.scope, now).await };
        let mut token = self.own(CLOUD_SCOPE, now).await?.token;
        for account in before {
            token = self.impersonated(account, CLOUD_SCOPE, &token, now).await?.token;
        }
        match &self.subject {
            None => self.impersonated(last, &self.scope, &token, now).await,
            Some(subject) => self.delegated(last, subject, &token, now).await,
        }
    }

    /// The token of whoever signs in.
    async fn own(&self, scope: &str, now: Timestamp) -> Result<Token, Error> {
        match &self.way {
            Way::Key(key) => key.token(scope, now).await,
            // It has the scopes that its user agreed to.
            Way::User(user) => self.refreshed(user, now).await,
            Way::External(external) => self.federated(external, scope, now).await,
        }
    }

    async fn refreshed(&self, user: &User, now: Timestamp) -> Result<Token, Error> {
        let pairs = [
            ("client_id", user.client_id.as_str()),
            ("client_secret", user.client_secret.expose()),
            ("refresh_token", user.refresh_token.expose()),
            ("grant_type", "refresh_token"),
        ];
        let address = trusted("token endpoint", &self.endpoints.token)?;
        self.steps.form(Step::Refresh, &address, &pairs, now).await?.token()
    }

    /// The provider's token for a federated one.
    async fn federated(&self, external: &External, scope: &str, now: Timestamp) -> Result<Token, Error> {
        // Fetched each time: GitHub's is good for five minutes.
        let subject_token = self.steps.subject_token(&external.source, now).await?;
        let pairs = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("audience", external.audience.as_str()),
            ("scope", scope),
            ("subject_token_type", external.subject_token_type.as_str()),
            ("subject_token", subject_token.expose()),
        ];
        self.steps.form(Step::Exchange, &external.token_url, &pairs, now).await?.token()
    }

    async fn impersonated(
        &self,
        account: &ActsAs,
        scope: &str,
        token: &Secret,
        now: Timestamp,
    ) -> Result<Token, Error> {
        let body = json!({ "delegates": account.delegates, "scope": [scope], "lifetime": "3600s" });
        let answer = self.steps.json(Step::ActingAs, account.address.clone(), token, &body, now).await?;
        let token = answer.text(&["accessToken"])?;
        let ends: Option<Timestamp> =
            answer.0.get("expireTime").and_then(Value::as_str).and_then(|t| t.parse().ok());
        Ok(Token { token, lives: ends.map_or(USUAL_LIFE, |ends| ends.since(now)) })
    }

    /// Domain-wide delegation without a key: Google signs the claim that a key would sign, and the claim is
    /// exchanged for a token of the user's.
    async fn delegated(
        &self,
        account: &ActsAs,
        subject: &str,
        token: &Secret,
        now: Timestamp,
    ) -> Result<Token, Error> {
        let seconds = now.as_millis() / 1_000;
        let claim = json!({
            "iss": account.account().unwrap_or_default(),
            "sub": subject,
            "scope": self.scope,
            "aud": self.endpoints.token,
            "iat": seconds,
            "exp": seconds + 3_600,
        });
        let body = json!({ "delegates": account.delegates, "payload": claim.to_string() });
        let signed = self.steps.json(Step::Signing, account.signing(), token, &body, now).await?;
        let assertion = signed.text(&["signedJwt"])?;
        let pairs = [("grant_type", JWT_BEARER), ("assertion", assertion.expose())];
        let address = trusted("token endpoint", &self.endpoints.token)?;
        self.steps.form(Step::Claim, &address, &pairs, now).await?.token()
    }
}

/// The requests of a sign-in.
struct Steps {
    client: Client,
    /// How long a step may take.
    time: Duration,
}

/// What a step answered.
struct Stepped(Value);

impl Stepped {
    fn text(&self, names: &[&str]) -> Result<Secret, Error> {
        names
            .iter()
            .find_map(|name| self.0.get(name)?.as_str())
            .filter(|text| !text.is_empty())
            .map(Secret::new)
            .ok_or_else(|| bad(format!("Google's sign-in answered without `{}`", names.join("`, `"))))
    }

    fn token(&self) -> Result<Token, Error> {
        let seconds = self.0.get("expires_in").and_then(Value::as_u64);
        let lives = seconds.map_or(USUAL_LIFE, Duration::from_secs);
        Ok(Token { token: self.text(&["access_token"])?, lives })
    }
}

impl Steps {
    async fn form(
        &self,
        step: Step,
        to: &Url,
        pairs: &[(&str, &str)],
        now: Timestamp,
    ) -> Result<Stepped, Error> {
        let mut body = to.clone();
        body.query_pairs_mut().clear().extend_pairs(pairs);
        let request = self
            .client
            .post(to.clone())
            .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.query().unwrap_or_default().to_owned());
        self.send(step, request, now).await
    }

    async fn json(
        &self,
        step: Step,
        to: Url,
        token: &Secret,
        body: &Value,
        now: Timestamp,
    ) -> Result<Stepped, Error> {
        let bearer =
            token.bearer().map_err(|_| bad(format!("{} answered with a token that is none", step.name())))?;
        let request = self
            .client
            .post(to)
            .header(http::header::AUTHORIZATION, bearer)
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(body.to_string());
        self.send(step, request, now).await
    }

    async fn send(
        &self,
        step: Step,
        request: reqwest::RequestBuilder,
        now: Timestamp,
    ) -> Result<Stepped, Error> {
        let answer = self.body(step, request, now).await?;
        serde_json::from_slice(&answer)
            .map(Stepped)
            .map_err(|_| bad(format!("{} answered with no JSON", step.name())))
    }

    async fn body(
        &self,
        step: Step,
        request: reqwest::RequestBuilder,
        now: Timestamp,
    ) -> Result<Vec<u8>, Error> {
        let answer = request.timeout(self.time).send().await;
        let answer = answer.map_err(|error| step.named(refusal::unanswered(&error)))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.map_err(|error| step.named(refusal::unanswered(&error)))?;
        if status.is_success() { Ok(body.to_vec()) } else { Err(step.refused(status, &headers, &body, now)) }
    }

    async fn subject_token(&self, source: &SubjectSource, now: Timestamp) -> Result<Secret, Error> {
        let (text, form) = match source {
            SubjectSource::File(path, form) => {
                let text = tokio::fs::read(Path::new(path)).await;
                (text.map_err(|error| bad(format!("the identity in {path} cannot be read: {error}")))?, form)
            }
            SubjectSource::Address(address, headers, form) => {
                let request = self.client.get(address.clone()).headers(headers.clone());
                (self.body(Step::Identity, request, now).await?, form)
            }
        };
        let token = match form {
            Form::Text => String::from_utf8(text).ok(),
            Form::Json(field) => serde_json::from_slice::<Value>(&text)
                .ok()
                .and_then(|document| Some(document.get(field)?.as_str()?.to_owned())),
        };
        token
            .map(Secret::new)
            .filter(|token| !token.expose().is_empty())
            .ok_or_else(|| bad("what should hold the workload's identity holds none"))
    }
}
