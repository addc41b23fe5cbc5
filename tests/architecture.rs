//! The law of the house: who may lean on whom, which vendor lives where, how large a file may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use automata::tasks;

/// A room and the rooms that it may lean on. `app` may lean on all of them.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("log", &["domain"]),
    ("views", &["domain", "log"]),
    ("queue", &["domain", "views"]),
    ("triage", &["domain"]),
    ("drive", &["domain"]),
    ("config", &["domain", "queue", "drive"]),
    ("intake", &["domain", "config"]),
    ("report", &["domain", "log", "views", "queue", "config", "triage"]),
    ("tasks", &["domain", "config", "triage", "drive", "report", "services"]),
    ("services", &["domain", "log"]),
    ("cli", &[]),
];

/// A vendor crate and the only places that may name it.
const VENDORS: &[(&str, &[&str])] = &[
    ("octocrab", &["services/github"]),
    ("git2", &["services/git"]),
    ("reqwest", &["services"]),
    ("rustls", &["services/http.rs", "services/credential"]),
    ("webpki_roots", &["services/http.rs"]),
    ("tower", &["services/github", "services/drive"]),
    ("google_drive3", &["services/drive"]),
    ("yup_oauth2", &["services/drive"]),
    ("hyper", &["services/drive", "services/loopback.rs"]),
    ("hyper_util", &["services/drive", "services/loopback.rs"]),
    ("http_body_util", &["services/drive", "services/loopback.rs"]),
    ("md5", &["services/drive", "services/folder.rs"]),
    (
        "base64",
        &["services/drive", "services/credential", "services/seal", "services/webhook", "report/dashboard"],
    ),
    ("ring", &["services/credential", "services/seal", "services/webhook"]),
    // The second place knows the ending of files.
    ("x25519_dalek", &["services/seal"]),
    ("csv", &["triage/rows.rs", "triage/mentions/words.rs"]),
    ("flate2", &["services/git", "services/seal"]),
    ("landlock", &["services/process"]),
    ("seccompiler", &["services/process"]),
    ("rustix", &["services/process", "services/account.rs"]),
    ("getrandom", &["services/entropy.rs"]),
    ("clap", &["cli", "main.rs"]),
    ("indicatif", &["app"]),
    ("terminal_size", &["report/terminal.rs"]),
    ("serde_saphyr", &["config"]),
    // The others have a model and a plugin told what their answers may be.
    ("schemars", &["config", "domain/plan.rs", "domain/plugin", "domain/schema.rs"]),
    ("strsim", &["config"]),
    ("tracing_subscriber", &["app"]),
    ("tokio", &["services", "app"]),
    ("jiff", &["queue/recurring"]),
    ("anyhow", &["app", "main.rs"]),
];

/// Lines of code that a file may have, blank lines and comments not counted.
const MOST_LINES: usize = 400;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Source files by their path below `src`, and their text without comments.
fn sources() -> BTreeMap<String, String> {
    let src = root().join("src");
    let name = |path: &Path| path.strip_prefix(&src).expect("below src").to_string_lossy().into_owned();
    rust_files(&src).iter().map(|path| (name(path), code(&fs::read_to_string(path).expect("text")))).collect()
}

/// The lines that are code.
fn code(text: &str) -> String {
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    text.lines().filter(is_code).collect::<Vec<_>>().join("\n")
}

/// The code of a file without its tests, which may lean on whatever they like.
fn without_tests(code: &str) -> &str {
    code.split("#[cfg(test)]").next().unwrap_or_default()
}

fn is_test(file: &str) -> bool {
    file.ends_with("/tests.rs") || file.contains("/tests/")
}

fn room(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap_or_default()
}

/// Words that follow `prefix` in the code: `crate::log` gives `log`.
fn after<'a>(code: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(prefix).map(move |(at, _)| {
        let rest = &code[at + prefix.len()..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

#[test]
fn rooms_lean_only_on_the_rooms_that_they_may() {
    let mut offences = Vec::new();
    for (file, code) in sources().iter().filter(|(file, _)| !is_test(file)) {
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room(file)) else { continue };
        let code = without_tests(code);
        assert!(!code.contains("use crate::{"), "{file}: write one `use` for each room");
        for used in after(code, "crate::") {
            let is_room = used == "app" || ROOMS.iter().any(|(name, _)| *name == used);
            if is_room && used != room(file) && !allowed.contains(&used) {
                offences.push(format!("{file} leans on {used}"));
            }
        }
    }
    assert!(offences.is_empty(), "{offences:#?}");
}

