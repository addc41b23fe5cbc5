//! What is refused, and what is said about it.

use super::*;

#[test]
fn what_is_not_a_whole_json_object_is_refused() {
    let whole = issue("opened").to_string();
    let deep = format!("{{\"x\":{}", "[".repeat(100_000));
    let twice = whole.replacen("{", "{\"action\":\"closed\",", 1);
    let bom = format!("\u{FEFF}\u{FEFF}{whole}");
    let cut = &whole[..whole.len() - 9];
    let utf16: Vec<u8> = whole.encode_utf16().flat_map(u16::to_le_bytes).chain([0xFF, 0xFE]).collect();
    let cases: [(&str, &[u8]); 13] = [
        ("empty", b""),
        ("white space", b" \n\t"),
        ("text", b"Not Found"),
        ("a page", b"<!DOCTYPE html><html>"),
        ("an array", b"[]"),
        ("null", b"null"),
        ("cut", cut.as_bytes()),
        ("more after the end", b"{} {}"),
        ("not UTF-8", b"{\"action\": \"\xff\"}"),
        ("UTF-16", &utf16),
        ("two byte order marks", bom.as_bytes()),
        ("a nesting bomb", deep.as_bytes()),
        ("a member twice", twice.as_bytes()),
    ];
    let said: String =
        cases.iter().map(|(name, bytes)| format!("{name}: {}\n", refusal("issues", bytes))).collect();
    insta::assert_snapshot!(said);
}

#[test]
fn what_lies_is_refused() {
    let other = with(issue("opened"), "/repository", json!({"id": 8, "full_name": "octo/other"}));
    let cases = [
        ("another repository", other),
        ("no repository", without(issue("opened"), "repository")),
        ("no sender", without(issue("opened"), "sender")),
        ("no issue", without(issue("opened"), "issue")),
        ("no action", without(issue("opened"), "action")),
        ("an action with a space", issue("opened now")),
        ("an issue that is text", with(issue("opened"), "/issue", json!("5"))),
        ("number zero", with(issue("opened"), "/issue/number", json!(0))),
        ("a negative number", with(issue("opened"), "/issue/number", json!(-5))),
        ("a number as text", with(issue("opened"), "/issue/number", json!("5"))),
        ("no number", with(issue("opened"), "/issue", json!({"title": "A bug"}))),
        ("a title that is a number", with(issue("opened"), "/issue/title", json!(5))),
        ("a text that is a list", with(issue("opened"), "/issue/body", json!([]))),
        ("labels that are text", with(issue("opened"), "/issue/labels", json!("x"))),
        ("a state that is a number", with(issue("opened"), "/issue/state", json!(7))),
        ("a login that is a number", with(issue("opened"), "/sender/login", json!(7))),
    ];
    let said: String =
        cases.iter().map(|(name, it)| format!("{name}: {}\n", refusal("issues", it.to_string()))).collect();
    insta::assert_snapshot!(said);
}

#[test]
fn what_is_too_large_is_refused() {
    let mut huge = issue("opened").to_string().into_bytes();
    huge.resize(25 * 1024 * 1024 + 1, b' ');
    let data = json!({
        "action": "x", "client_payload": {"data": "x".repeat(300_000)},
        "sender": account("ann", "User"), "repository": {"full_name": "octo/repo"},
    });
    let labels: Vec<Value> = (0..9_000).map(|n| json!({"name": format!("{n:0>64}")})).collect();
    let many = with(issue("opened"), "/issue/labels", json!(labels));
    let said = [
        refusal("issues", huge),
        refusal("repository_dispatch", data.to_string()),
        refusal("issues", many.to_string()),
        refusal("", "{}"),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_renamed_repository_is_known_by_its_id() {
    let renamed = with(issue("opened"), "/repository", json!({"id": 7, "full_name": "octo/old-name"}));
    assert_eq!(identity("issues", &renamed), "issues.opened issue/5");
}

#[test]
fn what_could_be_saved_is_recorded() {
    let refusal = read("issues", b"Not Found", &context()).unwrap_err();
    let record = refusal.record();
    assert_eq!((record.event.as_str(), record.bytes), ("issues", 9));
    // printf 'Not Found' | sha256sum
    assert_eq!(record.digest, "0019dfc4b32d63c1392aa264aed2253c1e0c2fb09216f8e2cc269bbfb8bb49b5");
    let missing = Refusal::unreadable("issues\nevil", "GITHUB_EVENT_PATH names no file");
    assert_eq!(
        missing.to_string(),
        "the payload of `issues evil` cannot be used: GITHUB_EVENT_PATH names no file"
    );
}
