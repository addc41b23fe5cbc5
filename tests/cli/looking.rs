//! `status`, `log`, `show`, `why` and `verify`, for people and for programs.

use super::forge::LocalForge;

/// Carol has asked a question, and a run has taken it in.
fn asked() -> LocalForge {
    let forge = LocalForge::new();
    let payload =
        forge.opens("carol", "How do I read the list from a file?", "I found nothing in the README.");
    forge.take_in(&payload).well();
    forge
}

#[test]
fn a_run_says_what_it_did() {
    let forge = LocalForge::new();
    let payload =
        forge.opens("carol", "How do I read the list from a file?", "I found nothing in the README.");
    insta::assert_snapshot!(forge.named(&forge.take_in(&payload)), @r"
    exit code 0
    -- stdout
    recorded: carol opened issue #1: How do I read the list from a file?
    2 tasks completed, 1 change outside, 2 pushes to the log
    ");
    insta::assert_snapshot!(forge.named(&forge.take_in(&payload)), @r"
    exit code 0
    -- stdout
    duplicate: this was recorded before, as event 1
    0 tasks completed, 0 changes outside, 0 pushes to the log
    ");
    insta::assert_snapshot!(forge.told(&["drain"]), @r"
    exit code 0
    -- stdout
    drained: worked through the queue
    0 tasks completed, 0 changes outside, 0 pushes to the log
    ");
    insta::assert_snapshot!(forge.told(&["drain", "--format", "json"]), @r#"
    exit code 0
    -- stdout
    {"outcome":"drained","headline":"worked through the queue","issue":null,"pull_request":null,"tally":{"completed":0,"retried":0,"failed":0,"effects":0,"pushes":0,"settled":0},"sequence":9,"warnings":[]}
    "#);
}

#[test]
fn a_log_that_nobody_wrote_is_empty_and_sound() {
    let forge = LocalForge::new();
    for command in ["status", "log", "verify"] {
        assert_eq!(forge.program(&[command]).run().code, Some(0), "{command}");
    }
    insta::assert_snapshot!(forge.told(&["status"]), @r"
    exit code 0
    -- stdout
    0 cancelled, 0 completed, 0 failed, 0 pending, 0 running (event 0)
    ");
    insta::assert_snapshot!(forge.told(&["why", "7"]), @"
    exit code 0
    -- stdout
    issue #7

    Not done:
    - nothing was ever recorded about #7
        because no event about it reached a run: the workflow may be missing its trigger, or GitHub dropped the run.
        because What Automata does itself is not recorded again, and neither is what a bot does that `bots.allow` does not name.
    ");
    insta::assert_snapshot!(forge.told(&["show", "7"]), @r"
    exit code 2
    -- stderr
    error: there is no event 7
    hint: A bare number is an event's. For the issue write `automata show '#7'` or `automata why 7`.
    ");
}

#[test]
fn the_queue_is_shown() {
    let forge = asked();
    insta::assert_snapshot!(forge.told(&["status"]), @r"
    exit code 0
    -- stdout
    0 cancelled, 2 completed, 0 failed, 0 pending, 0 running (event 9)
    STATUS     KIND     ABOUT    ATTEMPTS  TASK            DETAIL
    completed  analyse  issue/1  1/6       ID1.1  since TIME
    completed  comment  issue/1  1/6       ID2.1  since TIME
    ");
    insta::assert_snapshot!(forge.told(&["status", "--format", "json"]), @r#"
    exit code 0
    -- stdout
    {"sequence":9,"counts":{"cancelled":0,"completed":2,"failed":0,"pending":0,"running":0},"held":[],"tasks":[{"task":"ID1.1","kind":"analyse","subject":"issue/1","status":"completed","wait":null,"detail":"since TIME","priority":50,"attempts":1,"max_attempts":6,"reason":"built-in rule: an issue that was opened, reopened or edited is analysed"},{"task":"ID2.1","kind":"comment","subject":"issue/1","status":"completed","wait":null,"detail":"since TIME","priority":40,"attempts":1,"max_attempts":6,"reason":"the analysis is shown in the status comment"}]}
    "#);
}

#[test]
fn the_log_is_shown_whole_in_part_and_by_subject() {
    let forge = asked();
    insta::assert_snapshot!(forge.told(&["log"]), @r"
    exit code 0
    -- stdout
    EVENT  WHEN                      ABOUT    WHAT HAPPENED
    1      TIME  issue/1  carol opened issue #1: How do I read the list from a file?
    2      TIME  issue/1  task ID1.1 `analyse` enqueued: built-in rule: an issue that was opened, reopened or edited is analysed
    3      TIME  issue/1  task ID1.1 claimed (lease 1)
    4      TIME  issue/1  task ID1.1 completed
    5      TIME  issue/1  task ID2.1 `comment` enqueued: the analysis is shown in the status comment
    6      TIME  issue/1  task ID2.1 claimed (lease 1)
    7      TIME  issue/1  about to change the comment on issue/1: HASH1
    8      TIME  issue/1  status done: file://DIR/forge/comments/0001/0001.json
    9      TIME  issue/1  task ID2.1 completed
    ");
    insta::assert_snapshot!(forge.told(&["log", "-n", "2", "--subject", "issue/1"]), @r"
    exit code 0
    -- stdout
    EVENT  WHEN                      ABOUT    WHAT HAPPENED
    8      TIME  issue/1  status done: file://DIR/forge/comments/0001/0001.json
    9      TIME  issue/1  task ID1.1 completed
    ");
    insta::assert_snapshot!(forge.told(&["log", "--subject", "issue/2"]), @"exit code 0");
    insta::assert_snapshot!(forge.told(&["log", "--subject", "nonsense"]), @"
    exit code 2
    -- stderr
    error: `nonsense` is not a subject: write issue/42, pull/7, drive/ID or repository
    hint: For example: automata log --subject issue/42
    ");
    let lines = forge.program(&["log", "--last", "0", "--format", "json"]).run().well();
    let places: Vec<u64> = lines
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["seq"].as_u64().unwrap())
        .collect();
    let last = places.len() as u64;
    assert_eq!(places, (1..=last).collect::<Vec<_>>(), "one event a line, none missing");
    insta::assert_snapshot!(forge.told(&["log", "-n", "1", "--format", "json"]), @r#"
    exit code 0
    -- stdout
    {"actor":{"kind":"automata","login":"automata"},"at":"TIME","cause":5,"correlation":1,"data":{"lease":1,"output":{"digest":"HASH1","id":1,"url":"file://DIR/forge/comments/0001/0001.json"},"task":"ID1.1"},"id":"ID2-0","run":"RUN1","seq":9,"subject":"issue/1","type":"task.completed","v":1}
    "#);
}

#[test]
fn one_thing_is_shown_with_everything_about_it() {
    let forge = asked();
    insta::assert_snapshot!(forge.told(&["show", "2", "--format", "json"]), @r#"
    exit code 0
    -- stdout
    {"actor":{"kind":"automata","login":"automata"},"at":"TIME","cause":1,"correlation":1,"data":{"spec":{"input":{},"kind":"analyse","max_attempts":6,"priority":50,"reason":"built-in rule: an issue that was opened, reopened or edited is analysed","subject":"issue/1","unique":"analyse issue/1"},"task":"ID1.1"},"id":"ID1-1","run":"RUN1","seq":2,"subject":"issue/1","type":"task.enqueued","v":1}
    "#);
    let status = forge.program(&["status", "--format", "json"]).run().well().json();
    let task = status["tasks"][0]["task"].as_str().unwrap();
    let shown = forge.program(&["show", task, "--format", "json"]).run().well().json();
    assert_eq!(shown["task"]["id"], task);
    assert_eq!(shown["task"]["spec"]["kind"], "analyse");
    let by_beginning = forge.program(&["show", &task[..8], "--format", "json"]).run().well();
    assert_eq!(by_beginning.json(), shown);
    let issue = forge.program(&["show", "#1", "--format", "json"]).run().well();
    assert_eq!(issue.json()["tasks"].as_array().unwrap().len(), 2);
    assert_eq!(forge.program(&["show", "issue/1", "--format", "json"]).run().well().stdout, issue.stdout);
}

#[test]
fn what_is_unknown_or_means_several_things_is_said() {
    let forge = asked();
    insta::assert_snapshot!(forge.told(&["show", "nothing"]), @r"
    exit code 2
    -- stderr
    error: nothing is known of `nothing`
    hint: `automata status` lists tasks, `automata log` events; finished tasks and closed issues stay in the log alone.
    ");
    insta::assert_snapshot!(forge.told(&["show", "99"]), @r"
    exit code 2
    -- stderr
    error: there is no event 99
    hint: A bare number is an event's. For the issue write `automata show '#99'` or `automata why 99`.
    ");
    insta::assert_snapshot!(forge.told(&["show", "issue/99", "--format", "json"]), @r#"
    exit code 2
    -- stdout
    {"error":{"exit_code":2,"hints":["`automata status` lists tasks, `automata log` events; finished tasks and closed issues stay in the log alone."],"kind":"usage","message":"nothing is known of `issue/99`"}}
    -- stderr
    error: nothing is known of `issue/99`
    hint: `automata status` lists tasks, `automata log` events; finished tasks and closed issues stay in the log alone.
    "#);
    insta::assert_snapshot!(forge.told(&["show", ""]), @r"
    exit code 2
    -- stderr
    error: `` is the beginning of 2 tasks
    hint: Name one of ID1.1, ID2.1.
    ");
}

#[test]
fn a_task_is_found_by_the_short_id_that_the_log_prints() {
    let forge = asked();
    let log = forge.program(&["log"]).run().well().stdout;
    let short = log.split_whitespace().skip_while(|word| *word != "task").nth(1).unwrap().to_owned();
    let shown = forge.program(&["show", &short, "--format", "json"]).run().well().json();
    let id = shown["task"]["id"].as_str().unwrap().to_owned();
    assert_ne!(id, short);
    assert!(id.starts_with(&short[..5]), "{short} shows {id}");
}

#[test]
fn why_leads_from_the_event_to_the_receipt() {
    let forge = asked();
    insta::assert_snapshot!(forge.told(&["why", "#1"]), @"
    exit code 0
    -- stdout
    issue #1

    Found:
    - it is a question (92% sure)
        because the title says “how do”.
        because the title is a question.
        because the title says “i”.
    - its urgency is normal (50% sure)
        because nothing says that it is urgent, or that it is not.

    Done:
    - the status comment was written
        because task ID1.1 `comment`: the analysis is shown in the status comment
        because it follows from task ID2.1 `analyse`: built-in rule: an issue that was opened, reopened or edited is analysed
        because event 1 TIME carol opened issue #1: How do I read the list from a file?
        because receipt at event 8, done: file://DIR/forge/comments/0001/0001.json

    Not done:
    - label `question` is not set
        because the repository had no such label when the issue was analysed; with `labels.create` it would be made

    Story:
      1 TIME carol opened issue #1: How do I read the list from a file?
      2 TIME task ID2.1 `analyse` enqueued: built-in rule: an issue that was opened, reopened or edited is analysed
      3 TIME task ID2.1 claimed (lease 1)
      4 TIME task ID2.1 completed
      5 TIME task ID1.1 `comment` enqueued: the analysis is shown in the status comment
      6 TIME task ID1.1 claimed (lease 1)
      7 TIME about to change the comment on issue/1: HASH1
      8 TIME status done: file://DIR/forge/comments/0001/0001.json
      9 TIME task ID1.1 completed
    ");
    let answer = forge.program(&["why", "1", "--format", "json"]).run().well().json();
    let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["about", "changes", "findings", "issue", "silence", "story"]);
    insta::assert_snapshot!(forge.told(&["why", "99"]), @"
    exit code 0
    -- stdout
    issue #99

    Not done:
    - nothing was ever recorded about #99
        because no event about it reached a run: the workflow may be missing its trigger, or GitHub dropped the run.
        because What Automata does itself is not recorded again, and neither is what a bot does that `bots.allow` does not name.
    ");
    insta::assert_snapshot!(forge.told(&["why", "../etc"]), @"
    exit code 2
    -- stderr
    error: nothing is recorded about `../etc`
    hint: No task, effect, run, label, login or branch of that name is in the log. For all about an issue: automata why NUMBER; for why something is not there: automata why NUMBER NAME.
    ");
}

#[test]
fn a_sound_log_is_called_sound() {
    let forge = asked();
    insta::assert_snapshot!(forge.told(&["verify"]), @r"
    exit code 0
    -- stdout
    refs/heads/automata-state: 9 events read, chain HASH1
    refs/automata/witness/automata-state: the branch is where it was left
    sound: every line, the chain, every transition and the snapshot agree
    ");
    let verified = forge.program(&["verify", "--format", "json"]).run().well().json();
    assert_eq!(verified["sound"], true);
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let forge = asked();
    for command in [&["log"][..], &["log", "--format", "json"], &["why", "1"], &["--help"]] {
        let ran = forge.program(command).run_into_a_closing_pipe();
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{command:?}");
        assert!(!ran.stdout.is_empty());
    }
}

#[test]
fn what_waits_for_a_sound_configuration_is_shown() {
    let forge = LocalForge::new();
    forge.commits(".github/automata.yml", "mode: acting\n");
    let payload = forge.opens("carol", "How do I read the list from a file?", "");
    assert_eq!(forge.take_in(&payload).code, Some(2));
    insta::assert_snapshot!(forge.told(&["drain"]), @r"
    exit code 2
    -- stdout
    drained: nothing was begun, because the configuration is not sound
    0 tasks completed, 0 changes outside, 0 pushes to the log
    -- stderr
    warning: .github/automata.yml:1:7: mode: `acting` is not known here; did you mean `act`?
    warning: 1 event waits for a sound configuration (issue/1); the first run that finds one decides what follows.
    ");
    insta::assert_snapshot!(forge.told(&["status"]), @r"
    exit code 0
    -- stdout
    0 cancelled, 0 completed, 0 failed, 0 pending, 0 running (event 2)
    event 1 (issue/1) waits for a sound configuration since TIME: .github/automata.yml:1:7: mode: `acting` is not known here; did you mean `act`?
    -- stderr
    warning: .github/automata.yml:1:7: mode: `acting` is not known here; did you mean `act`?
    ");
    insta::assert_snapshot!(forge.told(&["why", "1"]), @"
    exit code 0
    -- stdout
    issue #1

    Not done:
    - event 1 waits for a sound configuration
        because .github/automata.yml:1:7: mode: `acting` is not known here; did you mean `act`?
        because what to do: mend .github/automata.yml (`automata check` explains it); the next run decides what follows

    Story:
      1 TIME carol opened issue #1: How do I read the list from a file?
      2 TIME event 1 held back: .github/automata.yml:1:7: mode: `acting` is not known here; did you mean `act`?
    -- stderr
    warning: .github/automata.yml:1:7: mode: `acting` is not known here; did you mean `act`?
    ");
    forge.commits(".github/automata.yml", "mode: act\n");
    insta::assert_snapshot!(forge.told(&["drain"]), @r"
    exit code 0
    -- stdout
    drained: worked through the queue
    1 event that had waited decided, 2 tasks completed, 1 change outside, 2 pushes to the log
    ");
}

#[test]
fn a_run_sweeps_what_killed_ones_left_on_the_machine() {
    let forge = LocalForge::new();
    let machine = tempfile::tempdir().unwrap();
    let left = machine.path().join("automata-git-0123456789ab");
    std::fs::create_dir_all(left.join("objects")).unwrap();
    let folder = std::fs::File::open(&left).unwrap();
    let made = folder.metadata().unwrap().modified().unwrap();
    folder.set_modified(made - std::time::Duration::from_secs(2 * 24 * 3600)).unwrap();
    forge.program(&["status"]).set("TMPDIR", machine.path()).run().well();
    assert!(left.exists(), "who only looks removes nothing");
    forge.program(&["drain"]).set("TMPDIR", machine.path()).run().well();
    assert_eq!(std::fs::read_dir(machine.path()).unwrap().count(), 0);
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let forge = asked();
    let commands: [&[&str]; 6] = [
        &["status"],
        &["status", "--format", "json"],
        &["log"],
        &["why", "1"],
        &["check", "--schema"],
        &["--help"],
    ];
    for command in commands {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ran = forge.program(command).run_into(full);
        assert_eq!(ran.code, Some(1), "{command:?}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("the output cannot be written: No space left on device"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn the_queue_is_summed_up_where_much_has_ended() {
    let forge = LocalForge::new();
    for _ in 0..8 {
        forge.adds(&["milestone"]);
    }
    forge.program(&["drain"]).run().well();
    forge.adds(&["milestone", "--awaits", "merged:7"]);
    insta::assert_snapshot!(forge.told(&["status"]), @"
    exit code 0
    -- stdout
    0 cancelled, 8 completed, 0 failed, 1 pending, 0 running (event 25)
    STATUS     KIND       ABOUT       ATTEMPTS  TASK            DETAIL
    pending    milestone  repository  0/6       ID1.1  waits for merged:7
    completed  milestone  repository  1/6       ID2.1  since TIME
    completed  milestone  repository  1/6       ID3.1  since TIME
    completed  milestone  repository  1/6       ID4.1  since TIME
    completed  milestone  repository  1/6       ID5.1  since TIME
    completed  milestone  repository  1/6       ID6.1  since TIME
    -- stderr
    3 completed or cancelled tasks more; `automata tasks list -n 0 --status completed,cancelled` lists them.
    ");
    let whole = forge.program(&["status", "--format", "json"]).run().well().json();
    assert_eq!(whole["tasks"].as_array().unwrap().len(), 9, "programs are told all of it");
}

#[test]
fn a_task_that_fails_is_told_once() {
    let forge = LocalForge::new();
    forge.opens("carol", "How do I read the list from a file?", "");
    forge.loses_its_labels();
    forge.adds(&["label", "--subject", "issue/1", "--input", r#"{"add": ["bug"]}"#, "--max-attempts", "1"]);
    insta::assert_snapshot!(forge.told(&["drain"]), @"
    exit code 1
    -- stdout
    drained: worked through the queue
    0 tasks completed, 1 given up, 0 changes outside, 1 push to the log
    -- stderr
    warning: issue/1: task ID1.1 given up: DIR/forge/labels.json cannot be used: Is a directory (os error 21).
    ");
}

#[test]
fn where_there_is_no_task_that_is_said() {
    let forge = LocalForge::new();
    insta::assert_snapshot!(forge.told(&["tasks", "list"]), @"
    exit code 0
    -- stderr
    There are no tasks.
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "graph"]), @"
    exit code 0
    -- stderr
    No task is unfinished; `automata tasks list` shows those that ended.
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "list", "--format", "json"]), @r#"
    exit code 0
    -- stdout
    {"matching":0,"sequence":0,"tasks":[]}
    "#);
}
