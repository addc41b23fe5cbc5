//! Stories of tasks that end otherwise than by success: dead letters, crashes, cancelling, reviving.

use crate::domain::command::{Command, Rejection};
use crate::domain::failure::Failure;
use crate::domain::spec::IfLost;
use crate::domain::story::{DAY, MINUTE, Story, completed, failed, request, request_on, told};

fn broken() -> Failure {
    Failure::permanent("broken", "it broke")
}

#[test]
fn a_final_failure_tells_somebody_and_takes_down_what_waits_for_it() {
    let mut story = Story::new();
    let requests = vec![
        request("implement"),
        request("open_pull_request").after(0),
        request("label").after(0).after(1),
        request("assign").after(2).after(1),
        request("analyse"),
    ];
    let tasks = story.enqueue(requests);
    let lease = story.claim(&tasks[0]);
    let events = story.must(&failed(&tasks[0], lease, broken(), vec![request("comment")]));
    insta::assert_snapshot!(told(&events), @r"
    8 issue/42 failed c1.1 lease 1: broken: it broke because of 2
    9 issue/42 failed c1.2: dependency_failed: task c1.1, which this one needs, failed because of 3
    10 issue/42 failed c1.3: dependency_failed: task c1.1, which this one needs, failed because of 4
    11 issue/42 failed c1.4: dependency_failed: task c1.2, which this one needs, will not be completed because task c1.1 failed because of 5
    12 issue/42 enqueued c3.1 comment because of 8
    ");
    assert_eq!(story.status(&tasks[4]), "pending", "what does not wait for it goes on");
}

#[test]
fn a_failure_that_will_be_tried_again_tells_nobody_yet() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("implement"), request("label").after(0)]);
    let lease = story.claim(&tasks[0]);
    let failure = Failure::transient("timeout", "no answer");
    assert_eq!(story.must(&failed(&tasks[0], lease, failure, vec![request("comment")])).len(), 1);
    assert_eq!(story.status(&tasks[1]), "pending");
}

#[test]
fn a_task_whose_run_is_gone_can_be_taken_again_at_once() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("label")]);
    let lease = story.claim(&tasks[0]);
    let events = story.run("2.1").release(&tasks[0], lease);
    insta::assert_snapshot!(told(&events), @"4 issue/42 released c1.1 lease 1: its workflow run was cancelled because of 2");
    assert_eq!(story.claim(&tasks[0]), lease + 1);
    assert_eq!(story.task(&tasks[0]).attempts, 2, "the crash counts");
}

#[test]
fn only_the_present_lease_can_be_released() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("label")]);
    let release = |story: &mut Story, lease| {
        let (task, reason) = (tasks[0].clone(), "gone".to_owned());
        story.submit(&Command::Release { task, lease, reason, if_final: Vec::new() })
    };
    let stale = |lease| Err(Rejection::StaleLease { task: tasks[0].clone(), lease });
    assert_eq!(release(&mut story, 1), stale(1), "nobody holds it");
    story.claim(&tasks[0]);
    assert_eq!(release(&mut story, 2), stale(2));
    release(&mut story, 1).unwrap();
    assert_eq!(release(&mut story, 1), stale(1), "a second look at the same dead run");
    story.work(&tasks[0]);
    assert_eq!(release(&mut story, 2), stale(2));
}

