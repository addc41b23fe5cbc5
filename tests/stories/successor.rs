//! A run that runs out of time: GitHub is asked for the next one, or it is left to whatever comes.

use std::time::Duration;

use automata::app::{Ended, Given, Outcome, Report, Successor, take_in};
use insta::assert_snapshot;
use serde_json::Value;

use super::texts::{CRASH, TRACE};
use crate::world::github::Fault;
use crate::world::stage::Stage;

/// One task after the other, for a minute.
const SHORT: &str = "limits: {tasks_at_once: 1, run_minutes: 1}\n";

/// A story in which somebody has opened an issue, and runs have a minute.
async fn short_of_time() -> (Stage, Value) {
    let stage = Stage::configured(SHORT).await;
    stage.github.set_workflow("automata.yml", true);
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let opened = stage.github.event_payload_opened(issue);
    (stage, opened)
}

/// A run in which two minutes pass during its first push.
async fn slowly(stage: &Stage, run: impl Future<Output = Result<Report, Ended>>) -> Report {
    let gate = stage.git.hold_next_push();
    let time_passes = async {
        stage.git.push_waits().await;
        stage.lets_pass(Duration::from_secs(120));
        gate.open();
    };
    let (report, ()) = futures_util::join!(run, time_passes);
    report.unwrap()
}

#[tokio::test]
async fn a_run_that_runs_out_of_time_starts_the_next_which_finishes() {
    let (stage, opened) = short_of_time().await;
    let report = slowly(&stage, stage.run("issues", &opened)).await;
    assert_eq!((report.successor, report.failed()), (Some(Successor::Started), false));
    assert_snapshot!(report.notes.join("\n"), @"Time ran out with work left. GitHub was asked for another run, which goes on with it.");
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(stage.github.dispatches(), ["automata.yml on main"]);
    assert_eq!(stage.status_comments(1).len(), 0, "time was out");

    let dispatched = stage.github.event_payload_dispatched("github-actions[bot]");
    let next = stage.run("workflow_dispatch", &dispatched).await.unwrap();
    assert_eq!((next.outcome, next.tally.completed), (Outcome::Recorded, 1));
    assert_eq!((next.successor, next.notes), (None, Vec::new()));
    assert_eq!(stage.status_comments(1).len(), 1);
    assert_eq!(stage.github.dispatches().len(), 1, "nothing is left to ask for");
}

#[tokio::test]
async fn without_the_permission_the_work_is_left_to_the_next_run_with_a_note() {
    let (stage, opened) = short_of_time().await;
    stage.github.plan("actions/create-workflow-dispatch", Fault::NotPermitted { accepted: None });
    let report = slowly(&stage, stage.run("issues", &opened)).await;
    assert_eq!((report.successor, report.failed()), (Some(Successor::Left), false));
    assert_eq!(report.warnings, [""; 0]);
    assert_snapshot!(report.notes.join("\n"), @"Time ran out with work left. The next run goes on with it; none could be started now: GitHub does not allow this call: Resource not accessible by integration. Add `actions: write` under `permissions:` in the workflow.");
    assert_eq!(stage.drain().await.tally.completed, 1);
    assert_eq!(stage.status_comments(1).len(), 1);
}

#[tokio::test]
async fn outside_of_a_workflow_nobody_is_asked() {
    let (stage, opened) = short_of_time().await;
    let mut world = stage.world().await.unwrap();
    world.workflow = None;
    let given = Given { event: "issues".to_owned(), payload: opened.to_string().into_bytes() };
    let report = slowly(&stage, take_in(&world, Some(&given))).await;
    assert_eq!(report.successor, Some(Successor::Left));
    assert_snapshot!(report.notes.join("\n"), @"Time ran out with work left. The next run goes on with it; none could be started now: outside of a workflow of this repository there is none to start.");
    assert!(!stage.github.requests().iter().any(|line| line.contains("/dispatches")));
}

#[tokio::test]
async fn a_run_that_had_no_time_to_begin_anything_calls_nobody() {
    let (stage, opened) = short_of_time().await;
    let other = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let other = stage.github.event_payload_opened(other);
    for event in [opened, other] {
        stage.run_killed_at_push(2, "issues", &event).await;
    }
    // What became of the two runs takes GitHub more than a minute to say.
    for _ in 0..6 {
        stage.github.plan("actions/get-workflow-run-attempt", Fault::TooFast { retry_after: Some(15) });
    }
    let report = stage.drain().await;
    assert_eq!((report.successor, report.tally.completed), (Some(Successor::Left), 0));
    assert_snapshot!(report.notes.join("\n"), @"Time ran out with work left. The next run goes on with it; none could be started now: this run had no time to begin anything.");
    assert_eq!(stage.github.dispatches(), [""; 0]);
    assert_eq!(stage.drain().await.successor, None);
}

#[tokio::test]
async fn a_run_that_finishes_in_time_calls_nobody() {
    let (stage, opened) = short_of_time().await;
    let report = stage.run("issues", &opened).await.unwrap();
    assert_eq!((report.successor, report.notes), (None, Vec::new()));
    assert_eq!(stage.github.dispatches(), [""; 0]);
}
