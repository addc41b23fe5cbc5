//! Which real places mentions mean.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::mentions::mentions;
use super::super::text::{IssueText, Readable};
use super::{WANTED, resolve, wanted_files};

const PATHS: &[(&str, &str)] = &[
    ("README.md", "# Demo\n"),
    ("index.js", "run();\n"),
    (
        "service/src/main/java/com/example/UserService.java",
        "package com.example;\n\nclass UserService {\n  User find(int id) {\n  }\n}\n",
    ),
    ("src/main.rs", "mod parse;\nfn main() {\n    parse::header(\"\");\n}\n"),
    (
        "src/parse/header.rs",
        "pub struct Header;\n\nimpl Header {\n    pub fn parse(text: &str) -> Self {\n        Self\n    }\n}\n",
    ),
    (
        "src/parse/body.rs",
        "pub struct Body;\n\nimpl Body {\n    pub fn parse(text: &str) -> Self {\n        Self\n    }\n}\n",
    ),
    ("src/parse/mod.rs", "pub mod body;\npub mod header;\n"),
    ("tests/mod.rs", "mod story;\n"),
];

/// What the text means, after the round that the shell makes between the two phases.
fn places(body: &str) -> String {
    let paths: Vec<String> = PATHS.iter().map(|(path, _)| (*path).to_owned()).collect();
    let named = mentions(&Readable::of(&IssueText { title: "", body }));
    let contents: BTreeMap<String, String> = wanted_files(&named, &paths)
        .into_iter()
        .map(|path| {
            let text = PATHS.iter().find(|(known, _)| *known == path).map(|(_, text)| (*text).to_owned());
            (path, text.unwrap())
        })
        .collect();
    resolve(&named, &paths, &contents)
        .into_iter()
        .map(|place| {
            format!("{}{}\n", place.path, place.line.map_or(String::new(), |line| format!(":{line}")))
        })
        .collect()
}

#[test]
fn a_path_means_itself_or_the_longest_shared_ending() {
    for (text, expected) in [
        ("src/main.rs:2", "src/main.rs:2\n"),
        ("src/main.rs:99", "src/main.rs\n"),
        ("/builds/demo/demo/src/main.rs:3:5", "src/main.rs:3\n"),
        ("C:\\work\\src\\parse\\header.rs:4", "src/parse/header.rs:4\n"),
        ("parse/header.rs", "src/parse/header.rs\n"),
        ("header.rs", "src/parse/header.rs\n"),
        (
            "at com.example.UserService.find(UserService.java:4)",
            "service/src/main/java/com/example/UserService.java:4\n",
        ),
        ("https://github.com/o/r/blob/feature/x/src/main.rs#L1-L3", "src/main.rs:1\n"),
        // Two files are called so, and nothing else tells them apart.
        ("mod.rs", ""),
        ("/usr/lib/other/index.js:3", ""),
        ("node_modules/demo/src/main.rs", ""),
        ("/opt/.cargo/registry/src/parse/header.rs", ""),
        ("../../etc/passwd.txt and ../src/main.rs", ""),
        ("src/gone.rs:1", ""),
    ] {
        assert_eq!(places(text), expected, "{text}");
    }
}

#[test]
fn a_symbol_means_its_only_definition_or_the_one_its_qualifier_points_to() {
    assert_eq!(places("`Header::parse` fails"), "src/parse/header.rs:4\n");
    assert_eq!(places("`parse()` fails"), "", "two files define it");
    assert_eq!(places("`UserService`"), "service/src/main/java/com/example/UserService.java:3\n");
    assert_eq!(places("`UserService.find`"), "service/src/main/java/com/example/UserService.java:4\n");
    assert_eq!(places("`no_such_thing()`"), "");
}

#[test]
fn a_place_is_reported_once_and_with_its_line() {
    assert_eq!(places("In src/main.rs, precisely src/main.rs:2, again main.rs"), "src/main.rs:2\n");
}

proptest! {
    #[test]
    fn only_real_paths_come_out(body in "(\\.\\./|/|src/|parse/|main\\.rs|mod\\.rs|:[0-9]{1,2}|`|Header|::|parse| |\\PC){0,30}") {
        let paths: Vec<String> = PATHS.iter().map(|(path, _)| (*path).to_owned()).collect();
        let named = mentions(&Readable::of(&IssueText { title: "", body: &body }));
        let wanted = wanted_files(&named, &paths);
        prop_assert!(wanted.len() <= WANTED && wanted.iter().all(|path| paths.contains(path)));
        let found = resolve(&named, &paths, &BTreeMap::new());
        prop_assert!(found.iter().all(|place| paths.contains(&place.path) && place.line.is_none()));
    }
}
