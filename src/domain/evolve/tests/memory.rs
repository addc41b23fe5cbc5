//! What is remembered, how long, and that a snapshot remembers the same.

use proptest::prelude::*;

use crate::domain::command::{Command, Rejection};
use crate::domain::decide::decide;
use crate::domain::event::{Event, Recorded};
use crate::domain::failure::Failure;
use crate::domain::id::{CommandId, EffectId, Sequence, TaskId};
use crate::domain::payload::Payload;
use crate::domain::state::State;
use crate::domain::story::walk::{Walk, steps};
use crate::domain::story::{DAY, MINUTE, Story, completed, failed, opened, request, request_on};
use crate::log::{Envelope, Head, Loaded};
use crate::views::{Unfoldable, present, snapshot};

/// Does `count` small tasks.
fn busy(story: &mut Story, count: u64) {
    for number in 0..count {
        let tasks = story.enqueue(vec![request_on("label", 1_000 + number)]);
        story.work(&tasks[0]);
    }
}

fn dead(story: &mut Story) -> TaskId {
    let tasks = story.enqueue(vec![request("implement")]);
    let lease = story.claim(&tasks[0]);
    story.fail(&tasks[0], lease, Failure::permanent("broken", "it broke"));
    tasks[0].clone()
}

#[test]
fn a_trigger_is_remembered_as_long_as_its_workflow_can_be_run_again() {
    let mut story = Story::new();
    story.told(opened("delivery", story.now));
    let mut again = |days: u32| {
        story.later(days * DAY);
        story.clean_up();
        let trigger = Box::new(opened("delivery", story.now));
        story.submit(&Command::RecordTrigger { trigger, requests: Vec::new() }).err()
    };
    assert_eq!(again(30), Some(Rejection::Duplicate(Sequence(1))));
    assert_eq!(again(2), None);
}

#[test]
fn a_trigger_waits_as_long_as_it_is_remembered_and_after_that_it_is_recorded_anew() {
    let mut story = Story::new();
    let hold = |story: &Story| {
        let trigger = Box::new(opened("delivery", story.now));
        Command::HoldTrigger { trigger, reason: "line 2 is wrong".to_owned() }
    };
    story.must(&hold(&story.clone()));
    let mut again = |days: u32| {
        story.later(days * DAY);
        story.clean_up();
        (story.state.held.len(), story.submit(&hold(&story.clone())).err())
    };
    assert_eq!(again(30), (1, Some(Rejection::Duplicate(Sequence(1)))));
    assert_eq!(again(2), (0, None));
    assert_eq!(story.state.held.len(), 1);
}

#[test]
fn of_many_triggers_the_newest_are_remembered() {
    let mut story = Story::new();
    for _ in 0..8 {
        story.clean_up();
    }
    assert_eq!(story.state.triggers.len(), 1_000);
    let oldest = story.state.triggers.values().map(|seen| seen.sequence.0).min();
    assert_eq!(oldest, Some(8 * 256 - 999));
}

#[test]
fn what_was_told_before_what_is_remembered_may_have_been_forgotten() {
    let mut story = Story::new();
    let began = story.now;
    story.told(opened("delivery", began));
    story.later(40 * MINUTE);
    assert!(!story.state.may_have_forgotten(began), "nothing is forgotten yet");
    for _ in 0..5 {
        story.clean_up();
    }
    let oldest = story.state.triggers.values().map(|seen| seen.at).min().unwrap();
    assert!(story.state.may_have_forgotten(began), "a thousand newer ones have pushed it out");
    assert!(!story.state.may_have_forgotten(oldest.plus(11 * MINUTE)));
    story.later(20 * DAY);
    let middle = story.now;
    story.told(opened("another", middle));
    story.later(11 * DAY + 60 * MINUTE);
    story.clean_up();
    assert!(story.state.triggers.len() < 1_000, "the thousand are too old by now");
    assert!(story.state.may_have_forgotten(began) && !story.state.may_have_forgotten(middle));
}

#[test]
fn a_task_that_is_forgotten_is_one_that_may_have_been() {
    for (tasks, wait) in [(250, 0), (10, 8), (250, 8)] {
        let mut story = Story::new();
        let mut known = Vec::new();
        for _ in 0..tasks {
            let at = story.now;
            let task = story.enqueue(vec![request("label")]).remove(0);
            story.work(&task);
            known.push((at, task));
            story.later(MINUTE);
        }
        assert!(tasks > 200 || !story.state.may_have_forgotten_tasks(known[0].0), "all of them are there");
        story.later(wait * DAY);
        story.clean_up();
        let is_gone = |task: &TaskId| story.state.tasks.get(task).is_none();
        assert!(is_gone(&known[0].1), "{tasks} tasks, {wait} days");
        for (at, task) in &known {
            assert!(!is_gone(task) || story.state.may_have_forgotten_tasks(*at), "{task} at {at}");
        }
        assert!(!story.state.may_have_forgotten_tasks(story.now), "nothing that comes now is forgotten");
    }
}

