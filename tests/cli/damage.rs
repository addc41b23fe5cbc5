//! A state branch that somebody else has written on, as its user meets it.

use super::forge::LocalForge;
use super::runner::Runner;

/// A forge whose log two runs have written: six tail files or so, and no snapshot yet.
pub(super) fn written() -> LocalForge {
    let forge = LocalForge::new();
    for title in ["How do I read the list from a file?", "Where are the prices?"] {
        let payload = forge.opens("carol", title, "");
        forge.take_in(&payload).well();
    }
    forge
}

/// Puts `content` at `path` on the state branch; none removes it.
pub(super) fn tamper(forge: &LocalForge, path: &str, content: Option<&str>) {
    let worktree = tempfile::tempdir().unwrap();
    let at = worktree.path().to_str().unwrap().to_owned();
    forge.git(&["worktree", "add", "--quiet", "--force", &at, "automata-state"]);
    match content {
        Some(content) => std::fs::write(worktree.path().join(path), content).unwrap(),
        None => std::fs::remove_file(worktree.path().join(path)).unwrap(),
    }
    forge.git(&["-C", &at, "add", "--all"]);
    forge.git(&["-C", &at, "commit", "--quiet", "-m", "Change by hand"]);
    forge.git(&["worktree", "remove", "--force", &at]);
}

pub(super) fn tail_files(forge: &LocalForge) -> Vec<String> {
    forge.git(&["ls-tree", "--name-only", "automata-state", "tail/"]).lines().map(str::to_owned).collect()
}

pub(super) fn content(forge: &LocalForge, path: &str) -> String {
    forge.git(&["show", &format!("automata-state:{path}")])
}

/// What everybody who writes is told; nothing is written.
pub(super) fn writers_are_told(forge: &LocalForge, code: i32) -> String {
    let before = forge.git(&["for-each-ref"]);
    let comments = std::fs::read_dir(forge.path().join("forge/comments")).unwrap().count();
    let payload = forge.opens("bob", "A new one", "");
    let (run, drain) = (forge.take_in(&payload), forge.program(&["drain"]).run());
    assert_eq!((run.code, drain.code), (Some(code), Some(code)));
    assert_eq!(run.stderr, drain.stderr);
    assert_eq!(forge.git(&["for-each-ref"]), before, "nothing is written");
    assert_eq!(std::fs::read_dir(forge.path().join("forge/comments")).unwrap().count(), comments);
    forge.named(&run)
}

/// The text with the commits of branch and witness called by what they are.
pub(super) fn with_commits_named(forge: &LocalForge, text: &str) -> String {
    let mut told = text.to_owned();
    for (name, commit) in
        [("LEFT", "refs/automata/witness/automata-state"), ("NOW", "refs/heads/automata-state")]
    {
        let commit = forge.git(&["for-each-ref", "--format=%(objectname)", commit]);
        if !commit.is_empty() {
            told = told.replace(commit.trim(), name);
        }
    }
    told
}

fn writers(forge: &LocalForge, code: i32) -> String {
    with_commits_named(forge, &writers_are_told(forge, code))
}

fn told(forge: &LocalForge, arguments: &[&str]) -> String {
    with_commits_named(forge, &forge.told(arguments))
}

