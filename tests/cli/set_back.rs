//! A state branch that was set back, rewritten or deleted, as its user meets it, and the two ways out.

use super::damage::{with_commits_named, writers_are_told, written};
use super::forge::LocalForge;
use super::runner::Runner;
use crate::world::repository::hermetic_git;

const BRANCH: &str = "refs/heads/automata-state";
const WITNESS: &str = "refs/automata/witness/automata-state";

fn at(forge: &LocalForge, name: &str) -> String {
    forge.git(&["rev-parse", name]).trim().to_owned()
}

/// Everything that can be seen of the log, the tasks and the one issue; the damage is told after it.
fn everything_is_still_shown(forge: &LocalForge) {
    for command in [&["log", "--last", "0"][..], &["status"], &["why", "1"], &["show", "issue/1"]] {
        let ran = forge.program(command).run();
        assert_eq!(ran.code, Some(1), "{command:?}: {}", ran.stderr);
        assert!(ran.stdout.contains("completed") || ran.stdout.contains("analyse"), "{}", ran.stdout);
        assert!(ran.stderr.contains("What was shown ends with event 18"), "{}", ran.stderr);
    }
}

/// What writers are told, with the commits called by what they are.
fn told(forge: &LocalForge) -> String {
    with_commits_named(forge, &writers_are_told(forge, 1))
}

