//! What the work on an issue came past.

use crate::domain::command::Command;
use crate::domain::effect::EffectKind;
use crate::domain::event::AssistantAnswered;
use crate::domain::failure::Failure;
use crate::domain::id::{EffectId, IssueNumber, Login};
use crate::domain::input;
use crate::domain::landmark::{KEPT, Passed};
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::story::{ISSUE, Story, intend, opened, pull_told, request};
use crate::domain::usage::Usage;

fn passed(story: &Story) -> Vec<Passed> {
    let issue = &story.state.issues[&ISSUE.number().unwrap()];
    issue.landmarks.iter().map(|landmark| landmark.what.clone()).collect()
}

/// Pull request 7 is opened for the issue.
fn with_pull() -> Story {
    let mut story = Story::new();
    story.told(opened("one", story.now));
    let task = story.enqueue(vec![request(input::OPEN_PULL_REQUEST)]).remove(0);
    let lease = story.claim(&task);
    story.must(&intend(&task, lease, EffectKind::PullRequest, "open"));
    let pull = receipt::PullRequest {
        number: IssueNumber(7),
        url: "https://github.com/acme/widgets/pull/7".to_owned(),
        branch: "fix".to_owned(),
        change: None,
        lines: None,
        by: None,
        draft: None,
        unchecked: false,
    };
    let receipt = Payload::of(&pull).unwrap();
    let effect = EffectId::of(&task, "step");
    story.must(&Command::CompleteEffect { effect, receipt, adopted: false });
    story.complete(&task, lease);
    story
}

#[test]
fn triage_leaves_no_landmark() {
    let mut story = Story::new();
    story.told(opened("one", story.now));
    let task = story.enqueue(vec![request(input::ANALYSE)]).remove(0);
    story.work(&task);
    assert_eq!(passed(&story), []);
}

#[test]
fn a_pull_request_is_opened_and_merged_once_however_often_it_is_told() {
    let mut story = with_pull();
    let mut merged = pull_told("merged", "closed", None, story.now);
    if let crate::domain::trigger::About::Pull { pull, .. } = &mut merged.about {
        pull.merged = true;
    }
    story.told(merged.clone());
    merged.identity = crate::domain::id::TriggerIdentity::new("merged again");
    story.told(merged);
    let opened = Passed::Opened { number: IssueNumber(7) };
    assert_eq!(passed(&story), [opened, Passed::Merged { by: Some(Login::new("ada")) }]);
}

#[test]
fn who_was_asked_is_kept_with_what_it_cost_and_what_was_given_up_with_its_kind() {
    let mut story = Story::new();
    story.told(opened("one", story.now));
    let task = story.enqueue(vec![request(input::IMPLEMENT)]).remove(0);
    let lease = story.claim(&task);
    let usage = Usage { micro_dollars: 400_000, ..Usage::default() };
    let answered = AssistantAnswered {
        task: task.clone(),
        lease,
        assistant: "helper".to_owned(),
        wanted_by: Login::new("ada"),
        reason: "the first in the list".to_owned(),
        usage,
        failure: Some(Failure::permanent("nothing", "It changed no file.")),
        told: None,
        judges: false,
    };
    story.must(&Command::RecordAnswer(Box::new(answered)));
    story.fail(&task, lease, Failure::permanent("nothing", "nobody proposed a change"));
    let asked = Passed::Asked { assistant: "helper".to_owned(), made: false, usage };
    assert_eq!(passed(&story), [asked, Passed::GaveUp { kind: input::IMPLEMENT.into() }]);
}

#[test]
fn only_the_newest_are_kept() {
    let mut story = with_pull();
    for place in 0..KEPT {
        let mut closed = pull_told(&format!("closed {place}"), "closed", None, story.now);
        closed.actor = crate::domain::actor::Actor::person(format!("person-{place}"));
        story.told(closed);
    }
    let passed = passed(&story);
    assert_eq!(passed.len(), KEPT);
    assert_eq!(passed[0], Passed::Rejected { by: Login::new("person-0") });
}
