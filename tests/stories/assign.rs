//! Task kind `assign`: owners by CODEOWNERS, unless people have settled it.

use insta::assert_snapshot;

use super::texts::{CRASH, TRACE};
use crate::world::github::Fault;
use crate::world::stage::Stage;

const OWNERS: &str = "assign: {owners: true}\n";

#[tokio::test]
async fn the_owner_of_the_place_that_the_issue_names_is_assigned() {
    let stage = Stage::configured(OWNERS).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.assignees_of(issue), ["otto", "mona"]);
    assert_snapshot!(stage.writes().join("\n"), @r#"
    POST /issues/1/assignees {"assignees":["otto","mona"]}
    POST /issues/1/comments
    POST /issues/1/labels {"labels":["bug","priority: high"]}
    "#);
}

#[tokio::test]
async fn nobody_is_assigned_unless_the_configuration_says_so() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.assignees_of(issue), [""; 0]);
    assert!(stage.status_comment(issue).contains("Looked after by"));
}

#[tokio::test]
async fn an_issue_that_somebody_has_taken_is_theirs() {
    let stage = Stage::configured(OWNERS).await;
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let opened = stage.github.event_payload_opened(issue);
    stage.github.assign_as("mona", issue, "alice");
    stage.run("issues", &opened).await.unwrap();
    assert_eq!(stage.github.assignees_of(issue), ["alice"]);
    assert!(!stage.writes().iter().any(|line| line.contains("assignees")), "{:?}", stage.writes());
}

#[tokio::test]
async fn whom_a_person_unassigned_is_not_assigned_again() {
    let stage = Stage::configured(&format!("{OWNERS}triage: {{similar: 0}}\n")).await;
    stage.put_file("CODEOWNERS", "/src/parser.rs @otto\n");
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.assignees_of(issue), ["otto"]);
    stage.unassigns("otto", issue, "otto").await;
    stage.edits("alice", issue, CRASH, &format!("{TRACE}\nAny news?")).await;
    assert_eq!(stage.github.assignees_of(issue), [""; 0]);
    assert!(
        stage.why(issue).await.contains("otto is not assigned again\n    because a person unassigned them")
    );
}

#[tokio::test]
async fn people_who_cannot_be_assigned_are_passed_over_and_named() {
    let stage = Stage::configured(OWNERS).await;
    stage.put_file("CODEOWNERS", "/src/parser.rs @gone-away @otto @acme/parsers\n");
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.assignees_of(issue), ["otto"]);
    assert_eq!(report.warnings, [""; 0]);
    let outputs: Vec<String> =
        stage.history().await.iter().map(|envelope| format!("{:?}", envelope.recorded.event)).collect();
    let named = outputs.iter().filter(|event| event.contains("cannot_be_assigned")).collect::<Vec<_>>();
    assert!(matches!(named.as_slice(), [event] if event.contains("gone-away")), "{named:?}");
}

#[tokio::test]
async fn a_lost_reply_is_not_taken_for_somebody_elses_decision() {
    let stage = Stage::configured(OWNERS).await;
    stage.github.plan("issues/add-assignees", Fault::LoseReply);
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(report.tally.retried, 1);
    stage.drain_later().await;
    assert_eq!(stage.github.assignees_of(issue), ["otto", "mona"]);
    let calls = stage.writes().into_iter().filter(|line| line.contains("assignees")).count();
    assert_eq!(calls, 1);
    assert!(stage.state().await.effects.values().all(|effect| effect.receipt.is_some()));
}

#[tokio::test]
async fn where_codeowners_names_nobody_those_are_named_who_last_touched_the_code() {
    let stage = Stage::configured("triage: {confidence: {assign: 0.45}}\nassign: {owners: true}\n").await;
    stage.put_file("CODEOWNERS", "/docs/ @mona\n");
    stage.github.wrote("src/parser.rs", &["otto", "otto", "otto", "alice", "dependabot[bot]"]);
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.assignees_of(issue), ["otto"]);
    let told = stage.status_comment(issue);
    assert!(told.contains("Looked after by `otto`, `alice`."), "{told}");
    assert!(told.contains("- otto: They wrote 3 of the last 4 commits of \\`src/parser.rs\\`."), "{told}");
    let asked = stage.github.requests().iter().filter(|line| line.contains("/commits?path=")).count();
    assert_eq!(asked, 2, "one request for each file that the text names");
    // Where owners are known, nobody is asked who wrote what.
    let stage = Stage::start().await;
    stage.opens("alice", CRASH, TRACE).await;
    assert!(!stage.github.requests().iter().any(|line| line.contains("/commits?path=")));
}
