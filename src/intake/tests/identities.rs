//! What folds into one.

use super::*;

#[test]
fn a_rerun_tells_the_same_thing_again() {
    let schedule = json!({"schedule": "7 * * * *", "repository": {"full_name": "octo/repo"}});
    let bytes = schedule.to_string();
    let told = |run: &str, at: &str| {
        let context = IntakeContext { run: RunId::new(run), received_at: at.parse().unwrap(), ..context() };
        match read("schedule", bytes.as_bytes(), &context).unwrap() {
            Intake::Trigger(trigger) => trigger.identity,
            Intake::Ignored { reason } => panic!("{reason}"),
        }
    };
    assert_eq!(told("99.1", "2026-11-22T10:00:00Z"), told("99.2", "2026-11-22T18:00:00Z"));
    assert_ne!(told("99.1", "2026-11-22T10:00:00Z"), told("100.1", "2026-11-22T10:00:00Z"));
    assert_eq!(told("local-1-a", "2026-11-22T10:00:00Z"), told("local-2-b", "2026-11-22T10:00:59Z"));
    assert_ne!(told("local-1-a", "2026-11-22T10:00:00Z"), told("local-1-a", "2026-11-22T10:01:00Z"));
}

#[test]
fn each_edit_is_another_happening_even_within_one_second() {
    let edit = |body: &str| identity("issues", &with(issue("edited"), "/issue/body", json!(body)));
    assert_eq!(edit("one"), edit("one"));
    assert_ne!(edit("one"), edit("two"));
}

#[test]
fn an_issue_is_opened_once_whatever_else_the_payload_says() {
    let later = with(issue("opened"), "/issue/updated_at", json!("2027-01-01T00:00:00Z"));
    assert_eq!(identity("issues", &issue("opened")), identity("issues", &later));
    assert_eq!(identity("issues", &later), "issues.opened issue/5");
}

#[test]
fn two_labels_in_one_second_are_two_happenings() {
    let label = |name: &str| identity("issues", &with(issue("labeled"), "/label", json!({"name": name})));
    assert_eq!(label("bug"), "issues.labeled issue/5 bug ann 2026-11-22T09:00:00Z");
    assert_ne!(label("bug"), label("feature"));
    assert_ne!(label("a b"), label("a c"));
    assert!(!label("a\nb").contains('\n'));
}

#[test]
fn the_same_commits_pushed_twice_are_two_happenings() {
    let push = |at: u64| {
        identity(
            "push",
            &json!({
                "ref": "refs/heads/main", "before": "a", "after": "b",
                "sender": account("ann", "User"), "repository": {"full_name": "octo/repo", "pushed_at": at},
            }),
        )
    };
    assert_eq!(push(1_763_800_000), push(1_763_800_000));
    assert_ne!(push(1_763_800_000), push(1_763_800_001));
}

#[test]
fn labels_in_one_second_are_told_apart_even_where_the_payload_does_not_name_the_label() {
    // GitHub's own description does not require the member `label`.
    let now_has = |names: &[&str]| {
        let labels: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
        identity("issues", &with(issue("labeled"), "/issue/labels", json!(labels)))
    };
    assert_eq!(now_has(&["a"]), now_has(&["a"]));
    assert_ne!(now_has(&["a"]), now_has(&["a", "b"]));
    let assigned = |names: &[&str]| {
        let people: Vec<Value> = names.iter().map(|name| account(name, "User")).collect();
        identity("issues", &with(issue("assigned"), "/issue/assignees", json!(people)))
    };
    assert_ne!(assigned(&["ann"]), assigned(&["ann", "bob"]));
}

