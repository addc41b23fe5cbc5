//! Task kind `drive_share`: who is assigned gets into the issue's folder, and out of it when they are not any more.

use insta::assert_snapshot;

use crate::world::documents::{Documents, OTTO};
use crate::world::drive::Fault;

const RULE: &str = "rules:\n  - on: issues.opened\n    do:\n      folder: {in: 'docs:', name: 'issue {number}'}\n  - on: [issues.assigned, issues.unassigned, issues.closed]\n    do:\n      share: {role: commenter}\n";

/// Somebody outside the shared drive.
const HUBOT: &str = "hubot@partner.example";

async fn opened() -> (Documents, u64, String) {
    let at = Documents::configured("").await;
    at.configure_with(&format!(", hubot: {HUBOT}"), "", RULE);
    let (issue, _) = at.stage.opens("alice", "Crash", "It crashes.").await;
    let folder = at.drive.folders(&at.docs).remove(0);
    (at, issue, folder)
}

async fn assigns(at: &Documents, issue: u64, login: &str) {
    at.stage.lets_pass(std::time::Duration::from_secs(2));
    let payload = at.stage.github.assign_as("mona", issue, login);
    at.stage.run("issues", &payload).await.unwrap();
}

fn of_hubot(at: &Documents, folder: &str) -> Vec<String> {
    at.drive.grants(folder).into_iter().filter(|grant| grant.contains(HUBOT)).collect()
}

#[tokio::test]
async fn who_is_assigned_is_let_in_until_the_issue_is_closed() {
    let (at, issue, folder) = opened().await;
    assigns(&at, issue, "hubot").await;
    assert_eq!(of_hubot(&at, &folder), [format!("user {HUBOT} commenter")]);
    assert!(
        at.stage.status_comment(issue).contains("Shared with hubot."),
        "{}",
        at.stage.status_comment(issue)
    );
    at.stage.github.close(issue);
    let payload = at.stage.github.event_payload_closed(issue, "mona");
    at.stage.run("issues", &payload).await.unwrap();
    assert_eq!(of_hubot(&at, &folder), [""; 0]);
    let log: Vec<String> = at.stage.history().await.iter().map(|event| format!("{event:?}")).collect();
    assert!(!log.join("").contains(HUBOT), "addresses are not written into the log");
}

#[tokio::test]
async fn access_that_people_gave_stays() {
    let (at, issue, folder) = opened().await;
    at.drive.share(&folder, "user", HUBOT, "writer");
    assigns(&at, issue, "hubot").await;
    assigns(&at, issue, "otto").await;
    at.stage.unassigns("mona", issue, "hubot").await;
    assert_eq!(of_hubot(&at, &folder), [format!("user {HUBOT} writer")]);
    assert!(at.drive.grants(&folder).iter().any(|grant| grant.contains(OTTO)));
}

#[tokio::test]
async fn access_that_people_gave_is_neither_widened_nor_taken_away() {
    let (at, issue, folder) = opened().await;
    at.drive.share(&folder, "user", HUBOT, "reader");
    assigns(&at, issue, "hubot").await;
    assert_eq!(of_hubot(&at, &folder), [format!("user {HUBOT} reader")]);
    at.stage.unassigns("mona", issue, "hubot").await;
    assert_eq!(of_hubot(&at, &folder), [format!("user {HUBOT} reader")]);
}

#[tokio::test]
async fn a_lost_answer_leaves_a_grant_that_is_taken_back_later() {
    let (at, issue, folder) = opened().await;
    at.drive.plan("permissions.create", Fault::LoseReply);
    assigns(&at, issue, "hubot").await;
    at.stage.drain_later().await;
    assert_eq!(of_hubot(&at, &folder).len(), 1);
    at.stage.unassigns("mona", issue, "hubot").await;
    at.stage.drain_later().await;
    assert_eq!(of_hubot(&at, &folder), [""; 0], "it was known to be ours");
}

#[tokio::test]
async fn who_is_not_known_is_named() {
    let (at, issue, _) = opened().await;
    at.stage.github.set_permission("stranger", automata::domain::actor::Permission::Write);
    assigns(&at, issue, "stranger").await;
    let state = at.stage.state().await;
    let task = state.tasks.values().find(|task| task.spec.kind.as_str() == "drive_share").unwrap();
    let automata::domain::task::Status::Completed { output, .. } = &task.status else { panic!("{task:?}") };
    assert_snapshot!(output.as_str(), @r#"{"unknown":["stranger"]}"#);
}
