//! What README.md tells people to write is right.

use std::path::Path;

use automata::config;

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
    // Everything but the rules and the one path is written as it is by default.
    let plain = config::Config {
        rules: None,
        pull_requests: config::PullRequests { protected: Vec::new(), ..config.pull_requests.clone() },
        ..config
    };
    assert_eq!(plain, config::Config::default());
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
