//! What README.md tells people to write is right.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use automata::domain::words::Verb;
use automata::report::answer;
use automata::{config, intake};
use serde_json::Value;

fn fenced(language: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let open = format!("```{language}\n");
    readme.split(open.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_configuration_by_example_is_one() {
    let examples: Vec<String> = fenced("yaml").into_iter().filter(|text| text.starts_with("mode:")).collect();
    assert_eq!(examples.len(), 1);
    let config = config::parse(&examples[0]).expect("a configuration");
    // Everything but the rules, the schedule and the one path is written as it is by default.
    let plain = config::Config {
        rules: None,
        schedules: BTreeMap::new(),
        pull_requests: config::PullRequests { protected: Vec::new(), ..config.pull_requests.clone() },
        ..config
    };
    assert_eq!(plain, config::Config::default());
}

#[test]
fn the_assistants_by_example_can_be_asked() {
    let examples: Vec<String> =
        fenced("yaml").into_iter().filter(|text| text.starts_with("assistants:")).collect();
    assert_eq!(examples.len(), 1);
    let config = config::parse(&examples[0]).expect("a configuration");
    let names: Vec<&str> = config.assistants.iter().map(config::AssistantRule::name).collect();
    assert_eq!(names, ["patch", "copilot", "claude-code", "mine"]);
}

#[test]
fn the_drive_by_example_is_one() {
    let examples: Vec<String> =
        fenced("yaml").into_iter().filter(|text| text.starts_with("drive:")).collect();
    assert_eq!(examples.len(), 1);
    let drive = config::parse(&examples[0]).expect("a configuration").drive;
    assert_eq!((drive.sync.len(), drive.access.len()), (1, 1));
    // What is no name of this repository's own is written as it is by default.
    let usual = config::DriveRules::default();
    assert_eq!((drive.credentials, drive.stands_for, drive.limits), (usual.credentials, None, usual.limits));
}

#[test]
fn the_workflow_to_add_asks_for_the_permissions_that_ours_has() {
    let workflow =
        fenced("yaml").into_iter().find(|text| text.starts_with("name: Automata")).expect("a workflow");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/workflows/automata.yml");
    let ours = std::fs::read_to_string(path).unwrap();
    for permission in ["contents: write", "issues: write", "pull-requests: write", "actions: read"] {
        assert!(workflow.contains(permission) && ours.contains(permission), "{permission}");
    }
}

/// The rows of the table whose head begins with this word: what stands in code in each row's first cell.
fn rows(head: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let table = readme.split(&format!("\n| {head} |")).nth(1).unwrap_or_else(|| panic!("no table of {head}"));
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap_or_default());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn the_inputs_and_outputs_are_those_of_the_action() {
    let action = Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml");
    let action: Value = serde_saphyr::from_str(&std::fs::read_to_string(action).unwrap()).expect("YAML");
    let names = |part: &str| action[part].as_object().expect(part).keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names("inputs"), rows("input").into_iter().collect());
    assert_eq!(names("outputs"), rows("output").into_iter().collect());
}

#[test]
fn the_triggers_are_the_events_that_automata_reads() {
    let told: BTreeSet<String> = rows("event").into_iter().collect();
    assert_eq!(told, intake::EVENTS.iter().map(|&name| name.to_owned()).collect());
}

#[test]
fn the_table_of_the_words_is_the_grammars_own() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let usual = |verb: Verb| verb.need();
    assert!(readme.contains(&answer::help(&usual)), "README.md lacks this table:\n{}", answer::help(&usual));
}

/// What a value is made of: scalars by their type, lists by their first element.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::Array(elements) => elements.iter().take(1).map(shape).collect(),
        Value::Null => "nothing".into(),
        Value::Bool(_) => "truth".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "text".into(),
    }
}

#[test]
fn the_commands_by_hand_print_what_is_shown_below_them() {
    let folder = tempfile::tempdir().unwrap();
    let examples = fenced("json");
    let [payload, shown @ ..] = examples.as_slice() else { panic!("no examples") };
    std::fs::write(folder.path().join("event.json"), payload).unwrap();
    let commands = fenced("sh").into_iter().find(|text| text.contains("event.json")).expect("commands");
    let mut printed = Vec::new();
    for line in commands.lines() {
        let arguments = line.strip_prefix("automata ").expect("a command").split(' ');
        let mut automata = Command::new(env!("CARGO_BIN_EXE_automata"));
        let output = automata.args(arguments).current_dir(folder.path()).env_clear().output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        // The demo's own output is for people.
        printed.extend(serde_json::from_slice::<Value>(&output.stdout).ok());
    }
    let shown: Vec<Value> = shown.iter().map(|text| serde_json::from_str(text).expect("JSON")).collect();
    assert_eq!(shown.len(), 2);
    assert_eq!(shown.iter().map(shape).collect::<Vec<_>>(), printed.iter().map(shape).collect::<Vec<_>>());
}

#[test]
fn every_test_that_tests_readme_names_is_there() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let readme = std::fs::read_to_string(tests.join("README.md")).unwrap();
    let is_test = |word: &&str| word.contains("::") && !word.contains('…');
    let named: BTreeSet<&str> = readme.split('`').skip(1).step_by(2).filter(is_test).collect();
    assert!(named.len() > 50, "{} tests are named", named.len());
    for name in named {
        let (module, test) = name.rsplit_once("::").unwrap();
        let path = tests.join(module.replace("::", "/"));
        let files = [path.with_extension("rs"), path.join("mod.rs")];
        let text = files.iter().find_map(|file| std::fs::read_to_string(file).ok());
        let text = text.unwrap_or_else(|| panic!("there is no module {module}"));
        let is_there = text
            .match_indices(&format!("fn {test}()"))
            .any(|(at, _)| text[..at].lines().rev().take(3).any(|line| line.contains("test]")));
        assert!(is_there, "there is no test {name}");
    }
    let (pains, faults) = readme.split_once("## What goes wrong with Google Drive").unwrap();
    for (table, count, what) in [(pains, 32, "pain"), (faults, 20, "fault")] {
        let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
        assert_eq!(rows.len(), count, "each {what} has its row");
        for row in rows {
            assert!(row.contains("::") || row.contains("not shown: ") || row.contains("later: "), "{row}");
        }
    }
}