/// Runs what stands in backquotes in a hint: git in a clone as a person has one.
pub(super) fn obey(forge: &LocalForge, told: &str, way: usize) {
    let clone = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let output = hermetic_git().current_dir(clone.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let hint = told.lines().filter(|line| line.starts_with("hint: To ")).nth(way).unwrap();
    let mut commands: Vec<&str> = hint.split('`').skip(1).step_by(2).collect();
    assert!(!commands.is_empty(), "{hint}");
    if let Some(file) = commands[0].strip_prefix("rm ") {
        std::fs::remove_file(file).unwrap();
        commands.remove(0);
    }
    git(&["clone", "--quiet", forge.path().join("repository.git").to_str().unwrap(), "."]);
    for command in commands {
        let words: Vec<&str> = command.split(' ').collect();
        assert_eq!(words[0], "git", "{command}");
        git(&words[1..]);
    }
}

#[test]
fn a_branch_that_was_set_back_stops_the_work_and_everything_is_still_shown() {
    for back in ["automata-state~1", "automata-state~2"] {
        let forge = written();
        forge.git(&["update-ref", BRANCH, back]);
        insta::allow_duplicates! { insta::assert_snapshot!(told(&forge), @r"
        exit code 1
        -- stderr
        failed: refs/heads/automata-state was set back or rewritten: it is at HASH1, but refs/automata/witness/automata-state saw it at HASH2
        hint: Nothing is written until you have decided; `automata log` shows all that is known.
        hint: To bring the log back, in a clone: `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`.
        hint: To accept that what it had besides is lost: `git push origin :refs/automata/witness/automata-state`.
        "); }
        insta::allow_duplicates! { insta::assert_snapshot!(verified(&forge), @r"
        refs/heads/automata-state: 18 events read
        damaged: refs/heads/automata-state was set back or rewritten: it is at HASH1, but refs/automata/witness/automata-state saw it at HASH2
        "); }
        everything_is_still_shown(&forge);
    }
}

/// What `verify` says, without the hints that writers get too.
fn verified(forge: &LocalForge) -> String {
    let ran = forge.program(&["verify"]).run();
    assert!(ran.code == Some(1) && ran.stderr.contains("hint: To bring the log back"), "{}", ran.stderr);
    super::program::plain(&ran.stdout)
}

#[test]
fn a_branch_that_was_deleted_is_not_begun_anew() {
    let forge = written();
    forge.git(&["update-ref", "-d", BRANCH]);
    insta::assert_snapshot!(told(&forge), @r"
    exit code 1
    -- stderr
    failed: refs/heads/automata-state is gone, but refs/automata/witness/automata-state saw it at HASH1
    hint: Nothing is written until you have decided; `automata log` shows all that is known.
    hint: To bring the log back, in a clone: `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state: origin LEFT:refs/heads/automata-state`.
    hint: To accept that all of it is lost, and to begin anew: `git push origin :refs/automata/witness/automata-state`.
    ");
    everything_is_still_shown(&forge);
}

#[test]
fn a_last_commit_that_was_amended_is_noticed() {
    let forge = written();
    let tree = at(&forge, "automata-state^{tree}");
    let amended =
        forge.git(&["commit-tree", &tree, "-p", "automata-state~1", "-m", "The same with other words"]);
    forge.git(&["update-ref", BRANCH, amended.trim()]);
    insta::assert_snapshot!(told(&forge), @r"
    exit code 1
    -- stderr
    failed: refs/heads/automata-state was set back or rewritten: it is at HASH1, but refs/automata/witness/automata-state saw it at HASH2
    hint: Nothing is written until you have decided; `automata log` shows all that is known.
    hint: To bring the log back, in a clone: `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`.
    hint: To accept that what it had besides is lost: `git push origin :refs/automata/witness/automata-state`.
    ");
    everything_is_still_shown(&forge);
}

#[test]
fn a_branch_rewritten_with_something_else_may_be_somebodys_own_work() {
    let forge = written();
    forge.git(&["update-ref", BRANCH, "main"]);
    insta::assert_snapshot!(told(&forge), @r"
    exit code 1
    -- stderr
    failed: refs/heads/automata-state was set back or rewritten: it is at HASH1, but refs/automata/witness/automata-state saw it at HASH2
    hint: Nothing is written until you have decided; `automata log` shows all that is known.
    hint: There is no log on refs/heads/automata-state now. If that is somebody's own work, leave it there and name another branch in `state.branch` of .github/automata.yml.
    hint: To bring the log back, in a clone: `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`.
    hint: To accept that what it had besides is lost: `git push origin :refs/automata/witness/automata-state`.
    ");
    everything_is_still_shown(&forge);
}

#[test]
fn both_ways_out_that_are_told_work() {
    let setting_back: [&[&str]; 3] = [
        &["update-ref", BRANCH, "automata-state~2"],
        &["update-ref", "-d", BRANCH],
        &["update-ref", BRANCH, "main"],
    ];
    for (place, set_back) in setting_back.into_iter().enumerate() {
        for way in [0, 1] {
            let forge = written();
            let whole = at(&forge, BRANCH);
            forge.git(set_back);
            let drain = forge.program(&["drain"]).run();
            assert_eq!(drain.code, Some(1), "{}", drain.stderr);
            obey(&forge, &drain.stderr, way);
            let refs = forge.git(&["for-each-ref", "--format=%(refname)", WITNESS]);
            if way == 0 {
                assert_eq!((at(&forge, BRANCH), refs.trim()), (whole.clone(), WITNESS));
            } else {
                assert_eq!(refs, "");
            }
            if way == 1 && place == 2 {
                // Accepting that the log is gone does not make a branch with something else on it a log.
                assert_eq!(forge.program(&["drain"]).run().code, Some(2));
                continue;
            }
            let payload = forge.opens("bob", "A new one", "");
            forge.take_in(&payload).well();
            forge.program(&["verify"]).run().well();
            assert_eq!(at(&forge, BRANCH), at(&forge, WITNESS), "the next append moves both");
        }
    }
}

/// Reverts the last two commits of the state branch as a person does, in a clone, and pushes.
pub(super) fn reverts(forge: &LocalForge) {
    let clone = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let output = hermetic_git().current_dir(clone.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let origin = forge.path().join("repository.git");
    git(&["clone", "--quiet", "--branch", "automata-state", origin.to_str().unwrap(), "."]);
    git(&["revert", "--no-edit", "HEAD", "HEAD~1"]);
    git(&["push", "--quiet", "origin", "HEAD:automata-state"]);
}

#[test]
fn a_log_that_was_reverted_by_ordinary_commits_is_set_back_and_both_ways_out_work() {
    for way in [0, 1] {
        let forge = written();
        let whole = at(&forge, BRANCH);
        reverts(&forge);
        insta::allow_duplicates! { insta::assert_snapshot!(told(&forge), @r"
        exit code 1
        -- stderr
        failed: refs/heads/automata-state was set back or rewritten: it is at HASH1, but refs/automata/witness/automata-state saw it at HASH2
        hint: Nothing is written until you have decided; `automata log` shows all that is known.
        hint: To bring the log back, in a clone: `git fetch origin refs/automata/witness/automata-state`, then `git push --force-with-lease=refs/heads/automata-state:NOW origin LEFT:refs/heads/automata-state`.
        hint: To accept that what it had besides is lost: `git push origin :refs/automata/witness/automata-state`.
        "); }
        everything_is_still_shown(&forge);
        obey(&forge, &forge.program(&["drain"]).run().stderr, way);
        if way == 0 {
            assert_eq!(at(&forge, BRANCH), whole);
        }
        forge.take_in(&forge.opens("bob", "Another one", "")).well();
        forge.program(&["verify"]).run().well();
    }
}

#[test]
fn a_witness_that_is_wrong_is_not_offered_as_the_log_and_what_is_told_instead_works() {
    let gone = "1234567890123456789012345678901234567890";
    for wrong in ["main", gone] {
        let forge = written();
        let (good, main) = (at(&forge, BRANCH), at(&forge, "main"));
        let commit = if wrong == "main" { main.clone() } else { gone.to_owned() };
        let witness = forge.path().join("repository.git").join(WITNESS);
        std::fs::write(witness, format!("{commit}\n")).unwrap();
        let payload = forge.opens("bob", "A new one", "");
        let ran = forge.take_in(&payload);
        assert_eq!(ran.code, Some(1));
        assert!(ran.stderr.contains(&format!("{WITNESS} cannot be the log's witness")), "{}", ran.stderr);
        assert!(
            ran.stderr.contains("the log on refs/heads/automata-state ends with event 18"),
            "{}",
            ran.stderr
        );
        assert!(!ran.stderr.contains("--force"), "{}", ran.stderr);
        everything_is_still_shown(&forge);
        let verified = forge.program(&["verify"]).run();
        assert!(verified.stdout.contains("18 events read"), "{}", verified.stdout);
        assert_eq!((at(&forge, BRANCH), at(&forge, "main")), (good, main));
        obey(&forge, &ran.stderr, 0);
        forge.take_in(&payload).well();
        forge.program(&["verify"]).run().well();
        assert_eq!(at(&forge, BRANCH), at(&forge, WITNESS));
    }
}

#[test]
fn a_commit_by_another_hand_that_leaves_the_log_as_it_is_is_warned_of_once() {
    let forge = written();
    let clone = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        assert!(hermetic_git().current_dir(clone.path()).args(arguments).status().unwrap().success());
    };
    let origin = forge.path().join("repository.git");
    git(&["clone", "--quiet", "--branch", "automata-state", origin.to_str().unwrap(), "."]);
    std::fs::write(clone.path().join("foo.txt"), "foo\n").unwrap();
    git(&["add", "foo.txt"]);
    git(&["commit", "--quiet", "-m", "Add foo"]);
    git(&["push", "--quiet", "origin", "HEAD:automata-state"]);
    let warned = "refs/heads/automata-state has a commit by another hand";
    forge.program(&["verify"]).run().well();
    let ran = forge.take_in(&forge.opens("bob", "A new one", "")).well();
    assert_eq!(ran.stderr.matches(warned).count(), 1, "{}", ran.stderr);
    let ran = forge.take_in(&forge.opens("bob", "Another one", "")).well();
    assert!(!ran.stderr.contains(warned), "{}", ran.stderr);
    assert_eq!(forge.git(&["ls-tree", "--name-only", BRANCH, "foo.txt"]), "");
    assert_eq!(at(&forge, BRANCH), at(&forge, WITNESS));
}

#[test]
fn a_log_from_before_the_witness_gets_one_and_one_that_lags_is_moved_on() {
    for lag in [None, Some("automata-state~1"), Some("automata-state~3")] {
        let forge = written();
        match lag {
            None => forge.git(&["update-ref", "-d", WITNESS]),
            Some(lag) => forge.git(&["update-ref", WITNESS, lag]),
        };
        let verified = forge.program(&["verify"]).run().well();
        let said = if lag.is_none() { "there is none yet" } else { "is behind" };
        assert!(verified.stdout.contains(said), "{}", verified.stdout);
        let payload = forge.opens("bob", "A new one", "");
        forge.take_in(&payload).well();
        assert_eq!(at(&forge, BRANCH), at(&forge, WITNESS));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http_it_is_noticed_as_well_and_looking_shows_everything() {
    let runner = Runner::start().await;
    let issue = runner.github.open_issue("carol", "How do I read a list?", "", &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    step.run().well();
    let whole = runner.log();
    let git = |arguments: &[&str]| runner.git.repository.git(arguments);
    let good = git(&["rev-parse", "automata-state"]);
    for set_back in [&["update-ref", BRANCH, "automata-state~1"][..], &["update-ref", "-d", BRANCH]] {
        git(set_back);
        let refs = git(&["for-each-ref"]);
        let ran = step.run();
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("git push --force-with-lease={BRANCH}:")), "{}", ran.stderr);
        assert_eq!(git(&["for-each-ref"]), refs, "nothing is written");
        let log = step.program.with(&["log", "--last", "0", "--format", "json"]).run();
        assert_eq!(log.code, Some(1));
        let shown: Vec<serde_json::Value> =
            log.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(shown[..shown.len() - 1], whole);
        git(&["update-ref", BRANCH, good.trim()]);
        step.program.with(&["verify"]).run().well();
    }
}
