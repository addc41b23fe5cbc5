//! `automata state repair`: whatever is wrong with the log, from wherever it can be mended.

use std::path::Path;

use super::damage::{content, tail_files, tamper, with_commits_named, written};
use super::forge::LocalForge;
use super::program::plain;
use super::set_back::reverts;
use super::state::{BRANCH, WITNESS, exported};
use crate::world::repository::hermetic_git;

fn at(forge: &LocalForge, name: &str) -> String {
    forge.git(&["rev-parse", name]).trim().to_owned()
}

/// What it says, with commits and digests called by a name.
fn told(forge: &LocalForge, arguments: &[&str]) -> String {
    plain(&with_commits_named(forge, &forge.told(&[&["state", "repair"], arguments].concat())))
}

/// Everything is there again, and work goes on.
fn is_whole(forge: &LocalForge, events: u64) {
    forge.program(&["verify"]).run().well();
    assert_eq!(forge.sequence(), events);
    let nothing = forge.program(&["state", "repair", "--format", "json"]).run().well().json();
    assert_eq!(nothing["remedy"], "nothing", "{nothing}");
    forge.take_in(&forge.opens("bob", "A new one", "")).well();
    forge.program(&["verify"]).run().well();
    assert!(forge.sequence() > events);
    assert_eq!(at(forge, BRANCH), at(forge, WITNESS));
}

fn clone(forge: &LocalForge) -> tempfile::TempDir {
    let clone = tempfile::tempdir().unwrap();
    let origin = forge.path().join("repository.git");
    let git = hermetic_git()
        .args(["clone", "--quiet", origin.to_str().unwrap(), clone.path().to_str().unwrap()])
        .status();
    assert!(git.unwrap().success());
    clone
}