#[test]
fn a_task_that_kills_every_run_ends_as_a_dead_letter_of_which_somebody_is_told() {
    let mut story = Story::new();
    let mut poison = request("implement");
    poison.spec.max_attempts = 3;
    let tasks = story.enqueue(vec![poison, request("open_pull_request").after(0)]);
    let crash = |run| {
        let lease = story.run(run).claim(&tasks[0]);
        let (task, reason) = (tasks[0].clone(), "its workflow run was cancelled".to_owned());
        let if_final = vec![request("comment")];
        told(&story.run("9.1").must(&Command::Release { task, lease, reason, if_final }))
    };
    let crashes: String = ["1.1", "2.1", "3.1"].map(crash).concat();
    insta::assert_snapshot!(crashes, @r"
    5 issue/42 released c1.1 lease 1: its workflow run was cancelled because of 2
    7 issue/42 released c1.1 lease 2: its workflow run was cancelled because of 2
    9 issue/42 failed c1.1 lease 3: crashed_too_often: 3 attempts began and none reported back; the last: its workflow run was cancelled because of 2
    10 issue/42 failed c1.2: dependency_failed: task c1.1, which this one needs, failed because of 3
    11 issue/42 enqueued c7.1 comment because of 9
    ");
    assert!(story.failure(&tasks[0]).hint.is_some());
}

#[test]
fn a_task_that_is_given_back_by_runs_that_are_told_to_stop_keeps_its_attempts() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("implement")]);
    for _ in 0..6 {
        let lease = story.claim(&tasks[0]);
        let events = story.give_back(&tasks[0], lease);
        assert!(told(&events).contains(" given back c1.1 lease "), "{}", told(&events));
        assert_eq!(story.status(&tasks[0]), "pending");
    }
    assert_eq!((story.task(&tasks[0]).attempts, story.task(&tasks[0]).given_back), (0, 6));
    let lease = story.claim(&tasks[0]);
    story.run("9.1").release(&tasks[0], lease);
    assert_eq!(story.task(&tasks[0]).attempts, 1, "a crash counts still");
}

#[test]
fn only_the_run_that_holds_a_task_can_give_it_back() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("label")]);
    let lease = story.claim(&tasks[0]);
    let give_back = |lease| {
        let (task, reason) = (tasks[0].clone(), "told to stop".to_owned());
        Command::GiveBack { task, lease, reason, if_final: Vec::new() }
    };
    let stale = |lease| Err(Rejection::StaleLease { task: tasks[0].clone(), lease });
    assert_eq!(story.submit(&give_back(lease + 1)), stale(lease + 1));
    assert_eq!(story.run("2.1").submit(&give_back(lease)), stale(lease));
    story.run("1.1").must(&give_back(lease));
}

#[test]
fn a_task_that_is_given_back_for_ever_ends_as_a_dead_letter_and_a_revived_one_begins_anew() {
    let mut story = Story::new();
    let mut endless = request("implement");
    endless.spec.max_attempts = 2;
    let tasks = story.enqueue(vec![endless]);
    let mut times = 0;
    while story.status(&tasks[0]) == "pending" {
        let lease = story.claim(&tasks[0]);
        story.give_back(&tasks[0], lease);
        times += 1;
    }
    assert_eq!(times, 22, "twenty for nothing, and then its attempts");
    insta::assert_snapshot!(story.failure(&tasks[0]).to_string(), @"it was begun 22 times and no run came to its end; the last: its run was told to stop");
    story.revive(&tasks[0]).unwrap();
    let lease = story.claim(&tasks[0]);
    story.give_back(&tasks[0], lease);
    assert_eq!((story.task(&tasks[0]).attempts, story.task(&tasks[0]).given_back), (0, 1));
}

#[test]
fn a_running_task_can_be_called_off_and_what_waits_for_it_fails() {
    let mut story = Story::new();
    let requests = vec![request("implement"), request("label").after(0), request("assign").after(1)];
    let tasks = story.enqueue(requests);
    let lease = story.claim(&tasks[0]);
    let events = story.run("2.1").cancel(&tasks[0]).unwrap();
    insta::assert_snapshot!(told(&events), @r"
    6 issue/42 cancelled c1.1: nobody wants it because of 2
    7 issue/42 failed c1.2: dependency_failed: task c1.1, which this one needs, was cancelled because of 3
    8 issue/42 failed c1.3: dependency_failed: task c1.2, which this one needs, will not be completed because task c1.1 was cancelled because of 4
    ");
    let late = story.run("1.1").must(&completed(&tasks[0], lease, vec![request("comment")]));
    insta::assert_snapshot!(told(&late), @"9 issue/42 ignored completed of c1.1 lease 1 because of 2");
}

#[test]
fn what_is_over_cannot_be_called_off() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("analyse"), request("label"), request("assign")]);
    story.work(&tasks[0]);
    let lease = story.claim(&tasks[1]);
    story.fail(&tasks[1], lease, broken());
    story.cancel(&tasks[2]).unwrap();
    for (task, status) in tasks.iter().zip(["completed", "failed", "cancelled"]) {
        assert_eq!(story.cancel(task), Err(Rejection::WrongStatus { task: task.clone(), status }));
    }
}

