//! A cron expression in a time zone: its times, one after the other, across changes of the clocks.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp as Instant};

use super::cron::{Cron, Wrong};
use crate::domain::time::Timestamp;

/// How far ahead times are looked for. The rarest there are, fifth weekdays of February, come every 28 or 40 years.
const YEARS_AHEAD: i64 = 50;

/// Why a schedule cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The text is not one.
    #[error("`{expression}` is not a cron expression: {reason}")]
    Cron {
        /// The text.
        expression: String,
        /// What is wrong with it, with the name of its field.
        reason: String,
        /// What to write instead.
        hint: String,
    },
    /// The IANA database has no such zone.
    #[error("there is no time zone `{0}`")]
    Zone(String),
    /// No day has that date.
    #[error("`{0}` never comes")]
    Never(String),
}

impl Unusable {
    /// The key of the schedule that is wrong: `cron` or `zone`.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Cron { .. } | Self::Never(_) => "cron",
            Self::Zone(_) => "zone",
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &str {
        match self {
            Self::Cron { hint, .. } => hint,
            Self::Zone(_) => "write a name of the IANA database, such as Europe/Paris or UTC",
            Self::Never(_) => "no month that it names has such a day",
        }
    }
}

/// A cron expression in a time zone.
///
/// The zones come with the program, so that every machine knows the same. Where clocks change:
/// - A time that does not exist on a day, because clocks are set forward over it, comes once, at the first minute
///   that exists again; one that exists twice comes once, at the first of the two.
/// - An expression that comes in every hour of its days (`*/15 * * * *`) goes by the time that passes: nothing is
///   moved, and in an hour that exists twice it comes as in any other.
#[derive(Clone, Debug)]
pub struct Timetable {
    cron: Cron,
    zone: TimeZone,
}

impl Timetable {
    /// Reads an expression and the name of a zone.
    ///
    /// # Errors
    /// [`Unusable`] when there is no such thing, or no such time ever.
    pub fn read(cron: &str, zone: &str) -> Result<Self, Unusable> {
        let expression = || crate::domain::untrusted::one_line(cron, 80);
        let bad =
            |Wrong { message, hint }| Unusable::Cron { expression: expression(), reason: message, hint };
        let table = Self {
            cron: Cron::parse(cron).map_err(bad)?,
            zone: TimeZoneDatabase::bundled()
                .get(zone)
                .map_err(|_| Unusable::Zone(crate::domain::untrusted::one_line(zone, 80)))?,
        };
        // What comes at all comes within so many years of any moment.
        let comes = table.after(Timestamp::default()).next().is_some();
        if comes { Ok(table) } else { Err(Unusable::Never(expression())) }
    }

    /// The times after `at`, in order, each once.
    pub fn after(&self, at: Timestamp) -> impl Iterator<Item = Timestamp> + use<'_> {
        let times = Instant::from_millisecond(at.as_millis()).ok().map(|at| Times::new(self, at));
        times.into_iter().flatten().map(|at| Timestamp::from_millis(at.as_millisecond()))
    }

    /// A time by the zone's clocks, as RFC 3339.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> String {
        let Ok(instant) = Instant::from_millisecond(at.as_millis()) else { return at.to_string() };
        instant.display_with_offset(self.zone.to_offset(instant)).to_string()
    }

    /// When the clocks of the zone show `wall`.
    fn instant(&self, wall: DateTime) -> Option<Instant> {
        match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(wall).ok(),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(wall).ok(),
            // By the clocks as they are set afterwards this is a time before they are set, so that the next change
            // is the one.
            AmbiguousOffset::Gap { after, .. } => {
                let before = after.to_timestamp(wall).ok()?;
                self.zone.following(before).next().map(|change| change.timestamp())
            }
        }
    }
}

/// Every name of a time zone, for hints.
pub fn zones() -> Vec<String> {
    TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect()
}

/// The times of a table after some moment.
struct Times<'a> {
    table: &'a Timetable,
    /// The last that was given out, or the moment after which they begin.
    last: Instant,
    /// The last day to look at.
    until: Date,
    /// Times by the clock on the wall that nobody looked at yet.
    wall: Box<dyn Iterator<Item = DateTime> + 'a>,
}

impl<'a> Times<'a> {
    fn new(table: &'a Timetable, at: Instant) -> Self {
        let first = table.zone.to_datetime(at).date();
        let until = first.saturating_add(Span::new().years(YEARS_AHEAD));
        let wall = Box::new(
            days(&table.cron, first, until)
                .flat_map(|date| table.cron.times().map(move |(hour, minute)| date.at(hour, minute, 0, 0))),
        );
        Self { table, last: at, until, wall }
    }

    /// The next minute after `at`.
    fn minute_after(at: Instant) -> Option<Instant> {
        Instant::from_second((at.as_second().div_euclid(60) + 1) * 60).ok()
    }

    /// By the time that passes.
    fn by_minutes(&self) -> Option<Instant> {
        let Timetable { cron, zone } = self.table;
        let mut at = Self::minute_after(self.last)?;
        loop {
            let wall = zone.to_datetime(at);
            if wall.date() > self.until {
                return None;
            }
            if cron.has_day(wall.date()) {
                if cron.has_minute(wall.minute()) {
                    return Some(at);
                }
                at = Self::minute_after(at)?;
            } else {
                let next = days(cron, wall.date(), self.until).next()?;
                let midnight = zone.to_ambiguous_timestamp(next.at(0, 0, 0, 0)).compatible().ok()?;
                // Clocks that are set back over midnight show the day before once more.
                at = midnight.max(Self::minute_after(at)?);
            }
        }
    }

    /// By the clock on the wall: never backwards, but several may fall on the moment when clocks were set forward.
    fn by_the_wall(&mut self) -> Option<Instant> {
        self.wall.by_ref().filter_map(|wall| self.table.instant(wall)).find(|at| *at > self.last)
    }
}

impl Iterator for Times<'_> {
    type Item = Instant;

    fn next(&mut self) -> Option<Instant> {
        let next = if self.table.cron.is_hourly() { self.by_minutes() } else { self.by_the_wall() }?;
        self.last = next;
        Some(next)
    }
}

/// The days of an expression from `first` on; months that it does not name are passed over at once.
fn days(cron: &Cron, first: Date, until: Date) -> impl Iterator<Item = Date> + use<'_> {
    let mut next = Some(first);
    std::iter::from_fn(move || {
        loop {
            let date = next.filter(|date| *date <= until)?;
            if !cron.has_month(date) {
                next = date.last_of_month().tomorrow().ok();
                continue;
            }
            next = date.tomorrow().ok();
            if cron.has_day(date) {
                return Some(date);
            }
        }
    })
}
