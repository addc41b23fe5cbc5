//! A comment about work: its history, its length, its words.

use super::*;
use crate::domain::landmark::{Landmark, Passed};
use crate::domain::story::{ISSUE, START, Story, opened};

fn number() -> IssueNumber {
    ISSUE.number().unwrap()
}

/// A state with an issue on which somebody worked, and with this answer to somebody who asked.
fn worked_on(answer: &str) -> State {
    let mut story = Story::new();
    story.told(opened("one", story.now));
    let mut state = story.state;
    let issue = state.issues.get_mut(&number()).unwrap();
    let passed = |what| Landmark { sequence: Sequence(1), at: START, what };
    issue.landmarks = vec![
        passed(Passed::Opened { number: IssueNumber(43) }),
        passed(Passed::Reviewed { by: Login::new("@mona <b>"), verdict: "changes_requested".to_owned() }),
        passed(Passed::Rejected { by: Login::new("otto") }),
    ];
    issue.answer = Some(CommandAnswered { asked_by: Login::new("ada"), text: answer.to_owned() });
    state
}

fn shown(state: &State, config: &Config) -> StatusComment {
    let scene = Scene { state, config, page: "https://github.com/acme/widgets" };
    scene.status(number(), &TaskId::new("t")).unwrap()
}

#[test]
fn the_history_is_folded_away_newest_first_and_calls_nobody() {
    let comment = shown(&worked_on("Yes."), &Config::default());
    insta::assert_snapshot!(visible(comment.body()), @"
    Asked by ada:

    Yes.

    <details><summary>History</summary>

    - 2026-11-22: otto closed it without merging it
    - 2026-11-22: &#64;mona &lt;b&gt; reviewed it: changes requested
    - 2026-11-22: #43 was opened

    </details>

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    ");
}

#[test]
fn what_is_too_long_loses_its_history_first_and_then_its_end_at_a_line() {
    let config = Config::default();
    let long = "a line of text\n".repeat(4_352);
    let comment = shown(&worked_on(&long), &config);
    let body = comment.body();
    assert!(body.chars().count() <= MOST_CHARACTERS && body.contains(long.trim_end()), "all of the answer");
    assert!(!body.contains("<summary>History"), "and no history");

    let comment = shown(&worked_on(&long.repeat(2)), &config);
    let body = comment.body();
    assert!(body.chars().count() <= MOST_CHARACTERS);
    assert!(body.contains("a line of text\n\n</details>\n\nThe rest is left out"), "{}", &body[64_000..]);
    assert!(body.ends_with("stays as they left it.</sub>\n"));
    assert_eq!(Marker::find(body, number()), Some(comment.marker()));
}

#[test]
fn every_word_can_be_another_and_then_nothing_english_is_left_of_it() {
    let mut config = Config::default();
    config.comment.words.footer = "Automata hält dies aktuell.".to_owned();
    config.comment.words.history = "Verlauf".to_owned();
    let comment = shown(&worked_on("Ja."), &config);
    assert!(comment.body().ends_with("<sub>Automata hält dies aktuell.</sub>\n"));
    assert!(comment.body().contains("<summary>Verlauf</summary>"));
    assert!(!comment.body().contains("Kept up to date"));
}
