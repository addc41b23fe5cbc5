//! GitHub down, slow, strict or short of permissions: work waits, warns, and is finished later.

use std::time::Duration;

use insta::assert_snapshot;

use super::texts::{CRASH, QUESTION, QUESTION_TEXT, TRACE, WISH, WISH_TEXT};
use crate::world::github::Fault;
use crate::world::stage::Stage;

#[tokio::test]
async fn while_github_fails_the_work_waits_and_the_run_warns() {
    let stage = Stage::start().await;
    stage.github.plan("issues/add-labels", Fault::Status(500));
    stage.github.plan("issues/create-comment", Fault::LoseRequest);
    let (issue, report) = stage.opens("bob", WISH, WISH_TEXT).await;
    assert!(!report.failed(), "waiting is no failure");
    assert_eq!((report.tally.retried, report.warnings.len()), (2, 2));
    assert!(
        report.warnings.iter().all(|warning| warning.starts_with("issue/1: task ")),
        "{:?}",
        report.warnings
    );
    assert!(report.warnings.iter().any(|warning| warning.contains("GitHub answered 500")));

    let writes = stage.writes();
    stage.drain().await;
    assert_eq!(stage.writes(), writes, "not before the time that was set");
    let later = stage.drain_later().await;
    assert_eq!((later.tally.completed, later.warnings.len()), (2, 0));
    assert_eq!(stage.github.labels_of(issue), ["enhancement"]);
    assert_eq!(stage.status_comments(issue).len(), 1);
}

#[tokio::test]
async fn a_hiccup_of_a_read_is_bridged_within_the_run() {
    let stage = Stage::start().await;
    stage.github.plan("issues/get", Fault::Status(502));
    stage.github.plan("issues/get", Fault::LoseReply);
    let (issue, report) = stage.opens("bob", WISH, WISH_TEXT).await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(stage.github.labels_of(issue), ["enhancement"]);
}

#[tokio::test]
async fn when_github_asks_for_quiet_nothing_is_sent_until_then() {
    let stage = Stage::start().await;
    stage.github.plan("issues/add-labels", Fault::TooFast { retry_after: Some(120) });
    let (issue, report) = stage.opens("bob", WISH, WISH_TEXT).await;
    assert!(!report.failed());
    assert!(
        report.warnings.iter().any(|warning| warning.contains("again after 2026-11-22T10:02:00")),
        "{:?}",
        report.warnings
    );
    stage.lets_pass(Duration::from_secs(60));
    let before = stage.github.requests().len();
    let early = stage.drain().await;
    assert_eq!(early.tally.completed, 0);
    assert_eq!(stage.github.requests().len(), before, "not even a question");
    stage.lets_pass(Duration::from_secs(61));
    stage.drain().await;
    assert_eq!(stage.github.labels_of(issue), ["enhancement"]);
    assert_eq!(stage.status_comments(issue).len(), 1);
}

#[tokio::test]
async fn a_missing_permission_is_named_wherever_somebody_looks() {
    let stage = Stage::start().await;
    stage.github.plan(
        "issues/add-labels",
        Fault::NotPermitted { accepted: Some("issues=write; pull_requests=write") },
    );
    stage.github.plan("issues/create-comment", Fault::NotPermitted { accepted: None });
    let (issue, report) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    assert!(report.failed());
    let mut warnings = report.warnings.clone();
    warnings.sort();
    let line = "Add `issues: write` under `permissions:` in the workflow.";
    assert!(warnings.iter().all(|warning| warning.ends_with(line)), "{warnings:#?}");
    let why = stage.why(issue).await;
    let lines: Vec<&str> = why.lines().filter(|told| told.contains("what to do")).collect();
    assert_eq!(lines, vec![format!("    because what to do: {line}"); 2]);
    assert_eq!(stage.tasks().await.get("label failed"), Some(&1));
}

#[tokio::test]
async fn after_too_many_attempts_it_is_given_up_with_a_word() {
    let stage = Stage::start().await;
    for _ in 0..6 {
        stage.github.plan("issues/create-comment", Fault::Status(500));
    }
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    let mut last = stage.drain_later().await;
    for _ in 0..4 {
        assert!(!last.failed());
        stage.lets_pass(Duration::from_secs(6 * 3_600));
        last = stage.drain().await;
    }
    assert!(last.failed());
    assert_snapshot!(last.warnings.join("\n"), @"issue/1: task b8j54.2 given up: GitHub answered 500 Internal Server Error: Server Error.");
    assert_eq!(stage.drain_later().await.tally.completed, 0);
    assert!(stage.why(issue).await.contains("was given up after 6 attempts"));
}

#[tokio::test]
async fn a_state_branch_that_cannot_be_pushed_fails_the_run_before_anything_is_changed() {
    let stage = Stage::start().await;
    stage.git.faults(|faults| faults.cut_before = 64);
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let opened = stage.github.event_payload_opened(issue);
    let ended = stage.run("issues", &opened).await.unwrap_err();
    assert_eq!(ended.kind.exit_code(), 3, "{ended}");
    assert_eq!(stage.writes(), [""; 0]);

    stage.git.faults(|faults| faults.cut_before = 0);
    stage.run("issues", &opened).await.unwrap();
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
}

#[tokio::test]
async fn a_push_whose_answer_was_lost_is_recognised() {
    let stage = Stage::start().await;
    stage.git.faults(|faults| faults.cut_after = 1);
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    let received = stage.told().await.iter().filter(|line| line.contains("opened issue #1")).count();
    assert_eq!(received, 1);
}
