//! Stories of what is left alone because it failed again and again: services, plugins, assistants and rules.

use crate::domain::circuit::{FAILURES, LEFT_ALONE};
use crate::domain::command::{Command, Outcome};
use crate::domain::event::AssistantAnswered;
use crate::domain::failure::Failure;
use crate::domain::id::{AssistantName, Login, TaskId};
use crate::domain::input::{Exec, Executed, Implement, Source};
use crate::domain::payload::Payload;
use crate::domain::room::{Full, Room};
use crate::domain::spec::TaskRequest;
use crate::domain::state::Wait;
use crate::domain::story::{Story, request_on};
use crate::domain::usage::Usage;

/// More issues than it takes failures.
const ISSUES: u64 = 8;

fn waits_in(story: &Story, task: &TaskId, room: &Room) -> Option<String> {
    match story.state.waits_in(story.task(task), room, story.now) {
        Some(Wait::Throttled(full)) => Some(full.to_string()),
        None => None,
        other => panic!("{other:?}"),
    }
}

fn waits(story: &Story, task: &TaskId) -> Option<String> {
    waits_in(story, task, &Room::default())
}

fn on_each(request: impl Fn(u64) -> TaskRequest) -> Vec<TaskRequest> {
    (1..=ISSUES).map(request).collect()
}

/// Has as many of these fail as it takes, and gives those that are left.
fn fail(story: &mut Story, tasks: Vec<TaskId>, failure: &Failure) -> Vec<TaskId> {
    let (failed, left) = tasks.split_at(FAILURES as usize);
    for task in failed {
        let lease = story.claim(task);
        story.fail(task, lease, failure.clone());
    }
    left.to_vec()
}

#[test]
fn a_service_that_is_down_uses_up_no_more_attempts_and_is_then_tried_by_one_task() {
    let mut story = Story::new();
    let requests = (1..=8).map(|number| request_on("slack", number)).collect();
    let tasks = story.enqueue(requests);
    let down = || Failure::transient("slack_unreachable", "no answer");
    for task in &tasks[..FAILURES as usize] {
        let lease = story.claim(task);
        story.fail(task, lease, down());
    }
    let wait = |story: &Story, place: usize| {
        story.state.waits_in(story.task(&tasks[place]), &Room::default(), story.now)
    };
    let until = story.now.plus(LEFT_ALONE);
    let full = wait(&story, 6);
    assert!(
        matches!(&full, Some(Wait::Throttled(Full::Broken { until: when, .. })) if *when == until),
        "{full:?}"
    );
    assert!(story.try_claim(&tasks[6]).is_err());
    story.later(LEFT_ALONE);
    let lease = story.claim(&tasks[6]);
    assert!(matches!(wait(&story, 7), Some(Wait::Throttled(Full::Limit { limit: 1, .. }))), "one tries it");
    story.complete(&tasks[6], lease);
    story.work(&tasks[7]);
}

fn exec(plugin: &str, issue: u64) -> TaskRequest {
    let mut request = request_on("exec", issue);
    let exec = Exec { plugin: plugin.to_owned(), ..Exec::default() };
    request.spec.input = Payload::of(&exec).unwrap();
    request
}

#[test]
fn a_plugin_that_fails_again_and_again_is_left_alone_and_others_are_started() {
    let mut story = Story::new();
    let tasks = story.enqueue(on_each(|issue| exec("tidy", issue)));
    let other = story.enqueue(vec![exec("greeter", 20)]).remove(0);
    let broken = Failure::permanent("plugin_failed", "the plugin `tidy` ended with exit code 1");
    let left = fail(&mut story, tasks, &broken);
    insta::assert_snapshot!(waits(&story, &left[0]).unwrap(), @"the plugin `tidy` failed 5 times in a row (plugin_failed) and is left alone until 2026-11-22T10:10:00Z");
    story.try_claim(&left[0]).unwrap_err();
    assert_eq!(waits(&story, &other), None);

    story.later(LEFT_ALONE);
    let lease = story.claim(&left[0]);
    insta::assert_snapshot!(waits(&story, &left[1]).unwrap(), @"1 task at once is allowed while the plugin `tidy`, which failed 5 times in a row (plugin_failed), is tried again");
    let done = Executed { plugin: "tidy".to_owned(), ..Executed::default() };
    let outcome = Outcome::Completed { output: Payload::of(&done).unwrap(), follow_ups: Vec::new() };
    story.must(&Command::RecordOutcome { task: left[0].clone(), lease, outcome });
    assert_eq!(waits(&story, &left[1]), None, "it is well again");
}

#[test]
fn what_is_not_a_plugins_fault_leaves_it_as_it_is() {
    let mut story = Story::new();
    let tasks = story.enqueue(on_each(|issue| exec("tidy", issue)));
    let left = fail(&mut story, tasks, &Failure::permanent("github_refused", "GitHub shows no such issue"));
    assert_eq!(waits(&story, &left[0]), None);
}