#[test]
fn tasks_know_ports_and_no_adapter() {
    let services = root().join("src/services");
    for (file, code) in sources().iter().filter(|(file, _)| room(file) == "tasks") {
        for service in ["git", "github", "assistant", "drive", "slack", "webhook"] {
            for name in after(code, &format!("services::{service}::")) {
                let adapter = services.join(service).join(name);
                let is_adapter = adapter.is_dir() || adapter.with_extension("rs").is_file();
                assert!(
                    !is_adapter || name.is_empty(),
                    "{file} names the adapter services::{service}::{name}"
                );
            }
        }
    }
}

#[test]
fn every_vendor_stays_in_its_place() {
    let mut offences = Vec::new();
    for (file, code) in sources().iter().filter(|(file, _)| !is_test(file)) {
        for (vendor, places) in VENDORS {
            let named = without_tests(code)
                .split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
                // A word by itself may be anybody's: a field, the ending of files.
                .any(|word| word.strip_prefix(vendor).is_some_and(|rest| rest.starts_with("::")))
                || code.contains(&format!("use {vendor};"));
            if named && !places.iter().any(|place| file.starts_with(place)) {
                offences.push(format!("{file} names {vendor}"));
            }
        }
    }
    assert!(offences.is_empty(), "{offences:#?}");
}

#[test]
fn every_file_states_its_one_job_and_is_short() {
    let mut offences = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for path in rust_files(&root().join(folder)) {
            let text = fs::read_to_string(&path).expect("text");
            if !text.starts_with("//! ") {
                offences.push(format!("{}: no `//!` line", path.display()));
            }
            let lines = code(&text).lines().count();
            if lines > MOST_LINES {
                offences.push(format!("{}: {lines} lines of code", path.display()));
            }
        }
    }
    assert!(offences.is_empty(), "{offences:#?}");
}

#[test]
fn words_that_say_nothing_are_not_used() {
    for (file, code) in sources() {
        for word in ["util", "handler", "manager", "processor"] {
            assert!(!file.contains(word), "{file}");
            for kind in ["struct ", "enum ", "trait ", "mod "] {
                let bad = after(&code, kind).find(|name| name.to_lowercase().contains(word));
                assert_eq!(bad, None, "{file}");
            }
        }
    }
}

#[test]
fn every_task_kind_has_its_file_its_story_and_its_row() {
    let page = fs::read_to_string(root().join("docs/tasks.md")).expect("docs/tasks.md");
    let names: BTreeSet<&str> = tasks::REGISTRY.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), tasks::REGISTRY.len(), "two kinds have one name");
    for kind in tasks::REGISTRY {
        let name = kind.name;
        assert!(root().join(format!("src/tasks/{name}.rs")).is_file(), "src/tasks/{name}.rs is missing");
        assert!(
            root().join(format!("tests/stories/{name}.rs")).is_file(),
            "tests/stories/{name}.rs is missing"
        );
        let row = format!("| `{name}` | {} | {} |", kind.about, kind.guarantee);
        assert!(page.contains(&row), "docs/tasks.md lacks the row\n{row}");
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let tests = root().join("tests");
    for path in rust_files(&tests).iter().filter(|path| **path != tests.join("main.rs")) {
        let is_folder = path.ends_with("mod.rs");
        let named = if is_folder { path.parent().expect("a folder") } else { path.as_path() };
        let parent = named.parent().expect("a folder");
        let declared_in = if parent == tests { tests.join("main.rs") } else { parent.join("mod.rs") };
        // A folder `x/` may also belong to a file `x.rs` beside it.
        let declared_in = if declared_in.is_file() { declared_in } else { parent.with_extension("rs") };
        let name = named.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&declared_in).expect("the file that declares it");
        assert!(text.contains(&format!("mod {name};")), "{} is not compiled", path.display());
    }
}

#[test]
fn a_panic_unwinds_in_every_profile_so_that_it_ends_one_task_and_not_the_run() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let sets_panic = |line: &&str| line.split('=').next().is_some_and(|key| key.trim() == "panic");
    let mut section = "";
    for line in manifest.lines().map(str::trim) {
        section = if line.starts_with('[') { line } else { section };
        let is_set = section.starts_with("[profile") && sets_panic(&line);
        assert!(!is_set || line.contains("unwind"), "{section} {line}");
    }
}