fn once(key: &str) -> Command {
    let mut once = request("label");
    once.spec.idempotency = Some(key.to_owned());
    Command::Enqueue(vec![once])
}

#[test]
fn what_is_taken_once_is_taken_again_after_a_month() {
    let mut story = Story::new();
    story.must(&once("key"));
    let mut again = |days: u32| {
        story.later(days * DAY);
        story.clean_up();
        story.must(&once("key")).len()
    };
    assert_eq!((again(31), again(1)), (0, 1));
}

#[test]
fn what_is_taken_once_is_taken_again_after_a_thousand_newer_keys() {
    let mut story = Story::new();
    story.must(&once("key"));
    // Keys are told apart by when they were taken.
    for number in 0..999 {
        story.later(MINUTE).must(&once(&format!("key {number}")));
    }
    story.clean_up();
    assert_eq!(story.must(&once("key")), [], "it is among the newest thousand");
    story.later(MINUTE).must(&once("one more"));
    story.clean_up();
    assert_eq!(story.must(&once("key")).len(), 1);
}

#[test]
fn finished_tasks_leave_after_a_week_with_their_effects() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("label"), request("assign")]);
    let lease = story.claim(&tasks[0]);
    story.intend(&tasks[0], lease, "+bug").unwrap();
    story.complete(&tasks[0], lease);
    story.cancel(&tasks[1]).unwrap();
    story.later(7 * DAY);
    story.clean_up();
    assert_eq!((story.state.tasks.len(), story.state.effects.len()), (2, 1));
    story.later(MINUTE);
    story.clean_up();
    assert_eq!((story.state.tasks.len(), story.state.effects.len()), (0, 0));
    let effect = EffectId::of(&tasks[0], "step");
    let late =
        Command::CompleteEffect { effect: effect.clone(), receipt: Payload::default(), adopted: false };
    assert_eq!(story.submit(&late), Err(Rejection::UnknownEffect(effect)));
}

#[test]
fn many_finished_tasks_push_each_other_out_but_no_dead_letter() {
    let mut story = Story::new();
    let letter = dead(&mut story);
    busy(&mut story, 700);
    story.clean_up();
    assert_eq!(story.state.tasks.len(), 200 + 1);
    story.later(59 * DAY);
    story.clean_up();
    story.revive(&letter).unwrap();
    let lease = story.claim(&letter);
    story.fail(&letter, lease, Failure::permanent("broken", "it broke"));
    story.later(61 * DAY);
    story.clean_up();
    assert!(story.state.tasks.is_empty(), "after two months nobody will revive it");
}

#[test]
fn dead_letters_push_each_other_out_too() {
    let mut story = Story::new();
    let letters: Vec<TaskId> = (0..530).map(|_| dead(story.later(MINUTE))).collect();
    story.clean_up();
    let kept: Vec<bool> = letters.iter().map(|id| story.state.tasks.contains_key(id)).collect();
    assert_eq!((kept.iter().filter(|kept| **kept).count(), kept[29], kept[30]), (500, false, true));
    // What failed at one moment counts once, and leaves together.
    story.later(MINUTE);
    let together: Vec<TaskId> = (0..300).map(|_| dead(&mut story)).collect();
    let are_there = |story: &Story| together.iter().filter(|id| story.state.tasks.contains_key(id)).count();
    story.clean_up();
    assert_eq!((are_there(&story), story.state.tasks.len()), (300, 499 + 300));
    for _ in 0..499 {
        dead(story.later(MINUTE));
    }
    story.clean_up();
    assert_eq!(are_there(&story), 300);
    dead(story.later(MINUTE));
    story.clean_up();
    assert_eq!((are_there(&story), story.state.tasks.len()), (0, 500));
}

#[test]
fn a_task_that_took_long_is_not_forgotten_the_moment_it_is_done() {
    let mut story = Story::new();
    let slow = story.enqueue(vec![request("implement")]);
    let lease = story.claim(&slow[0]);
    busy(&mut story, 400);
    story.later(MINUTE).complete(&slow[0], lease);
    story.clean_up();
    assert_eq!(story.status(&slow[0]), "completed");
    let again = story.must(&completed(&slow[0], lease, Vec::new()));
    assert!(matches!(again[0].event, Event::OutcomeIgnored(_)), "a repeated outcome is still recognised");
}