fn implement(assistant: Option<&str>, issue: u64) -> TaskRequest {
    let mut request = request_on("implement", issue);
    let assistant = assistant.map(ToOwned::to_owned);
    request.spec.input = Payload::of(&Implement { assistant, ..Implement::of(Source::Issue) }).unwrap();
    request
}

/// An assistant is asked, and this comes of it.
fn asked(story: &mut Story, assistant: &str, failure: Option<Failure>) {
    let task = story.enqueue(vec![implement(None, 30)]).remove(0);
    let lease = story.claim(&task);
    let answered = AssistantAnswered {
        task: task.clone(),
        lease,
        assistant: assistant.to_owned(),
        wanted_by: Login::new("mona"),
        reason: "the first in the list".to_owned(),
        usage: Usage::default(),
        failure,
        told: None,
        judges: false,
    };
    story.must(&Command::RecordAnswer(Box::new(answered)));
    story.complete(&task, lease);
}

fn room(assistants: &[&str]) -> Room {
    Room { assistants: assistants.iter().map(|name| AssistantName::new(*name)).collect(), ..Room::default() }
}

#[test]
fn an_assistant_that_is_down_is_waited_for_only_where_nobody_else_may_be_asked() {
    let mut story = Story::new();
    for _ in 0..FAILURES {
        asked(&mut story, "helper", Some(Failure::transient("unreachable", "no answer")));
        asked(&mut story, "other", Some(Failure::permanent("nothing", "It changed no file.")));
    }
    let tasks =
        story.enqueue(vec![implement(None, 1), implement(Some("helper"), 2), implement(Some("other"), 3)]);
    let [anybody, helper, other] = tasks.as_slice() else { panic!("{tasks:?}") };
    let (alone, both) = (room(&["helper"]), room(&["helper", "other"]));
    assert_eq!(waits_in(&story, anybody, &both), None, "the other one is asked");
    assert_eq!(waits_in(&story, other, &both), None);
    let told = "the assistant `helper` failed 5 times in a row (unreachable) and is left alone until 2026-11-22T10:10:00Z";
    assert_eq!(waits_in(&story, anybody, &alone).as_deref(), Some(told));
    assert_eq!(waits_in(&story, helper, &both).as_deref(), Some(told), "it was asked for by name");

    story.later(LEFT_ALONE);
    story.claim(helper);
    let told = waits_in(&story, anybody, &alone).unwrap();
    assert!(told.contains("is tried again"), "{told}");
    assert_eq!(waits_in(&story, anybody, &both), None);
    asked(&mut story, "helper", None);
    assert_eq!(waits_in(&story, anybody, &alone), None, "whoever answers is well");
}

fn ruled(kind: &str, rule: &str, issue: u64) -> TaskRequest {
    let mut request = request_on(kind, issue);
    request.spec.rule = Some(rule.to_owned());
    request
}

#[test]
fn a_rule_whose_tasks_are_given_up_one_after_the_other_is_left_alone() {
    let mut story = Story::new();
    let tasks = story.enqueue(on_each(|issue| ruled("assign", "stale", issue)));
    let labels = story.enqueue(on_each(|issue| ruled("label", "stale", issue)));
    let others = story.enqueue(vec![
        ruled("assign", "hot", 20),
        ruled("comment", "stale", 21),
        request_on("assign", 22),
    ]);
    let gone = Failure::permanent("unknown_person", "nobody has that name");
    for place in 0..FAILURES as usize {
        assert_eq!(waits(&story, &tasks[place]), None);
        let lease = story.claim(&tasks[place]);
        story.fail(&tasks[place], lease, gone.clone());
        if place + 1 < FAILURES as usize {
            // What it leads to beside that goes well.
            story.work(&labels[place]);
        }
    }
    insta::assert_snapshot!(waits(&story, &tasks[6]).unwrap(), @"the rule `stale` failed 5 times in a row (unknown_person) and is left alone until 2026-11-22T10:10:00Z");
    assert!(waits(&story, &labels[6]).is_some(), "all of the rule waits");
    for other in &others {
        assert_eq!(
            waits(&story, other),
            None,
            "another rule, what tells people, and what no rule led to go on"
        );
    }
    story.later(LEFT_ALONE);
    story.work(&tasks[6]);
    assert_eq!(waits(&story, &tasks[7]), None);
}

#[test]
fn what_is_tried_again_says_nothing_about_its_rule() {
    let mut story = Story::new();
    let tasks = story.enqueue(on_each(|issue| ruled("assign", "stale", issue)));
    let left = fail(&mut story, tasks, &Failure::transient("github_unavailable", "500"));
    assert_eq!(waits(&story, &left[0]), None);
}
