//! `automata state`: the log taken out, taken in, sealed.

use super::damage::written;
use super::forge::LocalForge;

pub(super) const BRANCH: &str = "refs/heads/automata-state";
pub(super) const WITNESS: &str = "refs/automata/witness/automata-state";

/// The export of a forge's log, in a file of its folder.
pub(super) fn exported(forge: &LocalForge) -> (String, Vec<u8>) {
    let file = forge.path().join("log.jsonl").to_str().unwrap().to_owned();
    forge.program(&["state", "export", "--out", &file]).run().well();
    let content = std::fs::read(&file).unwrap();
    (file, content)
}

#[test]
fn a_log_is_exported_to_a_file_or_to_stdout_and_imported_where_there_is_none() {
    let forge = written();
    insta::assert_snapshot!(forge.told(&["state", "export", "--out", "/dev/null/log"]), @"
    exit code 1
    -- stderr
    failed: /dev/null/log cannot be written: Not a directory (os error 20)
    hint: Name another file with --out FILE.
    ");
    let (file, content) = exported(&forge);
    insta::assert_snapshot!(forge.told(&["state", "export", "--out", &file]), @"
    exit code 0
    -- stdout
    DIR/log.jsonl
    -- stderr
    exported 18 events, chain HASH1: every line and the chain agree
    ");
    let to_stdout = forge.program(&["state", "export"]).run().well();
    assert!(to_stdout.stdout.as_bytes() == content);
    let lines: Vec<serde_json::Value> =
        to_stdout.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 19, "a heading and 18 events");
    assert_eq!((&lines[0]["repository"], &lines[0]["sequence"]), (&"acme/widgets".into(), &18.into()));

    let other = LocalForge::new();
    insta::assert_snapshot!(other.told(&["state", "export"]), @"
    exit code 2
    -- stderr
    error: there is no log yet, so nothing was exported
    hint: The first run of the action makes one.
    ");
    insta::assert_snapshot!(super::program::plain(&other.told(&["state", "import", &file, "--dry-run"])), @"
    exit code 0
    -- stdout
    refs/heads/automata-state: 18 events would be imported, chain HASH1
    ");
    assert_eq!(other.git(&["for-each-ref", BRANCH]), "");
    insta::assert_snapshot!(super::program::plain(&other.told(&["state", "import", &file])), @"
    exit code 0
    -- stdout
    refs/heads/automata-state: 18 events imported, chain HASH1
    ");
    other.program(&["verify"]).run().well();
    assert!(exported(&other).1 == content);
    insta::assert_snapshot!(other.told(&["state", "import", &file]), @"
    exit code 2
    -- stderr
    error: there is something on refs/heads/automata-state already
    hint: An import begins a log and adds to none. Name another branch in `state.branch`; a log that is damaged is mended by `automata state repair`.
    ");
    let listed = |forge: &LocalForge| forge.program(&["status", "--format", "json"]).run().well().stdout;
    assert_eq!(listed(&other), listed(&forge));
    other.take_in(&other.opens("bob", "A new one", "")).well();
    other.program(&["verify"]).run().well();
}

#[test]
fn the_log_of_another_repository_is_taken_in_only_when_that_is_said() {
    let forge = written();
    let (file, content) = exported(&forge);
    let content = String::from_utf8(content).unwrap().replacen("acme/widgets", "acme/gadgets", 1);
    std::fs::write(&file, content).unwrap();
    let other = LocalForge::new();
    insta::assert_snapshot!(other.told(&["state", "import", &file]), @"
    exit code 2
    -- stderr
    error: this is the log of acme/gadgets, and the repository here is acme/widgets
    hint: Its issues and pull requests are others. If the repository was renamed or moved, say --from-another-repository.
    ");
    assert_eq!(other.git(&["for-each-ref", BRANCH, WITNESS]), "");
    other.program(&["state", "import", &file, "--from-another-repository"]).run().well();
}

#[test]
fn an_export_that_is_damaged_is_refused_and_an_export_of_a_damaged_log_is_not_there() {
    let forge = written();
    let (file, content) = exported(&forge);
    let text = String::from_utf8(content).unwrap();
    std::fs::write(&file, text.replacen("carol", "coral", 1)).unwrap();
    let other = LocalForge::new();
    insta::assert_snapshot!(super::program::plain(&other.told(&["state", "import", &file]).replace(&file, "FILE")), @"
    exit code 2
    -- stderr
    error: what is there is no whole log: the events of FILE, line 2: the chain is broken: event 2 follows HASH1, but HASH2 comes before it
    hint: Nothing was written. Take another export.
    ");
    std::fs::write(&file, text.lines().take(5).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let cut = other.program(&["state", "import", &file]).run();
    assert_eq!(cut.code, Some(2), "{}", cut.stderr);
    assert_eq!(other.git(&["for-each-ref", BRANCH, WITNESS]), "");

    forge.git(&["update-ref", BRANCH, "automata-state~1"]);
    let exported = forge.program(&["state", "export", "--out", &file]).run();
    assert_eq!(exported.code, Some(1), "{}", exported.stderr);
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 5, "the file is left as it was");
}

#[test]
fn compacting_seals_the_tail_and_says_what_it_saves() {
    let forge = written();
    let (_, content) = exported(&forge);
    let told = |arguments: &[&str]| {
        let told = forge.program(arguments).run().well().json();
        let files = |side: &str| told[side]["tail_files"].as_u64();
        assert!(told["before"]["sequence"] == 18, "{told}");
        (told["compacted"].as_bool().unwrap(), files("before"), files("after"))
    };
    let json = ["--format", "json"];
    assert_eq!(told(&[&["state", "compact", "--dry-run"][..], &json].concat()), (false, Some(4), None));
    assert_eq!(told(&[&["state", "compact"][..], &json].concat()), (true, Some(4), Some(0)));
    assert_eq!(told(&[&["state", "compact"][..], &json].concat()), (false, Some(0), None));
    assert!(exported(&forge).1 == content);
    let ran = forge.take_in(&forge.opens("bob", "A new one", "")).well();
    assert_eq!(ran.stderr, "", "nobody is warned of another hand");
    forge.program(&["verify"]).run().well();
    let text = forge.program(&["state", "compact"]).run().well();
    assert!(text.stdout.contains("\nafter:  0 files of events (0 bytes)"), "{}", text.stdout);
    assert_eq!(
        forge.git(&["log", "-1", "--format=%s", "automata-state"]).trim(),
        "Seal events 19-22 into the archive"
    );
}

/// What `state` says of its commands that write, at a log of a newer program.
#[test]
fn a_log_of_a_newer_program_is_not_touched_by_any_of_them_nor_by_a_run() {
    let newer = [
        (
            "this program does not know events of type",
            ("\"type\":\"task.completed\"", "\"type\":\"task.blessed\""),
        ),
        ("has version 9, this program reads up to 1", ("\"v\":1", "\"v\":9")),
    ];
    for (told, (from, to)) in newer {
        let change = |line: &str| line.replacen(from, to, 1);
        let forge = written();
        let (file, content) = exported(&forge);
        let content = String::from_utf8(content).unwrap();
        let (first, last) = content.trim_end().rsplit_once('\n').unwrap();
        std::fs::write(&file, format!("{first}\n{}\n", change(last))).unwrap();
        let path = super::damage::tail_files(&forge).pop().unwrap();
        let lines = super::damage::content(&forge, &path);
        let (before, last) = lines.trim_end().rsplit_once('\n').unwrap_or(("", lines.trim_end()));
        let lines = format!("{before}{}{}\n", if before.is_empty() { "" } else { "\n" }, change(last));
        super::damage::tamper(&forge, &path, Some(&lines));
        let said = super::damage::writers_are_told(&forge, 2);
        assert!(said.contains("was written by a newer Automata") && said.contains(told), "{said}");
        let refs = forge.git(&["for-each-ref"]);
        for arguments in [
            &["state", "repair", "--yes"][..],
            &["state", "compact"],
            &["state", "rollback", "--to", "3"],
            &["state", "export"],
        ] {
            let ran = forge.program(arguments).run();
            assert_eq!(ran.code, Some(2), "{arguments:?}: {}{}", ran.stdout, ran.stderr);
            assert!(ran.stderr.contains("newer Automata"), "{arguments:?}: {}", ran.stderr);
        }
        assert_eq!(forge.git(&["for-each-ref"]), refs);
        let other = LocalForge::new();
        let ran = other.program(&["state", "import", &file]).run();
        assert!(ran.code == Some(2) && ran.stderr.contains("newer Automata"), "{}", ran.stderr);
        assert_eq!(other.git(&["for-each-ref", BRANCH, WITNESS]), "");
    }
}
