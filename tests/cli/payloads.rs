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
    hint: re-run the workflow run; by hand, pass the path of a whole payload
    {"bytes":0,"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","event":"issues","reason":"it is empty"}
    "#);
    insta::assert_snapshot!(refused(b"{\"action\": \"opened\", \"issue\": {\"numb"), @r#"
    error: the payload of `issues` cannot be used: it ends in the middle (EOF while parsing a string at line 1 column 36)
    hint: the file was cut off; re-run the workflow run to get it again
    {"bytes":36,"digest":"95ae008edc9f9fecef999437544ad4dd24305b7262a074b977ca88919a3ebcce","event":"issues","reason":"it ends in the middle (EOF while parsing a string at line 1 column 36)"}
    "#);
    insta::assert_snapshot!(refused(b"<html>502</html>"), @r#"
    error: the payload of `issues` cannot be used: it is not JSON: expected value at line 1 column 1
    hint: compare it with GitHub's description of the event, or re-run the workflow run to get it again
    {"bytes":16,"digest":"39b659fd9260d48f7dc59f52a77a5fb39258e82c013f5ee2276fc845ea18a40e","event":"issues","reason":"it is not JSON: expected value at line 1 column 1"}
    "#);
    insta::assert_snapshot!(refused(b"\xff\xfe\x00"), @r#"
    error: the payload of `issues` cannot be used: it is not UTF-8 (byte 0)
    hint: write the file as UTF-8; some shells write UTF-16 when they redirect output
    {"bytes":3,"digest":"ba778c0261008c8f71ae4061ad0162ffcbe63b52c91f89f236738131d1217ec7","event":"issues","reason":"it is not UTF-8 (byte 0)"}
    "#);
    insta::assert_snapshot!(refused(b"[1]"), @r#"
    error: the payload of `issues` cannot be used: it is JSON, but not an object
    hint: compare it with GitHub's description of the event, or re-run the workflow run to get it again
    {"bytes":3,"digest":"080a9ed428559ef602668b4c00f114f1a11c3f6b02a435f0bdc154578e4d7f22","event":"issues","reason":"it is JSON, but not an object"}
    "#);
    insta::assert_snapshot!(refused(b"{}"), @r#"
    error: the payload of `issues` cannot be used: `repository` is missing
    hint: compare it with GitHub's description of the event, or re-run the workflow run to get it again
    {"bytes":2,"digest":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","event":"issues","reason":"`repository` is missing"}
    "#);
}

#[test]
fn what_is_too_large_is_refused_before_it_fills_the_memory() {
    let mut payload = br#"{"action": "opened", "padding": ""#.to_vec();
    payload.resize(26 * 1024 * 1024, b'x');
    payload.extend(b"\"}");
    insta::assert_snapshot!(refused(&payload), @r#"
    error: the payload of `issues` cannot be used: it has 26214401 bytes, more than GitHub's 25 MB
    hint: GitHub drops such events itself; look at where the file comes from
    {"bytes":26214401,"digest":"d9f2a30426d560dd5cb5cb0c49d653dba862a8a5600917ba265843ad57977210","event":"issues","reason":"it has 26214401 bytes, more than GitHub's 25 MB"}
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
    hint: pass the payload of this repository; after a rename, a new event brings the new name
    {"bytes":1132,"digest":"f6f6478853d65c991ff8137e58625d3a47a72a7a612deaee44ece6cb5d7ef31f","event":"issues","reason":"it is about the repository `evil/widgets`, and this run serves `acme/widgets`"}
    "#);
    insta::assert_snapshot!(lying(&|payload| payload["issue"]["number"] = json!(-1)), @r#"
    error: the payload of `issues` cannot be used: `issue` is not what GitHub puts there: invalid value: integer `-1`, expected u64
    hint: compare it with GitHub's description of the event, or re-run the workflow run to get it again
    {"bytes":1133,"digest":"530a13b03cb73c4ca6e47e4ab0d731cf04cf27c50f9453cca0c50864134e6048","event":"issues","reason":"`issue` is not what GitHub puts there: invalid value: integer `-1`, expected u64"}
    "#);
    insta::assert_snapshot!(lying(&|payload| payload["issue"] = json!("1")), @r#"
    error: the payload of `issues` cannot be used: `issue` is not what GitHub puts there: invalid type: string "1", expected struct Issue
    hint: compare it with GitHub's description of the event, or re-run the workflow run to get it again
    {"bytes":485,"digest":"b7dfe90978308865115697d06a7e81bfaed81d86d090c2c07ca2865d28da87b7","event":"issues","reason":"`issue` is not what GitHub puts there: invalid type: string \"1\", expected struct Issue"}
    "#);
    insta::assert_snapshot!(lying(&|payload| payload["sender"] = Value::Null), @r#"
    error: the payload of `issues` cannot be used: `sender` is missing
    hint: compare it with GitHub's description of the event, or re-run the workflow run to get it again
    {"bytes":1047,"digest":"d6afd16fe8fb5ec7f9cc33168bcaa422e14c2c4636ece747407d6f343697fb49","event":"issues","reason":"`sender` is missing"}
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
    hint: inside GitHub Actions GITHUB_EVENT_PATH names the file; by hand, pass the path of a payload
    ");
    insta::assert_snapshot!(recorded(&forge), @r#"{"bytes":0,"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","event":"issues","reason":"/nowhere/event.json cannot be read: No such file or directory (os error 2)"}"#);
    let forge = LocalForge::new();
    insta::assert_snapshot!(forge.named(&forge.program(&["run", "--event", "issues"]).run()), @r"
    exit code 2
    -- stderr
    error: the payload of `issues` cannot be used: no file was named
    hint: inside GitHub Actions GITHUB_EVENT_PATH names the file; by hand, pass the path of a payload
    ");
    insta::assert_snapshot!(recorded(&forge), @r#"{"bytes":0,"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","event":"issues","reason":"no file was named"}"#);
    let forge = LocalForge::new();
    let folder = forge.path().to_str().unwrap();
    insta::assert_snapshot!(forge.named(&forge.program(&["run", "--event", "issues", "--payload", folder]).run()), @r"
    exit code 2
    -- stderr
    error: the payload of `issues` cannot be used: DIR cannot be read: Is a directory (os error 21)
    hint: inside GitHub Actions GITHUB_EVENT_PATH names the file; by hand, pass the path of a payload
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
