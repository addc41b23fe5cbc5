//! Every example in the documents is what the program reads, and every table what it is about.

use std::collections::{BTreeMap, BTreeSet};

use automata::config::CommentWords;
use automata::domain::access::Need;
use automata::domain::words::Verb;
use automata::report::answer;
use automata::services::assistant::command::presets::PRESETS;
use automata::{config, intake};
use serde_json::Value;

use super::{fenced, page, pages};

/// Every example in YAML of a page.
fn configurations(path: &str) -> Vec<String> {
    let is_workflow = |text: &String| ["name:", "jobs:", "on:"].iter().any(|key| text.starts_with(key));
    fenced(path, "yaml").into_iter().filter(|text| !is_workflow(text)).collect()
}

/// What happens to issues that the log goes by, so that what people decide is known.
const HEEDED: [&str; 14] = [
    "opened",
    "edited",
    "closed",
    "reopened",
    "assigned",
    "unassigned",
    "labeled",
    "unlabeled",
    "typed",
    "untyped",
    "milestoned",
    "demilestoned",
    "deleted",
    "transferred",
];

#[test]
fn the_workflow_to_add_and_our_own_tell_of_all_that_people_decide_about_issues() {
    let ours = page(".github/workflows/automata.yml");
    let shown =
        fenced("README.md", "yaml").into_iter().find(|text| text.starts_with("name:")).expect("a workflow");
    for workflow in [ours, shown] {
        let types = workflow.split_once("types: [").and_then(|(_, rest)| rest.split_once(']'));
        let told: Vec<&str> = types.expect("types of issues").0.split(',').map(str::trim).collect();
        assert_eq!(told, HEEDED);
        for input in ["command:", "issue:"] {
            assert!(workflow.contains(input), "a word can be said by hand: {input}");
        }
    }
}

#[test]
fn every_example_of_a_configuration_is_one() {
    let mut count = 0;
    for path in pages().keys() {
        for text in configurations(path) {
            config::parse(&text).unwrap_or_else(|problem| panic!("{path}: {problem:?}\n{text}"));
            count += 1;
        }
    }
    assert!(count >= 5, "only {count}");
}

#[test]
fn the_whole_configuration_shows_the_defaults() {
    let examples = configurations("docs/configuration.md");
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
fn the_first_configuration_changes_nothing_outside() {
    let examples = configurations("README.md");
    assert_eq!(examples.len(), 1);
    let config = config::parse(&examples[0]).expect("a configuration");
    assert_eq!(config.mode, config::Mode::Observe);
}

/// The names of all keys below this part of the schema.
fn keys(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(properties) = members.get("properties").and_then(Value::as_object) {
                found.extend(properties.keys().cloned());
            }
            members.values().for_each(|part| keys(part, found));
        }
        Value::Array(parts) => parts.iter().for_each(|part| keys(part, found)),
        _ => {}
    }
}

#[test]
fn every_key_of_the_configuration_is_told() {
    let schema: Value = serde_json::from_str(&page("automata.schema.json")).expect("JSON");
    let mut names = BTreeSet::new();
    keys(&schema, &mut names);
    assert!(names.len() > 100, "only {} keys", names.len());
    let told: String =
        pages().into_iter().filter(|(path, _)| path.starts_with("docs/")).map(|(_, text)| text).collect();
    let words: BTreeSet<&str> = told.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').collect();
    let untold: Vec<&String> = names.iter().filter(|name| !words.contains(name.as_str())).collect();
    assert!(untold.is_empty(), "docs/ does not tell what these do: {untold:?}");
}

#[test]
fn the_assistants_by_example_can_be_asked() {
    let config = config::parse(&configurations("docs/assistants.md")[0]).expect("a configuration");
    let names: Vec<&str> = config.assistants.iter().map(config::AssistantRule::name).collect();
    assert_eq!(
        names,
        ["patch", "copilot", "claude-code", "mine", "openai", "careful", "copilot-cloud", "mona"]
    );
}

