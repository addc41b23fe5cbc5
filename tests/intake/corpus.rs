//! Every recorded payload is understood: it becomes a trigger, or is ignored for a reason.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use automata::domain::id::{RepositoryName, RunId};
use automata::domain::time::Timestamp;
use automata::domain::trigger::Trigger;
use automata::intake::actions::is_known;
use automata::intake::{EVENTS, Intake, IntakeContext, read};

fn payloads() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/payloads")
}

/// A run of the repository that the payload is about.
fn context_of(payload: &[u8]) -> IntakeContext {
    let json: serde_json::Value = serde_json::from_slice(payload).unwrap();
    let repository = json["repository"]["full_name"].as_str().unwrap_or("octo-org/octo-repo");
    IntakeContext {
        repository: RepositoryName::parse(repository).unwrap(),
        repository_id: json["repository"]["id"].as_u64(),
        run: RunId::new("6444449102.1"),
        ourselves: vec!["github-actions[bot]".into()],
        allowed_bots: vec![],
        received_at: "2026-11-22T10:00:00Z".parse::<Timestamp>().unwrap(),
    }
}

/// Event name, file name, content.
fn corpus() -> Vec<(String, String, Vec<u8>)> {
    let mut files = Vec::new();
    for folder in std::fs::read_dir(payloads()).unwrap().map(Result::unwrap) {
        if !folder.file_type().unwrap().is_dir() {
            continue;
        }
        for file in std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
            let event = folder.file_name().into_string().unwrap();
            files.push((event, file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap()));
        }
    }
    files.sort();
    files
}

fn outcome(event: &str, payload: &[u8]) -> Intake {
    read(event, payload, &context_of(payload)).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn trigger(path: &str) -> Trigger {
    let event = path.split('/').next().unwrap();
    match outcome(event, &std::fs::read(payloads().join(path)).unwrap()) {
        Intake::Trigger(trigger) => *trigger,
        Intake::Ignored { reason } => panic!("{path} was ignored: {reason}"),
    }
}

#[test]
fn every_recorded_payload_becomes_a_trigger_or_is_ignored_for_a_reason() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (event, file, payload) in corpus() {
        let line = match outcome(&event, &payload) {
            Intake::Trigger(trigger) => {
                let json = serde_json::to_string(&trigger).unwrap();
                assert!(!json.contains('\n'), "{event}/{file}: the log keeps one line for each event");
                assert_eq!(serde_json::from_str::<Trigger>(&json).unwrap(), *trigger, "{event}/{file}");
                format!("{} by {:?} {}", trigger.identity, trigger.actor.kind, trigger.actor.login)
            }
            Intake::Ignored { reason } => format!("ignored: {reason}"),
        };
        seen.insert(format!("{event}/{file}"), line);
    }
    for event in EVENTS.iter().filter(|event| **event != "pull_request_target") {
        assert!(seen.keys().any(|key| key.starts_with(&format!("{event}/"))), "no payload of {event}");
    }
    let listing: String = seen.iter().map(|(file, line)| format!("{file}: {line}\n")).collect();
    insta::assert_snapshot!(listing);
}

#[test]
fn a_first_issue_is_kept_with_its_facts() {
    insta::assert_snapshot!(json("issues/15.opened.json"));
}

#[test]
fn a_label_names_what_changed() {
    insta::assert_snapshot!(json("issues/09.labeled.json"));
}

#[test]
fn a_comment_is_kept_with_its_issue() {
    insta::assert_snapshot!(json("issue_comment/00.created.json"));
}

#[test]
fn a_pull_request_is_kept_with_its_branches() {
    insta::assert_snapshot!(json("pull_request/00.opened.json"));
}

#[test]
fn a_review_comment_knows_its_file_and_line() {
    insta::assert_snapshot!(json("pull_request_review_comment/00.created.json"));
}

#[test]
fn a_review_knows_its_verdict() {
    insta::assert_snapshot!(json("pull_request_review/01.dismissed.json"));
}

#[test]
fn a_schedule_has_no_sender_and_is_the_systems_doing() {
    insta::assert_snapshot!(json("schedule/runner.schedule.json"));
}

#[test]
fn a_dispatch_from_another_system_keeps_its_data() {
    insta::assert_snapshot!(json("repository_dispatch/00.on-demand-test.json"));
}

#[test]
fn another_workflows_run_is_kept_with_its_outcome() {
    insta::assert_snapshot!(json("workflow_run/01.completed.json"));
}

#[test]
fn a_push_is_kept_with_both_commits() {
    insta::assert_snapshot!(json("push/runner.push.json"));
}

/// Cut anywhere, a payload is refused and never misread.
#[test]
fn a_payload_cut_anywhere_is_refused() {
    let whole = std::fs::read(payloads().join("issues/15.opened.json")).unwrap();
    let context = context_of(&whole);
    let text = std::str::from_utf8(&whole).unwrap().trim_end();
    for end in (0..text.len()).step_by(97) {
        let refusal = read("issues", &text.as_bytes()[..end], &context).unwrap_err();
        assert!(!refusal.reason.is_empty() && !refusal.hint.is_empty(), "cut at {end}");
        assert_eq!(refusal.bytes, end as u64);
    }
}

/// The file of one event under the name of another is refused, or has all that the other needs.
#[test]
fn a_payload_under_the_name_of_another_event_is_refused() {
    let issue = std::fs::read(payloads().join("issues/15.opened.json")).unwrap();
    let context = context_of(&issue);
    let refusals: String = EVENTS
        .iter()
        .filter_map(|event| read(event, &issue, &context).err())
        .map(|refusal| format!("{refusal}\n"))
        .collect();
    insta::assert_snapshot!(refusals);
}

proptest::proptest! {
    /// Whatever stands in a payload, reading it ends with an answer.
    #[test]
    fn no_payload_breaks_the_reader(
        event in proptest::sample::select(EVENTS.to_vec()),
        at: proptest::sample::Index,
        junk in proptest::sample::select(vec!["null", "[]", "{}", "-1", "1e999", "\"\\u0000\"", "true", "\"", "{"]),
    ) {
        let payload = std::fs::read_to_string(payloads().join("pull_request_review_comment/00.created.json")).unwrap();
        let places: Vec<usize> = payload.match_indices(':').map(|(place, _)| place + 1).collect();
        let start = places[at.index(places.len())];
        let end = payload[start..].find([',', '}']).map_or(payload.len(), |length| start + length);
        let changed = format!("{}{junk}{}", &payload[..start], &payload[end..]);
        match read(event, changed.as_bytes(), &context_of(payload.as_bytes())) {
            Ok(Intake::Trigger(trigger)) => assert!(!trigger.identity.as_str().contains('\n')),
            Ok(Intake::Ignored { reason }) => assert!(!reason.is_empty()),
            Err(refusal) => assert!(!refusal.reason.is_empty() && !refusal.reason.contains('\n')),
        }
    }
}

fn json(path: &str) -> String {
    serde_json::to_string_pretty(&trigger(path)).unwrap()
}

/// What a rule can name must be able to happen.
#[test]
fn every_action_that_a_rule_can_name_is_known() {
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../automata.schema.json")).unwrap();
    let mut named = Vec::new();
    let mut open = vec![&schema];
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::String(text) => named.extend(text.split_once('.')),
            serde_json::Value::Array(values) => open.extend(values),
            serde_json::Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    named.retain(|(event, action)| EVENTS.contains(event) && !action.contains(' '));
    assert!(named.contains(&("issues", "field_added")), "{named:?}");
    for (event, action) in named {
        assert!(is_known(event, action), "{event}.{action}");
    }
}
