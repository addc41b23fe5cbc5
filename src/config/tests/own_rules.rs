//! Rules of the configuration.

use super::*;

#[test]
fn they_take_the_place_of_the_built_in_ones() {
    assert_eq!(asked(&configured("rules: []"), &on_issue("issues.opened", an_issue(PATCH))), "");
}

#[test]
fn each_names_itself_in_its_reason_and_nothing_is_asked_twice() {
    let config = configured(
        "rules:
- { on: pull_request, do: { label: any } }
- { on: [issues.opened, issues.edited], do: [analyse, { label: [new, triage] }, { assign: ann }, comment] }
- { on: issues, do: [analyse, { unlabel: stale }] }",
    );
    insta::assert_snapshot!(asked(&config, &on_issue("issues.opened", an_issue(""))), @r#"
      analyse issue/42 {} (rule 2 (`issues.opened`, `issues.edited`)) [analyse issue/42]
      label issue/42 {"add":["new","triage"]} (rule 2 (`issues.opened`, `issues.edited`)) [label issue/42 +new,triage -]
      assign issue/42 {"logins":["ann"]} (rule 2 (`issues.opened`, `issues.edited`)) [assign issue/42 ann]
      comment issue/42 {} (rule 2 (`issues.opened`, `issues.edited`)) [comment issue/42]
      label issue/42 {"remove":["stale"]} (rule 3 (`issues`)) [label issue/42 + -stale]
      "#);
    insta::assert_snapshot!(asked(&config, &on_pull("pull_request.synchronize")), @r#"label pull/9 {"add":["any"]} (rule 1 (`pull_request`)) [label pull/9 +any -]"#);
}

#[test]
fn every_condition_must_hold_and_one_of_a_list_is_enough() {
    let holds = |condition: &str| {
        let config =
            configured(&format!("rules: [{{ on: issue_comment, if: {condition}, do: {{ label: x }} }}]"));
        let issue = IssueFacts { labels: labels(&["Bug"]), ..an_issue(PATCH) };
        !rules::requests(&config, &on_comment("/Go now", issue)).is_empty()
    };
    for condition in [
        "{}",
        "{ label: bug }",
        "{ label: [x, BUG] }",
        "{ without_label: [x, y] }",
        "{ state: open }",
        "{ author: [x, BOB] }",
        "{ title_contains: crash }",
        "{ comment_starts_with: /go }",
        "{ has_patch: false }",
        "{ label: bug, author: bob, state: open }",
    ] {
        assert!(holds(condition), "{condition}");
    }
    for condition in [
        "{ label: x }",
        "{ without_label: [x, bug] }",
        "{ state: closed }",
        "{ author: ann }",
        "{ title_contains: [slow, hang] }",
        "{ comment_starts_with: /g }",
        "{ has_patch: true }",
        "{ label: bug, author: ann }",
    ] {
        assert!(!holds(condition), "{condition}");
    }
}
