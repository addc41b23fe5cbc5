//! The way from octocrab to the wire: one shared reqwest client, so that proxy, certificates, time-outs and
//! TLS are settled in one place for everything that Automata talks to.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, HeaderName, USER_AGENT};
use http::{HeaderValue, Method};
use octocrab::OctoBody;
use tower::{BoxError, Service};

use super::address::Base;
use crate::services::credential::Credential;

/// GitHub documents this media type and the version header for every call.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/vnd.github+json");
/// The REST API's version; GitHub supports each for two years after the next one.
const API_VERSION: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-github-api-version"), HeaderValue::from_static("2022-11-28"));
/// GitHub refuses calls without a user agent.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("automata/", env!("CARGO_PKG_VERSION")));

/// An address leads to another server; the token must not go there.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the address leads to another server")]
pub(super) struct Elsewhere;

/// Sends octocrab's requests.
#[derive(Clone)]
pub(super) struct Wire {
    pub(super) client: reqwest::Client,
    pub(super) base: Base,
    pub(super) credential: Arc<Credential>,
}

impl Service<http::Request<OctoBody>> for Wire {
    type Response = http::Response<reqwest::Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<OctoBody>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        // GraphQL lies outside the base's path, so it comes as an absolute address; so do next pages.
        let Some(address) = self.base.resolve(&parts.uri) else {
            return Box::pin(async { Err(Elsewhere.into()) });
        };
        parts.headers.insert(ACCEPT, MEDIA_TYPE);
        parts.headers.insert(API_VERSION.0, API_VERSION.1);
        parts.headers.insert(USER_AGENT, AGENT);
        let mut sent = self.client.request(parts.method.clone(), address);
        // octocrab says so of every request without a body; GitHub takes some deletions with one.
        let is_empty = parts.headers.get(CONTENT_LENGTH).is_some_and(|length| length == "0");
        if parts.method == Method::GET || (parts.method == Method::DELETE && is_empty) {
            parts.headers.remove(CONTENT_LENGTH);
        } else {
            sent = sent.body(reqwest::Body::wrap(body));
        }
        let credential = Arc::clone(&self.credential);
        Box::pin(async move {
            parts.headers.insert(AUTHORIZATION, credential.bearer().await?);
            Ok(sent.headers(parts.headers).send().await?.into())
        })
    }
}
