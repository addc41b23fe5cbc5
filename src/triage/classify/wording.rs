//! Evidence from the words of an issue: what people write who report, wish, ask, or read the documents.

use super::Signal;
use crate::domain::verdict::IssueType::{self, Bug, Documentation, Feature, Question};
use crate::triage::phrases::Words;
use crate::triage::text::Readable;

/// Phrases that say the same; the first found counts, once.
struct Cue {
    about: IssueType,
    weight: f64,
    phrases: &'static [&'static str],
}

const fn cue(about: IssueType, weight: f64, phrases: &'static [&'static str]) -> Cue {
    Cue { about, weight, phrases }
}

/// What titles say. The weights were set by hand with public issues of five repositories at hand.
const TITLE: &[Cue] = &[
    cue(
        Bug,
        1.2,
        &[
            "crash*",
            "panic*",
            "segfault*",
            "segmentation fault",
            "regression*",
            "memory leak*",
            "deadlock*",
            "assertion",
        ],
    ),
    cue(
        Bug,
        1.0,
        &[
            "bug",
            "broken",
            "fails",
            "failing",
            "failed",
            "failure",
            "wrong",
            "incorrect*",
            "hangs",
            "freezes",
            "corrupt*",
        ],
    ),
    cue(
        Bug,
        0.6,
        &[
            "error",
            "exception",
            "typeerror",
            "cannot",
            "not working",
            "doesn't work",
            "does not work",
            "could not",
            "not found",
            "missing",
        ],
    ),
    cue(Bug, 0.4, &["when", "after", "in the"]),
    cue(Feature, 1.6, &["feature request", "feature", "proposal", "enhancement"]),
    cue(
        Feature,
        1.2,
        &[
            "add",
            "support",
            "allow",
            "implement",
            "introduce",
            "provide",
            "option to",
            "ability to",
            "make it possible",
            "improve",
            "consider",
        ],
    ),
    cue(Feature, 0.5, &["should", "new", "api"]),
    cue(
        Question,
        1.5,
        &[
            "how to",
            "how do",
            "how can",
            "how does",
            "is it possible",
            "is there",
            "question",
            "what is",
            "why",
            "where",
            "can i",
            "should i",
        ],
    ),
    cue(Question, 0.8, &["unable to", "can't", "help", "about", "i"]),
    cue(
        Documentation,
        2.8,
        &[
            "docs",
            "documentation",
            "readme",
            "typo",
            "typos",
            "docstring*",
            "tutorial",
            "man page",
            "changelog",
        ],
    ),
    cue(Documentation, 1.0, &["explain", "document", "clarify", "broken link", "dead link", "guide"]),
];

/// What bodies say.
const BODY: &[Cue] = &[
    cue(Bug, 0.6, &["crash*", "panics", "segfault*", "regression*", "exception", "stack trace", "traceback"]),
    cue(Bug, 0.4, &["every time", "reproduc*", "repro", "expected", "bug", "instead of"]),
    cue(
        Feature,
        1.2,
        &[
            "feature request",
            "it would be nice",
            "it would be great",
            "would be nice",
            "would be great",
            "would be useful",
            "would be helpful",
            "would love",
        ],
    ),
    cue(
        Feature,
        0.8,
        &[
            "would like to",
            "i'd like",
            "it would",
            "this would",
            "would allow",
            "would be",
            "allow users",
            "please add",
            "this feature",
            "nice to have",
        ],
    ),
    cue(
        Feature,
        0.6,
        &[
            "we could",
            "a way to",
            "an option",
            "support for",
            "use case",
            "motivation",
            "proposed",
            "benefit",
            "proposal",
        ],
    ),
    cue(
        Question,
        1.2,
        &[
            "how do i",
            "how can i",
            "how to",
            "how should i",
            "can i",
            "is it possible to",
            "what is the right way",
            "my question",
            "can anyone",
            "can someone",
            "help me",
            "any help",
        ],
    ),
    cue(
        Question,
        0.6,
        &[
            "i am trying",
            "i'm trying",
            "i want to",
            "i tried",
            "is there",
            "am i",
            "what am i",
            "don't understand",
            "wondering",
            "any idea*",
            "stackoverflow",
            "my code",
            "my project",
        ],
    ),
    cue(
        Question,
        0.5,
        &[
            "thanks",
            "thank you",
            "please help",
            "my app",
            "my application",
            "i need",
            "i am using",
            "i'm using",
            "i have a",
            "i get",
            "i'm getting",
            "i am getting",
        ],
    ),
    cue(Documentation, 0.8, &["the docs", "docs say", "documentation", "readme", "docstring*"]),
    cue(
        Documentation,
        0.6,
        &[
            "outdated",
            "out of date",
            "misleading",
            "unclear",
            "explain",
            "clarify",
            "wording",
            "example in the",
        ],
    ),
];

/// Evidence from the words. A denied phrase ("no crash") is none.
pub(super) fn signals(text: &Readable) -> Vec<Signal> {
    let title = Words::of(&text.title);
    let body = Words::of(&text.prose);
    let mut found = Vec::new();
    for (words, cues, place) in [(&title, TITLE, "title"), (&body, BODY, "text")] {
        for cue in cues {
            if let Some(phrase) = cue.phrases.iter().find(|phrase| words.say(phrase)) {
                let phrase = phrase.trim_end_matches('*');
                let reason = format!("The {place} says \u{201c}{phrase}\u{201d}.");
                found.push(Signal { about: cue.about, weight: cue.weight, reason });
            }
        }
    }
    found
}
