//! Stories of triggers and of the tasks they lead to.

use crate::domain::command::{Command, Rejection};
use crate::domain::decide::decide;
use crate::domain::event::TriggerRefused;
use crate::domain::failure::Failure;
use crate::domain::id::{CommandId, Sequence, TaskId};
use crate::domain::payload::Payload;
use crate::domain::spec::{Ending, Hook, IfLost, OnDuplicate, Priority, TaskRequest};
use crate::domain::story::{
    DAY, MINUTE, Story, completed, enqueued, failed, opened, request, request_on, told,
};

fn record(identity: &str, requests: Vec<TaskRequest>, story: &Story) -> Command {
    Command::RecordTrigger { trigger: Box::new(opened(identity, story.now)), requests }
}

#[test]
fn a_trigger_is_recorded_with_what_it_leads_to_and_each_task_knows_what_it_waits_for() {
    let mut story = Story::new();
    let requests = vec![request("analyse"), request("label").after(0), request("comment").after(0).after(1)];
    let events = story.must(&record("delivery 1", requests, &story.clone()));
    insta::assert_snapshot!(told(&events), @r"
    1 issue/42 received issues.opened
    2 issue/42 enqueued c1.1 analyse because of 1
    3 issue/42 enqueued c1.2 label after c1.1 because of 1
    4 issue/42 enqueued c1.3 comment after c1.1 c1.2 because of 1
    ");
    assert!(events.iter().all(|event| event.stamp.correlation == Some(Sequence(1))));
}

#[test]
fn a_second_telling_is_refused_with_the_place_of_the_first() {
    let mut story = Story::new();
    story.told(opened("delivery 1", story.now));
    story.told(opened("delivery 2", story.now));
    let before = story.state.clone();
    let command = record("delivery 2", vec![request("analyse")], &story);
    assert_eq!(story.run("2.1").submit(&command), Err(Rejection::Duplicate(Sequence(2))));
    assert_eq!(story.state, before);
}

fn hold(identity: &str, story: &Story) -> Command {
    let trigger = Box::new(opened(identity, story.now));
    Command::HoldTrigger { trigger, reason: "line 2 is wrong".to_owned() }
}

#[test]
fn a_trigger_that_was_held_is_settled_once_with_the_tasks_that_it_would_have_had() {
    let mut story = Story::new();
    let mut events = story.must(&hold("delivery 1", &story.clone()));
    story.told(opened("delivery 2", story.now));
    let settle = Command::SettleHeld { trigger: Sequence(1), requests: vec![request("analyse")] };
    events.extend(story.run("2.1").must(&settle));
    insta::assert_snapshot!(told(&events), @r"
    1 issue/42 received issues.opened
    2 issue/42 held 1: line 2 is wrong because of 1
    4 issue/42 settled 1 because of 1
    5 issue/42 enqueued c3.1 analyse because of 1
    ");
    assert!(events.iter().all(|event| event.stamp.correlation == Some(Sequence(1))));
    assert_eq!(story.submit(&settle), Err(Rejection::NotHeld(Sequence(1))));
}

#[test]
fn only_what_waits_is_settled_and_what_waits_is_no_second_time_recorded() {
    let mut story = Story::new();
    story.must(&hold("delivery 1", &story.clone()));
    story.told(opened("delivery 2", story.now));
    assert_eq!(story.submit(&hold("delivery 1", &story.clone())), Err(Rejection::Duplicate(Sequence(1))));
    for other in [2, 3, 99] {
        let settle = Command::SettleHeld { trigger: Sequence(other), requests: Vec::new() };
        assert_eq!(story.submit(&settle), Err(Rejection::NotHeld(Sequence(other))));
    }
}

#[test]
fn what_could_not_be_understood_is_recorded_as_refused() {
    let refused = TriggerRefused {
        event: "issues".to_owned(),
        reason: "the JSON ends in the middle".to_owned(),
        bytes: 12,
        digest: "00".to_owned(),
    };
    let events = Story::new().must(&Command::RefuseTrigger(refused));
    insta::assert_snapshot!(told(&events), @"1 repository refused issues: the JSON ends in the middle");
}

#[test]
fn a_pending_task_stands_for_a_second_one_with_its_unique_key() {
    let mut story = Story::new();
    let first = story.enqueue(vec![request("comment").unique("comment issue/42")]);
    let second = story.enqueue(vec![request("comment").unique("comment issue/42")]);
    assert_eq!((first.len(), second.len()), (1, 0));
    let other = story.enqueue(vec![request("comment").unique("comment issue/43"), request("comment")]);
    assert_eq!(other.len(), 2, "another key and no key are other tasks");
}

#[test]
fn a_task_at_work_does_not_stand_for_a_new_one_because_it_may_have_looked_already() {
    let mut story = Story::new();
    let first = story.enqueue(vec![request("comment").unique("comment")]);
    let lease = story.claim(&first[0]);
    let second = story.enqueue(vec![request("comment").unique("comment")]);
    assert_eq!(second.len(), 1);
    story.complete(&first[0], lease);
    story.work(&second[0]);
}

#[test]
fn a_task_of_another_kind_or_about_something_else_stands_for_nobody_whatever_its_key() {
    let mut story = Story::new();
    let replacing = |mut asked: TaskRequest, input: &str| {
        asked.spec.input = Payload::of(&input).unwrap();
        asked.spec.on_duplicate = OnDuplicate::Replace;
        asked.unique("y")
    };
    let first = story.enqueue(vec![replacing(request("label"), "bug")]);
    let others = vec![
        replacing(request("milestone"), ""),
        replacing(request_on("label", 1), "other"),
        replacing(request("milestone"), "again, in the same list"),
    ];
    let others = story.enqueue(others);
    assert_eq!(others.len(), 2);
    assert_eq!(story.task(&first[0]).spec.input.as_str(), r#""bug""#, "it is left alone");
    let again = story.enqueue(vec![replacing(request("milestone"), "once more")]);
    assert_eq!(again, []);
    assert_eq!(story.task(&others[0]).spec.input.as_str(), r#""once more""#);
}

#[test]
fn one_that_replaces_another_is_taken_with_all_that_it_says() {
    let mut story = Story::new();
    let closed = |number| crate::domain::fact::Fact::Closed(crate::domain::id::IssueNumber(number));
    let mut old = request("label").unique("y");
    old.spec.awaits = vec![closed(1)];
    let tasks = story.enqueue(vec![request("analyse"), old.after(0)]);
    let mut new = request("label").unique("y").after(0);
    new.spec.on_duplicate = OnDuplicate::Replace;
    new.spec.awaits = vec![closed(2)];
    new.spec.deadline = Some(story.now.plus(DAY));
    new.spec.concurrency = Some("press".to_owned());
    new.spec.max_attempts = 2;
    new.spec.if_lost = IfLost::Continue;
    new.spec.hooks = vec![Hook { on: vec![Ending::Completed], task: request("comment").spec }];
    let wanted = new.spec.terms();
    // It waits for another task than the first one does.
    story.later(MINUTE).must(&Command::Enqueue(vec![request("analyse").unique("z"), new.clone()]));
    assert_eq!(story.state.tasks.len(), 4, "it waits for more than the first one did, which stays");
    new.after.clear();
    new.spec.depends_on.push(tasks[0].clone());
    let events = story.later(MINUTE).must(&Command::Enqueue(vec![new]));
    assert_eq!(enqueued(&events), []);
    let task = story.task(&tasks[1]);
    assert_eq!(task.spec.terms(), wanted);
    assert_eq!(task.needs.iter().collect::<Vec<_>>(), [&tasks[0]], "what it waits for it still waits for");
    assert_eq!(task.awaits.iter().copied().collect::<Vec<_>>(), [closed(2)]);
    story.later(2 * DAY).must(&Command::Expire);
    assert_eq!(story.failure(&tasks[1]).code, "deadline_passed");
}

#[test]
fn what_waits_for_a_unique_task_waits_for_the_one_that_stands_for_it() {
    let mut story = Story::new();
    story.enqueue(vec![request("analyse").unique("analyse")]);
    let requests = vec![request("analyse").unique("analyse"), request("label").after(0)];
    let events = story.must(&record("again", requests, &story.clone()));
    insta::assert_snapshot!(told(&events), @r"
    3 issue/42 received issues.opened
    4 issue/42 enqueued c2.2 label after c1.1 because of 3
    ");
}

#[test]
fn inside_one_list_the_first_of_a_unique_key_stands_for_the_others() {
    let mut story = Story::new();
    let comment = || request("comment").unique("comment");
    let requests = vec![comment(), comment(), request("label").after(1)];
    let events = story.must(&record("once", requests, &story.clone()));
    insta::assert_snapshot!(told(&events), @r"
    1 issue/42 received issues.opened
    2 issue/42 enqueued c1.1 comment because of 1
    3 issue/42 enqueued c1.3 label after c1.1 because of 1
    ");
}

#[test]
fn a_pending_task_that_would_run_too_early_does_not_stand_for_one_that_waits_for_more() {
    let mut story = Story::new();
    let pass = || vec![request("analyse").unique("analyse"), request("comment").unique("comment").after(0)];
    let first = story.enqueue(pass());
    assert_eq!(story.enqueue(pass()), [], "both still stand for themselves");
    story.claim(&first[0]);
    // The analysis at work has read the old text: what the new one finds needs a comment of its own.
    let second = story.enqueue(pass());
    assert_eq!(second.len(), 2);
    assert_eq!(story.task(&second[1]).spec.depends_on, [second[0].clone()]);
    assert_eq!(story.enqueue(pass()), [], "the second pass stands for a third");
}

#[test]
fn requests_that_wait_for_each_other_are_refused_with_the_circle_named() {
    let mut story = Story::new();
    let circles = [
        (vec![(0, 0)], vec![0]),
        (vec![(0, 1), (1, 0)], vec![0, 1]),
        (vec![(2, 1), (1, 0), (0, 2)], vec![0, 2, 1]),
    ];
    for (waits, circle) in circles {
        let mut requests = vec![request("analyse"), request("label"), request("comment")];
        for (place, waits_for) in waits {
            requests[place].after.push(waits_for);
        }
        let refused = story.submit(&record("circle", requests, &story.clone()));
        assert_eq!(refused, Err(Rejection::Cycle(circle)));
    }
    let beyond = vec![request("analyse").after(7)];
    let refused = story.submit(&record("beyond", beyond, &story.clone()));
    assert_eq!(refused, Err(Rejection::BadDependency { request: 0, waits_for: 7 }));
    assert_eq!(story.state, Story::new().state);
}

#[test]
fn a_request_may_wait_for_one_that_stands_after_it() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("comment").after(1), request("analyse")]);
    assert_eq!(tasks, [TaskId::new("c1.2"), TaskId::new("c1.1")], "in the order in which they can run");
    assert_eq!(story.try_claim(&TaskId::new("c1.1")), Err(Rejection::NotReady(TaskId::new("c1.1"))));
    story.work(&TaskId::new("c1.2"));
    story.work(&TaskId::new("c1.1"));
}

#[test]
fn a_request_cannot_wait_for_a_task_that_is_not_there_or_will_never_be_completed() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("analyse"), request("label")]);
    let lease = story.claim(&tasks[0]);
    story.fail(&tasks[0], lease, Failure::permanent("broken", "it broke"));
    story.cancel(&tasks[1]).unwrap();
    for lost in [tasks[0].clone(), tasks[1].clone(), TaskId::new("../../etc/passwd")] {
        let mut asked = request("comment");
        asked.spec.depends_on.push(lost.clone());
        let refused = story.submit(&record("late", vec![asked], &story.clone()));
        assert_eq!(refused, Err(Rejection::UnknownDependency(lost)));
    }
}

