//! Takes a request in: is it in order, is bad luck planned for it, what comes of it.

use automata::domain::time::Timestamp;
use serde_json::{Value, json};

use super::description::complaints;
use super::{Fault, INCOMING, Message, State, TOKEN};
use crate::world::github::pairs;
use crate::world::model::Answer;
use crate::world::model::wire::Request;
use crate::world::planted;

impl State {
    /// The answer; none when the connection breaks off instead.
    pub(super) fn take_in(&mut self, request: &Request, now: Timestamp) -> Option<Answer> {
        let (verb, address) = request.line.split_once(' ').unwrap();
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let method = if path == INCOMING { "incoming" } else { path.trim_start_matches("/api/") }.to_owned();
        self.calls.push(method.clone());
        let secret = planted::found_in(request.body.as_bytes());
        self.violations.extend(secret.map(|secret| format!("it was sent {secret}")));
        let fault = self.faults.get_mut(&method).and_then(std::collections::VecDeque::pop_front);
        match &fault {
            Some(Fault::Status(status)) => return Some(Answer::json(*status, "{}".to_owned())),
            Some(Fault::Word(word)) => return Some(refusal(word)),
            Some(Fault::TooFast(seconds)) => return Some(too_fast(*seconds)),
            Some(Fault::LoseReply) | None => {}
        }
        let answer = match (verb, method.as_str()) {
            ("POST", "auth.test") if self.is_known(request) => self.account(),
            ("POST", "auth.test") => refusal("invalid_auth"),
            ("POST", "incoming") => self.incoming(request, now),
            ("POST", "chat.postMessage" | "chat.update") => {
                let body = self.body(&method, request);
                match (self.is_known(request), method.as_str()) {
                    (false, _) => refusal("invalid_auth"),
                    (true, "chat.update") => self.update(&body),
                    _ => self.post(&body, now),
                }
            }
            ("GET", "conversations.history" | "conversations.replies") if self.is_known(request) => {
                self.list(&pairs(query))
            }
            ("GET", _) => refusal("invalid_auth"),
            _ => {
                self.violations.push(format!("nobody has {}", request.line));
                refusal("unknown_method")
            }
        };
        if matches!(fault, Some(Fault::LoseReply)) { None } else { Some(answer) }
    }

    fn is_known(&self, request: &Request) -> bool {
        request.header("authorization") == format!("Bearer {TOKEN}")
    }

    fn body(&mut self, method: &str, request: &Request) -> Value {
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let wrong = complaints(method, &body).into_iter().map(|wrong| format!("{method}: {wrong}"));
        self.violations.extend(wrong);
        if !request.header("content-type").starts_with("application/json") {
            self.violations.push(format!("{method}: {}", request.header("content-type")));
        }
        body
    }

    fn incoming(&mut self, request: &Request, now: Timestamp) -> Answer {
        let body = self.body("incoming", request);
        let channel = self.channels.keys().next().unwrap().clone();
        match self.add(&channel, &body, now) {
            Ok(_) => Answer { status: 200, headers: String::new(), body: "ok".to_owned(), breaks: false },
            Err(answer) => answer,
        }
    }

    fn account(&self) -> Answer {
        let told = json!({
            "ok": true, "url": "https://acme.slack.com/", "team": "Acme", "user": "automata", "team_id": "T0",
            "user_id": "U0", "bot_id": "B0", "is_enterprise_install": false,
        });
        let mut answer = Answer::json(200, told.to_string());
        answer.headers.push_str(&format!("x-oauth-scopes: {}\r\n", self.scopes));
        answer
    }

    fn post(&mut self, body: &Value, now: Timestamp) -> Answer {
        let channel = body["channel"].as_str().unwrap_or_default().to_owned();
        match self.add(&channel, body, now) {
            Ok(ts) => Answer::json(200, json!({ "ok": true, "channel": channel, "ts": ts }).to_string()),
            Err(answer) => answer,
        }
    }

