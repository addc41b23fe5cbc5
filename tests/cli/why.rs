//! `why` about anything that can be seen, and about what cannot.

use super::forge::LocalForge;

/// Carol's crash was labelled, and told in a status comment.
fn crashed() -> LocalForge {
    let forge = LocalForge::new();
    std::fs::write(
        forge.path().join("forge/labels.json"),
        r#"[{"name":"bug","color":"d73a4a"},{"name":"enhancement","color":"a2eeef"}]"#,
    )
    .unwrap();
    let payload = forge.opens(
        "carol",
        "It crashes when I parse an empty line",
        "thread 'main' panicked at src/main.rs:1",
    );
    forge.take_in(&payload).well();
    forge
}

#[test]
fn why_tells_of_a_label_wherever_it_was_put() {
    let forge = crashed();
    insta::assert_snapshot!(forge.told(&["why", "bug"]), @"
    exit code 0
    -- stdout
    `bug`

    Done:
    - labels +bug
        because task ID1.1 `label`: the analysis finds it `bug`, 81 % sure
        because it follows from task ID2.1 `analyse`: built-in rule: an issue that was opened, reopened or edited is analysed
        because event 1 TIME carol opened issue #1: It crashes when I parse an empty line
        because receipt at event 11, done: +bug

    Story:
      1 TIME carol opened issue #1: It crashes when I parse an empty line
      9 TIME about to change labels on issue/1: +bug
      11 TIME labels done: +bug
    ");
    let json = forge.program(&["why", "bug", "--format", "json"]).run().well().json();
    assert_eq!(json["changes"].as_array().unwrap().len(), 1);
    assert_eq!(json["issue"], serde_json::Value::Null);
}

#[test]
fn why_tells_what_names_a_thing_about_one_issue() {
    let forge = crashed();
    insta::assert_snapshot!(forge.told(&["why", "1", "bug"]), @"
    exit code 0
    -- stdout
    issue #1, `bug`

    Found:
    - it is a bug (81% sure)
        because it shows a failing program: “panicked at”.
        because the title says “crash”.
        because the title says “when”.

    Done:
    - labels +bug
        because task ID1.1 `label`: the analysis finds it `bug`, 81 % sure
        because it follows from task ID2.1 `analyse`: built-in rule: an issue that was opened, reopened or edited is analysed
        because event 1 TIME carol opened issue #1: It crashes when I parse an empty line
        because receipt at event 11, done: +bug

    Story:
      5 TIME task ID1.1 `label` enqueued: the analysis finds it `bug`, 81 % sure
      9 TIME about to change labels on issue/1: +bug
      11 TIME labels done: +bug
    ");
}

#[test]
fn why_tells_of_a_task_by_the_beginning_of_its_id_and_of_a_comment_by_its_address() {
    let forge = crashed();
    let tasks = forge.program(&["tasks", "list", "-n", "0", "--format", "json"]).run().well().json();
    let of_kind = |kind: &str| {
        let mut tasks = tasks["tasks"].as_array().unwrap().iter();
        tasks.find(|task| task["kind"] == kind).unwrap()["task"].as_str().unwrap().to_owned()
    };
    insta::assert_snapshot!(forge.told(&["why", &of_kind("analyse")]), @"
    exit code 0
    -- stdout
    task ID1.1

    Done:
    - task ID1.1 `analyse` changed nothing outside
        because task ID1.1 `analyse`: built-in rule: an issue that was opened, reopened or edited is analysed
        because event 1 TIME carol opened issue #1: It crashes when I parse an empty line

    Story:
      1 TIME carol opened issue #1: It crashes when I parse an empty line
      2 TIME task ID1.1 `analyse` enqueued: built-in rule: an issue that was opened, reopened or edited is analysed
      3 TIME task ID1.1 claimed (lease 1)
      4 TIME task ID1.1 completed
    ");
    let log = forge.program(&["why", "1", "--format", "json"]).run().well().json().to_string();
    let address =
        log.split('"').find_map(|part| part.find("file://").map(|at| part[at..].to_owned())).unwrap();
    insta::assert_snapshot!(forge.told(&["why", &address]), @"
    exit code 0
    -- stdout
    `file://DIR/forge/comments/0001/0001.json`

    Done:
    - the status comment was written
        because task ID1.2 `comment`: the analysis is shown in the status comment
        because it follows from task ID2.1 `analyse`: built-in rule: an issue that was opened, reopened or edited is analysed
        because event 1 TIME carol opened issue #1: It crashes when I parse an empty line
        because receipt at event 13, done: file://DIR/forge/comments/0001/0001.json

    Story:
      1 TIME carol opened issue #1: It crashes when I parse an empty line
      13 TIME status done: file://DIR/forge/comments/0001/0001.json
    ");
}

#[test]
fn what_the_log_knows_nothing_of_is_told_with_what_to_ask_instead() {
    let forge = crashed();
    insta::assert_snapshot!(forge.told(&["why", "nobody"]), @"
    exit code 2
    -- stderr
    error: nothing is recorded about `nobody`
    hint: No task, effect, run, label, login or branch of that name is in the log. For all about an issue: automata why NUMBER; for why something is not there: automata why NUMBER NAME.
    ");
    insta::assert_snapshot!(forge.told(&["why", "https://github.com/acme/widgets/issues/1#issuecomment-7"]), @"
    exit code 2
    -- stderr
    error: nothing is recorded about `https://github.com/acme/widgets/issues/1#issuecomment-7`
    hint: It is none of ours, and nothing was asked of Automata in it. For all about the issue: automata why NUMBER.
    ");
    insta::assert_snapshot!(forge.told(&["why", "#0"]), @"
    exit code 2
    -- stderr
    error: `#0` is nothing that can be asked about
    hint: For example: automata why 42, automata why 42 bug, automata why bug, or a comment's address.
    ");
}

#[test]
fn why_tells_which_condition_of_which_rule_does_not_hold() {
    let forge = LocalForge::new();
    forge.commits(
        ".github/automata.yml",
        "rules:\n  - on: issues.opened\n    if: {label: triage}\n    do: analyse\n  - on: issues.opened\n    if: {author: mona}\n    do: {label: vip}\n",
    );
    let payload = forge.opens("carol", "It crashes when I parse an empty line", "");
    forge.take_in(&payload).well();
    insta::assert_snapshot!(forge.told(&["why", "1"]), @"
    exit code 0
    -- stdout
    issue #1

    Not done:
    - nothing followed from event 1: carol opened issue #1: It crashes when I parse an empty line
        because rule 1 (`issues.opened`): it is not so that it has the label `triage`
        because rule 2 (`issues.opened`): it is not so that mona wrote it

    Story:
      1 TIME carol opened issue #1: It crashes when I parse an empty line
    ");
    insta::assert_snapshot!(forge.told(&["why", "1", "vip"]), @"
    exit code 0
    -- stdout
    issue #1, `vip`

    Not done:
    - label `vip` is not set
        because rule 2 (`issues.opened`) would add `vip`: it is not so that mona wrote it
    ");
}

#[test]
fn why_tells_what_a_label_stands_for_and_what_is_not_sure_enough_for_it() {
    let forge = crashed();
    insta::assert_snapshot!(forge.told(&["why", "1", "enhancement"]), @"
    exit code 0
    -- stdout
    issue #1, `enhancement`

    Not done:
    - label `enhancement` is not set
        because it stands for `feature`, and the analysis finds `bug`
    ");
    insta::assert_snapshot!(forge.told(&["why", "1", "spam"]), @"
    exit code 0
    -- stdout
    issue #1, `spam`

    Not done:
    - label `spam` is not set
        because nothing in the configuration sets it: neither `labels` nor a rule names it
    ");
    forge.commits(".github/automata.yml", "triage: {confidence: 0.95}\n");
    insta::assert_snapshot!(forge.told(&["why", "1", "priority: high"]), @"
    exit code 0
    -- stdout
    issue #1, `priority: high`

    Not done:
    - label `priority: high` is not set
        because the analysis finds it high; it is 65 % sure, and `triage.confidence` wants 95 % for labels
    ");
}

#[test]
fn why_tells_which_feature_is_off() {
    let forge = LocalForge::new();
    forge.commits(".github/automata.yml", "features: {analyse: {mode: 'off'}}\n");
    let payload = forge.opens("carol", "It crashes when I parse an empty line", "");
    forge.take_in(&payload).well();
    insta::assert_snapshot!(forge.told(&["why", "1"]), @"
    exit code 0
    -- stdout
    issue #1

    Not done:
    - nothing followed from event 1: carol opened issue #1: It crashes when I parse an empty line
        because built-in rule: an issue that was opened, reopened or edited is analysed: the feature `analyse` is off
        because built-in rule: a patch in a new issue or comment is tried: it is not so that a patch stands in it

    Story:
      1 TIME carol opened issue #1: It crashes when I parse an empty line
    ");
}
