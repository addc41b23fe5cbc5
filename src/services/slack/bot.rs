//! Slack over its Web API with a bot's token: messages are edited in place, stand in threads, and are found again by their
//! metadata.

use std::sync::Arc;

use async_trait::async_trait;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};

use super::pace::Pace;
use super::{Account, LOST_MESSAGE, Message, Post, Posted, Slack, refusal};
use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::services::clock::Clock;
use crate::services::http::Client;
use crate::services::secrets::Secret;
use crate::services::uses::Noting;

/// What the metadata of our messages is called. Slack allows letters, digits and underscores.
const EVENT_TYPE: &str = "automata_effect";
/// Messages that a page of a listing has at most, as Slack advises.
const PAGE: &str = "200";
/// Pages that are looked through for a message of ours: a busy channel has few hundred messages in an hour.
const MOST_PAGES: usize = 20;
/// Slack's clock may be behind ours by this much.
const SKEW: std::time::Duration = std::time::Duration::from_secs(300);

/// A workspace's bot.
pub struct Bot {
    client: Client,
    url: String,
    authorization: HeaderValue,
    variable: String,
    pace: Pace,
    noting: Noting,
}

/// What every answer has.
#[derive(Deserialize)]
struct Answer {
    ok: bool,
    #[serde(default)]
    error: String,
    needed: Option<String>,
    channel: Option<Value>,
    ts: Option<String>,
    #[serde(default)]
    messages: Vec<Listed>,
    response_metadata: Option<Cursor>,
    /// Who asks, of `auth.test`.
    user: Option<String>,
    team: Option<String>,
}

#[derive(Deserialize)]
struct Cursor {
    #[serde(default)]
    next_cursor: String,
}

/// A message in a listing.
#[derive(Deserialize)]
struct Listed {
    ts: String,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    event_type: String,
    #[serde(default)]
    event_payload: Value,
}

impl Bot {
    /// A bot; nothing is sent yet. `url` is what stands before `/chat.postMessage`, `variable` the name of the environment
    /// variable that holds the token, for messages. `client` must not follow redirects.
    ///
    /// # Errors
    /// When the token cannot be one.
    pub fn new(
        client: Client,
        url: &str,
        token: &Secret,
        variable: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, http::header::InvalidHeaderValue> {
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self {
            client,
            url,
            authorization: token.bearer()?,
            variable: variable.to_owned(),
            pace: Pace::new(clock),
            noting: Noting::default(),
        })
    }

    /// Its token's use is noted.
    #[must_use]
    pub fn noting(self, noting: Noting) -> Self {
        Self { noting, ..self }
    }

    /// Calls a method that changes something.
    async fn call(&self, method: &str, body: &Value) -> Result<Answer, Failure> {
        let request = self
            .client
            .post(format!("{}/{method}", self.url))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))
            .body(body.to_string());
        self.send(request).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, Failure> {
        self.exchange(request).await.map(|(_, answer)| answer)
    }

    async fn exchange(&self, request: reqwest::RequestBuilder) -> Result<(HeaderMap, Answer), Failure> {
        self.noting.note();
        let sent = request.header(AUTHORIZATION, self.authorization.clone()).send().await;
        let response = sent.map_err(|error| refusal::unanswered(&error))?;
        let (status, now) = (response.status(), self.pace.now());
        if let Some(until) = refusal::quiet_until(status, response.headers(), now) {
            self.pace.be_quiet_until(until);
        }
        if !status.is_success() {
            return Err(refusal::of_status(status, response.headers(), now));
        }
        let headers = response.headers().clone();
        let body = response.bytes().await.map_err(|error| refusal::unanswered(&error))?;
        let answer = serde_json::from_slice(&body).map_err(|_| {
            Failure::permanent("slack_refused", "what answered is not Slack: it speaks no JSON")
                .hint("Look at `slack.url` of the configuration.")
        })?;
        Ok((headers, answer))
    }

    fn refused(&self, answer: &Answer, channel: &str) -> Failure {
        let (word, needed) = (answer.error.as_str(), answer.needed.as_deref());
        refusal::of_word(word, needed, &self.variable, channel, self.pace.now())
    }
}

#[async_trait]
impl Slack for Bot {
    fn can_edit(&self) -> bool {
        true
    }

