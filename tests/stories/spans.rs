//! A run tells a collector of traces what took how long, and does not care whether anybody listens.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use automata::app::{Given, take_in};
use automata::services::http;
use automata::services::secrets::Secret;
use automata::services::traces::otlp::{Otlp, Settings};
use insta::assert_snapshot;
use serde_json::Value;

use super::texts::{CRASH, TRACE};
use crate::world::github::TOKEN;
use crate::world::model::Answer;
use crate::world::model::wire;
use crate::world::stage::Stage;

/// A collector that answers with `status`; gives its address and what it was told.
fn collector(status: u16) -> (String, Arc<Mutex<Vec<Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let told: Arc<Mutex<Vec<Value>>> = Arc::default();
    let kept = Arc::clone(&told);
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let Some(request) = wire::read(&mut connection) else { continue };
            assert_eq!(request.line, "POST /v1/traces");
            assert_eq!(request.header("content-type"), "application/json");
            assert_eq!(request.header("api-key"), "made-up");
            assert!(!request.body.contains(TOKEN), "a secret travelled along");
            kept.lock().unwrap().push(serde_json::from_str(&request.body).unwrap());
            wire::write(&mut connection, &Answer::json(status, "{}".to_owned()));
        }
    });
    (url, told)
}

async fn opens_with_collector(stage: &Stage, url: &str) -> automata::app::Report {
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let payload = stage.github.event_payload_opened(issue).to_string().into_bytes();
    let mut world = stage.world().await.unwrap();
    let base = http::Settings { proxy_from_environment: false, ..http::Settings::default() };
    let (endpoint, headers) = (Some(url.to_owned()), Some(Secret::new("api-key=made-up")));
    let settings = Settings { endpoint, headers, ..Settings::default() };
    let otlp = Otlp::new(http::client(&base).unwrap(), &settings, vec![Secret::new(TOKEN)]).unwrap();
    world.traces = Some(Arc::new(otlp.unwrap()));
    take_in(&world, Some(&Given { event: "issues".to_owned(), payload })).await.unwrap()
}

fn attribute<'a>(span: &'a Value, key: &str) -> &'a str {
    let attributes = span["attributes"].as_array().unwrap();
    let found = attributes.iter().find(|attribute| attribute["key"] == key);
    found.map_or("", |found| found["value"]["stringValue"].as_str().unwrap())
}

#[tokio::test]
async fn each_attempt_and_each_effect_is_a_span_with_its_run_its_issue_and_its_task() {
    let (url, told) = collector(200);
    let stage = Stage::start().await;
    opens_with_collector(&stage, &url).await;
    let told = told.lock().unwrap().clone();
    assert_eq!(told.len(), 1, "one call for a run");
    let spans = told[0]["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap();
    let run = &spans[0];
    let line = |span: &Value| {
        let parent = match &span["parentSpanId"] {
            Value::Null => "",
            parent if *parent == run["spanId"] => " of the run",
            parent if spans.iter().any(|span| span["spanId"] == *parent) => " of a task",
            _ => " of nothing",
        };
        let has = |key: &str| if attribute(span, key).is_empty() { "-" } else { "+" };
        let (subject, issue) = (attribute(span, "automata.subject"), attribute(span, "automata.issue"));
        let name = span["name"].as_str().unwrap();
        format!("{name}{parent}: {subject} {issue} run{} task{}", has("automata.run"), has("automata.task"))
    };
    let mut lines: Vec<String> = spans.iter().map(line).collect();
    lines[1..].sort();
    assert_snapshot!(lines.join("\n"), @"
    run: issue/1  run+ task-
    effect comment of a task: issue/1  run+ task+
    effect labels of a task: issue/1  run+ task+
    task analyse of the run: issue/1 1 run+ task+
    task comment of the run: issue/1 1 run+ task+
    task label of the run: issue/1 1 run+ task+
    ");
    let hex = |id: &Value, digits: usize| {
        let id = id.as_str().unwrap();
        id.len() == digits && id.bytes().all(|digit| digit.is_ascii_hexdigit())
    };
    for span in spans {
        assert!(hex(&span["traceId"], 32) && hex(&span["spanId"], 16), "{span}");
        let nanoseconds = |name: &str| span[name].as_str().unwrap().parse::<u64>().unwrap();
        assert!(nanoseconds("startTimeUnixNano") <= nanoseconds("endTimeUnixNano"), "{span}");
    }
}

#[tokio::test]
async fn a_collector_that_fails_or_is_not_there_fails_nothing() {
    let (url, told) = collector(500);
    let nowhere = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    for url in [url, nowhere] {
        let stage = Stage::start().await;
        let report = opens_with_collector(&stage, &url).await;
        assert!(!report.failed());
        assert_eq!(report.warnings, [""; 0]);
    }
    assert_eq!(told.lock().unwrap().len(), 1, "what was refused is not told again");
}
