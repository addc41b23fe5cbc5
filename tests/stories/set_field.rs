//! Task kind `set_field`: an option of a field in a project is chosen by a rule, or it is said why it cannot be.

use super::texts::{CRASH, TRACE};
use crate::world::stage::Stage;

const CHOSEN: &str = "rules:\n- {on: issues.opened, do: analyse}\n- {on: analysed, if: {type: bug}, do: {project: {number: 4, field: status, option: Ready}}}\n";

/// The note of the one task that chooses.
async fn note(stage: &Stage) -> String {
    let state = stage.state().await;
    let task = state.tasks.values().find(|task| task.spec.kind.as_str() == "set_field").unwrap();
    let automata::domain::task::Status::Completed { output, .. } = &task.status else { panic!("{task:?}") };
    output.as_str().to_owned()
}

#[tokio::test]
async fn a_bug_gets_the_option_in_the_project() {
    let stage = Stage::configured(CHOSEN).await;
    stage.github.make_project(4, "Status", &["Todo", "Ready"]);
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(stage.github.chosen(), ["#1 in 4: Status = Ready"]);
    assert_eq!(note(&stage).await, r#"{"set":"project 4, status: Ready"}"#);
    assert!(stage.why(issue).await.contains("set a field: project 4, status: Ready"));
}

#[tokio::test]
async fn what_cannot_be_chosen_is_passed_over_with_a_reason_and_fails_nothing() {
    let stage = Stage::configured(CHOSEN).await;
    let (_, report) = stage.opens("alice", CRASH, TRACE).await;
    assert!(!report.failed(), "{:?}", report.warnings);
    assert_eq!(
        note(&stage).await,
        r#"{"note":"not set: acme has no project 4, or the token may not see it: it needs project: write (the workflow's own token never has it)"}"#
    );
    for (field, option, why) in [
        ("Size", "Ready", "project 4 has no field `status`"),
        ("Status", "Todo", "the field `status` has no option `Ready`"),
    ] {
        let stage = Stage::configured(CHOSEN).await;
        stage.github.make_project(4, field, &[option]);
        stage.opens("alice", CRASH, TRACE).await;
        assert_eq!(note(&stage).await, format!(r#"{{"note":"not set: {why}"}}"#));
        assert_eq!(stage.github.chosen(), [""; 0]);
    }
    let stage = Stage::configured(CHOSEN).await;
    stage.github.make_project(4, "Status", &["Ready"]);
    stage.github.hide_projects();
    stage.opens("alice", CRASH, TRACE).await;
    assert!(note(&stage).await.contains("the token may not see it"));
}
