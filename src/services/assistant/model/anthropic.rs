//! Anthropic's messages API, streamed.
//!
//! The shapes: <https://platform.claude.com/docs/en/api/messages-streaming>.

use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::conversation::{Conversation, Message, Reply, Stop, Tokens, ToolCall, ToolResult, Trouble, Turn};
use super::exchange::Endpoint;
use super::talk::Provider;
use super::tools::Sheet;
use super::{Settings, Unusable};
use crate::services::http::Client;
use crate::services::secrets::Secret;

/// Where Anthropic is.
pub const URL: &str = "https://api.anthropic.com";
/// The version of the API that the shapes here are of; there is no newer one.
const VERSION: &str = "2023-06-01";
/// Tokens of one answer where the settings name no limit; the API demands one. All models since 2025 take it, and a file
/// of a thousand lines fits.
const MOST_OUTPUT: u32 = 16_384;

/// Talks to the messages API.
pub(super) struct Messages {
    endpoint: Endpoint,
    model: String,
    most_output: u32,
}

impl Messages {
    pub(super) fn new(settings: &Settings, key: Option<Secret>, client: Client) -> Result<Self, Unusable> {
        let mut headers = HeaderMap::new();
        headers.insert("anthropic-version", HeaderValue::from_static(VERSION));
        if let Some(key) = &key {
            headers.insert("x-api-key", key.header().map_err(|_| settings.bad_key())?);
        }
        let url = settings.url.as_deref().unwrap_or(URL).trim_end_matches('/').trim_end_matches("/v1");
        let url = format!("{url}/v1/messages");
        let endpoint = Endpoint { client, url, headers, key, whom: settings.whom() };
        let most_output = settings.most_output.unwrap_or(MOST_OUTPUT);
        Ok(Self { endpoint, model: settings.model.clone(), most_output })
    }

    fn body(&self, conversation: &Conversation, tools: &[Sheet]) -> Value {
        let mut messages: Vec<Value> = conversation
            .messages
            .iter()
            .map(|message| match message {
                Message::Ours(text) => {
                    json!({ "role": "user", "content": [{ "type": "text", "text": text }] })
                }
                Message::Model(reply) => json!({ "role": "assistant", "content": reply.echo }),
                Message::Results(results) => {
                    json!({ "role": "user", "content": results.iter().map(result).collect::<Vec<_>>() })
                }
            })
            .collect();
        // What was sent before is read from the provider's cache at a tenth of the price: one mark behind our own
        // words, one behind the newest message.
        let mark = json!({ "type": "ephemeral" });
        if let Some(last) =
            messages.last_mut().and_then(|message| message["content"].as_array_mut()?.last_mut())
        {
            last["cache_control"] = mark.clone();
        }
        let system = json!([{ "type": "text", "text": conversation.system, "cache_control": mark }]);
        let tools: Vec<Value> = tools
            .iter()
            .map(|tool| json!({ "name": tool.name, "description": tool.about, "input_schema": tool.parameters }))
            .collect();
        json!({
            "model": self.model, "max_tokens": self.most_output, "system": system, "messages": messages,
            "tools": tools, "stream": true,
        })
    }
}

fn result(result: &ToolResult) -> Value {
    let mut block = json!({ "type": "tool_result", "tool_use_id": result.call, "content": result.text });
    if result.is_error {
        block["is_error"] = json!(true);
    }
    block
}

#[async_trait]
impl Provider for Messages {
    async fn ask(
        &self,
        conversation: &Conversation,
        tools: &[Sheet],
        time: Duration,
    ) -> Result<Turn, Trouble> {
        let mut incoming = match self.endpoint.post(&self.body(conversation, tools), time).await? {
            Ok(incoming) => incoming,
            Err(refusal) => return Err(refusal.trouble(&self.endpoint.whom)),
        };
        if !incoming.is_stream() {
            return Err(self.endpoint.nonsense("no stream of events"));
        }
        let mut heard = Heard::default();
        while let Some(data) = incoming.next().await? {
            let event: Value =
                serde_json::from_str(&data).map_err(|_| self.endpoint.nonsense("an event without JSON"))?;
            match event["type"].as_str() {
                Some("error") => return Err(self.endpoint.in_stream(&event)),
                Some("message_stop") => return heard.turn(&self.endpoint),
                _ => heard.take(&event),
            }
        }
        Err(self.endpoint.cut())
    }
}