    /// By `auth.test` (docs.slack.dev/reference/methods/auth.test), which needs no scope; Slack names those of the token in a
    /// header of every answer.
    async fn account(&self) -> Result<Option<Account>, Failure> {
        let request = self.client.post(format!("{}/auth.test", self.url));
        let (headers, answer) = self.exchange(request).await?;
        if !answer.ok {
            return Err(self.refused(&answer, ""));
        }
        let scopes = headers.get("x-oauth-scopes").and_then(|scopes| scopes.to_str().ok()).map(|scopes| {
            scopes.split(',').map(|scope| scope.trim().to_owned()).filter(|scope| !scope.is_empty()).collect()
        });
        let known = |name: Option<String>| name.unwrap_or_default();
        Ok(Some(Account { bot: known(answer.user), team: known(answer.team), scopes }))
    }

    fn expect(&self, channel: &str) -> Result<(), Failure> {
        self.pace.expect(channel)
    }

    async fn post(&self, post: &Post<'_>) -> Result<Posted, Failure> {
        let _turn = self.pace.admit(post.channel).await?;
        let mut body = json!({
            "channel": post.channel,
            "text": post.message.text,
            "blocks": post.message.blocks,
            "unfurl_links": false,
            "unfurl_media": false,
            "metadata": { "event_type": EVENT_TYPE, "event_payload": { "effect": post.effect } },
        });
        if let Some(thread) = post.thread {
            body["thread_ts"] = json!(thread);
            body["reply_broadcast"] = json!(post.broadcast);
        }
        let answer = self.call("chat.postMessage", &body).await?;
        if !answer.ok {
            return Err(self.refused(&answer, post.channel));
        }
        let channel = answer.channel.as_ref().and_then(Value::as_str).unwrap_or(post.channel).to_owned();
        Ok(Posted { channel, message: answer.ts })
    }

    async fn edit(&self, channel: &str, message: &str, says: &Message) -> Result<bool, Failure> {
        let _turn = self.pace.admit(channel).await?;
        let body = json!({ "channel": channel, "ts": message, "text": says.text, "blocks": says.blocks });
        let answer = self.call("chat.update", &body).await?;
        match answer.error.as_str() {
            _ if answer.ok => Ok(true),
            "message_not_found" | "cant_update_message" | "edit_window_closed" => Ok(false),
            _ => Err(self.refused(&answer, channel)),
        }
    }

    async fn find(
        &self,
        channel: &str,
        thread: Option<&str>,
        effect: &str,
        since: Timestamp,
    ) -> Result<Option<Posted>, Failure> {
        let millis = since.as_millis() - i64::try_from(SKEW.as_millis()).unwrap_or(0);
        let oldest = format!("{}.{:03}000", millis.div_euclid(1_000), millis.rem_euclid(1_000));
        let method = if thread.is_some() { "conversations.replies" } else { "conversations.history" };
        let mut cursor = String::new();
        for _ in 0..MOST_PAGES {
            let mut query = vec![
                ("channel", channel),
                ("include_all_metadata", "true"),
                ("inclusive", "true"),
                ("limit", PAGE),
                ("oldest", oldest.as_str()),
            ];
            query.extend(thread.map(|thread| ("ts", thread)));
            if !cursor.is_empty() {
                query.push(("cursor", cursor.as_str()));
            }
            let address = reqwest::Url::parse_with_params(&format!("{}/{method}", self.url), &query)
                .map_err(|_| Failure::permanent("slack_refused", "`slack.url` is no address"))?;
            let answer = self.send(self.client.get(address)).await?;
            if !answer.ok {
                return match answer.error.as_str() {
                    // With the thread its answers are gone.
                    "thread_not_found" => Ok(None),
                    _ => Err(self.refused(&answer, channel)),
                };
            }
            let is_it = |listed: &&Listed| {
                listed.metadata.as_ref().is_some_and(|metadata| {
                    metadata.event_type == EVENT_TYPE && metadata.event_payload["effect"] == effect
                })
            };
            if let Some(found) = answer.messages.iter().find(is_it) {
                return Ok(Some(Posted { channel: channel.to_owned(), message: Some(found.ts.clone()) }));
            }
            cursor = answer.response_metadata.map(|next| next.next_cursor).unwrap_or_default();
            if cursor.is_empty() {
                return Ok(None);
            }
        }
        let told = format!(
            "whether the message is in the channel {channel} cannot be found out: too much was said since"
        );
        Err(Failure::permanent(LOST_MESSAGE, told).hint(
            "Look there; what is missing is to be told by hand, and what happens next is told as always.",
        ))
    }
}
