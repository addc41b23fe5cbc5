//! Slack over an incoming webhook: one address, one channel, no threads, no edits. What was posted cannot be looked up, so that
//! a message whose answer is lost is posted again: at least once.

use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::json;

use super::pace::Pace;
use super::{Message, Post, Posted, Slack, refusal};
use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::services::clock::Clock;
use crate::services::http::Client;
use crate::services::secrets::Secret;
use crate::services::uses::Noting;

/// Characters of a refusal that are shown.
const WORDS: usize = 100;

/// An incoming webhook. Its address is a secret: whoever has it can post.
pub struct Incoming {
    client: Client,
    url: Secret,
    variable: String,
    pace: Pace,
    noting: Noting,
}

impl Incoming {
    /// A webhook; nothing is sent yet. `variable` is the name of the environment variable that holds the address. `client`
    /// must not follow redirects.
    #[must_use]
    pub fn new(client: Client, url: Secret, variable: &str, clock: Arc<dyn Clock>) -> Self {
        let (variable, noting) = (variable.to_owned(), Noting::default());
        Self { client, url, variable, pace: Pace::new(clock), noting }
    }

    /// Its address's use is noted.
    #[must_use]
    pub fn noting(self, noting: Noting) -> Self {
        Self { noting, ..self }
    }
}

#[async_trait]
impl Slack for Incoming {
    fn can_edit(&self) -> bool {
        false
    }

    fn expect(&self, channel: &str) -> Result<(), Failure> {
        self.pace.expect(channel)
    }

    async fn post(&self, post: &Post<'_>) -> Result<Posted, Failure> {
        let _turn = self.pace.admit(post.channel).await?;
        let body = json!({
            "text": post.message.text,
            "blocks": post.message.blocks,
            "unfurl_links": false,
            "unfurl_media": false,
        });
        self.noting.note();
        let sent = self
            .client
            .post(self.url.expose())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))
            .body(body.to_string())
            .send()
            .await;
        let response = sent.map_err(|error| refusal::unanswered(&error))?;
        let (status, now) = (response.status(), self.pace.now());
        if let Some(until) = refusal::quiet_until(status, response.headers(), now) {
            self.pace.be_quiet_until(until);
        }
        if status.is_success() {
            return Ok(Posted { channel: post.channel.to_owned(), message: None });
        }
        let failure = refusal::of_status(status, response.headers(), now);
        if !failure.is_permanent() {
            return Err(failure);
        }
        // `invalid_payload`, `no_service`, `channel_is_archived`: a word or two.
        let words = one_line(&response.text().await.unwrap_or_default(), WORDS);
        Err(Failure::permanent(
            "slack_refused",
            format!("Slack's incoming webhook answered {status}: {words}"),
        )
        .hint(format!("Look at the address in {}: it may have been revoked.", self.variable)))
    }

    async fn edit(&self, _: &str, _: &str, _: &Message) -> Result<bool, Failure> {
        Ok(false)
    }

    async fn find(&self, _: &str, _: Option<&str>, _: &str, _: Timestamp) -> Result<Option<Posted>, Failure> {
        Ok(None)
    }
}
