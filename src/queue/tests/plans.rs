//! Stories of choosing: who goes first, how many, and when to look again.

use crate::domain::failure::Failure;
use crate::domain::id::TaskId;
use crate::domain::spec::{Priority, TaskRequest};
use crate::domain::story::{MINUTE, Story, request, request_on};
use crate::queue::{Hands, Limits, next_due, plan};

fn urgent(request: TaskRequest, priority: u8) -> TaskRequest {
    request.priority(Priority::new(priority))
}

fn planned(story: &Story, at_once: usize, holding: usize) -> Vec<TaskId> {
    plan(&story.state, story.now, &Limits::default(), Hands::of(at_once.saturating_sub(holding)))
}

fn names(tasks: &[TaskId]) -> Vec<&str> {
    tasks.iter().map(TaskId::as_str).collect()
}

#[test]
fn the_more_urgent_goes_first_and_among_equals_the_older() {
    let mut story = Story::new();
    let kinds = [("a", 50), ("b", 90), ("c", 50), ("d", 10), ("e", 90)];
    story.enqueue(kinds.map(|(kind, priority)| urgent(request(kind), priority)).into());
    assert_eq!(names(&planned(&story, 9, 0)), ["c1.2", "c1.5", "c1.1", "c1.3", "c1.4"]);
}

#[test]
fn a_minute_of_waiting_is_worth_a_point_without_end() {
    let mut story = Story::new();
    story.enqueue(vec![urgent(request("old"), 0)]);
    story.later(99 * MINUTE).enqueue(vec![urgent(request_on("new", 43), 100)]);
    assert_eq!(names(&planned(&story, 9, 0)), ["c2.1", "c1.1"]);
    story.later(MINUTE).enqueue(vec![urgent(request_on("newer", 44), 100)]);
    assert_eq!(names(&planned(&story, 9, 0)), ["c2.1", "c1.1", "c3.1"], "a tie goes to the older");
    story.later(500 * MINUTE).enqueue(vec![urgent(request_on("newest", 45), 100)]);
    assert_eq!(names(&planned(&story, 9, 0)), ["c2.1", "c1.1", "c3.1", "c4.1"]);
}

#[test]
fn a_subject_with_many_tasks_does_not_hold_up_those_with_one() {
    let mut story = Story::new();
    let many: Vec<TaskRequest> = (0..500).map(|number| request(&format!("kind {number}"))).collect();
    story.enqueue(many);
    story.later(MINUTE / 60).enqueue((100..110).map(|number| request_on("label", number)).collect());
    let first = planned(&story, 12, 0);
    let of_others = first.iter().filter(|id| id.as_str().starts_with("c2.")).count();
    assert_eq!(of_others, 10, "{first:?}");
    assert_eq!(names(&first)[0], "c1.1", "the first of the many is not put behind");
}

#[test]
fn a_task_planned_for_later_has_not_waited_before_its_time() {
    let mut story = Story::new();
    let mut later = request("later");
    later.spec.not_before = Some(story.now.plus(600 * MINUTE));
    story.enqueue(vec![later]);
    story.later(590 * MINUTE).enqueue(vec![request("sooner")]);
    story.later(10 * MINUTE);
    assert_eq!(names(&planned(&story, 9, 0)), ["c2.1", "c1.1"]);
}

#[test]
fn a_run_takes_no_more_than_it_may_hold() {
    let mut story = Story::new();
    story.enqueue(["a", "b", "c"].map(request).into());
    assert_eq!(planned(&story, 2, 0).len(), 2);
    assert_eq!(planned(&story, 2, 1).len(), 1);
    assert_eq!(planned(&story, 2, 2).len(), 0);
    assert_eq!(planned(&story, 2, 3).len(), 0, "the limit was lowered while it held more");
}

#[test]
fn two_of_a_kind_on_one_issue_are_never_planned_together() {
    let mut story = Story::new();
    story.enqueue(vec![request("label"), urgent(request("label"), 90), request_on("label", 43)]);
    assert_eq!(names(&planned(&story, 9, 0)), ["c1.2", "c1.3"]);
}

