//! Failed checks on our pull request: read, repaired within a limit, and found also where no event told of them.

use super::attempts::Scripted;
use super::revise::{commits, reviews, says_what_it_does, with_our_pull};
use super::texts::BRANCH;
use crate::world::github::Fault;
use crate::world::stage::Stage;

/// Another workflow has run on our branch.
fn workflow_failed(commit: &str) -> serde_json::Value {
    serde_json::json!({
        "action": "completed",
        "workflow_run": {
            "id": 77, "name": "CI", "run_attempt": 1, "status": "completed", "conclusion": "failure",
            "head_sha": commit, "head_branch": BRANCH, "head_repository": { "full_name": "acme/widgets" }, "updated_at": "2026-11-22T10:05:00Z",
        },
        "repository": { "id": 186_853_002, "full_name": "acme/widgets" },
        "sender": { "login": "mona", "type": "User", "id": 3 },
    })
}

#[tokio::test]
async fn failed_checks_are_read_and_repaired_within_the_same_limit() {
    let stage = with_our_pull("pull_requests: { revisions: 1 }\n").await;
    let tip = || stage.git.repository.git(&["rev-parse", BRANCH]).trim().to_owned();
    stage.github.check_fails(&tip(), "docs", ("src/parser.rs", 1, "Say what it does."));
    let report = stage.run("workflow_run", &workflow_failed(&tip())).await.unwrap();
    assert_eq!(report.warnings, [""; 0]);
    assert!(stage.file(BRANCH, "src/parser.rs").starts_with("// Parses a line.\n"));
    stage.github.check_fails(&tip(), "docs", ("src/parser.rs", 1, "Say what it does, again."));
    let mut again = workflow_failed(&tip());
    again["workflow_run"]["id"] = 78.into();
    stage.run("workflow_run", &again).await.unwrap();
    assert_eq!(commits(&stage).lines().count(), 2);
    assert!(stage.status_comment(2).contains("a person has to go on"));
}

#[tokio::test]
async fn checks_are_left_alone_where_the_configuration_says_so_or_the_commit_is_an_older_one() {
    for yaml in ["pull_requests: { repair_checks: false }\n", ""] {
        let stage = with_our_pull(yaml).await;
        let old = stage.git.repository.git(&["rev-parse", BRANCH]).trim().to_owned();
        stage.put_files(BRANCH, &[("NOTES.md", "By hand.\n")]);
        stage.github.check_fails(&old, "docs", ("src/parser.rs", 1, "Say what it does."));
        stage.run("workflow_run", &workflow_failed(&old)).await.unwrap();
        assert_eq!(commits(&stage).lines().count(), 2);
    }
}

#[tokio::test]
async fn failed_checks_of_which_no_event_told_are_found_once_a_day_whoever_checks() {
    let tip = |stage: &Stage| stage.git.repository.git(&["rev-parse", BRANCH]).trim().to_owned();
    let day = std::time::Duration::from_secs(86_400);
    for is_status in [false, true] {
        let stage = with_our_pull("").await;
        let helper = Scripted::new("helper", says_what_it_does);
        *stage.assistants.borrow_mut() = vec![helper.clone()];
        match is_status {
            true => stage.github.set_status(2, "ci/elsewhere", "failure"),
            false => {
                stage.github.check_fails(&tip(&stage), "docs", ("src/parser.rs", 1, "Say what it does."))
            }
        }
        stage.lets_pass(day);
        let report = stage.run("schedule", &scheduled()).await.unwrap();
        assert_eq!(report.warnings, [""; 0]);
        assert!(stage.file(BRANCH, "src/parser.rs").starts_with("// Parses a line.\n"), "{is_status}");
        let prompt = helper.prompts.lock().unwrap()[0].clone();
        let name = if is_status { "ci/elsewhere" } else { "docs" };
        assert!(prompt.contains(name), "{prompt}");
        // The checks of the new commit have not failed.
        stage.lets_pass(day);
        stage.run("schedule", &scheduled()).await.unwrap();
        assert_eq!(helper.asked(), 1);
    }
}

