//! Many runs at once, each a process of its own: nothing is lost, nothing is done twice.

use std::collections::BTreeSet;

use automata::services::github::GitHub as _;
use serde_json::Value;

use super::forge::LocalForge;
use super::program::{Program, Ran};
use super::runner::Runner;

/// Starts all of them before the first one can have ended, and waits for all.
fn all_at_once(programs: &[Program]) {
    let children: Vec<_> = programs.iter().map(Program::begin).collect();
    for child in children {
        Ran::from(child.wait_with_output().unwrap()).well();
    }
}

/// The log is dense, holds each trigger once, and every task is done.
fn assert_whole(log: &[Value], issues: u64, effects_each: u64) {
    let places: Vec<u64> = log.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(places, (1..=log.len() as u64).collect::<Vec<_>>());
    let of = |kind: &str| log.iter().filter(|event| event["type"] == kind).collect::<Vec<_>>();
    let triggers: Vec<&str> =
        of("trigger.received").iter().map(|event| event["subject"].as_str().unwrap()).collect();
    assert_eq!(triggers.len() as u64, issues, "each trigger once");
    assert_eq!(triggers.iter().collect::<BTreeSet<_>>().len() as u64, issues, "none lost");
    let tasks = |kind: &str| -> BTreeSet<String> {
        of(kind).iter().map(|event| event["data"]["task"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(tasks("task.enqueued"), tasks("task.completed"), "every task is done");
    assert_eq!(of("task.completed").len(), tasks("task.completed").len(), "and none is done twice");
    assert_eq!(of("effect.completed").len() as u64, effects_each * issues, "and no change is made twice");
    let runs: BTreeSet<&str> = log.iter().map(|event| event["run"].as_str().unwrap()).collect();
    assert_eq!(runs.len() as u64, issues, "every run wrote");
}

const TITLE: &str = "How do I read the list from a file?";

async fn by_local_path(runs: u64) {
    let forge = LocalForge::new();
    let payloads: Vec<_> =
        (1..=runs).map(|number| forge.opens("carol", &format!("{TITLE} ({number})"), "")).collect();
    let programs: Vec<Program> = payloads.iter().map(|payload| forge.taking_in(payload)).collect();
    all_at_once(&programs);
    let log = forge.program(&["log", "--last", "0", "--format", "json"]).run().well();
    let log: Vec<Value> = log.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // The forge has no label for a question, so there is a comment and nothing else.
    assert_whole(&log, runs, 1);
    assert_eq!(forge.program(&["verify", "--format", "json"]).run().well().json()["sound"], true);
    for number in 1..=runs {
        let number = automata::domain::id::IssueNumber(number);
        assert_eq!(forge.forge().comments(number, None).await.unwrap().len(), 1);
    }
    forge.git(&["fsck", "--strict", "--no-dangling"]);
}

async fn over_http(runs: u64) {
    let runner = Runner::start().await;
    runner.github.make_label("question", "d876e3", "");
    let issues: Vec<u64> = (1..=runs)
        .map(|number| runner.github.open_issue("carol", &format!("{TITLE} ({number})"), "", &[]))
        .collect();
    let programs: Vec<Program> = issues
        .iter()
        .map(|issue| runner.step("issues", &runner.github.event_payload_opened(*issue)).program)
        .collect();
    runner.git.take_traffic();
    all_at_once(&programs);
    let traffic = runner.git.take_traffic();
    assert_whole(&runner.log(), runs, 2);
    // Each run writes twice or a little more often; a race is lost at most as often as there are rivals.
    assert!(traffic.pushes as u64 <= 3 * runs * runs, "{traffic:?}");
    for issue in issues {
        assert_eq!(runner.github.comments_of(issue).len(), 1);
        assert_eq!(runner.github.labels_of(issue), ["question"]);
    }
    let verify = runner.step("push", &Value::Null).program.with(&["verify", "--format", "json"]);
    assert_eq!(verify.run().well().json()["sound"], true);
    runner.git.repository.git(&["fsck", "--strict", "--no-dangling"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_share_a_folder() {
    by_local_path(8).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_processes_share_a_folder() {
    by_local_path(32).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_processes_share_a_server() {
    over_http(8).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_processes_share_a_server() {
    over_http(32).await;
}
