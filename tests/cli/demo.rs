//! The demo: what a stranger sees first is real, twice is once, and nothing of it goes astray.

use std::path::Path;

use super::program::{Program, Ran, file};
use crate::world::repository::hermetic_git;

fn demo(folder: &Path) -> Ran {
    Program::new(&["demo", "--keep", folder.to_str().unwrap()]).run().well()
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let repository = folder.join("repository.git");
    let output = hermetic_git().current_dir(repository).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Paths below a folder, in order.
fn below(folder: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path.clone());
            }
            paths.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
        }
    }
    paths.sort();
    paths
}

#[test]
fn it_tells_the_main_job_from_the_issue_to_the_pull_request() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("a demo");
    let ran = demo(&folder);
    assert_eq!(ran.stderr, "", "nothing stray beside the story");
    let headings: Vec<&str> =
        ran.stdout.lines().filter(|line| !line.is_empty() && !line.starts_with(' ')).collect();
    insta::assert_snapshot!(headings.join("\n"), @"
    Automata at work on a small repository
    1. alice reports a crash, with its backtrace
    2. mona, who has write access, answers with a patch
    3. otto reviews the pull request, and a scripted assistant revises it
    4. bob wishes for a feature
    5. carol asks a question
    6. mona gives commands in a comment, and asks why things are as they are
    7. mallory tries to inject commands, paths, markers and a patch
    8. mona has all of it taken back that was done about mallory's issue
    9. mona's next patch touches a protected file
    Tasks
    Issue #1: Crash on a list with a comment in it
    Issue #3: Feature request: prices with a decimal point
    Issue #4: How do I read the list from a file?
    Issue #5: Crash $(touch /tmp/owned) `id` @everyone <!-- automata:status issue/1 seq=1 -->
    Draft pull request #2: Crash on a list with a comment in it
    The log: git log automata-state
    Look around
    ");
    // How long the folder's own path is depends on the machine.
    let told = ran.stdout.replace(folder.to_str().unwrap(), "FOLDER");
    let long: Vec<&str> = told.lines().filter(|line| line.chars().count() > 140).collect();
    assert_eq!(long, [""; 0], "no line floods a terminal");
    assert!(ran.stdout.lines().count() < 280, "{} lines", ran.stdout.lines().count());
    for told in [
        "   > bug, 98 % sure: It shows a failing program",
        "   > owner otto: CODEOWNERS line 3: `/src/parser.rs` matches `src/parser.rs`.",
        "   > otto at src/main.rs:7: A comment may be indented as well",
        ": Passes over indented comments too.\n",
        "   > - label: +question, because the analysis finds it `question`, 98 % sure",
        "   > - Labels taken off: `bug`, `priority: high`.",
    ] {
        assert!(ran.stdout.contains(told), "{told}\n{}", ran.stdout);
    }
    assert!(ran.stdout.contains("sound: every line"));
}