    /// Slack lets a message a second into a channel, and a few more for a moment; here not one more.
    fn add(&mut self, channel: &str, body: &Value, now: Timestamp) -> Result<String, Answer> {
        if !self.channels.contains_key(channel) {
            return Err(refusal("channel_not_found"));
        }
        let last = self.last.insert(channel.to_owned(), now.as_millis());
        if last.is_some_and(|last| now.as_millis() < last + 1_000) {
            return Err(too_fast(1));
        }
        self.counter += 1;
        let ts = format!("{}.{:06}", now.as_millis() / 1_000, self.counter);
        let messages = self.channels.get_mut(channel).unwrap();
        let thread = body["thread_ts"].as_str().map(str::to_owned);
        if thread.as_ref().is_some_and(|thread| messages.iter().all(|message| message.ts != *thread)) {
            return Err(refusal("thread_not_found"));
        }
        messages.push(Message {
            ts: ts.clone(),
            thread,
            broadcast: body["reply_broadcast"] == true,
            text: body["text"].as_str().unwrap_or_default().to_owned(),
            blocks: body["blocks"].as_array().cloned().unwrap_or_default(),
            metadata: body["metadata"].clone(),
            edits: 0,
        });
        Ok(ts)
    }

    fn update(&mut self, body: &Value) -> Answer {
        let channel = body["channel"].as_str().unwrap_or_default();
        let Some(messages) = self.channels.get_mut(channel) else { return refusal("channel_not_found") };
        let Some(message) = messages.iter_mut().find(|message| body["ts"] == message.ts.as_str()) else {
            return refusal("message_not_found");
        };
        message.text = body["text"].as_str().unwrap_or_default().to_owned();
        message.blocks = body["blocks"].as_array().cloned().unwrap_or_default();
        message.edits += 1;
        Answer::json(200, json!({ "ok": true, "channel": channel, "ts": message.ts }).to_string())
    }

    /// A page has two messages, whatever is asked for: Slack says itself that pages may be shorter.
    fn list(&mut self, query: &[(String, String)]) -> Answer {
        let of = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let Some(messages) = of("channel").and_then(|channel| self.channels.get(channel)) else {
            return refusal("channel_not_found");
        };
        let oldest: f64 = of("oldest").unwrap_or("0").parse().unwrap();
        let thread = of("ts");
        let is_meant = |message: &&Message| match thread {
            Some(thread) => message.ts == thread || message.thread.as_deref() == Some(thread),
            None => message.thread.is_none() || message.broadcast,
        };
        let mut found: Vec<&Message> = messages.iter().filter(is_meant).collect();
        found.retain(|message| message.ts.parse::<f64>().unwrap() >= oldest);
        if thread.is_none() {
            found.reverse();
        }
        let from: usize = of("cursor").map_or(0, |cursor| cursor.trim_start_matches("at-").parse().unwrap());
        let show = |message: &&Message| {
            let mut shown = json!({ "type": "message", "ts": message.ts, "text": message.text });
            if of("include_all_metadata") == Some("true") && !message.metadata.is_null() {
                shown["metadata"] = message.metadata.clone();
            }
            shown
        };
        let page: Vec<Value> = found.iter().skip(from).take(2).map(show).collect();
        let next = if from + 2 < found.len() { format!("at-{}", from + 2) } else { String::new() };
        let body = json!({ "ok": true, "messages": page, "response_metadata": { "next_cursor": next } });
        Answer::json(200, body.to_string())
    }
}

fn refusal(word: &str) -> Answer {
    Answer::json(200, json!({ "ok": false, "error": word }).to_string())
}

fn too_fast(seconds: u64) -> Answer {
    let mut answer = Answer::json(429, json!({ "ok": false, "error": "ratelimited" }).to_string());
    answer.headers.push_str(&format!("retry-after: {seconds}\r\n"));
    answer
}
