//! A stateful Slack behind real HTTP on loopback: channels, threads, edits, metadata, incoming webhooks, bad luck.
//!
//! Every message is held to Slack's own types and to Block Kit's limits; what is wrong with one is written down and fails the
//! test when the world ends, and so does bad luck that was planned and never met.

mod description;
mod desk;

use std::collections::{BTreeMap, VecDeque};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use automata::services::clock::Clock;
use serde_json::Value;

use super::github::clock::VirtualClock;
use super::model::wire;

/// The token that this Slack takes.
pub(crate) const TOKEN: &str = "xoxb-simulated";
/// What stands behind the host in the address of its incoming webhook.
pub(crate) const INCOMING: &str = "/services/T0/B0/simulated";

/// Bad luck, planned for one call.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Nothing happened and this is the status.
    Status(u16),
    /// Nothing happened, and this is the word.
    Word(&'static str),
    /// Too fast; seconds to wait.
    TooFast(u64),
    /// It happened, and the connection broke off before the answer.
    LoseReply,
}

/// A message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) ts: String,
    /// The first message of its thread.
    pub(crate) thread: Option<String>,
    pub(crate) broadcast: bool,
    pub(crate) text: String,
    pub(crate) blocks: Vec<Value>,
    metadata: Value,
    pub(crate) edits: usize,
}

impl Message {
    /// What a person sees of it: all texts of its blocks, one a line.
    pub(crate) fn shown(&self) -> String {
        let mut lines = Vec::new();
        for block in &self.blocks {
            texts(block, &mut lines);
        }
        without_port(&lines.join("\n").replace('\u{2060}', ""))
    }
}

/// The address of the story's own GitHub is another one each time.
fn without_port(text: &str) -> String {
    let mut parts = text.split("http://127.0.0.1:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |told, part| {
        format!("{told}https://github.example{}", part.trim_start_matches(|c: char| c.is_ascii_digit()))
    })
}

fn texts(value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if let (Some(_), Some(text)) = (object.get("type"), object.get("text").and_then(Value::as_str)) {
                lines.push(text.to_owned());
                return;
            }
            object.values().for_each(|value| texts(value, lines));
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, lines)),
        _ => {}
    }
}

#[derive(Default)]
struct State {
    channels: BTreeMap<String, Vec<Message>>,
    /// When each channel took its last message, in milliseconds.
    last: BTreeMap<String, i64>,
    counter: u64,
    /// What the token may do.
    scopes: &'static str,
    faults: BTreeMap<String, VecDeque<Fault>>,
    calls: Vec<String>,
    violations: Vec<String>,
}

/// The simulated Slack.
pub(crate) struct SlackWorld {
    url: String,
    state: Arc<Mutex<State>>,
}

impl SlackWorld {
    /// Starts it with these channels, by the clock of a story. It answers one request after the other, on a thread of its own.
    pub(crate) fn start(clock: Arc<VirtualClock>, channels: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let channels = channels.iter().map(|channel| ((*channel).to_owned(), Vec::new())).collect();
        let state = Arc::new(Mutex::new(State {
            channels,
            scopes: "chat:write,channels:history",
            ..State::default()
        }));
        let kept = Arc::clone(&state);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let Some(request) = wire::read(&mut connection) else { continue };
                let now = clock.now();
                if let Some(answer) = kept.lock().unwrap().take_in(&request, now) {
                    wire::write(&mut connection, &answer);
                }
            }
        });
        Self { url, state }
    }

    /// What stands in `slack.url`.
    pub(crate) fn api_url(&self) -> String {
        format!("{}/api", self.url)
    }

    /// The address of the incoming webhook, which posts into the first channel.
    pub(crate) fn incoming_url(&self) -> String {
        format!("{}{INCOMING}", self.url)
    }

    /// The app has these scopes and no others.
    pub(crate) fn has_scopes(&self, scopes: &'static str) {
        self.state().scopes = scopes;
    }

    /// Plans bad luck for the next call of a method (`chat.postMessage`, `incoming`). Planned twice, it strikes twice.
    pub(crate) fn plan(&self, method: &str, fault: Fault) {
        self.state().faults.entry(method.to_owned()).or_default().push_back(fault);
    }

    /// The messages of a channel, oldest first.
    pub(crate) fn messages(&self, channel: &str) -> Vec<Message> {
        self.state().channels[channel].clone()
    }

    /// A channel as people see it: threads below their first messages.
    pub(crate) fn shows(&self, channel: &str) -> String {
        let messages = self.messages(channel);
        let mut lines = Vec::new();
        for root in messages.iter().filter(|message| message.thread.is_none()) {
            lines.push(format!("{}{}", root.shown(), edited(root)));
            for below in messages.iter().filter(|message| message.thread.as_deref() == Some(root.ts.as_str()))
            {
                let broadcast = if below.broadcast { " (also in the channel)" } else { "" };
                lines.push(format!("  > {}{broadcast}", below.shown().replace('\n', "\n    ")));
            }
        }
        lines.join("\n")
    }

    /// The methods that were called, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// People say so much in a channel.
    pub(crate) fn talks(&self, channel: &str, count: usize) {
        let mut state = self.state();
        for word in 0..count {
            let last = state.channels[channel].last().map_or("0.0".to_owned(), |message| message.ts.clone());
            let second: u64 = last.split('.').next().unwrap().parse().unwrap();
            let message = Message {
                ts: format!("{}.{word:06}", second + 1),
                thread: None,
                broadcast: false,
                text: "Hm.".to_owned(),
                blocks: Vec::new(),
                metadata: Value::Null,
                edits: 0,
            };
            state.channels.get_mut(channel).unwrap().push(message);
        }
    }

    /// Somebody deletes all messages of a channel.
    pub(crate) fn clears(&self, channel: &str) {
        self.state().channels.get_mut(channel).unwrap().clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

fn edited(message: &Message) -> String {
    match message.edits {
        0 => String::new(),
        1 => " (edited once)".to_owned(),
        count => format!(" (edited {count} times)"),
    }
}

impl Drop for SlackWorld {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let state = self.state();
        assert!(state.violations.is_empty(), "Slack would not have this:\n{}", state.violations.join("\n"));
        let unmet: Vec<_> = state.faults.iter().filter(|(_, faults)| !faults.is_empty()).collect();
        assert!(unmet.is_empty(), "planned bad luck was never met: {unmet:?}");
    }
}
