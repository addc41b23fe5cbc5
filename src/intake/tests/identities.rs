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
