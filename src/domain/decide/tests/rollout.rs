//! Stories of features that suggest, hold and fall back.

use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::fact::Fact;
use crate::domain::failure::Failure;
use crate::domain::feature::Feature;
use crate::domain::id::{IssueNumber, TaskId};
use crate::domain::rollout::{FallBack, FeatureMode, Rule};
use crate::domain::state::Wait;
use crate::domain::story::{DAY, Story, enqueued, opened, request, request_on};
use crate::domain::trigger::About;

fn story(feature: Feature, rule: Rule) -> Story {
    let mut story = Story::new();
    story.features.repository = "acme/widgets".to_owned();
    story.features.rules.insert(feature, rule);
    story
}

fn suggesting() -> Rule {
    Rule { mode: FeatureMode::Suggest, ..Rule::default() }
}

#[test]
fn a_suggestion_waits_for_its_approval_and_the_comment_that_shows_it_comes_along() {
    let mut story = story(Feature::Label, suggesting());
    let tasks = story.enqueue(vec![request("label").unique("label")]);
    let kinds: Vec<&str> = tasks.iter().map(|id| story.task(id).spec.kind.as_str()).collect();
    assert_eq!(kinds, ["label", "comment"]);
    let agreed = Fact::Agreed(IssueNumber(42), Feature::Label);
    let wait = story.state.waits(story.task(&tasks[0]), story.now);
    assert_eq!(wait, Some(Wait::Awaiting(vec![agreed])));
    story.must(&Command::Observe(agreed));
    story.work(&tasks[0]);
    let counts = story.state.features[&Feature::Label].lately(1, story.now);
    assert_eq!((counts.suggested, counts.approved), (1, 1));
}

#[test]
fn what_somebody_asks_for_by_hand_is_not_suggested_and_no_suggestion_stands_for_it() {
    let mut story = story(Feature::Label, suggesting());
    let first = story.enqueue(vec![request("label").unique("label")]);
    let by_hand = enqueued(&story.must(&Command::Enqueue(vec![request("label").unique("label")])));
    assert_eq!(by_hand.len(), 1, "the suggestion may wait for ever");
    assert!(story.task(&first[0]).is_suggested());
    story.work(&by_hand[0]);
}

#[test]
fn what_is_off_leaves_nothing_and_what_is_held_keeps_its_reason() {
    let mut off = story(Feature::Label, Rule { mode: FeatureMode::Off, ..Rule::default() });
    assert_eq!(off.enqueue(vec![request("label")]), []);
    let mut held = story(Feature::Label, Rule { share: 0, ..Rule::default() });
    let tasks = held.enqueue(vec![request("label")]);
    assert_eq!(held.task(&tasks[0]).spec.held.as_deref(), Some("held: rollout 0 %, this issue is not in it"));
}

/// A task about what somebody wrote.
fn asked_by(story: &mut Story, who: &str, kind: &str, number: u64) -> TaskId {
    let mut trigger = opened(&format!("event {}", story.state.sequence), story.now);
    trigger.actor = Actor::person(who);
    if let About::Issue { issue, .. } = &mut trigger.about {
        issue.author = trigger.actor.clone();
    }
    let requests = vec![request_on(kind, number)];
    let events = story.must(&Command::RecordTrigger { trigger: Box::new(trigger), requests });
    events.iter().find_map(|it| it.event.task().cloned()).unwrap()
}

/// Lets a task fail for good; why its feature fell back, if it did.
fn fails(story: &mut Story, task: &TaskId) -> Option<String> {
    let lease = story.claim(task);
    let events = story.fail(task, lease, Failure::permanent("gone", "it is gone"));
    events.into_iter().find_map(|it| match it.event {
        Event::FeatureFellBack(fell) => Some(fell.reason),
        _ => None,
    })
}

#[test]
fn a_feature_falls_back_when_too_much_of_it_is_given_up_and_is_judged_anew_when_it_is_restored() {
    let limits = FallBack { failures: 50, overrides: 50, least: 2, within: 7 * DAY };
    let mut story = story(Feature::Label, Rule { fall_back: Some(limits), ..Rule::default() });
    let mut fell = Vec::new();
    for (number, who) in (42..46).zip(["ada", "bob", "carol", "dave"]) {
        let task = asked_by(&mut story, who, "label", number);
        if story.task(&task).is_suggested() {
            break;
        }
        fell.extend(fails(&mut story, &task));
    }
    assert_eq!(fell, ["2 of 2 were given up, more than 50 %"], "told once");
    let reason = "mona said so".to_owned();
    story.must(&Command::ResumeFeature { feature: Feature::Label, reason: reason.clone() });
    assert!(story.submit(&Command::ResumeFeature { feature: Feature::Label, reason }).is_err());
    let task = story.enqueue(vec![request_on("label", 50)]).remove(0);
    let lease = story.claim(&task);
    let events = story.fail(&task, lease, Failure::permanent("gone", "it is gone"));
    assert!(!events.iter().any(|it| matches!(it.event, Event::FeatureFellBack(_))), "one is too few");
}

#[test]
fn over_one_persons_words_no_feature_falls_back_for_others_and_over_those_of_several_it_does() {
    let limits = FallBack { failures: 50, overrides: 50, least: 3, within: 7 * DAY };
    let mut story = story(Feature::Exec, Rule { fall_back: Some(limits), ..Rule::default() });
    let mut fell = Vec::new();
    for who in ["mallory", "mallory", "mallory", "mallory", "alice", "bob"] {
        let task = asked_by(&mut story, who, "exec", 42);
        fell.extend(fails(&mut story, &task).map(|reason| (who, reason)));
    }
    let told = "3 of 3 were given up, each person's words counted once, more than 50 %";
    assert_eq!(fell, [("bob", told.to_owned())]);
}

#[test]
fn what_failed_too_long_ago_lets_no_feature_fall_back() {
    let limits = FallBack { failures: 50, overrides: 50, least: 2, within: 7 * DAY };
    let mut story = story(Feature::Label, Rule { fall_back: Some(limits), ..Rule::default() });
    for (number, who) in [(42, "ada"), (43, "bob")] {
        let task = asked_by(&mut story, who, "label", number);
        assert_eq!(fails(&mut story, &task), None);
        story.later(8 * DAY);
    }
}