#[tokio::test]
async fn what_was_looked_at_once_and_could_not_be_repaired_is_not_paid_for_every_day() {
    let stage = with_our_pull("").await;
    let helper = Scripted::new("helper", |_, _| Ok("There is nothing to mend."));
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    stage.github.check(2, "docs", Some("failure"));
    for _ in 0..3 {
        stage.lets_pass(std::time::Duration::from_secs(86_400));
        stage.run("schedule", &scheduled()).await.unwrap();
    }
    assert_eq!(helper.asked(), 1);
    let stage = with_our_pull("pull_requests: { repair_checks: false }\n").await;
    stage.github.check(2, "docs", Some("failure"));
    stage.lets_pass(std::time::Duration::from_secs(86_400));
    stage.run("schedule", &scheduled()).await.unwrap();
    assert_eq!(commits(&stage).lines().count(), 1);
    // All else is seen to also where the token may not see checks.
    let stage = with_our_pull("").await;
    stage.lets_pass(std::time::Duration::from_secs(86_400));
    stage.github.plan("checks/list-for-ref", Fault::NotPermitted { accepted: Some("checks=read") });
    let report = stage.run("schedule", &scheduled()).await.unwrap();
    assert!(!report.failed(), "{:?}", report.warnings);
}

#[tokio::test]
async fn a_review_that_comes_while_a_repair_waits_is_taken_up_by_it() {
    let stage = with_our_pull("").await;
    let tip = stage.git.repository.git(&["rev-parse", BRANCH]).trim().to_owned();
    stage.github.check_fails(&tip, "docs", ("src/parser.rs", 1, "Say what it does."));
    stage.comments("otto", 1, "/automata stop").await;
    stage.run("workflow_run", &workflow_failed(&tip)).await.unwrap();
    reviews(&stage, "otto", "changes_requested", "Say what it does.").await;
    // The check ran again meanwhile and is green now.
    stage.github.check(2, "docs", Some("success"));
    stage.comments("otto", 1, "/automata resume").await;
    stage.drain_later().await;
    assert!(stage.file(BRANCH, "src/parser.rs").starts_with("// Parses a line.\n"));
}

/// The clock ticks.
fn scheduled() -> serde_json::Value {
    serde_json::json!({
        "schedule": "23 */6 * * *",
        "repository": { "id": 186_853_002, "full_name": "acme/widgets", "default_branch": "main" },
        "sender": { "login": "mona", "type": "User", "id": 3 },
    })
}

#[tokio::test]
async fn the_end_of_a_failed_jobs_log_is_given_to_whoever_repairs_it() {
    let stage = with_our_pull("").await;
    let helper = Scripted::new("helper", says_what_it_does);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    let tip = stage.git.repository.git(&["rev-parse", BRANCH]).trim().to_owned();
    stage.github.check_fails(&tip, "docs", ("src/parser.rs", 1, "Say what it does."));
    let secret = format!("gh{}_{}", 'p', "a8Fk29dLmQ4xZ7vBa8Fk29dLmQ4xZ7vBa8Fk29");
    let noise = "2026-11-22T10:00:00.0000000Z compiling\n".repeat(2_000);
    stage.github.job_prints(
        &tip,
        &format!("{noise}2026-11-22T10:00:01.0000000Z warning: parse has no words\nTOKEN={secret}\n>>> M0\n"),
    );
    stage.run("workflow_run", &workflow_failed(&tip)).await.unwrap();
    let prompt = helper.prompts.lock().unwrap()[0].clone();
    let (_, log) = prompt.split_once("the end of the log of \"docs\"").unwrap();
    assert!(
        log.contains("\nwarning: parse has no words\n(a line with a GitHub token is left out)\n"),
        "{log}"
    );
    assert!(!prompt.contains(&secret) && prompt.len() < 40_000, "{}", prompt.len());
}

#[tokio::test]
async fn a_log_that_is_gone_keeps_nobody_from_repairing() {
    let stage = with_our_pull("").await;
    let tip = stage.git.repository.git(&["rev-parse", BRANCH]).trim().to_owned();
    stage.github.check_fails(&tip, "docs", ("src/parser.rs", 1, "Say what it does."));
    stage.run("workflow_run", &workflow_failed(&tip)).await.unwrap();
    assert!(stage.file(BRANCH, "src/parser.rs").starts_with("// Parses a line.\n"));
}
