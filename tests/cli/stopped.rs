//! Told to stop by the signals of a cancelled workflow run: what is done is in the log, the rest is given back.

use std::path::PathBuf;
use std::process::{Child, Command};

use serde_json::{Value, json};

use super::program::Ran;
use super::runner::Runner;
use crate::world::github::Fault;

/// Three tasks one after the other: the first is done, GitHub never answers the second, the third waits.
async fn at_work() -> (Runner, Child) {
    let (runner, child, _) = at_work_with(&["drain"]).await;
    (runner, child)
}

/// The same, with the folder of the step that is at work.
async fn at_work_with(arguments: &[&str]) -> (Runner, Child, PathBuf) {
    let runner = Runner::start().await;
    runner.github.make_label("bug", "ededed", "");
    for title in ["First", "Second"] {
        runner.github.open_issue("carol", title, "", &[]);
    }
    let tasks = json!([
        { "name": "first", "kind": "assign", "subject": "issue/1", "input": { "logins": ["mona"] } },
        { "name": "second", "kind": "label", "subject": "issue/2", "input": { "add": ["bug"] }, "after": ["first"] },
        { "name": "third", "kind": "milestone", "subject": "issue/2", "after": ["second"] },
    ]);
    let step = runner.step("schedule", &Value::Null);
    step.program.with(&["tasks", "add", "--from", "-"]).run_fed(&tasks.to_string()).well();
    // The first thing that only the second task asks for.
    runner.github.plan("issues/list-labels-for-repo", Fault::Hang);
    let step = runner.step("schedule", &Value::Null);
    let folder = step.folder().to_owned();
    let child = step.program.with(arguments).begin();
    runner.github.hangs().await;
    (runner, child, folder)
}

fn signal(child: &Child, name: &str) {
    let told = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(told.success());
}

/// What the log says of a task, by its place among the three.
fn about(log: &[Value], place: usize) -> Vec<String> {
    let task = format!(".{place}");
    let is_about = |event: &&Value| event["data"]["task"].as_str().is_some_and(|id| id.ends_with(&task));
    log.iter().filter(is_about).map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

fn assert_ended_well(runner: &Runner, ran: &Ran) {
    assert_eq!(ran.code, Some(0), "what was begun is given back, and nothing failed: {}", ran.stderr);
    let told = ran.stdout.lines().chain(ran.stderr.lines()).filter(|line| line.contains("was told to stop"));
    assert!(told.count() > 0, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("stopped: told to stop with 2 tasks left\n"), "{}", ran.stdout);
    let log = runner.log();
    assert_eq!(about(&log, 1), ["task.enqueued", "task.claimed", "effect.intended", "task.completed"]);
    assert_eq!(about(&log, 2), ["task.enqueued", "task.claimed", "task.released"]);
    assert_eq!(about(&log, 3), ["task.enqueued"]);
    // Whoever comes next need not wait for anything.
    let step = runner.step("schedule", &Value::Null);
    step.program.with(&["drain"]).run().well();
    let log = runner.log();
    assert!((2..=3).all(|place| about(&log, place).ends_with(&["task.completed".to_owned()])));
    assert_eq!(
        (runner.github.assignees_of(1), runner.github.labels_of(2)),
        (vec!["mona".to_owned()], vec!["bug".to_owned()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_a_run_gracefully() {
    let (runner, child) = at_work().await;
    signal(&child, "-TERM");
    let ran = child.wait_with_output().unwrap().into();
    assert_ended_well(&runner, &ran);
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_after_sigint_does_not_cut_the_last_push_off() {
    let (runner, child) = at_work().await;
    let gate = runner.git.hold_next_push();
    signal(&child, "-INT");
    runner.git.push_waits().await;
    signal(&child, "-TERM");
    gate.open();
    let ran = child.wait_with_output().unwrap().into();
    assert_ended_well(&runner, &ran);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_told_that_a_run_was_stopped_and_how_much_is_left() {
    let (runner, child, folder) = at_work_with(&["drain", "--format", "json"]).await;
    signal(&child, "-TERM");
    let ran: Ran = child.wait_with_output().unwrap().into();
    let report = ran.json();
    assert_eq!((&report["outcome"], &report["left"]), (&json!("stopped"), &json!(2)), "{report}");
    let outputs = std::fs::read_to_string(folder.join("outputs")).unwrap();
    assert!(outputs.contains("outcome=stopped\n"), "{outputs}");
    let step = runner.step("schedule", &Value::Null);
    let report = step.program.with(&["drain", "--format", "json"]).run().well().json();
    assert_eq!((&report["outcome"], &report["left"]), (&json!("drained"), &Value::Null), "{report}");
}
