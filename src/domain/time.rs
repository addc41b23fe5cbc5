//! Points in time and spans, as values that are handed in: nothing in the core reads a clock.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{Deserializer, Error as _, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Milliseconds since 1970-01-01T00:00:00Z, written as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is not an RFC 3339 date and time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time: write it as 2026-11-22T10:00:00Z")]
pub struct NotATime(String);

const MILLIS_PER_DAY: i64 = 86_400_000;

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This much later; stops at the end of time instead of wrapping.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// That much earlier.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(millis))
    }

    /// How long after `earlier` this is; zero when it is not after.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// Numbers with their units, the largest first or not: `90s`, `15m`, `2h`, `1d12h`, `2w`.
#[must_use]
pub fn span(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let unit = match rest.as_bytes()[digits] {
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            b'w' => 7 * 86_400,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
        rest = rest[digits + 1..].trim_start();
    }
    // A hundred years: what is longer was meant to be something else.
    (!text.trim().is_empty() && seconds <= 100 * 366 * 86_400).then(|| Duration::from_secs(seconds))
}

/// Days since the epoch of a date in the proleptic Gregorian calendar, counted in eras of 400 years
/// that begin on the first of March so that the leap day comes last.
const fn days_from_date(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// How many days a month has.
const fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The inverse of [`days_from_date`].
const fn date_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_from_days(self.0.div_euclid(MILLIS_PER_DAY));
        let millis = self.0.rem_euclid(MILLIS_PER_DAY);
        let (hour, minute, second) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1_000 % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match millis % 1_000 {
            0 => f.write_str("Z"),
            fraction => write!(f, ".{fraction:03}Z"),
        }
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        parse(text).ok_or_else(|| NotATime(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| {
        let digits = bytes.get(from..to)?;
        digits
            .iter()
            .try_fold(0_i64, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
    };
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let is_date = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = 19;
    let mut millis = 0;
    if is(rest, b".") {
        let digits = bytes[rest + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let kept = digits.min(3);
        millis = number(rest + 1, rest + 1 + kept)? * [1_000, 100, 10, 1][kept];
        rest += 1 + digits;
    }
    let offset = match bytes.get(rest)? {
        b'Z' | b'z' if bytes.len() == rest + 1 => 0,
        sign @ (b'+' | b'-') if bytes.len() == rest + 6 && is(rest + 3, b":") => {
            let (hours, minutes) = (number(rest + 1, rest + 3)?, number(rest + 4, rest + 6)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let minutes = hours * 60 + minutes;
            if *sign == b'+' { minutes } else { -minutes }
        }
        _ => return None,
    };
    let seconds = hour * 3_600 + (minute - offset) * 60 + second;
    let at = days_from_date(year, month, day) * MILLIS_PER_DAY + seconds * 1_000;
    // RFC 3339 allows a second 60 where a leap second may be: at the end of June and of December, in UTC.
    if second == 60 {
        let (_, month, day) = date_from_days(at.div_euclid(MILLIS_PER_DAY));
        if at.rem_euclid(MILLIS_PER_DAY) != 0 || day != 1 || !matches!(month, 1 | 7) {
            return None;
        }
    }
    Some(Timestamp(at + millis))
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Timestamp;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 time such as 2026-11-22T10:00:00Z")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_span_is_numbers_with_units() {
        let seconds = |text: &str| span(text).map(|span| span.as_secs());
        assert_eq!(seconds("90s"), Some(90));
        assert_eq!(seconds("1d12h"), Some(36 * 3_600));
        assert_eq!(seconds(" 2h 30m "), Some(9_000));
        assert_eq!(seconds("2w"), Some(14 * 86_400));
        for nonsense in
            ["", " ", "2", "h", "-2h", "2 hours", "1.5h", "2µ", "99999999999999999999s", "9999999w"]
        {
            assert_eq!(seconds(nonsense), None, "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_calendar_library(millis in -62_135_596_800_000_i64..253_402_300_799_000) {
            let ours = Timestamp::from_millis(millis);
            let theirs = jiff::Timestamp::from_millisecond(millis).expect("in range");
            prop_assert_eq!(ours.to_string().parse::<jiff::Timestamp>().expect("RFC 3339"), theirs);
            prop_assert_eq!(theirs.to_string().parse::<Timestamp>().expect("RFC 3339"), ours);
        }
    }

    #[test]
    fn a_time_that_no_calendar_or_clock_shows_is_no_time() {
        for impossible in [
            "2027-02-29T00:00:00Z",
            "2027-02-30T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2027-04-31T00:00:00Z",
            "2027-01-00T00:00:00Z",
            "2027-01-01T23:59:60Z",
            "2027-06-30T12:59:60Z",
            "2027-07-01T00:00:60Z",
            "2016-12-31T23:59:60+01:00",
            "2027-01-01T00:00:00+99:99",
            "2027-01-01T00:00:00+24:00",
            "2027-01-01T00:00:00-00:60",
        ] {
            assert!(impossible.parse::<Timestamp>().is_err(), "{impossible}");
        }
        let same = |one: &str, other: &str| {
            assert_eq!(one.parse::<Timestamp>().unwrap(), other.parse().unwrap(), "{one}");
        };
        same("2028-02-29T23:30:00-23:59", "2028-03-01T23:29:00Z");
        assert!("2000-02-29T00:00:00Z".parse::<Timestamp>().is_ok());
        // The leap second of 2016, which the count of milliseconds does not know.
        same("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z");
        same("2017-01-01T00:59:60+01:00", "2017-01-01T00:00:00Z");
    }

    proptest! {
        #[test]
        fn a_date_is_one_if_a_calendar_library_says_so(year in 1_i16..=9999, month in 0_i8..=13, day in 0_i8..=32) {
            let ours = format!("{year:04}-{month:02}-{day:02}T12:00:00Z").parse::<Timestamp>();
            prop_assert_eq!(ours.is_ok(), jiff::civil::Date::new(year, month, day).is_ok());
        }
    }

    #[test]
    fn offsets_and_fractions_are_understood_and_nonsense_is_not() {
        let utc = "2026-11-22T10:00:00Z".parse::<Timestamp>();
        assert_eq!("2026-11-22T12:30:00+02:30".parse::<Timestamp>(), utc);
        assert_eq!(
            "2026-11-22T10:00:00.5Z".parse::<Timestamp>().map(Timestamp::as_millis),
            utc.map(|t| t.0 + 500)
        );
        for nonsense in
            ["", "yesterday", "2026-13-01T00:00:00Z", "2026-11-22T10:00:00", "2026-11-22T10:00:00Zulu"]
        {
            assert!(nonsense.parse::<Timestamp>().is_err(), "{nonsense}");
        }
    }
}
