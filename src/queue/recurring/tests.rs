//! The dialect, changes of the clocks, missed times, jitter; and every time of a year against a plain reference.

use std::time::Duration;

use super::{Fire, Timetable, due, first};
use crate::domain::schedule::{CatchUp, Recurring, Schedule, SetBy};
use crate::domain::spec::TaskRequest;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;

mod dialect;
mod reference;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn schedule(cron: &str, zone: &str, jitter: u32, catch_up: CatchUp) -> Schedule {
    let task =
        TaskRequest::new("analyse", Subject::Repository, crate::domain::payload::Payload::default(), "x");
    let (cron, zone) = (cron.to_owned(), zone.to_owned());
    Schedule { cron, zone, jitter, catch_up, set_by: SetBy::Configuration, task: task.spec }
}

/// The next `count` times after a moment, by the clocks of the zone.
fn times(cron: &str, zone: &str, after: &str, count: usize) -> String {
    let table = Timetable::read(cron, zone).unwrap();
    table.after(at(after)).take(count).map(|at| table.local(at)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_time_that_does_not_exist_comes_once_at_the_first_minute_that_does() {
    // Clocks in Berlin are set from 02:00 to 03:00 on 2027-03-28.
    insta::assert_snapshot!(times("30 2 * * *", "Europe/Berlin", "2027-03-27T00:00:00Z", 3), @r"
    2027-03-27T02:30:00+01:00
    2027-03-28T03:00:00+02:00
    2027-03-29T02:30:00+02:00
    ");
    insta::assert_snapshot!(times("0,20,40 2,3 * * *", "Europe/Berlin", "2027-03-28T00:00:00Z", 4), @r"
    2027-03-28T03:00:00+02:00
    2027-03-28T03:20:00+02:00
    2027-03-28T03:40:00+02:00
    2027-03-29T02:00:00+02:00
    ");
}

#[test]
fn a_time_that_exists_twice_comes_once() {
    // Clocks in Berlin are set back from 03:00 to 02:00 on 2026-10-25.
    insta::assert_snapshot!(times("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00:00Z", 3), @r"
    2026-10-24T02:30:00+02:00
    2026-10-25T02:30:00+02:00
    2026-10-26T02:30:00+01:00
    ");
    insta::assert_snapshot!(times("*/30 1-3 * * *", "Europe/Berlin", "2026-10-24T22:00:00Z", 7), @r"
    2026-10-25T01:00:00+02:00
    2026-10-25T01:30:00+02:00
    2026-10-25T02:00:00+02:00
    2026-10-25T02:30:00+02:00
    2026-10-25T03:00:00+01:00
    2026-10-25T03:30:00+01:00
    2026-10-26T01:00:00+01:00
    ");
}

#[test]
fn what_comes_every_hour_goes_by_the_time_that_passes() {
    insta::assert_snapshot!(times("*/30 * * * *", "Europe/Berlin", "2027-03-28T00:00:00Z", 4), @r"
    2027-03-28T01:30:00+01:00
    2027-03-28T03:00:00+02:00
    2027-03-28T03:30:00+02:00
    2027-03-28T04:00:00+02:00
    ");
    insta::assert_snapshot!(times("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z", 6), @r"
    2026-10-25T02:00:00+02:00
    2026-10-25T02:30:00+02:00
    2026-10-25T02:00:00+01:00
    2026-10-25T02:30:00+01:00
    2026-10-25T03:00:00+01:00
    2026-10-25T03:30:00+01:00
    ");
}

#[test]
fn clocks_that_are_set_at_midnight_lose_no_day() {
    // In Santiago midnight is skipped on 2026-09-06, and the hour before it comes twice on 2027-04-03.
    insta::assert_snapshot!(times("0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", 2), @r"
    2026-09-06T01:00:00-03:00
    2026-09-07T00:00:00-03:00
    ");
    insta::assert_snapshot!(times("30 23 * * *", "America/Santiago", "2027-04-03T12:00:00Z", 2), @r"
    2027-04-03T23:30:00-03:00
    2027-04-04T23:30:00-04:00
    ");
    insta::assert_snapshot!(times("30 * 4 * *", "America/Santiago", "2027-04-04T02:00:00Z", 2), @r"
    2027-04-04T00:30:00-04:00
    2027-04-04T01:30:00-04:00
    ");
}

/// Nine o'clock in UTC every day, last seen to on the 20th.
fn daily(catch_up: CatchUp) -> Recurring {
    let last = Some(at("2026-11-20T09:00:00Z"));
    Recurring { schedule: schedule("0 9 * * *", "UTC", 0, catch_up), next: at("2026-11-21T09:00:00Z"), last }
}

fn fires(recurring: &Recurring, now: &str) -> String {
    let Some(Fire { times, missed, next }) = due(recurring, at(now), 0.0).unwrap() else {
        return "nothing is due".to_owned();
    };
    let times: Vec<String> = times.iter().map(ToString::to_string).collect();
    format!("[{}] {missed} missed, next {next}", times.join(" "))
}

#[test]
fn nothing_is_due_before_its_time() {
    assert_eq!(fires(&daily(CatchUp::All), "2026-11-21T08:59:59Z"), "nothing is due");
}

#[test]
fn what_is_missed_is_caught_up_with_as_the_schedule_says() {
    let told: Vec<String> = [CatchUp::All, CatchUp::Last, CatchUp::None]
        .into_iter()
        .flat_map(|catch_up| {
            let nows = [
                "2026-11-21T09:00:00Z",
                "2026-11-21T16:00:01Z",
                "2026-11-23T10:00:00Z",
                "2026-11-23T20:00:00Z",
            ];
            nows.map(|now| format!("{catch_up:?} at {now}: {}", fires(&daily(catch_up), now)))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    All at 2026-11-21T09:00:00Z: [2026-11-21T09:00:00Z] 0 missed, next 2026-11-22T09:00:00Z
    All at 2026-11-21T16:00:01Z: [2026-11-21T09:00:00Z] 0 missed, next 2026-11-22T09:00:00Z
    All at 2026-11-23T10:00:00Z: [2026-11-21T09:00:00Z 2026-11-22T09:00:00Z 2026-11-23T09:00:00Z] 0 missed, next 2026-11-24T09:00:00Z
    All at 2026-11-23T20:00:00Z: [2026-11-21T09:00:00Z 2026-11-22T09:00:00Z 2026-11-23T09:00:00Z] 0 missed, next 2026-11-24T09:00:00Z
    Last at 2026-11-21T09:00:00Z: [2026-11-21T09:00:00Z] 0 missed, next 2026-11-22T09:00:00Z
    Last at 2026-11-21T16:00:01Z: [2026-11-21T09:00:00Z] 0 missed, next 2026-11-22T09:00:00Z
    Last at 2026-11-23T10:00:00Z: [2026-11-23T09:00:00Z] 2 missed, next 2026-11-24T09:00:00Z
    Last at 2026-11-23T20:00:00Z: [2026-11-23T09:00:00Z] 2 missed, next 2026-11-24T09:00:00Z
    None at 2026-11-21T09:00:00Z: [2026-11-21T09:00:00Z] 0 missed, next 2026-11-22T09:00:00Z
    None at 2026-11-21T16:00:01Z: [] 1 missed, next 2026-11-22T09:00:00Z
    None at 2026-11-23T10:00:00Z: [2026-11-23T09:00:00Z] 2 missed, next 2026-11-24T09:00:00Z
    None at 2026-11-23T20:00:00Z: [] 3 missed, next 2026-11-24T09:00:00Z
    ");
}

#[test]
fn of_very_many_missed_times_the_last_hundred_are_caught_up_with() {
    let schedule = schedule("* * * * *", "UTC", 0, CatchUp::All);
    let recurring = Recurring { schedule, next: at("2026-11-21T09:00:00Z"), last: None };
    let fire = due(&recurring, at("2026-11-22T09:00:30Z"), 0.0).unwrap().unwrap();
    assert_eq!((fire.times.len(), fire.missed), (100, 24 * 60 + 1 - 100));
    assert_eq!(fire.times.last(), Some(&at("2026-11-22T09:00:00Z")));
    assert!(fire.times.is_sorted());
}

#[test]
fn jitter_puts_the_next_time_off_and_the_time_itself_is_still_known() {
    let now = at("2026-11-22T10:00:00Z");
    let hourly = |jitter| schedule("0 * * * *", "UTC", jitter, CatchUp::Last);
    let told = |jitter, draw| first(&hourly(jitter), now, draw).unwrap().to_string();
    assert_eq!(told(600, 0.0), "2026-11-22T11:00:00Z");
    assert_eq!(told(600, 0.5), "2026-11-22T11:05:00Z");
    assert_eq!(told(600, 0.999_999), "2026-11-22T11:10:00Z");
    assert_eq!(told(86_400, 0.999_999), "2026-11-22T11:59:59Z", "never as far as the next time");
    let recurring = Recurring { schedule: hourly(86_400), next: at("2026-11-22T11:59:59Z"), last: None };
    assert_eq!(due(&recurring, at("2026-11-22T11:30:00Z"), 0.0).unwrap(), None);
    let fire = due(&recurring, at("2026-11-22T11:59:59Z"), 0.5).unwrap().unwrap();
    assert_eq!(fire.times, [at("2026-11-22T11:00:00Z")]);
    assert_eq!((fire.missed, fire.next), (0, at("2026-11-22T12:30:00Z")));
}

#[test]
fn what_jitter_puts_off_for_long_is_not_late() {
    let daily = schedule("0 0 * * *", "UTC", 80_000, CatchUp::None);
    let recurring = Recurring { schedule: daily, next: at("2026-11-22T20:00:00Z"), last: None };
    let fire = due(&recurring, at("2026-11-22T21:00:00Z"), 0.0).unwrap().unwrap();
    assert_eq!(fire.times, [at("2026-11-22T00:00:00Z")]);
}

#[test]
fn a_time_that_the_schedule_does_not_know_is_seen_to_as_it_stands() {
    // Set by hand, or by a version that knew other rules of the zone.
    let daily = schedule("0 9 * * *", "UTC", 0, CatchUp::All);
    let recurring = Recurring { schedule: daily, next: at("2026-11-21T09:30:00Z"), last: None };
    assert_eq!(
        fires(&recurring, "2026-11-22T10:00:00Z"),
        "[2026-11-21T09:30:00Z 2026-11-22T09:00:00Z] 0 missed, next 2026-11-23T09:00:00Z"
    );
}

proptest::proptest! {
    #[test]
    fn no_time_is_lost_and_none_comes_twice_however_runs_come_along(
        minute in 0_u32..60, jitter in 0_u32..5_000, pauses in proptest::collection::vec((1_u64..200_000, 0.0..1.0_f64), 1..30),
    ) {
        let schedule = schedule(&format!("{minute} */3 * * *"), "Europe/Berlin", jitter, CatchUp::All);
        let begin = at("2026-10-20T00:00:00Z");
        let mut recurring = Recurring { next: first(&schedule, begin, 0.3).unwrap(), schedule, last: None };
        let (mut now, mut seen) = (begin, Vec::new());
        for (pause, draw) in pauses {
            now = now.plus(Duration::from_secs(pause));
            if let Some(fire) = due(&recurring, now, draw).unwrap() {
                proptest::prop_assert!(fire.next > now && fire.missed == 0);
                seen.extend(fire.times);
                recurring.next = fire.next;
            }
        }
        let table = Timetable::read(&recurring.schedule.cron, "Europe/Berlin").unwrap();
        let expected: Vec<Timestamp> = table.after(begin).take(seen.len()).collect();
        proptest::prop_assert_eq!(&seen, &expected);
        let following = table.after(begin).nth(seen.len()).unwrap();
        proptest::prop_assert!(following.plus(Duration::from_secs(u64::from(jitter))) > now, "{} is late", following);
    }
}
