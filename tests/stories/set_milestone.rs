//! Task kind `set_milestone`: an issue is planned by a rule, for a milestone that there is, where nobody has settled that.

use std::time::Duration;

use super::texts::{CRASH, TRACE};
use crate::world::github::Fault;
use crate::world::stage::Stage;

const PLANNED: &str = "rules:\n- {on: [issues.opened, issues.edited], do: analyse}\n- {on: analysed, if: {type: bug}, do: {milestone: V2}}\n";

#[tokio::test]
async fn a_bug_is_planned_for_the_milestone_of_that_title() {
    let stage = Stage::configured(PLANNED).await;
    stage.github.make_milestone("v1");
    stage.github.make_milestone("v2");
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(stage.github.milestone_of(issue).as_deref(), Some("v2"));
    assert!(stage.why(issue).await.contains("changed the issue: milestone V2"));
}

#[tokio::test]
async fn one_that_there_is_not_is_not_made_and_that_is_told() {
    let stage = Stage::configured(PLANNED).await;
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert!(!report.failed());
    assert_eq!(stage.github.milestone_of(issue), None);
    let state = stage.state().await;
    let task = state.tasks.values().find(|task| task.spec.kind.as_str() == "set_milestone").unwrap();
    let automata::domain::task::Status::Completed { output, .. } = &task.status else { panic!("{task:?}") };
    assert_eq!(output.as_str(), r#"{"note":"there is no open milestone `V2`; make it first"}"#);
}

#[tokio::test]
async fn what_a_person_plans_or_takes_out_stays_as_they_left_it() {
    for theirs in [Some("v1"), None] {
        let stage = Stage::configured(PLANNED).await;
        stage.github.make_milestone("v1");
        stage.github.make_milestone("v2");
        let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
        stage.lets_pass(Duration::from_secs(5));
        let planned = stage.github.plan_as("mona", issue, theirs);
        stage.run("issues", &planned).await.unwrap();
        stage.edits("alice", issue, CRASH, &format!("{TRACE}\nAgain.")).await;
        assert_eq!(stage.github.milestone_of(issue).as_deref(), theirs);
    }
}

#[tokio::test]
async fn a_plan_of_ours_that_is_gone_stays_gone_also_where_no_event_told_who_took_it() {
    let stage = Stage::configured(PLANNED).await;
    stage.github.make_milestone("v2");
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.milestone_of(issue).as_deref(), Some("v2"));
    stage.lets_pass(Duration::from_secs(5));
    stage.github.plan_as("mona", issue, None);
    stage.edits("alice", issue, CRASH, &format!("{TRACE}\nAgain.")).await;
    assert_eq!(stage.github.milestone_of(issue), None);
}

#[tokio::test]
async fn a_lost_reply_is_found_done() {
    let stage = Stage::configured(PLANNED).await;
    stage.github.make_milestone("v2");
    stage.github.plan("issues/update", Fault::LoseReply);
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(report.tally.retried, 1);
    stage.drain_later().await;
    assert_eq!(stage.github.milestone_of(issue).as_deref(), Some("v2"));
    assert_eq!(stage.writes().iter().filter(|line| line.starts_with("PATCH /issues/1 ")).count(), 1);
    assert!(stage.state().await.effects.values().all(|effect| effect.receipt.is_some()));
}
