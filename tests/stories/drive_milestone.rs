//! A folder that all issues of a milestone share: each lets in and takes back, and none takes what another still wants.

use std::time::Duration;

use automata::domain::task::Status;

use crate::world::documents::Documents;
use crate::world::drive::Fault;

const HUBOT: &str = "hubot@partner.example";

const RULES: &str = "rules:\n  - on: [issues.milestoned, issues.demilestoned]\n    do:\n      folder: {in: 'docs:', name: '{milestone}', per: milestone}\n  - on: [issues.assigned, issues.unassigned, issues.closed, issues.reopened]\n    do:\n      share: {role: commenter}\n";

async fn planned() -> Documents {
    let at = Documents::configured("").await;
    at.configure_with(&format!(", hubot: {HUBOT}, kim: kim@partner.example"), "", RULES);
    at.stage.github.make_milestone("v2");
    at.stage.github.make_milestone("v3");
    at
}

async fn plans(at: &Documents, issue: u64, milestone: Option<&str>) {
    at.stage.lets_pass(Duration::from_secs(2));
    let payload = at.stage.github.plan_as("mona", issue, milestone);
    at.stage.run("issues", &payload).await.unwrap();
    at.stage.drain_later().await;
}

async fn assigns(at: &Documents, issue: u64, login: &str) {
    at.stage.lets_pass(Duration::from_secs(2));
    let payload = at.stage.github.assign_as("mona", issue, login);
    at.stage.run("issues", &payload).await.unwrap();
}

async fn closes(at: &Documents, issue: u64) {
    at.stage.lets_pass(Duration::from_secs(2));
    at.stage.github.close(issue);
    let payload = at.stage.github.event_payload_closed(issue, "mona");
    at.stage.run("issues", &payload).await.unwrap();
}

async fn reopens(at: &Documents, issue: u64) {
    at.stage.lets_pass(Duration::from_secs(2));
    at.stage.github.reopen(issue);
    let payload = at.stage.github.event_payload_reopened(issue, "mona");
    at.stage.run("issues", &payload).await.unwrap();
}

/// Two issues of milestone v2, both assigned to hubot.
async fn two_for_hubot() -> (Documents, [u64; 2], String) {
    let at = planned().await;
    let mut issues = [0; 2];
    for (place, title) in ["One", "Two"].into_iter().enumerate() {
        issues[place] = at.stage.github.open_issue("alice", title, "", &[]);
        plans(&at, issues[place], Some("v2")).await;
        assigns(&at, issues[place], "hubot").await;
    }
    let folder = at.drive.folders(&at.docs).remove(0);
    (at, issues, folder)
}

fn of_hubot(at: &Documents, folder: &str) -> Vec<String> {
    at.drive.grants(folder).into_iter().filter(|grant| grant.contains(HUBOT)).collect()
}

fn commenter() -> Vec<String> {
    vec![format!("user {HUBOT} commenter")]
}

#[tokio::test]
async fn whom_two_issues_want_there_stays_until_the_last_of_them_lets_go() {
    for first in [0, 1] {
        let (at, issues, folder) = two_for_hubot().await;
        closes(&at, issues[first]).await;
        assert_eq!(of_hubot(&at, &folder), commenter(), "the other one needs it");
        at.stage.unassigns("mona", issues[1 - first], "hubot").await;
        assert_eq!(of_hubot(&at, &folder), [""; 0], "nobody needs it any more");
        assert_eq!(at.troubles().await, [""; 0]);
    }
}

#[tokio::test]
async fn who_is_unassigned_in_one_and_let_in_again_by_the_other_has_it_for_that_one() {
    let (at, issues, folder) = two_for_hubot().await;
    at.stage.unassigns("mona", issues[0], "hubot").await;
    closes(&at, issues[1]).await;
    assert_eq!(of_hubot(&at, &folder), [""; 0]);
    reopens(&at, issues[1]).await;
    assert_eq!(of_hubot(&at, &folder), commenter());
    assigns(&at, issues[0], "hubot").await;
    closes(&at, issues[1]).await;
    assert_eq!(of_hubot(&at, &folder), commenter());
    closes(&at, issues[0]).await;
    assert_eq!(of_hubot(&at, &folder), [""; 0]);
}

