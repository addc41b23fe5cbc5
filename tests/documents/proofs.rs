//! Every test that a document names as the proof of what it says is there.

use std::collections::BTreeSet;
use std::fs;

use super::{in_code, page, root};

/// The tests that a page names: `stories::loops::…` stands in `tests/stories/loops.rs`.
fn named(page: &str) -> BTreeSet<String> {
    in_code(page).into_iter().filter(|word| word.contains("::") && !word.contains('…')).collect()
}

/// Whether there is a test of this name.
fn is_there(name: &str) -> bool {
    let (module, test) = name.rsplit_once("::").expect("a module and a test");
    let path = root().join("tests").join(module.replace("::", "/"));
    let files = [path.with_extension("rs"), path.join("mod.rs")];
    let Some(text) = files.iter().find_map(|file| fs::read_to_string(file).ok()) else { return false };
    // The attribute stands above, at most behind two others.
    let is_marked = |at: usize| {
        text[..at].lines().rev().take(3).any(|line| line.contains("test]") || line.contains("test("))
    };
    text.match_indices(&format!("fn {test}()")).any(|(at, _)| is_marked(at))
}

#[test]
fn every_test_that_a_document_names_is_there() {
    for (path, least) in [("tests/README.md", 50), ("SECURITY.md", 45)] {
        let named = named(&page(path));
        assert!(named.len() >= least, "{path} names {} tests", named.len());
        for name in named {
            assert!(is_there(&name), "{path}: there is no test {name}");
        }
    }
}

/// The rows of the tables whose last column names tests.
fn rows(page: &str) -> Vec<String> {
    let tables = page.split("| shown by").skip(1);
    let of = |table: &str| -> Vec<String> {
        table.lines().skip(2).take_while(|line| line.starts_with("| ")).map(str::to_owned).collect()
    };
    tables.flat_map(of).collect()
}

#[test]
fn each_threat_has_its_row_with_a_test() {
    let rows = rows(&page("SECURITY.md"));
    assert!(rows.len() >= 16, "{} threats", rows.len());
    for row in rows {
        assert_eq!(row.split(" | ").count(), 4, "{row}");
        assert!(row.contains("::"), "{row}");
    }
}

#[test]
fn each_pain_has_its_row_with_a_test_or_the_reason_why_there_is_none() {
    let page = page("tests/README.md");
    let (pains, faults) = page.split_once("## What goes wrong with Google Drive").expect("a table of faults");
    for (table, count) in [(pains, 32), (faults, 24)] {
        let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
        assert_eq!(rows.len(), count);
        for row in rows {
            assert!(row.contains("::") || row.contains("not shown: ") || row.contains("later: "), "{row}");
        }
    }
}
