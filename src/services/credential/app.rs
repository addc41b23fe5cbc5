//! A GitHub App: signs who it is with its private key, and has GitHub give it a token for one repository.
//!
//! See "Authenticating as a GitHub App installation" and "Generating a JSON Web Token for a GitHub App" in GitHub's
//! documentation: RS256, `iat` a minute back for clocks that differ, `exp` at most ten minutes ahead; a token lives for an hour.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue, USER_AGENT};
use reqwest::{RequestBuilder, Response};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::domain::failure::{Failure, FailureClass};
use crate::domain::id::RepositoryName;
use crate::domain::time::Timestamp;
use crate::services::clock::Clock;
use crate::services::http::{self as client, Client};
use crate::services::secrets::Secret;

/// How far back what we sign begins: GitHub advises a minute, for clocks that differ.
const BACK: Duration = Duration::from_secs(60);
/// How long what we sign holds: GitHub takes ten minutes at most, of which our clock may be a minute ahead.
const HOLDS: Duration = Duration::from_secs(8 * 60);
/// A token is not used in its last minutes: what is sent with it may take as long as a large push.
const LAST_MINUTES: Duration = Duration::from_secs(10 * 60);
/// Waits before GitHub is asked once more; a run waits for this before anything else.
const WAITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];
/// How long GitHub may take to take a token back: the run is over.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a token is asked for, of what the installation may do: as much as some feature needs, whatever else the App was given.
/// The names are those of `app-permissions` in GitHub's description.
const NEEDED: [(&str, &str); 11] = [
    // To see what protects a branch.
    ("administration", "read"),
    // To start the next run.
    ("actions", "write"),
    ("checks", "write"),
    ("contents", "write"),
    ("issues", "write"),
    ("members", "read"),
    ("metadata", "read"),
    ("organization_projects", "write"),
    ("pull_requests", "write"),
    ("repository_projects", "write"),
    ("statuses", "read"),
];
/// How the names of those begin that GitHub added for types and fields of issues, which its description does not list yet.
const OF_ISSUES: [&str; 2] = ["issue_", "organization_issue_"];
/// Letters of GitHub's own words that are told.
const WORDS: usize = 200;
/// The code of the failure when GitHub gives the App no token.
const REFUSED: &str = "app_refused";

/// What an App is made of.
pub struct Setup {
    /// Its client id, or its number.
    pub id: String,
    /// Its private key as GitHub gives it, PEM.
    pub key: Secret,
    /// The repository worked for.
    pub repository: RepositoryName,
    /// The value of `GITHUB_API_URL`.
    pub api_url: String,
    /// Learns of every token before it is used, so that a runner can mask it.
    pub got: Box<dyn Fn(&Secret) + Send + Sync>,
}

/// An App, and the token that it has.
pub struct App {
    setup: Setup,
    signer: RsaKeyPair,
    client: Client,
    clock: Arc<dyn Clock>,
    held: Mutex<Option<Held>>,
}