#[test]
fn a_completed_task_is_no_longer_waited_for_and_may_be_forgotten() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("analyse"), request("label"), request("assign")]);
    story.work(&tasks[0]);
    let lease = story.claim(&tasks[1]);
    let mut asked = request("comment");
    asked.spec.depends_on = tasks.clone();
    let events = story.must(&completed(&tasks[1], lease, vec![asked]));
    insta::assert_snapshot!(told(&events), @r#"
    8 issue/42 completed c1.2 lease 1: "done" because of 3
    9 issue/42 enqueued c5.1 comment after c1.3 because of 8
    "#);
}

#[test]
fn those_to_be_told_of_a_failure_are_told_even_if_a_task_with_their_key_fails_along() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("analyse"), request("comment").unique("comment").after(0)]);
    let lease = story.claim(&tasks[0]);
    let tell = vec![request("comment").unique("comment")];
    let events = story.must(&failed(&tasks[0], lease, Failure::permanent("broken", "it broke"), tell));
    insta::assert_snapshot!(told(&events), @r"
    5 issue/42 failed c1.1 lease 1: broken: it broke because of 2
    6 issue/42 failed c1.2: dependency_failed: task c1.1, which this one needs, failed because of 3
    7 issue/42 enqueued c3.1 comment because of 5
    ");
    story.work(&enqueued(&events)[0]);
}

