//! What this repository's own workflows promise: every fuzz target has its night, and what may sign runs nobody's code.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::{page, root};

fn jobs(workflow: &str) -> Vec<(String, Value)> {
    let whole: Value = serde_saphyr::from_str(&page(&format!(".github/workflows/{workflow}"))).expect("YAML");
    whole["jobs"].as_object().expect("jobs").clone().into_iter().collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn every_fuzz_target_has_its_twenty_minutes_each_night() {
    let (_, fuzz) = jobs("nightly.yml").into_iter().find(|(name, _)| name == "fuzz").expect("the job");
    let matrix = fuzz["strategy"]["matrix"]["target"].as_array().expect("targets");
    let nightly: BTreeSet<String> = matrix.iter().map(|target| text(target).to_owned()).collect();
    let files = fs::read_dir(root().join("tests/fuzz")).expect("tests/fuzz");
    let names =
        files.map(|file| file.expect("a file").path().file_stem().unwrap().to_str().unwrap().to_owned());
    // A module that mutates, or leads to the others, is none.
    let targets: BTreeSet<String> = names.filter(|name| !matches!(name.as_str(), "mod" | "mutate")).collect();
    assert_eq!(nightly, targets);
}

#[test]
fn what_may_sign_or_publish_runs_no_code_of_dependencies() {
    let mut may = Vec::new();
    for (name, job) in jobs("release.yml") {
        let permissions = job["permissions"].as_object().expect("each job names its permissions").clone();
        let steps = job["steps"].as_array().expect("steps").clone();
        if permissions.values().all(|level| level == "read") {
            continue;
        }
        for step in &steps {
            let (uses, run) = (text(&step["uses"]), text(&step["run"]));
            let is_known = ["actions/download-artifact@", "actions/attest-build-provenance@"]
                .iter()
                .any(|it| uses.starts_with(it));
            assert!(uses.is_empty() || is_known, "{name} uses {uses}");
            for line in run.lines() {
                assert!(
                    ["sha256sum ", "gh release "].iter().any(|it| line.starts_with(it)),
                    "{name} runs {line}"
                );
            }
        }
        may.push(name);
    }
    assert_eq!(may, ["attest", "publish"]);
}
