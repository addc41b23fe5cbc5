//! Task kind `undo`: of what was done so long ago that only the history knows it, and after a run that was cut off.

use std::time::Duration;

use insta::assert_snapshot;

use super::texts::{BRANCH, CRASH, MENDED, TRACE};
use super::ticks::ticks;
use super::undo::reviewed;
use crate::world::stage::Stage;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Days pass, in which so much happens that what is over is forgotten.
async fn days_pass(stage: &Stage) {
    stage.lets_pass(DAY * 8);
    ticks(stage, 300).await;
    let state = stage.state().await;
    let is_left = |task: &automata::domain::task::Task| task.spec.subject == "issue/1".parse().unwrap();
    assert!(!state.tasks.values().any(is_left), "what was done about it is forgotten");
}

/// Issue 1: labelled, typed, assigned, with a pull request that was revised; all of it long ago.
async fn long_ago() -> Stage {
    let stage = Stage::configured("assign: {owners: true}\nlabels: {issue_types: {bug: Bug}}\n").await;
    stage.github.set_issue_types(&["Bug", "Task"]);
    stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    assert_eq!(stage.github.assignees_of(1), ["otto"]);
    reviewed(&stage).await;
    days_pass(&stage).await;
    stage
}

#[tokio::test]
async fn what_was_done_long_ago_is_taken_back_as_well() {
    let stage = long_ago().await;
    stage.comments("otto", 1, "/automata undo").await;
    assert_snapshot!(stage.status_comment(1), @"
    Asked by otto:

    Taken back:
    - Labels taken off: `bug`, `priority: high`.
    - No longer assigned: `otto`.
    - Its type is no longer `Bug`.
    - Pull request #2 is closed.
    - Branch `automata/issue-1-crash-on-a-line-without-an-equals-sign` is deleted.
    - The status comment shows nothing of it any more.

    Assistants used $0.40, 1000 tokens, 30 seconds for this issue.

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    ");
    assert_eq!(stage.github.labels_of(1), [""; 0]);
    assert_eq!(stage.github.assignees_of(1), [""; 0]);
    assert_eq!(stage.github.type_of(1), None);
    assert_eq!(stage.pushed_branches(), [""; 0]);
    assert!(stage.github.pulls()[0].starts_with("#2 closed"), "{:?}", stage.github.pulls());
    // Long after that there is nothing of it left.
    days_pass(&stage).await;
    stage.comments("otto", 1, "/automata undo").await;
    assert!(stage.status_comment(1).contains("Nothing was taken back."), "{}", stage.status_comment(1));
}

#[tokio::test]
async fn a_pull_request_of_long_ago_on_which_a_person_worked_stays_open() {
    let stage = long_ago().await;
    stage.put_files(BRANCH, &[("NOTES.md", "mine\n")]);
    stage.comments("otto", 1, "/automata undo").await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert!(stage.github.pulls()[0].starts_with("#2 open"), "{:?}", stage.github.pulls());
    let told = stage.status_comment(1);
    assert!(told.contains("- Pull request #2: somebody has pushed to its branch.\n"), "{told}");
}

#[tokio::test]
async fn one_task_of_long_ago_can_be_taken_back_by_its_id() {
    let stage = Stage::start().await;
    stage.opens("alice", CRASH, TRACE).await;
    stage.comments("mona", 1, "/automata label +question -bug").await;
    let asked = |task: &&automata::domain::task::Task| {
        task.spec.reason.contains("mona said") && task.spec.kind.as_str() == "label"
    };
    let id = stage.state().await.tasks.values().find(asked).unwrap().id.clone();
    days_pass(&stage).await;
    stage.comments("mona", 1, &format!("/automata undo {}", id.short())).await;
    let mut labels = stage.github.labels_of(1);
    labels.sort();
    assert_eq!(labels, ["bug", "priority: high"], "{}", stage.status_comment(1));
}

#[tokio::test]
async fn a_run_that_is_cut_off_anywhere_loses_nothing_of_what_is_told() {
    let story = async || {
        let stage = Stage::configured("assign: {owners: true}\n").await;
        stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
        stage.lets_pass(Duration::from_secs(1));
        let comment = stage.github.comment("otto", 1, "/automata undo");
        let payload = stage.github.event_payload_commented(comment);
        (stage, payload)
    };
    let (whole, payload) = story().await;
    whole.run("issue_comment", &payload).await.unwrap();
    let told = whole.status_comment(1);
    assert!(told.contains("- Pull request #2 is closed.\n- Branch `"), "{told}");
    for push in 2..=7 {
        let (stage, payload) = story().await;
        stage.run_killed_and_taken_up(push, "issue_comment", &payload).await;
        stage.drain_later().await;
        assert_eq!(stage.pushed_branches(), [""; 0], "push {push}");
        assert_eq!(stage.status_comment(1), told, "push {push}");
    }
}

#[tokio::test]
async fn why_tells_of_what_is_long_over_out_of_the_history() {
    let stage = Stage::start().await;
    stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(DAY);
    stage.github.close(1);
    let closed = stage.github.event_payload_closed(1, "mona");
    stage.run("issues", &closed).await.unwrap();
    stage.lets_pass(DAY * 40);
    days_pass(&stage).await;
    assert!(!stage.state().await.issues.contains_key(&automata::domain::id::IssueNumber(1)), "it is over");
    stage.comments("alice", 1, "/automata why bug").await;
    let told = stage.status_comment(1).replace('\u{2060}', "");
    assert!(told.contains("it is a bug"), "{told}");
}
