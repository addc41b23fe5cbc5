//! Stories of claims, leases and outcomes.

use crate::domain::command::Rejection;
use crate::domain::failure::Failure;
use crate::domain::id::TaskId;
use crate::domain::room::{Full, Room};
use crate::domain::state::Wait;
use crate::domain::story::{MINUTE, START, Story, completed, request, request_on, told};
use crate::domain::subject::Subject;

#[test]
fn a_claim_gives_a_lease_and_a_second_run_comes_too_late() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("analyse")]);
    let events = story.try_claim(&tasks[0]).unwrap();
    insta::assert_snapshot!(told(&events), @"3 issue/42 claimed c1.1 lease 1 until 2026-11-22T10:15:00Z because of 2");
    let late = story.run("2.1").try_claim(&tasks[0]);
    assert_eq!(late, Err(Rejection::WrongStatus { task: tasks[0].clone(), status: "running" }));
    let nowhere = story.try_claim(&TaskId::new("c9.9"));
    assert_eq!(nowhere, Err(Rejection::UnknownTask(TaskId::new("c9.9"))));
}

#[test]
fn a_task_cannot_be_claimed_before_what_it_needs_is_completed() {
    let mut story = Story::new();
    let requests = vec![request("analyse"), request("label").after(0), request("comment").after(0).after(1)];
    let tasks = story.enqueue(requests);
    let wait = story.state.waits(story.task(&tasks[2]), story.now);
    assert_eq!(wait, Some(Wait::Blocked(tasks[..2].to_vec())));
    assert_eq!(story.try_claim(&tasks[2]), Err(Rejection::NotReady(tasks[2].clone())));
    let lease = story.claim(&tasks[0]);
    let early = story.try_claim(&tasks[1]);
    assert_eq!(early, Err(Rejection::NotReady(tasks[1].clone())), "running is not completed");
    story.complete(&tasks[0], lease);
    story.work(&tasks[1]);
    story.work(&tasks[2]);
}

#[test]
fn a_task_planned_for_later_waits_for_its_time() {
    let mut story = Story::new();
    let mut later = request("remind");
    later.spec.not_before = Some(START.plus(5 * MINUTE));
    let tasks = story.enqueue(vec![later]);
    let wait = story.state.waits(story.task(&tasks[0]), story.now);
    assert_eq!(wait, Some(Wait::Scheduled(START.plus(5 * MINUTE))));
    assert_eq!(story.try_claim(&tasks[0]), Err(Rejection::NotReady(tasks[0].clone())));
    story.later(5 * MINUTE).claim(&tasks[0]);
}

#[test]
fn one_task_of_a_kind_works_on_an_issue_at_a_time() {
    let mut story = Story::new();
    let requests = vec![request("comment"), request("comment"), request("label"), request_on("comment", 43)];
    let tasks = story.enqueue(requests);
    let lease = story.claim(&tasks[0]);
    let full = Full::Beside(tasks[0].clone());
    let wait = story.state.waits_in(story.task(&tasks[1]), &Room::default(), story.now);
    assert_eq!(wait, Some(Wait::Throttled(full.clone())));
    let refused = Rejection::NoRoom { task: tasks[1].clone(), full };
    assert_eq!(story.run("2.1").try_claim(&tasks[1]), Err(refused));
    story.claim(&tasks[2]);
    story.claim(&tasks[3]);
    story.run("1.1").complete(&tasks[0], lease);
    story.claim(&tasks[1]);
}

#[test]
fn tasks_about_the_repository_as_a_whole_do_not_hold_each_other_up() {
    let mut story = Story::new();
    let mut requests = vec![request("sweep"), request("sweep")];
    requests.iter_mut().for_each(|request| request.spec.subject = Subject::Repository);
    let tasks = story.enqueue(requests);
    story.claim(&tasks[0]);
    story.claim(&tasks[1]);
}

