//! One request to a provider over HTTP, and its answer as it streams in.

use std::collections::VecDeque;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

use super::conversation::Trouble;
use super::refusal::{self, Whom, Words};
use super::sse::Events;
use crate::services::http::Client;
use crate::services::secrets::Secret;

/// Bytes of a refusal that are read: its first sentence matters.
const REFUSAL_BYTES: usize = 64 * 1024;
/// Bytes of an answer that are read, streamed or not. The longest answers of any model have under one million.
const ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// Where a provider is, and how we show who we are.
#[derive(Clone)]
pub(super) struct Endpoint {
    pub(super) client: Client,
    pub(super) url: String,
    /// Headers of every request; the key's is marked as sensitive.
    pub(super) headers: HeaderMap,
    /// The key, to take it out of whatever comes back.
    pub(super) key: Option<Secret>,
    pub(super) whom: Whom,
}

/// The provider said no before anything streamed.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    headers: HeaderMap,
    pub(super) words: Words,
}

impl Refusal {
    /// Whether the request itself was found wrong, which another form of it may not be.
    pub(super) const fn is_about_the_request(&self) -> bool {
        matches!(self.status, 400 | 422)
    }

    pub(super) fn trouble(&self, whom: &Whom) -> Trouble {
        refusal::trouble(self.status, &self.headers, &self.words, whom)
    }
}

/// An answer, coming in.
pub(super) struct Incoming<'a> {
    response: reqwest::Response,
    events: Events,
    ready: VecDeque<String>,
    read: usize,
    endpoint: &'a Endpoint,
}

impl Endpoint {
    /// Sends a request that may take `time`. The outer error is trouble on the way.
    pub(super) async fn post(
        &self,
        body: &Value,
        time: Duration,
    ) -> Result<Result<Incoming<'_>, Refusal>, Trouble> {
        let request = self
            .client
            .post(&self.url)
            .headers(self.headers.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(ACCEPT, HeaderValue::from_static("text/event-stream, application/json"))
            .timeout(time)
            .body(body.to_string());
        let response = request.send().await.map_err(|error| self.lost(&error))?;
        let status = response.status();
        let incoming =
            Incoming { response, events: Events::default(), ready: VecDeque::new(), read: 0, endpoint: self };
        if status.is_success() {
            return Ok(Ok(incoming));
        }
        let headers = incoming.response.headers().clone();
        // A refusal whose words are lost on the way is still a refusal.
        let words = incoming.beginning(REFUSAL_BYTES).await.unwrap_or_default();
        Ok(Err(Refusal { status: status.as_u16(), headers, words: Words::read(&self.without_key(&words)) }))
    }

    /// What an error event in a stream means.
    pub(super) fn in_stream(&self, error: &Value) -> Trouble {
        let mut words = Words::of(error);
        words.message = self.without_key(&words.message);
        refusal::in_stream(&words, &self.whom)
    }

    pub(super) fn cut(&self) -> Trouble {
        refusal::cut(&self.whom.name)
    }

    pub(super) fn nonsense(&self, what: &str) -> Trouble {
        refusal::nonsense(&self.whom.name, what)
    }

    fn without_key(&self, text: &str) -> String {
        match &self.key {
            Some(key) if !key.expose().is_empty() => text.replace(key.expose(), "[secret]"),
            _ => text.to_owned(),
        }
    }

    fn lost(&self, error: &reqwest::Error) -> Trouble {
        let what = if error.is_timeout() {
            "no answer in time"
        } else if error.is_connect() {
            "no connection"
        } else {
            "the connection broke off"
        };
        refusal::lost(&self.whom.name, what)
    }
}

impl Incoming<'_> {
    /// Whether it comes as a stream of events; otherwise it is one JSON document.
    pub(super) fn is_stream(&self) -> bool {
        let kind = self.response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/event-stream"))
    }

    /// The data of the next event; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<String>, Trouble> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            let piece = match self.response.chunk().await {
                Ok(Some(piece)) => piece,
                Ok(None) => return Ok(None),
                Err(error) if error.is_timeout() => return Err(self.endpoint.lost(&error)),
                Err(_) => return Err(self.endpoint.cut()),
            };
            self.read += piece.len();
            match self.events.take(&piece) {
                Ok(events) if self.read <= ANSWER_BYTES => self.ready.extend(events),
                _ => return Err(self.endpoint.nonsense("it does not end")),
            }
        }
    }

    /// The whole of it, where it is no stream.
    pub(super) async fn whole(self) -> Result<String, Trouble> {
        let endpoint = self.endpoint;
        self.beginning(ANSWER_BYTES).await.ok_or_else(|| endpoint.cut())
    }

    async fn beginning(mut self, most: usize) -> Option<String> {
        let mut text = Vec::new();
        while let Some(piece) = self.response.chunk().await.ok()? {
            text.extend_from_slice(&piece);
            if text.len() >= most {
                text.truncate(most);
                break;
            }
        }
        Some(String::from_utf8_lossy(&text).into_owned())
    }
}
