//! `automata plugin`: whether a program keeps to the protocol, and the protocol itself.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::program::{Program, Ran};
use crate::world::stage::search_path;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn plugin(arguments: &[&str]) -> Program {
    let arguments: Vec<&str> = std::iter::once("plugin").chain(arguments.iter().copied()).collect();
    Program::new(&arguments).set("PATH", search_path().expect("PATH")).inside(&root())
}

/// What was told, without how long it took, and without what this machine cannot bound.
fn told(mut ran: Ran) -> String {
    let is_warning = |line: &&str| line.starts_with("warning: This ");
    ran.stderr =
        ran.stderr.lines().filter(|line| !is_warning(line)).map(|line| format!("{line}\n")).collect();
    let line = |line: &str| {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        while let Some(unit) = words.iter().position(|word| *word == "ms") {
            words.drain(unit.saturating_sub(1)..=unit);
        }
        words.join(" ")
    };
    let lines: Vec<String> = ran.told().lines().map(line).collect();
    lines.join("\n")
}

fn is_there(program: &str) -> bool {
    let there =
        std::env::split_paths(&search_path().expect("PATH")).any(|place| place.join(program).is_file());
    if !there {
        eprintln!("not looked at on this machine: there is no {program}");
    }
    there
}

#[test]
fn the_example_for_the_shell_keeps_to_the_protocol() {
    let ran = plugin(&["check", "--", "sh", "examples/plugins/label-area.sh"]).run();
    insta::assert_snapshot!(told(ran), @"
    exit code 0
    -- stdout
    program (`sh examples/plugins/label-area.sh`) keeps to the protocol:
    an issue taken label
    hostile text taken nothing
    unknown fields taken label
    an empty issue taken nothing
    a pull request taken label
    nothing is allowed taken nothing
    ");
}

#[test]
fn the_example_in_python_keeps_to_the_protocol() {
    if is_there("python3") {
        let ran = plugin(&["check", "--", "python3", "examples/plugins/ask-version.py"]).run();
        insta::assert_snapshot!(told(ran), @"
        exit code 0
        -- stdout
        program (`python3 examples/plugins/ask-version.py`) keeps to the protocol:
        an issue taken comment
        hostile text taken comment
        unknown fields taken comment
        an empty issue taken comment
        a pull request taken nothing
        nothing is allowed taken nothing
        ");
    }
}

#[test]
fn a_program_that_does_not_keep_to_it_is_told_why_case_by_case() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"case $(cat) in
*'"is_pull":true'*) echo '{"protocol": 1, "plan": [{"effect": "comment", "text": "hello"}]}' ;;
*added_later*) echo "what is that?" >&2; exit 1 ;;
*mallory*) echo "Hello!" ;;
*'"body":""'*) exit 75 ;;
*) echo '{"protocol": 1, "plan": [{"effect": "label", "add": ["admin"]}]}' ;;
esac"#;
    fs::write(folder.path().join("greet.sh"), script).unwrap();
    let configuration =
        "plugins: { greeter: { run: [sh, greet.sh], may: { label: [bug, admin], comment: true } } }\n";
    fs::create_dir(folder.path().join(".github")).unwrap();
    fs::write(folder.path().join(".github/automata.yml"), configuration).unwrap();
    let ran = plugin(&["check", "greeter"]).inside(folder.path()).run();
    insta::assert_snapshot!(told(ran), @"
    exit code 1
    -- stdout
    greeter (`sh greet.sh`) does not keep to the protocol:
    an issue taken label
    hostile text refused nothing of the answer of the plugin `greeter` is done: not JSON: expected value at line 1 column 1
    unknown fields refused the plugin `greeter` ended with exit code 1. Its last words: | what is that?
    an empty issue refused the plugin `greeter` says to try again later
    a pull request refused nothing of the answer of the plugin `greeter` is done: `plan[0]`: the effect `comment` is not allowed here
    nothing is allowed refused nothing of the answer of the plugin `greeter` is done: `plan[0]`: the effect `label` is not allowed here; `plan`: it would change 1 thing, and 0 are the most
    ");
    let ran = plugin(&["check", "--format", "json"]).inside(folder.path()).run();
    assert_eq!(ran.code, Some(1));
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&told["sound"], &told["plugins"][0]["cases"][0]["sound"]), (&false.into(), &true.into()));
    assert_eq!(told["plugins"][0]["cases"][0]["effects"][0]["add"][0], "admin");
}

