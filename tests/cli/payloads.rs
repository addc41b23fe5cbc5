//! Payloads that make no sense: a clear error, exit code 2, and what could be recorded is recorded.

use serde_json::{Value, json};

use super::forge::LocalForge;
use super::program::file;

/// Takes these bytes in as the payload of `issues`; gives what was said and what was recorded.
fn refused(payload: &[u8]) -> String {
    let forge = LocalForge::new();
    let path = file(forge.path(), "event.json", payload);
    let ran = forge.take_in(&path);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    format!("{}recorded: {}", ran.stderr, recorded(&forge)["reason"])
}

/// What the log holds, which is one refusal.
fn recorded(forge: &LocalForge) -> Value {
    let log = forge.program(&["log", "--format", "json"]).run().well();
    let event: Value = serde_json::from_str(&log.stdout).unwrap();
    assert_eq!(event["type"], "trigger.refused");
    assert_eq!(forge.program(&["verify"]).run().code, Some(0));
    event["data"].clone()
}

#[test]
fn what_is_no_whole_json_object_is_refused() {
    insta::assert_snapshot!(refused(b""), @r#"
    error: the payload of `issues` cannot be used: it is empty
    hint: Re-run the workflow run; by hand, pass the path of a whole payload
    recorded: "it is empty"
    "#);
    insta::assert_snapshot!(refused(b"{\"action\": \"opened\", \"issue\": {\"numb"), @r#"
    error: the payload of `issues` cannot be used: it ends in the middle (EOF while parsing a string at line 1 column 36)
    hint: The file was cut off; re-run the workflow run to get it again
    recorded: "it ends in the middle (EOF while parsing a string at line 1 column 36)"
    "#);
    insta::assert_snapshot!(refused(b"<html>502</html>"), @r#"
    error: the payload of `issues` cannot be used: it is not JSON: expected value at line 1 column 1
    hint: Compare it with GitHub's description of the event, or re-run the workflow run to get it again
    recorded: "it is not JSON: expected value at line 1 column 1"
    "#);
    insta::assert_snapshot!(refused(b"\xff\xfe\x00"), @r#"
    error: the payload of `issues` cannot be used: it is not UTF-8 (byte 0)
    hint: Write the file as UTF-8; some shells write UTF-16 when they redirect output
    recorded: "it is not UTF-8 (byte 0)"
    "#);
    insta::assert_snapshot!(refused(b"[1]"), @r#"
    error: the payload of `issues` cannot be used: it is JSON, but not an object
    hint: Compare it with GitHub's description of the event, or re-run the workflow run to get it again
    recorded: "it is JSON, but not an object"
    "#);
    insta::assert_snapshot!(refused(b"{}"), @r#"
    error: the payload of `issues` cannot be used: `repository` is missing
    hint: Compare it with GitHub's description of the event, or re-run the workflow run to get it again
    recorded: "`repository` is missing"
    "#);
}

#[test]
fn what_is_too_large_is_refused_before_it_fills_the_memory() {
    let mut payload = br#"{"action": "opened", "padding": ""#.to_vec();
    payload.resize(26 * 1024 * 1024, b'x');
    payload.extend(b"\"}");
    insta::assert_snapshot!(refused(&payload), @r#"
    error: the payload of `issues` cannot be used: it has more than 25 MB, the most that GitHub sends
    hint: GitHub drops such events itself; look at where the file comes from
    recorded: "it has more than 25 MB, the most that GitHub sends"
    "#);
}

#[test]
fn what_lies_is_refused() {
    let forge = LocalForge::new();
    let path = forge.opens("carol", "How do I read a list?", "");
    let honest: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let lying = |change: &dyn Fn(&mut Value)| {
        let mut payload = honest.clone();
        change(&mut payload);
        refused(payload.to_string().as_bytes())
    };
    insta::assert_snapshot!(lying(&|payload| payload["repository"]["full_name"] = json!("evil/widgets")), @r#"
    error: the payload of `issues` cannot be used: it is about the repository `evil/widgets`, and this run serves `acme/widgets`
    hint: Pass the payload of this repository; after a rename, a new event brings the new name
    recorded: "it is about the repository `evil/widgets`, and this run serves `acme/widgets`"
    "#);
    insta::assert_snapshot!(lying(&|payload| payload["issue"]["number"] = json!(-1)), @r#"
    error: the payload of `issues` cannot be used: `issue.number` is not what GitHub puts there: invalid value: integer `-1`, expected u64
    hint: Compare it with GitHub's description of the event, or re-run the workflow run to get it again
    recorded: "`issue.number` is not what GitHub puts there: invalid value: integer `-1`, expected u64"
    "#);
    insta::assert_snapshot!(lying(&|payload| payload["issue"] = json!("1")), @r#"
    error: the payload of `issues` cannot be used: `issue` is not what GitHub puts there: invalid type: string "1", expected struct Issue
    hint: Compare it with GitHub's description of the event, or re-run the workflow run to get it again
    recorded: "`issue` is not what GitHub puts there: invalid type: string \"1\", expected struct Issue"
    "#);
    insta::assert_snapshot!(lying(&|payload| payload["sender"] = Value::Null), @r#"
    error: the payload of `issues` cannot be used: `sender` is missing
    hint: Compare it with GitHub's description of the event, or re-run the workflow run to get it again
    recorded: "`sender` is missing"
    "#);
}

#[test]
fn a_payload_that_is_not_there_is_refused_and_recorded() {
    let forge = LocalForge::new();
    let ran = forge.program(&["run", "--event", "issues", "--payload", "/nowhere/event.json"]).run();
    insta::assert_snapshot!(forge.named(&ran), @r"
    exit code 2
    -- stderr
    error: the payload of `issues` cannot be used: /nowhere/event.json cannot be read: No such file or directory (os error 2)
    hint: Inside GitHub Actions GITHUB_EVENT_PATH names the file; by hand, pass the path of a payload
    ");
    insta::assert_snapshot!(recorded(&forge), @r#"{"bytes":0,"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","event":"issues","reason":"/nowhere/event.json cannot be read: No such file or directory (os error 2)"}"#);
    let forge = LocalForge::new();
    insta::assert_snapshot!(forge.named(&forge.program(&["run", "--event", "issues"]).run()), @r"
    exit code 2
    -- stderr
    error: the payload of `issues` cannot be used: no file was named
    hint: Inside GitHub Actions GITHUB_EVENT_PATH names the file; by hand, pass the path of a payload
    ");
    insta::assert_snapshot!(recorded(&forge), @r#"{"bytes":0,"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","event":"issues","reason":"no file was named"}"#);
    let forge = LocalForge::new();
    let folder = forge.path().to_str().unwrap();
    insta::assert_snapshot!(forge.named(&forge.program(&["run", "--event", "issues", "--payload", folder]).run()), @r"
    exit code 2
    -- stderr
    error: the payload of `issues` cannot be used: DIR cannot be read: Is a directory (os error 21)
    hint: Inside GitHub Actions GITHUB_EVENT_PATH names the file; by hand, pass the path of a payload
    ");
}

#[test]
fn an_event_that_means_nothing_to_us_is_ignored_with_a_reason() {
    let forge = LocalForge::new();
    let path = file(forge.path(), "event.json", b"{\"action\": \"started\", \"repository\": {\"full_name\": \"acme/widgets\"}, \"sender\": {\"login\": \"carol\", \"type\": \"User\"}}");
    let ran = forge.program(&["run", "--event", "watch", "--payload", path.to_str().unwrap()]).run();
    insta::assert_snapshot!(forge.named(&ran), @r"
    exit code 0
    -- stdout
    ignored: Automata does nothing on `watch` events
    ");
}
