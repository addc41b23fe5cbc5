//! Task kind `check_run`: a check on each pull request of ours says what is being done about it.

use std::time::Duration;

use insta::assert_snapshot;

use super::texts::{BRANCH, CRASH, MENDED};
use crate::world::github::Fault;
use crate::world::stage::Stage;

const ON: &str = "pull_requests: { check_run: true }\n";

/// The check on the last commit of our pull request.
fn shown(stage: &Stage) -> String {
    let tip = stage.git.repository.git(&["rev-parse", BRANCH]);
    let checks = stage.github.own_checks(tip.trim(), "Automata");
    assert!(checks.len() <= 1, "{checks:#?}");
    checks.concat()
}

/// The calls that were to change it, in order.
fn calls(stage: &Stage) -> Vec<String> {
    let of_it = |line: &String| line.contains("/check-runs");
    let short = |line: String| {
        line.replace("/repos/acme/widgets", "").split(' ').take(2).collect::<Vec<_>>().join(" ")
    };
    stage.github.writes().into_iter().filter(of_it).map(short).collect()
}

async fn reviews(stage: &Stage, verdict: &str) {
    stage.lets_pass(Duration::from_secs(60));
    let event = stage.github.review(2, "otto", verdict, "Say what it does.");
    stage.run("pull_request_review", &event).await.unwrap();
}

#[tokio::test]
async fn the_check_follows_what_is_being_done() {
    let stage = Stage::configured(ON).await;
    let (_, report) = stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(report.warnings, [""; 0]);
    assert_snapshot!(shown(&stage), @"
    neutral: It waits for a review
    The change for #1, kept by Automata.

    Nothing is being done about it now; it waits for a review. `/automata revise` asks for another change.
    ");
    // Nobody but the patches can be asked, so that the revision comes to nothing.
    reviews(&stage, "changes_requested").await;
    assert_snapshot!(shown(&stage), @"
    neutral: It waits for a review
    The change for #1, kept by Automata. It was revised 1 time.

    Nothing is being done about it now; it waits for a review. `/automata revise` asks for another change.
    ");
    stage.lets_pass(Duration::from_secs(60));
    stage.github.merge(2);
    stage.run("pull_request", &stage.github.event_payload_pull("closed", 2, "otto")).await.unwrap();
    stage.drain_later().await;
    assert_eq!(calls(&stage)[0], "POST /check-runs");
    assert!(calls(&stage)[1..].iter().all(|call| call.starts_with("PATCH")), "{:?}", calls(&stage));
}

#[tokio::test]
async fn nothing_is_sent_when_nothing_changed() {
    let stage = Stage::configured(ON).await;
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(calls(&stage), ["POST /check-runs"]);
    reviews(&stage, "approved").await;
    reviews(&stage, "commented").await;
    assert_eq!(calls(&stage), ["POST /check-runs"]);
}

#[tokio::test]
async fn a_token_without_the_permission_gives_one_hint_and_fails_nothing() {
    let stage = Stage::configured(ON).await;
    stage.github.plan("checks/create", Fault::NotPermitted { accepted: Some("checks=write") });
    let (_, report) = stage.opens("mona", CRASH, MENDED).await;
    assert!(!report.failed());
    assert_eq!(stage.github.pulls().len(), 1);
    assert_snapshot!(report.warnings.join("\n"), @"pull/2: task 78aw1.2 given up: GitHub does not allow this call: Resource not accessible by integration. Add `checks: write` under `permissions:` in the workflow.");
    stage.github.plan("checks/create", Fault::NotPermitted { accepted: Some("checks=write") });
    stage.lets_pass(Duration::from_secs(60));
    let event = stage.github.review(2, "otto", "approved", "Fine.");
    let report = stage.run("pull_request_review", &event).await.unwrap();
    assert_eq!(report.warnings, [""; 0], "once is enough");
}

#[tokio::test]
async fn a_lost_answer_and_a_killed_run_leave_one_check() {
    let stage = Stage::configured(ON).await;
    stage.github.plan("checks/create", Fault::LoseReply);
    stage.opens("mona", CRASH, MENDED).await;
    stage.drain_later().await;
    assert!(shown(&stage).starts_with("neutral"), "{}", shown(&stage));
    assert_eq!(calls(&stage), ["POST /check-runs", "PATCH /check-runs/7000000"]);
}

#[tokio::test]
async fn nobody_waits_for_our_own_check() {
    let yaml = "pull_requests: { check_run: true, mode: ready, merge: {} }\n";
    let stage = Stage::configured(yaml).await;
    stage.opens("mona", CRASH, MENDED).await;
    stage.github.check(2, "build", Some("success"));
    reviews(&stage, "approved").await;
    let merges = stage.writes().into_iter().filter(|line| line.starts_with("PUT /pulls/2/merge")).count();
    assert_eq!(merges, 1);
}

#[tokio::test]
async fn without_the_key_there_is_no_check() {
    let stage = Stage::start().await;
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(calls(&stage), [""; 0]);
}