#[test]
fn what_tells_of_a_failure_cannot_wait_for_the_task_that_failed() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("analyse"), request("label").after(0)]);
    let lease = story.claim(&tasks[0]);
    for lost in &tasks {
        let mut tell = request("comment");
        tell.spec.depends_on.push(lost.clone());
        let command = failed(&tasks[0], lease, Failure::permanent("broken", "it broke"), vec![tell]);
        assert_eq!(story.submit(&command), Err(Rejection::UnknownDependency(lost.clone())));
    }
}

#[test]
fn the_same_command_decided_again_on_a_later_state_gives_the_same_ids() {
    let mut story = Story::new();
    let command = record("raced", vec![request("analyse"), request("label").after(0)], &story);
    let mut overtaken = story.clone();
    let context = crate::domain::command::Context { command: CommandId::new("theirs"), ..story.context() };
    let theirs = record("theirs", vec![request_on("comment", 43)], &story);
    for event in decide(&overtaken.state, &theirs, &context).unwrap() {
        overtaken.state.apply(&event).unwrap();
    }
    let (first, second) = (story.must(&command), overtaken.must(&command));
    assert_eq!(enqueued(&first), enqueued(&second));
    assert_ne!(first[0].stamp.sequence, second[0].stamp.sequence);
}

#[test]
fn ids_and_keys_full_of_tricks_are_only_names() {
    let mut story = Story::new();
    let tricks = "\u{202E}$(rm -rf /)\n\"}],\u{0}<!-- ../../..";
    let mut first = request(tricks).unique(tricks).priority(Priority::new(255));
    first.spec.max_attempts = 0;
    let command = record(tricks, vec![first, request("label").after(0)], &story);
    let tasks = enqueued(&story.run(tricks).must(&command));
    assert_eq!(story.task(&tasks[0]).spec.max_attempts, 1, "whatever is asked for gets one attempt");
    story.work(&tasks[0]);
    assert_eq!(story.status(&tasks[0]), "completed");
    assert_eq!(story.submit(&command), Err(Rejection::Duplicate(Sequence(1))));
}
