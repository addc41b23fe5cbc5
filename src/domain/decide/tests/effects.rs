//! Stories of changes outside: announced, done, told twice.

use crate::domain::command::{Command, Rejection};
use crate::domain::id::{EffectId, TaskId};
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::story::{Story, request, told};

fn labels(added: &[&str]) -> Payload {
    let added = added.iter().map(ToString::to_string).collect();
    Payload::of(&receipt::Labels { added, removed: Vec::new() }).unwrap()
}

/// A task at work under its first lease.
fn at_work() -> (Story, TaskId) {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("label")]);
    story.claim(&tasks[0]);
    (story, tasks[0].clone())
}

/// The first run is lost, and run `2.1` holds the task under its second lease.
fn take_over(story: &mut Story, task: &TaskId) {
    story.run("2.1").release(task, 1);
    story.claim(task);
}

#[test]
fn an_announcement_is_recorded_once_however_often_it_is_made() {
    let (mut story, task) = at_work();
    let mut events = story.intend(&task, 1, "+bug").unwrap();
    events.extend(story.intend(&task, 1, "+bug").unwrap());
    take_over(&mut story, &task);
    events.extend(story.intend(&task, 2, "+bug").unwrap());
    insta::assert_snapshot!(told(&events), @"4 issue/42 intended c1.1/step lease 1: +bug because of 2");
}

#[test]
fn another_announcement_for_the_same_step_opens_the_effect_again() {
    let (mut story, task) = at_work();
    story.intend(&task, 1, "+bug").unwrap();
    story.receipt(&task, &labels(&["bug"])).unwrap();
    let events = story.intend(&task, 1, "+bug +urgent").unwrap();
    insta::assert_snapshot!(told(&events), @"6 issue/42 intended c1.1/step lease 1: +bug +urgent because of 2");
    assert_eq!(story.state.effects[&EffectId::of(&task, "step")].receipt, None);
}

#[test]
fn only_the_holder_announces() {
    let (mut story, task) = at_work();
    let stale = |lease| Err(Rejection::StaleLease { task: task.clone(), lease });
    assert_eq!(story.intend(&task, 2, "+bug"), stale(2));
    assert_eq!(story.run("2.1").intend(&task, 1, "+bug"), stale(1), "the right number in the wrong hands");
    take_over(&mut story, &task);
    assert_eq!(story.run("1.1").intend(&task, 1, "+bug"), stale(1));
    story.run("2.1").complete(&task, 2);
    assert_eq!(story.intend(&task, 2, "+bug"), stale(2));
}

#[test]
fn a_receipt_is_recorded_once_and_a_corrected_one_replaces_it() {
    let (mut story, task) = at_work();
    story.intend(&task, 1, "+bug").unwrap();
    let mut events = story.receipt(&task, &labels(&["bug"])).unwrap();
    events.extend(story.receipt(&task, &labels(&["bug"])).unwrap());
    events.extend(story.receipt(&task, &labels(&[])).unwrap());
    insta::assert_snapshot!(told(&events), @r#"
    5 issue/42 did c1.1/step: {"added":["bug"]} because of 2
    6 issue/42 did c1.1/step: {} because of 2
    "#);
}

#[test]
fn a_receipt_is_taken_from_a_run_that_lost_its_lease_because_it_is_a_fact() {
    let (mut story, task) = at_work();
    story.intend(&task, 1, "+bug").unwrap();
    take_over(&mut story, &task);
    let events = story.run("1.1").receipt(&task, &labels(&["bug"])).unwrap();
    insta::assert_snapshot!(told(&events), @r#"7 issue/42 did c1.1/step: {"added":["bug"]} because of 2"#);
    assert_eq!(story.run("2.1").intend(&task, 2, "+bug"), Ok(vec![]), "the holder sees it done");
}

#[test]
fn a_late_receipt_does_not_close_what_another_run_announced_instead() {
    let (mut story, task) = at_work();
    story.intend(&task, 1, "+bug").unwrap();
    take_over(&mut story, &task);
    story.intend(&task, 2, "+urgent").unwrap();
    let overtaken = Err(Rejection::Overtaken(EffectId::of(&task, "step")));
    assert_eq!(story.run("1.1").receipt(&task, &labels(&["bug"])), overtaken);
    story.run("2.1").receipt(&task, &labels(&["urgent"])).unwrap();
    story.complete(&task, 2);
    assert_eq!(story.run("1.1").receipt(&task, &labels(&["bug"])), overtaken);
}

#[test]
fn a_run_that_takes_over_may_close_what_was_announced_before() {
    let (mut story, task) = at_work();
    story.intend(&task, 1, "+bug").unwrap();
    take_over(&mut story, &task);
    story.receipt(&task, &labels(&["bug"])).unwrap();
}

#[test]
fn a_receipt_without_an_announcement_is_refused() {
    let (mut story, task) = at_work();
    let refused = story.receipt(&task, &labels(&["bug"]));
    assert_eq!(refused, Err(Rejection::UnknownEffect(EffectId::of(&task, "step"))));
    let effect = EffectId::new("c1.1/../../x");
    let command =
        Command::CompleteEffect { effect: effect.clone(), receipt: Payload::default(), adopted: true };
    assert_eq!(story.submit(&command), Err(Rejection::UnknownEffect(effect)));
}
