//! Rules on the end of tasks: `task.failed`, `task.completed`, `task.cancelled`.

use std::sync::Arc;

use automata::app::Session;
use automata::config::subscriptions;
use automata::domain::command::Command;
use insta::assert_snapshot;

use super::texts::{CRASH, MENDED, TRACE, WISH, WISH_TEXT};
use crate::world::github::Fault;
use crate::world::stage::Stage;

/// A patch that nobody can be asked to apply, and what is to happen then.
const GIVEN_UP: &str = "\
assistants: []
rules:
  - on: issues.opened
    do: implement
  - on: task.failed
    if: { kind: implement }
    do: [{ label: documentation }, { assign: mona }]
";

#[tokio::test]
async fn a_task_that_is_given_up_leads_to_what_the_rules_say() {
    let stage = Stage::configured(GIVEN_UP).await;
    let (issue, report) = stage.opens("mona", CRASH, MENDED).await;
    assert!(report.failed());
    assert_eq!(stage.github.labels_of(issue), ["documentation"]);
    assert_eq!(stage.github.assignees_of(issue), ["mona"]);
    let reasons: Vec<String> =
        stage.told().await.into_iter().filter(|line| line.contains("enqueued")).collect();
    assert_snapshot!(reasons.join("\n"), @"
    task 5f1p0.1 `implement` enqueued: rule 1 (`issues.opened`)
    task nb1f2.1 `comment` enqueued: the state of issue/1 changed
    task nb1f2.2 `label` enqueued: rule 2 (`task.failed`)
    task nb1f2.3 `assign` enqueued: rule 2 (`task.failed`)
    ");
}

#[tokio::test]
async fn other_kinds_and_other_ends_lead_to_nothing() {
    let stage = Stage::configured(
        "rules:
- { on: issues.opened, do: analyse }
- { on: task.failed, do: { label: bug } }
- { on: task.completed, if: { kind: assign }, do: { label: question } }
",
    )
    .await;
    let (issue, _) = stage.opens("bob", WISH, WISH_TEXT).await;
    assert_eq!(stage.github.labels_of(issue), ["enhancement"], "only what the analysis found");
}

#[tokio::test]
async fn rules_that_lead_to_each_other_come_to_an_end() {
    let stage = Stage::configured(
        "rules:
- { on: issues.opened, do: analyse }
- { on: task.completed, do: [analyse, comment] }
",
    )
    .await;
    let (_, report) = stage.opens("alice", CRASH, TRACE).await;
    assert!(!report.failed());
    assert_snapshot!(format!("{:#?}", stage.tasks().await), @r#"
    {
        "analyse completed": 4,
        "comment completed": 3,
        "label completed": 2,
    }
    "#);
    assert_eq!(stage.drain().await.events.len(), 0, "it is quiet now");
}

#[tokio::test]
async fn a_task_that_a_person_calls_off_is_told_too() {
    let stage = Stage::configured(
        "rules:
- { on: issues.opened, do: { label: [bug] } }
- { on: task.cancelled, if: { kind: label }, do: { assign: otto } }
",
    )
    .await;
    stage.github.plan("issues/add-labels", Fault::LoseRequest);
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(report.tally.retried, 1);
    let world = stage.world().await.unwrap();
    let (clock, entropy) = (Arc::clone(&world.clock), Arc::clone(&world.entropy));
    let session = Session::open(world.log().unwrap(), clock, entropy, world.run.clone()).await.unwrap();
    let session = session.with_subscriptions(subscriptions(&world.config));
    let task = session.state().tasks.pending().map(|task| task.id.clone()).next().unwrap();
    session.submit(Command::Cancel { task, reason: "mona does it".to_owned() }).unwrap();
    session.flush().await.unwrap();
    stage.drain().await;
    assert_eq!(stage.github.labels_of(issue), [""; 0]);
    assert_eq!(stage.github.assignees_of(issue), ["otto"]);
}

#[tokio::test]
async fn observing_the_rules_are_followed_and_nothing_is_changed_outside() {
    let stage =
        Stage::configured(&format!("mode: observe\n{}", GIVEN_UP.replace("task.failed", "task.completed")))
            .await;
    let (_, report) = stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(report.tally.completed, 3, "the change, the label and the assignment");
    assert_eq!(stage.writes(), [""; 0]);
}
