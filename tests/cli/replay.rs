//! `replay`: the queue as it was.

use super::forge::LocalForge;

#[test]
fn the_queue_is_shown_as_it_was_at_an_event_and_as_it_is_at_the_last() {
    let forge = LocalForge::new();
    let payload = forge.opens("carol", "How do I read the list from a file?", "Nothing in the README.");
    forge.take_in(&payload).well();
    let at = |place: &str| forge.program(&["replay", "--to", place]).run().well().stdout;
    let heading = |text: String| text.lines().next().unwrap_or_default().to_owned();
    insta::assert_snapshot!([at("0"), at("1"), at("2"), at("4")].map(heading).join("\n"), @"
    0 cancelled, 0 completed, 0 failed, 0 pending, 0 running (event 0)
    0 cancelled, 0 completed, 0 failed, 0 pending, 0 running (event 1)
    0 cancelled, 0 completed, 0 failed, 1 pending, 0 running (event 2)
    0 cancelled, 1 completed, 0 failed, 0 pending, 0 running (event 4)
    ");
    let now = forge.program(&["status"]).run().well().stdout;
    assert!(at("9").starts_with(&now));
    insta::assert_snapshot!(forge.told(&["replay", "--to", "1000000"]), @"
    exit code 2
    -- stderr
    error: there is no event 1000000 yet: the log ends with event 9
    hint: `automata replay --to 9` shows how things stand at its end, `automata status` the queue now.
    ");
    assert_eq!(heading(at("30d")), heading(at("0")), "thirty days ago there was nothing");
    assert_eq!(
        forge.program(&["replay", "--to", "2", "--format", "json"]).run().well().stdout.lines().count(),
        1
    );
}

#[test]
fn a_place_that_is_none_is_told() {
    insta::assert_snapshot!(LocalForge::new().told(&["replay", "--to", "yesterday"]), @"
    exit code 2
    -- stderr
    error: `yesterday` is no place in the log
    hint: For example: automata replay --to 1200, --to TIME or --to 12h
    ");
}

#[test]
fn issues_are_shown_as_they_were() {
    let forge = LocalForge::new();
    std::fs::write(forge.path().join("forge/labels.json"), r#"[{"name":"question","color":"d876e3"}]"#)
        .unwrap();
    let payload = forge.opens("carol", "How do I read the list from a file?", "Nothing in the README.");
    forge.take_in(&payload).well();
    insta::assert_snapshot!(forge.told(&["replay", "--to", "4"]), @"
    exit code 0
    -- stdout
    0 cancelled, 1 completed, 0 failed, 0 pending, 0 running (event 4)
    STATUS     KIND     ABOUT    ATTEMPTS  TASK            DETAIL
    completed  analyse  issue/1  1/6       ID1.1  since TIME

    ABOUT    STATE  LABELS  ASSIGNED  FOUND             PULL REQUEST  TITLE
    issue/1  open                     question, normal                How do I read the list from a file?
    -- stderr
    as it was at TIME; 10 events since
    What other commands show (`automata show`, `why`, `tasks list`) is the present; `automata log` has the events until then.
    ");
    let last = forge.sequence().to_string();
    let shown = forge.program(&["replay", "--to", &last]).run().well();
    insta::assert_snapshot!(crate::cli::program::plain(shown.stdout.rsplit_once("PULL REQUEST").unwrap().1), @"
      TITLE
    issue/1  open   question            question, normal                How do I read the list from a file?
    ");
    let json = forge.program(&["replay", "--to", &last, "--format", "json"]).run().well().json();
    assert_eq!(json["issues"][0]["labels"], serde_json::json!(["question"]));
    let first = forge.program(&["replay", "--to", "1", "--format", "json"]).run().well().json();
    assert_eq!(first["issues"][0]["labels"], serde_json::json!([]));
    assert_eq!(first["issues"][0]["found"], serde_json::json!([]));
}
