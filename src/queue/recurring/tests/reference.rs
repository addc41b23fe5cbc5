//! Every minute of a year, looked at one by one, in three zones whose clocks change in different ways.

use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::tz::TimeZoneDatabase;
use proptest::prelude::*;

use super::at;
use crate::domain::time::Timestamp;
use crate::queue::recurring::Timetable;

/// Both changes of the clocks lie in this year, in each of the zones.
const BEGIN: &str = "2026-06-01T00:00:00Z";
const MINUTES: usize = 365 * 24 * 60;

/// Set by an hour at two o'clock, by half an hour, and by an hour at midnight.
const ZONES: [&str; 3] = ["Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"];

/// What clocks show in one minute.
#[derive(Clone, Copy)]
struct Wall {
    minute: u8,
    hour: u8,
    day: u8,
    month: u8,
    weekday: u8,
    /// Whether they have shown this before.
    again: bool,
}

struct Year {
    zone: &'static str,
    walls: Vec<Wall>,
    /// What clocks never showed, with the place of the minute after it.
    skipped: Vec<(usize, Wall)>,
}

fn wall(shown: DateTime, again: bool) -> Wall {
    let plain = |number: i8| u8::try_from(number).unwrap();
    Wall {
        minute: plain(shown.minute()),
        hour: plain(shown.hour()),
        day: plain(shown.day()),
        month: plain(shown.month()),
        weekday: plain(shown.weekday().to_sunday_zero_offset()),
        again,
    }
}

static YEARS: LazyLock<Vec<Year>> = LazyLock::new(|| {
    let begin: jiff::Timestamp = BEGIN.parse().unwrap();
    ZONES
        .iter()
        .map(|zone| {
            let rules = TimeZoneDatabase::bundled().get(zone).unwrap();
            let mut year = Year { zone, walls: Vec::with_capacity(MINUTES), skipped: Vec::new() };
            let mut latest: Option<DateTime> = None;
            for place in 0..MINUTES {
                let shown = rules.to_datetime(begin + jiff::SignedDuration::from_mins(place as i64));
                let mut expected = latest.map_or(shown, |latest| latest + jiff::SignedDuration::from_mins(1));
                while expected < shown {
                    year.skipped.push((place, wall(expected, false)));
                    expected += jiff::SignedDuration::from_mins(1);
                }
                year.walls.push(wall(shown, latest.is_some_and(|latest| shown <= latest)));
                latest = latest.max(Some(shown));
            }
            assert!(
                !year.skipped.is_empty() && year.walls.iter().any(|wall| wall.again),
                "{zone} has no changes"
            );
            year
        })
        .collect()
});

/// One field: its text, and the values that it stands for.
#[derive(Clone, Debug)]
struct Field {
    text: String,
    values: Vec<u8>,
}

fn field(least: u8, most: u8) -> impl Strategy<Value = Field> {
    let all = move || least..=most;
    prop_oneof![
        2 => Just(Field { text: "*".to_owned(), values: all().collect() }),
        1 => (2_u8..20).prop_map(move |step| Field {
            text: format!("*/{step}"),
            values: all().filter(|value| (value - least).is_multiple_of(step)).collect(),
        }),
        2 => proptest::collection::vec(least..=most, 1..4).prop_map(|values| Field {
            text: values.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
            values,
        }),
        1 => (least..=most, least..=most, 1_u8..4).prop_map(|(one, other, step)| {
            let (from, to) = (one.min(other), one.max(other));
            Field { text: format!("{from}-{to}/{step}"), values: (from..=to).step_by(step.into()).collect() }
        }),
    ]
}

#[derive(Clone, Debug)]
struct Expression {
    minute: Field,
    hour: Field,
    day: Field,
    month: Field,
    weekday: Field,
}

prop_compose! {
    fn expression()(
        minute in field(0, 59), hour in field(0, 23), day in field(1, 31), month in field(1, 12), weekday in field(0, 6),
    ) -> Expression {
        Expression { minute, hour, day, month, weekday }
    }
}

impl Expression {
    fn text(&self) -> String {
        let Self { minute, hour, day, month, weekday } = self;
        [minute, hour, day, month, weekday].map(|field| field.text.as_str()).join(" ")
    }

    fn holds(&self, wall: &Wall) -> bool {
        let day = self.day.values.contains(&wall.day);
        let weekday = self.weekday.values.contains(&wall.weekday);
        let starred = self.day.text.starts_with('*') || self.weekday.text.starts_with('*');
        self.minute.values.contains(&wall.minute)
            && self.hour.values.contains(&wall.hour)
            && self.month.values.contains(&wall.month)
            && if starred { day && weekday } else { day || weekday }
    }

    /// The minutes of a year on which it comes.
    fn minutes(&self, year: &Year) -> Vec<usize> {
        let every_hour = (0..24).all(|hour| self.hour.values.contains(&hour));
        let shown = year.walls.iter().enumerate();
        let shown =
            shown.filter(|(_, wall)| (every_hour || !wall.again) && self.holds(wall)).map(|(place, _)| place);
        let skipped =
            year.skipped.iter().filter(|(_, wall)| !every_hour && self.holds(wall)).map(|(place, _)| *place);
        let mut minutes: Vec<usize> = shown.chain(skipped).collect();
        minutes.sort_unstable();
        minutes.dedup();
        minutes
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn the_times_of_a_year_are_those_that_a_look_at_every_minute_finds(expression in expression()) {
        let begin = at(BEGIN);
        let end = begin.plus(std::time::Duration::from_secs(60 * MINUTES as u64));
        for year in YEARS.iter() {
            let expected: Vec<Timestamp> = expression
                .minutes(year)
                .into_iter()
                .map(|place| begin.plus(std::time::Duration::from_secs(60 * place as u64)))
                .collect();
            let text = expression.text();
            let Ok(table) = Timetable::read(&text, year.zone) else {
                prop_assert!(expected.is_empty(), "{} was refused", text);
                continue;
            };
            let before = Timestamp::from_millis(begin.as_millis() - 1);
            let found: Vec<Timestamp> = table.after(before).take_while(|at| *at < end).collect();
            prop_assert_eq!(&found, &expected, "{} in {}", text, year.zone);
        }
    }

    #[test]
    fn times_go_forward_and_begin_after_whatever_moment(expression in expression(), second in 0_u64..31_536_000) {
        let after = at(BEGIN).plus(std::time::Duration::from_secs(second));
        for zone in ZONES {
            let Ok(table) = Timetable::read(&expression.text(), zone) else { continue };
            let times: Vec<Timestamp> = table.after(after).take(50).collect();
            prop_assert!(times[0] > after && times.is_sorted_by(|one, next| one < next));
            // Where one begins to look makes no difference.
            let middle = times[times.len() / 2];
            prop_assert_eq!(table.after(middle).next(), times.get(times.len() / 2 + 1).copied().or(table.after(middle).next()));
        }
    }
}
