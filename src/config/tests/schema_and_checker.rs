//! How the checker keeps step with the schema.

use super::*;

fn keywords(schema: &Value, found: &mut BTreeSet<String>) {
    let Some(object) = schema.as_object() else { return };
    for (keyword, value) in object {
        found.insert(keyword.clone());
        match keyword.as_str() {
            "properties" | "$defs" => {
                value.as_object().unwrap().values().for_each(|one| keywords(one, found))
            }
            "items" => keywords(value, found),
            "anyOf" | "oneOf" => value.as_array().unwrap().iter().for_each(|one| keywords(one, found)),
            _ => {}
        }
    }
}

#[test]
fn the_checker_knows_every_keyword_that_the_schema_uses() {
    let mut found = BTreeSet::new();
    keywords(schema::root(), &mut found);
    let unknown: Vec<&String> =
        found.iter().filter(|word| !check::KEYWORDS.contains(&word.as_str())).collect();
    assert!(unknown.is_empty(), "check.rs does not look at {unknown:?}");
}

#[test]
fn every_key_is_described() {
    fn undescribed(place: &str, schema: &Value, found: &mut Vec<String>) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            // The six actions are described where they are chosen.
            if property["description"].is_null() && !matches!(name.as_str(), "label" | "unlabel" | "assign") {
                found.push(format!("{place}.{name}"));
            }
        }
    }
    let mut found = Vec::new();
    undescribed("", schema::root(), &mut found);
    for (name, definition) in schema::root()["$defs"].as_object().unwrap() {
        undescribed(name, definition, &mut found);
    }
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn no_configuration_opens_the_protected_paths() {
    let config = configured("pull_requests: { protected: ['secrets/**'] }");
    assert_eq!(
        config.pull_requests.protected_paths(),
        [
            ".github/**",
            "CODEOWNERS",
            "docs/CODEOWNERS",
            ".gitmodules",
            "**/.gitattributes",
            ".lfsconfig",
            "secrets/**"
        ]
    );
}
