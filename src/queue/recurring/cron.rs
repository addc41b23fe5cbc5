//! Cron expressions: five fields of text into sets of minutes, hours, days, months and weekdays.

use jiff::civil::Date;

/// A cron expression, read. The dialect is Vixie cron's, as GitHub's `schedule` has it, with two days of Quartz's:
///
/// - Five fields: minute (0–59), hour (0–23), day of the month (1–31), month (1–12 or JAN–DEC), weekday (0–7 or
///   SUN–SAT; 0 and 7 are Sunday). No seconds, no years, no `@daily`.
/// - A field is a list of `*`, a value, a range `a-b`, each with an optional step `/n`; `a/n` goes on to the end.
/// - `L` is the last day of the month; `FRIL` the last Friday in it, `FRI#2` the second.
/// - When both days are restricted, either is enough, as POSIX has it; a field that begins with `*` restricts
///   nothing in this sense, as Vixie cron has it, so that `*/2` there must hold as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether the last day of the month is one of the days.
    last_day: bool,
    /// Certain weekdays of a month.
    nth: Vec<Nth>,
    /// Whether both day fields must hold, because one of them begins with `*`.
    both_days: bool,
}

/// A weekday (from Sunday, 0) of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nth {
    /// The first is 1.
    FromStart(i8, i8),
    Last(i8),
}

/// Why a text is no cron expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// A clause for a person, which names the field.
    pub(super) message: String,
    /// What to write instead.
    pub(super) hint: String,
}

struct Field {
    name: &'static str,
    least: u8,
    most: u8,
    /// Names of values, from `least` on.
    names: &'static [&'static str],
}

const MINUTE: Field = Field { name: "minute", least: 0, most: 59, names: &[] };
const HOUR: Field = Field { name: "hour", least: 0, most: 23, names: &[] };
const DAY: Field = Field { name: "day of the month", least: 1, most: 31, names: &[] };
const MONTH: Field = Field {
    name: "month",
    least: 1,
    most: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
const WEEKDAY: Field =
    Field { name: "weekday", least: 0, most: 7, names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] };

/// Short forms of other dialects, and what they stand for.
const NICKNAMES: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * SUN"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

impl Cron {
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(wrong_count(&fields));
        };
        let mut cron = Self {
            minutes: values(&MINUTE, minute)?,
            hours: values(&HOUR, hour)?,
            days: 0,
            months: values(&MONTH, month)?,
            weekdays: 0,
            last_day: false,
            nth: Vec::new(),
            both_days: day.starts_with('*') || weekday.starts_with('*'),
        };
        for item in day.split(',') {
            if item.eq_ignore_ascii_case("L") {
                cron.last_day = true;
            } else {
                cron.days |= DAY.item(item)?;
            }
        }
        for item in weekday.split(',') {
            match nth(item)? {
                Some(nth) => cron.nth.push(nth),
                None => cron.weekdays |= WEEKDAY.item(item)?,
            }
        }
        // Sunday has two numbers.
        cron.weekdays |= cron.weekdays >> 7;
        Ok(cron)
    }

    /// Whether it comes in every hour of its days: then it goes by the time that passes, not by the clock on the wall.
    pub(super) const fn is_hourly(&self) -> bool {
        self.hours == (1 << 24) - 1
    }

    pub(super) fn has_month(&self, date: Date) -> bool {
        has(self.months, date.month())
    }

    /// Whether it comes on this day.
    pub(super) fn has_day(&self, date: Date) -> bool {
        let weekday = date.weekday().to_sunday_zero_offset();
        let of_month = has(self.days, date.day()) || self.last_day && date.day() == date.days_in_month();
        let is_nth = |nth: &Nth| match *nth {
            Nth::FromStart(day, nth) => day == weekday && (date.day() - 1) / 7 + 1 == nth,
            Nth::Last(day) => day == weekday && date.day() + 7 > date.days_in_month(),
        };
        let of_week = has(self.weekdays, weekday) || self.nth.iter().any(is_nth);
        self.has_month(date) && if self.both_days { of_month && of_week } else { of_month || of_week }
    }

    pub(super) const fn has_minute(&self, minute: i8) -> bool {
        has(self.minutes, minute)
    }

    /// The times of a day by the clock on the wall: hour and minute, in order.
    pub(super) fn times(&self) -> impl Iterator<Item = (i8, i8)> + use<'_> {
        let hours = (0..24).filter(|hour| has(self.hours, *hour));
        hours.flat_map(|hour| {
            (0..60).filter(|minute| self.has_minute(*minute)).map(move |minute| (hour, minute))
        })
    }
}

const fn has(set: u64, value: i8) -> bool {
    set >> value & 1 == 1
}

