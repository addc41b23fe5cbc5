//! Another system that listens to webhooks on loopback: it checks signatures and events, and may have bad luck.

use std::collections::VecDeque;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::model::Answer;
use super::model::wire::{self, Request};
use super::planted;

/// Its secret: `whsec_` and 24 bytes in Base64.
pub(crate) const SECRET: &str = "whsec_c2ltdWxhdGVkLXdlYmhvb2stc2VjcmV0";

/// What it does with the next calls instead of taking them.
#[derive(Clone, Debug)]
pub(crate) enum Mood {
    /// It answers with this status, and takes nothing.
    Status(u16, &'static str),
    /// It takes the event, and the connection breaks off before the answer.
    LoseReply,
}

#[derive(Default)]
struct State {
    moods: VecDeque<Mood>,
    taken: Vec<(String, Value)>,
    violations: Vec<String>,
}

/// The system.
pub(crate) struct Receiver {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let state: Arc<Mutex<State>> = Arc::default();
        let kept = Arc::clone(&state);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let Some(request) = wire::read(&mut connection) else { continue };
                if let Some(answer) = kept.lock().unwrap().take_in(&request) {
                    wire::write(&mut connection, &answer);
                }
            }
        });
        Self { url, state }
    }

    pub(crate) fn feels(&self, mood: Mood) {
        self.state.lock().unwrap().moods.push_back(mood);
    }

    /// The ids of the calls that it took, and their events.
    pub(crate) fn taken(&self) -> Vec<(String, Value)> {
        self.state.lock().unwrap().taken.clone()
    }

    /// The types of the events that it took, in order.
    pub(crate) fn types(&self) -> Vec<String> {
        self.taken().iter().map(|(_, event)| event["type"].as_str().unwrap().to_owned()).collect()
    }
}

impl State {
    fn take_in(&mut self, request: &Request) -> Option<Answer> {
        let mood = self.moods.pop_front();
        let secret = planted::found_in(request.body.as_bytes());
        self.violations.extend(secret.map(|secret| format!("it was sent {secret}")));
        if let Some(Mood::Status(status, headers)) = mood {
            let mut answer = Answer::json(status, String::new());
            answer.headers.push_str(headers);
            return Some(answer);
        }
        self.check(request);
        let event = serde_json::from_str(&request.body).unwrap_or_default();
        self.taken.push((request.header("webhook-id").to_owned(), event));
        mood.is_none().then(|| Answer::json(204, String::new()))
    }

    /// As a receiver with a library of Standard Webhooks and one of CloudEvents does.
    fn check(&mut self, request: &Request) {
        let mut must = |holds: bool, what: &str| {
            if !holds {
                self.violations.push(what.to_owned());
            }
        };
        let (id, at) = (request.header("webhook-id"), request.header("webhook-timestamp"));
        let key = STANDARD.decode(SECRET.trim_start_matches("whsec_")).unwrap();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
        let signature = request.header("webhook-signature").strip_prefix("v1,").unwrap_or_default();
        let signature = STANDARD.decode(signature).unwrap_or_default();
        let signed = format!("{id}.{at}.{}", request.body);
        must(ring::hmac::verify(&key, signed.as_bytes(), &signature).is_ok(), "the signature is wrong");
        must(at.parse::<i64>().is_ok(), "there is no time");
        must(
            request.header("content-type").starts_with("application/cloudevents+json"),
            "the body is not called a CloudEvent",
        );
        let event: Value = serde_json::from_str(&request.body).unwrap_or_default();
        must(event["specversion"] == "1.0", "it is no CloudEvent of version 1.0");
        must(event["id"] == id, "the event's id is another than the call's");
        for name in ["id", "source", "type", "time", "subject"] {
            must(event[name].as_str().is_some_and(|text| !text.is_empty()), &format!("`{name}` is missing"));
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if !thread::panicking() {
            let state = self.state.lock().unwrap();
            assert!(state.violations.is_empty(), "the receiver found: {:#?}", state.violations);
            assert!(state.moods.is_empty(), "never met: {:?}", state.moods);
        }
    }
}
