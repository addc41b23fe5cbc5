//! Taking back what was decided: brakes and the standings of features are as they were.

use crate::domain::command::{Command, Rejection};
use crate::domain::decide::RollBack;
use crate::domain::feature::Feature;
use crate::domain::features::Fallen;
use crate::domain::state::State;
use crate::domain::story::Story;
use crate::domain::subject::Subject;

fn pause(feature: Feature) -> Command {
    Command::PauseFeature { feature, reason: "mona said `pause`".to_owned() }
}

fn resume(feature: Feature) -> Command {
    Command::ResumeFeature { feature, reason: "mona said `resume`".to_owned() }
}

fn all(reason: &str, paused: bool) -> Command {
    let (subject, reason) = (Subject::Repository, reason.to_owned());
    if paused { Command::Pause { subject, reason } } else { Command::Resume { subject, reason } }
}

fn back(to: &State) -> Command {
    Command::RollBack(Box::new(RollBack::to(to, "otto rolled back".to_owned())))
}

/// A feature, why it is paused, and why it fell back.
type Held = (Feature, Option<String>, Option<String>);

/// Why everything is paused, and what holds features back.
fn brakes(state: &State) -> (Option<String>, Vec<Held>) {
    let of = |feature: Feature| {
        let standing = state.features.get(&feature)?;
        let fallen = standing.fallen.as_ref().map(|fallen| fallen.reason.clone());
        (standing.paused.is_some() || fallen.is_some()).then(|| (feature, standing.paused.clone(), fallen))
    };
    (state.paused.clone(), Feature::ALL.into_iter().filter_map(of).collect())
}

#[test]
fn what_was_paused_since_goes_on() {
    let mut story = Story::new();
    let then = story.state.clone();
    story.must(&pause(Feature::Label));
    story.must(&all("mona said `pause everything`", true));
    story.must(&back(&then));
    assert_eq!(brakes(&story.state), brakes(&then));
    assert!(story.submit(&back(&then)).unwrap().is_empty(), "there is nothing left to take back");
}

#[test]
fn what_was_planned_for_a_log_that_went_on_takes_nothing_back() {
    let mut story = Story::new();
    let then = story.state.clone();
    story.must(&pause(Feature::Label));
    let planned_at = Some(story.state.sequence);
    story.must(&all("mona said `pause everything`", true));
    let planned = RollBack { planned_at, ..RollBack::to(&then, "otto rolled back".to_owned()) };
    let refused = story.submit(&Command::RollBack(Box::new(planned))).unwrap_err();
    assert_eq!(refused, Rejection::WentOn(story.state.sequence));
}

#[test]
fn a_brake_that_was_let_go_since_is_on_again_for_its_old_reason() {
    let mut story = Story::new();
    story.must(&pause(Feature::Label));
    story.must(&all("mona said `pause everything`", true));
    let then = story.state.clone();
    story.must(&resume(Feature::Label));
    story.must(&all("mona said `resume everything`", false));
    story.must(&back(&then));
    assert_eq!(brakes(&story.state), brakes(&then));
    assert_eq!(story.state.paused.as_deref(), Some("mona said `pause everything`"));
}

#[test]
fn a_feature_that_fell_back_or_acts_again_since_stands_as_it_did() {
    let falls = |story: &mut Story, feature| {
        let fallen = Fallen { reason: "too much was taken back".to_owned(), at: story.state.at };
        story.state.features.entry(feature).or_default().fallen = Some(fallen);
    };
    let mut story = Story::new();
    falls(&mut story, Feature::Label);
    let then = story.state.clone();
    story.must(&resume(Feature::Label));
    falls(&mut story, Feature::Assign);
    story.must(&back(&then));
    assert_eq!(brakes(&story.state), brakes(&then));
}
