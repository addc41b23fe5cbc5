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
    assert_eq!(at("9"), now);
    assert_eq!(at("1000000"), now, "what is after the end changes nothing");
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