#[test]
fn every_action_that_names_something_is_told_apart_by_what_it_names() {
    let person = |login: &str| account(login, "User");
    let named = |name: &str| json!({"name": name});
    let pairs = [
        ("labeled", "label", named("a"), named("b")),
        ("unlabeled", "label", named("a"), named("b")),
        ("assigned", "assignee", person("ann"), person("bob")),
        ("unassigned", "assignee", person("ann"), person("bob")),
        ("milestoned", "milestone", json!({"title": "1"}), json!({"title": "2"})),
        ("demilestoned", "milestone", json!({"title": "1"}), json!({"title": "2"})),
        ("typed", "type", named("Bug"), named("Task")),
        ("untyped", "type", named("Bug"), named("Task")),
        ("field_added", "issue_field", named("Size"), named("Effort")),
        ("field_removed", "issue_field", named("Size"), named("Effort")),
        // A shape that is not known yet still counts.
        ("labeled", "labels_added", json!(["a"]), json!(["b"])),
    ];
    for (action, member, one, other) in pairs {
        let told = |event: &str, value: &Value| {
            let payload = if event == "issues" { issue(action) } else { pull(action) };
            identity(event, &with(payload, &format!("/{member}"), value.clone()))
        };
        assert_eq!(told("issues", &one), told("issues", &one), "{action} {member}");
        assert_ne!(told("issues", &one), told("issues", &other), "{action} {member}");
        if !action.contains("type") && !action.starts_with("field") {
            assert_ne!(told("pull_request", &one), told("pull_request", &other), "{action} {member}");
        }
    }
}

#[test]
fn one_field_set_twice_in_one_second_is_two_happenings() {
    let set = |value: &str, from: Value| {
        let field = with(issue("field_added"), "/issue_field", json!({"id": 3, "name": "Size"}));
        let set = with(field, "/issue_field_value", json!({"id": 9, "value": value}));
        identity("issues", &with(set, "/changes", json!({"issue_field_value": {"from": from}})))
    };
    assert_eq!(set("S", Value::Null), set("S", Value::Null));
    assert_ne!(set("S", Value::Null), set("L", json!({"value": "S"})));
}

#[test]
fn what_a_redelivery_says_otherwise_does_not_make_it_another_happening() {
    let label = with(issue("labeled"), "/label", json!({"name": "bug"}));
    let told = identity("issues", &label);
    for (member, value) in [
        ("/installation", json!({"id": 1})),
        ("/organization", json!({"login": "octo"})),
        ("/enterprise", json!({"slug": "octo"})),
        ("/workflow", json!("triage.yml")),
    ] {
        assert_eq!(identity("issues", &with(label.clone(), member, value.clone())), told);
        let unnamed = identity("issues", &issue("labeled"));
        assert_eq!(identity("issues", &with(issue("labeled"), member, value)), unnamed);
    }
    let recoloured = with(label, "/label", json!({"name": "bug", "color": "ff0000"}));
    assert_eq!(identity("issues", &recoloured), told, "a label is named by its name");
}

#[test]
fn a_comment_pinned_again_later_is_pinned_again() {
    let pinned = |at: &str| {
        let payload = with(comment(&account("ann", "User"), "hi"), "/action", json!("pinned"));
        identity("issue_comment", &with(payload, "/issue/updated_at", json!(at)))
    };
    assert_eq!(pinned("2026-11-22T09:00:00Z"), pinned("2026-11-22T09:00:00Z"));
    assert_ne!(pinned("2026-11-22T09:00:00Z"), pinned("2026-11-22T10:00:00Z"));
}

#[test]
fn without_a_time_the_run_tells_happenings_apart() {
    let timeless = with(issue("closed"), "/issue/updated_at", Value::Null).to_string();
    let told = |run: &str| {
        let context = IntakeContext { run: RunId::new(run), ..context() };
        match read("issues", timeless.as_bytes(), &context).unwrap() {
            Intake::Trigger(trigger) => trigger.identity,
            Intake::Ignored { reason } => panic!("{reason}"),
        }
    };
    assert_eq!(told("99.1"), told("99.2"), "a re-run");
    assert_ne!(told("99.1"), told("100.1"));
}