#[test]
fn only_what_failed_or_was_called_off_can_be_revived() {
    let mut story = Story::new();
    let kinds = ["analyse", "label", "assign", "comment"];
    let tasks = story.enqueue(kinds.map(request).into());
    story.work(&tasks[0]);
    story.claim(&tasks[1]);
    story.cancel(&tasks[2]).unwrap();
    for (place, status) in [(0, "completed"), (1, "running"), (3, "pending")] {
        let task = tasks[place].clone();
        assert_eq!(story.revive(&task), Err(Rejection::WrongStatus { task, status }));
    }
    story.revive(&tasks[2]).unwrap();
    story.work(&tasks[2]);
}

#[test]
fn one_mistaken_cancel_is_taken_back_with_all_that_fell_with_it() {
    let mut story = Story::new();
    let requests = vec![request("a"), request("b").after(0), request("c").after(1), request("d").after(1)];
    let tasks = story.enqueue(requests);
    story.cancel(&tasks[0]).unwrap();
    assert_eq!(story.revive(&tasks[1]), Err(Rejection::UnknownDependency(tasks[0].clone())));
    // The way back is there as long as the dead letters are.
    for number in 0..300 {
        let busy = story.later(MINUTE).enqueue(vec![request_on("label", number)]);
        story.work(&busy[0]);
    }
    story.later(50 * DAY).clean_up();
    let events = story.revive(&tasks[0]).unwrap();
    assert_eq!(events.len(), 4);
    for task in &tasks {
        story.work(task);
    }
    story.later(8 * DAY).clean_up();
    assert!(tasks.iter().all(|task| !story.state.tasks.contains_key(task)), "done and forgotten");
}

#[test]
fn what_was_skipped_comes_back_with_what_it_was_skipped_for_and_what_people_called_off_does_not() {
    let mut story = Story::new();
    let skips = |kind: &str| {
        let mut request = request(kind).after(0);
        request.spec.if_lost = IfLost::Skip;
        request
    };
    let tasks = story.enqueue(vec![request("a"), skips("b"), skips("c"), request("d").after(1)]);
    story.cancel(&tasks[2]).unwrap();
    story.cancel(&tasks[0]).unwrap();
    let events = story.revive(&tasks[0]).unwrap();
    insta::assert_snapshot!(told(&events), @r"
    10 issue/42 revived c1.1: try again because of 2
    11 issue/42 revived c1.2: try again because of 3
    12 issue/42 revived c1.4: try again because of 5
    ");
    for place in [0, 1, 3] {
        story.work(&tasks[place]);
    }
    assert_eq!(story.status(&tasks[2]), "cancelled");
}

#[test]
fn what_was_called_off_needs_no_longer_what_was_completed_since() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("a"), request("b").after(0)]);
    story.cancel(&tasks[1]).unwrap();
    story.work(&tasks[0]);
    story.revive(&tasks[1]).unwrap();
    story.work(&tasks[1]);
}

#[test]
fn what_comes_back_still_waits_for_the_time_it_was_planned_for() {
    let mut story = Story::new();
    let mut requests = vec![request("a"), request("b").after(0)];
    requests[0].spec.not_before = Some(story.now.plus(MINUTE));
    requests[1].spec.not_before = Some(story.now.plus(DAY));
    let tasks = story.enqueue(requests);
    story.cancel(&tasks[0]).unwrap();
    story.later(MINUTE).revive(&tasks[0]).unwrap();
    story.work(&tasks[0]);
    assert_eq!(story.try_claim(&tasks[1]), Err(Rejection::NotReady(tasks[1].clone())));
    story.later(DAY).work(&tasks[1]);
}

