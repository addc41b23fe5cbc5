//! Stories of what is left alone because it failed again and again: services, plugins, assistants and rules.

use crate::domain::actor::Actor;
use crate::domain::circuit::{FAILURES, LEFT_ALONE};
use crate::domain::command::{Command, Outcome, Rejection};
use crate::domain::event::{AssistantAnswered, Recorded};
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

/// A task about an issue of each of several people.
fn of_each(story: &mut Story, request: impl Fn(u64) -> TaskRequest) -> Vec<TaskId> {
    let of = |number: u64| story.enqueue_of(&format!("person-{number}"), vec![request(number)]).remove(0);
    (1..=ISSUES).map(of).collect()
}

/// Has one person's words fail as often as it takes.
fn fail_over(story: &mut Story, who: &str, request: impl Fn(u64) -> TaskRequest, failure: &Failure) {
    for number in 0..u64::from(FAILURES) {
        let task = story.enqueue_of(who, vec![request(100 + number)]).remove(0);
        let lease = story.claim(&task);
        story.fail(&task, lease, failure.clone());
    }
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
    assert!(matches!(wait(&story, 7), Some(Wait::Throttled(Full::Tried { .. }))), "one tries it");
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
    let tasks = of_each(&mut story, |issue| exec("tidy", issue));
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
    let tasks = of_each(&mut story, |issue| exec("tidy", issue));
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

fn tries(story: &mut Story, task: &TaskId, lease: u64) -> Result<Vec<Recorded>, Rejection> {
    story.submit(&Command::Try { task: task.clone(), lease, assistant: AssistantName::new("helper") })
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
    let lease = story.claim(helper);
    assert_eq!(waits_in(&story, anybody, &alone), None, "nobody asks it yet");
    tries(&mut story, helper, lease).unwrap();
    let told = waits_in(&story, anybody, &alone).unwrap();
    assert!(told.contains("is tried again"), "{told}");
    assert_eq!(waits_in(&story, anybody, &both), None);
    let third = story.enqueue(vec![implement(None, 4)]).remove(0);
    story.release(helper, lease);
    assert_eq!(waits_in(&story, anybody, &alone), None, "whoever asked is gone");
    let (lease, again) = (story.claim(&third), story.claim(helper));
    tries(&mut story, &third, lease).unwrap();
    let refused = tries(&mut story, helper, again).unwrap_err().to_string();
    assert!(refused.contains("is tried again"), "{refused}");
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
    let tasks = of_each(&mut story, |issue| ruled("assign", "stale", issue));
    let labels = of_each(&mut story, |issue| ruled("label", "stale", issue));
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
fn another_kind_of_the_rules_is_a_trial_too_and_the_next_failure_is_one_too_many() {
    let mut story = Story::new();
    let tasks = of_each(&mut story, |issue| ruled("assign", "stale", issue));
    let labels = of_each(&mut story, |issue| ruled("label", "stale", issue));
    let gone = Failure::permanent("unknown_person", "nobody has that name");
    let left = fail(&mut story, tasks, &gone);
    story.later(LEFT_ALONE);
    let trial = story.claim(&labels[6]);
    assert!(waits(&story, &labels[7]).unwrap().contains("is tried again"));
    story.complete(&labels[6], trial);
    assert_eq!((waits(&story, &labels[7]), waits(&story, &left[0])), (None, None), "all go on");
    let lease = story.claim(&left[0]);
    story.fail(&left[0], lease, gone);
    assert!(waits(&story, &labels[7]).unwrap().contains("is left alone until"));
}

#[test]
fn what_one_person_writes_leaves_nothing_alone_for_others() {
    let mut story = Story::new();
    let broken = Failure::permanent("plugin_failed", "the plugin `tidy` ended with exit code 1");
    fail_over(&mut story, "mallory", |issue| exec("tidy", issue), &broken);
    let gone = Failure::permanent("unknown_person", "nobody has that name");
    fail_over(&mut story, "mallory", |issue| ruled("assign", "stale", issue), &gone);
    let requests = || vec![exec("tidy", 1), ruled("assign", "stale", 2)];
    let (hers, theirs) = (story.enqueue_of("mona", requests()), story.enqueue_of("mallory", requests()));
    for task in &hers {
        assert_eq!(waits(&story, task), None);
    }
    insta::assert_snapshot!(waits(&story, &theirs[0]).unwrap(), @"the plugin `tidy` failed 5 times in a row (plugin_failed) over what mallory wrote and is left alone with that until 2026-11-22T10:10:00Z");
    assert!(waits(&story, &theirs[1]).is_some());

    // A maintainer who labels them is not to blame for their text, and does no better with it.
    let label = |who| [Actor::person("mona"), Actor::system()].map(|actor| (actor, who));
    for (actor, who) in label("mallory") {
        let task = story.enqueue_by(actor, who, vec![exec("tidy", 3)]).remove(0);
        assert!(waits(&story, &task).is_some());
    }
    let lease = story.claim(&hers[0]);
    story.fail(&hers[0], lease, broken);
    assert_eq!(story.state.circuits.values().map(|it| it.row.failures).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn who_is_down_whoever_asks_is_down_for_everybody() {
    let mut story = Story::new();
    fail_over(
        &mut story,
        "mallory",
        |issue| request_on("slack", issue),
        &Failure::transient("slack_unreachable", "no answer"),
    );
    let hers = story.enqueue_of("mona", vec![request_on("slack", 1)]).remove(0);
    assert!(waits(&story, &hers).is_some());
}

#[test]
fn an_assistant_that_takes_too_long_over_one_persons_words_is_asked_by_others() {
    let mut story = Story::new();
    for _ in 0..FAILURES {
        asked(&mut story, "helper", Some(Failure::transient("assistant_out_of_time", "10 min")));
    }
    let (hers, adas) =
        (story.enqueue_of("mona", vec![implement(None, 1)]), story.enqueue(vec![implement(None, 2)]));
    assert_eq!(waits_in(&story, &hers[0], &room(&["helper"])), None);
    assert!(waits_in(&story, &adas[0], &room(&["helper"])).is_some());
}

#[test]
fn what_is_tried_again_says_nothing_about_its_rule() {
    let mut story = Story::new();
    let tasks = of_each(&mut story, |issue| ruled("assign", "stale", issue));
    let left = fail(&mut story, tasks, &Failure::transient("github_unavailable", "500"));
    assert_eq!(waits(&story, &left[0]), None);
}

#[test]
fn a_webhook_that_is_down_holds_up_no_other_one() {
    let mut story = Story::new();
    let webhook = |name: &str, issue: u64| {
        let mut request = request_on("webhook", issue);
        request.spec.input = Payload::of(&serde_json::json!({ "name": name })).unwrap();
        request
    };
    let tasks = of_each(&mut story, |issue| webhook("audit", issue));
    let other = story.enqueue(vec![webhook("board", 20)]).remove(0);
    let left = fail(&mut story, tasks, &Failure::transient("webhook_unavailable", "500"));
    assert!(waits(&story, &left[0]).unwrap().starts_with("webhook audit failed 5 times in a row"));
    assert_eq!(waits(&story, &other), None);
}
