//! What plugins answer: whatever it is, nothing is taken that is not allowed, and a fault is told shortly.

use std::path::Path;

use automata::domain::plugin::{ANSWER, Allowed, Answer, Effect, Offer};
use automata::domain::untrusted::is_hidden;

use super::{Target, files, text};

/// Characters of all that is told of an answer.
const MOST: usize = 4_000;

/// Every name of the answer, with what is allowed of its sort.
fn names<'a>(answer: &'a Answer, allowed: &'a Allowed) -> Vec<(&'a String, &'a [String])> {
    let mut names = Vec::new();
    for effect in &answer.plan {
        match effect {
            Effect::Label { add, remove } => {
                names.extend(add.iter().chain(remove).map(|name| (name, allowed.label.as_slice())));
            }
            Effect::Assign { logins } => {
                names.extend(logins.iter().map(|name| (name, allowed.assign.as_slice())))
            }
            Effect::Milestone { title } => names.push((title, allowed.milestone.as_slice())),
            Effect::Type { name } => names.push((name, allowed.issue_type.as_slice())),
            Effect::State { .. } => assert_eq!(allowed.state, ["closed"], "{effect:?}"),
            Effect::Field { name, .. } => names.push((name, allowed.field.as_slice())),
            Effect::Task { kind, .. } => names.push((kind, allowed.task.as_slice())),
            Effect::Comment { text } => assert!(allowed.comment && text.chars().count() <= 2_000),
        }
    }
    names
}

#[test]
fn nothing_that_a_plugin_answers_gets_past_what_is_allowed() {
    let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let allowed = Allowed {
        label: list(&["bug", "area: *"]),
        comment: true,
        assign: list(&["mona"]),
        milestone: list(&["v*"]),
        issue_type: Vec::new(),
        state: list(&["closed"]),
        field: list(&["Impact"]),
        task: list(&["analyse"]),
    };
    let offer = Offer { allowed: allowed.clone(), effects: 4 };
    let nothing = Offer::default();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/plugins");
    let words = [
        "\"protocol\": 1",
        "\"plan\": [",
        "{\"effect\": ",
        "\"label\"",
        "\"comment\"",
        "\"assign\"",
        "\"milestone\"",
        "\"type\"",
        "\"state\"",
        "\"field\"",
        "\"task\"",
        "\"to\": \"closed\"",
        "\"to\": \"open\"",
        "\"value\": ",
        "\"kind\": \"analyse\"",
        "\"project\": 3",
        "\"input\": {",
        "\"add\": [",
        "\"remove\": [",
        "\"text\": ",
        "\"logins\": [",
        "\"title\": ",
        "\"name\": ",
        "\"message\": ",
        "\"output\": ",
        "\"bug\"",
        "\"area: x\"",
        "\"mona\"",
        "\"admin\"",
        "null",
        "-1",
        "1e999",
        "[[",
        "]",
        "{",
        "}",
        ",",
        "\\u202e",
        "\\ud800",
        "\u{0}",
    ];
    Target { name: "answers", seeds: files(&corpus), words: &words }.fuzz(|input| {
        let input = text(input);
        let none = nothing.read(&input);
        assert!(none.is_err() || none.is_ok_and(|answer| answer.plan.is_empty()));
        match offer.read(&input) {
            Ok(answer) => {
                assert!(input.len() <= ANSWER && answer.protocol == 1);
                let weight: usize = answer.plan.iter().map(Effect::weight).sum();
                assert!(weight <= offer.effects && answer.plan.len() <= offer.effects);
                for (name, patterns) in names(&answer, &allowed) {
                    let lower = name.to_lowercase();
                    let is_like = |pattern: &String| match pattern.strip_suffix('*') {
                        Some(begin) => lower.starts_with(begin),
                        None => lower == *pattern,
                    };
                    assert!(patterns.iter().any(is_like) && !name.chars().any(is_hidden), "{name:?}");
                }
                let again = serde_json::to_string(&answer).unwrap();
                let again = offer.read(&again).expect("what is written down is taken again");
                assert_eq!((&again.plan, &again.message), (&answer.plan, &answer.message));
                let sorts: Vec<&str> = answer.plan.iter().map(Effect::name).collect();
                format!("ok {} {}", sorts.join(","), answer.message.is_some())
            }
            Err(faults) => {
                assert!(!faults.is_empty() && faults.join("; ").chars().count() <= MOST, "{faults:?}");
                let first: String =
                    faults[0].chars().filter(|c| c.is_alphabetic() || *c == ' ').take(50).collect();
                format!("{} {first}", faults.len())
            }
        }
    });
}
