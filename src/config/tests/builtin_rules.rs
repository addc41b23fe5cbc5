//! What happens while the configuration has no rules.

use super::*;
use crate::domain::input;

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
fn what_is_said_in_a_comment_becomes_one_task_that_judges_it() {
    let both = format!("  /Automata implement\nplease\n/automata lable +x\n\n{PATCH}");
    insta::assert_snapshot!(asked(&Config::default(), &on_comment(&both, an_issue(""))), @r#"obey issue/42 {"comment":7,"at":"1970-01-01T00:00:00Z","actors":[{"kind":"person","login":"bob"},{"kind":"person","login":"ann"}],"lines":[{"word":"implement"},{"misread":{"line":"/automata lable +x","problem":"There is no word `lable`.","hint":"Did you mean `/automata label +bug -\"needs triage\"`? `/automata help` shows them all."}}]} (ann said `implement`) [-]"#);
}

#[test]
fn an_edit_that_changes_no_word_is_the_same_request_and_an_editor_is_named() {
    let key = |body: &str, action: &str, editor: &str| {
        let told = on_comment(body, an_issue(""));
        let action = Some(action.to_owned());
        let told = Trigger { action, actor: Actor::person(editor), ..told };
        let requests = rules::requests(&Config::default(), &told);
        let input: input::Obey = requests[0].spec.input.read().unwrap();
        (requests[0].spec.idempotency.clone(), input.actors.len())
    };
    let said = key("/automata stop", "created", "bob");
    assert_eq!(key("Please:\n/automata stop", "edited", "bob").0, said.0);
    assert_ne!(key("/automata pause", "edited", "bob").0, said.0);
    assert_eq!((said.1, key("/automata stop", "edited", "ben").1), (1, 2));
}

#[test]
fn words_that_are_not_said_to_automata_are_none() {
    for body in ["/automataimplement", "please /automata implement", "> /automata implement"] {
        assert_eq!(asked(&Config::default(), &on_comment(body, an_issue(""))), "", "{body}");
    }
    let deleted =
        Trigger { action: Some("deleted".to_owned()), ..on_comment("/automata stop", an_issue("")) };
    assert_eq!(asked(&Config::default(), &deleted), "");
}

#[test]
fn a_comment_on_a_pull_request_asks_for_nothing() {
    let pull = IssueFacts { is_pull: true, ..an_issue("") };
    assert_eq!(asked(&Config::default(), &on_comment(PATCH, pull)), "");
}
