//! What happens while the configuration has no rules.

use super::*;

#[test]
fn a_new_issue_is_analysed_and_its_patch_tried() {
    insta::assert_snapshot!(asked(&Config::default(), &on_issue("issues.opened", an_issue("It breaks"))), @r#"analyse issue/42 {} (built-in rule: an issue that was opened, reopened or edited is analysed) [analyse issue/42]"#);
    insta::assert_snapshot!(asked(&Config::default(), &on_issue("issues.opened", an_issue(PATCH))), @r#"
    analyse issue/42 {} (built-in rule: an issue that was opened, reopened or edited is analysed) [analyse issue/42]
    implement issue/42 {"source":{"kind":"issue"}} (built-in rule: a patch in a new issue or comment is tried) [implement issue/42]
    "#);
}

#[test]
fn edits_ask_for_the_same_analysis_so_that_a_burst_leads_to_one() {
    let edited = rules::requests(&Config::default(), &on_issue("issues.edited", an_issue(PATCH)));
    assert_eq!(edited.len(), 1);
    assert_eq!(edited[0].spec.unique.as_deref(), Some("analyse issue/42"));
}

#[test]
fn a_closed_issue_and_other_actions_lead_to_nothing() {
    let closed = IssueFacts { state: OpenState::Closed, ..an_issue(PATCH) };
    assert_eq!(asked(&Config::default(), &on_issue("issues.edited", closed)), "");
    for name in ["issues.labeled", "issues.closed", "issues.deleted", "issues.something_new"] {
        assert_eq!(asked(&Config::default(), &on_issue(name, an_issue(PATCH))), "", "{name}");
    }
    assert_eq!(asked(&Config::default(), &on_pull("pull_request.opened")), "");
    let schedule = trigger("schedule", Subject::Repository, About::Schedule { cron: "7 * * * *".to_owned() });
    assert_eq!(asked(&Config::default(), &schedule), "");
}

#[test]
fn a_patch_in_a_comment_is_tried_from_the_comment() {
    insta::assert_snapshot!(asked(&Config::default(), &on_comment(PATCH, an_issue(""))), @r#"implement issue/42 {"source":{"kind":"comment","id":7}} (built-in rule: a patch in a new issue or comment is tried) [implement issue/42 comment/7]"#);
}

#[test]
fn a_command_names_its_comment_so_that_its_author_is_checked() {
    insta::assert_snapshot!(asked(&Config::default(), &on_comment("  /Automata implement\nplease", an_issue(PATCH))), @r#"implement issue/42 {"source":{"kind":"comment","id":7}} (built-in rule: a comment that begins with `/automata implement` asks for a change) [implement issue/42 comment/7]"#);
    let both = format!("/automata implement\n{PATCH}");
    insta::assert_snapshot!(asked(&Config::default(), &on_comment(&both, an_issue(""))), @r#"implement issue/42 {"source":{"kind":"comment","id":7}} (built-in rule: a patch in a new issue or comment is tried) [implement issue/42 comment/7]"#);
}

#[test]
fn words_that_only_look_like_the_command_are_none() {
    for body in
        ["/automata implemented it", "please /automata implement", "/automata", "> /automata implement"]
    {
        assert_eq!(asked(&Config::default(), &on_comment(body, an_issue(""))), "", "{body}");
    }
}

#[test]
fn a_comment_on_a_pull_request_asks_for_nothing() {
    let pull = IssueFacts { is_pull: true, ..an_issue("") };
    assert_eq!(asked(&Config::default(), &on_comment(PATCH, pull)), "");
}