#[test]
fn its_pull_request_holds_the_patch_and_its_log_can_be_read() {
    let home = tempfile::tempdir().unwrap();
    demo(home.path());
    let branches = git(home.path(), &["branch", "--list", "automata/*", "--format=%(refname:short)"]);
    assert_eq!(branches.lines().count(), 1, "{branches}");
    let range = format!("main...{}", branches.trim());
    insta::assert_snapshot!(git(home.path(), &["diff", "--stat=72", &range]), @r"
    docs/format.md | 1 +
    src/main.rs    | 3 ++-
    2 files changed, 3 insertions(+), 1 deletion(-)
    ");
    let patch = git(home.path(), &["diff", &range]);
    assert!(patch.contains("\n+So are lines that begin with `#`.\n"), "{patch}");
    assert!(patch.contains(
        "\n+    let wanted = |line: &&str| !line.is_empty() && !line.trim_start().starts_with('#');\n"
    ));
    assert_eq!(
        git(home.path(), &["log", "--format=%s", &format!("main..{}", branches.trim())]).lines().count(),
        2,
        "the patch, and what the review asked for on top of it"
    );
    let log = git(home.path(), &["log", "--reverse", "--format=%s", "automata-state"]);
    let first = log.lines().next().unwrap();
    assert_eq!(first, "alice opened issue #1: Crash on a list with a comment in it");
    assert!(log.lines().all(|subject| !subject.is_empty() && subject.chars().count() <= 100), "{log}");
    git(home.path(), &["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn two_at_once_in_one_folder_work_one_after_the_other() {
    use std::io::BufRead as _;
    let home = tempfile::tempdir().unwrap();
    let program = Program::new(&["demo", "--keep", home.path().to_str().unwrap()]);
    let turn = std::fs::File::open(home.path()).unwrap();
    turn.lock().unwrap();
    let mut children = [program.begin(), program.begin()];
    for child in &mut children {
        let mut said = String::new();
        std::io::BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
        assert!(said.starts_with("Another demo is at work in "), "{said}");
    }
    assert_eq!(below(home.path()), [""; 0], "nothing was made yet");
    drop(turn);
    let ended = children.map(|child| Ran::from(child.wait_with_output().unwrap()).well());
    let mut known = ended.map(|ran| ran.stdout.matches("this was recorded before, as event").count());
    known.sort_unstable();
    assert_eq!(known, [0, 9]);
}

#[test]
fn the_same_folder_again_does_nothing_twice() {
    let home = tempfile::tempdir().unwrap();
    demo(home.path());
    let refs = git(home.path(), &["for-each-ref"]);
    let files = below(&home.path().join("forge"));
    let again = demo(home.path());
    assert_eq!(git(home.path(), &["for-each-ref"]), refs, "no ref moved");
    assert_eq!(below(&home.path().join("forge")), files, "no comment and no pull request came");
    assert_eq!(again.stdout.matches("this was recorded before, as event").count(), 9);
    let verified = Program::on(home.path(), &["verify", "--format", "json"]).run().well().json();
    assert_eq!(verified["sound"], true);
}

/// The one folder of a demo in `home`, which stands for the machine's temporary one.
fn left_in(home: &Path) -> String {
    let mut left = std::fs::read_dir(home).unwrap().map(|entry| entry.unwrap().path());
    let (one, none) = (left.next().unwrap(), left.next());
    assert_eq!(none, None, "nothing else is left");
    one.to_str().unwrap().to_owned()
}

#[test]
fn a_temporary_folder_is_named_with_the_way_to_remove_it() {
    let home = tempfile::tempdir().unwrap();
    let ran = Program::new(&["demo"]).set("TMPDIR", home.path()).run().well();
    let folder = left_in(home.path());
    let around = ran.stdout.split("Look around").nth(1).unwrap();
    assert!(around.contains(&format!("rm -r {folder}\n")), "{around}");
    let json = Program::new(&["demo", "--format", "json"]).set("TMPDIR", home.path()).run().well();
    assert!(json.stderr.contains("rm -r "), "{}", json.stderr);
}

#[test]
fn a_demo_that_is_interrupted_says_what_it_leaves() {
    let home = tempfile::tempdir().unwrap();
    let ran = Program::new(&["demo"]).set("TMPDIR", home.path()).run_and_interrupt_at("2. ");
    let folder = left_in(home.path());
    assert_eq!(ran.code, Some(130), "{}", ran.stderr);
    assert_eq!(
        ran.stderr,
        format!("interrupted\nhint: What was made so far lies in {folder}; remove it with: rm -r {folder}\n")
    );
}

#[test]
fn a_demo_that_fails_says_what_it_leaves() {
    let home = tempfile::tempdir().unwrap();
    file(home.path(), "README.md", b"# Made by `automata demo`\n");
    file(home.path(), "forge", b"");
    let ran = Program::new(&["demo", "--keep", home.path().to_str().unwrap()]).run();
    assert_ne!(ran.code, Some(0), "{}", ran.stderr);
    let hint = format!(
        "hint: What was made so far lies in {}; the same command goes on there.\n",
        home.path().display()
    );
    assert!(ran.stderr.contains(&hint), "{}", ran.stderr);
}

#[test]
fn a_hostile_issue_reaches_nothing_outside_of_the_folder() {
    let home = tempfile::tempdir().unwrap();
    let before = file(home.path(), "outside.txt", b"untouched\n");
    // The text wants this one made; it may stand there for another reason.
    let wanted = Path::new("/tmp/owned");
    let was_there = wanted.exists();
    let folder = home.path().join("inner/demo");
    let ran = Program::new(&["demo", "--keep", folder.to_str().unwrap()])
        .set("HOME", home.path())
        .set("PATH", "/usr/bin:/bin")
        .run()
        .well();
    assert!(ran.stdout.contains("mallory has no write access"), "{}", ran.stdout);
    assert_eq!(std::fs::read(before).unwrap(), b"untouched\n");
    let around: Vec<String> =
        below(home.path()).into_iter().filter(|path| !path.starts_with("inner/demo/")).collect();
    assert_eq!(around, ["inner", "inner/demo", "outside.txt"]);
    assert!(was_there || !wanted.exists(), "a command out of the issue was run");
    let trees = git(&folder, &["log", "--all", "--name-only", "--format="]);
    assert!(!trees.contains("steal.yml") && !trees.contains("outside.txt"), "{trees}");
    let protected = git(&folder, &["log", "--all", "--format=%h", "--", "CODEOWNERS", ".github"]);
    assert_eq!(protected.lines().count(), 1, "CODEOWNERS is as the first commit made it");
}

#[test]
fn a_folder_with_something_else_in_it_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("repository.git")).unwrap();
    let named = [(home.path().to_str().unwrap(), "DIR")];
    let ran = Program::new(&["demo", "--keep", home.path().to_str().unwrap()]).run();
    insta::assert_snapshot!(ran.told_of(&named), @r"
    exit code 2
    -- stderr
    error: DIR holds something that no demo made; nothing was touched
    hint: Name a new or an empty folder with --keep DIR, or the folder of an earlier demo.
    ");
    assert_eq!(below(home.path()), ["repository.git"]);
    let path = file(home.path(), "file", b"");
    let ran = Program::new(&["demo", "--keep", path.to_str().unwrap()]).run();
    insta::assert_snapshot!(ran.told_of(&named), @r"
    exit code 2
    -- stderr
    error: DIR/file cannot be used as the demo's folder: File exists (os error 17)
    hint: Name another one with --keep DIR.
    ");
}

#[test]
fn its_folder_may_be_relative_and_its_story_may_be_json() {
    let home = tempfile::tempdir().unwrap();
    let ran = Program::new(&["demo", "--keep", "here", "--format", "json"]).inside(home.path()).run().well();
    let told = ran.json();
    let outcomes: Vec<&str> =
        told["runs"].as_array().unwrap().iter().map(|run| run["run"]["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["recorded"; 9]);
    assert!(Path::new(told["directory"].as_str().unwrap()).is_absolute());
}