fn values(field: &Field, text: &str) -> Result<u64, Wrong> {
    text.split(',').try_fold(0, |set, item| Ok(set | field.item(item)?))
}

/// `FRI#2` and `FRIL`; none for anything else.
fn nth(item: &str) -> Result<Option<Nth>, Wrong> {
    // Weekdays fit: they are 0 to 7, and 7 is 0.
    let weekday = |text: &str| WEEKDAY.value(text).map(|day| if day == 7 { 0 } else { day.cast_signed() });
    if let Some((day, count)) = item.split_once('#') {
        return match count.parse() {
            Ok(count @ 1..=5) => Ok(Some(Nth::FromStart(weekday(day)?, count))),
            _ => Err(Wrong {
                message: format!("the weekday `{item}` counts to `{count}`"),
                hint: format!("a month has at most five: `{day}#1` to `{day}#5`, and `{day}L` for the last"),
            }),
        };
    }
    match item.strip_suffix(['L', 'l']) {
        Some(day) if !day.is_empty() => Ok(Some(Nth::Last(weekday(day)?))),
        _ => Ok(None),
    }
}

impl Field {
    /// The values that one item of a list stands for.
    fn item(&self, item: &str) -> Result<u64, Wrong> {
        let (base, step) = match item.split_once('/') {
            None => (item, None),
            Some((base, step)) => {
                let bad =
                    || self.wrong(item, &format!("has the step `{step}`"), "a step is a number from 1 on");
                (base, Some(step.parse::<u8>().ok().filter(|step| *step > 0).ok_or_else(bad)?))
            }
        };
        let (from, to) = match base.split_once('-') {
            _ if base == "*" => (self.least, self.last()),
            Some((from, to)) => (self.value(from)?, self.end(to)?),
            None => {
                let value = self.value(base)?;
                (value, if step.is_some() { self.last().max(value) } else { value })
            }
        };
        if from > to {
            let hint = format!("write the two parts: `{from}-{},{}-{to}`", self.last(), self.least);
            return Err(self.wrong(item, "goes backwards", &hint));
        }
        Ok((from..=to).step_by(usize::from(step.unwrap_or(1))).fold(0, |set, value| set | 1 << value))
    }

    /// The last value when none is named. Of the two numbers of Sunday it is not one, or steps would hit it twice.
    const fn last(&self) -> u8 {
        if self.most == WEEKDAY.most { self.most - 1 } else { self.most }
    }

    /// The end of a range; `SAT-SUN` ends with the Sunday that is 7.
    fn end(&self, text: &str) -> Result<u8, Wrong> {
        let is_sunday = self.most == WEEKDAY.most && text.eq_ignore_ascii_case("SUN");
        if is_sunday { Ok(WEEKDAY.most) } else { self.value(text) }
    }

    fn value(&self, text: &str) -> Result<u8, Wrong> {
        if let Some(place) = self.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            return Ok(self.least + u8::try_from(place).unwrap_or(0));
        }
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let allowed = match self.names {
            [first, .., last] => format!("{} to {} or {first} to {last}", self.least, self.most),
            _ => format!("{} to {}", self.least, self.most),
        };
        match text.parse::<u8>() {
            Ok(value) if is_number && (self.least..=self.most).contains(&value) => Ok(value),
            _ if is_number => Err(self.wrong(text, "is out of range", &format!("it goes from {allowed}"))),
            _ if text.is_empty() => Err(Wrong {
                message: format!("a part of the {} is empty", self.name),
                hint: format!("write {allowed}, or `*`"),
            }),
            _ if text == "?" => Err(self.wrong(text, "is not known", "write `*`")),
            _ => Err(self.wrong(text, "is not known", &format!("write {allowed}, or `*`"))),
        }
    }

    fn wrong(&self, text: &str, what: &str, hint: &str) -> Wrong {
        let text = crate::domain::untrusted::one_line(text, 40);
        Wrong { message: format!("the {} `{text}` {what}", self.name), hint: hint.to_owned() }
    }
}

fn wrong_count(fields: &[&str]) -> Wrong {
    let short = fields.first().filter(|_| fields.len() == 1);
    let known = short.and_then(|text| NICKNAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)));
    if let Some((name, meant)) = known {
        return Wrong {
            message: format!("`{name}` is no part of this dialect"),
            hint: format!("write `{meant}`"),
        };
    }
    let found = match fields.len() {
        0 => "it is empty".to_owned(),
        1 => "it has 1 field".to_owned(),
        several => format!("it has {several} fields"),
    };
    let hint =
        "write five: minute, hour, day of the month, month, weekday; there are no seconds and no years";
    Wrong { message: found, hint: hint.to_owned() }
}
