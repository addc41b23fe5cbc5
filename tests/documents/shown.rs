//! What the documents show as printed is what is printed.

use std::process::Command;

use serde_json::Value;

use super::fenced;

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
    let examples = fenced("docs/commands.md", "json");
    let [payload, shown @ ..] = examples.as_slice() else { panic!("no examples") };
    std::fs::write(folder.path().join("event.json"), payload).unwrap();
    let commands = fenced("docs/commands.md", "sh").into_iter().find(|text| text.contains("event.json"));
    let mut printed = Vec::new();
    for line in commands.expect("commands").lines() {
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
