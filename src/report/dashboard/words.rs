//! Numbers, times and spans as people read them.

use crate::domain::time::Timestamp;
use crate::views::dashboard::{Spread, Stage};

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// Letters of `2026-11-22T10:00`.
const TO_THE_MINUTE: usize = 16;

/// `1,234,567`.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut told = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

/// Milliseconds as `340 ms`, `12 s`, `4 min 10 s`, `3 h 20 min`, `2 d 4 h`.
pub(super) fn span(millis: u64) -> String {
    let two = |large: u64, large_name: &str, small: u64, small_name: &str| {
        let (whole, rest) = (millis / large, millis % large / small);
        if rest == 0 {
            format!("{whole} {large_name}")
        } else {
            format!("{whole} {large_name} {rest} {small_name}")
        }
    };
    match millis {
        0..SECOND => format!("{millis} ms"),
        SECOND..MINUTE => format!("{} s", millis / SECOND),
        MINUTE..HOUR => two(MINUTE, "min", SECOND, "s"),
        HOUR..DAY => two(HOUR, "h", MINUTE, "min"),
        DAY.. => two(DAY, "d", HOUR, "h"),
    }
}

/// How long an issue took from one step to another: of people's days nobody counts milliseconds.
pub(super) fn lead(millis: u64) -> String {
    if millis < SECOND { "less than 1 s".to_owned() } else { span(millis) }
}

/// As [`measured`], of a way from one step to another.
pub(super) fn led(spread: &Spread, millis: u64) -> String {
    if spread.count == 0 {
        "–".to_owned()
    } else {
        format!("<data value=\"{millis}\">{}</data>", lead(millis))
    }
}

/// A span, or that there is none.
pub(super) fn measured(spread: &Spread, millis: u64) -> String {
    if spread.count == 0 {
        "–".to_owned()
    } else {
        format!("<data value=\"{millis}\">{}</data>", span(millis))
    }
}

/// A time in UTC to the minute.
pub(super) fn time(millis: i64) -> String {
    let full = Timestamp::from_millis(millis).to_string();
    let short: String = full.chars().take(TO_THE_MINUTE).collect();
    format!("<time datetime=\"{full}\">{}</time>", short.replace('T', " "))
}

/// The name of a column of the board.
pub(super) const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::New => "New",
        Stage::Triaged => "Triaged",
        Stage::Waiting => "Reporter asked",
        Stage::Assigned => "Assigned",
        Stage::PullRequest => "Pull request",
        Stage::Review => "In review",
        Stage::Merged => "Merged",
        Stage::Closed => "Closed",
    }
}

/// The name that addresses and classes have for it.
pub(super) const fn stage_key(stage: Stage) -> &'static str {
    match stage {
        Stage::New => "new",
        Stage::Triaged => "triaged",
        Stage::Waiting => "waiting",
        Stage::Assigned => "assigned",
        Stage::PullRequest => "pull_request",
        Stage::Review => "review",
        Stage::Merged => "merged",
        Stage::Closed => "closed",
    }
}

/// The name of a step.
pub(super) fn step(step: &str) -> &str {
    match step {
        "pull_request" => "pull request",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_spans_are_told_as_people_say_them() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        let spans = [340, 12_000, 60_000, 250_000, 12_000_000, 86_400_000, 187_200_000];
        assert_eq!(
            spans.map(span),
            ["340 ms", "12 s", "1 min", "4 min 10 s", "3 h 20 min", "1 d", "2 d 4 h"]
        );
        assert_eq!(
            [lead(340), lead(12_000)],
            ["less than 1 s", "12 s"],
            "nobody counts the milliseconds of a lead time"
        );
        assert_eq!(
            time(1_795_341_600_000),
            "<time datetime=\"2026-11-22T10:00:00Z\">2026-11-22 10:00</time>"
        );
    }
}
