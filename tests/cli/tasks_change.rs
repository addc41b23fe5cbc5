//! `tasks cancel`, `retry`, `revive` and `prioritise`: what was done is durable and told, what was refused too.

use super::forge::LocalForge;

fn forge() -> LocalForge {
    let forge = LocalForge::new();
    for number in 1..=3 {
        forge.opens("carol", &format!("How do I read list {number} from a file?"), "");
    }
    forge
}

const LABEL: [&str; 4] = ["label", "--input", r#"{"add": ["bug"]}"#, "--subject"];

#[test]
fn tasks_are_called_off_with_those_that_need_them() {
    let forge = forge();
    let first = forge.adds(&["comment", "--subject", "issue/1"]);
    let second = forge.adds(&["comment", "--subject", "issue/1", "--after", &first]);
    forge.adds(&["comment", "--subject", "issue/2", "--after", &second, "--if-lost", "skip"]);
    let ran = forge
        .program(&["tasks", "cancel", &first, &first, "--reason", "not\nneeded"])
        .set("USER", "mona")
        .run();
    insta::assert_snapshot!(ran.told(), @r"
    exit code 0
    -- stdout
    ID1.1  cancelled
    ID2.1  failed     with it
    ID3.1  cancelled  with it
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "show", &first]), @r"
    exit code 0
    -- stdout
    task       ID1.1
    status     cancelled at TIME: not needed
    kind       comment
    subject    issue/1
    reason     added by hand
    input      {}
    priority   50
    attempts   0 of 6
    enqueued   TIME (event 1)
    needed by  ID2.1 (failed)

    1  TIME  somebody  task ID1.1 `comment` enqueued: added by hand
    4  TIME  mona      task ID1.1 cancelled: not needed
    ");
    let before = forge.sequence();
    insta::assert_snapshot!(forge.told(&["tasks", "cancel", &first, "nothing"]), @r"
    exit code 2
    -- stderr
    error: there is no task `nothing`. `automata tasks list` lists them; those that ended long ago stay in the log alone.
    error: task ID1.1 is cancelled: only pending and running tasks can be cancelled
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "cancel", ""]), @r"
    exit code 2
    -- stderr
    error: there is no task ``. `automata tasks list` lists them; those that ended long ago stay in the log alone.
    ");
    assert_eq!(forge.sequence(), before);
}