#[test]
fn everything_planned_can_be_claimed() {
    let mut story = Story::new();
    let requests =
        vec![request("label"), request("label"), request("assign").after(0), request_on("label", 43)];
    story.enqueue(requests);
    for task in planned(&story, 9, 0) {
        story.claim(&task);
    }
    assert_eq!(planned(&story, 9, 2), []);
}

#[test]
fn the_next_look_is_due_when_the_first_time_that_alone_holds_a_task_up_has_come() {
    let mut story = Story::new();
    assert_eq!(next_due(&story.state, story.now, &Limits::default()), None);
    let later = |kind, minutes: u32| {
        let mut request = request(kind);
        request.spec.not_before = Some(crate::domain::story::START.plus(minutes * MINUTE));
        request
    };
    // The second waits for the first as well: when its own time comes there is still nothing to do.
    let tasks = story.enqueue(vec![later("a", 30), later("b", 10).after(0), request("c")]);
    assert_eq!(next_due(&story.state, story.now, &Limits::default()), Some(story.now.plus(30 * MINUTE)));
    let lease = story.claim(&tasks[2]);
    story.fail(&tasks[2], lease, Failure::transient("timeout", "no answer"));
    assert_eq!(next_due(&story.state, story.now, &Limits::default()), Some(story.now.plus(MINUTE / 4)));
    story.later(30 * MINUTE).work(&tasks[0]);
    assert_eq!(next_due(&story.state, story.now, &Limits::default()), None, "everything is due");
}

#[test]
fn a_run_whose_clock_is_behind_the_log_leaves_a_task_until_its_own_clock_says_so() {
    let mut story = Story::new();
    let mut later = request("later");
    later.spec.not_before = Some(story.now.plus(10 * MINUTE));
    let mut now = request("later");
    now.spec.priority = Priority::new(0);
    story.enqueue(vec![later]);
    let behind = story.now.plus(9 * MINUTE);
    story.later(11 * MINUTE).enqueue(vec![now]);
    let plan = |at| plan(&story.state, at, &Limits::default(), Hands::of(9));
    assert_eq!(names(&plan(behind)), ["c2.1"], "it could not claim the first, and would plan it for ever");
    assert_eq!(next_due(&story.state, behind, &Limits::default()), Some(behind.plus(MINUTE)));
    assert_eq!(names(&plan(behind.plus(MINUTE))), ["c1.1"], "one of a kind at a time on an issue");
}

#[test]
fn a_plugin_that_is_left_alone_holds_up_no_other_one_about_the_same_issue() {
    use crate::domain::circuit::FAILURES;
    use crate::domain::input::Exec;
    use crate::domain::payload::Payload;
    let mut story = Story::new();
    let exec = |plugin: &str, issue: u64| {
        let mut request = request_on("exec", issue);
        let exec = Exec { plugin: plugin.to_owned(), ..Exec::default() };
        request.spec.input = Payload::of(&exec).unwrap();
        request
    };
    for issue in 1..=u64::from(FAILURES) {
        let task = story.enqueue_of(&format!("person-{issue}"), vec![exec("tidy", issue)]).remove(0);
        let lease = story.claim(&task);
        story.fail(&task, lease, Failure::permanent("plugin_failed", "it ended with exit code 1"));
    }
    let tasks = story.enqueue(vec![exec("tidy", 42), exec("greeter", 42)]);
    assert_eq!(planned(&story, 9, 0), tasks[1..]);

    // When it may be tried, somebody over whose words it failed is not the one who tells most about it.
    let theirs = story.enqueue_of("person-1", vec![exec("tidy", 2)]);
    story.later(MINUTE).cancel(&tasks[0]).unwrap();
    let hers = story.enqueue_of("mona", vec![exec("tidy", 43)]);
    story.later(9 * MINUTE).cancel(&tasks[1]).unwrap();
    assert_eq!(planned(&story, 9, 0), hers, "and one at a time tries it");
    story.cancel(&hers[0]).unwrap();
    assert_eq!(planned(&story, 9, 0), theirs);
}
