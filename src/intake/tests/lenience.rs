//! What is new or odd and understood all the same.

use super::*;

#[test]
fn actions_newer_than_this_program_are_kept() {
    let typed = with(issue("typed"), "/type", json!({"id": 1, "name": "Bug"}));
    let About::Issue { change, .. } = trigger("issues", &typed).about else { panic!("an issue") };
    assert_eq!(change, Some(Change::Type("Bug".to_owned())));
    let field = with(issue("field_added"), "/issue_field", json!({"name": "Effort"}));
    let About::Issue { change, .. } = trigger("issues", &field).about else { panic!("an issue") };
    assert_eq!(change, Some(Change::Field("Effort".to_owned())));
    assert_eq!(trigger("issues", &issue("frobnicated")).name(), "issues.frobnicated");
    assert_eq!(trigger("issues", &issue("untyped")).name(), "issues.untyped");
}

#[test]
fn fields_of_an_unknown_shape_take_their_default() {
    let mut odd = issue("opened");
    for (field, value) in [
        ("labels", json!([null, "bug", {"name": "real"}, {"title": 3}])),
        ("assignees", json!({"login": "x"})),
        ("state", json!(["open"])),
        ("body", Value::Null),
        ("updated_at", json!("soon")),
        ("created_at", json!(17)),
        ("pull_request", Value::Null),
    ] {
        odd = with(odd, &format!("/issue/{field}"), value);
    }
    let trigger = trigger("issues", &odd);
    let facts = trigger.issue().unwrap();
    assert_eq!(facts.labels, ["real"]);
    assert!(facts.assignees.is_empty() && facts.body.raw().is_empty() && !facts.is_pull);
    assert_eq!(facts.updated_at, context().received_at);
}

#[test]
fn an_event_nobody_reads_is_ignored_by_name() {
    assert_eq!(ignored("fork", &json!({})), "Automata does nothing on `fork` events");
}

#[test]
fn one_byte_order_mark_is_forgiven() {
    let payload = format!("\u{FEFF}{}", issue("opened"));
    assert!(matches!(read("issues", payload.as_bytes(), &context()), Ok(Intake::Trigger(_))));
}

#[test]
fn a_comment_on_a_pull_request_is_about_the_pull_request() {
    let payload = with(comment(&account("ann", "User"), "hi"), "/issue/pull_request", json!({"url": "u"}));
    assert_eq!(trigger("issue_comment", &payload).subject.to_string(), "pull/5");
}

#[test]
fn data_of_a_dispatch_stays_on_one_line() {
    let payload = "{\"action\": \"sync\", \"client_payload\": {\n \"b\": 1,\n \"a\": \"x\\ny\"\n},
        \"sender\": {\"login\": \"ann\", \"type\": \"User\"}, \"repository\": {\"full_name\": \"octo/repo\"}}";
    let Ok(Intake::Trigger(trigger)) = read("repository_dispatch", payload.as_bytes(), &context()) else {
        panic!("a trigger")
    };
    let About::RepositoryDispatch { client_payload, .. } = &trigger.about else { panic!("a dispatch") };
    assert_eq!(client_payload.as_str(), r#"{"a":"x\ny","b":1}"#);
    assert_eq!(trigger.name(), "repository_dispatch.sync");
}
