//! Stories of what is told: what happened becomes a task, a burst becomes one, and nobody is told of the telling.

use crate::domain::command::{Occasion, Subscription};
use crate::domain::failure::Failure;
use crate::domain::input::{self, Slack};
use crate::domain::notice::Happening;
use crate::domain::payload::Payload;
use crate::domain::spec::{OnDuplicate, TaskRequest, TaskSpec};
use crate::domain::story::{Story, request, told};
use crate::domain::subject::{Scope, Subject};
use crate::domain::task::Task;

fn wanted(kind: &str, on: Occasion, input: &Payload) -> Subscription {
    let request = TaskRequest::new(kind, Subject::Repository, input.clone(), "the configuration");
    let task = TaskSpec { on_duplicate: OnDuplicate::Coalesce, ..request.spec };
    Subscription { on, kinds: Vec::new(), about: Scope::Everything, task }
}

fn slack(on: Vec<Happening>) -> Subscription {
    wanted(input::SLACK, Occasion::Told(on), &Payload::of(&Slack::default()).unwrap())
}

fn of_kind<'s>(story: &'s Story, kind: &str) -> Vec<&'s Task> {
    let mut tasks: Vec<&Task> =
        story.state.tasks.values().filter(|task| task.spec.kind.as_str() == kind).collect();
    tasks.sort_by_key(|task| task.enqueued);
    tasks
}

/// What a task tells, in order.
fn tells(task: &Task) -> Vec<&'static str> {
    let slack: Slack = task.spec.input.read().unwrap();
    slack.notices.iter().map(|notice| notice.what.name()).collect()
}

#[test]
fn a_burst_is_one_task_that_waits_for_the_analysis() {
    let mut story = Story::new();
    story.subscriptions = vec![slack(Vec::new())];
    let tasks = story.enqueue(vec![request("analyse"), request("implement")]);
    let telling = of_kind(&story, "slack")[0].clone();
    assert_eq!(telling.spec.depends_on, [tasks[0].clone()], "what it finds is part of what is told");
    assert!(telling.spec.quiet, "and its own end leads to nothing");
    let lease = story.claim(&tasks[1]);
    let events = story.fail(&tasks[1], lease, Failure::permanent("broken", "it broke").hint("Mend it."));
    insta::assert_snapshot!(told(&events), @r#"
    6 issue/42 failed c1.2 lease 1: broken: it broke because of 3
    7 issue/42 amended c1.3: Some({"notices":[{"what":"opened","sequence":1,"subject":"issue/42","at":"2026-11-22T10:00:00Z","by":"ada","text":"It crashes"},{"what":"failed","sequence":6,"subject":"issue/42","at":"2026-11-22T10:00:00Z","kind":"implement","text":"it broke. Mend it."}]}) None None because of 6
    "#);
    let all = of_kind(&story, "slack");
    assert_eq!((all.len(), tells(all[0])), (1, vec!["opened", "failed"]), "one message will say both");
}

#[test]
fn what_comes_while_one_waits_joins_it_and_what_comes_while_it_works_does_not() {
    let mut story = Story::new();
    story.subscriptions = vec![slack(Vec::new())];
    story.enqueue(Vec::new());
    let failing = story.enqueue(vec![request("label"), request("assign")]);
    for task in &failing[..1] {
        let lease = story.claim(task);
        story.fail(task, lease, Failure::permanent("broken", "it broke"));
    }
    let first = of_kind(&story, "slack")[0].id.clone();
    assert_eq!(of_kind(&story, "slack").len(), 1);
    assert_eq!(tells(story.task(&first)), ["opened", "opened", "failed"]);
    story.claim(&first);
    let lease = story.claim(&failing[1]);
    story.fail(&failing[1], lease, Failure::permanent("broken", "it broke too"));
    let all = of_kind(&story, "slack");
    assert_eq!((all.len(), tells(all[1])), (2, vec!["failed"]));
}

#[test]
fn nobody_is_told_that_somebody_could_not_be_told() {
    let mut story = Story::new();
    story.subscriptions = vec![slack(vec![Happening::Failed])];
    let task = story.enqueue(vec![request("slack"), request("webhook")]);
    for task in &task {
        let lease = story.claim(task);
        assert_eq!(story.fail(task, lease, Failure::permanent("broken", "it broke")).len(), 1);
    }
}

#[test]
fn each_webhook_has_a_task_for_each_thing_that_it_wants() {
    let mut story = Story::new();
    let named = |name: &str| Payload::of(&serde_json::json!({ "name": name })).unwrap();
    story.subscriptions = vec![
        wanted(input::WEBHOOK, Occasion::Told(vec![Happening::Opened]), &named("ci")),
        wanted(input::WEBHOOK, Occasion::Told(Vec::new()), &named("all")),
    ];
    let task = story.enqueue(vec![request("label")]).remove(0);
    let lease = story.claim(&task);
    story.fail(&task, lease, Failure::permanent("broken", "it broke"));
    let told: Vec<String> = of_kind(&story, "webhook")
        .iter()
        .map(|task| task.spec.input.read::<input::Webhook>().unwrap())
        .map(|hook| format!("{} {}", hook.name, hook.notice.what.name()))
        .collect();
    assert_eq!(told, ["ci opened", "all opened", "all failed"]);
}

#[test]
fn without_anybody_who_wants_to_know_nothing_is_told() {
    let mut story = Story::new();
    let task = story.enqueue(vec![request("label")]).remove(0);
    let lease = story.claim(&task);
    assert_eq!(story.fail(&task, lease, Failure::permanent("broken", "it broke")).len(), 1);
}