#[test]
fn an_outcome_under_a_lost_lease_is_recorded_and_changes_nothing() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("analyse")]);
    let first = story.claim(&tasks[0]);
    story.run("2.1").release(&tasks[0], first);
    let second = story.claim(&tasks[0]);
    let before = story.task(&tasks[0]).clone();
    let (follow_ups, broke) = (vec![request("label")], Failure::permanent("broken", "it broke"));

    let mut events = story.run("1.1").must(&completed(&tasks[0], first, follow_ups.clone()));
    // The right number in the wrong hands is no lease either.
    events.extend(story.fail(&tasks[0], second, broke.clone()));
    events.extend(story.run("2.1").fail(&tasks[0], second + 1, broke));
    insta::assert_snapshot!(told(&events), @r"
    6 issue/42 ignored completed of c1.1 lease 1 because of 2
    7 issue/42 ignored failed of c1.1 lease 2 because of 2
    8 issue/42 ignored failed of c1.1 lease 3 because of 2
    ");
    assert_eq!(story.task(&tasks[0]), &before);

    story.complete(&tasks[0], second);
    let twice = story.must(&completed(&tasks[0], second, follow_ups));
    insta::assert_snapshot!(told(&twice), @"10 issue/42 ignored completed of c1.1 lease 2 because of 2");
    assert_eq!(story.state.tasks.len(), 1, "no follow-up came of it");
}

#[test]
fn an_outcome_for_a_task_nobody_knows_is_refused() {
    let refused = Story::new().submit(&completed(&TaskId::new("c1.1"), 1, Vec::new()));
    assert_eq!(refused, Err(Rejection::UnknownTask(TaskId::new("c1.1"))));
}

#[test]
fn a_completed_task_leads_to_its_follow_ups() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("implement")]);
    let lease = story.claim(&tasks[0]);
    let follow_ups = vec![request("open_pull_request"), request("comment").after(0)];
    let events = story.must(&completed(&tasks[0], lease, follow_ups));
    insta::assert_snapshot!(told(&events), @r#"
    4 issue/42 completed c1.1 lease 1: "done" because of 2
    5 issue/42 enqueued c3.1 open_pull_request because of 4
    6 issue/42 enqueued c3.2 comment after c3.1 because of 4
    "#);
}

#[test]
fn a_transient_failure_is_tried_again_but_not_at_once() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("label")]);
    let lease = story.claim(&tasks[0]);
    let events = story.fail(&tasks[0], lease, Failure::transient("timeout", "no answer"));
    insta::assert_snapshot!(told(&events), @"4 issue/42 retried c1.1 at 2026-11-22T10:00:15Z: no answer because of 2");
    let again = story.now.plus(MINUTE / 4);
    assert_eq!(story.state.waits(story.task(&tasks[0]), story.now), Some(Wait::Retrying(again)));
    assert_eq!(story.try_claim(&tasks[0]), Err(Rejection::NotReady(tasks[0].clone())));
    assert_eq!(story.later(MINUTE).claim(&tasks[0]), 2);
}

#[test]
fn a_service_that_asks_us_to_wait_gets_its_time() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("label")]);
    let lease = story.claim(&tasks[0]);
    let until = story.now.plus(60 * MINUTE);
    story.fail(&tasks[0], lease, Failure::rate_limited(until, "slow down"));
    assert_eq!(story.state.waits(story.task(&tasks[0]), story.now), Some(Wait::Retrying(until)));
}

#[test]
fn the_last_attempt_makes_a_dead_letter() {
    let mut story = Story::new();
    let mut stubborn = request("label");
    stubborn.spec.max_attempts = 3;
    let tasks = story.enqueue(vec![stubborn]);
    let attempt = |_| {
        let lease = story.later(60 * MINUTE).claim(&tasks[0]);
        told(&story.fail(&tasks[0], lease, Failure::transient("timeout", "no answer")))
    };
    let outcomes: String = (0..3).map(attempt).collect();
    insta::assert_snapshot!(outcomes, @r"
    4 issue/42 retried c1.1 at 2026-11-22T11:00:15Z: no answer because of 2
    6 issue/42 retried c1.1 at 2026-11-22T12:00:30Z: no answer because of 2
    8 issue/42 failed c1.1 lease 3: timeout: no answer because of 2
    ");
    assert_eq!(story.task(&tasks[0]).attempts, 3);
}