/// What has come in so far.
#[derive(Default)]
struct Heard {
    blocks: Vec<Block>,
    stop: Option<String>,
    /// Counts are totals so far, not additions.
    tokens: Option<Tokens>,
}

/// A block of content that comes in pieces.
#[derive(Default)]
struct Block {
    index: u64,
    /// As it began.
    begun: Value,
    /// Text, thought or JSON, whichever it is.
    text: String,
    signature: String,
}

impl Heard {
    fn take(&mut self, event: &Value) {
        match event["type"].as_str() {
            Some("message_start") => self.count(&event["message"]["usage"]),
            Some("content_block_start") => self.blocks.push(Block {
                index: event["index"].as_u64().unwrap_or(0),
                begun: event["content_block"].clone(),
                ..Block::default()
            }),
            Some("content_block_delta") => {
                let index = event["index"].as_u64().unwrap_or(0);
                let Some(block) = self.blocks.iter_mut().rfind(|block| block.index == index) else { return };
                let delta = &event["delta"];
                for name in ["text", "partial_json", "thinking"] {
                    block.text.push_str(delta[name].as_str().unwrap_or_default());
                }
                block.signature.push_str(delta["signature"].as_str().unwrap_or_default());
            }
            Some("message_delta") => {
                if let Some(stop) = event["delta"]["stop_reason"].as_str() {
                    self.stop = Some(stop.to_owned());
                }
                self.count(&event["usage"]);
            }
            // `ping`, `content_block_stop`, and what may be added one day.
            _ => {}
        }
    }

    fn count(&mut self, usage: &Value) {
        let counted = self.tokens.get_or_insert_default();
        for (kept, name) in [
            (&mut counted.input, "input_tokens"),
            (&mut counted.cache_read, "cache_read_input_tokens"),
            (&mut counted.cache_written, "cache_creation_input_tokens"),
            (&mut counted.output, "output_tokens"),
        ] {
            if let Some(number) = usage[name].as_u64() {
                *kept = number;
            }
        }
    }

    fn turn(self, endpoint: &Endpoint) -> Result<Turn, Trouble> {
        let stop = match self.stop.as_deref() {
            Some("max_tokens") => Stop::Length,
            Some("refusal") => Stop::Refused("the model refused".to_owned()),
            Some("model_context_window_exceeded") => {
                return Err(Trouble::TooLong("the answer did not fit into the context window".to_owned()));
            }
            Some(_) => Stop::Done,
            None => return Err(endpoint.cut()),
        };
        let mut reply = Reply::default();
        let mut echo = Vec::new();
        for block in self.blocks {
            let whole = block.whole();
            match whole["type"].as_str() {
                Some("tool_use") => reply.calls.push(ToolCall {
                    id: whole["id"].as_str().unwrap_or_default().to_owned(),
                    name: whole["name"].as_str().unwrap_or_default().to_owned(),
                    arguments: block.arguments(),
                }),
                Some("text") => {
                    let text = whole["text"].as_str().unwrap_or_default();
                    // The API refuses empty text when it comes back.
                    if text.is_empty() {
                        continue;
                    }
                    reply.text.push_str(text);
                }
                _ => {}
            }
            echo.push(whole);
        }
        // Nor may a message be empty.
        if echo.is_empty() {
            echo.push(json!({ "type": "text", "text": "(nothing)" }));
        }
        reply.echo = Value::Array(echo);
        Ok(Turn { reply, stop, tokens: self.tokens })
    }
}

impl Block {
    /// The arguments of a call as the model wrote them. A call without any has none in its pieces.
    fn arguments(&self) -> String {
        if self.text.is_empty() { self.begun["input"].to_string() } else { self.text.clone() }
    }

    /// The block as the API wants it back.
    fn whole(&self) -> Value {
        let mut whole = self.begun.clone();
        let begun = |name: &str| self.begun[name].as_str().unwrap_or_default();
        match whole["type"].as_str() {
            Some("text") => whole["text"] = json!(format!("{}{}", begun("text"), self.text)),
            Some("thinking") => {
                whole["thinking"] = json!(format!("{}{}", begun("thinking"), self.text));
                whole["signature"] = json!(format!("{}{}", begun("signature"), self.signature));
            }
            Some("tool_use") => {
                let call = ToolCall { arguments: self.arguments(), ..ToolCall::default() };
                whole["input"] = call.object();
            }
            _ => {}
        }
        whole
    }
}