#[test]
fn an_edited_line_breaks_the_chain_and_everything_up_to_there_is_still_shown() {
    let forge = written();
    let edited = &tail_files(&forge)[2];
    let lines = content(&forge, edited);
    assert!(lines.starts_with("{\"v\":1,\"seq\":10,"), "{lines}");
    tamper(&forge, edited, Some(&lines.replacen("issue/2", "issue/3", 1)));
    insta::assert_snapshot!(writers(&forge, 1), @r"
    exit code 1
    -- stderr
    failed: the log is damaged at commit HASH1, tail/000000000010.jsonl, line 2: the chain is broken: event 11 follows HASH2, but HASH3 comes before it
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that.
    hint: To bring the log back as refs/automata/witness/automata-state saw it, up to event 18: in a clone `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`.
    ");
    insta::assert_snapshot!(told(&forge, &["verify"]), @r"
    exit code 1
    -- stdout
    refs/heads/automata-state: 10 events read
    damaged: the log is damaged at commit HASH1, tail/000000000010.jsonl, line 2: the chain is broken: event 11 follows HASH2, but HASH3 comes before it
    refs/automata/witness/automata-state is behind the branch, at HASH4 in its history: the next append moves it on
    -- stderr
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that.
    hint: To bring the log back as refs/automata/witness/automata-state saw it, up to event 18: in a clone `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`.
    ");
    let log = forge.program(&["log", "--format", "json"]).run();
    assert_eq!(log.code, Some(1));
    let lines: Vec<serde_json::Value> =
        log.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (told, events) = lines.split_last().unwrap();
    assert_eq!(events.len(), 10, "all that comes before the break");
    assert!(told["error"]["message"].as_str().unwrap().contains(&format!("{edited}, line 2")), "{told}");
    let status = forge.program(&["status"]).run();
    assert_eq!(status.code, Some(1));
    assert!(status.stdout.contains("2 completed"), "{}", status.stdout);
    assert_eq!(forge.program(&["show", "3"]).run().code, Some(0), "an event before the break");
    let why = forge.program(&["why", "1"]).run();
    assert!(why.code == Some(1) && why.stdout.contains("Story:"), "{}", why.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hands_out_a_broken_head_still_lets_us_look() {
    let runner = Runner::start().await;
    let issue = runner.github.open_issue("carol", "How do I read a list?", "", &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    step.run().well();
    let whole = runner.log();
    runner.git.repository.commit_file("automata-state", "head.json", Some(b"<<<<<<< HEAD\n"));
    let log = step.program.with(&["log", "--last", "0", "--format", "json"]).run();
    assert_eq!(log.code, Some(1));
    let shown: Vec<serde_json::Value> =
        log.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(shown[..shown.len() - 1], whole, "the commit before the damage holds it all");
    assert_eq!(step.run().code, Some(1), "and nobody writes");
}

#[test]
fn a_missing_file_is_missed() {
    let forge = written();
    let files = tail_files(&forge);
    tamper(&forge, &files[1], None);
    insta::assert_snapshot!(writers(&forge, 1), @r"
    exit code 1
    -- stderr
    failed: the log is damaged at commit HASH1, tail/000000000010.jsonl: event 8 should come next
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that.
    hint: To bring the log back as refs/automata/witness/automata-state saw it, up to event 18: in a clone `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`.
    ");
    insta::assert_snapshot!(told(&forge, &["log"]), @r"
    exit code 1
    -- stdout
    EVENT  WHEN                      ABOUT    WHAT HAPPENED
    1      TIME  issue/1  carol opened issue #1: How do I read the list from a file?
    2      TIME  issue/1  task ID1.1 `analyse` enqueued: built-in rule: an issue that was opened, reopened or edited is analysed
    3      TIME  issue/1  task ID1.1 claimed (lease 1)
    4      TIME  issue/1  task ID1.1 completed
    5      TIME  issue/1  task ID2.1 `comment` enqueued: the analysis is shown in the status comment
    6      TIME  issue/1  task ID2.1 claimed (lease 1)
    7      TIME  issue/1  about to change the comment on issue/1: HASH1
    -- stderr
    failed: the log is damaged at commit HASH2, tail/000000000010.jsonl: event 8 should come next
    hint: What was shown ends with event 7, the last one that can be read.
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that.
    hint: To bring the log back as refs/automata/witness/automata-state saw it, up to event 18: in a clone `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`.
    ");
    insta::assert_snapshot!(told(&forge, &["why", "2"]), @r"
    exit code 1
    -- stdout
    issue #2

    Not done:
    - the log can only be read up to event 7
        because the error below says what is wrong there
    - no event up to event 7 is about #2
        because What comes after it may be about the issue.
        because 2 was taken for an issue's number; `automata show 2` shows event 2.
    -- stderr
    failed: the log is damaged at commit HASH1, tail/000000000010.jsonl: event 8 should come next
    hint: What was shown ends with event 7, the last one that can be read.
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that.
    hint: To bring the log back as refs/automata/witness/automata-state saw it, up to event 18: in a clone `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`.
    ");
    insta::assert_snapshot!(told(&forge, &["show", "20"]), @r"
    exit code 1
    -- stderr
    failed: the log is damaged at commit HASH1, tail/000000000010.jsonl: event 8 should come next
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that.
    hint: To bring the log back as refs/automata/witness/automata-state saw it, up to event 18: in a clone `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`.
    ");
}

#[test]
fn a_truncated_file_is_named_with_its_line() {
    let forge = written();
    let files = tail_files(&forge);
    let lines = content(&forge, &files[0]);
    tamper(&forge, &files[0], Some(&lines[..lines.len() - 20]));
    insta::assert_snapshot!(writers(&forge, 1), @r"
    exit code 1
    -- stderr
    failed: the log is damaged at commit HASH1, tail/000000000001.jsonl, line 7: the file does not end with a whole line
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that.
    hint: To bring the log back as refs/automata/witness/automata-state saw it, up to event 18: in a clone `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`.
    ");
    insta::assert_snapshot!(told(&forge, &["log"]), @r"
    exit code 1
    -- stdout
    EVENT  WHEN                      ABOUT    WHAT HAPPENED
    1      TIME  issue/1  carol opened issue #1: How do I read the list from a file?
    2      TIME  issue/1  task ID1.1 `analyse` enqueued: built-in rule: an issue that was opened, reopened or edited is analysed
    3      TIME  issue/1  task ID1.1 claimed (lease 1)
    4      TIME  issue/1  task ID1.1 completed
    5      TIME  issue/1  task ID2.1 `comment` enqueued: the analysis is shown in the status comment
    6      TIME  issue/1  task ID2.1 claimed (lease 1)
    -- stderr
    failed: the log is damaged at commit HASH1, tail/000000000001.jsonl, line 7: the file does not end with a whole line
    hint: What was shown ends with event 6, the last one that can be read.
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that.
    hint: To bring the log back as refs/automata/witness/automata-state saw it, up to event 18: in a clone `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`.
    ");
}

#[test]
fn a_broken_head_is_named() {
    let forge = written();
    tamper(&forge, "head.json", Some("<<<<<<< HEAD\n"));
    insta::assert_snapshot!(writers(&forge, 1), @r"
    exit code 1
    -- stderr
    failed: the log is damaged at commit HASH1, head.json: expected value at line 1 column 1
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that.
    hint: To bring the log back as refs/automata/witness/automata-state saw it, up to event 18: in a clone `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`.
    ");
    insta::assert_snapshot!(told(&forge, &["verify", "--format", "json"]), @r#"
    exit code 1
    -- stdout
    {"sound":false,"reference":"refs/heads/automata-state","witness":{"reference":"refs/automata/witness/automata-state","commit":"HASH1","level":false},"events":18,"chain":null,"problems":["the log is damaged at commit HASH2, head.json: expected value at line 1 column 1"],"hints":["Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that.","To bring the log back as refs/automata/witness/automata-state saw it, up to event 18: in a clone `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`."]}
    "#);
    insta::assert_snapshot!(told(&forge, &["status"]), @r"
    exit code 1
    -- stdout
    0 cancelled, 4 completed, 0 failed, 0 pending, 0 running (event 18)
    STATUS     KIND     ABOUT    ATTEMPTS  TASK            DETAIL
    completed  analyse  issue/1  1/6       ID1.1  since TIME
    completed  comment  issue/1  1/6       ID2.1  since TIME
    completed  analyse  issue/2  1/6       ID3.1  since TIME
    completed  comment  issue/2  1/6       ID4.1  since TIME
    -- stderr
    failed: the log is damaged at commit HASH1, head.json: expected value at line 1 column 1
    hint: What was shown ends with event 18, the last one that can be read.
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that.
    hint: To bring the log back as refs/automata/witness/automata-state saw it, up to event 18: in a clone `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`.
    ");
}

#[test]
fn a_newer_format_asks_for_the_newer_program() {
    let forge = written();
    tamper(&forge, "head.json", Some("{\"format\": 99}\n"));
    insta::assert_snapshot!(writers(&forge, 2), @r"
    exit code 2
    -- stderr
    error: the log at commit HASH1, head.json was written by a newer Automata: the branch has format 99, this program reads up to 2
    hint: Update the action to the version that wrote the log, or a later one.
    ");
    insta::assert_snapshot!(told(&forge, &["log"]), @r"
    exit code 2
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
    10     TIME  issue/2  carol opened issue #2: Where are the prices?
    11     TIME  issue/2  task ID3.1 `analyse` enqueued: built-in rule: an issue that was opened, reopened or edited is analysed
    12     TIME  issue/2  task ID3.1 claimed (lease 1)
    13     TIME  issue/2  task ID3.1 completed
    14     TIME  issue/2  task ID4.1 `comment` enqueued: the analysis is shown in the status comment
    15     TIME  issue/2  task ID4.1 claimed (lease 1)
    16     TIME  issue/2  about to change the comment on issue/2: HASH2
    17     TIME  issue/2  status done: file://DIR/forge/comments/0002/0002.json
    18     TIME  issue/2  task ID4.1 completed
    -- stderr
    error: the log at commit HASH3, head.json was written by a newer Automata: the branch has format 99, this program reads up to 2
    hint: What was shown ends with event 18, the last one that can be read.
    hint: Update the action to the version that wrote the log, or a later one.
    ");
}

#[test]
fn the_way_back_that_is_told_works() {
    let forge = written();
    let good = forge.git(&["rev-parse", "automata-state"]);
    tamper(&forge, "head.json", None);
    assert_eq!(forge.program(&["drain"]).run().code, Some(1));
    super::set_back::obey(&forge, &forge.program(&["drain"]).run().stderr, 0);
    assert_eq!(forge.git(&["rev-parse", "automata-state"]), good);
    forge.program(&["drain"]).run().well();
    forge.program(&["verify"]).run().well();
}
