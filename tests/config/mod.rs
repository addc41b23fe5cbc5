//! The configuration over a corpus of files, and its published schema.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use automata::config;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// File stem and content of every file in a folder of the corpus, sorted.
fn corpus(folder: &str) -> Vec<(String, String)> {
    let folder = root().join("tests/fixtures/config").join(folder);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let stem = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|path| (stem(path), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn every_faulty_file_is_refused_with_all_its_problems() {
    let mut said = String::new();
    for (name, yaml) in corpus("invalid") {
        let problems = config::parse(&yaml).expect_err(&name);
        writeln!(said, "# {name}").unwrap();
        for problem in problems {
            writeln!(said, "{problem}").unwrap();
        }
        said.push('\n');
    }
    insta::assert_snapshot!(said);
}

#[test]
fn every_sound_file_is_read() {
    let mut said = String::new();
    let now = "2026-11-22T10:00:00Z".parse().unwrap();
    for (name, yaml) in corpus("valid") {
        let config = config::parse(&yaml).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
        let explained = serde_json::to_string_pretty(&config::explain(&config, now)).unwrap();
        writeln!(said, "# {name}\n{explained}\n").unwrap();
    }
    insta::assert_snapshot!(said);
}

#[test]
fn an_absent_file_means_the_defaults() {
    for nothing in ["", "\n", "# a comment\n", "---\n", "{}", "null"] {
        assert_eq!(config::parse(nothing).unwrap(), config::Config::default(), "{nothing:?}");
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&config::Config::default()).unwrap());
}

#[test]
fn what_is_written_out_reads_back() {
    for (name, yaml) in corpus("valid") {
        let config = config::parse(&yaml).unwrap();
        let json = serde_json::to_string(&config).unwrap();
        assert_eq!(config::parse(&json).unwrap(), config, "{name}");
    }
}

/// The published schema and the one that is checked against cannot drift apart.
#[test]
fn the_published_schema_is_fresh() {
    let published = std::fs::read_to_string(root().join("automata.schema.json")).unwrap_or_default();
    assert!(
        published == config::schema(),
        "automata.schema.json is stale: run `cargo run -- check --schema > automata.schema.json`"
    );
}

/// Another validator, somebody else's, agrees with our own about the whole corpus, as far as a schema can tell.
#[test]
fn a_json_schema_validator_agrees() {
    let schema: serde_json::Value = serde_json::from_str(&config::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (name, yaml) in corpus("valid") {
        let json = serde_json::to_value(config::parse(&yaml).unwrap()).unwrap();
        assert!(
            validator.is_valid(&json),
            "{name}: {:?}",
            validator.iter_errors(&json).next().map(|e| e.to_string())
        );
    }
    let by_schema = ["unknown_keys", "wrong_types", "out_of_range", "unknown_values", "a_list", "just_text"];
    for (name, yaml) in corpus("invalid").into_iter().filter(|(name, _)| by_schema.contains(&name.as_str())) {
        let json: serde_json::Value = serde_saphyr::from_str(&yaml).unwrap();
        assert!(!validator.is_valid(&json), "{name}");
    }
}

#[test]
fn rules_can_name_every_event_that_gives_them_something_to_work_on() {
    let schema: serde_json::Value = serde_json::from_str(&config::schema()).unwrap();
    let names: Vec<&str> = schema["$defs"]["EventName"]["enum"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|name| name.as_str())
        .collect();
    let gives_nothing = ["label", "schedule", "workflow_dispatch", "repository_dispatch", "push"];
    for event in automata::intake::EVENTS {
        assert_ne!(names.contains(&event), gives_nothing.contains(&event), "{event}");
    }
}

proptest::proptest! {
    /// Whatever somebody writes, reading it ends with a configuration or with problems that say something.
    #[test]
    fn no_text_breaks_the_reader(text in "((rules|on|do|if|label|mode|issues|act|[a-z]{1,3}|1|~|'|\"|&a|\\*a|\\{|\\}|\\[|\\]|,|-|#|!!)(: |:|\n|\n  | ))*") {
        if let Err(problems) = config::parse(&text) {
            assert!(!problems.is_empty() && problems.iter().all(|problem| !problem.message.is_empty()));
        }
    }
}