#[test]
fn a_task_that_came_too_late_is_revived_without_the_deadline_that_has_passed() {
    let mut story = Story::new();
    let mut requests = vec![request("a"), request("b").after(0), request("c").after(0)];
    requests[0].spec.deadline = Some(story.now.plus(MINUTE));
    requests[1].spec.deadline = Some(story.now.plus(2 * MINUTE));
    requests[2].spec.deadline = Some(story.now.plus(DAY));
    let tasks = story.enqueue(requests);
    story.later(3 * MINUTE).must(&Command::Expire);
    assert_eq!(story.failure(&tasks[0]).code, "deadline_passed");
    story.revive(&tasks[0]).unwrap();
    assert_eq!(story.must(&Command::Expire), [], "nothing is given up again");
    let left: Vec<_> = tasks.iter().map(|task| story.task(task).spec.deadline.is_some()).collect();
    assert_eq!(left, [false, false, true], "one that is to come stays");
    for task in &tasks {
        story.work(task);
    }
}

#[test]
fn hundreds_that_failed_together_come_back_together_wherever_the_clean_ups_fall() {
    for before in [0, 100, 200, 255] {
        let mut story = Story::new();
        for place in 0..before {
            story.told(crate::domain::story::tick(&format!("before {place}"), story.now));
        }
        let mut root = request("root");
        root.spec.deadline = Some(story.now.plus(MINUTE));
        let followers = std::iter::repeat_with(|| request("follower").after(0)).take(700);
        let tasks = story.enqueue(std::iter::once(root).chain(followers).collect());
        story.later(2 * MINUTE).must(&Command::Expire);
        assert!(tasks.iter().all(|task| story.status(task) == "failed"));
        let events = story.later(MINUTE).revive(&tasks[0]).unwrap();
        assert_eq!(events.len(), tasks.len());
        assert!(tasks.iter().all(|task| story.status(task) == "pending"));
        story.clean_up();
        story.work(&tasks[0]);
        story.work(&tasks[700]);
    }
}

#[test]
fn a_revived_task_has_all_its_attempts_again_and_its_old_leases_stay_stale() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("label")]);
    let first = story.claim(&tasks[0]);
    story.fail(&tasks[0], first, broken());
    let events = story.later(MINUTE).revive(&tasks[0]).unwrap();
    insta::assert_snapshot!(told(&events), @"5 issue/42 revived c1.1: try again because of 2");
    assert_eq!(story.task(&tasks[0]).attempts, 0);
    assert_eq!(story.claim(&tasks[0]), 2);
    let stale = story.complete(&tasks[0], first);
    insta::assert_snapshot!(told(&stale), @"7 issue/42 ignored completed of c1.1 lease 1 because of 2");
    assert_eq!(story.status(&tasks[0]), "running");
}

#[test]
fn a_dead_letter_is_not_revived_while_what_it_needs_is_dead() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("implement"), request("open_pull_request").after(0)]);
    let lease = story.claim(&tasks[0]);
    story.fail(&tasks[0], lease, broken());
    assert_eq!(story.revive(&tasks[1]), Err(Rejection::UnknownDependency(tasks[0].clone())));
    // What failed because of it comes back with it.
    story.revive(&tasks[0]).unwrap();
    assert_eq!(story.status(&tasks[1]), "pending");
    assert_eq!(story.try_claim(&tasks[1]), Err(Rejection::NotReady(tasks[1].clone())));
    story.work(&tasks[0]);
    story.work(&tasks[1]);
}

#[test]
fn a_dead_letter_can_be_revived_long_after_what_it_needed_was_completed() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("implement"), request("open_pull_request").after(0)]);
    story.work(&tasks[0]);
    let lease = story.claim(&tasks[1]);
    story.fail(&tasks[1], lease, broken());
    story.later(20 * DAY);
    // Enough for several clean-ups, and for more finished tasks than are kept.
    for number in 0..300 {
        let busy = story.enqueue(vec![request_on("label", number)]);
        story.work(&busy[0]);
    }
    story.revive(&tasks[1]).unwrap();
    story.work(&tasks[1]);
}
