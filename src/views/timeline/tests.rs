//! Stories picked out of a mixed history.

use super::*;
use crate::domain::command::Command;
use crate::domain::id::{CommandId, TaskId};
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::story::{
    MINUTE, START, Story, completed, enqueued, issue_told, pull_told, request, request_on, tick, told,
};
use crate::domain::subject::Subject;
use crate::domain::trigger::{About, Trigger};

fn envelopes(story: &Story) -> impl Iterator<Item = Envelope> {
    let command = CommandId::new("c");
    story.history.iter().cloned().enumerate().map(move |(place, event)| Envelope::new(&command, place, event))
}

/// The story of `number`, one event a line.
fn picked(story: &Story, number: u64) -> String {
    let mut timeline = Timeline::of(IssueNumber(number));
    envelopes(story).for_each(|envelope| timeline.offer(envelope));
    told(&timeline.events().iter().map(|envelope| envelope.recorded.clone()).collect::<Vec<_>>())
}

fn other_issue(telling: Trigger) -> Trigger {
    let mut telling = Trigger { subject: Subject::Issue(IssueNumber(43)), ..telling };
    if let About::Issue { issue, .. } = &mut telling.about {
        issue.number = IssueNumber(43);
    }
    telling
}

fn record(story: &mut Story, trigger: Trigger, requests: Vec<TaskRequest>) -> Vec<TaskId> {
    enqueued(&story.must(&Command::RecordTrigger { trigger: Box::new(trigger), requests }))
}

/// Two issues and a pull request, with everything interleaved.
fn mixed() -> Story {
    let mut story = Story::new();
    let first = record(&mut story, issue_told("1", "opened", None, START), vec![request("implement")]);
    let second = record(
        &mut story,
        other_issue(issue_told("2", "opened", None, START)),
        vec![request_on("label", 43)],
    );
    let lease = story.claim(&first[0]);
    story.claim(&second[0]);
    story.intend(&first[0], 1, "push a branch").unwrap();
    story.intend(&second[0], 1, "+bug").unwrap();
    story.receipt(&second[0], &Payload::of(&"43 has it").unwrap()).unwrap();
    story.receipt(&first[0], &Payload::of(&"42 has it").unwrap()).unwrap();
    let pull = TaskRequest::new("tend", Subject::Pull(IssueNumber(7)), Payload::default(), "it was opened");
    let follow_ups = enqueued(&story.must(&completed(&first[0], lease, vec![pull])));
    story.told(pull_told("3", "opened", None, START));
    story.run("2.1").release(&second[0], 1);
    story.work(&follow_ups[0]);
    let late = story.run("1.1").complete(&second[0], 1);
    assert_eq!(late.len(), 1);
    story
}

#[test]
fn the_story_of_an_issue_is_what_is_about_it_and_what_that_led_to() {
    let story = mixed();
    insta::assert_snapshot!(picked(&story, 42), @r#"
    1 issue/42 received issues.opened
    2 issue/42 enqueued c1.1 implement because of 1
    5 issue/42 claimed c1.1 lease 1 until 2026-11-22T10:15:00Z because of 2
    7 issue/42 intended c1.1/step lease 1: push a branch because of 2
    10 issue/42 did c1.1/step: "42 has it" because of 2
    11 issue/42 completed c1.1 lease 1: "done" because of 2
    12 pull/7 enqueued c9.1 tend because of 11
    15 pull/7 claimed c9.1 lease 1 until 2026-11-22T10:15:00Z because of 12
    16 pull/7 completed c9.1 lease 1: "done" because of 12
    "#);
    insta::assert_snapshot!(picked(&story, 43), @r#"
    3 issue/43 received issues.opened
    4 issue/43 enqueued c2.1 label because of 3
    6 issue/43 claimed c2.1 lease 1 until 2026-11-22T10:15:00Z because of 4
    8 issue/43 intended c2.1/step lease 1: +bug because of 4
    9 issue/43 did c2.1/step: "43 has it" because of 4
    14 issue/43 released c2.1 lease 1: its workflow run was cancelled because of 4
    17 issue/43 ignored completed of c2.1 lease 1 because of 4
    "#);
    insta::assert_snapshot!(picked(&story, 7), @r#"
    12 pull/7 enqueued c9.1 tend because of 11
    13 pull/7 received pull_request.opened
    15 pull/7 claimed c9.1 lease 1 until 2026-11-22T10:15:00Z because of 12
    16 pull/7 completed c9.1 lease 1: "done" because of 12
    "#);
    assert_eq!(picked(&story, 99), "");
}

#[test]
fn issues_that_one_tick_of_the_clock_takes_care_of_do_not_enter_each_others_stories() {
    let mut story = Story::new();
    let tasks = record(&mut story, tick("1", START), vec![request("label"), request_on("label", 43)]);
    for task in &tasks {
        let lease = story.later(MINUTE).claim(task);
        story.must(&completed(
            task,
            lease,
            vec![TaskRequest::new("report", Subject::Repository, Payload::default(), "something was done")],
        ));
    }
    insta::assert_snapshot!(picked(&story, 42), @r#"
    2 issue/42 enqueued c1.1 label because of 1
    4 issue/42 claimed c1.1 lease 1 until 2026-11-22T10:16:00Z because of 2
    5 issue/42 completed c1.1 lease 1: "done" because of 2
    6 repository enqueued c3.1 report because of 5
    "#);
    insta::assert_snapshot!(picked(&story, 43), @r#"
    3 issue/43 enqueued c1.2 label because of 1
    7 issue/43 claimed c1.2 lease 1 until 2026-11-22T10:17:00Z because of 3
    8 issue/43 completed c1.2 lease 1: "done" because of 3
    9 repository enqueued c5.1 report because of 8
    "#);
}

#[test]
fn a_story_can_be_picked_out_of_the_later_part_of_a_history() {
    let story = mixed();
    let mut timeline = Timeline::of(IssueNumber(43));
    envelopes(&story).skip(6).for_each(|envelope| timeline.offer(envelope));
    let whole = picked(&story, 43);
    let part = told(&timeline.events().iter().map(|envelope| envelope.recorded.clone()).collect::<Vec<_>>());
    assert!(whole.ends_with(&part) && !part.is_empty());
}
