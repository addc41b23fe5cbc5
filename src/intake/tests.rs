//! Who may start something, what folds into one, and what is refused.

use serde_json::{Value, json};

use super::*;
use crate::domain::actor::ActorKind;
use crate::domain::trigger::{About, Change};

const OURS: &str = "automata-app[bot]";

fn context() -> IntakeContext {
    IntakeContext {
        repository: RepositoryName::parse("octo/repo").unwrap(),
        repository_id: Some(7),
        run: RunId::new("99.1"),
        ourselves: vec![OURS.into(), "maintainer".into()],
        allowed_bots: vec!["dependabot".into()],
        received_at: "2026-11-22T10:00:00Z".parse().unwrap(),
    }
}

fn account(login: &str, kind: &str) -> Value {
    json!({"login": login, "type": kind})
}

fn comment(sender: &Value, body: &str) -> Value {
    json!({
        "action": "created",
        "issue": {"number": 5, "title": "A bug", "user": account("ann", "User")},
        "comment": {"id": 31, "body": body, "user": sender, "created_at": "2026-11-22T09:00:00Z"},
        "sender": sender,
        "repository": {"id": 7, "full_name": "octo/repo"},
    })
}

fn issue(action: &str) -> Value {
    json!({
        "action": action,
        "issue": {"number": 5, "title": "A bug", "body": "It breaks", "updated_at": "2026-11-22T09:00:00Z"},
        "sender": account("ann", "User"),
        "repository": {"id": 7, "full_name": "octo/repo"},
    })
}

fn with(mut payload: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    payload.pointer_mut(parent).unwrap()[key] = value;
    payload
}

fn without(mut payload: Value, key: &str) -> Value {
    payload.as_object_mut().unwrap().remove(key);
    payload
}

