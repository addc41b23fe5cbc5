//! Task kind `set_type`: the organisation's issue type, where nobody has settled it.

use automata::app::Outcome;

use super::texts::{CRASH, TRACE, WISH, WISH_TEXT};
use crate::world::github::Fault;
use crate::world::stage::Stage;

const TYPES: &str = "labels: {issue_types: {bug: Bug, feature: Feature}}\n";

async fn with_types() -> Stage {
    let stage = Stage::configured(TYPES).await;
    stage.github.set_issue_types(&["Bug", "Feature", "Task"]);
    stage
}

#[tokio::test]
async fn an_issue_without_a_type_gets_the_one_that_was_found() {
    let stage = with_types().await;
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert!(!report.failed(), "{:?}", report.warnings);
    assert_eq!(stage.github.type_of(issue).as_deref(), Some("Bug"));
    assert!(stage.why(issue).await.contains("changed the issue: type Bug"));
}

#[tokio::test]
async fn a_type_that_a_person_set_or_cleared_stays_as_they_left_it() {
    let stage = with_types().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(std::time::Duration::from_secs(5));
    let cleared = stage.github.type_as("mona", issue, None);
    assert_eq!(stage.run("issues", &cleared).await.unwrap().outcome, Outcome::Recorded);
    stage.edits("alice", issue, WISH, WISH_TEXT).await;
    assert_eq!(stage.github.type_of(issue), None);

    let chosen = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    stage.github.type_as("mona", chosen, Some("Task"));
    stage.run("issues", &stage.github.event_payload_opened(chosen)).await.unwrap();
    assert_eq!(stage.github.type_of(chosen).as_deref(), Some("Task"));
}

#[tokio::test]
async fn a_type_of_ours_that_is_gone_stays_gone_also_where_no_event_told_who_took_it() {
    let stage = with_types().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(std::time::Duration::from_secs(5));
    stage.github.type_as("mona", issue, None);
    stage.edits("alice", issue, WISH, WISH_TEXT).await;
    assert_eq!(stage.github.type_of(issue), None);
}

#[tokio::test]
async fn nothing_is_set_unless_the_configuration_says_so() {
    let stage = Stage::start().await;
    stage.github.set_issue_types(&["Bug"]);
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.type_of(issue), None);
}

#[tokio::test]
async fn a_lost_reply_is_found_done() {
    let stage = with_types().await;
    stage.github.plan("issues/update", Fault::LoseReply);
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(report.tally.retried, 1);
    stage.drain_later().await;
    assert_eq!(stage.github.type_of(issue).as_deref(), Some("Bug"));
    let set = stage.writes().into_iter().filter(|line| line.starts_with("PATCH /issues/1 ")).count();
    assert_eq!(set, 1);
    assert!(stage.state().await.effects.values().all(|effect| effect.receipt.is_some()));
}
