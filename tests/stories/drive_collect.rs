//! Task kind `drive_collect`: what a release or a workflow run made is copied into a folder in Drive, each file once.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::texts::{BRANCH, CRASH, MENDED};
use crate::world::documents::Documents;
use crate::world::drive::Fault;

const RULE: &str =
    "rules:\n  - on: [release.published, workflow_run.completed]\n    do:\n      collect: {in: 'docs:'}\n";

fn published(id: u64) -> Value {
    json!({
        "action": "published",
        "release": {
            "id": id, "tag_name": "v1/2", "name": "Widgets", "published_at": "2026-11-22T10:00:00Z",
            "created_at": "2026-11-22T09:00:00Z",
        },
        "repository": { "id": 186_853_002, "full_name": "acme/widgets" },
        "sender": { "login": "mona", "type": "User" },
    })
}

fn completed(id: u64) -> Value {
    json!({
        "action": "completed",
        "workflow_run": {
            "id": id, "name": "CI", "conclusion": "success", "head_sha": "2".repeat(40), "head_branch": "main",
            "run_attempt": 1, "updated_at": "2026-11-22T10:00:00Z",
            "head_repository": { "id": 186_853_002, "full_name": "acme/widgets" },
        },
        "repository": { "id": 186_853_002, "full_name": "acme/widgets" },
        "sender": { "login": "mona", "type": "User" },
    })
}

#[tokio::test]
async fn the_assets_of_a_release_lie_in_a_folder_named_after_its_tag() {
    let at = Documents::configured(RULE).await;
    at.stage.github.release_made(7, &[("widgets.tar.gz", "packed"), ("sums.txt", "sums")]);
    at.stage.run("release", &published(7)).await.unwrap();
    at.stage.run("release", &published(7)).await.unwrap();
    assert_snapshot!(at.drive.tree(&at.docs).join("\n"), @"
    v1-2/
    v1-2/sums.txt 4 bytes
    v1-2/widgets.tar.gz 6 bytes
    ");
}

#[tokio::test]
async fn the_artifacts_of_a_run_are_copied_as_they_are_packed() {
    let at = Documents::configured(RULE).await;
    at.stage.github.run_made(9, &[("report", "zipped")]);
    at.stage.run("workflow_run", &completed(9)).await.unwrap();
    assert_snapshot!(at.drive.tree(&at.docs).join("\n"), @"
    CI 9/
    CI 9/report.zip 6 bytes
    ");
}

#[tokio::test]
async fn where_the_files_lie_is_said_in_the_run_and_in_the_status_comment_of_the_pull_request() {
    let rules = format!("{RULE}  - on: issues.opened\n    if: {{has_patch: true}}\n    do: implement\n");
    let at = Documents::configured(&rules).await;
    at.stage.github.release_made(7, &[("a.txt", "a")]);
    let report = at.stage.run("release", &published(7)).await.unwrap();
    let folder = at.drive.folders(&at.docs).remove(0);
    let link = |id: &str| format!("https://drive.google.com/drive/folders/{id}");
    assert_eq!(report.notes, [format!("`v1-2` lies in Drive, with 1 file: {}", link(&folder))]);
    let (issue, _) = at.stage.opens("mona", CRASH, MENDED).await;
    at.stage.github.run_made(9, &[("report", "zipped")]);
    let mut payload = completed(9);
    payload["workflow_run"]["head_branch"] = BRANCH.into();
    at.stage.run("workflow_run", &payload).await.unwrap();
    let folder = at.drive.named(&at.docs, "CI 9").remove(0);
    let comment = at.stage.status_comment(issue);
    assert!(comment.contains(&format!("Artifacts in Drive: [CI 9]({}).", link(&folder))), "{comment}");
    // A run for another branch is nobody's, and so is one for a branch of a fork that has this name.
    at.stage.github.run_made(10, &[("report", "zipped")]);
    at.stage.run("workflow_run", &completed(10)).await.unwrap();
    at.stage.github.run_made(11, &[("report", "zipped")]);
    let mut forked = completed(11);
    forked["workflow_run"]["head_branch"] = BRANCH.into();
    forked["workflow_run"]["head_repository"] = json!({ "id": 5, "full_name": "mallory/widgets" });
    at.stage.run("workflow_run", &forked).await.unwrap();
    // Of one that was deleted GitHub names none.
    at.stage.github.run_made(12, &[("report", "zipped")]);
    (forked["workflow_run"]["id"], forked["workflow_run"]["head_repository"]) = (json!(12), json!(null));
    at.stage.run("workflow_run", &forked).await.unwrap();
    let comment = at.stage.status_comment(issue);
    assert!(!["CI 10", "CI 11", "CI 12"].iter().any(|name| comment.contains(name)), "{comment}");
}

#[tokio::test]
async fn a_lost_answer_and_a_death_at_any_push_copy_nothing_twice() {
    for push in 1..=4 {
        let at = Documents::configured(RULE).await;
        at.stage.github.release_made(7, &[("a.txt", "a"), ("b.txt", "b")]);
        if push == 4 {
            at.drive.plan("files.create.multipart", Fault::LoseReply);
            at.stage.run("release", &published(7)).await.unwrap();
        } else {
            at.stage.run_killed_at_push(push, "release", &published(7)).await;
            at.stage.github.set_run(at.stage.last_run(), 1, "completed");
            at.stage.run("release", &published(7)).await.unwrap();
        }
        at.stage.drain_later().await;
        let [folder] = &at.drive.folders(&at.docs)[..] else { panic!("push {push}: one folder") };
        assert_eq!(at.drive.tree(folder), ["a.txt 1 bytes", "b.txt 1 bytes"], "push {push}");
    }
}

#[tokio::test]
async fn killed_between_its_folder_and_its_files_there_is_one_folder_with_all_of_them() {
    let at = Documents::configured(RULE).await;
    at.stage.github.release_made(7, &[("a.tar.gz", "a"), ("b.zip", "b")]);
    at.drive.plan_after("files.create.multipart", 1, Fault::Hang);
    let payload = published(7);
    tokio::select! {
        () = at.drive.hangs() => {}
        ended = at.stage.run("release", &payload) => panic!("it ended: {ended:?}"),
    }
    at.stage.github.set_run(at.stage.last_run(), 1, "completed");
    at.stage.drain_later().await;
    assert_eq!(at.drive.folders(&at.docs).len(), 1);
    assert_eq!(at.troubles().await, [""; 0]);
    assert_eq!(at.drive.tree(&at.docs).len(), 3, "{:#?}", at.drive.tree(&at.docs));
}
