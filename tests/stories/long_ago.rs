//! Told again when the log has long forgotten the first time: the history knows, and nothing is decided again.

use std::time::Duration;

use automata::app::{Given, Outcome, take_in};
use automata::domain::id::RunId;
use serde_json::{Value, json};

use super::texts::{QUESTION, QUESTION_TEXT};
use super::ticks::ticks;
use crate::world::stage::Stage;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// So much happens that only the newest of it is remembered.
async fn much_happens(stage: &Stage) {
    stage.lets_pass(DAY);
    ticks(stage, 1_300).await;
    stage.lets_pass(DAY);
}

/// What became of an event that a run tells in its attempt of this number.
async fn tells(stage: &Stage, run: u64, attempt: u32, event: &str, payload: &Value) -> Outcome {
    let mut world = stage.world().await.unwrap();
    world.run = RunId::new(format!("{run}.{attempt}"));
    let given = Given { event: event.to_owned(), payload: payload.to_string().into_bytes() };
    take_in(&world, Some(&given)).await.unwrap().outcome
}

#[tokio::test]
async fn an_old_run_that_is_run_again_decides_nothing_again() {
    let stage = Stage::start().await;
    let issue = stage.github.open_issue("carol", QUESTION, QUESTION_TEXT, &[]);
    let payload = stage.github.event_payload_opened(issue);
    assert_eq!(tells(&stage, 1, 1, "issues", &payload).await, Outcome::Recorded);
    // This one has no time of its own.
    let call = json!({ "ref": "refs/heads/main", "inputs": null, "repository": payload["repository"], "sender": payload["sender"] });
    assert_eq!(tells(&stage, 2, 1, "workflow_dispatch", &call).await, Outcome::Recorded);
    much_happens(&stage).await;
    let before = stage.state().await;
    assert!(!before.triggers.keys().any(|name| name.as_str().contains("opened")), "it is forgotten");

    assert_eq!(tells(&stage, 1, 2, "issues", &payload).await, Outcome::Duplicate);
    assert_eq!(tells(&stage, 2, 2, "workflow_dispatch", &call).await, Outcome::Duplicate);
    let now = stage.state().await;
    assert_eq!((now.tasks, now.triggers), (before.tasks, before.triggers));

    // What was never told is taken in, however old it is.
    let lost =
        stage.github.event_payload_opened(stage.github.open_issue("bob", QUESTION, QUESTION_TEXT, &[]));
    much_happens(&stage).await;
    assert_eq!(tells(&stage, 3, 2, "issues", &lost).await, Outcome::Recorded);
}
