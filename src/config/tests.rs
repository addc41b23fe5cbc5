//! Which tasks follow from what, and how the checker keeps step with the schema.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::*;
use crate::domain::actor::Actor;
use crate::domain::id::{IssueNumber, TriggerIdentity};
use crate::domain::subject::Subject;
use crate::domain::task::TaskRequest;
use crate::domain::time::Timestamp;
use crate::domain::trigger::{About, CommentFacts, IssueFacts, OpenState, PullFacts, Trigger};
use crate::domain::untrusted::Excerpt;
use crate::domain::verdict::{Analysis, CodePlace, Finding, IssueType, Owner, Urgency};

const PATCH: &str = "Try:\n```diff\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n```\n";

fn configured(yaml: &str) -> Config {
    parse(yaml).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn an_issue(body: &str) -> IssueFacts {
    IssueFacts {
        number: IssueNumber(42),
        title: Excerpt::title("Crash on start"),
        body: Excerpt::body(body),
        author: Actor::person("ann"),
        state: OpenState::Open,
        labels: vec![],
        assignees: vec![],
        is_pull: false,
        created_at: Timestamp::default(),
        updated_at: Timestamp::default(),
    }
}

fn trigger(name: &str, subject: Subject, about: About) -> Trigger {
    let (event, action) = name.split_once('.').map_or((name, None), |(event, action)| (event, Some(action)));
    Trigger {
        identity: TriggerIdentity::new(name),
        event: event.to_owned(),
        action: action.map(str::to_owned),
        at: Timestamp::default(),
        actor: Actor::person("ann"),
        subject,
        hops: 0,
        about,
    }
}

fn on_issue(name: &str, issue: IssueFacts) -> Trigger {
    trigger(name, Subject::Issue(issue.number), About::Issue { issue, change: None })
}

fn on_comment(body: &str, issue: IssueFacts) -> Trigger {
    let comment = CommentFacts {
        id: 7,
        author: Actor::person("bob"),
        body: Excerpt::body(body),
        created_at: Timestamp::default(),
    };
    let subject = if issue.is_pull { Subject::Pull(issue.number) } else { Subject::Issue(issue.number) };
    trigger("issue_comment.created", subject, About::Comment { issue, comment })
}

fn on_pull(name: &str) -> Trigger {
    let pull = PullFacts {
        number: IssueNumber(9),
        title: Excerpt::title("WIP: faster"),
        body: Excerpt::default(),
        author: Actor::person("ann"),
        state: OpenState::Open,
        merged: false,
        draft: true,
        head: "faster".to_owned(),
        head_commit: "c".to_owned(),
        base: "main".to_owned(),
        from_fork: false,
        labels: vec!["Draft".to_owned()],
    };
    trigger(name, Subject::Pull(pull.number), About::Pull { pull, change: None })
}

fn show(requests: &[TaskRequest]) -> String {
    requests.iter().fold(String::new(), |mut text, request| {
        let spec = &request.spec;
        writeln!(
            text,
            "{} {} {} ({}) [{}]",
            spec.kind,
            spec.subject,
            spec.input.as_str(),
            spec.reason,
            spec.unique.as_deref().unwrap_or("-")
        )
        .unwrap();
        text
    })
}

fn asked(config: &Config, trigger: &Trigger) -> String {
    show(&rules::requests(config, trigger))
}

fn finding<T>(value: T, confidence: f64) -> Option<Finding<T>> {
    Some(Finding { value, confidence, reasons: vec!["because".to_owned()] })
}

fn an_analysis() -> Analysis {
    Analysis {
        issue_type: finding(IssueType::Bug, 0.9),
        urgency: finding(Urgency::High, 0.7),
        owners: vec![
            Owner { name: "ann".into(), reason: "line 1".to_owned() },
            Owner { name: "octo/team".into(), reason: "line 1".to_owned() },
            Owner { name: "Ann".into(), reason: "line 2".to_owned() },
            Owner { name: "mail@example.org".into(), reason: "line 3".to_owned() },
        ],
        ..Analysis::default()
    }
}

fn labels(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn follows(config: &Config, issue: &IssueFacts, analysis: &Analysis, known: Known<'_>) -> String {
    show(&rules::after_analysis(config, issue, analysis, &known))
}

mod builtin_rules {
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
        let schedule =
            trigger("schedule", Subject::Repository, About::Schedule { cron: "7 * * * *".to_owned() });
        assert_eq!(asked(&Config::default(), &schedule), "");
    }

    #[test]
    fn a_patch_in_a_comment_is_tried_from_the_comment() {
        insta::assert_snapshot!(asked(&Config::default(), &on_comment(PATCH, an_issue(""))), @r#"implement issue/42 {"source":{"kind":"comment","id":7}} (built-in rule: a patch in a new issue or comment is tried) [implement issue/42 comment/7]"#);
    }

    #[test]
    fn a_command_asks_for_the_issues_patch_or_its_own() {
        insta::assert_snapshot!(asked(&Config::default(), &on_comment("  /Automata implement\nplease", an_issue(PATCH))), @r#"implement issue/42 {"source":{"kind":"issue"}} (built-in rule: a comment that begins with `/automata implement` asks for a change) [implement issue/42]"#);
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
}

mod own_rules {
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
}

mod after_analysis {
    use super::*;

    #[test]
    fn labels_that_the_repository_has_are_added_and_the_comment_comes_last() {
        let existing = labels(&["bug", "priority: high"]);
        let known = Known { existing_labels: &existing, ..Known::default() };
        insta::assert_snapshot!(follows(&Config::default(), &an_issue(""), &an_analysis(), known), @r#"
        label issue/42 {"add":["bug"]} (the analysis finds it `bug`, 90 % sure) [label issue/42 +bug -]
        label issue/42 {"add":["priority: high"]} (the analysis finds it `high`, 70 % sure) [label issue/42 +priority: high -]
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
        assert_eq!(
            follows(&with, &an_issue(""), &an_analysis(), Known::default()).matches("\"add\"").count(),
            2
        );
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
        let place = CodePlace {
            path: "src/a.rs".to_owned(),
            line: None,
            symbol: None,
            mention: "src/a.rs".to_owned(),
        };
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
}

mod schema_and_checker {
    use super::*;

    fn keywords(schema: &Value, found: &mut BTreeSet<String>) {
        let Some(object) = schema.as_object() else { return };
        for (keyword, value) in object {
            found.insert(keyword.clone());
            match keyword.as_str() {
                "properties" | "$defs" => {
                    value.as_object().unwrap().values().for_each(|one| keywords(one, found))
                }
                "items" => keywords(value, found),
                "anyOf" | "oneOf" => value.as_array().unwrap().iter().for_each(|one| keywords(one, found)),
                _ => {}
            }
        }
    }

    #[test]
    fn the_checker_knows_every_keyword_that_the_schema_uses() {
        let mut found = BTreeSet::new();
        keywords(schema::root(), &mut found);
        let unknown: Vec<&String> =
            found.iter().filter(|word| !check::KEYWORDS.contains(&word.as_str())).collect();
        assert!(unknown.is_empty(), "check.rs does not look at {unknown:?}");
    }

    #[test]
    fn every_key_is_described() {
        fn undescribed(place: &str, schema: &Value, found: &mut Vec<String>) {
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                // The six actions are described where they are chosen.
                if property["description"].is_null()
                    && !matches!(name.as_str(), "label" | "unlabel" | "assign")
                {
                    found.push(format!("{place}.{name}"));
                }
            }
        }
        let mut found = Vec::new();
        undescribed("", schema::root(), &mut found);
        for (name, definition) in schema::root()["$defs"].as_object().unwrap() {
            undescribed(name, definition, &mut found);
        }
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn no_configuration_opens_the_protected_paths() {
        let config = configured("pull_requests: { protected: ['secrets/**'] }");
        assert_eq!(
            config.pull_requests.protected_paths(),
            [".github/**", "CODEOWNERS", "docs/CODEOWNERS", "secrets/**"]
        );
    }
}
