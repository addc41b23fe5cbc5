//! Stories of what the configuration wants when tasks end.

use crate::domain::command::Subscription;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::spec::{Ending, Hook, TaskRequest};
use crate::domain::story::{Story, completed, enqueued, failed, request, request_on, told};
use crate::domain::subject::{Scope, Subject};

/// When a task of one of these kinds (none: any) ends so, one of this kind is wanted.
fn wanted(kind: &str, on: Ending, kinds: &[&str]) -> Subscription {
    let request =
        TaskRequest::new(kind, Subject::Repository, crate::domain::payload::Payload::default(), "a rule");
    let kinds = kinds.iter().map(|&kind| kind.into()).collect();
    Subscription { on: on.into(), kinds, about: Scope::Numbered, task: request.unique(kind).spec }
}

fn broken() -> Failure {
    Failure::permanent("broken", "it broke")
}

#[test]
fn an_end_leads_to_a_task_about_the_same_subject() {
    let mut story = Story::new();
    story.subscriptions = vec![
        wanted("comment", Ending::Failed, &[]),
        wanted("assign", Ending::Failed, &["label"]),
        wanted("label", Ending::Completed, &["analyse"]),
    ];
    let tasks = story.enqueue(vec![request("implement"), request_on("analyse", 7), request("assign")]);
    let lease = story.claim(&tasks[0]);
    let events = story.fail(&tasks[0], lease, broken());
    insta::assert_snapshot!(told(&events), @r"
    6 issue/42 failed c1.1 lease 1: broken: it broke because of 2
    7 issue/42 enqueued c3.1 comment because of 6
    ");
    let lease = story.claim(&tasks[1]);
    insta::assert_snapshot!(told(&story.complete(&tasks[1], lease)), @r#"
    9 issue/7 completed c1.2 lease 1: "done" because of 3
    10 issue/7 enqueued c5.1 label because of 9
    "#);
    let lease = story.claim(&tasks[2]);
    assert_eq!(story.complete(&tasks[2], lease).len(), 1, "nobody wanted anything of this");
}

#[test]
fn two_subjects_have_two_tasks_where_one_has_one() {
    let mut story = Story::new();
    story.subscriptions = vec![wanted("comment", Ending::Failed, &[])];
    let tasks = story.enqueue(vec![request_on("label", 1), request_on("label", 2), request_on("assign", 2)]);
    let mut follow = Vec::new();
    for task in &tasks {
        let lease = story.claim(task);
        follow.extend(enqueued(&story.fail(task, lease, broken())));
    }
    let about: Vec<Subject> = follow.iter().map(|task| story.task(task).spec.subject).collect();
    assert_eq!(about, [Subject::Issue(IssueNumber(1)), Subject::Issue(IssueNumber(2))]);
    assert_eq!(story.task(&follow[1]).spec.unique.as_deref(), Some("comment issue/2"));
}

#[test]
fn what_follows_leads_to_nothing_more_and_neither_does_what_follows_from_it() {
    let mut story = Story::new();
    story.subscriptions =
        vec![wanted("analyse", Ending::Completed, &[]), wanted("comment", Ending::Failed, &[])];
    let first = story.enqueue(vec![request("label")]).remove(0);
    let lease = story.claim(&first);
    let second = enqueued(&story.complete(&first, lease)).remove(0);
    // An analysis has follow-ups of its own, and with them the circle would close.
    let lease = story.claim(&second);
    let third = enqueued(&story.must(&completed(&second, lease, vec![request("label"), request("assign")])));
    assert_eq!(third.len(), 2, "its own follow-ups come");
    let lease = story.claim(&third[0]);
    assert_eq!(enqueued(&story.complete(&third[0], lease)), []);
    let lease = story.claim(&third[1]);
    let fourth = enqueued(&story.must(&failed(&third[1], lease, broken(), vec![request("implement")])));
    assert_eq!(fourth.len(), 1, "whom a failure is told stays as it is");
    let lease = story.claim(&fourth[0]);
    assert_eq!(enqueued(&story.complete(&fourth[0], lease)), []);
}

#[test]
fn a_hook_of_a_task_that_came_from_a_rule_is_as_quiet_as_the_task() {
    let mut story = Story::new();
    let mut wanted = wanted("analyse", Ending::Completed, &[]);
    wanted.task.hooks = vec![Hook { on: vec![Ending::Completed], task: request("label").spec }];
    story.subscriptions = vec![wanted];
    let first = story.enqueue(vec![request("assign")]).remove(0);
    let lease = story.claim(&first);
    let second = enqueued(&story.complete(&first, lease)).remove(0);
    let lease = story.claim(&second);
    let third = enqueued(&story.complete(&second, lease)).remove(0);
    assert_eq!(story.task(&third).spec.kind.as_str(), "label");
    let lease = story.claim(&third);
    assert_eq!(enqueued(&story.complete(&third, lease)), []);
}

#[test]
fn a_task_about_something_else_leads_to_nothing() {
    let mut story = Story::new();
    story.subscriptions = vec![
        Subscription { about: Scope::Issues, ..wanted("comment", Ending::Completed, &[]) },
        Subscription { about: Scope::Numbered, ..wanted("label", Ending::Completed, &[]) },
    ];
    let about =
        |subject| TaskRequest::new("assign", subject, crate::domain::payload::Payload::default(), "x");
    let subjects = [Subject::Repository, Subject::Pull(IssueNumber(3)), Subject::Issue(IssueNumber(4))];
    let tasks = story.enqueue(subjects.map(about).into());
    let follow = tasks.iter().map(|task| {
        let lease = story.claim(task);
        enqueued(&story.complete(task, lease)).len()
    });
    assert_eq!(follow.collect::<Vec<_>>(), [0, 1, 2]);
}
