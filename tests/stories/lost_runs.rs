//! Runs that are killed: the next one finishes the work, and nothing is doubled.

use std::time::Duration;

use automata::app::Outcome;

use super::texts::{BRANCH, CRASH, MENDED, MENDED_LINE, TRACE};
use crate::world::stage::Stage;

#[tokio::test]
async fn killed_before_any_push_the_event_may_come_again() {
    let stage = Stage::start().await;
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let opened = stage.github.event_payload_opened(issue);
    stage.run_killed_at_push(1, "issues", &opened).await;
    assert_eq!((stage.branches(), stage.writes()), (vec!["main".to_owned()], Vec::new()));
    stage.run("issues", &opened).await.unwrap();
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
}

#[tokio::test]
async fn what_a_run_that_ended_had_begun_is_finished_by_the_next() {
    let stage = Stage::start().await;
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let opened = stage.github.event_payload_opened(issue);
    stage.run_killed_at_push(2, "issues", &opened).await;
    stage.github.set_run(stage.last_run(), 1, "completed");
    assert_eq!(stage.tasks().await["label running"], 1);

    let report = stage.drain().await;
    assert_eq!(report.tally.completed, 2, "{:?}", report.warnings);
    assert!(report.warnings.iter().all(|warning| warning.contains("has ended without an outcome")));
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    assert_eq!(stage.status_comments(issue).len(), 1);
    assert_eq!(stage.writes().len(), 2, "{:?}", stage.writes());
    let state = stage.state().await;
    assert!(state.effects.values().all(|effect| effect.receipt.is_some()));
}

#[tokio::test]
async fn what_a_run_that_is_alive_works_on_is_left_to_it_until_its_lease_ends() {
    for status in ["in_progress", "queued", "unknown to GitHub"] {
        let stage = Stage::start().await;
        let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
        let opened = stage.github.event_payload_opened(issue);
        stage.run_killed_at_push(2, "issues", &opened).await;
        if !status.starts_with("unknown") {
            stage.github.set_run(stage.last_run(), 1, status);
        }
        let writes = stage.writes();
        let report = stage.drain().await;
        assert_eq!((report.tally.completed, report.warnings.len()), (0, 0), "{status}");
        assert_eq!(stage.writes(), writes, "{status}");

        stage.lets_pass(Duration::from_secs(16 * 60));
        let report = stage.drain().await;
        assert_eq!(report.tally.completed, 2, "{status}: {:?}", report.warnings);
    }
}

#[tokio::test]
async fn killed_at_any_push_the_same_issue_label_branch_and_pull_request_come_out() {
    let pushes = {
        let whole = Stage::start().await;
        whole.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
        whole.git.take_traffic().pushes
    };
    assert!((4..=6).contains(&pushes), "{pushes} pushes for an issue with a patch");
    for push in 1..=pushes {
        let stage = Stage::start().await;
        let issue = stage.github.open_issue("mona", CRASH, &format!("{TRACE}\n{MENDED}"), &[]);
        let opened = stage.github.event_payload_opened(issue);
        stage.run_killed_at_push(push, "issues", &opened).await;
        stage.github.set_run(stage.last_run(), 1, "completed");
        stage.run("issues", &opened).await.unwrap();

        assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"], "killed at push {push}");
        assert_eq!(stage.pushed_branches(), [BRANCH], "killed at push {push}");
        assert!(stage.file(BRANCH, "src/parser.rs").contains(MENDED_LINE));
        let pulls = stage.github.pulls();
        assert_eq!(pulls, [format!("#2 open draft {BRANCH} -> main: {CRASH}")], "killed at push {push}");
        assert!(stage.status_comment(issue).contains("Pull request: #2"), "killed at push {push}");
        let state = stage.state().await;
        assert!(state.tasks.values().all(|task| task.status.is_final()), "killed at push {push}");
        assert!(state.effects.values().all(|effect| effect.receipt.is_some()), "killed at push {push}");
    }
}

#[tokio::test]
async fn who_loses_the_race_over_one_event_says_so_and_warns_of_nothing() {
    let stage = Stage::start().await;
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let opened = stage.github.event_payload_opened(issue);
    let gate = stage.git.hold_next_push();
    let (slow, quick) = tokio::join!(stage.run("issues", &opened), async {
        stage.git.push_waits().await;
        let quick = stage.run("issues", &opened).await;
        gate.open();
        quick
    });
    let (slow, quick) = (slow.unwrap(), quick.unwrap());
    assert_eq!((quick.outcome, slow.outcome), (Outcome::Recorded, Outcome::Duplicate));
    assert_eq!(slow.headline, "this was recorded before, as event 1");
    assert_eq!((slow.events.len(), slow.warnings), (0, Vec::new()));
}