#[test]
fn a_task_runs_also_when_what_it_needed_is_long_forgotten() {
    let mut story = Story::new();
    let mut later = request("comment").after(0);
    later.spec.not_before = Some(story.now.plus(90 * DAY));
    let tasks = story.enqueue(vec![request("analyse"), later]);
    story.work(&tasks[0]);
    story.later(80 * DAY);
    busy(&mut story, 300);
    story.clean_up();
    assert_eq!(story.state.tasks.get(&tasks[0]), None);
    story.later(10 * DAY).work(&tasks[1]);
    story.later(8 * DAY);
    story.clean_up();
    assert!(story.state.tasks.is_empty());
}

#[test]
fn a_chain_of_dead_letters_is_forgotten_too_in_the_end() {
    let mut story = Story::new();
    let requests = vec![request("a"), request("b").after(0), request("c").after(1), request("d").after(2)];
    let tasks = story.enqueue(requests);
    let lease = story.claim(&tasks[0]);
    story.must(&failed(&tasks[0], lease, Failure::permanent("broken", "it broke"), Vec::new()));
    story.later(61 * DAY);
    story.clean_up();
    assert_eq!(story.state.tasks.len(), 0);
}

fn fold(state: &mut State, events: &[Recorded]) {
    events.iter().for_each(|event| state.apply(event).expect("legal"));
}

/// `events` as a fresh reader gets them: a snapshot after the first `cut`, and the rest.
fn read_back(events: &[Recorded], cut: usize) -> State {
    let mut before = State::default();
    fold(&mut before, &events[..cut]);
    let written = snapshot::write(&before).expect("a snapshot");
    assert_eq!(snapshot::write(&snapshot::read(&written).expect("readable")).expect("a snapshot"), written);
    let command = CommandId::new("c");
    let tail = events[cut..].iter().enumerate();
    let tail = tail.map(|(place, event)| Envelope::new(&command, place, event.clone())).collect();
    present(&Loaded { head: Head::EMPTY, snapshot: Some(written), tail }).expect("the present")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_snapshot_and_the_rest_fold_to_the_same_as_everything(steps in steps(400), cuts in proptest::collection::vec(0.0..1.0_f64, 3)) {
        let (mut walk, mut events) = (Walk::new(), Vec::new());
        for step in &steps {
            events.extend(walk.take(step, decide)?);
        }
        for cut in cuts {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share of a few hundred")]
            let cut = (cut * events.len() as f64) as usize;
            prop_assert_eq!(&read_back(&events, cut), &walk.state);
        }
    }

    #[test]
    fn an_analysis_survives_any_number_of_snapshots(confidence in 0.0..1.0_f64) {
        let mut story = Story::new();
        let tasks = story.enqueue(vec![request(crate::domain::input::ANALYSE)]);
        let lease = story.claim(&tasks[0]);
        let finding = serde_json::json!({ "urgency": { "value": "high", "confidence": confidence, "reasons": [] } });
        let output = Payload::of(&finding).unwrap();
        let outcome = crate::domain::command::Outcome::Completed { output, follow_ups: Vec::new() };
        story.must(&Command::RecordOutcome { task: tasks[0].clone(), lease, outcome });
        prop_assert_eq!(&read_back(&story.history, story.history.len()), &story.state);
        let known = story.state.issues.values().next().and_then(|issue| issue.analysis.clone()).expect("analysed");
        prop_assert_eq!(known.urgency.map(|urgency| urgency.confidence.to_bits()), Some(confidence.to_bits()));
    }
}

#[test]
fn a_snapshot_that_lost_a_file_or_was_damaged_is_passed_over() {
    let mut story = Story::new();
    dead(&mut story);
    let whole = snapshot::write(&story.state).unwrap();
    assert_eq!(
        whole.files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["core.json", "issues-02.json"]
    );
    for place in 0..whole.files.len() {
        let mut lost = whole.clone();
        lost.files.remove(place);
        assert!(matches!(snapshot::read(&lost), Err(Unfoldable::BadSnapshot(_))), "{place}");
        let mut cut = whole.clone();
        cut.files[place].1.pop();
        assert!(matches!(snapshot::read(&cut), Err(Unfoldable::BadSnapshot(_))), "{place}");
    }
    let moved = crate::log::Snapshot { sequence: Sequence(1), ..whole.clone() };
    assert!(matches!(snapshot::read(&moved), Err(Unfoldable::BadSnapshot(_))));
    let other = crate::log::Snapshot { fold: snapshot::FOLD + 1, ..whole };
    assert_eq!(snapshot::read(&other), Err(Unfoldable::OtherFold));
}
