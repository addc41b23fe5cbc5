//! What follows from an analysis.

use super::*;

#[test]
fn labels_that_the_repository_has_are_added_and_the_comment_comes_last() {
    let existing = labels(&["bug", "priority: high"]);
    let known = Known { existing_labels: &existing, ..Known::default() };
    insta::assert_snapshot!(follows(&Config::default(), &an_issue(""), &an_analysis(), known), @r#"
      label issue/42 {"add":["bug","priority: high"]} (the analysis finds it `bug`, 90 % sure; the analysis finds it `high`, 70 % sure) [label issue/42 +bug,priority: high -]
      comment issue/42 {} (the analysis is shown in the status comment) [comment issue/42]
      "#);
}

#[test]
fn labels_are_made_only_when_the_configuration_says_so() {
    let with = configured("{ labels: { create: true } }");
    assert_eq!(
        follows(&Config::default(), &an_issue(""), &an_analysis(), Known::default())
            .matches("label ")
            .count(),
        0
    );
    let made = follows(&with, &an_issue(""), &an_analysis(), Known::default());
    assert!(made.contains(r#"{"add":["bug","priority: high"]}"#), "{made}");
}

#[test]
fn what_people_decided_stands() {
    let existing = labels(&["bug", "enhancement", "priority: high", "priority: low"]);
    let refused = labels(&["Priority: High"]);
    let known = Known { existing_labels: &existing, refused_labels: &refused, has_comment: false };
    let labelled = IssueFacts { labels: labels(&["Enhancement"]), ..an_issue("") };
    assert!(!follows(&Config::default(), &labelled, &an_analysis(), known).contains("\"add\""));
    let owners = configured("assign: { owners: true }");
    let taken = IssueFacts { assignees: vec!["carol".into()], ..an_issue("") };
    assert!(!follows(&owners, &taken, &an_analysis(), known).contains("logins"));
}

#[test]
fn owners_who_are_people_are_assigned_once_each() {
    let owners = configured("assign: { owners: true }");
    insta::assert_snapshot!(follows(&owners, &an_issue(""), &an_analysis(), Known::default()), @r#"
      assign issue/42 {"logins":["ann"]} (CODEOWNERS names them for a place that the issue mentions) [assign issue/42 ann]
      comment issue/42 {} (the analysis is shown in the status comment) [comment issue/42]
      "#);
}

#[test]
fn what_is_not_sure_leads_to_nothing() {
    let unsure = Analysis {
        issue_type: finding(IssueType::Bug, 0.59),
        urgency: finding(Urgency::High, 0.1),
        ..Analysis::default()
    };
    let existing = labels(&["bug", "priority: high"]);
    let known = Known { existing_labels: &existing, ..Known::default() };
    assert_eq!(follows(&Config::default(), &an_issue(""), &unsure, known), "");
    let shown = Known { has_comment: true, ..known };
    assert!(follows(&Config::default(), &an_issue(""), &unsure, shown).starts_with("comment issue/42"));
    let place =
        CodePlace { path: "src/a.rs".to_owned(), line: None, symbol: None, mention: "src/a.rs".to_owned() };
    let placed = Analysis { places: vec![place], ..unsure };
    assert!(follows(&Config::default(), &an_issue(""), &placed, known).starts_with("comment issue/42"));
}

#[test]
fn rules_on_analysed_see_what_was_found() {
    let config = configured(
        "rules:
- { on: analysed, if: { type: bug, urgency: [high, critical] }, do: [comment, { label: hot }, implement] }
- { on: analysed, if: { type: feature }, do: { label: idea } }
- { on: issues.opened, do: { label: never } }",
    );
    insta::assert_snapshot!(follows(&config, &an_issue(""), &an_analysis(), Known::default()), @r#"
      label issue/42 {"add":["hot"]} (rule 1 (`analysed`)) [label issue/42 +hot -]
      implement issue/42 {"source":{"kind":"issue"}} (rule 1 (`analysed`)) [implement issue/42]
      comment issue/42 {} (the analysis is shown in the status comment) [comment issue/42]
      "#);
}

#[test]
fn a_pull_request_has_no_verdict() {
    let pull = IssueFacts { is_pull: true, ..an_issue("") };
    assert_eq!(follows(&Config::default(), &pull, &an_analysis(), Known::default()), "");
}
