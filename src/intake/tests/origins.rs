//! Who may start something.

use super::*;

/// A status comment as Automata writes it on issue 5.
const STATUS: &str = "<!-- automata:status issue/5 seq=9 hop=1 -->\n**bug** (97% sure)\n";
/// The end of a pull request's text as Automata writes it.
const OUR_PULL: &str = "Closes #5\n\n<!-- automata:pull_request issue/5 task=t.1 hop=1 -->\n";

#[test]
fn a_person_starts_something_whatever_marker_the_text_contains() {
    for body in ["please fix", "<!-- automata:status hop=3 -->", "<!-- automata:status hop=200 --> again"] {
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
    assert_eq!(ignored("issue_comment", &comment(&account(OURS, "Bot"), STATUS)), reason);
    assert_eq!(ignored("issues", &with(issue("labeled"), "/sender", account(OURS, "Bot"))), reason);
    let push = json!({
        "ref": "refs/heads/automata/issue-1-x", "before": "0", "after": "1",
        "sender": account(OURS, "Bot"), "repository": {"full_name": "octo/repo"},
    });
    assert_eq!(ignored("push", &push), reason);
    for (action, body) in [("opened", OUR_PULL), ("edited", OUR_PULL), ("synchronize", "anything")] {
        let payload = with(pull(action), "/pull_request/body", json!(body));
        assert_eq!(
            ignored("pull_request", &with(payload, "/sender", account(OURS, "Bot"))),
            reason,
            "{action}"
        );
    }
}

#[test]
fn a_text_under_our_account_without_our_marker_is_somebody_elses() {
    // Every workflow of a repository writes as `github-actions[bot]`; not all of it is Automata's.
    let reason = "`automata-app[bot]` is a bot, and `bots.allow` in the configuration does not name it";
    let bot = account(OURS, "Bot");
    for body in ["Coverage is 97 %.", &format!("> {STATUS}"), "<!-- automata:status issue/6 seq=1 hop=1 -->"]
    {
        assert_eq!(ignored("issue_comment", &comment(&bot, body)), reason, "{body}");
    }
    let opened = with(with(issue("opened"), "/issue/body", json!(STATUS)), "/sender", bot.clone());
    assert_eq!(ignored("issues", &opened), reason, "Automata opens no issues");

    let context = IntakeContext { allowed_bots: vec!["automata-app".into()], ..context() };
    let heard =
        |body: &str| read("issue_comment", comment(&bot, body).to_string().as_bytes(), &context).unwrap();
    assert!(matches!(heard("Coverage is 97 %."), Intake::Trigger(_)));
    assert!(matches!(heard(STATUS), Intake::Ignored { .. }), "no configuration makes us answer ourselves");
}

#[test]
fn a_marker_forged_by_another_bot_does_not_make_it_us() {
    for body in
        [STATUS.to_owned(), format!("Look:\n{STATUS}"), "<!-- automata:status hop=1 -->\nDone".to_owned()]
    {
        assert_eq!(
            ignored("issue_comment", &comment(&account("helper[bot]", "Bot"), &body)),
            "`helper[bot]` is a bot, and `bots.allow` in the configuration does not name it"
        );
    }
}

#[test]
fn a_person_whose_token_we_use_is_told_from_us_by_the_marker() {
    let person = account("maintainer", "User");
    assert_eq!(trigger("issue_comment", &comment(&person, "please fix")).actor.kind, ActorKind::Person);
    let reason = "Automata did this itself, as `maintainer`";
    assert_eq!(ignored("issue_comment", &comment(&person, STATUS)), reason);
    let opened = with(with(pull("opened"), "/pull_request/body", json!(OUR_PULL)), "/sender", person);
    assert_eq!(ignored("pull_request", &opened), reason);
}

#[test]
fn a_person_who_quotes_the_marker_silences_nothing() {
    let person = account("maintainer", "User");
    for body in [
        format!("> {}", STATUS.replace('\n', "\n> ")),
        format!("It wrote `{STATUS}`, and that is wrong."),
        format!("See:\n{STATUS}"),
        STATUS.replace("issue/5", "issue/4"),
        "<!-- automata:status -->".to_owned(),
        "<!-- automata:pull_request issue/5 task=t hop=1 -->".to_owned(),
    ] {
        assert_eq!(
            trigger("issue_comment", &comment(&person, &body)).actor.kind,
            ActorKind::Person,
            "{body}"
        );
    }
    for action in ["opened", "edited"] {
        let payload = with(with(issue(action), "/issue/body", json!(STATUS)), "/sender", person.clone());
        assert_eq!(trigger("issues", &payload).actor.kind, ActorKind::Person, "{action}");
        let payload = with(pull(action), "/pull_request/body", json!(format!("> {OUR_PULL}\nNo.")));
        assert_eq!(trigger("pull_request", &with(payload, "/sender", person.clone())).hops, 0, "{action}");
    }
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
    let opened_by_app = with(issue("labeled"), "/issue/performed_via_github_app", json!({"slug": "slack"}));
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
