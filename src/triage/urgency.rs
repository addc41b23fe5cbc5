//! How soon an issue wants attention, from what its author says happened.

use super::Standing;
use super::phrases::Words;
use super::text::Readable;
use crate::domain::verdict::{Finding, Urgency};

/// A phrase, and how much it raises or lowers the urgency. Points are small whole numbers, so that a
/// person can add them up: 4 is critical by itself, 2 is high by itself.
struct Sign {
    points: i32,
    /// What it says about the issue, for people.
    reason: &'static str,
    phrases: &'static [&'static str],
}

const SIGNS: &[Sign] = &[
    Sign {
        points: 4,
        reason: "data is lost or damaged",
        phrases: &[
            "data loss",
            "lose data",
            "loses data",
            "lost data",
            "losing data",
            "lost all",
            "data corruption",
            "corrupt* data",
            "corrupts the",
            "corrupted database",
            "deleted all",
            "deletes all",
            "wipes",
            "wiped",
            "overwrites my",
            "unrecoverable",
        ],
    },
    Sign {
        points: 4,
        reason: "it is about security",
        phrases: &[
            "security vulnerability",
            "security issue",
            "security hole",
            "security flaw",
            "vulnerabilit*",
            "cve-*",
            "exploit*",
            "remote code execution",
            "rce",
            "arbitrary code",
            "sql injection",
            "command injection",
            "xss",
            "path traversal",
            "privilege escalation",
            "leaks credentials",
            "leaks the token",
            "leaks tokens",
            "leaks secrets",
            "exposes credentials",
            "exposes secrets",
            "authentication bypass",
        ],
    },
    Sign {
        points: 3,
        reason: "it holds up a release or production",
        phrases: &[
            "blocks release",
            "blocks the release",
            "blocks our release",
            "blocking the release",
            "release blocker",
            "blocker",
            "production is down",
            "production down",
            "down in production",
            "outage",
            "completely broken",
            "completely unusable",
        ],
    },
    Sign {
        points: 2,
        reason: "the program ends or stands still",
        phrases: &[
            "crash*",
            "segfault*",
            "segmentation fault",
            "panics",
            "panicked",
            "panic",
            "kernel panic",
            "core dumped",
            "deadlock*",
            "hangs forever",
            "freezes",
            "infinite loop",
            "out of memory",
            "oom",
            "memory leak",
            "won't start",
            "does not start",
            "doesn't start",
            "unusable",
        ],
    },
    Sign {
        points: 2,
        reason: "it worked before",
        phrases: &[
            "regression*",
            "used to work",
            "worked before",
            "worked fine before",
            "broke in",
            "broken since",
            "stopped working",
            "no longer works",
            "worked in",
            "worked with",
            "works in the previous",
            "works in version",
            "since upgrading",
            "after upgrading",
            "since the upgrade",
            "after the upgrade",
            "since updating",
            "after updating",
            "since the update",
            "after the update",
            "since the last release",
            "broken by",
        ],
    },
    Sign {
        points: 1,
        reason: "many people are affected",
        phrases: &["all users", "every user", "everyone is affected", "all of our users", "many users"],
    },
    Sign { points: 1, reason: "the author calls it urgent", phrases: &["urgent*", "asap", "critical"] },
    Sign {
        points: -1,
        reason: "there is a way around it",
        phrases: &["workaround", "work around", "worked around", "as a temporary fix"],
    },
    Sign {
        points: -2,
        reason: "it is about looks or wording",
        phrases: &[
            "typo",
            "typos",
            "spelling",
            "cosmetic",
            "nitpick",
            "minor issue",
            "trivial",
            "misaligned",
            "grammar",
        ],
    },
    Sign { points: -1, reason: "it is a wish", phrases: &["nice to have", "would be nice", "just curious"] },
    Sign {
        points: -2,
        reason: "the author does not press",
        phrases: &["low priority", "no rush", "not urgent", "no hurry", "whenever you have time"],
    },
];

/// A stack trace in code says it as clearly as words.
const TRACES: &[&str] = &[
    "panicked at",
    "Segmentation fault",
    "SIGSEGV",
    "AddressSanitizer",
    "goroutine 1 [running]",
    "OutOfMemoryError",
];

/// Reactions from which on some and many people want it.
const SOME: u64 = 5;
const MANY: u64 = 20;
/// Characters of a milestone's name that are shown.
const MILESTONE: usize = 60;

/// Points from which on an issue is critical or high, and down from which it is low.
const CRITICAL: i32 = 4;
const HIGH: i32 = 2;
const LOW: i32 = -2;

/// Confidence when nothing was said either way, when the points are just enough, and for each further point.
const UNSAID: f64 = 0.5;
const ENOUGH: f64 = 0.65;
const PER_POINT: f64 = 0.1;
/// More than this is not to be had from words alone.
const MOST: f64 = 0.95;