#[test]
fn what_can_be_done_is_done_and_what_cannot_is_told() {
    let forge = forge();
    let gone = forge.adds(&["comment", "--subject", "issue/1"]);
    forge.program(&["tasks", "cancel", &gone]).run().well();
    let there = forge.adds(&["comment", "--subject", "issue/2"]);
    insta::assert_snapshot!(forge.told(&["tasks", "cancel", &gone, &there, "nobody", "--format", "json"]), @r#"
    exit code 2
    -- stdout
    {"would":[],"done":[{"task":"ID1.1","status":"cancelled"}],"also":[],"refused":[{"task":"nobody","error":"there is no task `nobody`. `automata tasks list` lists them; those that ended long ago stay in the log alone."},{"task":"ID2.1","error":"task ID2.1 is cancelled: only pending and running tasks can be cancelled"}]}
    -- stderr
    error: there is no task `nobody`. `automata tasks list` lists them; those that ended long ago stay in the log alone.
    error: task ID2.1 is cancelled: only pending and running tasks can be cancelled
    "#);
    insta::assert_snapshot!(forge.told(&["tasks", "list", "--subject", "issue/2"]), @r"
    exit code 0
    -- stdout
    STATUS     KIND     SUBJECT  ATTEMPTS  PRIORITY  TASK            DETAIL
    cancelled  comment  issue/2  0/6       50        ID1.1  cancelled by hand
    ");
}

#[test]
fn a_filter_lists_first_and_acts_when_told_to() {
    let forge = forge();
    let first = forge.adds(&["comment", "--subject", "issue/1"]);
    forge.adds(&["comment", "--subject", "issue/1", "--after", &first]);
    forge.adds(&[&LABEL[..], &["issue/2"]].concat());
    let before = forge.sequence();
    let cancel = |more: &[&str]| forge.told(&[&["tasks", "cancel"], more].concat());
    insta::assert_snapshot!(cancel(&["--kind", "comment"]), @r"
    exit code 0
    -- stdout
    STATUS   KIND     SUBJECT  ATTEMPTS  PRIORITY  TASK            DETAIL
    pending  comment  issue/1  0/6       50        ID1.1  ready
    pending  comment  issue/1  0/6       50        ID2.1  blocked by ID1.1
    -- stderr
    2 tasks would be cancelled. Add --yes to do it.
    ");
    insta::assert_snapshot!(cancel(&["--kind", "comment", "--format", "json"]), @r#"
    exit code 0
    -- stdout
    {"would":["ID1.1","ID2.1"],"done":[],"also":[],"refused":[]}
    "#);
    insta::assert_snapshot!(cancel(&["--subject", "issue/3", "--yes"]), @r"
    exit code 0
    -- stderr
    Nothing was cancelled.
    ");
    insta::assert_snapshot!(cancel(&["--yes"]), @r"
    exit code 2
    -- stderr
    error: no task is named
    hint: Name tasks, or pick them with --status, --kind, --subject or --wait.
    ");
    insta::assert_snapshot!(cancel(&[&first, "--kind", "comment"]), @r"
    exit code 2
    -- stderr
    error: tasks are named and picked at once
    hint: Name tasks, or pick them with --status, --kind, --subject or --wait.
    ");
    assert_eq!(forge.sequence(), before, "looking changes nothing");
    let appends = forge.appends();
    insta::assert_snapshot!(cancel(&["--kind", "comment", "--yes"]), @r"
    exit code 0
    -- stdout
    ID1.1  cancelled
    ID2.1  cancelled
    ");
    assert_eq!(forge.sequence(), before + 2, "each is cancelled, none fails with the other");
    assert_eq!(forge.appends(), appends + 1, "one for both");
}

#[test]
fn what_waits_for_a_time_runs_now() {
    let failing = || {
        let forge = forge();
        forge.loses_its_labels();
        let retrying = forge.adds(&[&LABEL[..], &["issue/1"]].concat());
        let dead = forge.adds(&[&LABEL[..], &["issue/2", "--max-attempts", "1"]].concat());
        forge.program(&["drain"]).run();
        (forge, retrying, dead)
    };
    let mut tries = std::iter::repeat_with(failing);
    let (forge, retrying, dead) = tries.find(|(forge, ..)| forge.retries_are_far()).unwrap();
    let planned = forge.adds(&["comment", "--subject", "issue/3", "--in", "2h"]);
    let blocked = forge.adds(&["comment", "--subject", "issue/3", "--after", &planned]);
    forge.finds_its_labels();
    insta::assert_snapshot!(forge.told(&["tasks", "retry", "--kind", "label,comment"]), @r"
    exit code 0
    -- stdout
    STATUS   KIND     SUBJECT  ATTEMPTS  PRIORITY  TASK            DETAIL
    pending  label    issue/1  1/6       50        ID1.1  tries again at TIME: DIR/forge/labels.json cannot be used: Is a directory (os error 21)
    pending  comment  issue/3  0/6       50        ID2.1  scheduled for TIME
    failed   label    issue/2  1/1       50        ID3.1  DIR/forge/labels.json cannot be used: Is a directory (os error 21)
    -- stderr
    3 tasks would be retried. Add --yes to do it.
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "retry", &retrying, &dead, &planned, &blocked]), @r"
    exit code 2
    -- stdout
    ID1.1  pending
    ID2.1  pending
    ID3.1  pending
    -- stderr
    error: task ID4.1 waits for other tasks, not for a time: ID3.1
    ");
    let before = forge.sequence();
    insta::assert_snapshot!(forge.told(&["tasks", "retry", &planned]), @r"
    exit code 0
    -- stdout
    ID1.1  pending
    ");
    assert_eq!(forge.sequence(), before, "it is due already");
    insta::assert_snapshot!(forge.told(&["drain"]), @r"
    exit code 0
    -- stdout
    drained: worked through the queue
    4 tasks completed, 0 changes outside, 1 push to the log
    ");
}

#[test]
fn a_dead_letter_is_revived_with_another_input() {
    let forge = forge();
    forge.loses_its_labels();
    let dead = forge.adds(&[&LABEL[..], &["issue/1", "--max-attempts", "1"]].concat());
    forge.adds(&["comment", "--subject", "issue/1", "--after", &dead]);
    forge.program(&["drain"]).run();
    forge.finds_its_labels();
    let before = forge.sequence();
    insta::assert_snapshot!(forge.told(&["tasks", "revive", &dead, "--input", r#"{"add": "bug"}"#]), @r#"
    exit code 2
    -- stderr
    error: --input, `add`: invalid type: string "bug", expected a sequence
    hint: `label` tasks take, for example: {"add": ["bug"], "remove": []}
    "#);
    insta::assert_snapshot!(forge.told(&["tasks", "revive", "--kind", "label"]), @r"
    exit code 0
    -- stdout
    STATUS  KIND   SUBJECT  ATTEMPTS  PRIORITY  TASK            DETAIL
    failed  label  issue/1  1/1       50        ID1.1  DIR/forge/labels.json cannot be used: Is a directory (os error 21)
    -- stderr
    1 task would be revived. Add --yes to do it.
    ");
    assert_eq!(forge.sequence(), before);
    let revived = forge.told(&[
        "tasks",
        "revive",
        "--status",
        "failed",
        "--kind",
        "label",
        "--yes",
        "--input",
        r#"{"add": ["question"]}"#,
    ]);
    insta::assert_snapshot!(revived, @r"
    exit code 0
    -- stdout
    ID1.1  pending
    ID2.1  pending  with it
    ");
    insta::assert_snapshot!(forge.told(&["drain"]), @r"
    exit code 0
    -- stdout
    drained: worked through the queue
    2 tasks completed, 0 changes outside, 1 push to the log
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "revive", &dead]), @r"
    exit code 2
    -- stderr
    error: task ID1.1 is completed: only failed and cancelled tasks can be revived
    ");
}

#[test]
fn a_mistaken_cancel_is_taken_back_with_what_fell_and_what_fell_is_not_prioritised() {
    let forge = forge();
    let first = forge.adds(&["comment", "--subject", "issue/1", "--in", "1h"]);
    let second = forge.adds(&["comment", "--subject", "issue/1", "--after", &first]);
    let unwanted = forge.adds(&["comment", "--subject", "issue/2"]);
    forge.program(&["tasks", "cancel", &first, &unwanted]).run().well();
    insta::assert_snapshot!(forge.told(&["tasks", "prioritise", &second, "50"]), @r"
    exit code 2
    -- stderr
    error: task ID1.1 is failed: only pending tasks wait for their turn
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "revive", &second]), @r"
    exit code 2
    -- stderr
    error: task ID1.1 needs task ID2.1, which is not there or will never be completed: revive that one first
    ");
    // What somebody did not want is picked only by whoever asks for it.
    let would = |more: &[&str]| {
        forge.program(&[&["tasks", "revive", "--kind", "comment"], more].concat()).run().well().stderr
    };
    assert!(would(&[]).contains("1 task would be revived."));
    assert!(would(&["--status", "failed,cancelled"]).contains("3 tasks would be revived."));
    insta::assert_snapshot!(forge.told(&["tasks", "revive", &first]), @r"
    exit code 0
    -- stdout
    ID1.1  pending
    ID2.1  pending  with it
    ");
}

#[test]
fn a_whole_id_means_no_other_task_and_a_letter_none_at_all() {
    let forge = forge();
    let task = forge.adds(&["comment", "--subject", "issue/1", "--in", "1h"]);
    let before = forge.sequence();
    // The tenth of a list whose first is gone would be called so.
    let shorter = task.strip_suffix(".1").unwrap();
    for name in [format!("{shorter}."), format!("{}.1", &shorter[..8]), format!("{shorter}.10")] {
        for verb in ["cancel", "revive", "retry"] {
            let ran = forge.program(&["tasks", verb, &name]).run();
            assert!(ran.stderr.contains("there is no task"), "{verb} {name}: {}", ran.told());
        }
        for (verb, more) in [("prioritise", "9"), ("cancel", "nobody")] {
            assert_eq!(forge.program(&["tasks", verb, &name, more]).run().code, Some(2));
        }
    }
    let ran = forge.program(&["tasks", "cancel", &shorter[..1]]).run();
    assert!(ran.stderr.contains("is too short to name a task"), "{}", ran.told());
    assert_eq!((ran.code, forge.sequence()), (Some(2), before));
    forge.program(&["tasks", "show", &shorter[..1]]).run().well();
    forge.program(&["tasks", "cancel", &shorter[..6]]).run().well();
}

#[test]
fn pending_tasks_go_earlier_or_later() {
    let forge = forge();
    let first = forge.adds(&["comment", "--subject", "issue/1"]);
    let second = forge.adds(&["comment", "--subject", "issue/2"]);
    insta::assert_snapshot!(forge.told(&["tasks", "prioritise", &first, &second, "80"]), @r"
    exit code 0
    -- stdout
    ID1.1  priority 80
    ID2.1  priority 80
    ");
    let before = forge.sequence();
    insta::assert_snapshot!(forge.told(&["tasks", "prioritise", &first, "80"]), @r"
    exit code 0
    -- stdout
    ID1.1  priority 80
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "prioritise", &first, "101"]), @r"
    exit code 2
    -- stderr
    error: PRIORITY: 101 is more than 100
    hint: Priorities go from 0 (whenever) to 100 (now).
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "prioritise", &first]), @r"
    exit code 2
    -- stderr
    error: invalid value 'ID1.1' for '<PRIORITY>': invalid digit found in string

    For more information, try '--help'.
    ");
    assert_eq!(forge.sequence(), before);
    forge.program(&["drain"]).run().well();
    insta::assert_snapshot!(forge.told(&["tasks", "prioritise", &first, "20"]), @r"
    exit code 2
    -- stderr
    error: task ID1.1 is completed: only pending tasks wait for their turn
    ");
}
