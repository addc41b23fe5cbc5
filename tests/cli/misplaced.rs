//! A state branch where something else lies: a branch of somebody's, the default branch, a ref with garbage in it.

use super::damage::{writers_are_told, written};
use super::forge::LocalForge;
use super::runner::Runner;
use super::set_back::obey;

const BRANCH: &str = "refs/heads/automata-state";
const WITNESS: &str = "refs/automata/witness/automata-state";

/// Puts the configuration on `main`.
fn configure(forge: &LocalForge, yaml: &str) {
    let worktree = tempfile::tempdir().unwrap();
    let at = worktree.path().to_str().unwrap().to_owned();
    forge.git(&["worktree", "add", "--quiet", "--force", &at, "main"]);
    std::fs::create_dir_all(worktree.path().join(".github")).unwrap();
    std::fs::write(worktree.path().join(".github/automata.yml"), yaml).unwrap();
    forge.git(&["-C", &at, "add", "--all"]);
    forge.git(&["-C", &at, "commit", "--quiet", "-m", "Configure"]);
    forge.git(&["worktree", "remove", "--force", &at]);
}

/// Overwrites a ref as a broken disk or a hand would.
fn overwrite(forge: &LocalForge, name: &str, content: &str) {
    std::fs::write(forge.path().join("repository.git").join(name), content).unwrap();
}

fn write_and_look(forge: &LocalForge, code: i32) -> String {
    let payload = forge.opens("bob", "A new one", "");
    let (run, verify) = (forge.take_in(&payload), forge.program(&["verify"]).run());
    assert_eq!((run.code, verify.code), (Some(code), Some(code)), "{}{}", run.stderr, verify.stderr);
    format!("{}\n{}", forge.named(&run), forge.named(&verify))
}