/// How urgent, and why. A phrase that is denied ("no data loss") does not count; each sign counts once.
#[must_use]
pub fn urgency(text: &Readable, standing: &Standing) -> Finding<Urgency> {
    let words = Words::of(&format!("{}. {}", text.title, text.prose));
    let mut points = 0;
    let mut reasons = Vec::new();
    for sign in SIGNS {
        let said = sign.phrases.iter().find(|phrase| words.say(phrase));
        let found = said.map(|phrase| phrase.trim_end_matches('*')).or_else(|| {
            let is_crash = sign.reason == "the program ends or stands still";
            TRACES.iter().copied().find(|trace| is_crash && text.body.contains(trace))
        });
        if let Some(phrase) = found {
            points += sign.points;
            reasons.push(format!("{} (\u{201c}{phrase}\u{201d}, {:+}).", capital(sign.reason), sign.points));
        }
    }
    for (more, reason) in by_standing(standing) {
        points += more;
        reasons.push(reason);
    }
    let (value, beyond) = match points {
        CRITICAL.. => (Urgency::Critical, points - CRITICAL),
        HIGH.. => (Urgency::High, points - HIGH),
        ..=LOW => (Urgency::Low, LOW - points),
        _ => (Urgency::Normal, 0),
    };
    let confidence =
        if reasons.is_empty() { UNSAID } else { (ENOUGH + PER_POINT * f64::from(beyond)).min(MOST) };
    if reasons.is_empty() {
        reasons.push("Nothing says that it is urgent, or that it is not.".to_owned());
    }
    Finding { value, confidence, reasons }
}

/// What speaks for urgency besides the text.
fn by_standing(standing: &Standing) -> impl Iterator<Item = (i32, String)> {
    let reactions = standing.reactions;
    let more = match reactions {
        MANY.. => 2,
        SOME.. => 1,
        _ => 0,
    };
    let wanted =
        (more > 0).then(|| (more, format!("Many people ask for it ({reactions} reactions, {more:+}).")));
    let planned = standing.milestone.as_ref().map(|name| {
        let name = crate::domain::untrusted::one_line(name, MILESTONE);
        (1, format!("It is planned for the milestone {name} (+1)."))
    });
    wanted.into_iter().chain(planned)
}

pub(super) fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::text::IssueText;

    fn of(title: &str, body: &str) -> (Urgency, Vec<String>) {
        let found = urgency(&Readable::of(&IssueText { title, body }), &Standing::default());
        (found.value, found.reasons)
    }

    #[test]
    fn how_many_want_it_and_for_when_it_is_planned_count_too() {
        let of = |reactions, milestone: Option<&str>| {
            let standing =
                Standing { reactions, milestone: milestone.map(str::to_owned), ..Standing::default() };
            urgency(&Readable::of(&IssueText { title: "Dark theme", body: "" }), &standing)
        };
        assert_eq!(of(0, None).value, Urgency::Normal);
        assert_eq!(of(9, None).value, Urgency::Normal);
        assert_eq!(of(25, None).value, Urgency::High);
        assert_eq!(of(9, Some("2.0")).value, Urgency::High);
        insta::assert_snapshot!(of(25, Some("2.0")).reasons.join("\n"), @"
    Many people ask for it (25 reactions, +2).
    It is planned for the milestone 2.0 (+1).
    ");
    }

    #[test]
    fn what_happened_decides_and_says_why() {
        let cases = [
            ("Saving loses data", "", Urgency::Critical),
            ("CVE-2026-1234 in the parser", "", Urgency::Critical),
            ("Crash on start", "It is a regression, it used to work in 1.2.", Urgency::Critical),
            ("Crash on start", "", Urgency::High),
            ("Empty page", "It worked in 1.2, since upgrading it is empty.", Urgency::High),
            ("Something odd", "```\nthread 'main' panicked at src/main.rs:1:2\n```", Urgency::High),
            ("Crash on start", "There is a workaround.", Urgency::Normal),
            ("Add a dark theme", "No crash, no data loss, it would be nice.", Urgency::Normal),
            ("Add a dark theme", "It would be nice, but there is no rush.", Urgency::Low),
            ("It crashes", "No workaround that I know of.", Urgency::High),
            ("A small thing", "There is a workaround.", Urgency::Normal),
            ("Typo in the README", "", Urgency::Low),
            ("How do I build it?", "", Urgency::Normal),
        ];
        for (title, body, expected) in cases {
            let (value, reasons) = of(title, body);
            assert_eq!(value, expected, "{title}: {reasons:?}");
        }
    }

    #[test]
    fn the_reasons_can_be_added_up() {
        insta::assert_snapshot!(of("Crash on start", "Regression, but there is a workaround").1.join("\n"), @r"
        The program ends or stands still (“crash”, +2).
        It worked before (“regression”, +2).
        There is a way around it (“workaround”, -1).
        ");
    }
}
