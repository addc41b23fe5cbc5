//! Events that cannot follow are errors, and an error changes nothing.

use std::collections::BTreeMap;

use crate::domain::command::Command;
use crate::domain::effect::{EffectKind, Intent};
use crate::domain::event::{
    EffectCompleted, Event, OutcomeIgnored, Recorded, TaskAmended, TaskCancelled, TaskClaimed, TaskCompleted,
    TaskEnqueued, TaskFailed, TaskProgressed, TaskReleased, TaskRetried, TaskRevived, TriggerHeld,
    TriggerSettled,
};
use crate::domain::evolve::IllegalEvent;
use crate::domain::failure::Failure;
use crate::domain::id::{EffectId, Sequence, TaskId};
use crate::domain::payload::Payload;
use crate::domain::story::{START, Story, opened, request};
use crate::domain::task::Progress;

/// One task in each status: pending `c1.1`, running `c1.2` (lease 1), completed, failed, cancelled.
fn one_of_each() -> Story {
    let mut story = Story::new();
    let tasks = story.enqueue(["a", "b", "c", "d", "e"].map(request).into());
    story.claim(&tasks[1]);
    story.work(&tasks[2]);
    let lease = story.claim(&tasks[3]);
    story.fail(&tasks[3], lease, Failure::permanent("broken", "it broke"));
    story.cancel(&tasks[4]).unwrap();
    story
}

/// Every event that can befall a task, with a lease.
fn every_event(task: &TaskId, lease: u64, story: &Story) -> Vec<(&'static str, Event)> {
    let (id, reason) = (|| task.clone(), String::new);
    let failure = || Failure::transient("timeout", "no answer");
    let spec = story.task(&TaskId::new("c1.1")).spec.clone();
    let intent = Intent {
        effect: EffectId::of(task, "step"),
        task: id(),
        lease,
        kind: EffectKind::Labels,
        target: String::new(),
        detail: String::new(),
    };
    let amended = TaskAmended {
        task: id(),
        input: None,
        priority: None,
        not_before: None,
        restarts: false,
        terms: None,
        as_of: None,
        reason: reason(),
    };
    let progressed = TaskProgressed { task: id(), lease, progress: Progress::default(), tries: None };
    vec![
        ("enqueued", Event::TaskEnqueued(Box::new(TaskEnqueued { task: id(), spec }))),
        (
            "claimed",
            Event::TaskClaimed(TaskClaimed { task: id(), lease, until: START, spends: BTreeMap::new() }),
        ),
        ("completed", Event::TaskCompleted(TaskCompleted { task: id(), lease, output: Payload::default() })),
        (
            "retried",
            Event::TaskRetried(TaskRetried { task: id(), lease, failure: failure(), not_before: START }),
        ),
        ("failed", Event::TaskFailed(TaskFailed { task: id(), lease: Some(lease), failure: failure() })),
        ("failed unrun", Event::TaskFailed(TaskFailed { task: id(), lease: None, failure: failure() })),
        (
            "released",
            Event::TaskReleased(TaskReleased { task: id(), lease, reason: reason(), stopped: false }),
        ),
        ("cancelled", Event::TaskCancelled(TaskCancelled { task: id(), reason: reason() })),
        ("revived", Event::TaskRevived(TaskRevived { task: id(), input: None, reason: reason() })),
        ("amended", Event::TaskAmended(amended)),
        ("progressed", Event::TaskProgressed(progressed)),
        ("intended", Event::EffectIntended(intent)),
    ]
}

#[test]
fn only_the_trigger_just_received_is_held_and_only_one_that_waits_is_settled() {
    let mut story = Story::new();
    story.told(opened("delivery 1", story.now));
    story.told(opened("delivery 2", story.now));
    let held = |place| Event::TriggerHeld(TriggerHeld { trigger: Sequence(place), reason: String::new() });
    let settled = |place| Event::TriggerSettled(TriggerSettled { trigger: Sequence(place) });
    let refused = |place| Err(IllegalEvent::NotHeld { sequence: 3, trigger: place });
    for place in [1, 3, 99] {
        assert_eq!(outcome(&story, &next(&story, held(place))), refused(place));
    }
    assert_eq!(outcome(&story, &next(&story, settled(2))), refused(2));
    assert_eq!(outcome(&story, &next(&story, held(2))), Ok(()));
}

/// `event` as the next one of the story, by the run that acts.
fn next(story: &Story, event: Event) -> Recorded {
    let mut stamp = story.history.last().expect("something happened").stamp.clone();
    stamp.sequence = stamp.sequence.next();
    Recorded { stamp, event }
}

/// Folds `event` into a copy; an error must have changed nothing.
fn outcome(story: &Story, event: &Recorded) -> Result<(), IllegalEvent> {
    let mut state = story.state.clone();
    let outcome = state.apply(event);
    if outcome.is_err() {
        assert_eq!(state, story.state, "{event:?}");
    }
    outcome
}

