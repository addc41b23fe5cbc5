//! The contract of the state branch, as `state/` writes it down, held against a branch that was written.

use std::path::PathBuf;
use std::process::Command;

use automata::log::upcast;
use serde_json::Value;

use super::home::{Home, append_patiently, batch, events, folded, snapshot};
use crate::world::repository::BareRepository;

fn page(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("state").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn check(schema: &Value, text: &str) {
    let value: Value = serde_json::from_str(text).unwrap();
    let validator = jsonschema::validator_for(schema).unwrap();
    let faults: Vec<String> = validator.iter_errors(&value).map(|fault| fault.to_string()).collect();
    assert_eq!(faults, [""; 0], "{text}");
}

/// Three appends, a seal, two more appends.
async fn written() -> Home {
    let home = Home::local();
    let log = home.writer();
    for who in ["a", "b", "c"] {
        append_patiently(&*log, who, 2).await;
    }
    let (head, ids) = folded(&*log).await.unwrap();
    log.append(&head, &batch(&events(&head, "d", 1), Some(&snapshot(&head, &ids)))).await.unwrap();
    append_patiently(&*log, "e", 1).await;
    home
}

fn in_tip(repository: &BareRepository, path: &str) -> String {
    repository.git(&["show", &format!("automata-state:{path}")])
}

#[tokio::test]
async fn what_is_written_fits_the_published_schemas() {
    let home = written().await;
    let repository = home.repository().unwrap();
    let head: Value = serde_json::from_str(&page("head.schema.json")).unwrap();
    let event: Value = serde_json::from_str(&page("event.schema.json")).unwrap();
    check(&head, &in_tip(repository, "head.json"));
    check(&head, &repository.git(&["show", "automata-state~3:head.json"]));
    for line in
        in_tip(repository, "tail/000000000007.jsonl").lines().chain(page("golden/v1/log.jsonl").lines())
    {
        check(&event, line);
    }
    for golden in ["golden/v2/sensitive.jsonl", "golden/v2/all.jsonl"] {
        page(golden).lines().for_each(|line| check(&event, line));
    }
    let sealed = Home::sealed();
    append_patiently(&*sealed.writer(), "a", 1).await;
    let sealed = sealed.repository().unwrap();
    check(&head, &in_tip(sealed, "head.json"));
    check(&event, &in_tip(sealed, "tail/000000000001.jsonl"));
    let named: Vec<&str> =
        event["properties"]["type"]["enum"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(named, upcast::TYPES.map(|(kind, _)| kind), "the schema names every type");
}

#[tokio::test]
async fn the_tip_looks_as_the_page_says() {
    let home = written().await;
    let repository = home.repository().unwrap();
    insta::assert_snapshot!(repository.git(&["ls-tree", "-r", "--name-only", "automata-state"]), @"
    README.md
    head.json
    snapshot/ids.txt
    tail/000000000007.jsonl
    tail/000000000008.jsonl
    ");
    insta::assert_snapshot!(repository.git(&["log", "-2", "--format=%an <%ae> %at%n%B", "automata-state"]), @"
    Automata <automata@noreply.invalid> 1795348800
    Record what happened

    Automata-Sequence: 8
    Automata-Run: 77.1

    Automata <automata@noreply.invalid> 1795348800
    Record what happened

    Automata-Sequence: 7
    Automata-Run: 77.1
    ");
}

#[tokio::test]
async fn the_commands_of_the_page_find_every_event_and_the_chain() {
    let home = written().await;
    let repository = home.repository().unwrap();
    // The page speaks of a clone's `origin/`; here we stand in the repository itself.
    let page = page("README.md").replace("origin/", "");
    let commands = page.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let (archived, tail) = (
        commands.split("\nfor c in ").nth(1).unwrap(),
        commands.lines().find(|line| line.starts_with("git grep")).unwrap(),
    );
    let script = format!("(for c in {}\n{tail}\n) > all-events.jsonl", archived.trim_end());
    let python = page.split("```sh\n").nth(2).unwrap().split("```").next().unwrap();
    let run = |script: &str| {
        let output =
            Command::new("sh").args(["-e", "-c", script]).current_dir(repository.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    run(&script);
    assert_eq!(run("wc -l < all-events.jsonl").trim(), "8");
    let head: Value = serde_json::from_str(&in_tip(repository, "head.json")).unwrap();
    assert_eq!(Some(digest(&repository.path().join("all-events.jsonl")).as_str()), head["chain"].as_str());
    assert!(python.contains("sha256(chain + line.rstrip(b\"\\n\"))"), "the page's own check is this one");
}

/// The chain over a file, by the page's rule and none of our code.
fn digest(path: &std::path::Path) -> String {
    use sha2::{Digest as _, Sha256};
    let content = std::fs::read(path).unwrap();
    let mut chain = [0_u8; 32];
    for line in content.strip_suffix(b"\n").unwrap().split(|byte| *byte == b'\n') {
        chain = Sha256::new().chain_update(chain).chain_update(line).finalize().into();
    }
    chain.iter().map(|byte| format!("{byte:02x}")).collect()
}
