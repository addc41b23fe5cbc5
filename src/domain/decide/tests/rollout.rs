//! Stories of features that suggest, hold and fall back.

use crate::domain::command::Command;
use crate::domain::event::Event;
use crate::domain::fact::Fact;
use crate::domain::failure::Failure;
use crate::domain::feature::Feature;
use crate::domain::id::IssueNumber;
use crate::domain::rollout::{FallBack, FeatureMode, Rule};
use crate::domain::state::Wait;
use crate::domain::story::{DAY, Story, enqueued, request, request_on};

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

#[test]
fn a_feature_falls_back_when_too_much_of_it_is_given_up_and_is_judged_anew_when_it_is_restored() {
    let limits = FallBack { failures: 50, overrides: 50, least: 2, within: 7 * DAY };
    let mut story = story(Feature::Label, Rule { fall_back: Some(limits), ..Rule::default() });
    let mut fell = Vec::new();
    for number in 42..46 {
        let task = story.enqueue(vec![request_on("label", number)]).remove(0);
        if story.task(&task).is_suggested() {
            break;
        }
        let lease = story.claim(&task);
        let events = story.fail(&task, lease, Failure::permanent("gone", "it is gone"));
        fell.extend(events.into_iter().filter_map(|it| match it.event {
            Event::FeatureFellBack(fell) => Some(fell.reason),
            _ => None,
        }));
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
fn what_failed_too_long_ago_lets_no_feature_fall_back() {
    let limits = FallBack { failures: 50, overrides: 50, least: 2, within: 7 * DAY };
    let mut story = story(Feature::Label, Rule { fall_back: Some(limits), ..Rule::default() });
    for number in [42, 43] {
        let task = story.enqueue(vec![request_on("label", number)]).remove(0);
        let lease = story.claim(&task);
        let events = story.fail(&task, lease, Failure::permanent("gone", "it is gone"));
        assert!(!events.iter().any(|it| matches!(it.event, Event::FeatureFellBack(_))));
        story.later(8 * DAY);
    }
}
