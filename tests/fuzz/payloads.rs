//! GitHub's payloads: whatever comes as one is recorded within bounds, ignored or refused.

use std::path::Path;

use automata::domain::id::RepositoryName;
use automata::domain::id::RunId;
use automata::domain::trigger::Trigger;
use automata::intake::{EVENTS, Intake, IntakeContext, hinges_on_us, read};

use super::{Target, files, outcome};

/// Bytes of the trigger that an input may become: texts are cut at 16 KB, and there are a title, a body and a comment,
/// each byte of which is at most six in JSON.
const MOST: usize = 3 * 6 * 16 * 1024 + 64 * 1024;

fn context() -> IntakeContext {
    IntakeContext {
        repository: RepositoryName::parse("octo-org/octo-repo").unwrap(),
        repository_id: None,
        run: RunId::new("6444449102.1"),
        ourselves: vec!["github-actions[bot]".into()],
        allowed_bots: vec!["helper[bot]".into()],
        received_at: "2026-11-22T10:00:00Z".parse().unwrap(),
    }
}

#[test]
fn nothing_that_comes_as_a_payload_breaks_the_intake() {
    let recorded = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/payloads"));
    // The first byte chooses the event.
    let seeds = recorded.into_iter().enumerate().map(|(n, bytes)| [vec![n.to_le_bytes()[0]], bytes].concat());
    let words = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "null",
        "true",
        "\"action\"",
        "\"opened\"",
        "\"issue\"",
        "\"number\"",
        "\"repository\"",
        "\"full_name\"",
        "\"octo-org/octo-repo\"",
        "\"sender\"",
        "\"type\"",
        "\"Bot\"",
        "\"body\"",
        "\"labels\"",
        "\"\\ud800\"",
        "1e999",
        "<!-- automata:status issue/5 seq=9 hop=1 -->",
        "/automata implement",
    ];
    let context = context();
    Target { name: "payloads", seeds: seeds.collect(), words: &words }.fuzz(|input| {
        let Some((first, payload)) = input.split_first() else { return String::new() };
        let event = EVENTS[usize::from(*first) % EVENTS.len()];
        let result = read(event, payload, &context);
        let _ = hinges_on_us(event, payload, &context);
        if let Ok(Intake::Trigger(trigger)) = &result {
            let json = serde_json::to_string(trigger).unwrap();
            assert!(json.len() <= MOST, "{} bytes became {}", input.len(), json.len());
            assert!(!json.contains('\n'), "the log keeps one line for each event");
            assert_eq!(serde_json::from_str::<Trigger>(&json).unwrap(), **trigger);
        }
        if let Err(refusal) = &result {
            assert!(refusal.to_string().len() < 4_096, "{refusal}");
        }
        let kind = |intake: &Intake| usize::from(matches!(intake, Intake::Trigger(_)));
        format!("{event} {}", outcome(&result, kind))
    });
}