#[test]
fn what_cannot_be_tried_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = plugin(&["check"]).inside(folder.path()).run();
    insta::assert_snapshot!(nothing.told(), @"
    exit code 2
    -- stderr
    error: .github/automata.yml has no plugins
    hint: Name a program: automata plugin check -- PROGRAM ARGUMENTS
    ");
    fs::create_dir(folder.path().join(".github")).unwrap();
    let file = folder.path().join(".github/automata.yml");
    fs::write(&file, "plugins: { greeter: { run: [no-such-program] } }\n").unwrap();
    insta::assert_snapshot!(plugin(&["check", "greter"]).inside(folder.path()).run().told(), @"
    exit code 2
    -- stderr
    error: .github/automata.yml has no plugin `greter`
    hint: There is greeter.
    ");
    assert_eq!(plugin(&["check"]).inside(folder.path()).run().code, Some(1));
    fs::write(&file, "plugins: { greeter: { run: [] } }\n").unwrap();
    insta::assert_snapshot!(plugin(&["check"]).inside(folder.path()).run().told(), @"
    exit code 2
    -- stderr
    error: .github/automata.yml:1:28: plugins.greeter.run: the list is empty; name at least one value, or take the key out
    error: .github/automata.yml cannot be used
    hint: Mend it; `automata check` explains it.
    ");
}

/// The published schemas and those that the program goes by cannot drift apart.
#[test]
fn the_published_schemas_are_fresh_and_take_what_the_examples_say() {
    for of in ["request", "answer"] {
        let ran = plugin(&["schema", of]).run();
        let published = fs::read_to_string(root().join(format!("examples/plugins/{of}.schema.json")));
        assert!(
            published.unwrap_or_default() == ran.stdout,
            "it is stale: run `cargo run -- plugin schema {of} > examples/plugins/{of}.schema.json`"
        );
    }
    let validator = |of: &str| {
        let text = fs::read_to_string(root().join(format!("examples/plugins/{of}.schema.json"))).unwrap();
        jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
    };
    let page = fs::read_to_string(root().join("docs/plugins.md")).unwrap();
    let shown: Vec<Value> = page
        .split("```json\n")
        .skip(1)
        .map(|block| serde_json::from_str(block.split("```").next().unwrap()).unwrap())
        .collect();
    assert_eq!(shown.len(), 2);
    for (of, shown) in ["request", "answer"].into_iter().zip(&shown) {
        assert!(validator(of).is_valid(shown), "{of}: {shown}");
    }
    let wrong = serde_json::json!({ "protocol": 1, "plan": [{ "effect": "merge" }] });
    assert!(!validator("answer").is_valid(&wrong));
}

/// The same where the kernel's Landlock is of this version, 0 being none. Nothing where this machine cannot imitate that.
#[cfg(target_os = "linux")]
fn on_a_kernel_with(version: &str, arguments: &[&str], folder: &Path) -> Option<Ran> {
    if !is_there("python3") {
        return None;
    }
    let mut command = std::process::Command::new("python3");
    command.arg(root().join("tests/fixtures/landlock.py")).arg(version).arg(env!("CARGO_BIN_EXE_automata"));
    command.arg("plugin").args(arguments).current_dir(folder);
    command.env_clear().env("PATH", search_path().expect("PATH"));
    let ran = Ran::from(command.output().unwrap());
    if ran.code == Some(77) {
        eprintln!("not looked at on this machine: {}", ran.stderr);
        return None;
    }
    Some(ran)
}

#[cfg(target_os = "linux")]
#[test]
fn what_an_older_kernel_leaves_open_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let program = ["check", "--", "sh", "-c", "echo '{\"protocol\": 1}'"];
    for (version, told) in [
        ("0", "This kernel has no Landlock: what a program may read and write was not bounded."),
        (
            "2",
            "This kernel, which is older than Linux 6.2, lets a program empty and cut off every file that its user may write to.",
        ),
        (
            "5",
            "This kernel lets a program signal others of its user: one that means to can outlive its time.",
        ),
    ] {
        let Some(ran) = on_a_kernel_with(version, &program, folder.path()) else { return };
        assert!(ran.stderr.contains(&format!("warning: {told}\n")), "{version}: {}", ran.stderr);
        let arguments = [&["check", "--format", "json"], &program[1..]].concat();
        let ran = on_a_kernel_with(version, &arguments, folder.path()).unwrap();
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        let notes = json["plugins"][0]["notes"].as_array().unwrap();
        assert!(notes.iter().any(|note| note == told), "{version}: {notes:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn where_bounds_are_required_nothing_is_started_without_them() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".github")).unwrap();
    let configure = |sandbox: &str| {
        let plugin = "plugins: { greeter: { run: [sh, -c, 'touch started; echo {}'] } }\n";
        fs::write(folder.path().join(".github/automata.yml"), format!("{sandbox}{plugin}")).unwrap();
    };
    for version in ["0", "2"] {
        configure("sandbox: required\n");
        let Some(ran) = on_a_kernel_with(version, &["check"], folder.path()) else { return };
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        let said = "nothing was started, because `sandbox: required` wants bounds that this machine cannot set: This kernel";
        assert!(ran.stdout.contains(said), "{}", ran.stdout);
        assert!(!folder.path().join("started").exists(), "{version}");
        configure("");
        on_a_kernel_with(version, &["check"], folder.path()).unwrap();
        fs::remove_file(folder.path().join("started")).unwrap();
    }
}
