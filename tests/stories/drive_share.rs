//! Task kind `drive_share`: who is assigned gets into the issue's folder, and out of it when they are not any more.

use automata::domain::task::{Status, Task};
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

#[tokio::test]
async fn what_comes_from_above_is_widened_here_and_only_that_is_taken_back() {
    let (at, issue, folder) = opened().await;
    at.drive.share(&at.docs, "user", HUBOT, "reader");
    assigns(&at, issue, "hubot").await;
    assert_eq!(of_hubot(&at, &folder), [format!("user {HUBOT} commenter")]);
    at.stage.unassigns("mona", issue, "hubot").await;
    assert_eq!(
        of_hubot(&at, &folder),
        [format!("user {HUBOT} reader inherited")],
        "what comes from above stays"
    );
    assert_eq!(at.troubles().await, [""; 0]);
}

#[tokio::test]
async fn what_comes_from_above_and_is_enough_is_left_alone() {
    let (at, issue, folder) = opened().await;
    at.drive.share(&at.docs, "user", HUBOT, "writer");
    at.drive.take_requests();
    assigns(&at, issue, "hubot").await;
    at.stage.unassigns("mona", issue, "hubot").await;
    assert_eq!(of_hubot(&at, &folder), [format!("user {HUBOT} writer inherited")]);
    let changes = at.drive.requests().into_iter().filter(|line| !line.starts_with("GET")).count();
    assert_eq!(changes, 0, "{:#?}", at.drive.requests());
}

#[tokio::test]
async fn what_somebody_made_of_it_since_is_theirs() {
    let (at, issue, folder) = opened().await;
    assigns(&at, issue, "hubot").await;
    at.drive.share(&folder, "user", HUBOT, "writer");
    at.stage.unassigns("mona", issue, "hubot").await;
    assert_eq!(of_hubot(&at, &folder), [format!("user {HUBOT} writer")]);
}

#[tokio::test]
async fn a_change_that_somebody_overwrote_at_the_same_moment_is_made_again() {
    let (at, issue, folder) = opened().await;
    let meanwhile = Fault::MeanwhileShared(folder.clone(), HUBOT.to_owned(), "reader".to_owned());
    at.drive.plan("permissions.create", meanwhile);
    assigns(&at, issue, "hubot").await;
    assert_eq!(of_hubot(&at, &folder), [format!("user {HUBOT} reader")], "the other came last");
    at.stage.drain_later().await;
    assert_eq!(of_hubot(&at, &folder), [format!("user {HUBOT} commenter")]);
}

#[tokio::test]
async fn issues_that_share_a_folder_change_it_one_after_the_other() {
    let rule = "rules:\n  - on: issues.milestoned\n    do:\n      folder: {in: 'docs:', name: '{milestone}', per: milestone}\n  - on: [issues.assigned, issues.unassigned]\n    do:\n      share: {role: commenter}\n";
    let at = Documents::configured("").await;
    at.configure_with(&format!(", hubot: {HUBOT}, kim: kim@partner.example"), "", rule);
    at.stage.github.make_milestone("v2");
    let mut assigned = Vec::new();
    for (title, login) in [("One", "hubot"), ("Two", "kim")] {
        let issue = at.stage.github.open_issue("alice", title, "", &[]);
        let payload = at.stage.github.plan_as("mona", issue, Some("v2"));
        at.stage.run("issues", &payload).await.unwrap();
        at.stage.lets_pass(std::time::Duration::from_secs(2));
        assigned.push(at.stage.github.assign_as("mona", issue, login));
    }
    let [one, two] = &assigned[..] else { panic!("two issues") };
    // The simulated Drive fails the story when two changes of one folder meet.
    let (first, second) = tokio::join!(at.stage.run("issues", one), at.stage.run("issues", two));
    first.unwrap();
    second.unwrap();
    at.stage.drain_later().await;
    let folder = at.drive.folders(&at.docs).remove(0);
    let state = at.stage.state().await;
    let shares: Vec<_> =
        state.tasks.values().filter(|task| task.spec.kind.as_str() == "drive_share").collect();
    let locks: Vec<_> = shares.iter().map(|task| task.spec.concurrency.clone().unwrap()).collect();
    assert_eq!(locks, [format!("drive/{folder}"), format!("drive/{folder}")]);
    assert_eq!(of_hubot(&at, &folder).len(), 1);
    assert_eq!(at.drive.grants(&folder).iter().filter(|grant| grant.contains("partner.example")).count(), 2);
}

