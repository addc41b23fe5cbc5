//! `why` about what was found and is not to be seen: a label that is not there, somebody who is not assigned.

use automata::domain::id::Login;
use automata::services::github::local::{NewIssue, events};

use super::forge::LocalForge;
use super::program::file;

/// Carol's crash, under a configuration, in a repository with these labels.
fn crashed_under(configuration: &str, labels: &[&str]) -> LocalForge {
    let forge = LocalForge::new();
    let all: Vec<_> =
        labels.iter().map(|name| serde_json::json!({ "name": name, "color": "d73a4a" })).collect();
    let all = serde_json::Value::from(all);
    std::fs::write(forge.path().join("forge/labels.json"), all.to_string()).unwrap();
    forge.commits(".github/CODEOWNERS", "src/ @otto @carol @acme/parsers\n");
    if !configuration.is_empty() {
        forge.commits(".github/automata.yml", configuration);
    }
    let text = "thread 'main' panicked at src/main.rs:1";
    let payload = forge.opens("carol", "It crashes when I parse an empty line", text);
    forge.take_in(&payload).well();
    forge
}

/// What is not done, of an answer.
fn undone(forge: &LocalForge, asked: &[&str]) -> String {
    let told = forge.program(&[&["why"], asked].concat()).run().well().stdout;
    let from = told.find("Not done:\n").map_or("", |at| &told[at + "Not done:\n".len()..]);
    from.split("\n\n").next().unwrap_or_default().trim_end().to_owned()
}

const LABELS: [&str; 2] = ["bug", "priority: high"];

