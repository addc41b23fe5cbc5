//! Negative controls: deciders broken on purpose, which the auditor must catch on a random walk.

use std::collections::BTreeMap;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use super::audit::Auditor;
use crate::domain::command::{Command, Context, Rejection};
use crate::domain::decide::decide;
use crate::domain::event::{Event, Recorded, TaskClaimed, TaskCompleted, TaskReleased, TaskRetried};
use crate::domain::id::TaskId;
use crate::domain::payload::Payload;
use crate::domain::state::State;
use crate::domain::story::walk::{Decider, Walk, steps};
use crate::domain::story::{Story, completed, request};
use crate::domain::task::Status;

/// What the auditor says about random walks with this decider; none when it finds nothing.
fn verdict(decider: Decider) -> Option<String> {
    let config = Config { cases: 300, failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&steps(40), |steps| {
        let (mut walk, mut auditor) = (Walk::new(), Auditor::default());
        for step in &steps {
            for event in walk.take(step, decider)? {
                auditor.read(&event).map_err(TestCaseError::fail)?;
            }
            auditor.close().map_err(TestCaseError::fail)?;
        }
        Ok(())
    });
    match outcome {
        Ok(()) => None,
        Err(TestError::Fail(reason, _)) => Some(reason.to_string()),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

/// Replaces the event that was decided first.
fn instead(mut events: Vec<Recorded>, change: impl FnOnce(&Event) -> Option<Event>) -> Vec<Recorded> {
    if let Some(other) = events.first().and_then(|first| change(&first.event)) {
        events.truncate(1);
        events[0].event = other;
    }
    events
}

/// Takes the outcome of whoever comes: the lease is not checked.
fn without_lease_check(
    state: &State,
    command: &Command,
    context: &Context,
) -> Result<Vec<Recorded>, Rejection> {
    let events = decide(state, command, context)?;
    Ok(instead(events, |first| match first {
        Event::OutcomeIgnored(ignored) => {
            let lease = state.tasks[&ignored.task].lease()?.number;
            let (task, output) = (ignored.task.clone(), Payload::default());
            Some(Event::TaskCompleted(TaskCompleted { task, lease, output }))
        }
        _ => None,
    }))
}

/// Claims whatever is pending: nothing else is checked.
fn without_waiting(state: &State, command: &Command, context: &Context) -> Result<Vec<Recorded>, Rejection> {
    let mut context = context.clone();
    let Command::Claim { task, until, .. } = command else { return decide(state, command, &context) };
    let pending = state.tasks.get(task).filter(|task| matches!(task.status, Status::Pending { .. }));
    let Some(pending) = pending else { return decide(state, command, &context) };
    // A claim is only good for its stamp here.
    context.command = crate::domain::id::CommandId::new("broken");
    let cancel = Command::Cancel { task: task.clone(), reason: String::new() };
    let (task, lease, until) = (task.clone(), pending.leases + 1, *until);
    let events = decide(state, &cancel, &context)?;
    Ok(instead(events, |_| {
        Some(Event::TaskClaimed(TaskClaimed { task, lease, until, spends: BTreeMap::new() }))
    }))
}

/// Tries again for ever.
fn without_giving_up(
    state: &State,
    command: &Command,
    context: &Context,
) -> Result<Vec<Recorded>, Rejection> {
    let events = decide(state, command, context)?;
    Ok(instead(events, |first| match (first, command) {
        (Event::TaskFailed(failed), Command::Release { lease, .. }) => {
            let (task, reason) = (failed.task.clone(), String::new());
            Some(Event::TaskReleased(TaskReleased { task, lease: *lease, reason, stopped: false }))
        }
        (Event::TaskFailed(failed), Command::RecordOutcome { lease, .. })
            if !failed.failure.is_permanent() =>
        {
            let (task, failure) = (failed.task.clone(), failed.failure.clone());
            let (lease, not_before) = (*lease, context.now);
            Some(Event::TaskRetried(TaskRetried { task, lease, failure, not_before }))
        }
        _ => None,
    }))
}

/// Forgets that others wait when a task fails.
fn without_dependants(
    state: &State,
    command: &Command,
    context: &Context,
) -> Result<Vec<Recorded>, Rejection> {
    let mut events = decide(state, command, context)?;
    let unrun =
        |recorded: &Recorded| matches!(&recorded.event, Event::TaskFailed(failed) if failed.lease.is_none());
    if let Some(first) = events.iter().position(unrun) {
        events.truncate(first);
    }
    Ok(events)
}

/// Lets anybody release a lease again that is long over, by its task's name alone.
fn without_release_check(
    state: &State,
    command: &Command,
    context: &Context,
) -> Result<Vec<Recorded>, Rejection> {
    let Command::Release { task, lease, reason, if_final } = command else {
        return decide(state, command, context);
    };
    let live = state.tasks.get(task).and_then(|task| task.lease()).map_or(*lease, |held| held.number);
    let (reason, if_final) = (reason.clone(), if_final.clone());
    let present = Command::Release { task: task.clone(), lease: live, reason, if_final };
    let (named, lease) = (task.clone(), *lease);
    let events = decide(state, &present, context)?;
    Ok(instead(events, |first| match first {
        Event::TaskReleased(released) => {
            let reason = released.reason.clone();
            Some(Event::TaskReleased(TaskReleased { task: named, lease, reason, stopped: false }))
        }
        _ => None,
    }))
}

#[test]
fn the_auditor_finds_nothing_wrong_with_the_real_decider() {
    assert_eq!(verdict(decide), None);
}

#[test]
fn the_auditor_catches_a_missing_lease_check() {
    let said = verdict(without_lease_check).expect("caught");
    assert!(said.contains("another holds"), "{said}");
}

#[test]
fn the_auditor_catches_a_claim_that_does_not_wait() {
    let said = verdict(without_waiting).expect("caught");
    assert!(said.contains("which it needs") || said.contains("runs beside"), "{said}");
}

#[test]
fn the_auditor_catches_a_task_that_is_never_given_up() {
    let said = verdict(without_giving_up).expect("caught");
    assert!(said.contains("after its last attempt"), "{said}");
}

#[test]
fn the_auditor_catches_dependants_that_are_left_behind() {
    let said = verdict(without_dependants).expect("caught");
    assert!(said.contains("waits for ever"), "{said}");
}

#[test]
fn the_fold_itself_refuses_to_end_a_lease_that_is_over() {
    let said = verdict(without_release_check).expect("caught");
    assert!(said.contains("its status (running) does not allow"), "{said}");
}

#[test]
fn the_shortest_way_to_be_caught_without_a_lease_check() {
    let mut story = Story::new();
    let tasks: Vec<TaskId> = story.enqueue(vec![request("label")]);
    let first = story.claim(&tasks[0]);
    story.run("2.1").release(&tasks[0], first);
    story.claim(&tasks[0]);
    story.run("1.1");
    let late = completed(&tasks[0], first, Vec::new());
    let audit = |events: &[Recorded]| {
        let mut auditor = Auditor::default();
        story.history.iter().chain(events).try_for_each(|event| auditor.read(event))
    };
    let broken = without_lease_check(&story.state, &late, &story.context()).unwrap();
    let sound = decide(&story.state, &late, &story.context()).unwrap();
    assert_eq!(audit(&broken), Err("run 1.1 uses lease 2 of c1.1, which another holds".to_owned()));
    assert_eq!(audit(&sound), Ok(()));
}