fn take(event: &str, payload: &Value) -> Intake {
    read(event, payload.to_string().as_bytes(), &context()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn trigger(event: &str, payload: &Value) -> Trigger {
    match take(event, payload) {
        Intake::Trigger(trigger) => *trigger,
        Intake::Ignored { reason } => panic!("ignored: {reason}"),
    }
}

fn ignored(event: &str, payload: &Value) -> String {
    match take(event, payload) {
        Intake::Ignored { reason } => reason,
        Intake::Trigger(trigger) => panic!("a trigger: {trigger:?}"),
    }
}

fn identity(event: &str, payload: &Value) -> String {
    trigger(event, payload).identity.to_string()
}

fn refusal(event: &str, payload: impl AsRef<[u8]>) -> String {
    let refusal = read(event, payload.as_ref(), &context()).unwrap_err();
    format!("{} ({})", refusal.reason, refusal.hint)
}

mod origins {
    use super::*;

    #[test]
    fn a_person_starts_something_whatever_marker_the_text_contains() {
        for body in ["please fix", "<!-- automata:status hop=3 -->", "<!-- automata:status hop=200 --> again"]
        {
            let trigger = trigger("issue_comment", &comment(&account("ann", "User"), body));
            assert_eq!((trigger.actor.kind, trigger.hops), (ActorKind::Person, 0), "{body}");
        }
    }

    #[test]
    fn a_login_that_looks_like_a_bot_is_a_person_when_github_says_user() {
        let trigger = trigger("issue_comment", &comment(&account("dependabot[bot]", "User"), "hello"));
        assert_eq!(trigger.actor.kind, ActorKind::Person);
    }

    #[test]
    fn a_bot_whose_login_looks_like_a_person_is_a_bot() {
        for kind in ["Bot", "Organization", "SomethingNew"] {
            assert_eq!(
                ignored("issue_comment", &comment(&account("ann", kind), "hello")),
                "`ann` is a bot, and `bots.allow` in the configuration does not name it"
            );
        }
        let untyped = json!({"login": "ann"});
        assert!(ignored("issue_comment", &comment(&untyped, "hello")).contains("is a bot"));
    }

    #[test]
    fn our_own_account_starts_nothing() {
        let reason = "Automata did this itself, as `automata-app[bot]`";
        assert_eq!(ignored("issue_comment", &comment(&account(OURS, "Bot"), "done")), reason);
        assert_eq!(ignored("issues", &with(issue("labeled"), "/sender", account(OURS, "Bot"))), reason);
        let push = json!({
            "ref": "refs/heads/automata/issue-1-x", "before": "0", "after": "1",
            "sender": account(OURS, "Bot"), "repository": {"full_name": "octo/repo"},
        });
        assert_eq!(ignored("push", &push), reason);
    }

    #[test]
    fn a_bot_with_our_marker_is_us_even_when_we_do_not_know_our_name() {
        let payload = comment(&account("github-actions[bot]", "Bot"), "<!-- automata:status hop=1 -->\nDone");
        assert_eq!(ignored("issue_comment", &payload), "Automata did this itself, as `github-actions[bot]`");
    }

    #[test]
    fn a_person_whose_token_we_use_is_told_from_us_by_the_marker() {
        let person = account("maintainer", "User");
        assert_eq!(trigger("issue_comment", &comment(&person, "please fix")).actor.kind, ActorKind::Person);
        assert!(ignored("issue_comment", &comment(&person, "<!-- automata:status -->")).contains("itself"));
    }

    #[test]
    fn an_allowed_bot_starts_something_until_its_hops_are_used_up() {
        let bot = account("dependabot[bot]", "Bot");
        let said = |hop: u8| comment(&bot, &format!("> <!-- automata:status hop={hop} -->\nrebased"));
        assert_eq!(trigger("issue_comment", &comment(&bot, "rebased")).hops, 0);
        assert_eq!(trigger("issue_comment", &said(2)).hops, 2);
        assert_eq!(trigger("issue_comment", &said(MAX_HOPS)).hops, MAX_HOPS);
        assert_eq!(
            ignored("issue_comment", &said(MAX_HOPS + 1)),
            "automation has answered automation 4 times in a row, the last time as `dependabot[bot]`"
        );
    }

    #[test]
    fn a_person_acting_through_an_app_is_welcome_and_kept_apart() {
        let via = json!({"slug": "slack"});
        let payload = with(comment(&account("ann", "User"), "hi"), "/comment/performed_via_github_app", via);
        assert_eq!(trigger("issue_comment", &payload).actor.kind, ActorKind::App);
        let ours = json!({"slug": "automata-app"});
        let payload = with(comment(&account("ann", "User"), "hi"), "/comment/performed_via_github_app", ours);
        assert!(ignored("issue_comment", &payload).contains("itself"));
    }

    #[test]
    fn who_labels_an_issue_is_not_who_opened_it() {
        let opened_by_app =
            with(issue("labeled"), "/issue/performed_via_github_app", json!({"slug": "slack"}));
        assert_eq!(trigger("issues", &opened_by_app).actor.kind, ActorKind::Person);
        let our_text = with(issue("closed"), "/issue/body", json!("<!-- automata:x hop=9 -->"));
        assert_eq!(trigger("issues", &our_text).hops, 0);
    }

    #[test]
    fn bots_may_call_on_purpose() {
        let call =
            json!({"inputs": null, "sender": account(OURS, "Bot"), "repository": {"full_name": "octo/repo"}});
        assert_eq!(trigger("workflow_dispatch", &call).actor.kind, ActorKind::Automata);
    }

    #[test]
    fn the_author_that_is_gone_is_a_ghost() {
        let trigger = trigger("issues", &with(issue("opened"), "/issue/user", Value::Null));
        assert_eq!(trigger.issue().unwrap().author.login.as_str(), "ghost");
    }
}

mod identities {
    use super::*;

    #[test]
    fn a_rerun_tells_the_same_thing_again() {
        let schedule = json!({"schedule": "7 * * * *", "repository": {"full_name": "octo/repo"}});
        let bytes = schedule.to_string();
        let told = |run: &str, at: &str| {
            let context =
                IntakeContext { run: RunId::new(run), received_at: at.parse().unwrap(), ..context() };
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
}

mod lenience {
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
        let payload =
            with(comment(&account("ann", "User"), "hi"), "/issue/pull_request", json!({"url": "u"}));
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
}

mod refusals {
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
        ];
        let said: String = cases
            .iter()
            .map(|(name, it)| format!("{name}: {}\n", refusal("issues", it.to_string())))
            .collect();
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
}