struct Held {
    token: Secret,
    ends: Timestamp,
    permissions: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Installation {
    id: u64,
    permissions: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Granted {
    token: String,
    expires_at: String,
    #[serde(default)]
    permissions: BTreeMap<String, String>,
}

impl App {
    /// Reads the key; nothing is sent yet.
    ///
    /// # Errors
    /// Permanent, when the key is none.
    pub fn new(setup: Setup, client: Client, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let signer = signer(&setup.key)?;
        Ok(Self { setup, signer, client, clock, held: Mutex::new(None) })
    }

    /// The token that we have, or another one where that is about to end.
    pub(super) async fn token(&self) -> Result<Secret, Failure> {
        // Whoever comes meanwhile waits and takes the same.
        let mut held = self.held.lock().await;
        let needed_until = self.clock.now().plus(LAST_MINUTES);
        if let Some(held) = held.as_ref().filter(|held| held.ends > needed_until) {
            return Ok(held.token.clone());
        }
        let got = self.patiently().await?;
        (self.setup.got)(&got.token);
        let token = got.token.clone();
        *held = Some(got);
        Ok(token)
    }

    /// What its installation may do, by GitHub's names.
    pub(super) async fn permissions(&self) -> Result<BTreeMap<String, String>, Failure> {
        self.token().await?;
        Ok(self.held.lock().await.as_ref().map(|held| held.permissions.clone()).unwrap_or_default())
    }

    async fn patiently(&self) -> Result<Held, Failure> {
        for wait in WAITS {
            match self.ask().await {
                Err(failure) if failure.class == FailureClass::Transient => self.clock.sleep(wait).await,
                settled => return settled,
            }
        }
        self.ask().await
    }

    async fn ask(&self) -> Result<Held, Failure> {
        let (api, repository) = (self.setup.api_url.trim_end_matches('/'), &self.setup.repository);
        let found = self.send(self.client.get(format!("{api}/repos/{repository}/installation"))).await?;
        let installation: Installation = read(found).await?;
        let address = format!("{api}/app/installations/{}/access_tokens", installation.id);
        let post = |wanted: serde_json::Value| self.send(self.client.post(&address).json(&wanted));
        // For this repository alone, whatever else the App is installed on, and with no more than is needed.
        let needed = installation.permissions.as_ref().map(needed).filter(|needed| !needed.is_empty());
        let least = json!({ "repositories": [repository.name()], "permissions": &needed });
        let usual = json!({ "repositories": [repository.name()] });
        let answer = match post(if needed.is_some() { least } else { usual.clone() }).await {
            // It was given others meanwhile, or GitHub knows one of the names no more: better a token than none.
            Err(failure) if failure.code == REFUSED && needed.is_some() => post(usual).await?,
            settled => settled?,
        };
        let granted: Granted = read(answer).await?;
        let ends = granted.expires_at.parse().map_err(|_| unreadable())?;
        let permissions = installation.permissions.unwrap_or(granted.permissions);
        Ok(Held { token: Secret::new(granted.token), ends, permissions })
    }

    /// Has GitHub take back the token that we have, so that nobody can use it any more. Where that fails it ends by itself,
    /// within the hour.
    pub(super) async fn give_back(&self) {
        let Some(held) = self.held.lock().await.take() else { return };
        let Ok(bearer) = held.token.bearer() else { return };
        let address = format!("{}/installation/token", self.setup.api_url.trim_end_matches('/'));
        let request = dressed(self.client.delete(address), bearer).timeout(PATIENCE);
        let is_taken = request.send().await.is_ok_and(|answer| answer.status().is_success());
        if !is_taken {
            tracing::debug!("GitHub did not take the App's token back; it ends within the hour");
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let request = dressed(request, self.signed()?);
        let lost = |_| {
            Failure::transient("github_unreachable", "GitHub did not answer when its App asked for a token.")
        };
        let response = request.send().await.map_err(lost)?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        // GitHub limits by 403 as well as by 429; the first says no more than the second then.
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let is_limited = header("retry-after").is_some() || header("x-ratelimit-remaining") == Some("0");
        let said = response.text().await.unwrap_or_default();
        Err(self.refused(status, is_limited, &said))
    }

    fn refused(&self, status: StatusCode, is_limited: bool, said: &str) -> Failure {
        let said = serde_json::from_str::<serde_json::Value>(said).ok();
        let said = said.as_ref().and_then(|said| said["message"].as_str()).unwrap_or("nothing more");
        let said = crate::domain::untrusted::one_line(said, WORDS);
        let (id, repository) = (&self.setup.id, &self.setup.repository);
        match status {
            StatusCode::UNAUTHORIZED => Failure::permanent(
                "bad_credentials",
                format!("GitHub does not take the private key for the App {id}: {said}"),
            )
            .hint("Look whether id and key are of the same App, whether the key was deleted, and whether this machine's clock is right."),
            StatusCode::NOT_FOUND => Failure::permanent(
                "app_not_installed",
                format!("The App {id} is not installed on {repository}: {said}"),
            )
            .hint("Install it on the repository: in the App's settings, under Install App."),
            StatusCode::FORBIDDEN | StatusCode::UNPROCESSABLE_ENTITY if !is_limited => Failure::permanent(
                REFUSED,
                format!("GitHub gives the App {id} no token for {repository}: {said}"),
            )
            .hint("Look whether its installation is suspended, and which repositories it was given."),
            status => Failure::transient(
                "github_unreachable",
                format!("GitHub answered {status} when the App {id} asked for a token: {said}"),
            ),
        }
    }

    /// Who we are, signed.
    fn signed(&self) -> Result<HeaderValue, Failure> {
        let seconds = |at: Timestamp| at.as_millis().div_euclid(1_000);
        let now = self.clock.now();
        let claims = json!({
            "iat": seconds(now.minus(BACK)),
            "exp": seconds(now.plus(HOLDS)),
            "iss": self.setup.id,
        });
        let head = URL_SAFE_NO_PAD.encode(json!({ "alg": "RS256", "typ": "JWT" }).to_string());
        let text = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mut signature = vec![0; self.signer.public().modulus_len()];
        self.signer
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| bad_key("it cannot sign"))?;
        let signed = Secret::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)));
        signed.bearer().map_err(|_| bad_key("what it signs cannot be sent"))
    }
}

/// What is needed of what an installation may do.
fn needed(granted: &BTreeMap<String, String>) -> BTreeMap<&str, &str> {
    let wanted = |(name, level): (&'static str, &'static str)| {
        let has = granted.get(name)?.as_str();
        // Who may do less is asked for that: GitHub refuses whatever the installation does not have.
        Some((name, if has == "read" { has } else { level }))
    };
    let of_issues = granted.iter().filter(|(name, _)| OF_ISSUES.iter().any(|begin| name.starts_with(begin)));
    let of_issues = of_issues.map(|(name, level)| (name.as_str(), level.as_str()));
    NEEDED.into_iter().filter_map(wanted).chain(of_issues).collect()
}

fn dressed(request: RequestBuilder, authorization: HeaderValue) -> RequestBuilder {
    request
        .header(AUTHORIZATION, authorization)
        .header(USER_AGENT, client::USER_AGENT)
        .header(ACCEPT, "application/vnd.github+json")
        .header("x-github-api-version", "2022-11-28")
}

fn signer(key: &Secret) -> Result<RsaKeyPair, Failure> {
    // Forms and variables often keep the ends of its lines as two letters.
    let text = Zeroizing::new(key.expose().replace("\\n", "\n"));
    let key = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| bad_key("it is no PEM"))?;
    let key = Zeroizing::new(key);
    let signer = match &*key {
        PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
        _ => return Err(bad_key("it is no RSA key")),
    };
    signer.map_err(|error| bad_key(&format!("it is no RSA key that can be used: {error}")))
}

fn bad_key(problem: &str) -> Failure {
    Failure::permanent("bad_credentials", format!("The App's private key cannot be used: {problem}."))
        .hint("Hand in the whole file that GitHub gave, from -----BEGIN to END-----.")
}

async fn read<T: serde::de::DeserializeOwned>(response: Response) -> Result<T, Failure> {
    response.json().await.map_err(|_| unreadable())
}

fn unreadable() -> Failure {
    Failure::transient("unreadable_answer", "GitHub's answer about a token for its App cannot be read.")
}
