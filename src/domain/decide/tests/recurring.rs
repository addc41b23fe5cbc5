//! Stories of recurring tasks: set, changed, removed, and each of their times seen to once.

use crate::domain::command::{Command, Rejection};
use crate::domain::id::ScheduleName;
use crate::domain::schedule::{CatchUp, Schedule, SetBy};
use crate::domain::story::{MINUTE, START, Story, enqueued, request, told};
use crate::domain::time::Timestamp;

fn hourly() -> Schedule {
    Schedule {
        cron: "0 * * * *".to_owned(),
        zone: "UTC".to_owned(),
        jitter: 0,
        catch_up: CatchUp::All,
        set_by: SetBy::Configuration,
        task: request("analyse").spec,
    }
}

fn name() -> ScheduleName {
    "look".into()
}

fn set(schedule: Schedule, next: Timestamp) -> Command {
    Command::SetSchedule { name: name(), schedule: Box::new(schedule), next }
}

fn fire(due: Timestamp, times: &[Timestamp], next: Timestamp) -> Command {
    Command::Fire { name: name(), due, times: times.to_vec(), missed: 0, next }
}

#[test]
fn its_time_comes_once_whoever_is_faster() {
    let mut story = Story::new();
    let (first, second, third) =
        (START.plus(60 * MINUTE), START.plus(120 * MINUTE), START.plus(180 * MINUTE));
    story.must(&set(hourly(), first));
    let firing = fire(first, &[first, second], third);
    assert_eq!(story.submit(&firing), Err(Rejection::NotDue(name())), "not before its time");
    let events = story.later(125 * MINUTE).must(&firing);
    insta::assert_snapshot!(told(&events), @r"
    2 repository fired look 2 missed 0 next 2026-11-22T13:00:00Z
    3 issue/42 enqueued c2.1 analyse because of 2
    4 issue/42 enqueued c2.2 analyse because of 2
    ");
    assert_eq!(story.run("2.1").submit(&firing), Err(Rejection::NotDue(name())));
    let known = &story.state.schedules[&name()];
    assert_eq!((known.next, known.last), (third, Some(second)));
}

#[test]
fn times_that_lead_to_nothing_are_passed_all_the_same() {
    let mut story = Story::new();
    story.must(&set(hourly(), START));
    let events = story.must(&fire(START, &[], START.plus(60 * MINUTE)));
    assert_eq!((events.len(), enqueued(&events).len()), (1, 0));
}

#[test]
fn setting_what_is_set_changes_nothing() {
    let mut story = Story::new();
    let (first, second) = (START.plus(60 * MINUTE), START.plus(120 * MINUTE));
    assert_eq!(story.must(&set(hourly(), first)).len(), 1);
    // Another run read the same configuration, later.
    assert_eq!(story.later(61 * MINUTE).must(&set(hourly(), second)), []);
    assert_eq!(story.state.schedules[&name()].next, first, "the hour that is due is not lost");
    let other = Schedule { cron: "30 * * * *".to_owned(), ..hourly() };
    assert_eq!(story.must(&set(other, second)).len(), 1);
    assert_eq!(story.state.schedules[&name()].next, second);
}

#[test]
fn what_is_set_by_hand_is_not_set_over_and_by_hand_nothing_is_set_over() {
    let by_hand = Schedule { set_by: SetBy::Hand, ..hourly() };
    let taken = Err(Rejection::NameTaken(name()));
    let mut story = Story::new();
    story.must(&set(by_hand.clone(), START));
    assert_eq!(story.must(&set(by_hand.clone(), START)), [], "the very same is set already");
    assert_eq!(story.submit(&set(hourly(), START)), taken);
    let other = Schedule { cron: "30 * * * *".to_owned(), ..by_hand.clone() };
    assert_eq!(story.submit(&set(other, START)), taken);

    let mut story = Story::new();
    story.must(&set(hourly(), START));
    assert_eq!(story.submit(&set(by_hand, START)), taken);
}

#[test]
fn what_is_removed_comes_no_more_and_can_be_removed_once() {
    let mut story = Story::new();
    story.must(&set(hourly(), START));
    let remove = Command::RemoveSchedule { name: name(), reason: "nobody wants it".to_owned() };
    story.must(&remove);
    let unknown = Err(Rejection::UnknownSchedule(name()));
    assert_eq!(story.submit(&fire(START, &[START], START.plus(MINUTE))), unknown);
    assert_eq!(story.submit(&remove), unknown);
}
