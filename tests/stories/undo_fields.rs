//! Task kind `undo`: fields that were set and people who were asked for a review.

use insta::assert_snapshot;
use serde_json::json;

use super::texts::{CRASH, MENDED, TRACE};
use crate::world::stage::Stage;

const CHOSEN: &str =
    "rules:\n- {on: issues.opened, do: {project: {number: 4, field: Status, option: Ready}}}\n";
const FILLED: &str = "rules:\n- {on: issues.opened, do: {field: {name: Impact, value: High}}}\n";

async fn with_project(options: &[&str]) -> Stage {
    let stage = Stage::configured(CHOSEN).await;
    stage.github.make_project(4, "Status", options);
    stage
}

/// What the status comment says of it.
async fn undone(stage: &Stage, issue: u64) -> String {
    stage.comments("mona", issue, "/automata undo").await;
    let said = stage.status_comment(issue);
    said.split("\n\n<sub>").next().unwrap().to_owned()
}

#[tokio::test]
async fn a_field_of_a_project_is_empty_again_or_has_what_it_had() {
    let stage = with_project(&["Todo", "Ready"]).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_snapshot!(undone(&stage, issue).await, @"
    Asked by mona:

    Taken back:
    - No longer set: project 4, Status: Ready.
    ");
    assert_eq!(stage.github.chosen(), ["#1 in 4: Status = Ready", "#1 in 4: Status = "]);
    // Nothing is left of it that could be taken back once more.
    assert!(!undone(&stage, issue).await.contains("Status"));

    let stage = with_project(&["Todo", "Ready"]).await;
    stage.github.choose_as_a_person(1, 4, "Status", "Todo");
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_snapshot!(undone(&stage, issue).await, @"
    Asked by mona:

    Taken back:
    - No longer set: project 4, Status: Ready; it is `Todo` again.
    ");
    assert_eq!(stage.github.chosen().last().unwrap(), "#1 in 4: Status = Todo");
}

#[tokio::test]
async fn what_a_person_chose_since_stays_and_so_does_what_the_token_may_not_change() {
    let stage = with_project(&["Done", "Ready"]).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.github.choose_as_a_person(issue, 4, "Status", "Done");
    assert_snapshot!(undone(&stage, issue).await, @"
    Asked by mona:

    Nothing was taken back.

    Left as it is:
    - Set in project 4, Status: Ready: a person has settled that since.
    ");
    assert_eq!(stage.github.chosen().last().unwrap(), "#1 in 4: Status = Done");

    let stage = with_project(&["Ready"]).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.github.hide_projects();
    assert_snapshot!(undone(&stage, issue).await, @r"
    Asked by mona:

    Nothing was taken back.

    Left as it is:
    - Set in project 4, Status: Ready: acme has no project 4, or the token may not see it: it needs project: write \(the workflow's own token never has it\); change it there.
    ");
}

#[tokio::test]
async fn the_organisations_own_field_is_emptied_where_it_still_has_our_value() {
    for (theirs, left) in [(None, json!(null)), (Some("Low"), json!("Low"))] {
        let stage = Stage::configured(FILLED).await;
        stage.github.make_issue_field("Impact", "single_select", &["Low", "High"]);
        let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
        assert_eq!(stage.github.issue_field(issue, 1), "High");
        if let Some(theirs) = theirs {
            stage.github.fill_as_a_person(issue, 1, Some(theirs.into()));
        }
        let said = undone(&stage, issue).await;
        assert_eq!(stage.github.issue_field(issue, 1), left);
        assert_eq!(said.contains("No longer set: Impact: High."), theirs.is_none(), "{said}");
        assert_eq!(said.contains("Set in Impact: High: a person has settled that since."), theirs.is_some());
    }
}

#[tokio::test]
async fn who_was_asked_for_a_review_and_has_not_answered_is_asked_no_more() {
    let stage = Stage::configured("pull_requests: {reviewers: [carol, otto, acme/core]}\n").await;
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(stage.github.reviewers_of(2), ["carol", "otto", "acme/core"]);
    // A person's own request stays, and so does what was answered.
    stage.github.asks_for_review(2, "dave");
    stage.github.review(2, "otto", "approved", "Good.");
    let said = undone(&stage, 1).await;
    assert!(said.contains("- No longer asked for a review: `carol`, `acme/core`.\n"), "{said}");
    assert_eq!(stage.github.reviewers_of(2), ["dave"]);
}

#[tokio::test]
async fn killed_at_any_push_fields_and_reviewers_are_taken_back_once_and_all_of_it_is_told() {
    let yaml = "pull_requests: {reviewers: [carol]}\nrules:\n- {on: issues.opened, do: [implement, {project: {number: 4, field: Status, option: Ready}}]}\n";
    let story = async || {
        let stage = Stage::configured(yaml).await;
        stage.github.make_project(4, "Status", &["Todo", "Ready"]);
        stage.github.choose_as_a_person(1, 4, "Status", "Todo");
        stage.opens("mona", CRASH, MENDED).await;
        assert_eq!(stage.github.reviewers_of(2), ["carol"]);
        stage.lets_pass(std::time::Duration::from_secs(60));
        let comment = stage.github.comment("otto", 1, "/automata undo");
        let payload = stage.github.event_payload_commented(comment);
        (stage, payload)
    };
    let (whole, payload) = story().await;
    whole.run("issue_comment", &payload).await.unwrap();
    let told = whole.status_comment(1);
    assert!(told.contains("- No longer set: project 4, Status: Ready; it is `Todo` again.\n"), "{told}");
    assert!(told.contains("- No longer asked for a review: `carol`.\n"), "{told}");
    // The second push announces, and each one after it tells that something is done.
    for push in 2..=8 {
        let (stage, payload) = story().await;
        stage.run_killed_and_taken_up(push, "issue_comment", &payload).await;
        stage.drain_later().await;
        assert_eq!(stage.github.reviewers_of(2), [""; 0], "push {push}");
        assert_eq!(stage.github.chosen().last().unwrap(), "#1 in 4: Status = Todo", "push {push}");
        assert_eq!(stage.status_comment(1), told, "push {push}");
    }
}