#[test]
fn the_workflow_for_copilot_is_the_usual_one_with_a_token_that_pays_and_a_program_that_is_there() {
    let path = "docs/assistants.md";
    let [workflow] = <[String; 1]>::try_from(
        fenced(path, "yaml").into_iter().filter(|text| text.starts_with("name:")).collect::<Vec<_>>(),
    )
    .expect("one workflow");
    let whole: Value = serde_saphyr::from_str(&workflow).expect("YAML");
    let usual = fenced("README.md", "yaml").into_iter().find(|text| text.starts_with("name: Automata"));
    let usual: Value = serde_saphyr::from_str(&usual.expect("a workflow")).expect("YAML");
    assert_eq!(whole["on"]["issues"]["types"], serde_json::json!(HEEDED));
    let triggers = |workflow: &Value| {
        workflow["on"].as_object().expect("triggers").keys().cloned().collect::<BTreeSet<_>>()
    };
    assert_eq!(triggers(&whole), triggers(&usual));
    let mut permissions = whole["permissions"].as_object().expect("permissions").clone();
    assert_eq!(permissions.remove("copilot-requests"), Some("write".into()));
    assert_eq!(Some(&permissions), usual["permissions"].as_object());
    // Copilot is installed before, as the program itself would say, and given the variable that it reads.
    let steps = whole["jobs"]["automata"]["steps"].as_array().expect("steps");
    let copilot = PRESETS.iter().find(|preset| preset.name == "copilot").expect("a preset");
    assert!(copilot.install.contains(steps[0]["run"].as_str().expect("a command")), "{}", copilot.install);
    let given: Vec<&String> = steps[1]["env"].as_object().expect("variables").keys().collect();
    assert!(given.iter().all(|name| copilot.keys.iter().any(|(key, _)| key == name)), "{given:?}");
    assert!(page(path).contains("| `COPILOT_GITHUB_TOKEN`:") && copilot.keys[0].0 == "COPILOT_GITHUB_TOKEN");
    // And the configuration asks it.
    let config = config::parse(&configurations(path)[1]).expect("a configuration");
    let names: Vec<&str> = config.assistants.iter().map(config::AssistantRule::name).collect();
    assert_eq!(names, ["patch", "copilot"]);
}

#[test]
fn the_drive_by_example_shows_the_defaults() {
    let drive = config::parse(&configurations("docs/drive.md")[0]).expect("a configuration").drive;
    assert_eq!((drive.sync.len(), drive.access.len()), (1, 1));
    // What is no name of this repository's own is written as it is by default.
    let usual = config::DriveRules::default();
    assert_eq!((drive.credentials, drive.stands_for, drive.limits), (usual.credentials, None, usual.limits));
}

#[test]
fn the_workflow_to_add_asks_for_the_permissions_that_ours_has() {
    let workflow = fenced("README.md", "yaml").into_iter().find(|text| text.starts_with("name: Automata"));
    let workflow = workflow.expect("a workflow");
    let ours = page(".github/workflows/automata.yml");
    for permission in ["contents: write", "issues: write", "pull-requests: write", "actions: read"] {
        assert!(workflow.contains(permission) && ours.contains(permission), "{permission}");
    }
}

/// The rows of the table whose head begins with this word: what stands in code in each row's first cell.
fn rows(path: &str, head: &str) -> Vec<String> {
    let page = page(path);
    let table = page.split(&format!("\n| {head} |")).nth(1).unwrap_or_else(|| panic!("no table of {head}"));
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap_or_default());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn the_inputs_and_outputs_are_those_of_the_action() {
    let action: Value = serde_saphyr::from_str(&page("action.yml")).expect("YAML");
    let names = |part: &str| action[part].as_object().expect(part).keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names("inputs"), rows("docs/action.md", "input").into_iter().collect());
    assert_eq!(names("outputs"), rows("docs/action.md", "output").into_iter().collect());
}

#[test]
fn the_triggers_are_the_events_that_automata_reads() {
    let told: BTreeSet<String> = rows("docs/action.md", "event").into_iter().collect();
    assert_eq!(told, intake::EVENTS.iter().map(|&name| name.to_owned()).collect());
}

#[test]
fn the_table_of_the_words_is_the_grammars_own() {
    let usual = |verb: Verb| verb.need();
    let table = answer::help(&CommentWords::default(), &usual);
    assert!(page("docs/words.md").contains(&table), "docs/words.md lacks this table:\n{table}");
}

#[test]
fn the_short_table_has_each_word_with_who_may_say_it() {
    let mut said: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for verb in Verb::ALL {
        said.entry(verb.need().name()).or_default().push(format!("`{}`", verb.name()));
    }
    assert!(said.remove(Need::Nobody.name()).is_none());
    for (who, words) in said {
        let row = format!("| {who} | {} |", words.join(", "));
        assert!(page("README.md").contains(&row), "README.md lacks the row\n{row}");
    }
}
