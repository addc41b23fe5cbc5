//! `automata undo`: what is meant and what is not, and what it leaves of the demo.

use std::path::Path;

use serde_json::Value;

use super::program::Program;

fn demo() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    Program::new(&["demo", "--keep", home.path().to_str().unwrap()]).run().well();
    home
}

fn json(home: &Path, arguments: &[&str]) -> Value {
    Program::on(home, &[arguments, &["--format", "json"]].concat()).run().well().json()
}

/// What the task that `undo WHAT` enqueued did and left.
fn undone(home: &Path, what: &str) -> (Vec<String>, Vec<String>) {
    let meant = json(home, &["undo", what]);
    let task = meant[0]["task"].as_str().unwrap().to_owned();
    Program::on(home, &["drain"]).run().well();
    let shown = json(home, &["show", &task]);
    let output = &shown["task"]["status"]["completed"]["output"];
    let lines = |name: &str| -> Vec<String> {
        let list = output[name].as_array().unwrap_or_else(|| panic!("{shown:#}"));
        list.iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    };
    (lines("taken_back"), lines("left"))
}

fn kinds(meant: &Value) -> Vec<String> {
    let effects = meant.as_array().unwrap().iter().flat_map(|meant| meant["effects"].as_array().unwrap());
    effects.map(|effect| effect["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn all_of_an_issue_with_its_revised_pull_request_is_taken_back_once() {
    let home = demo();
    let home = home.path();
    assert!(!kinds(&json(home, &["undo", "1", "--dry-run"])).is_empty());
    let (taken_back, left) = undone(home, "1");
    assert_eq!(left, [""; 0]);
    assert!(taken_back.contains(&"Pull request #2 is closed.".to_owned()), "{taken_back:?}");
    assert!(taken_back.iter().any(|line| line.starts_with("Branch `automata/")), "{taken_back:?}");
    assert_eq!(kinds(&json(home, &["undo", "1", "--dry-run"])), [""; 0]);
    assert_eq!(undone(home, "1"), (Vec::new(), Vec::new()));
    assert_eq!(kinds(&json(home, &["undo", "1", "--dry-run"])), [""; 0]);
}

#[test]
fn of_a_pull_request_it_is_said_what_stays() {
    let home = demo();
    let (_, left) = undone(home.path(), "pull/2");
    assert!(left.iter().any(|line| line.starts_with("Commit `")), "{left:?}");
    assert!(
        left.contains(&"An answer to the review: delete what is wrong on GitHub.".to_owned()),
        "{left:?}"
    );
}

#[test]
fn a_number_means_an_issue_and_a_task_is_named_without_doubt() {
    let home = demo();
    let home = home.path();
    let told = |what: &str| Program::on(home, &["undo", what, "--dry-run"]).run();
    let done = json(home, &["undo", "1", "--dry-run"]);
    let effects = done[0]["effects"].as_array().unwrap();
    let labelled = effects.iter().find(|effect| effect["kind"] == "label").unwrap();
    let task = labelled["effect"].as_str().unwrap().split('/').next().unwrap();
    // Every digit that a task's id may begin with, and no such issue.
    for digit in 6..=9 {
        let ran = told(&digit.to_string());
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.stderr.contains("nothing that can be taken back is called"), "{}", ran.stderr);
    }
    // Three digits would be the number of an issue.
    let few = if task[..3].parse::<u64>().is_ok() { "abc" } else { &task[..3] };
    let ran = told(few);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.contains("is too short to name a task"), "{}", ran.stderr);
    let (command, ordinal) = task.split_once('.').unwrap();
    for name in [task.to_owned(), format!("{}.{ordinal}", &command[..5])] {
        assert_eq!(kinds(&json(home, &["undo", &name, "--dry-run"])), ["label"], "{name}");
    }
    // What several tasks of one command have in common names none of them.
    let listed = json(home, &["tasks", "list"]);
    let ids: Vec<&str> =
        listed["tasks"].as_array().unwrap().iter().filter_map(|task| task["task"].as_str()).collect();
    let shared = ids.iter().map(|id| id.split('.').next().unwrap());
    let shared =
        shared.into_iter().find(|one| ids.iter().filter(|id| id.starts_with(one)).count() > 1).unwrap();
    let ran = told(shared);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.contains(&format!("error: `{shared}` is the beginning of ")), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("hint: Name one of {shared}.")), "{}", ran.stderr);
}