#[test]
fn a_label_is_not_set_because_its_feature_goes_not_that_far() {
    let mut told = String::new();
    for feature in [
        "mode: 'off'",
        "mode: observe",
        "mode: suggest",
        "rollout: 0%",
        "labels: [vetted]",
        "authors: [mona]",
        "from: 2999-01-01",
    ] {
        let forge = crashed_under(&format!("features: {{label: {{{feature}}}}}\n"), &LABELS);
        told += &format!("{feature}\n{}\n", undone(&forge, &["1", "bug"]));
        assert!(undone(&forge, &["1", "priority: high"]).contains("priority: high"), "{feature}");
        assert!(!undone(&forge, &["1"]).is_empty(), "{feature}");
    }
    insta::assert_snapshot!(super::program::plain(&told), @"
    mode: 'off'
    - label `bug` is not set
        because the feature `label` is off
    mode: observe
    - task ID1.1 `label` changed nothing
        because held: `label` only observes
        because it exists because: the analysis finds it `bug`, 81 % sure; the analysis finds it `high`, 65 % sure
        because what it is to change: +`bug`, +`priority: high`
    mode: suggest
    - task ID2.1 `label` is pending
        because waits for `/automata approve label`
        because it exists because: the analysis finds it `bug`, 81 % sure; the analysis finds it `high`, 65 % sure
        because what it is to change: +`bug`, +`priority: high`
    rollout: 0%
    - task ID3.1 `label` changed nothing
        because held: rollout 0 %, this issue is not in it
        because it exists because: the analysis finds it `bug`, 81 % sure; the analysis finds it `high`, 65 % sure
        because what it is to change: +`bug`, +`priority: high`
    labels: [vetted]
    - task ID4.1 `label` changed nothing
        because held: `label` is for issues with the label `vetted`
        because it exists because: the analysis finds it `bug`, 81 % sure; the analysis finds it `high`, 65 % sure
        because what it is to change: +`bug`, +`priority: high`
    authors: [mona]
    - task ID5.1 `label` changed nothing
        because held: `label` is for what `mona` wrote
        because it exists because: the analysis finds it `bug`, 81 % sure; the analysis finds it `high`, 65 % sure
        because what it is to change: +`bug`, +`priority: high`
    from: 2999-01-01
    - task ID6.1 `label` changed nothing
        because held: `label` begins at TIME
        because it exists because: the analysis finds it `bug`, 81 % sure; the analysis finds it `high`, 65 % sure
        because what it is to change: +`bug`, +`priority: high`
    ");
}

#[test]
fn a_label_is_not_set_because_the_repository_has_none() {
    let forge = crashed_under("", &["bug"]);
    insta::assert_snapshot!(undone(&forge, &["1"]), @"
    - label `priority: high` is not set
        because the repository had no such label when the issue was analysed; with `labels.create` it would be made
    ");
    insta::assert_snapshot!(undone(&forge, &["1", "priority: high"]), @"
    - label `priority: high` is not set
        because the repository had no such label when the issue was analysed; with `labels.create` it would be made
    ");
}

#[test]
fn somebody_is_not_assigned_because_the_configuration_does_not_want_it() {
    let forge = crashed_under("", &LABELS);
    insta::assert_snapshot!(undone(&forge, &["1", "otto"]), @"
    - `otto` is not assigned
        because `assign.owners` is not on: who looks after a place is named, and not assigned
    ");
    insta::assert_snapshot!(undone(&forge, &["1", "acme/parsers"]), @"
    - `acme/parsers` is not assigned
        because `assign.owners` is not on: who looks after a place is named, and not assigned
        because teams and mail addresses cannot be assigned
    ");
    insta::assert_snapshot!(undone(&forge, &["1", "@nobody"]), @"
    - `nobody` is not assigned
        because no place that the issue names is known to be looked after by them
    ");
    let forge = crashed_under(
        "assign: {owners: true, unavailable: [otto]}\nfeatures: {assign: {mode: 'off'}}\n",
        &LABELS,
    );
    insta::assert_snapshot!(undone(&forge, &["1", "otto"]), @"
    - `otto` is not assigned
        because `assign.unavailable` names them
        because the feature `assign` is off
    ");
    insta::assert_snapshot!(undone(&forge, &["1", "carol"]), @"
    - `carol` is not assigned
        because they opened it themselves
        because the feature `assign` is off
    ");
    let forge = crashed_under("assign: {owners: true}\nfeatures: {assign: {mode: suggest}}\n", &LABELS);
    insta::assert_snapshot!(super::program::plain(&undone(&forge, &["1", "otto"])), @"
    - task ID1.2 `assign` is pending
        because waits for `/automata approve assign`
        because it exists because: they look after a place that the issue mentions
        because what it is to change: otto
    ");
}

#[test]
fn under_an_unsound_configuration_nothing_is_claimed_of_it() {
    let forge = crashed_under("", &LABELS);
    forge.commits(
        ".github/automata.yml",
        "rules:\n  - on: issues.opened\n    do: {label: triaged-bug}\nnonsense: 1\n",
    );
    let payload = forge.opens("carol", "Another crash", "");
    forge.taking_in(&payload).run();
    insta::assert_snapshot!(undone(&forge, &["2", "triaged-bug"]), @"
    - event 15 waits for a sound configuration
        because .github/automata.yml:4:1: nonsense: there is no such key; there are `access`, `assign`, `assistants`, `bots`, `checks`, `comment`, `drive`, `features`, `labels`, `limits`, `mode`, `plugins`, `pull_re…
        because what to do: mend .github/automata.yml (`automata check` explains it); the next run decides what follows
    ");
}

#[test]
fn a_name_that_is_none_and_a_page_of_another_repository_are_refused() {
    let forge = crashed_under("", &LABELS);
    for asked in [
        &["1", ""][..],
        &["--", "-1"],
        &["https://github.com/other/repo/issues/1"],
        &["https://evil.example/issues/1"],
        &["https://github.com/acme/widgets-old/issues/1"],
    ] {
        let ran = forge.program(&[&["why"], asked].concat()).run();
        assert_eq!(ran.code, Some(2), "{asked:?}: {}", ran.stdout);
    }
    forge.program(&["why", "https://github.com/Acme/widgets/issues/1"]).run().well();
    insta::assert_snapshot!(forge.told(&["why", "https://github.com/other/repo/issues/1"]), @"
    exit code 2
    -- stderr
    error: `https://github.com/other/repo/issues/1` is not a page of acme/widgets
    hint: This log is that of acme/widgets. Name another one by GITHUB_REPOSITORY; for an issue of this one: automata why NUMBER.
    ");
    insta::assert_snapshot!(forge.told(&["why", "1", " "]), @"
    exit code 2
    -- stderr
    error: the name that is asked about is empty
    hint: Leave it out for all about the issue, or name a label, a login or a branch.
    ");
}

#[test]
fn a_label_that_was_never_set_and_somebody_who_only_said_something_are_answered() {
    let forge = crashed_under("features: {label: {mode: 'off'}}\n", &LABELS);
    insta::assert_snapshot!(forge.told(&["why", "priority: low"]), @r#"
    exit code 0
    -- stdout
    `priority: low`

    Not done:
    - no task has set the label `priority: low` anywhere
        because it is for what the analysis finds `low`
        because the feature `label` is on `off`
        because for one issue: automata why NUMBER "priority: low"
    "#);
    insta::assert_snapshot!(forge.told(&["why", "carol"]), @"
    exit code 0
    -- stdout
    `carol`

    Story:
      1 TIME carol opened issue #1: It crashes when I parse an empty line
    ");
}

#[test]
fn what_only_observes_says_so_of_everything() {
    let forge = crashed_under("mode: observe\n", &LABELS);
    insta::assert_snapshot!(super::program::plain(&undone(&forge, &["1", "bug"])), @"
    - task ID1.1 `label` changed nothing
        because observe mode: nothing was changed outside
        because it exists because: the analysis finds it `bug`, 81 % sure; the analysis finds it `high`, 65 % sure
        because what it is to change: +`bug`, +`priority: high`
    ");
}

#[test]
fn a_label_is_not_set_because_somebody_chose_another_of_its_kind() {
    let forge = LocalForge::new();
    let labels = r#"[{"name":"bug","color":"d73a4a"},{"name":"enhancement","color":"a2eeef"}]"#;
    std::fs::write(forge.path().join("forge/labels.json"), labels).unwrap();
    let new = NewIssue {
        key: "chosen".to_owned(),
        author: Login::new("carol"),
        title: "It crashes when I parse an empty line".to_owned(),
        body: "thread 'main' panicked at src/main.rs:1".to_owned(),
        labels: vec!["enhancement".to_owned()],
    };
    let issue = forge.forge().open_issue(&new).unwrap();
    let payload = events::issue_opened(forge.forge(), &issue).unwrap();
    let payload = file(forge.path(), "event.json", payload.to_string().as_bytes());
    forge.take_in(&payload).well();
    insta::assert_snapshot!(undone(&forge, &["1", "bug"]), @"
    - label `bug` is not set
        because somebody set `enhancement`, and one of its kind is enough
    ");
    insta::assert_snapshot!(undone(&forge, &["1", "enhancement"]), @"
    - label `bug` is not set
        because somebody set `enhancement`, and one of its kind is enough
    - label `enhancement` is there, and not because of Automata
        because it stands for `feature`, and the analysis finds `bug`
    ");
}
