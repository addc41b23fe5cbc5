//! Opens issues, and fetches what lies on other servers of GitHub's, to which our token is not carried on.

use std::sync::Arc;

use async_trait::async_trait;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{Method, StatusCode, Uri};
use serde::Deserialize;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use super::address::{Base, with_query};
use super::{ACTIONS_READ, Api, CONTENTS_READ, ISSUES_WRITE, PAGE, body, shapes};
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::services::credential::Credential;
use crate::services::github::{Fetched, Issue, LocalCopy, MadeFile, Making, Source};

/// Fetches files.
pub(super) struct Fetcher {
    client: reqwest::Client,
    base: Base,
    credential: Arc<Credential>,
}

impl Fetcher {
    pub(super) const fn new(client: reqwest::Client, base: Base, credential: Arc<Credential>) -> Self {
        Self { client, base, credential }
    }

    /// Writes what an address leads to into a temporary file. The client drops the token where it is led to another
    /// host.
    async fn fetch(&self, address: &str, accept: &'static str, most: u64) -> Result<Fetched, Failure> {
        let lost = |_| Failure::transient("github_unreachable", "a file could not be fetched from GitHub");
        let request = self
            .client
            .get(address)
            .header(AUTHORIZATION, self.credential.bearer().await?)
            .header(ACCEPT, accept)
            .header("x-github-api-version", "2022-11-28");
        let mut answer = request.send().await.map_err(lost)?;
        match answer.status() {
            StatusCode::OK => {}
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                return Err(Failure::transient("github_unreachable", format!("GitHub answered {status}")));
            }
            _ => return Ok(Fetched::Gone),
        }
        if answer.content_length().is_some_and(|length| length > most) {
            return Ok(Fetched::TooLarge);
        }
        let copy = LocalCopy::begin()?;
        let failed = |error: std::io::Error| {
            Failure::transient("no_room", format!("a copy cannot be written: {error}"))
        };
        let mut file = tokio::fs::File::create(copy.path()).await.map_err(failed)?;
        let mut size = 0;
        while let Some(piece) = answer.chunk().await.map_err(lost)? {
            size += piece.len() as u64;
            if size > most {
                return Ok(Fetched::TooLarge);
            }
            file.write_all(&piece).await.map_err(failed)?;
        }
        file.flush().await.map_err(failed)?;
        Ok(Fetched::Here(copy.of(size)))
    }

    fn resolve(&self, route: &str) -> Result<String, Failure> {
        let uri: Uri = route.parse().map_err(|_| Failure::permanent("bug", "a route is no address"))?;
        self.base.resolve(&uri).ok_or_else(|| Failure::permanent("bug", "a route leads elsewhere"))
    }
}

#[derive(Deserialize)]
struct Asset {
    id: u64,
    name: String,
    #[serde(default)]
    size: u64,
}

#[derive(Deserialize)]
struct Artifacts {
    artifacts: Vec<Artifact>,
}

#[derive(Deserialize)]
struct Artifact {
    id: u64,
    name: String,
    #[serde(default)]
    size_in_bytes: u64,
    #[serde(default)]
    expired: bool,
}

#[async_trait]
impl Making for Api {
    async fn open_issue(&self, title: &str, text: &str, labels: &[String]) -> Result<Issue, Failure> {
        body::check(text)?;
        let wanted = json!({ "title": title, "body": text, "labels": labels });
        let route = self.route(&["issues"])?;
        let answer = self.exchange.write(Method::POST, &route, Some(&wanted), ISSUES_WRITE).await?;
        Ok(self.exchange.success(answer, ISSUES_WRITE)?.json::<shapes::Issue>()?.into())
    }

    async fn rewrite_issue(&self, issue: IssueNumber, text: &str) -> Result<(), Failure> {
        body::check(text)?;
        self.change_issue(issue, &json!({ "body": text })).await.map(drop)
    }

    fn web(&self) -> String {
        self.fetcher.base.web()
    }

    async fn assets(&self, release: u64) -> Result<Option<Vec<MadeFile>>, Failure> {
        let route = with_query(&self.route(&["releases", &release.to_string(), "assets"])?, &[PAGE]);
        let first = self.exchange.get(&route, CONTENTS_READ).await?;
        if first.is_gone() {
            return Ok(None);
        }
        let found: Vec<Asset> = self.exchange.list(&route, CONTENTS_READ).await?;
        let made =
            |asset: Asset| MadeFile { source: Source::Asset(asset.id), name: asset.name, size: asset.size };
        Ok(Some(found.into_iter().map(made).collect()))
    }

    async fn artifacts(&self, run: u64) -> Result<Option<Vec<MadeFile>>, Failure> {
        let route = with_query(&self.route(&["actions", "runs", &run.to_string(), "artifacts"])?, &[PAGE]);
        let first = self.exchange.get(&route, ACTIONS_READ).await?;
        if first.is_gone() {
            return Ok(None);
        }
        let pages: Vec<Artifacts> = self.exchange.pages(&route, ACTIONS_READ).await?;
        let found = pages.into_iter().flat_map(|page| page.artifacts).filter(|artifact| !artifact.expired);
        let made = |artifact: Artifact| MadeFile {
            source: Source::Artifact(artifact.id),
            // GitHub packs every artifact.
            name: format!("{}.zip", artifact.name),
            size: artifact.size_in_bytes,
        };
        Ok(Some(found.map(made).collect()))
    }

    async fn fetch(&self, source: &Source, most: u64) -> Result<Fetched, Failure> {
        self.exchange.admit().await?;
        let json = "application/vnd.github+json";
        match source {
            // Its address was checked to be GitHub's own when it was read.
            Source::Attachment(attachment) => self.fetcher.fetch(attachment.address(), "*/*", most).await,
            Source::Asset(id) => {
                let route = self.route(&["releases", "assets", &id.to_string()])?;
                self.fetcher.fetch(&self.fetcher.resolve(&route)?, "application/octet-stream", most).await
            }
            Source::Artifact(id) => {
                let route = self.route(&["actions", "artifacts", &id.to_string(), "zip"])?;
                self.fetcher.fetch(&self.fetcher.resolve(&route)?, json, most).await
            }
        }
    }
}