#[tokio::test]
async fn access_is_as_wide_as_the_widest_wish_that_is_left() {
    let (at, issues, folder) = two_for_hubot().await;
    let kim = |at: &Documents| -> Vec<String> {
        let grants = at.drive.grants(&folder).into_iter();
        grants
            .filter(|grant| grant.contains("kim@"))
            .map(|grant| grant.replace("user kim@partner.example ", ""))
            .collect()
    };
    assigns(&at, issues[0], "kim").await;
    assert_eq!(kim(&at), ["commenter"]);
    at.stage.github.assign_as("mona", issues[1], "kim");
    at.stage.works_on("drive_share", issues[1], r#"{"role": "writer"}"#).await;
    assert_eq!(kim(&at), ["writer"]);
    closes(&at, issues[1]).await;
    assert_eq!(kim(&at), ["commenter"], "as the first one wants it");
    closes(&at, issues[0]).await;
    assert_eq!(kim(&at), [""; 0]);
    assert_eq!(at.troubles().await, [""; 0]);
}

#[tokio::test]
async fn what_somebody_made_of_it_is_theirs_for_all_issues() {
    let (at, issues, folder) = two_for_hubot().await;
    at.drive.share(&folder, "user", HUBOT, "reader");
    closes(&at, issues[0]).await;
    closes(&at, issues[1]).await;
    assert_eq!(of_hubot(&at, &folder), [format!("user {HUBOT} reader")]);
}

#[tokio::test]
async fn an_issue_that_is_planned_for_another_milestone_takes_its_people_along() {
    let (at, issues, old) = two_for_hubot().await;
    plans(&at, issues[0], Some("v3")).await;
    let new = at.drive.folders(&at.docs).into_iter().find(|folder| *folder != old).unwrap();
    assert_eq!(of_hubot(&at, &new), commenter(), "who is assigned gets into the new folder");
    assert_eq!(of_hubot(&at, &old), commenter(), "the other issue needs the old one");
    plans(&at, issues[1], Some("v3")).await;
    assert_eq!((of_hubot(&at, &new), of_hubot(&at, &old)), (commenter(), Vec::new()));
    plans(&at, issues[0], Some("v2")).await;
    assert_eq!((of_hubot(&at, &new), of_hubot(&at, &old)), (commenter(), commenter()));
    closes(&at, issues[0]).await;
    closes(&at, issues[1]).await;
    assert_eq!((of_hubot(&at, &new), of_hubot(&at, &old)), (Vec::new(), Vec::new()));
    let state = at.stage.state().await;
    assert!(state.let_in().next().is_none() && state.issues.values().all(|issue| issue.left.is_empty()));
    assert_eq!(at.troubles().await, [""; 0]);
}

#[tokio::test]
async fn an_issue_that_is_planned_for_nothing_any_more_leaves_the_folder() {
    let (at, issues, folder) = two_for_hubot().await;
    plans(&at, issues[0], None).await;
    assert_eq!(of_hubot(&at, &folder), commenter(), "the other one needs it");
    plans(&at, issues[1], None).await;
    assert_eq!(of_hubot(&at, &folder), [""; 0]);
}

#[tokio::test]
async fn a_folder_that_was_deleted_when_its_issue_left_it_holds_nothing_up() {
    let at = planned().await;
    let issue = at.stage.github.open_issue("alice", "One", "", &[]);
    plans(&at, issue, Some("v2")).await;
    assigns(&at, issue, "hubot").await;
    at.drive.delete(&at.drive.folders(&at.docs).remove(0));
    plans(&at, issue, Some("v3")).await;
    assert_eq!(of_hubot(&at, &at.drive.folders(&at.docs).remove(0)), commenter());
    assert!(at.stage.state().await.issues.values().all(|issue| issue.left.is_empty()));
    assert_eq!(at.troubles().await, [""; 0]);
}

#[tokio::test]
async fn killed_at_any_push_while_it_moves_nobody_keeps_what_nobody_wants() {
    for push in 1..=4 {
        let at = planned().await;
        let issue = at.stage.github.open_issue("alice", "One", "", &[]);
        plans(&at, issue, Some("v2")).await;
        assigns(&at, issue, "hubot").await;
        let old = at.drive.folders(&at.docs).remove(0);
        at.stage.lets_pass(Duration::from_secs(2));
        let payload = at.stage.github.plan_as("mona", issue, Some("v3"));
        at.stage.run_killed_at_push(push, "issues", &payload).await;
        at.stage.github.set_run(at.stage.last_run(), 1, "completed");
        at.stage.run("issues", &payload).await.unwrap();
        for _ in 0..3 {
            at.stage.drain_later().await;
        }
        let new = at.drive.folders(&at.docs).into_iter().find(|folder| *folder != old).unwrap();
        assert_eq!((of_hubot(&at, &new), of_hubot(&at, &old)), (commenter(), Vec::new()), "push {push}");
    }
}

#[tokio::test]
async fn lost_answers_leave_what_is_taken_back_by_the_last() {
    let (at, issues, folder) = two_for_hubot().await;
    closes(&at, issues[0]).await;
    at.drive.plan("permissions.delete", Fault::LoseReply);
    closes(&at, issues[1]).await;
    at.stage.drain_later().await;
    assert_eq!(of_hubot(&at, &folder), [""; 0]);
    let state = at.stage.state().await;
    let shares = state.tasks.values().filter(|task| task.spec.kind.as_str() == "drive_share");
    assert!(shares.into_iter().all(|task| matches!(task.status, Status::Completed { .. })));
}
