//! Who may start something.

use super::*;

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