/// What may happen to a log: a name, and how it comes about.
type Damage = (&'static str, fn(&LocalForge));

#[test]
fn a_log_that_nothing_is_wrong_with_is_left_alone() {
    let forge = written();
    let refs = forge.git(&["for-each-ref"]);
    insta::assert_snapshot!(told(&forge, &[]), @"
    exit code 0
    -- stdout
    nothing is wrong: every line, the chain and the snapshot agree
    ");
    forge.program(&["state", "repair", "--yes"]).run().well();
    assert_eq!(forge.git(&["for-each-ref"]), refs);
    assert_eq!(LocalForge::new().program(&["state", "repair"]).run().code, Some(0));
}

#[test]
fn whatever_happened_to_the_branch_is_mended_from_its_witness() {
    let damages: [Damage; 8] = [
        ("set back", |forge| drop(forge.git(&["update-ref", BRANCH, "automata-state~2"]))),
        ("deleted", |forge| drop(forge.git(&["update-ref", "-d", BRANCH]))),
        ("rewritten", |forge| drop(forge.git(&["update-ref", BRANCH, "main"]))),
        ("reverted", reverts),
        ("edited", |forge| {
            let file = &tail_files(forge)[2];
            tamper(forge, file, Some(&content(forge, file).replacen("issue/2", "issue/3", 1)));
        }),
        ("without a file", |forge| tamper(forge, &tail_files(forge)[1], None)),
        ("cut", |forge| {
            let file = &tail_files(forge)[0];
            let lines = content(forge, file);
            tamper(forge, file, Some(&lines[..lines.len() - 20]));
        }),
        ("without a head", |forge| tamper(forge, "head.json", Some("<<<<<<< HEAD\n"))),
    ];
    for (name, damage) in damages {
        let forge = written();
        let (_, whole) = exported(&forge);
        let left = at(&forge, BRANCH);
        damage(&forge);
        let refs = forge.git(&["for-each-ref"]);
        let plan = forge.program(&["state", "repair", "--format", "json"]).run().well().json();
        assert_eq!((&plan["remedy"], &plan["sequence"]), (&"branch".into(), &18.into()), "{name}: {plan}");
        assert_eq!(forge.git(&["for-each-ref"]), refs, "{name}: looking changes nothing");
        forge.program(&["state", "repair", "--yes"]).run().well();
        assert_eq!(at(&forge, BRANCH), left, "{name}");
        assert!(exported(&forge).1 == whole, "{name}");
        is_whole(&forge, 18);
    }
}

#[test]
fn what_would_be_done_is_said_with_what_is_wrong_and_where_the_rest_is_kept() {
    let forge = written();
    forge.git(&["update-ref", BRANCH, "main"]);
    insta::assert_snapshot!(told(&forge, &[]), @"
    exit code 0
    -- stdout
    wrong:  refs/heads/automata-state was set back or rewritten: it is at HASH1, but refs/automata/witness/automata-state saw it at HASH2
    would:  put the branch back where its witness saw it, at event 18
    kept:   what stood there, on refs/automata/replaced/automata-state/HASH1
    plan:   HASH3
    -- stderr
    nothing was changed; `automata state repair --apply HASH3` does it, with the same --from
    ");
    insta::assert_snapshot!(told(&forge, &["--yes"]), @"
    exit code 0
    -- stdout
    wrong:  refs/heads/automata-state was set back or rewritten: it is at HASH1, but refs/automata/witness/automata-state saw it at HASH2
    done:   put the branch back where its witness saw it, at event 18
    kept:   what stood there, on refs/automata/replaced/automata-state/HASH1
    ");
    let main = at(&forge, "main");
    assert_eq!(at(&forge, &format!("refs/automata/replaced/automata-state/{}", &main[..12])), main);
}

#[test]
fn a_plan_is_carried_out_only_while_nothing_has_changed() {
    let forge = written();
    forge.git(&["update-ref", BRANCH, "automata-state~1"]);
    let digest = forge.program(&["state", "repair", "--plan"]).run().well().stdout;
    let digest = digest.trim();
    assert_eq!(digest.len(), 16, "{digest}");
    forge.git(&["update-ref", BRANCH, "automata-state~1"]);
    let refs = forge.git(&["for-each-ref"]);
    let refused = forge.program(&["state", "repair", "--apply", digest]).run();
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);
    assert!(refused.stderr.contains("is not what was planned for"), "{}", refused.stderr);
    assert_eq!(forge.git(&["for-each-ref"]), refs);
    let digest = forge.program(&["state", "repair", "--plan"]).run().well().stdout;
    forge.program(&["state", "repair", "--apply", digest.trim()]).run().well();
    let again = forge.program(&["state", "repair", "--apply", digest.trim()]).run();
    assert_eq!(again.code, Some(3), "{}", again.stderr);
    is_whole(&forge, 18);
}

#[test]
fn a_witness_that_is_wrong_is_put_on_the_branch() {
    let forge = written();
    let (left, main) = (at(&forge, BRANCH), at(&forge, "main"));
    std::fs::write(forge.path().join("repository.git").join(WITNESS), format!("{main}\n")).unwrap();
    insta::assert_snapshot!(told(&forge, &["--yes"]), @"
    exit code 0
    -- stdout
    wrong:  refs/automata/witness/automata-state cannot be the log's witness: it is at HASH1, and holds no log (there is no head.json in it); the log on refs/heads/automata-state ends with event 18
    done:   put the witness on the branch, whose log is whole up to event 18
    kept:   what stood there, on refs/automata/replaced/automata-state/HASH1
    ");
    assert_eq!((at(&forge, BRANCH), at(&forge, WITNESS)), (left.clone(), left));
    is_whole(&forge, 18);
}

/// Without a witness, the branch is set back to its third commit and cut, so that the log ends there.
fn forgets_its_end(forge: &LocalForge) {
    forge.git(&["update-ref", "-d", WITNESS]);
    forge.git(&["update-ref", BRANCH, "automata-state~2"]);
    let file = tail_files(forge)[0].clone();
    tamper(forge, &file, Some("no line\n"));
}

#[test]
fn where_no_witness_is_left_a_clone_or_an_export_has_the_rest() {
    for use_clone in [true, false] {
        let forge = written();
        let (file, whole) = exported(&forge);
        let clone = clone(&forge);
        forgets_its_end(&forge);
        let own = forge.program(&["state", "repair", "--format", "json"]).run().well().json();
        assert!(own["remedy"] == "write" && own["sequence"].as_u64() < Some(18), "{own}");
        let from = if use_clone { clone.path().to_str().unwrap() } else { &file };
        let plan =
            forge.program(&["state", "repair", "--from", from, "--format", "json"]).run().well().json();
        assert_eq!((&plan["remedy"], &plan["sequence"]), (&"write".into(), &18.into()), "{plan}");
        forge.program(&["state", "repair", "--from", from, "--yes"]).run().well();
        assert!(exported(&forge).1 == whole);
        is_whole(&forge, 18);
    }
}

#[test]
fn what_the_archive_lost_is_put_together_from_an_export_and_the_tail_that_came_since() {
    let forge = written();
    let (file, _) = exported(&forge);
    forge.program(&["state", "compact"]).run().well();
    forge.take_in(&forge.opens("bob", "Another one", "")).well();
    let (_, whole) = exported(&forge);
    forge.program(&["state", "export", "--out", &file]).run().well();
    let lines = String::from_utf8(whole.clone()).unwrap();
    let early: String = lines.lines().take(19).map(|line| format!("{line}\n")).collect();
    std::fs::write(&file, early).unwrap();
    let segment = at(&forge, "refs/heads/automata-state-archive^{tree}");
    let first = forge.git(&["ls-tree", &segment]);
    let blob = first.split_whitespace().nth(2).unwrap().to_owned();
    let object = forge.path().join("repository.git/objects").join(&blob[..2]).join(&blob[2..]);
    std::fs::remove_file(object).unwrap();
    assert_eq!(forge.program(&["verify"]).run().code, Some(1));
    let plan = forge.program(&["state", "repair", "--from", &file, "--format", "json"]).run().well().json();
    assert_eq!(plan["remedy"], "write", "{plan}");
    assert_eq!(plan["sources"], serde_json::json!(["this repository", file]));
    forge.program(&["state", "repair", "--from", &file, "--yes"]).run().well();
    let events = lines.lines().count() as u64 - 1;
    forge.program(&["verify"]).run().well();
    assert!(exported(&forge).1 == whole);
    is_whole(&forge, events);
}

#[test]
fn a_branch_that_is_gone_with_its_witness_is_brought_back_from_the_archive() {
    let forge = written();
    forge.program(&["state", "compact"]).run().well();
    let (_, whole) = exported(&forge);
    forge.git(&["update-ref", "-d", WITNESS]);
    forge.git(&["update-ref", "-d", BRANCH]);
    insta::assert_snapshot!(told(&forge, &["--yes"]), @"
    exit code 0
    -- stdout
    wrong:  the log is damaged at refs/heads/automata-state: the branch is gone
    done:   write the log anew up to event 18, from the lines in this repository
    ");
    assert!(exported(&forge).1 == whole);
    is_whole(&forge, 18);
}

#[test]
fn a_snapshot_that_says_something_else_is_written_anew() {
    let forge = written();
    forge.program(&["state", "compact"]).run().well();
    let core = content(&forge, "snapshot/core.json");
    tamper(&forge, "snapshot/core.json", Some(&core.replacen("\"priority\":50", "\"priority\":51", 1)));
    assert_eq!(forge.program(&["verify"]).run().code, Some(1));
    insta::assert_snapshot!(told(&forge, &["--yes"]), @"
    exit code 0
    -- stdout
    wrong:  the snapshot is not what the history folds into
    done:   write the snapshot anew from the history
    ");
    assert_eq!(content(&forge, "snapshot/core.json"), core);
    is_whole(&forge, 18);
}

#[test]
fn where_nothing_is_left_a_new_log_begins_only_when_that_is_said() {
    let forge = written();
    let old = at(&forge, BRANCH);
    forge.git(&["update-ref", "-d", WITNESS]);
    let tree = forge.git(&["ls-tree", "automata-state"]).replace("tail\n", "snapshot\n");
    assert!(tree.contains("head.json"));
    // One commit without parents, whose lines are all changed.
    for file in tail_files(&forge) {
        tamper(&forge, &file, Some("no line\n"));
    }
    let empty = forge.git(&["commit-tree", "automata-state^{tree}", "-m", "All that is left"]);
    forge.git(&["update-ref", BRANCH, empty.trim()]);
    insta::assert_snapshot!(told(&forge, &[]), @"
    exit code 0
    -- stdout
    wrong:  the log is damaged at commit HASH1, tail/000000000001.jsonl, line 1: not an event: expected ident
    would:  begin a new log: nothing of this one can be put together
    kept:   what stood there, on refs/automata/replaced/automata-state/HASH1
    plan:   HASH2
    -- stderr
    hint: Name a clone or an export with --from, if there is any. Else --begin-anew begins a new log: every decision, undo and reason of the old one is lost, and `--since 30d` takes in what changed on GitHub since then, on which the rules act anew.
    nothing was changed; `automata state repair --apply HASH2` does it, with the same --from
    ");
    let refused = forge.program(&["state", "repair", "--yes"]).run();
    assert_eq!((refused.code, at(&forge, BRANCH)), (Some(1), empty.trim().to_owned()));
    let done = forge.program(&["state", "repair", "--yes", "--begin-anew", "--since", "30d"]).run().well();
    assert!(done.stdout.contains("begin a new log"), "{}", done.stdout);
    forge.take_in(&forge.opens("bob", "A new one", "")).well();
    forge.program(&["verify"]).run().well();
    let kept = format!("refs/automata/replaced/automata-state/{}", &empty[..12]);
    assert_eq!(at(&forge, &kept), empty.trim());
    assert_ne!(old, at(&forge, BRANCH));
}

#[test]
fn a_newer_log_and_a_branch_of_somebodys_are_not_mended() {
    let forge = written();
    tamper(&forge, "head.json", Some("{\"format\": 99}\n"));
    let refs = forge.git(&["for-each-ref"]);
    let newer = forge.program(&["state", "repair", "--yes"]).run();
    assert!(newer.code == Some(2) && newer.stderr.contains("a newer Automata"), "{}", newer.stderr);
    assert_eq!(forge.git(&["for-each-ref"]), refs);
    let forge = LocalForge::new();
    forge.git(&["update-ref", BRANCH, "main"]);
    let theirs = forge.program(&["state", "repair", "--yes"]).run();
    assert!(theirs.code == Some(2) && theirs.stderr.contains("is no state branch"), "{}", theirs.stderr);
}

#[test]
fn another_repositorys_export_mends_nothing() {
    let forge = written();
    let (file, whole) = exported(&forge);
    let other = String::from_utf8(whole).unwrap().replacen("acme/widgets", "acme/gadgets", 1);
    std::fs::write(Path::new(&file), other).unwrap();
    let refused = forge.program(&["state", "repair", "--from", &file]).run();
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
}
