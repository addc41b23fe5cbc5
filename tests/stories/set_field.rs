//! Task kind `set_field`: a rule chooses an option in a project, or sets a field of the organisation's, or it is said why not.

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
        ("Status", "Todo", "the field `Status` has no option `Ready`"),
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

#[tokio::test]
async fn fields_of_projects_hold_texts_numbers_dates_and_iterations_too() {
    let rule = |value: &str| {
        format!(
            "rules:\n- {{on: issues.opened, do: {{project: {{number: 4, field: Plan, option: \"{value}\"}}}}}}\n"
        )
    };
    for (sort, value, came) in [
        ("TEXT", "soon", Ok("soon")),
        ("NUMBER", "3.5", Ok("3.5")),
        ("NUMBER", "many", Err("the field `Plan` holds numbers, and `many` is none")),
        ("DATE", "2026-12-24", Ok("2026-12-24")),
        ("DATE", "soon", Err("the field `Plan` holds dates such as 2026-01-31, and `soon` is none")),
        ("ITERATION", "sprint 7", Ok("Sprint 7")),
        (
            "ITERATION",
            "Sprint 1",
            Err("the field `Plan` has no iteration `Sprint 1` that is going on or to come"),
        ),
        ("LABELS", "bug", Err("the field `Plan` is of the sort labels, which Automata cannot set")),
    ] {
        let stage = Stage::configured(&rule(value)).await;
        stage.github.make_project_field(4, "Plan", sort, &["Sprint 7", "Sprint 8"]);
        let (_, report) = stage.opens("alice", CRASH, TRACE).await;
        assert!(!report.failed(), "{:?}", report.warnings);
        let chosen = came.map(|value| format!("#1 in 4: Plan = {value}"));
        assert_eq!(stage.github.chosen(), chosen.iter().cloned().collect::<Vec<_>>(), "{sort}");
        if let Err(why) = came {
            assert_eq!(note(&stage).await, format!(r#"{{"note":"not set: {why}"}}"#));
        }
    }
}

const FILLED: &str = "rules:\n- {on: [issues.opened, issues.edited], do: analyse}\n- {on: analysed, do: {field: {name: impact, value: high}}}\n";

#[tokio::test]
async fn the_organisations_own_field_is_set_once_and_then_it_is_peoples() {
    let stage = Stage::configured(FILLED).await;
    stage.github.make_issue_field("Size", "number", &[]);
    stage.github.make_issue_field("Impact", "single_select", &["Low", "High"]);
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(stage.github.issue_field(issue, 2), "High");
    assert_eq!(note(&stage).await, r#"{"set":"impact: high"}"#);
    for theirs in [Some("Low".into()), None] {
        stage.github.fill_as_a_person(issue, 2, theirs.clone());
        stage.lets_pass(std::time::Duration::from_secs(5));
        stage.edits("alice", issue, CRASH, &format!("{TRACE}\nAgain {theirs:?}.")).await;
        assert_eq!(stage.github.issue_field(issue, 2), theirs.unwrap_or_default());
    }
}

#[tokio::test]
async fn a_value_of_the_organisations_field_has_to_fit_and_never_replaces_another() {
    let filled = |value: &str| {
        format!("rules:\n- {{on: issues.opened, do: {{field: {{name: Due, value: \"{value}\"}}}}}}\n")
    };
    for (sort, value, came) in [
        ("date", "2026-12-24", r#"{"set":"Due: 2026-12-24"}"#),
        (
            "date",
            "soon",
            r#"{"note":"not set: the field `Due` holds dates such as 2026-01-31, and `soon` is none"}"#,
        ),
        ("number", "3.5", r#"{"set":"Due: 3.5"}"#),
        ("number", "many", r#"{"note":"not set: the field `Due` holds numbers, and `many` is none"}"#),
        ("text", "soon", r#"{"set":"Due: soon"}"#),
        ("single_select", "soon", r#"{"note":"not set: the field `Due` has no option `soon`"}"#),
        (
            "multi_select",
            "soon",
            r#"{"note":"not set: the field `Due` is of the sort multi_select, which Automata cannot set"}"#,
        ),
    ] {
        let stage = Stage::configured(&filled(value)).await;
        stage.github.make_issue_field("Due", sort, &["later"]);
        stage.opens("alice", CRASH, TRACE).await;
        assert_eq!(note(&stage).await, came);
    }
    let stage = Stage::configured(&filled("soon")).await;
    stage.opens("alice", CRASH, TRACE).await;
    assert!(note(&stage).await.contains("acme has no fields for issues, or the token may not see them"));
    let stage = Stage::configured(&filled("soon")).await;
    stage.github.make_issue_field("Due", "text", &[]);
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    stage.github.fill_as_a_person(issue, 1, Some("never".into()));
    stage.run("issues", &stage.github.event_payload_opened(issue)).await.unwrap();
    assert_eq!(note(&stage).await, r#"{"note":"not set: the field `Due` has the value \"never\" already"}"#);
}
