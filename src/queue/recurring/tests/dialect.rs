//! What a cron expression may say, and what is said about one that makes no sense.

use super::{at, times};
use crate::queue::recurring::Timetable;

#[test]
fn every_form_of_the_dialect_is_read() {
    let forms = [
        "0 9 * * MON-FRI",
        "*/20 8-9 * * *",
        "5/25 9 * * *",
        "0 9 1,15 * *",
        "0 9 * jan-mar,12 *",
        "0 9 L * *",
        "0 9 * * FRIL",
        "0 9 * * mon#2,5#4",
        "0 9 * * 7",
        "0 9 * * SAT-SUN",
        "0 9 * * */2",
        "0 0 29 2 *",
        "0 0 * 2 SUN#5",
    ];
    let told = forms.map(|form| format!("{form}\n{}\n", times(form, "UTC", "2026-11-22T10:00:00Z", 3)));
    insta::assert_snapshot!(told.join("\n"), @r"
    0 9 * * MON-FRI
    2026-11-23T09:00:00+00:00
    2026-11-24T09:00:00+00:00
    2026-11-25T09:00:00+00:00

    */20 8-9 * * *
    2026-11-23T08:00:00+00:00
    2026-11-23T08:20:00+00:00
    2026-11-23T08:40:00+00:00

    5/25 9 * * *
    2026-11-23T09:05:00+00:00
    2026-11-23T09:30:00+00:00
    2026-11-23T09:55:00+00:00

    0 9 1,15 * *
    2026-12-01T09:00:00+00:00
    2026-12-15T09:00:00+00:00
    2027-01-01T09:00:00+00:00

    0 9 * jan-mar,12 *
    2026-12-01T09:00:00+00:00
    2026-12-02T09:00:00+00:00
    2026-12-03T09:00:00+00:00

    0 9 L * *
    2026-11-30T09:00:00+00:00
    2026-12-31T09:00:00+00:00
    2027-01-31T09:00:00+00:00

    0 9 * * FRIL
    2026-11-27T09:00:00+00:00
    2026-12-25T09:00:00+00:00
    2027-01-29T09:00:00+00:00

    0 9 * * mon#2,5#4
    2026-11-27T09:00:00+00:00
    2026-12-14T09:00:00+00:00
    2026-12-25T09:00:00+00:00

    0 9 * * 7
    2026-11-29T09:00:00+00:00
    2026-12-06T09:00:00+00:00
    2026-12-13T09:00:00+00:00

    0 9 * * SAT-SUN
    2026-11-28T09:00:00+00:00
    2026-11-29T09:00:00+00:00
    2026-12-05T09:00:00+00:00

    0 9 * * */2
    2026-11-24T09:00:00+00:00
    2026-11-26T09:00:00+00:00
    2026-11-28T09:00:00+00:00

    0 0 29 2 *
    2028-02-29T00:00:00+00:00
    2032-02-29T00:00:00+00:00
    2036-02-29T00:00:00+00:00

    0 0 * 2 SUN#5
    2032-02-29T00:00:00+00:00
    2060-02-29T00:00:00+00:00
    ");
}

#[test]
fn of_two_restricted_days_either_is_enough() {
    insta::assert_snapshot!(times("0 0 13 * FRI", "UTC", "2026-11-10T00:00:00Z", 4), @r"
    2026-11-13T00:00:00+00:00
    2026-11-20T00:00:00+00:00
    2026-11-27T00:00:00+00:00
    2026-12-04T00:00:00+00:00
    ");
    // A star restricts nothing, with a step or without: every second day, if it is a Friday.
    insta::assert_snapshot!(times("0 0 */2 * FRI", "UTC", "2026-11-10T00:00:00Z", 3), @r"
    2026-11-13T00:00:00+00:00
    2026-11-27T00:00:00+00:00
    2026-12-11T00:00:00+00:00
    ");
}

#[test]
fn what_is_wrong_is_named_with_its_field_and_what_to_write() {
    let wrong = [
        ("", "UTC"),
        ("0 9 * *", "UTC"),
        ("0 0 9 * * *", "UTC"),
        ("@daily", "UTC"),
        ("@reboot", "UTC"),
        ("60 9 * * *", "UTC"),
        ("0 24 * * *", "UTC"),
        ("0 9 0 * *", "UTC"),
        ("0 9 * 13 *", "UTC"),
        ("0 9 * JANUARY *", "UTC"),
        ("0 9 * * 8", "UTC"),
        ("0 9 * * FRI#6", "UTC"),
        ("0 9 ? * MON", "UTC"),
        ("*/0 9 * * *", "UTC"),
        ("*/x 9 * * *", "UTC"),
        ("0 17-9 * * *", "UTC"),
        ("0 9 * * FRI-MON", "UTC"),
        ("0 9, * * *", "UTC"),
        ("-5 9 * * *", "UTC"),
        ("0 9 LW * *", "UTC"),
        ("0 9 30 2 *", "UTC"),
        ("0 9 31 4,6,9,11 *", "UTC"),
        ("0 9 * * *", "Europe/Berlln"),
        ("0 9 * * *", ""),
        ("0 9 * * *", "../../etc/passwd"),
    ];
    let told = wrong.map(|(cron, zone)| {
        let unusable = Timetable::read(cron, zone).expect_err(cron);
        format!("{}: {unusable}; {}", unusable.key(), unusable.hint())
    });
    insta::assert_snapshot!(told.join("\n"), @r"
    cron: `` is not a cron expression: it is empty; write five: minute, hour, day of the month, month, weekday; there are no seconds and no years
    cron: `0 9 * *` is not a cron expression: it has 4 fields; write five: minute, hour, day of the month, month, weekday; there are no seconds and no years
    cron: `0 0 9 * * *` is not a cron expression: it has 6 fields; write five: minute, hour, day of the month, month, weekday; there are no seconds and no years
    cron: `@daily` is not a cron expression: `@daily` is no part of this dialect; write `0 0 * * *`
    cron: `@reboot` is not a cron expression: it has 1 field; write five: minute, hour, day of the month, month, weekday; there are no seconds and no years
    cron: `60 9 * * *` is not a cron expression: the minute `60` is out of range; it goes from 0 to 59
    cron: `0 24 * * *` is not a cron expression: the hour `24` is out of range; it goes from 0 to 23
    cron: `0 9 0 * *` is not a cron expression: the day of the month `0` is out of range; it goes from 1 to 31
    cron: `0 9 * 13 *` is not a cron expression: the month `13` is out of range; it goes from 1 to 12 or JAN to DEC
    cron: `0 9 * JANUARY *` is not a cron expression: the month `JANUARY` is not known; write 1 to 12 or JAN to DEC, or `*`
    cron: `0 9 * * 8` is not a cron expression: the weekday `8` is out of range; it goes from 0 to 7 or SUN to SAT
    cron: `0 9 * * FRI#6` is not a cron expression: the weekday `FRI#6` counts to `6`; a month has at most five: `FRI#1` to `FRI#5`, and `FRIL` for the last
    cron: `0 9 ? * MON` is not a cron expression: the day of the month `?` is not known; write `*`
    cron: `*/0 9 * * *` is not a cron expression: the minute `*/0` has the step `0`; a step is a number from 1 on
    cron: `*/x 9 * * *` is not a cron expression: the minute `*/x` has the step `x`; a step is a number from 1 on
    cron: `0 17-9 * * *` is not a cron expression: the hour `17-9` goes backwards; write the two parts: `17-23,0-9`
    cron: `0 9 * * FRI-MON` is not a cron expression: the weekday `FRI-MON` goes backwards; write the two parts: `5-6,0-1`
    cron: `0 9, * * *` is not a cron expression: a part of the hour is empty; write 0 to 23, or `*`
    cron: `-5 9 * * *` is not a cron expression: a part of the minute is empty; write 0 to 59, or `*`
    cron: `0 9 LW * *` is not a cron expression: the day of the month `LW` is not known; write 1 to 31, or `*`
    cron: `0 9 30 2 *` never comes; no month that it names has such a day
    cron: `0 9 31 4,6,9,11 *` never comes; no month that it names has such a day
    zone: there is no time zone `Europe/Berlln`; write a name of the IANA database, such as Europe/Paris or UTC
    zone: there is no time zone ``; write a name of the IANA database, such as Europe/Paris or UTC
    zone: there is no time zone `../../etc/passwd`; write a name of the IANA database, such as Europe/Paris or UTC
    ");
}

#[test]
fn zones_are_found_without_any_of_the_machine() {
    assert!(super::super::zones().len() > 500, "they come with the program");
    for zone in ["UTC", "Europe/Berlin", "america/new_york", "Asia/Kolkata", "US/Pacific"] {
        Timetable::read("0 9 * * *", zone).unwrap();
    }
}

proptest::proptest! {
    /// Whatever somebody writes, reading it ends, with times that go forward or with words.
    #[test]
    fn no_text_breaks_the_reader(cron in "([0-9*,/#L?-]|MON|JAN| ){0,20}|([0-9*]{1,2}|\\*/[0-9]|[0-9]-[0-9]|L) ([0-9*]{1,2}) ([0-9*]{1,2}|L) ([0-9*]) ([0-9*]|[0-7]#[1-5]|[0-7]L)", zone in "UTC|[A-Z][a-z]{2}/[A-Z]") {
        let now = at("2026-11-22T10:00:00Z");
        match Timetable::read(&cron, &zone) {
            Ok(table) => {
                let times: Vec<_> = table.after(now).take(20).collect();
                proptest::prop_assert!(!times.is_empty() && times[0] > now);
                proptest::prop_assert!(times.is_sorted_by(|one, next| one < next));
            }
            Err(unusable) => proptest::prop_assert!(!unusable.to_string().is_empty() && !unusable.hint().is_empty()),
        }
    }
}
