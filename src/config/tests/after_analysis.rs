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
    let known = Known { existing_labels: &existing, refused_labels: &refused, ..Known::default() };
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
      assign issue/42 {"logins":["olga"]} (they look after a place that the issue mentions) [assign issue/42 olga]
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

#[test]
fn of_a_group_one_label_stays_and_a_person_s_wins() {
    let config =
        configured("labels: { exclusive: ['area: *'], also: [{label: 'area: web', words: [page]}] }");
    let existing = labels(&["bug", "question", "priority: high", "area: web", "area: core"]);
    let found =
        LabelFinding { label: "area: web".into(), confidence: 0.9, reasons: vec!["It is.".to_owned()] };
    let analysis = Analysis { labels: vec![found], ..an_analysis() };
    let told = |held: &[&str], ours: &[&str]| {
        let (held, ours) = (labels(held), labels(ours));
        let known = Known { existing_labels: &existing, our_labels: &ours, ..Known::default() };
        let issue = IssueFacts { labels: held, ..an_issue("") };
        follows(&config, &issue, &analysis, known).lines().next().unwrap_or_default().to_owned()
    };
    let all = [
        told(&["question", "Area: core"], &["question", "Area: core"]),
        told(&["question", "area: core"], &[]),
        told(
            &["question", "bug", "area: core", "area: web", "priority: high"],
            &["bug", "area: web", "priority: high"],
        ),
        told(&["bug", "priority: high", "area: web"], &[]),
    ];
    insta::assert_snapshot!(all.join("\n"), @r#"
    label issue/42 {"add":["bug","priority: high","area: web"],"remove":["question","Area: core"]} (the analysis finds it `bug`, 90 % sure, and no longer `question`; the analysis finds it `high`, 70 % sure; It is, and no longer `Area: core`) [label issue/42 +bug,priority: high,area: web -question,Area: core]
    label issue/42 {"add":["priority: high"]} (the analysis finds it `high`, 70 % sure) [label issue/42 +priority: high -]
    label issue/42 {"remove":["bug","area: web"]} (somebody set `question`, and one of its kind is enough; somebody set `area: core`, and one of its kind is enough) [label issue/42 + -bug,area: web]
    comment issue/42 {} (the analysis is shown in the status comment) [comment issue/42]
    "#);
}

#[test]
fn each_action_has_its_own_threshold() {
    let config = configured(
        "{ triage: { confidence: { label: 0.8, rules: 0.95 } }, assign: { owners: true }, rules: [{ on: analysed, if: { type: bug }, do: { label: hot } }] }",
    );
    let existing = labels(&["bug", "priority: high"]);
    let known = Known { existing_labels: &existing, ..Known::default() };
    insta::assert_snapshot!(follows(&config, &an_issue(""), &an_analysis(), known), @r#"
    label issue/42 {"add":["bug"]} (the analysis finds it `bug`, 90 % sure) [label issue/42 +bug -]
    assign issue/42 {"logins":["olga"]} (they look after a place that the issue mentions) [assign issue/42 olga]
    comment issue/42 {} (the analysis is shown in the status comment) [comment issue/42]
    "#);
}

#[test]
fn owners_who_are_away_busy_or_the_reporter_are_passed_over_and_the_rest_take_turns() {
    let owner = |name: &str, confidence| Owner { name: name.into(), reason: String::new(), confidence };
    let owners = ["ann", "bob", "cy", "di", "ed"]
        .map(|name| owner(name, 0.9))
        .into_iter()
        .chain([owner("guess", 0.3)])
        .collect();
    let analysis = Analysis { owners, ..Analysis::default() };
    let load = |login: &str, open, newest| Load { login: login.into(), open, newest: IssueNumber(newest) };
    let loads = [load("bob", 5, 3), load("di", 1, 40), load("ed", 1, 7)];
    let refused = ["refused".into()];
    let known = Known { loads: &loads, refused_assignees: &refused, ..Known::default() };
    let who = |yaml: &str| {
        let told = follows(&configured(yaml), &an_issue(""), &analysis, known);
        told.lines().find(|line| line.starts_with("assign")).unwrap_or_default().to_owned()
    };
    let all = [
        who("assign: { owners: true }"),
        who("assign: { owners: true, unavailable: [Cy], most_open: 5 }"),
        who("assign: { owners: true, unavailable: [cy], most_open: 5, round_robin: true }"),
        who("assign: { owners: true, most_open: 5, round_robin: true }"),
        who("assign: { unavailable: [cy] }"),
    ];
    insta::assert_snapshot!(all.join("\n"), @r#"
    assign issue/42 {"logins":["bob","cy","di","ed"]} (they look after a place that the issue mentions) [assign issue/42 bob,cy,di,ed]
    assign issue/42 {"logins":["di","ed"]} (they look after a place that the issue mentions) [assign issue/42 di,ed]
    assign issue/42 {"logins":["ed"]} (they look after a place that the issue mentions, and it is their turn) [assign issue/42 ed]
    assign issue/42 {"logins":["cy"]} (they look after a place that the issue mentions, and it is their turn) [assign issue/42 cy]
    "#);
}

#[test]
fn a_quiet_report_leads_to_its_labels_and_the_pointer_only() {
    let config = configured(
        "{ triage: { security: { label: security } }, rules: [{ on: analysed, do: [implement, { label: hot }] }] }",
    );
    let report =
        SecurityReport { confidence: 0.9, reasons: vec![], quiet: true, policy: None, private: None };
    let analysis =
        Analysis { security: Some(report), urgency: finding(Urgency::Critical, 0.9), ..Analysis::default() };
    let existing = labels(&["security", "priority: critical"]);
    let known = Known { existing_labels: &existing, ..Known::default() };
    insta::assert_snapshot!(follows(&config, &an_issue(""), &analysis, known), @r#"
    label issue/42 {"add":["security","priority: critical"]} (it reads like a report of a weakness, 90 % sure; the analysis finds it `critical`, 90 % sure) [label issue/42 +security,priority: critical -]
    label issue/42 {"add":["hot"]} (rule 1 (`analysed`)) [label issue/42 +hot -]
    comment issue/42 {} (the analysis is shown in the status comment) [comment issue/42]
    "#);
}

#[test]
fn what_is_missing_is_labelled_and_comes_back_when_nobody_answers() {
    let config = configured("{ labels: { needs_info: needs-info }, triage: { stale: { after: 14d } } }");
    let need = Need {
        what: "the version that you use".to_owned(),
        reason: "The configuration wants `version`.".to_owned(),
    };
    let asking = Analysis { missing: vec![need], ..Analysis::default() };
    let (existing, ours) = (labels(&["needs-info"]), labels(&["needs-info"]));
    let known = Known { existing_labels: &existing, our_labels: &ours, may_remind: true, ..Known::default() };
    let answered = IssueFacts { labels: labels(&["Needs-Info"]), ..an_issue("") };
    let all = [
        follows(&config, &an_issue(""), &asking, known),
        follows(&config, &answered, &Analysis::default(), known),
        follows(&config, &an_issue(""), &asking, Known { may_remind: false, ..known }),
    ];
    insta::assert_snapshot!(all.join("--\n"), @r#"
    label issue/42 {"add":["needs-info"]} (it lacks the version that you use) [label issue/42 +needs-info -]
    remind issue/42 {} (it lacks what is needed; an answer is waited for until 14d are over) [remind issue/42]
    comment issue/42 {} (the analysis is shown in the status comment) [comment issue/42]
    --
    label issue/42 {"remove":["needs-info"]} (what was missing has come) [label issue/42 + -needs-info]
    comment issue/42 {} (the analysis is shown in the status comment) [comment issue/42]
    --
    label issue/42 {"add":["needs-info"]} (it lacks the version that you use) [label issue/42 +needs-info -]
    comment issue/42 {} (the analysis is shown in the status comment) [comment issue/42]
    "#);
    let asked = rules::after_analysis(&config, &an_issue(""), &asking, &known);
    let put_off: Vec<_> = asked.iter().filter_map(|request| request.spec.not_before).collect();
    assert_eq!(put_off, ["1970-01-15T00:00:00Z".parse().unwrap()]);
}

#[test]
fn a_duplicate_always_names_the_number_and_an_issue_type_is_set_where_none_is() {
    let config = configured("labels: { duplicate: duplicate, issue_types: { bug: Bug } }");
    let analysis = Analysis { duplicate: finding(IssueNumber(7), 0.93), ..an_analysis() };
    let existing = labels(&["duplicate"]);
    let known = Known { existing_labels: &existing, may_set_type: true, ..Known::default() };
    let theirs = Known { may_set_type: false, ..known };
    let all = [known, theirs].map(|known| follows(&config, &an_issue(""), &analysis, known));
    insta::assert_snapshot!(all.join("--\n"), @r#"
    label issue/42 {"add":["duplicate"]} (it repeats #7) [label issue/42 +duplicate -]
    set_type issue/42 {"name":"Bug"} (the analysis finds it `bug`, 90 % sure) [set_type issue/42]
    comment issue/42 {} (the analysis is shown in the status comment) [comment issue/42]
    --
    label issue/42 {"add":["duplicate"]} (it repeats #7) [label issue/42 +duplicate -]
    comment issue/42 {} (the analysis is shown in the status comment) [comment issue/42]
    "#);
}
