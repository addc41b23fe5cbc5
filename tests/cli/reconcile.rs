//! `reconcile`: what no event told is found, as far back as one likes.

use serde_json::{Value, json};

use super::forge::LocalForge;
use super::program::file;

/// Somebody opened this issue long ago, and no run heard of it.
fn opened_unheard(forge: &LocalForge, number: u64, title: &str) {
    let at = "2026-01-05T10:00:00Z";
    let issue = json!({
        "number": number, "title": title, "author": { "kind": "person", "login": "carol" }, "body": "",
        "created_at": at, "updated_at": at,
    });
    let place = forge.path().join("forge/issues");
    std::fs::create_dir_all(&place).unwrap();
    file(&place, &format!("{number:04}.json"), issue.to_string().as_bytes());
}

#[test]
fn an_issue_that_nobody_told_of_is_recorded_once_and_worked_on_by_the_next_run() {
    let forge = LocalForge::new();
    insta::assert_snapshot!(forge.told(&["reconcile"]), @"
    exit code 0
    -- stderr
    The log is empty: there is no place to look from.
    ");
    opened_unheard(&forge, 1, "How do I turn it off?");
    let since = ["reconcile", "--since", "2025-12-24T00:00:00Z"];
    insta::assert_snapshot!(forge.told(&[&since[..], &["--dry-run"]].concat()), @"
    exit code 0
    -- stdout
    carol opened issue #1: How do I turn it off?
    -- stderr
    1 event that nobody had told. Nothing was recorded.
    ");
    insta::assert_snapshot!(forge.told(&since), @"
    exit code 0
    -- stdout
    carol opened issue #1: How do I turn it off?
    -- stderr
    1 event that nobody had told. `automata drain` works on what they lead to.
    ");
    let told = forge.program(&[&since[..], &["--format", "json"]].concat()).run().well();
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!((&told["found"], &told["recorded"]), (&json!([]), &json!(true)), "not a second time");
    insta::assert_snapshot!(forge.told(&["drain"]), @"
    exit code 0
    -- stdout
    drained: worked through the queue
    2 tasks completed, 1 change outside, 2 pushes to the log
    ");
}

#[test]
fn a_time_that_is_none_or_to_come_is_refused() {
    let forge = LocalForge::new();
    insta::assert_snapshot!(forge.told(&["reconcile", "--since", "yesterday"]), @"
    exit code 2
    -- stderr
    error: --since: `yesterday` is neither a time nor a span
    hint: Write it like TIME, or like 12h or 30d for how long ago.
    ");
    let ran = forge.program(&["reconcile", "--since", "2999-01-01T00:00:00Z"]).run();
    insta::assert_snapshot!(forge.named(&ran), @"
    exit code 2
    -- stderr
    error: --since: TIME is in the future
    hint: Name a time that has passed.
    ");
}
