//! `tasks list`, `tasks show` and `tasks graph`, for people and for programs.

use super::forge::LocalForge;

/// Some of everything, with some time before a task is tried again.
fn busy() -> LocalForge {
    std::iter::repeat_with(with_some_of_everything).find(LocalForge::retries_are_far).unwrap()
}

fn with_some_of_everything() -> LocalForge {
    let forge = LocalForge::new();
    for number in 1..=3 {
        forge.opens("carol", &format!("How do I read list {number} from a file?"), "");
    }
    forge.loses_its_labels();
    let label = ["label", "--input", r#"{"add": ["bug"]}"#, "--subject"];
    forge.adds(&[&label[..], &["issue/1", "--max-attempts", "1"]].concat());
    forge.adds(&[&label[..], &["issue/2"]].concat());
    forge.adds(&["analyse", "--subject", "issue/3"]);
    forge.program(&["drain"]).run();
    let next = forge.adds(&["comment", "--subject", "issue/1", "--in", "2h"]);
    forge.adds(&["comment", "--subject", "issue/1", "--after", &next]);
    forge.adds(&["comment", "--subject", "pull/7", "--awaits", "merged:7"]);
    forge.adds(&["comment", "--subject", "issue/3", "--priority", "90"]);
    forge
}

#[test]
fn tasks_are_listed_whole_and_by_what_they_have_in_common() {
    let forge = busy();
    let list = |more: &[&str]| forge.told(&[&["tasks", "list"], more].concat());
    insta::assert_snapshot!(list(&[]), @"
    exit code 0
    -- stdout
    STATUS   KIND     SUBJECT  ATTEMPTS  PRIORITY  TASK            DETAIL
    pending  label    issue/2  1/6       50        ID1.1  tries again at TIME: DIR/forge/labels.json cannot be used: Is a directory (os error 21)
    pending  analyse  issue/3  1/6       50        ID2.1  tries again at TIME: DIR/forge/labels.json cannot be used: Is a directory (os error 21)
    pending  comment  issue/1  0/6       50        ID3.1  scheduled for TIME
    pending  comment  issue/1  0/6       50        ID4.1  blocked by ID3.1
    pending  comment  pull/7   0/6       50        ID5.1  waits for merged:7
    pending  comment  issue/3  0/6       90        ID6.1  ready
    failed   label    issue/1  1/1       50        ID7.1  DIR/forge/labels.json cannot be used: Is a directory (os error 21)
    ");
    insta::assert_snapshot!(list(&["--status", "pending,failed", "--kind", "label"]), @r"
    exit code 0
    -- stdout
    STATUS   KIND   SUBJECT  ATTEMPTS  PRIORITY  TASK            DETAIL
    pending  label  issue/2  1/6       50        ID1.1  tries again at TIME: DIR/forge/labels.json cannot be used: Is a directory (os error 21)
    failed   label  issue/1  1/1       50        ID2.1  DIR/forge/labels.json cannot be used: Is a directory (os error 21)
    ");
    insta::assert_snapshot!(list(&["--subject", "issue/3", "--status", "pending"]), @r"
    exit code 0
    -- stdout
    STATUS   KIND     SUBJECT  ATTEMPTS  PRIORITY  TASK            DETAIL
    pending  analyse  issue/3  1/6       50        ID1.1  tries again at TIME: DIR/forge/labels.json cannot be used: Is a directory (os error 21)
    pending  comment  issue/3  0/6       90        ID2.1  ready
    ");
    insta::assert_snapshot!(list(&["--wait", "scheduled,blocked", "--wait", "awaiting"]), @r"
    exit code 0
    -- stdout
    STATUS   KIND     SUBJECT  ATTEMPTS  PRIORITY  TASK            DETAIL
    pending  comment  issue/1  0/6       50        ID1.1  scheduled for TIME
    pending  comment  issue/1  0/6       50        ID2.1  blocked by ID1.1
    pending  comment  pull/7   0/6       50        ID3.1  waits for merged:7
    ");
    insta::assert_snapshot!(list(&["--wait", "retrying", "--format", "json"]), @r#"
    exit code 0
    -- stdout
    {"matching":2,"sequence":13,"tasks":[{"attempts":1,"detail":"tries again at TIME: DIR/forge/labels.json cannot be used: Is a directory (os error 21)","kind":"label","max_attempts":6,"priority":50,"reason":"added by hand","status":"pending","subject":"issue/2","task":"ID1.1","wait":"retrying"},{"attempts":1,"detail":"tries again at TIME: DIR/forge/labels.json cannot be used: Is a directory (os error 21)","kind":"analyse","max_attempts":6,"priority":50,"reason":"added by hand","status":"pending","subject":"issue/3","task":"ID2.1","wait":"retrying"}]}
    "#);
    insta::assert_snapshot!(list(&["-n", "1", "--status", "pending"]), @r"
    exit code 0
    -- stdout
    STATUS   KIND   SUBJECT  ATTEMPTS  PRIORITY  TASK            DETAIL
    pending  label  issue/2  1/6       50        ID1.1  tries again at TIME: DIR/forge/labels.json cannot be used: Is a directory (os error 21)
    -- stderr
    5 more; `-n 0` lists all.
    ");
    insta::assert_snapshot!(list(&["--status", "cancelled"]), @"
    exit code 0
    -- stderr
    No task is like that; `automata tasks list` shows all.
    ");
    insta::assert_snapshot!(list(&["--kind", "labels"]), @"
    exit code 2
    -- stderr
    error: --kind: `labels` is no task kind: did you mean `label`?
    hint: The kinds are analyse, label, assign, comment, implement, open_pull_request, revise, tend, follow, obey, undo, milestone, set_type, set_milestone, set_field, set_state, request_review, remind, learn, slack, webhook, check_run, rehearse, exec, drive_put, drive_export, drive_issue, drive_import, drive_folder, drive_attach, drive_share, drive_collect, drive_access, drive_audit, drive_organise, drive_sync.
    ");
    insta::assert_snapshot!(list(&["--subject", "7"]), @"
    exit code 2
    -- stderr
    error: --subject: `7` is not a subject: write issue/42, pull/7, drive/ID or repository
    hint: For example: --subject issue/42
    ");
    insta::assert_snapshot!(list(&["--status", "dead"]), @r"
    exit code 2
    -- stderr
    error: invalid value 'dead' for '--status <STATUS>'
      [possible values: pending, running, completed, failed, cancelled]

    For more information, try '--help'.
    ");
}

#[test]
fn one_task_is_shown_with_its_failure_and_its_history() {
    let forge = busy();
    let listed =
        forge.program(&["tasks", "list", "--status", "failed", "--format", "json"]).run().well().json();
    let task = listed["tasks"][0]["task"].as_str().unwrap();
    insta::assert_snapshot!(forge.told(&["tasks", "show", task]), @r#"
    exit code 0
    -- stdout
    task      ID1.1
    status    failed at TIME
    kind      label
    subject   issue/1
    reason    added by hand
    input     {"add":["bug"]}
    priority  50
    attempts  1 of 1
    enqueued  TIME (event 1)
    leases    1 so far
    failure   DIR/forge/labels.json cannot be used: Is a directory (os error 21) (forge_unavailable)

    1  TIME  somebody  task ID1.1 `label` enqueued: added by hand
    4  TIME            task ID1.1 claimed (lease 1)
    7  TIME            task ID1.1 given up: DIR/forge/labels.json cannot be used: Is a directory (os error 21)
    "#);
    let shown = forge.program(&["tasks", "show", &task[..9], "--format", "json"]).run().well().json();
    let keys: Vec<&String> = shown.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["effects", "events", "needed_by", "task", "wait"]);
    assert_eq!(shown["task"]["id"], task);
    let events = shown["events"].as_array().unwrap().iter();
    let kinds: Vec<&str> = events.map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["task.enqueued", "task.claimed", "task.failed"]);
    for nobody in ["nothing", ""] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(forge.told(&["tasks", "show", nobody]).replace(nobody, ""), @r"
            exit code 2
            -- stderr
            error: there is no task ``
            hint: `automata tasks list` lists them; those that ended long ago stay in the log alone.
            ");
        }
    }
}

#[test]
fn what_needs_what_is_shown_as_a_tree_and_as_a_diagram() {
    let forge = busy();
    insta::assert_snapshot!(forge.told(&["tasks", "graph"]), @r"
    exit code 0
    -- stdout
    ID1.1 label issue/2: retrying
    ID2.1 analyse issue/3: retrying
    ID3.1 comment issue/1: scheduled for TIME
    └─ ID4.1 comment issue/1: blocked
    ID5.1 comment pull/7: waits for merged:7
    ID6.1 comment issue/3: ready
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "graph", "--mermaid"]), @r#"
    exit code 0
    -- stdout
    graph TD
      t1["label issue/2<br/>ID1.1<br/>retrying"]:::waiting
      t2["analyse issue/3<br/>ID2.1<br/>retrying"]:::waiting
      t3["comment issue/1<br/>ID3.1<br/>scheduled for TIME"]:::waiting
      t4["comment issue/1<br/>ID4.1<br/>blocked"]:::waiting
      t5["comment pull/7<br/>ID5.1<br/>waits for merged:7"]:::waiting
      t6["comment issue/3<br/>ID6.1<br/>ready"]:::ready
      t3 --> t4
      classDef ready fill:#ddf4ff,stroke:#0969da,color:#1f2328
      classDef waiting fill:#f6f8fa,stroke:#8c959f,color:#1f2328
    "#);
    let listed = forge.program(&["tasks", "list", "--wait", "blocked", "--format", "json"]).run().well();
    let task = listed.json()["tasks"][0]["task"].as_str().unwrap().to_owned();
    insta::assert_snapshot!(forge.told(&["tasks", "graph", &task]), @r"
    exit code 0
    -- stdout
    ID1.1 comment issue/1: scheduled for TIME
    └─ ID2.1 comment issue/1: blocked
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "graph", &task, "--format", "json"]), @r#"
    exit code 0
    -- stdout
    {"tasks":[{"task":"ID1.1","kind":"comment","subject":"issue/1","status":"pending","wait":"scheduled","detail":"scheduled for TIME","priority":50,"attempts":0,"max_attempts":6,"reason":"added by hand"},{"task":"ID2.1","kind":"comment","subject":"issue/1","status":"pending","wait":"blocked","detail":"blocked by ID1.1","priority":50,"attempts":0,"max_attempts":6,"reason":"added by hand"}],"edges":[{"from":"ID1.1","to":"ID2.1"}]}
    "#);
    insta::assert_snapshot!(forge.told(&["tasks", "graph", "nothing"]), @r"
    exit code 2
    -- stderr
    error: there is no task `nothing`
    hint: `automata tasks list` lists them; those that ended long ago stay in the log alone.
    ");
}
