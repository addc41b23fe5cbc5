//! Evidence from the form of an issue: prefixes of its title, headings of templates, code, traces, versions.

use super::Signal;
use crate::domain::verdict::IssueType::{self, Bug, Documentation, Feature, Question};
use crate::triage::telling::TRACES;
use crate::triage::text::Readable;

/// Words that people put in front of a title: `[Bug]`, `feat:`, `docs(readme):`. The author says what it is.
const PREFIXES: &[(&str, IssueType)] = &[
    ("bug", Bug),
    ("bugs", Bug),
    ("bug report", Bug),
    ("fix", Bug),
    ("crash", Bug),
    ("regression", Bug),
    ("defect", Bug),
    ("error", Bug),
    ("feature", Feature),
    ("feature request", Feature),
    ("feat", Feature),
    ("request", Feature),
    ("enhancement", Feature),
    ("proposal", Feature),
    ("rfc", Feature),
    ("suggestion", Feature),
    ("idea", Feature),
    ("wishlist", Feature),
    ("question", Question),
    ("help", Question),
    ("support", Question),
    ("discussion", Question),
    ("docs", Documentation),
    ("doc", Documentation),
    ("documentation", Documentation),
];
/// The author's own word outweighs everything but a whole form that says otherwise.
const PREFIX: f64 = 2.5;

/// Headings of the templates that are in wide use, by what they begin with. Those of a bug's template
/// weigh little, because people ask their questions through it too.
const HEADINGS: &[(&str, IssueType, f64)] = &[
    ("steps to reproduce", Bug, 0.5),
    ("reproduction", Bug, 0.5),
    ("to reproduce", Bug, 0.5),
    ("how to reproduce", Bug, 0.5),
    ("repro steps", Bug, 1.5),
    ("expected behavio", Bug, 0.4),
    ("actual behavio", Bug, 0.5),
    ("current behavio", Bug, 0.3),
    ("what happened", Bug, 1.0),
    ("what did you expect", Bug, 0.7),
    ("describe the bug", Bug, 1.5),
    ("bug description", Bug, 1.5),
    ("error message", Bug, 0.7),
    ("stack trace", Bug, 0.7),
    ("how often does this bug", Bug, 1.5),
    ("is this a regression", Bug, 0.7),
    ("describe the solution", Feature, 2.0),
    ("is your feature request", Feature, 2.0),
    ("describe alternatives", Feature, 1.5),
    ("alternatives", Feature, 1.0),
    ("describe the feature", Feature, 2.0),
    ("feature description", Feature, 2.0),
    ("feature request", Feature, 2.0),
    ("motivation", Feature, 1.2),
    ("use case", Feature, 1.0),
    ("proposed solution", Feature, 1.5),
    ("proposal", Feature, 1.5),
    ("proposed feature", Feature, 1.5),
    ("who will benefit", Feature, 1.5),
    ("will this change the current api", Feature, 1.2),
    ("question", Question, 2.0),
    ("your question", Question, 2.0),
    ("ask your question", Question, 2.0),
    ("what have you tried", Question, 1.0),
    ("what are you trying to", Question, 1.0),
    ("which page", Documentation, 2.0),
    ("what is wrong with the documentation", Documentation, 2.5),
    ("describe the documentation", Documentation, 2.5),
    ("documentation is", Documentation, 1.5),
    ("link to the doc", Documentation, 2.0),
];

/// Evidence from the form.
pub(super) fn signals(text: &Readable) -> Vec<Signal> {
    let mut found = Vec::new();
    let mut say = |about, weight, reason: String| found.push(Signal { about, weight, reason });
    if let Some((word, about)) = prefix(&text.title) {
        say(about, PREFIX, format!("The title begins with \u{201c}{word}\u{201d}."));
    }
    for (start, about, weight) in HEADINGS {
        if text.headings.iter().any(|heading| heading.starts_with(start)) {
            say(
                *about,
                *weight,
                format!("It has the heading \u{201c}{start}\u{201d}, as in a {} form.", about.name()),
            );
        }
    }
    if let Some(trace) = TRACES.iter().find(|trace| text.body.contains(**trace)) {
        say(Bug, 1.2, format!("It shows a failing program: \u{201c}{trace}\u{201d}."));
    }
    if text.title.trim_end().ends_with('?') {
        say(Question, 1.3, "The title is a question.".to_owned());
    }
    if text.prose.contains('?') {
        say(Question, 0.5, "The text asks something.".to_owned());
    }
    if !text.has_code && text.headings.is_empty() && text.body.len() < SHORT {
        say(Bug, -0.3, "It is short and shows nothing.".to_owned());
    }
    found
}

/// Bytes of a body that tells of a wish or asks something; a report of a defect needs more.
const SHORT: usize = 300;

/// The word that a title puts in front of itself.
fn prefix(title: &str) -> Option<(String, IssueType)> {
    let lower = title.trim().to_lowercase();
    let word = match lower.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map(|(word, _)| word),
        None => lower.split_once(':').map(|(word, _)| word.split('(').next().unwrap_or(word)),
    }?;
    let word = word.trim().trim_end_matches('!');
    PREFIXES.iter().find(|(known, _)| *known == word).map(|(known, about)| ((*known).to_owned(), *about))
}
