//! Any endpoint that speaks OpenAI's chat completions, streamed or not.
//!
//! The shapes: <https://platform.openai.com/docs/api-reference/chat>. Others speak dialects of it: no index of a tool
//! call, no usage, no `stream_options`, usage in every chunk, a last line without `[DONE]`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::conversation::{Conversation, Message, Reply, Stop, Tokens, ToolCall, Trouble, Turn};
use super::exchange::{Endpoint, Incoming};
use super::talk::Provider;
use super::tools::Sheet;
use super::{Settings, Unusable};
use crate::services::http::Client;
use crate::services::secrets::Secret;

/// Where OpenAI itself is; other endpoints are named in the settings.
pub const URL: &str = "https://api.openai.com/v1";

/// Talks to one endpoint.
pub(super) struct Chat {
    endpoint: Endpoint,
    model: String,
    most_output: Option<u32>,
    /// The endpoint refused `stream_options` once, and is not asked again.
    is_plain: AtomicBool,
}

impl Chat {
    pub(super) fn new(settings: &Settings, key: Option<Secret>, client: Client) -> Result<Self, Unusable> {
        let mut headers = HeaderMap::new();
        if let Some(key) = &key {
            headers.insert(AUTHORIZATION, key.bearer().map_err(|_| settings.bad_key())?);
        }
        let url = settings.url.as_deref().unwrap_or(URL).trim_end_matches('/');
        let url = format!("{url}/chat/completions");
        let endpoint = Endpoint { client, url, headers, key, whom: settings.whom() };
        let (model, most_output) = (settings.model.clone(), settings.most_output);
        Ok(Self { endpoint, model, most_output, is_plain: AtomicBool::new(false) })
    }

    fn body(&self, conversation: &Conversation, tools: &[Sheet]) -> Value {
        let mut messages = vec![json!({ "role": "system", "content": conversation.system })];
        for message in &conversation.messages {
            match message {
                Message::Ours(text) => messages.push(json!({ "role": "user", "content": text })),
                Message::Model(reply) => messages.push(said(reply)),
                Message::Results(results) => messages.extend(results.iter().map(
                    |result| json!({ "role": "tool", "tool_call_id": result.call, "content": result.text }),
                )),
            }
        }
        let tools: Vec<Value> = tools
            .iter()
            .map(|tool| {
                json!({ "type": "function", "function": {
                    "name": tool.name, "description": tool.about, "parameters": tool.parameters,
                } })
            })
            .collect();
        let mut body = json!({ "model": self.model, "messages": messages, "tools": tools, "stream": true });
        if let Some(most) = self.most_output {
            body["max_tokens"] = json!(most);
        }
        if !self.is_plain.load(Ordering::Relaxed) {
            body["stream_options"] = json!({ "include_usage": true });
        }
        body
    }

    async fn read(&self, mut incoming: Incoming<'_>) -> Result<Turn, Trouble> {
        let mut heard = Heard::default();
        if !incoming.is_stream() {
            let text = incoming.whole().await?;
            let answer: Value = serde_json::from_str(&text).map_err(|_| self.endpoint.nonsense("no JSON"))?;
            self.hear(&mut heard, &answer)?;
            return heard.turn(self).ok_or_else(|| self.endpoint.nonsense("no choice in it"));
        }
        while let Some(data) = incoming.next().await? {
            if data.trim() == "[DONE]" {
                heard.is_done = true;
                break;
            }
            let chunk =
                serde_json::from_str(&data).map_err(|_| self.endpoint.nonsense("an event without JSON"))?;
            self.hear(&mut heard, &chunk)?;
        }
        heard.turn(self).ok_or_else(|| self.endpoint.cut())
    }

    fn hear(&self, heard: &mut Heard, chunk: &Value) -> Result<(), Trouble> {
        if chunk.get("error").is_some_and(|error| !error.is_null()) {
            return Err(self.endpoint.in_stream(chunk));
        }
        heard.take(chunk);
        Ok(())
    }
}

#[async_trait]
impl Provider for Chat {
    async fn ask(
        &self,
        conversation: &Conversation,
        tools: &[Sheet],
        time: Duration,
    ) -> Result<Turn, Trouble> {
        let was_plain = self.is_plain.load(Ordering::Relaxed);
        let refusal = match self.endpoint.post(&self.body(conversation, tools), time).await? {
            Ok(incoming) => return self.read(incoming).await,
            Err(refusal) => refusal,
        };
        // Some endpoints refuse what they do not know; usage is then estimated.
        if !was_plain && refusal.is_about_the_request() && refusal.words.message.contains("stream_options") {
            self.is_plain.store(true, Ordering::Relaxed);
            return match self.endpoint.post(&self.body(conversation, tools), time).await? {
                Ok(incoming) => self.read(incoming).await,
                Err(refusal) => Err(refusal.trouble(&self.endpoint.whom)),
            };
        }
        Err(refusal.trouble(&self.endpoint.whom))
    }
}

