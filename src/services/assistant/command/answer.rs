//! What a program says about its work: the summary and what it used up, out of its output or its report.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::usage::Usage;
use crate::services::assistant::{Answers, answers};

/// Millionths of a dollar in one.
const MICRO: f64 = 1_000_000.0;

/// How a program's standard output is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Words for people, of which nothing is used.
    Text,
    /// One JSON object, `--output-format json` of Claude Code.
    ClaudeCode,
    /// A JSON event on each line, `--json` of Codex.
    Codex,
    /// One JSON object, `--output-format json` of Gemini CLI.
    Gemini,
    /// A JSON event on each line, `--format json` of OpenCode.
    OpenCode,
    /// Words for people with a line `Tokens: 2.3k sent, 512 received. Cost: $0.01 message, $0.02 session.`, aider's.
    Aider,
}

/// What a program says about its work. Time is not in it: that is measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What it did.
    pub summary: Option<String>,
    /// What it used up.
    pub usage: Usage,
    /// What it says in threads of a review.
    pub answers: Answers,
}

/// The optional report of a program, in the file that AUTOMATA_REPORT names.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Report {
    summary: Option<String>,
    input_tokens: u64,
    output_tokens: u64,
    cost_usd: f64,
    answers: BTreeMap<String, Value>,
}

/// Reads a report; what is none says nothing.
pub(super) fn report(text: &str) -> Option<Told> {
    let report: Report = serde_json::from_str(text).ok()?;
    let usage = Usage {
        input_tokens: report.input_tokens,
        output_tokens: report.output_tokens,
        micro_dollars: micro(report.cost_usd),
        milliseconds: 0,
    };
    Some(Told { summary: report.summary, usage, answers: answers(report.answers) })
}

/// Reads a program's standard output; what cannot be read says nothing.
pub(super) fn read(reading: Reading, output: &str) -> Told {
    match reading {
        Reading::Text => Told::default(),
        Reading::ClaudeCode => object(output).map(|answer| claude_code(&answer)).unwrap_or_default(),
        Reading::Gemini => object(output).map(|answer| gemini(&answer)).unwrap_or_default(),
        Reading::Codex => events(output).fold(Told::default(), codex),
        Reading::OpenCode => events(output).fold(Told::default(), opencode),
        Reading::Aider => aider(output),
    }
}

/// The last JSON object that begins a line: programs like to warn before it.
fn object(output: &str) -> Option<Value> {
    let begins = output.match_indices('{').map(|(at, _)| at);
    let mut begins: Vec<usize> = begins.filter(|at| *at == 0 || output.as_bytes()[at - 1] == b'\n').collect();
    begins.reverse();
    begins.into_iter().find_map(|at| {
        let mut values = serde_json::Deserializer::from_str(&output[at..]).into_iter::<Value>();
        values.next()?.ok().filter(Value::is_object)
    })
}

fn events(output: &str) -> impl Iterator<Item = Value> {
    output.lines().filter_map(|line| serde_json::from_str(line).ok())
}

fn claude_code(answer: &Value) -> Told {
    let usage = &answer["usage"];
    let input = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"];
    Told {
        summary: text(&answer["result"]),
        usage: Usage {
            input_tokens: input.iter().map(|name| count(&usage[name])).sum(),
            output_tokens: count(&usage["output_tokens"]),
            micro_dollars: micro(answer["total_cost_usd"].as_f64().unwrap_or_default()),
            milliseconds: 0,
        },
        answers: Answers::new(),
    }
}

fn gemini(answer: &Value) -> Told {
    let mut usage = Usage::default();
    for model in answer["stats"]["models"].as_object().into_iter().flat_map(|models| models.values()) {
        let tokens = &model["tokens"];
        usage += Usage {
            input_tokens: count(&tokens["prompt"]) + count(&tokens["tool"]),
            output_tokens: count(&tokens["candidates"]) + count(&tokens["thoughts"]),
            ..Usage::default()
        };
    }
    Told { summary: text(&answer["response"]), usage, ..Told::default() }
}

fn codex(mut told: Told, event: Value) -> Told {
    match event["type"].as_str() {
        Some("turn.completed") => {
            let usage = &event["usage"];
            told.usage += Usage {
                input_tokens: count(&usage["input_tokens"]),
                output_tokens: count(&usage["output_tokens"]),
                ..Usage::default()
            };
        }
        Some("item.completed") if event["item"]["type"] == "agent_message" => {
            told.summary = text(&event["item"]["text"]).or(told.summary);
        }
        _ => {}
    }
    told
}

fn opencode(mut told: Told, event: Value) -> Told {
    let part = &event["part"];
    match event["type"].as_str() {
        Some("step_finish") => {
            let (tokens, cache) = (&part["tokens"], &part["tokens"]["cache"]);
            told.usage += Usage {
                input_tokens: count(&tokens["input"]) + count(&cache["read"]) + count(&cache["write"]),
                output_tokens: count(&tokens["output"]) + count(&tokens["reasoning"]),
                micro_dollars: micro(part["cost"].as_f64().unwrap_or_default()),
                milliseconds: 0,
            };
        }
        Some("text") => told.summary = text(&part["text"]).or(told.summary),
        _ => {}
    }
    told
}

/// Tokens stand in one line for each message, the cost of all of them in each `session`.
fn aider(output: &str) -> Told {
    let mut told = Told::default();
    for line in output.lines().filter_map(|line| line.trim().strip_prefix("Tokens: ")) {
        let (tokens, cost) = line.split_once("Cost:").unwrap_or((line, ""));
        for part in tokens.split(',') {
            let mut words = part.trim().trim_end_matches('.').split_whitespace();
            let amount = words.next().map_or(0, thousands);
            match words.last() {
                Some("sent" | "write" | "hit") => told.usage.input_tokens += amount,
                Some("received") => told.usage.output_tokens += amount,
                _ => {}
            }
        }
        let session = cost.split(',').find_map(|part| part.trim().strip_suffix("session."));
        let dollars = session.and_then(|part| part.trim().strip_prefix('$')?.parse().ok());
        told.usage.micro_dollars = dollars.map_or(told.usage.micro_dollars, micro);
    }
    told
}

/// `512`, `2.3k`, `1.2M`.
fn thousands(text: &str) -> u64 {
    let (number, factor) = match (text.strip_suffix('k'), text.strip_suffix('M')) {
        (Some(number), _) => (number, 1e3),
        (_, Some(number)) => (number, 1e6),
        _ => (text, 1.0),
    };
    whole(number.parse::<f64>().unwrap_or_default() * factor)
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

fn micro(dollars: f64) -> u64 {
    whole(dollars * MICRO)
}

/// What is no sensible number is nothing.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range was cut to what fits")]
fn whole(number: f64) -> u64 {
    number.round().clamp(0.0, 1e15) as u64
}
