//! What README.md and the pages of docs/ tell people to write is right.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

mod commands;
mod comment;
mod examples;
mod links;
mod proofs;
mod shown;
mod workflows;

/// Pages outside of `docs/`.
const OTHERS: [&str; 5] = ["README.md", "CHANGELOG.md", "SECURITY.md", "state/README.md", "tests/README.md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every page by its path.
fn pages() -> BTreeMap<String, String> {
    let docs = fs::read_dir(root().join("docs")).expect("docs/");
    let names = docs.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
    let paths = names.map(|name| format!("docs/{name}")).chain(OTHERS.map(str::to_owned));
    paths.filter(|path| root().join(path).is_file()).map(|path| (path.clone(), page(&path))).collect()
}

/// A fenced block: its language and its text.
struct Block {
    language: String,
    text: String,
}

/// The fenced blocks of a page in order, and the page without them.
fn split(page: &str) -> (Vec<Block>, String) {
    let (mut blocks, mut rest) = (Vec::new(), String::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        let text = lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        blocks.push(Block { language: language.to_owned(), text });
    }
    (blocks, rest)
}

/// The blocks of a page in one language.
fn fenced(path: &str, language: &str) -> Vec<String> {
    let (blocks, _) = split(&page(path));
    blocks.into_iter().filter(|block| block.language == language).map(|block| block.text).collect()
}

/// What stands in single backticks, outside of fenced blocks.
fn in_code(page: &str) -> Vec<String> {
    let (_, prose) = split(page);
    let paragraphs = prose.split("\n\n").flat_map(|paragraph| {
        // A table's cells are apart from each other.
        if paragraph.starts_with('|') { paragraph.lines().collect::<Vec<_>>() } else { vec![paragraph] }
    });
    paragraphs.flat_map(|text| text.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}