#[test]
fn each_status_allows_these_events_and_no_others() {
    let story = one_of_each();
    let mut allowed = String::new();
    for number in 1..=5 {
        let task = TaskId::new(format!("c1.{number}"));
        for lease in 0..=2 {
            let legal = every_event(&task, lease, &story)
                .into_iter()
                .filter(|(_, event)| outcome(&story, &next(&story, event.clone())).is_ok());
            let legal: Vec<&str> = legal.map(|(name, _)| name).collect();
            let legal = if legal.is_empty() { "nothing".to_owned() } else { legal.join(", ") };
            allowed += &format!("{} under lease {lease}: {legal}\n", story.status(&task));
        }
    }
    insta::assert_snapshot!(allowed, @r"
    pending under lease 0: failed unrun, cancelled, amended
    pending under lease 1: claimed, failed unrun, cancelled, amended
    pending under lease 2: failed unrun, cancelled, amended
    running under lease 0: cancelled
    running under lease 1: completed, retried, failed, released, cancelled, progressed, intended
    running under lease 2: cancelled
    completed under lease 0: nothing
    completed under lease 1: nothing
    completed under lease 2: nothing
    failed under lease 0: revived
    failed under lease 1: revived
    failed under lease 2: revived
    cancelled under lease 0: revived
    cancelled under lease 1: revived
    cancelled under lease 2: revived
    ");
}

#[test]
fn an_illegal_event_names_its_place_the_task_and_the_status() {
    let story = one_of_each();
    let place = story.state.sequence.0 + 1;
    let revived = |task: &str| {
        Event::TaskRevived(TaskRevived { task: TaskId::new(task), input: None, reason: String::new() })
    };
    let wrong = outcome(&story, &next(&story, revived("c1.1"))).unwrap_err();
    let (task, status) = (TaskId::new("c1.1"), "pending");
    assert_eq!(wrong, IllegalEvent::Transition { sequence: place, task, status });
    let unknown = outcome(&story, &next(&story, revived("c9.9"))).unwrap_err();
    assert_eq!(unknown, IllegalEvent::UnknownTask { sequence: place, task: TaskId::new("c9.9") });
}

#[test]
fn an_intent_belongs_to_a_task_and_a_receipt_to_an_intent() {
    let story = one_of_each();
    let nobody = every_event(&TaskId::new("c9.9"), 1, &story).pop().expect("the intent").1;
    let refused = outcome(&story, &next(&story, nobody));
    assert!(matches!(refused, Err(IllegalEvent::UnknownTask { .. })));
    let effect = EffectId::new("c1.2/step");
    let completed = EffectCompleted { effect: effect.clone(), receipt: Payload::default(), adopted: false };
    let refused = outcome(&story, &next(&story, Event::EffectCompleted(completed)));
    let sequence = story.state.sequence.0 + 1;
    assert_eq!(refused, Err(IllegalEvent::UnknownEffect { sequence, effect }));
}

#[test]
fn an_intent_is_announced_by_the_run_that_holds_the_lease() {
    let story = one_of_each();
    let intended = every_event(&TaskId::new("c1.2"), 1, &story).pop().expect("the intent").1;
    let mut forged = next(&story, intended);
    assert_eq!(outcome(&story, &forged), Ok(()));
    forged.stamp.run = crate::domain::id::RunId::new("666.1");
    assert!(matches!(outcome(&story, &forged), Err(IllegalEvent::Transition { .. })));
}

#[test]
fn an_ignored_outcome_changes_nothing_but_the_place() {
    let mut story = one_of_each();
    let mut expected = story.state.clone();
    let task = TaskId::new("c1.2");
    let ignored = OutcomeIgnored { task, lease: 7, outcome: "completed".to_owned() };
    let event = next(&story, Event::OutcomeIgnored(ignored));
    story.state.apply(&event).unwrap();
    expected.sequence = event.stamp.sequence;
    assert_eq!(story.state, expected);
}

#[test]
fn a_gap_a_repetition_and_a_step_back_are_refused() {
    let mut story = one_of_each();
    let last = story.state.sequence.0;
    let cancel = Command::Cancel { task: TaskId::new("c1.1"), reason: String::new() };
    let event = story.clone().must(&cancel).remove(0);
    for found in [0, 1, last - 1, last, last + 2, u64::MAX] {
        let mut misplaced = event.clone();
        misplaced.stamp.sequence = Sequence(found);
        assert_eq!(outcome(&story, &misplaced), Err(IllegalEvent::Gap { last, found }));
    }
    story.state.apply(&event).unwrap();
}

#[test]
fn the_states_time_never_runs_backwards() {
    let mut story = one_of_each();
    let before = story.state.at;
    story.now = crate::domain::time::Timestamp::from_millis(0);
    story.cancel(&TaskId::new("c1.1")).unwrap();
    assert_eq!(story.state.at, before);
}