/// A message of the model as the endpoint wants it back.
fn said(reply: &Reply) -> Value {
    let content = if reply.text.is_empty() { Value::Null } else { json!(reply.text) };
    let mut message = json!({ "role": "assistant", "content": content });
    let calls: Vec<Value> = reply
        .calls
        .iter()
        .enumerate()
        .map(|(at, call)| {
            let function = json!({ "name": call.name, "arguments": call.object().to_string() });
            let mut said = json!({ "id": call.id, "type": "function", "function": function });
            // Google signs its model's thoughts here, and wants them back.
            if let Some(extra) = reply.echo["extras"].get(at).filter(|extra| !extra.is_null()) {
                said["extra_content"] = extra.clone();
            }
            said
        })
        .collect();
    if !calls.is_empty() {
        message["tool_calls"] = json!(calls);
    }
    // DeepSeek and Kimi want the thoughts of a message that calls tools back.
    if let Some(thoughts) = reply.echo["thoughts"].as_str() {
        message["reasoning_content"] = json!(thoughts);
    }
    message
}

/// What has come in so far.
#[derive(Default)]
struct Heard {
    text: String,
    thoughts: String,
    refusal: String,
    calls: Vec<Call>,
    finish: Option<String>,
    tokens: Option<Tokens>,
    /// The stream's own end was seen.
    is_done: bool,
}

/// A tool call that comes in pieces.
#[derive(Default)]
struct Call {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
    extra: Value,
}

impl Heard {
    /// Takes in a chunk, or a whole answer, which has `message` where a chunk has `delta`.
    fn take(&mut self, chunk: &Value) {
        if let Some(tokens) = tokens(&chunk["usage"]) {
            self.tokens = Some(tokens);
        }
        let Some(choice) = chunk["choices"].get(0) else { return };
        if let Some(finish) = choice["finish_reason"].as_str() {
            self.finish = Some(finish.to_owned());
        }
        let delta = choice.get("delta").or_else(|| choice.get("message")).unwrap_or(&Value::Null);
        for (kept, name) in [
            (&mut self.text, "content"),
            (&mut self.thoughts, "reasoning_content"),
            (&mut self.refusal, "refusal"),
        ] {
            kept.push_str(delta[name].as_str().unwrap_or_default());
        }
        for piece in delta["tool_calls"].as_array().into_iter().flatten() {
            self.take_call(piece);
        }
    }

    fn take_call(&mut self, piece: &Value) {
        let index = piece["index"].as_u64();
        let id = piece["id"].as_str().unwrap_or_default();
        let function = &piece["function"];
        // A new id is a new call even where all have one index or none; a piece without an id goes on with its call.
        let is_its = |call: &&mut Call| {
            (index.is_none() || call.index == index) && (id.is_empty() || call.id.is_empty() || call.id == id)
        };
        let known = self.calls.iter_mut().rev().find(is_its);
        let starts_over = id.is_empty() && index.is_none() && function["name"].is_string();
        let call = match known {
            Some(call) if !starts_over => call,
            _ => {
                self.calls.push(Call { index, ..Call::default() });
                let Some(call) = self.calls.last_mut() else { return };
                call
            }
        };
        if !id.is_empty() {
            id.clone_into(&mut call.id);
        }
        // Never in pieces, but by some repeated with every piece.
        if let Some(name) = function["name"].as_str().filter(|_| call.name.is_empty()) {
            name.clone_into(&mut call.name);
        }
        match &function["arguments"] {
            Value::String(text) => call.arguments.push_str(text),
            Value::Object(fields) => call.arguments = Value::Object(fields.clone()).to_string(),
            _ => {}
        }
        if let Some(extra) = piece.get("extra_content") {
            call.extra = extra.clone();
        }
    }

    /// The whole answer; none when it was cut off before its end.
    fn turn(self, chat: &Chat) -> Option<Turn> {
        let finish = match self.finish {
            Some(finish) => finish,
            None if self.is_done && !(self.text.is_empty() && self.calls.is_empty()) => String::new(),
            None => return None,
        };
        let stop = match finish.as_str() {
            "length" => Stop::Length,
            "content_filter" => Stop::Refused("a content filter stopped it".to_owned()),
            _ if !self.refusal.is_empty() && self.calls.is_empty() => Stop::Refused(self.refusal),
            _ => Stop::Done,
        };
        let extras: Vec<Value> = self.calls.iter().map(|call| call.extra.clone()).collect();
        let mut echo = json!({});
        if extras.iter().any(|extra| !extra.is_null()) {
            echo["extras"] = json!(extras);
        }
        if !self.thoughts.is_empty() && !self.calls.is_empty() {
            echo["thoughts"] = json!(self.thoughts);
        }
        let named = |(at, call): (usize, Call)| ToolCall {
            id: if call.id.is_empty() { format!("call_{at}") } else { call.id },
            name: call.name,
            arguments: call.arguments,
        };
        let calls: Vec<ToolCall> = self.calls.into_iter().enumerate().map(named).collect();
        tracing::debug!(model = %chat.model, calls = calls.len(), %finish, "the model answered");
        Some(Turn { reply: Reply { text: self.text, calls, echo }, stop, tokens: self.tokens })
    }
}

fn tokens(usage: &Value) -> Option<Tokens> {
    let sent = usage["prompt_tokens"].as_u64()?;
    let cached = usage["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap_or(0).min(sent);
    Some(Tokens {
        input: sent - cached,
        cache_read: cached,
        cache_written: 0,
        output: usage["completion_tokens"].as_u64().unwrap_or(0),
    })
}
