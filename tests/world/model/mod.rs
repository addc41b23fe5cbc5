//! A scripted model behind real HTTP on loopback: it checks the shape of every request and streams what the script says.
//!
//! Whatever is wrong with a request is written down and fails the test when the world ends; so does a script that was
//! not played to its end.

mod anthropic;
mod openai;
pub(crate) mod wire;

use std::collections::VecDeque;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use self::wire::Request;

/// The key that this model takes.
pub(crate) const KEY: &str = "sk-simulated-key";
/// The model's name.
pub(crate) const MODEL: &str = "simulated-1";

/// Whose shapes it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Chat completions as OpenAI has them.
    OpenAi,
    /// Chat completions of an endpoint that refuses `stream_options`, tells no usage, and numbers no tool calls.
    Poor,
    /// Chat completions of an endpoint that does not stream.
    Whole,
    /// Anthropic's messages.
    Anthropic,
}

impl Dialect {
    pub(crate) const ALL: [Self; 4] = [Self::OpenAi, Self::Poor, Self::Whole, Self::Anthropic];
}

/// What the model does next.
#[derive(Clone, Debug)]
pub(crate) enum Say {
    /// Calls tools, with arguments as they are sent, JSON or not.
    Calls(Vec<(&'static str, String)>),
    /// Talks.
    Text(&'static str),
    /// Talks until it may say no more.
    CutOff(&'static str),
    /// Declines, or is kept from answering.
    Refuses,
    /// Begins to answer; then the connection breaks.
    Breaks,
    /// Begins to answer; then an error comes in the stream.
    FailsInStream,
    /// Answers with a status, headers and a body.
    Status(u16, &'static str, String),
    /// Takes the request and never answers.
    Hangs,
}

/// Calls one tool.
pub(crate) fn call(name: &'static str, arguments: Value) -> Say {
    Say::Calls(vec![(name, arguments.to_string())])
}

/// Tokens that it says each request and each answer has.
pub(crate) const TOKENS: (u64, u64) = (1_000, 50);

#[derive(Debug, Default)]
struct State {
    script: VecDeque<Say>,
    requests: Vec<Value>,
    violations: Vec<String>,
    /// The poor one has refused `stream_options` before.
    has_refused: bool,
    asked: usize,
}

/// The scripted model.
pub(crate) struct ModelWorld {
    pub(crate) url: String,
    dialect: Dialect,
    state: Arc<Mutex<State>>,
}

impl ModelWorld {
    /// Starts it. It answers one request after the other, on a thread of its own that ends with the test.
    pub(crate) fn start(dialect: Dialect, script: Vec<Say>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { script: script.into(), ..State::default() }));
        let kept = Arc::clone(&state);
        thread::spawn(move || {
            let mut silent = Vec::new();
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let Some(request) = wire::read(&mut connection) else { continue };
                let answer = take_in(dialect, &mut kept.lock().unwrap(), &request);
                match answer {
                    Some(answer) => wire::write(&mut connection, &answer),
                    None => silent.push(connection),
                }
            }
        });
        Self { url, dialect, state }
    }

    /// The bodies of the requests so far, oldest first.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.state.lock().unwrap().requests.clone()
    }

    /// The tool results that the last request brought: text and whether the tool refused, as far as the dialect tells.
    pub(crate) fn last_results(&self) -> Vec<String> {
        self.brought(self.requests().last().unwrap())
    }

    /// The tool results of all requests, in order.
    pub(crate) fn results(&self) -> Vec<String> {
        self.requests().iter().skip(1).flat_map(|request| self.brought(request)).collect()
    }

    fn brought(&self, request: &Value) -> Vec<String> {
        let messages = request["messages"].as_array().unwrap();
        match self.dialect {
            Dialect::Anthropic => anthropic::last_results(messages),
            _ => openai::last_results(messages),
        }
    }

    /// Fails when a request was out of order or the script was not played to its end.
    pub(crate) fn assert_played(&self) {
        let state = self.state.lock().unwrap();
        assert!(state.violations.is_empty(), "{:?}: {:#?}", self.dialect, state.violations);
        assert!(state.script.is_empty(), "{:?}: not played: {:?}", self.dialect, state.script);
    }
}

impl Drop for ModelWorld {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.assert_played();
        }
    }
}

/// An answer, ready to be sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Header lines of its own.
    pub(crate) headers: String,
    pub(crate) body: String,
    /// The connection breaks at the end instead of closing in order.
    pub(crate) breaks: bool,
}

impl Answer {
    fn stream(body: String) -> Self {
        Self { status: 200, headers: "content-type: text/event-stream\r\n".to_owned(), body, breaks: false }
    }

    pub(crate) fn json(status: u16, body: String) -> Self {
        Self { status, headers: "content-type: application/json\r\n".to_owned(), body, breaks: false }
    }
}

fn take_in(dialect: Dialect, state: &mut State, request: &Request) -> Option<Answer> {
    let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let wrong = match dialect {
        Dialect::Anthropic => anthropic::check(request, &body),
        _ => openai::check(request, &body),
    };
    state.violations.extend(wrong);
    let secret = super::planted::found_in(request.body.as_bytes());
    state.violations.extend(secret.map(|secret| format!("it was sent {secret}")));
    if dialect == Dialect::Poor && body.get("stream_options").is_some() {
        if std::mem::replace(&mut state.has_refused, true) {
            state.violations.push("stream_options once more after they were refused".to_owned());
        }
        let refusal = r#"{"error": {"message": "Unrecognized request argument supplied: stream_options", "type": "invalid_request_error"}}"#;
        return Some(Answer::json(400, refusal.to_owned()));
    }
    state.requests.push(body);
    state.asked += 1;
    let Some(say) = state.script.pop_front() else {
        state.violations.push("a request after the end of the script".to_owned());
        return Some(Answer::json(500, "{}".to_owned()));
    };
    match &say {
        Say::Hangs => None,
        Say::Status(status, headers, body) => {
            let mut answer = Answer::json(*status, body.clone());
            answer.headers.push_str(headers);
            Some(answer)
        }
        _ if dialect == Dialect::Anthropic => Some(anthropic::answer(&say, state.asked)),
        _ => Some(openai::answer(&say, state.asked, dialect)),
    }
}
