//! Chat completions: what a request must look like, and answers in its shapes.

use serde_json::{Value, json};

use super::wire::Request;
use super::{Answer, Dialect, KEY, MODEL, Say, TOKENS};

/// What is wrong with a request.
pub(super) fn check(request: &Request, body: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    expect(request.line == "POST /v1/chat/completions", format!("address {}", request.line));
    expect(request.header("authorization") == format!("Bearer {KEY}"), "no key".to_owned());
    expect(request.header("content-type") == "application/json", "content-type".to_owned());
    expect(body["model"] == MODEL && body["stream"] == true, "model and stream".to_owned());
    for tool in body["tools"].as_array().unwrap() {
        let function = &tool["function"];
        let is_whole =
            tool["type"] == "function" && function["name"].is_string() && function["description"].is_string();
        expect(is_whole && function["parameters"]["type"] == "object", format!("tool {tool}"));
    }
    let messages = body["messages"].as_array().unwrap();
    expect(messages[0]["role"] == "system" && messages[1]["role"] == "user", "beginning".to_owned());
    // Every call is answered, in order, before anything else is said; nothing else is answered.
    let mut open: Vec<Value> = Vec::new();
    let mut last = "system";
    for message in &messages[1..] {
        let role = message["role"].as_str().unwrap();
        match role {
            "tool" => {
                let id = if open.is_empty() { Value::Null } else { open.remove(0) };
                expect(
                    message["tool_call_id"] == id && message["content"].is_string(),
                    format!("result {message}"),
                );
            }
            "assistant" => {
                expect(open.is_empty() && last != "assistant", format!("turn of {message}"));
                for call in message["tool_calls"].as_array().into_iter().flatten() {
                    let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
                    let is_object =
                        serde_json::from_str::<Value>(arguments).is_ok_and(|value| value.is_object());
                    expect(call["type"] == "function" && is_object, format!("call {call}"));
                    open.push(call["id"].clone());
                }
                expect(
                    message["content"].is_string() || !open.is_empty(),
                    format!("says nothing: {message}"),
                );
            }
            "user" => {
                expect(open.is_empty() && last != "user" && last != "tool", format!("turn of {message}"))
            }
            _ => expect(false, format!("role {role}")),
        }
        last = role;
    }
    expect(open.is_empty() && last != "assistant", "calls without results at the end".to_owned());
    wrong
}

pub(super) fn last_results(messages: &[Value]) -> Vec<String> {
    let from = messages.iter().rposition(|message| message["role"] == "assistant").unwrap();
    let results = messages[from..].iter().filter(|message| message["role"] == "tool");
    results.map(|message| message["content"].as_str().unwrap().to_owned()).collect()
}

/// What is said, as the endpoint streams it.
pub(super) fn answer(say: &Say, number: usize, dialect: Dialect) -> Answer {
    let (text, calls, finish): (&str, &[(&str, String)], &str) = match say {
        Say::Calls(calls) => ("", calls, "tool_calls"),
        Say::Text(text) => (text, &[], "stop"),
        Say::CutOff(text) => (text, &[], "length"),
        Say::Refuses => ("", &[], "content_filter"),
        _ => ("Let me s", &[], ""),
    };
    let id = |at: usize| format!("call_{number}_{at}");
    if dialect == Dialect::Whole && !finish.is_empty() {
        let calls: Vec<Value> = calls
            .iter()
            .enumerate()
            .map(|(at, (name, arguments))| {
                json!({ "id": id(at), "type": "function", "function": { "name": name, "arguments": arguments } })
            })
            .collect();
        let message = json!({ "role": "assistant", "content": text, "tool_calls": calls });
        let choice = json!({ "index": 0, "message": message, "finish_reason": finish });
        let body = json!({ "id": "c", "object": "chat.completion", "choices": [choice], "usage": usage() });
        return Answer::json(200, body.to_string());
    }
    let mut events = vec![chunk(&json!({ "role": "assistant", "content": "" }), &Value::Null)];
    for piece in pieces(text) {
        events.push(chunk(&json!({ "content": piece }), &Value::Null));
    }
    for (at, (name, arguments)) in calls.iter().enumerate() {
        let mut begin =
            json!({ "id": id(at), "type": "function", "function": { "name": name, "arguments": "" } });
        if dialect == Dialect::Poor {
            // All at once and without a number, as some endpoints do.
            begin["function"]["arguments"] = json!(arguments);
            events.push(chunk(&json!({ "tool_calls": [begin] }), &Value::Null));
            continue;
        }
        begin["index"] = json!(at);
        events.push(chunk(&json!({ "tool_calls": [begin] }), &Value::Null));
        for piece in pieces(arguments) {
            let delta = json!({ "tool_calls": [{ "index": at, "function": { "arguments": piece } }] });
            events.push(chunk(&delta, &Value::Null));
        }
    }
    match say {
        Say::Breaks => {}
        Say::FailsInStream => {
            events.push(
                json!({ "error": { "message": "The server had an error", "type": "server_error" } })
                    .to_string(),
            );
        }
        _ => {
            events.push(chunk(&json!({}), &json!(finish)));
            if dialect != Dialect::Poor {
                events.push(
                    json!({ "object": "chat.completion.chunk", "choices": [], "usage": usage() }).to_string(),
                );
            }
            events.push("[DONE]".to_owned());
        }
    }
    let body = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    Answer { breaks: matches!(say, Say::Breaks), ..Answer::stream(body) }
}

fn usage() -> Value {
    json!({ "prompt_tokens": TOKENS.0, "completion_tokens": TOKENS.1, "prompt_tokens_details": { "cached_tokens": 0 } })
}

fn chunk(delta: &Value, finish: &Value) -> String {
    let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish });
    json!({ "id": "c", "object": "chat.completion.chunk", "choices": [choice], "usage": null }).to_string()
}

/// Five characters at a time.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(5).map(|piece| piece.iter().collect()).collect()
}
