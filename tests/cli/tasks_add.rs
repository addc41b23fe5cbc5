//! `tasks add`: by options, from a file and from stdin; what is wrong is named, and nothing is appended.

use serde_json::json;

use super::forge::LocalForge;
use super::program::file;

/// A forge with an issue that nobody has told the program of.
fn forge() -> LocalForge {
    let forge = LocalForge::new();
    forge.opens("carol", "How do I read the list from a file?", "");
    forge
}

#[test]
fn a_task_is_added_by_hand_and_done_by_the_next_run() {
    let forge = forge();
    let add = ["tasks", "add", "label", "--subject", "issue/1", "--input", r#"{"add": ["bug"]}"#];
    let ran = forge.program(&add).set("USER", "mona").run();
    insta::assert_snapshot!(ran.told(), @r"
    exit code 0
    -- stdout
    ID1.1
    ");
    insta::assert_snapshot!(forge.told(&["drain"]), @r"
    exit code 0
    -- stdout
    drained: worked through the queue
    1 task completed, 0 changes outside, 1 push to the log
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "show", ran.stdout.trim()]), @r#"
    exit code 0
    -- stdout
    task      ID1.1
    status    completed at TIME
    kind      label
    subject   issue/1
    reason    added by hand
    input     {"add":["bug"]}
    priority  50
    attempts  1 of 6
    enqueued  TIME (event 1)
    leases    1 so far
    output    {"note":"the repository has no label `bug`"}

    1  TIME  mona  task ID1.1 `label` enqueued: added by hand
    2  TIME        task ID1.1 claimed (lease 1)
    3  TIME        task ID1.1 completed
    "#);
}

#[test]
fn everything_that_can_be_said_of_a_task_is_kept() {
    let forge = forge();
    let first = forge.adds(&["comment", "--subject", "issue/1"]);
    let second = forge.adds(&["comment", "--subject", "issue/2"]);
    let subject = ["label", "--subject", "issue/1", "--input", r#"{"add": ["bug"], "remove": ["later"]}"#];
    let waits =
        ["--after", &first, &second[..8], "--if-lost", "skip", "--awaits", "merged:7,checks:7", "--awaits"];
    let row = ["closed:1", "--priority", "80", "--in", "2h", "--deadline", "2999-01-01T00:00:00+01:00"];
    let keys = ["--unique", "a key", "--on-duplicate", "coalesce", "--idempotency", "once"];
    let more = ["--concurrency", "deploy", "--max-attempts", "2", "--reason", "somebody\nasked"];
    let hooks = [
        "--on-success",
        r#"{"kind": "comment"}"#,
        "--on-failure",
        r#"{"kind": "assign", "input": {"logins": ["mona"]}, "priority": 90}"#,
        "--on-end",
        r#"{"kind": "comment", "subject": "issue/2", "reason": "tell the other one"}"#,
    ];
    let task = forge.adds(&[&subject[..], &waits, &row, &keys, &more, &hooks].concat());
    insta::assert_snapshot!(forge.told(&["tasks", "show", &task]), @r#"
    exit code 0
    -- stdout
    task         ID1.1
    status       pending: scheduled for TIME
    kind         label
    subject      issue/1
    reason       somebody asked
    input        {"add":["bug"],"remove":["later"]}
    priority     80
    attempts     0 of 2
    enqueued     TIME (event 3)
    needs        ID2.1 (pending)
    needs        ID3.1 (pending)
    if lost      skip: it is cancelled
    awaits       merged:7 (not yet)
    awaits       checks:7 (not yet)
    awaits       closed:1 (not yet)
    unique       a key (duplicates change its input)
    idempotency  once
    concurrency  deploy
    not before   TIME
    deadline     TIME
    hook         when completed: `comment` on issue/1 {}
    hook         when failed: `assign` on issue/1 {"logins":["mona"]}
    hook         when ended: `comment` on issue/2 {}

    3  TIME  somebody  task ID1.1 `label` enqueued: somebody asked
    "#);
    insta::assert_snapshot!(forge.told(&["log", "-n", "1", "--format", "json"]), @r#"
    exit code 0
    -- stdout
    {"actor":{"kind":"person","login":"somebody"},"at":"TIME","data":{"spec":{"awaits":["merged:7","checks:7","closed:1"],"concurrency":"deploy","deadline":"TIME","depends_on":["ID1.1","ID2.1"],"hooks":[{"on":["completed"],"task":{"input":{},"kind":"comment","max_attempts":6,"priority":50,"reason":"a hook: a task `label` is completed","subject":"issue/1"}},{"on":["failed"],"task":{"input":{"logins":["mona"]},"kind":"assign","max_attempts":6,"priority":90,"reason":"a hook: a task `label` has failed","subject":"issue/1"}},{"on":["completed","failed","cancelled"],"task":{"input":{},"kind":"comment","max_attempts":6,"priority":50,"reason":"tell the other one","subject":"issue/2"}}],"idempotency":"once","if_lost":"skip","input":{"add":["bug"],"remove":["later"]},"kind":"label","max_attempts":2,"not_before":"TIME","on_duplicate":"coalesce","priority":80,"reason":"somebody asked","subject":"issue/1","unique":"a key"},"task":"ID3.1"},"id":"ID3-0","run":"RUN1","seq":3,"subject":"issue/1","type":"task.enqueued","v":1}
    "#);
}

#[test]
fn a_file_is_enqueued_whole_with_names_for_what_waits() {
    let forge = forge();
    let tasks = json!([
        {"name": "tell", "kind": "comment", "subject": "issue/1", "after": ["bug", "mine"], "if_lost": "continue"},
        {"name": "bug", "kind": "label", "subject": "issue/1", "input": {"add": ["bug"]}, "after": ["look"]},
        {"name": "mine", "kind": "assign", "subject": "issue/1", "input": {"logins": ["mona"]}, "after": ["look"]},
        {"name": "look", "kind": "analyse", "subject": "issue/1"},
        {"kind": "comment", "subject": "issue/2", "in": "3d"},
    ]);
    let path = file(forge.path(), "tasks.json", tasks.to_string().as_bytes());
    insta::assert_snapshot!(forge.told(&["tasks", "add", "--from", path.to_str().unwrap()]), @r"
    exit code 0
    -- stdout
    ID1.1
    ID1.2
    ID1.3
    ID1.4
    ID1.5
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "graph"]), @r"
    exit code 0
    -- stdout
    ID1.4 analyse issue/1: ready
    ├─ ID1.2 label issue/1: blocked
    │  └─ ID1.1 comment issue/1: blocked (needs ID1.2, ID1.3)
    └─ ID1.3 assign issue/1: blocked
       └─ ID1.1 (above)
    ID1.5 comment issue/2: scheduled for TIME
    ");
    insta::assert_snapshot!(forge.told(&["log", "-n", "0"]), @"
    exit code 0
    -- stdout
    EVENT  WHEN                      ABOUT    WHAT HAPPENED
    1      TIME  issue/1  task ID1.4 `analyse` enqueued: added by hand
    2      TIME  issue/1  task ID1.2 `label` enqueued: added by hand
    3      TIME  issue/1  task ID1.3 `assign` enqueued: added by hand
    4      TIME  issue/1  task ID1.1 `comment` enqueued: added by hand
    5      TIME  issue/2  task ID1.5 `comment` enqueued: added by hand
    ");
    assert_eq!(forge.appends(), 1, "one for all of them");
    let on = format!(r#"{{"kind": "comment", "subject": "issue/3", "after": ["{}"]}}"#, last_task(&forge));
    let ran = forge.program(&["tasks", "add", "--from", "-", "--format", "json"]).run_fed(&on);
    insta::assert_snapshot!(ran.told(), @r#"
    exit code 0
    -- stdout
    [{"name":null,"task":"ID1.1","existing":false}]
    "#);
}

fn last_task(forge: &LocalForge) -> String {
    let log = forge.program(&["log", "-n", "1", "--format", "json"]).run().well().json();
    log["data"]["task"].as_str().unwrap().to_owned()
}

#[test]
fn a_duplicate_stands_for_the_earlier_task() {
    let forge = forge();
    let comment = ["comment", "--subject", "issue/1", "--unique", "comment 1"];
    let first = forge.adds(&comment);
    assert_eq!(forge.adds(&comment), first);
    let once = ["comment", "--subject", "issue/2", "--idempotency", "only once"];
    let second = forge.adds(&once);
    let told = forge.named(&forge.program(&[&["tasks", "add"], &once[..]].concat()).run());
    insta::assert_snapshot!(told, @r"
    exit code 0
    -- stdout
    ID1.1
    -- stderr
    task 1: task ID1.1 was there already and stands for it
    ");
    assert_eq!(forge.adds(&once), second);
    let both = json!([
        {"name": "a", "kind": "comment", "subject": "issue/1", "unique": "comment 1"},
        {"name": "b", "kind": "comment", "subject": "issue/3", "unique": "comment 3"},
        {"name": "c", "kind": "comment", "subject": "issue/3", "unique": "comment 3"},
        {"name": "d", "kind": "comment", "subject": "issue/2", "idempotency": "only once", "after": ["b"]},
    ]);
    let ran = forge.program(&["tasks", "add", "--from", "-", "--format", "json"]).run_fed(&both.to_string());
    insta::assert_snapshot!(ran.told(), @r#"
    exit code 0
    -- stdout
    [{"name":"a","task":"ID1.1","existing":true},{"name":"b","task":"ID2.2","existing":false},{"name":"c","task":"ID2.2","existing":true},{"name":"d","task":"ID3.1","existing":true}]
    "#);
    assert_eq!(ran.json()[0]["task"], first.as_str());
    assert_eq!(ran.json()[3]["task"], second.as_str());
}

#[test]
fn what_is_wrong_is_named_and_nothing_is_appended() {
    let forge = forge();
    let failed = forge.adds(&["comment", "--subject", "issue/1"]);
    forge.program(&["tasks", "cancel", &failed]).run().well();
    let before = forge.sequence();
    let lost = ["--after", failed.as_str()];
    let long = "k".repeat(257);
    let slips: [&[&str]; 31] = [
        &["labl"],
        &["nonsense"],
        &["label"],
        &["label", "--subject", "issues/1"],
        &["label", "--subject", "repository"],
        &["label", "--subject", "issue/1", "--input", "{"],
        &["label", "--subject", "issue/1", "--input", r#"{"ad": ["bug"]}"#],
        &["label", "--subject", "issue/1", "--input", r#"{"add": ["bug", 7]}"#],
        &["assign", "--subject", "issue/1"],
        &["comment", "--subject", "issue/1", "--input", "@/nowhere.json"],
        &["comment", "--subject", "issue/1", "--after", "nothing"],
        &["comment", "--subject", "issue/1", "--after", ""],
        &["comment", "--subject", "issue/1", lost[0], lost[1]],
        &["comment", "--subject", "issue/1", "--if-lost", "panic"],
        &["comment", "--subject", "issue/1", "--awaits", "opened:7"],
        &["comment", "--subject", "issue/1", "--priority", "101"],
        &["comment", "--subject", "issue/1", "--not-before", "tomorrow"],
        &["comment", "--subject", "issue/1", "--not-before", "2027-02-30T00:00:00Z"],
        &["comment", "--subject", "issue/1", "--not-before", "2020-01-01T00:00:00Z"],
        &["comment", "--subject", "issue/1", "--in", "2 hours"],
        &["comment", "--subject", "issue/1", "--in", "-5m"],
        &["comment", "--subject", "issue/1", "--in", "2h", "--not-before", "2999-01-01T00:00:00Z"],
        &["comment", "--subject", "issue/1", "--deadline", "2020-01-01T00:00:00Z"],
        &[
            "comment",
            "--subject",
            "issue/1",
            "--not-before",
            "2999-01-01T00:00:00Z",
            "--deadline",
            "2998-01-01T00:00:00Z",
        ],
        &["comment", "--subject", "issue/1", "--unique", " "],
        &["comment", "--subject", "issue/1", "--on-duplicate", "replace"],
        &["comment", "--subject", "issue/1", "--unique", &long],
        &["comment", "--subject", "issue/1", "--max-attempts", "0"],
        &["comment", "--subject", "issue/1", "--max-attempts", "4294967295"],
        &[
            "comment",
            "--subject",
            "issue/1",
            "--on-failure",
            r#"{"kind": "assign", "input": {"login": "mona"}}"#,
        ],
        &["comment", "--subject", "issue/1", "--on-end", r#"{"kind": "comment", "after": ["x"]}"#],
    ];
    let mut told = String::new();
    for slip in slips {
        let ran = forge.program(&[&["tasks", "add"], slip].concat()).run();
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{slip:?}");
        told.push_str(&ran.stderr);
    }
    assert_eq!(forge.sequence(), before);
    insta::assert_snapshot!(super::program::plain(&told), @r#"
    error: KIND: `labl` is no task kind: did you mean `label`?
    hint: The kinds are analyse, label, assign, comment, implement, open_pull_request, revise, tend, follow, obey, undo, milestone, set_type, set_milestone, set_field, set_state, request_review, remind, learn, slack, webhook, check_run, rehearse, exec, drive_put, drive_export, drive_issue, drive_import, drive_folder, drive_attach, drive_share, drive_collect, drive_access, drive_audit, drive_organise, drive_sync.
    error: KIND: `nonsense` is no task kind
    hint: The kinds are analyse, label, assign, comment, implement, open_pull_request, revise, tend, follow, obey, undo, milestone, set_type, set_milestone, set_field, set_state, request_review, remind, learn, slack, webhook, check_run, rehearse, exec, drive_put, drive_export, drive_issue, drive_import, drive_folder, drive_attach, drive_share, drive_collect, drive_access, drive_audit, drive_organise, drive_sync.
    error: --subject: `label` tasks are about an issue or a pull request, not about repository
    hint: For example: issue/42
    error: --subject: `issues/1` is not a subject: write issue/42, pull/7, drive/ID or repository
    hint: For example: issue/42
    error: --subject: `label` tasks are about an issue or a pull request, not about repository
    hint: For example: issue/42
    error: --input: not JSON: EOF while parsing an object at line 1 column 1
    hint: Write it as JSON in quotes, or name a file: @FILE, or - for stdin.
    error: --input, `ad`: there is no such field
    hint: `label` tasks take, for example: {"add": ["bug"], "remove": []}
    error: --input, `add[1]`: invalid type: integer `7`, expected a string
    hint: `label` tasks take, for example: {"add": ["bug"], "remove": []}
    error: --input: missing field `logins`
    hint: `assign` tasks take, for example: {"logins": ["mona"]}
    error: --input: /nowhere.json cannot be read: No such file or directory (os error 2)
    hint: Name a file of JSON.
    error: --after: there is no task `nothing`
    hint: `automata tasks list` lists them; those that ended long ago stay in the log alone.
    error: --after: there is no task ``
    hint: `automata tasks list` lists them; those that ended long ago stay in the log alone.
    error: --after: task ID1.1 was cancelled and will never be completed
    hint: Revive it first, or let this one go on without: `if_lost` is `continue`.
    error: --if-lost: `panic` is none of fail, skip or continue
    hint: Say fail, skip or continue.
    error: --awaits: `opened:7` is nothing to wait for: write merged:7, checks:7, approved:42 or closed:42
    hint: The number is the pull request's or the issue's.
    error: --priority: 101 is more than 100
    hint: Priorities go from 0 (whenever) to 100 (now).
    error: --not-before: `tomorrow` is not a time: write it as TIME
    hint: A time has a date, a clock time and a zone.
    error: --not-before: `TIME` is not a time: write it as TIME
    hint: A time has a date, a clock time and a zone.
    error: --not-before: TIME is past
    hint: It is TIME now; name a time to come.
    error: --in: `2 hours` is not a span of time
    hint: For example: 90s, 15m, 2h, 1d12h, 2w. The longest is a hundred years.
    error: --in: `-5m` is not a span of time
    hint: For example: 90s, 15m, 2h, 1d12h, 2w. The longest is a hundred years.
    error: --in: when it may run is said twice
    hint: Say either `not_before` or `in`.
    error: --deadline: TIME is past
    hint: It is TIME now; name a time to come.
    error: --deadline: it could never begin: it may not before TIME, and must by TIME
    hint: Name a later deadline, or an earlier time to begin.
    error: --unique: the key is empty
    hint: Give it a name, or leave it out.
    error: --on-duplicate: there are no duplicates without a unique key
    hint: Give it a unique key too, or leave this out.
    error: --unique: the key has 257 bytes
    hint: 256 are the most: a name, no text.
    error: --max-attempts: a task needs at least one attempt
    hint: Say 1 for no retry.
    error: --max-attempts: 4294967295 attempts are too many
    hint: 100 are the most.
    error: --on-failure, `input`: missing field `logins`
    hint: `assign` tasks take, for example: {"logins": ["mona"]}
    error: --on-end, `after`: a task that is enqueued when another one ends has none of that
    hint: It waits for the end of the other and for nothing else.
    "#);
}

#[test]
fn a_file_with_a_slip_is_refused_whole() {
    let forge = forge();
    let fine = json!({"name": "fine", "kind": "comment", "subject": "issue/1"});
    let circle = |name: &str, after: &str| json!({"name": name, "kind": "comment", "subject": "issue/1", "after": [after]});
    let slips = [
        json!([fine, circle("b", "c"), circle("c", "d"), circle("d", "b")]),
        json!([fine, circle("b", "b")]),
        json!([fine, circle("b", "nothing")]),
        json!([fine, fine]),
        json!([fine, {"name": "b", "kind": "labl", "subject": "issue/1"}]),
        json!([fine, {"kind": "label", "subject": "issue/1", "input": {"add": "bug"}}]),
        json!([fine, {"kind": "label", "subject": "issue/1", "prioity": 3}]),
        json!([fine, {"kind": "label", "subject": "issue/1", "priority": -3}]),
        json!([fine, {"subject": "issue/1"}]),
        json!([fine, {"kind": "comment", "subject": "issue/1", "on_end": {"kind": "comment", "in": "2h"}}]),
        json!([]),
        json!("comment"),
    ];
    let mut told = String::new();
    for slip in slips {
        let ran = forge.program(&["tasks", "add", "--from", "-"]).run_fed(&slip.to_string());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{slip}");
        told.push_str(&ran.stderr);
    }
    insta::assert_snapshot!(told, @r#"
    error: `after`: the tasks wait for each other: b -> c -> d -> b
    hint: Each stands before the one that it waits for. Take one `after` of the circle away.
    error: `after`: the tasks wait for each other: b -> b
    hint: Each stands before the one that it waits for. Take one `after` of the circle away.
    error: stdin, task `b`, `after`: there is no task `nothing`
    hint: `automata tasks list` lists them; those that ended long ago stay in the log alone.
    error: stdin, task `fine`, `name`: task 1 has the same name
    hint: Each needs a name of its own, or none.
    error: stdin, task `b`, `kind`: `labl` is no task kind: did you mean `label`?
    hint: The kinds are analyse, label, assign, comment, implement, open_pull_request, revise, tend, follow, obey, undo, milestone, set_type, set_milestone, set_field, set_state, request_review, remind, learn, slack, webhook, check_run, rehearse, exec, drive_put, drive_export, drive_issue, drive_import, drive_folder, drive_attach, drive_share, drive_collect, drive_access, drive_audit, drive_organise, drive_sync.
    error: stdin, task 2, `input.add`: invalid type: string "bug", expected a sequence
    hint: `label` tasks take, for example: {"add": ["bug"], "remove": []}
    error: stdin: `[1].prioity`: unknown field `prioity`, expected one of `name`, `kind`, `subject`, `input`, `after`, `if_lost`, `awaits`, `priority`, `not_before`, `in`, `deadline`, `unique`, `on_duplicate`, `idempotency`, `concurrency`, `max_attempts`, `on_success`, `on_failure`, `on_end`, `reason`
    hint: The file is a list of tasks: [{"name": "a", "kind": "label", …}]; `automata tasks add --help` names the fields.
    error: stdin: `[1].priority`: invalid value: integer `-3`, expected u64
    hint: The file is a list of tasks: [{"name": "a", "kind": "label", …}]; `automata tasks add --help` names the fields.
    error: stdin: `[1]`: missing field `kind`
    hint: The file is a list of tasks: [{"name": "a", "kind": "label", …}]; `automata tasks add --help` names the fields.
    error: stdin, task 2, `on_end.in`: a task that is enqueued when another one ends has none of that
    hint: It waits for the end of the other and for nothing else.
    error: stdin: there is no task in it
    hint: Name at least one.
    error: stdin: invalid type: string "comment", expected a task: {"kind": …}
    hint: The file is a list of tasks: [{"name": "a", "kind": "label", …}]; `automata tasks add --help` names the fields.
    "#);
    assert_eq!(forge.sequence(), 0, "not even what was fine");
    insta::assert_snapshot!(forge.told(&["tasks", "add", "--from", "/nowhere.json"]), @r"
    exit code 2
    -- stderr
    error: --from: /nowhere.json cannot be read: No such file or directory (os error 2)
    hint: Name a file of JSON.
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "add"]), @r"
    exit code 2
    -- stderr
    error: the following required arguments were not provided:
      <KIND>

    Usage: automata tasks add <KIND>

    For more information, try '--help'.
    ");
}