#[test]
fn a_branch_of_somebodys_that_is_named_as_state_branch_is_not_called_damaged() {
    let forge = LocalForge::new();
    forge.git(&["update-ref", BRANCH, "main"]);
    insta::assert_snapshot!(writers_are_told(&forge, 2), @r"
    exit code 2
    -- stderr
    error: refs/heads/automata-state exists and is no state branch of Automata: there is no head.json in it
    hint: Name another branch in `state.branch` of .github/automata.yml.
    ");
    insta::assert_snapshot!(forge.told(&["verify"]), @r"
    exit code 2
    -- stderr
    error: refs/heads/automata-state exists and is no state branch of Automata: there is no head.json in it
    hint: Name another branch in `state.branch` of .github/automata.yml.
    ");
}

#[test]
fn the_default_branch_is_refused_as_state_branch() {
    for name in ["main", "refs/heads/main"] {
        let forge = LocalForge::new();
        configure(&forge, &format!("mode: act\nstate:\n  branch: {name}\n"));
        insta::allow_duplicates! {
            insta::assert_snapshot!(writers_are_told(&forge, 2).replace("refs/heads/main", "main"), @r"
            exit code 2
            -- stderr
            error: .github/automata.yml:3:11: state.branch: `main` is the default branch, with the code on it; name a branch of its own, such as `automata-state`
            hint: Nothing can be recorded until `state.branch` names a branch of the log's own. Mend the file, then run this again.
            ");
        }
    }
}

#[test]
fn a_refused_name_is_not_written_on_for_the_event_either() {
    let forge = LocalForge::new();
    configure(&forge, "state:\n  branch: automata/issue-7-state\n");
    insta::assert_snapshot!(writers_are_told(&forge, 2), @r"
    exit code 2
    -- stderr
    error: .github/automata.yml:2:11: state.branch: `automata/issue-7-state` is among the branches of pull requests, named `automata/issue-{number}-{slug}`; name a branch of its own, such as `automata-state`
    hint: Nothing can be recorded until `state.branch` names a branch of the log's own. Mend the file, then run this again.
    ");
}

#[test]
fn a_ref_with_garbage_in_it_is_damage_and_not_an_empty_log() {
    let forge = LocalForge::new();
    overwrite(&forge, BRANCH, "garbage\n");
    insta::assert_snapshot!(write_and_look(&forge, 1), @r"
    exit code 1
    -- stderr
    failed: the log is damaged at refs/heads/automata-state: what the repository on this machine keeps there is no ref (corrupted loose reference file: refs/heads/automata-state); move that file away and look again
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that; else push the last good commit of the state branch back, or name a new branch there.

    exit code 1
    -- stdout
    refs/heads/automata-state: 0 events read
    damaged: the log is damaged at refs/heads/automata-state: what the repository on this machine keeps there is no ref (corrupted loose reference file: refs/heads/automata-state); move that file away and look again
    -- stderr
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that; else push the last good commit of the state branch back, or name a new branch there.
    ");
    let forge = written();
    overwrite(&forge, WITNESS, "garbage\n");
    insta::assert_snapshot!(write_and_look(&forge, 1), @r"
    exit code 1
    -- stderr
    failed: the log is damaged at refs/automata/witness/automata-state: what the repository on this machine keeps there is no ref (corrupted loose reference file: refs/automata/witness/automata-state); move that file away and look again
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that.
    hint: The log on refs/heads/automata-state ends with event 18. If nothing is missing there: `rm DIR/repository.git/refs/automata/witness/automata-state`; the next append makes the witness anew.

    exit code 1
    -- stdout
    refs/heads/automata-state: 18 events read
    damaged: the log is damaged at refs/automata/witness/automata-state: what the repository on this machine keeps there is no ref (corrupted loose reference file: refs/automata/witness/automata-state); move that file away and look again
    -- stderr
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that.
    hint: The log on refs/heads/automata-state ends with event 18. If nothing is missing there: `rm DIR/repository.git/refs/automata/witness/automata-state`; the next append makes the witness anew.
    ");
}

#[test]
fn a_ref_to_an_object_that_is_gone_is_damage() {
    let forge = LocalForge::new();
    overwrite(&forge, BRANCH, "1234567890123456789012345678901234567890\n");
    insta::assert_snapshot!(write_and_look(&forge, 1), @r"
    exit code 1
    -- stderr
    failed: the log is damaged at refs/heads/automata-state, which is at HASH1: the repository on this machine does not have it
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that; else push the last good commit of the state branch back, or name a new branch there.

    exit code 1
    -- stdout
    refs/heads/automata-state: 0 events read
    damaged: the log is damaged at refs/heads/automata-state, which is at HASH1: the repository on this machine does not have it
    -- stderr
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that; else push the last good commit of the state branch back, or name a new branch there.
    ");
}

#[test]
fn where_only_the_branch_is_broken_its_witness_still_shows_everything() {
    for broken in ["garbage\n", "1234567890123456789012345678901234567890\n"] {
        let forge = written();
        let good = forge.git(&["rev-parse", BRANCH]);
        overwrite(&forge, BRANCH, broken);
        let told = write_and_look(&forge, 1);
        assert!(told.contains("damaged at refs/heads/automata-state"), "{told}");
        assert!(told.contains("18 events read"), "{told}");
        // The file is in git's way, and the hint says so.
        obey(&forge, &forge.program(&["verify"]).run().stderr, 0);
        assert_eq!(forge.git(&["rev-parse", BRANCH]), good);
        forge.program(&["verify"]).run().well();
    }
}

#[test]
fn a_ref_to_something_that_is_no_commit_is_damage() {
    let forge = LocalForge::new();
    for (kind, name) in [("blob", "main:README.md"), ("tree", "main^{tree}")] {
        let id = forge.git(&["rev-parse", name]);
        overwrite(&forge, BRANCH, &id);
        let told = write_and_look(&forge, 1);
        assert!(told.contains(&format!("it is a {kind}, no commit")), "{told}");
    }
    forge.git(&["tag", "-a", "-m", "A tag", "v1", "main"]);
    overwrite(&forge, BRANCH, &forge.git(&["rev-parse", "v1"]));
    insta::assert_snapshot!(write_and_look(&forge, 1), @r"
    exit code 1
    -- stderr
    failed: the log is damaged at refs/heads/automata-state, which is at HASH1: it is a tag, no commit
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that; else push the last good commit of the state branch back, or name a new branch there.

    exit code 1
    -- stdout
    refs/heads/automata-state: 0 events read
    damaged: the log is damaged at refs/heads/automata-state, which is at HASH1: it is a tag, no commit
    -- stderr
    hint: Nothing is written until the branch is whole again. `automata log` shows what can be read; if `state.branch` in .github/automata.yml names a branch of your own, correct that; else push the last good commit of the state branch back, or name a new branch there.
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http_a_ref_to_something_that_is_no_commit_is_damage_too() {
    let runner = Runner::start().await;
    let issue = runner.github.open_issue("carol", "How do I read a list?", "", &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    let git = |arguments: &[&str]| runner.git.repository.git(arguments);
    for name in ["main:parser.rs", "main^{tree}"] {
        let id = git(&["rev-parse", name]);
        std::fs::write(runner.git.repository.path().join(BRANCH), id).unwrap();
        let (run, verify) = (step.run(), step.program.with(&["verify"]).run());
        assert_eq!((run.code, verify.code), (Some(1), Some(1)), "{}\n{}", run.stderr, verify.stderr);
        assert!(run.stderr.contains("no commit"), "{}", run.stderr);
    }
}

#[test]
fn a_state_branch_inside_another_branch_or_around_one_is_refused() {
    for (name, other) in [("log/sub", "log"), ("memory", "memory/x"), ("a/b/c", "a"), ("a", "a/b/c")] {
        let forge = LocalForge::new();
        configure(&forge, &format!("state:\n  branch: {name}\n"));
        forge.git(&["branch", other, "main"]);
        let before = forge.git(&["for-each-ref"]);
        let ran = forge.take_in(&forge.opens("bob", "A new one", ""));
        assert_eq!(ran.code, Some(2), "{name}: {}", ran.stderr);
        let told = format!(
            "git cannot keep refs/heads/{name} beside refs/heads/{other}: no ref can be a folder of another"
        );
        assert!(ran.stderr.contains(&told), "{}", ran.stderr);
        assert_eq!(forge.git(&["for-each-ref"]), before, "nothing is written");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http_a_state_branch_inside_another_branch_is_refused_as_well() {
    let runner = Runner::start().await;
    let issue = runner.github.open_issue("carol", "How do I read a list?", "", &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    let git = |arguments: &[&str]| runner.git.repository.git(arguments);
    for other in ["automata-state/x", "automata-state/x/y"] {
        git(&["update-ref", &format!("refs/heads/{other}"), "main"]);
        let run = step.run();
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(
            run.stderr.contains(&format!("git cannot keep {BRANCH} beside refs/heads/{other}")),
            "{}",
            run.stderr
        );
        git(&["update-ref", "-d", &format!("refs/heads/{other}")]);
    }
    step.run().well();
}

#[test]
fn a_symbolic_ref_is_not_written_through_and_no_push_is_advised() {
    for name in [BRANCH, WITNESS] {
        let forge = written();
        forge.git(&["symbolic-ref", name, "refs/heads/main"]);
        let main = forge.git(&["rev-parse", "main"]);
        let told = writers_are_told(&forge, 2);
        assert!(!told.contains("push"), "{told}");
        insta::allow_duplicates! { insta::assert_snapshot!(told.replace(name, "REF"), @r"
        exit code 2
        -- stderr
        error: REF is a symbolic ref: whatever is written on it goes to refs/heads/main
        hint: Nothing is written through it. Remove it where the repository lies, with `git symbolic-ref --delete REF`, or name another branch in `state.branch` of .github/automata.yml.
        "); }
        assert_eq!(forge.program(&["verify"]).run().code, Some(2));
        assert_eq!(forge.git(&["rev-parse", "main"]), main);
        forge.git(&["symbolic-ref", name, "refs/heads/nowhere"]);
        let told = forge.program(&["drain"]).run();
        assert_eq!(told.code, Some(1), "{}", told.stderr);
        assert!(told.stderr.contains(&format!("`git symbolic-ref --delete {name}`")), "{}", told.stderr);
        forge.git(&["symbolic-ref", "--delete", name]);
    }
}

#[test]
fn a_name_that_can_never_be_made_is_refused_by_check_at_once() {
    let forge = LocalForge::new();
    configure(&forge, "state:\n  branch: refs/heads/automata-state/x\n");
    insta::assert_snapshot!(forge.told(&["check"]), @"
    exit code 2
    -- stderr
    error: .github/automata.yml:2:11: state.branch: git cannot keep `automata-state/x` beside `automata-state`, where a log usually lies; one must not be a folder of the other: name another branch, such as `automata-log`
    hint: This is the file on the default branch; `automata check FILE` checks one that is not committed yet.
    hint: `automata check --schema` prints what may stand in it, for editors and for people.
    ");
    insta::assert_snapshot!(writers_are_told(&forge, 2), @"
    exit code 2
    -- stderr
    error: .github/automata.yml:2:11: state.branch: git cannot keep `automata-state/x` beside `automata-state`, where a log usually lies; one must not be a folder of the other: name another branch, such as `automata-log`
    hint: Nothing can be recorded until `state.branch` names a branch of the log's own. Mend the file, then run this again.
    ");
    // One that only the repository knows to be in the way.
    configure(&forge, "state:\n  branch: team/log/x\n");
    forge.git(&["update-ref", "refs/heads/team/log", "main"]);
    insta::assert_snapshot!(forge.told(&["check"]), @"
    exit code 2
    -- stderr
    error: git cannot keep refs/heads/team/log/x beside refs/heads/team/log: no ref can be a folder of another
    hint: Name another branch in `state.branch` of .github/automata.yml, or rename the other ref.
    ");
}
