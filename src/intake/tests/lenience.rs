//! What is new or odd and understood all the same.

use super::*;

#[test]
fn the_newest_actions_are_kept_with_what_they_name() {
    let typed = with(issue("typed"), "/type", json!({"id": 1, "name": "Bug"}));
    let About::Issue { change, .. } = trigger("issues", &typed).about else { panic!("an issue") };
    assert_eq!(change, Some(Change::Type("Bug".to_owned())));
    let field = with(issue("field_added"), "/issue_field", json!({"name": "Effort"}));
    let About::Issue { change, .. } = trigger("issues", &field).about else { panic!("an issue") };
    assert_eq!(change, Some(Change::Field("Effort".to_owned())));
    assert_eq!(trigger("issues", &issue("untyped")).name(), "issues.untyped");
    assert_eq!(trigger("pull_request", &pull("stacked")).name(), "pull_request.stacked");
}

#[test]
fn an_action_that_no_one_knows_is_ignored_by_name() {
    assert_eq!(
        ignored("issues", &issue("nonsense")),
        "`issues.nonsense` is not an action that Automata knows; a newer release may"
    );
    for (event, payload) in [
        ("issues", issue("created")),
        ("issue_comment", with(comment(&account("ann", "User"), "hi"), "/action", json!("opened"))),
        ("pull_request", pull("nonsense")),
        ("pull_request_target", pull("nonsense")),
        ("pull_request_review", with(pull("opened"), "/review", json!({"id": 3}))),
        ("pull_request_review_comment", with(pull("opened"), "/comment", json!({"id": 3}))),
        ("label", with(issue("opened"), "/label", json!({"id": 3, "name": "bug"}))),
        ("workflow_run", with(issue("opened"), "/workflow_run", json!({"id": 3}))),
    ] {
        assert!(ignored(event, &payload).contains("is not an action that Automata knows"), "{event}");
    }
    let dispatch = json!({
        "action": "nonsense", "sender": account("ann", "User"), "repository": {"full_name": "octo/repo"},
    });
    assert_eq!(trigger("repository_dispatch", &dispatch).name(), "repository_dispatch.nonsense");
}

#[test]
fn fields_of_an_unknown_shape_take_their_default() {
    let mut odd = issue("opened");
    for (field, value) in [
        ("labels", json!([null, "bug", {"name": "real"}, {"title": 3}])),
        ("assignees", json!({"login": "x"})),
        ("body", Value::Null),
        ("updated_at", json!(3)),
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
