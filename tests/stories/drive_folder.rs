//! Task kind `drive_folder`: an issue gets its folder in Drive, once, and the status comment says where.

use insta::assert_snapshot;

use crate::world::documents::Documents;
use crate::world::drive::Fault;

const RULE: &str =
    "rules:\n  - on: issues.opened\n    do:\n      folder: {in: 'docs:', name: '{number} {title}'}\n";

#[tokio::test]
async fn the_folder_is_named_after_the_issue_and_the_comment_leads_there() {
    let at = Documents::configured(RULE).await;
    let (issue, _) = at.stage.opens("alice", "../../Crash: a/b\u{202e} @all", "It crashes.").await;
    assert_snapshot!(at.drive.tree(&at.docs).join("\n"), @"1 ..-..-Crash- a-b @all/");
    assert_eq!(at.troubles().await, [""; 0]);
    let id = at.drive.folders(&at.docs).remove(0);
    assert_snapshot!(at.stage.status_comment(issue).replace(&id, "ID"), @"
    Folder in Drive: [1 ..-..-Crash- a-b &#64;all](https://drive.google.com/drive/folders/ID)

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    ");
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_folder() {
    let at = Documents::configured(RULE).await;
    at.drive.plan("files.create", Fault::LoseReply);
    at.stage.opens("alice", "Crash", "It crashes.").await;
    at.stage.drain_later().await;
    assert_eq!(at.drive.folders(&at.docs).len(), 1);
    assert_eq!(at.stage.tasks().await.get("drive_folder completed"), Some(&1));
}

#[tokio::test]
async fn killed_at_any_push_there_is_one_folder() {
    for push in 1..=3 {
        let at = Documents::configured(RULE).await;
        let issue = at.stage.github.open_issue("alice", "Crash", "It crashes.", &[]);
        let payload = at.stage.github.event_payload_opened(issue);
        at.stage.run_killed_at_push(push, "issues", &payload).await;
        at.stage.github.set_run(at.stage.last_run(), 1, "completed");
        at.stage.run("issues", &payload).await.unwrap();
        at.stage.drain_later().await;
        assert_eq!(at.drive.folders(&at.docs).len(), 1, "push {push}");
        assert!(at.stage.state().await.issues.values().all(|issue| issue.folder.is_some()), "push {push}");
    }
}

#[tokio::test]
async fn issues_of_a_milestone_share_its_folder() {
    let rule = "rules:\n  - on: issues.milestoned\n    do:\n      folder: {in: 'docs:', name: '{milestone}', per: milestone}\n";
    let at = Documents::configured(rule).await;
    at.stage.github.make_milestone("v2/next");
    for title in ["One", "Two"] {
        let issue = at.stage.github.open_issue("alice", title, "", &[]);
        let payload = at.stage.github.plan_as("mona", issue, Some("v2/next"));
        at.stage.run("issues", &payload).await.unwrap();
    }
    assert_snapshot!(at.drive.tree(&at.docs).join("\n"), @"v2-next/");
    let state = at.stage.state().await;
    let folders: Vec<_> = state.issues.values().map(|issue| issue.folder.clone().unwrap().made.id).collect();
    assert_eq!(folders[0], folders[1]);
}

#[tokio::test]
async fn a_milestones_folder_that_was_thrown_away_is_made_anew() {
    let rule = "rules:\n  - on: issues.milestoned\n    do:\n      folder: {in: 'docs:', name: '{milestone}', per: milestone}\n";
    let at = Documents::configured(rule).await;
    at.stage.github.make_milestone("v2");
    let planned = async |title| {
        let issue = at.stage.github.open_issue("alice", title, "", &[]);
        let payload = at.stage.github.plan_as("mona", issue, Some("v2"));
        at.stage.run("issues", &payload).await.unwrap();
    };
    planned("One").await;
    let thrown_away = at.drive.folders(&at.docs).remove(0);
    at.drive.trash(&thrown_away);
    planned("Two").await;
    planned("Three").await;
    assert_snapshot!(at.drive.tree(&at.docs).join("\n"), @"
    v2/ (trashed)
    v2/
    ");
    let state = at.stage.state().await;
    let folders: Vec<String> =
        state.issues.values().map(|issue| issue.folder.clone().unwrap().made.id.to_string()).collect();
    assert!(
        folders[0] == thrown_away && folders[1] != thrown_away && folders[1] == folders[2],
        "{folders:?}"
    );
}
