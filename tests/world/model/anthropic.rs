//! Anthropic's messages: what a request must look like, and answers in its shapes.

use serde_json::{Value, json};

use super::openai::pieces;
use super::wire::Request;
use super::{Answer, KEY, MODEL, Say, TOKENS};

/// What is wrong with a request.
pub(super) fn check(request: &Request, body: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    expect(request.line == "POST /v1/messages", format!("address {}", request.line));
    expect(request.header("x-api-key") == KEY, "no key".to_owned());
    expect(request.header("anthropic-version") == "2023-06-01", "no version".to_owned());
    expect(request.header("content-type") == "application/json", "content-type".to_owned());
    expect(body["model"] == MODEL && body["stream"] == true, "model and stream".to_owned());
    expect(body["max_tokens"].as_u64() > Some(0), "max_tokens".to_owned());
    for tool in body["tools"].as_array().unwrap() {
        let is_whole = tool["name"].is_string() && tool["description"].is_string();
        expect(is_whole && tool["input_schema"]["type"] == "object", format!("tool {tool}"));
    }
    let marks = body.to_string().matches("cache_control").count();
    expect(marks <= 4, format!("{marks} marks for the cache"));
    let mut open: Vec<Value> = Vec::new();
    for (at, message) in body["messages"].as_array().unwrap().iter().enumerate() {
        let role = if at % 2 == 0 { "user" } else { "assistant" };
        expect(message["role"] == role, format!("turn of {message}"));
        let blocks = message["content"].as_array().unwrap();
        expect(!blocks.is_empty(), "an empty message".to_owned());
        let asked = std::mem::take(&mut open);
        let answered: Vec<Value> = blocks
            .iter()
            .filter(|block| block["type"] == "tool_result")
            .map(|block| block["tool_use_id"].clone())
            .collect();
        expect(answered == asked, format!("results {answered:?} of calls {asked:?}"));
        for block in blocks {
            match block["type"].as_str().unwrap() {
                "text" => expect(
                    block["text"].as_str().is_some_and(|text| !text.is_empty()),
                    "empty text".to_owned(),
                ),
                "thinking" => {
                    let is_signed =
                        block["signature"] == "c2lnbmVk" && block["thinking"] == "Hm, where is it?";
                    expect(is_signed, format!("changed thought {block}"));
                }
                "tool_use" => {
                    expect(block["input"].is_object() && block["name"].is_string(), format!("call {block}"));
                    open.push(block["id"].clone());
                }
                "tool_result" => expect(block["content"].is_string(), format!("result {block}")),
                other => expect(false, format!("block {other}")),
            }
        }
    }
    wrong
}

pub(super) fn last_results(messages: &[Value]) -> Vec<String> {
    let blocks = messages.last().unwrap()["content"].as_array().unwrap();
    let results = blocks.iter().filter(|block| block["type"] == "tool_result");
    results.map(|block| block["content"].as_str().unwrap().to_owned()).collect()
}

/// What is said, as the API streams it.
pub(super) fn answer(say: &Say, number: usize) -> Answer {
    let mut events = vec![
        json!({ "type": "message_start", "message": {
            "id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": MODEL, "stop_reason": null,
            "usage": { "input_tokens": TOKENS.0 - 900, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 900, "output_tokens": 1 },
        } }),
        json!({ "type": "ping" }),
    ];
    let mut index = 0;
    let mut block = |begin: Value, deltas: Vec<Value>| {
        events.push(json!({ "type": "content_block_start", "index": index, "content_block": begin }));
        for delta in deltas {
            events.push(json!({ "type": "content_block_delta", "index": index, "delta": delta }));
        }
        events.push(json!({ "type": "content_block_stop", "index": index }));
        index += 1;
    };
    let text_block = |text: &str| {
        let deltas = pieces(text).into_iter().map(|text| json!({ "type": "text_delta", "text": text }));
        (json!({ "type": "text", "text": "" }), deltas.collect::<Vec<_>>())
    };
    let stop = match say {
        Say::Calls(calls) => {
            block(
                json!({ "type": "thinking", "thinking": "", "signature": "" }),
                vec![
                    json!({ "type": "thinking_delta", "thinking": "Hm, where " }),
                    json!({ "type": "thinking_delta", "thinking": "is it?" }),
                    json!({ "type": "signature_delta", "signature": "c2lnbmVk" }),
                ],
            );
            for (at, (name, arguments)) in calls.iter().enumerate() {
                let begin = json!({ "type": "tool_use", "id": format!("toolu_{number}_{at}"), "name": name, "input": {} });
                let deltas = pieces(arguments).into_iter();
                block(
                    begin,
                    deltas.map(|json| json!({ "type": "input_json_delta", "partial_json": json })).collect(),
                );
            }
            "tool_use"
        }
        Say::Text(text) => {
            let (begin, deltas) = text_block(text);
            block(begin, deltas);
            "end_turn"
        }
        Say::CutOff(text) => {
            let (begin, deltas) = text_block(text);
            block(begin, deltas);
            "max_tokens"
        }
        Say::Refuses => "refusal",
        _ => {
            let (begin, deltas) = text_block("Let me s");
            block(begin, deltas);
            ""
        }
    };
    match say {
        Say::Breaks => {}
        Say::FailsInStream => {
            events.push(
                json!({ "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" } }),
            );
        }
        _ => {
            let usage = json!({ "output_tokens": TOKENS.1 });
            events.push(json!({ "type": "message_delta", "delta": { "stop_reason": stop }, "usage": usage }));
            events.push(json!({ "type": "message_stop" }));
        }
    }
    let line = |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap());
    let body = events.iter().map(line).collect();
    Answer { breaks: matches!(say, Say::Breaks), ..Answer::stream(body) }
}