#[tokio::test]
async fn a_folder_that_is_made_in_the_same_breath_is_shared_when_its_turn_can_be_kept() {
    let rule = "rules:\n  - on: issues.assigned\n    do: [{folder: {in: 'docs:', name: 'issue {number}'}}, {share: {role: commenter}}]\n";
    let at = Documents::configured("").await;
    at.configure_with(&format!(", hubot: {HUBOT}"), "", rule);
    let issue = at.stage.github.open_issue("alice", "Crash", "", &[]);
    assigns(&at, issue, "hubot").await;
    at.stage.drain_later().await;
    let folder = at.drive.folders(&at.docs).remove(0);
    assert_eq!(of_hubot(&at, &folder), [format!("user {HUBOT} commenter")]);
    let state = at.stage.state().await;
    let last = state.tasks.values().rfind(|task| task.spec.kind.as_str() == "drive_share").unwrap();
    assert_eq!(last.spec.concurrency.as_deref(), Some(format!("drive/{folder}").as_str()));
}

#[tokio::test]
async fn killed_at_any_push_access_is_given_once_and_taken_back() {
    for push in 1..=3 {
        let (at, issue, folder) = opened().await;
        at.stage.lets_pass(std::time::Duration::from_secs(2));
        let payload = at.stage.github.assign_as("mona", issue, "hubot");
        at.stage.run_killed_at_push(push, "issues", &payload).await;
        at.stage.github.set_run(at.stage.last_run(), 1, "completed");
        at.stage.run("issues", &payload).await.unwrap();
        at.stage.drain_later().await;
        assert_eq!(of_hubot(&at, &folder), [format!("user {HUBOT} commenter")], "push {push}");
        at.stage.lets_pass(std::time::Duration::from_secs(2));
        let payload = at.stage.github.unassign_as("mona", issue, "hubot");
        at.stage.run_killed_at_push(push, "issues", &payload).await;
        at.stage.github.set_run(at.stage.last_run(), 1, "completed");
        at.stage.run("issues", &payload).await.unwrap();
        at.stage.drain_later().await;
        assert_eq!(of_hubot(&at, &folder), [""; 0], "push {push}: it is known to be ours");
    }
}

#[tokio::test]
async fn a_folder_that_somebody_deleted_is_nobodys_trouble() {
    let (at, issue, folder) = opened().await;
    assigns(&at, issue, "hubot").await;
    at.drive.delete(&folder);
    at.stage.unassigns("mona", issue, "hubot").await;
    assert_eq!(at.troubles().await, [""; 0]);
}

/// Somebody else outside the shared drive.
const ZOE: &str = "zoe@partner.example";
/// Drive's word about an address that it does not take.
const NO_SUCH_ADDRESS: Fault =
    Fault::Words(400, "invalidSharingRequest", "Bad Request. The address does not belong to an account.");

#[tokio::test]
async fn an_address_that_drive_refuses_keeps_nobody_else_out_and_nobody_in() {
    let (at, issue, folder) = opened().await;
    at.configure_with(&format!(", hubot: {HUBOT}, zoe: {ZOE}"), "", RULE);
    at.stage.github.set_permission("zoe", automata::domain::actor::Permission::Write);
    at.drive.plan("permissions.create", NO_SUCH_ADDRESS);
    at.drive.plan("permissions.create", NO_SUCH_ADDRESS);
    assigns(&at, issue, "zoe").await;
    let state = at.stage.state().await;
    let failed = |task: &&Task| matches!(task.status, Status::Failed { .. });
    assert_eq!(state.tasks.values().filter(failed).count(), 1, "nobody else was there: it is told");

    assigns(&at, issue, "hubot").await;
    assert_eq!(of_hubot(&at, &folder), [format!("user {HUBOT} commenter")]);
    let state = at.stage.state().await;
    let told = |task: &&Task| matches!(&task.status, Status::Completed { output, .. } if output.as_str() == r#"{"refused":["zoe"]}"#);
    assert_eq!(state.tasks.values().filter(told).count(), 1, "and who was not is named");

    at.stage.unassigns("mona", issue, "zoe").await;
    at.stage.unassigns("mona", issue, "hubot").await;
    assert_eq!(of_hubot(&at, &folder), [""; 0], "it is known to be ours");
}

#[tokio::test]
async fn who_was_let_in_without_a_mail_was_let_in() {
    let (at, issue, folder) = opened().await;
    let words = "Sharing succeeded, but the notification email was not correctly delivered.";
    at.drive.plan("permissions.create", Fault::DoneAndTold(400, "invalidSharingRequest", words));
    assigns(&at, issue, "hubot").await;
    assert_eq!(of_hubot(&at, &folder), [format!("user {HUBOT} commenter")]);
    assert_eq!(at.troubles().await, [""; 0]);
    at.stage.unassigns("mona", issue, "hubot").await;
    assert_eq!(of_hubot(&at, &folder), [""; 0], "it is known to be ours");
}
