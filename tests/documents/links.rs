//! Every link between the documents leads somewhere, every page is reached, and nothing stands in two of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::{page, pages, root, split};

/// Lines of the README: what a stranger reads in five minutes.
const README_LINES: usize = 300;

/// Characters of a line that is long enough to be told from others.
const TELLING: usize = 60;

/// The targets of a page's links and pictures.
fn links(page: &str) -> Vec<String> {
    let (_, prose) = split(page);
    let ends = prose.match_indices("](");
    ends.map(|(at, open)| prose[at + open.len()..].split(')').next().unwrap_or_default().to_owned()).collect()
}

/// The anchors of a page, as GitHub makes them of its headings: small letters, spaces as hyphens, no other marks.
fn anchors(page: &str) -> BTreeSet<String> {
    let (_, prose) = split(page);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    let of = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(of).collect()
}

/// A path without `..`, or nothing if it leaves the repository.
fn straightened(path: &Path) -> Option<PathBuf> {
    let mut straight = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => straight.push(name),
            Component::ParentDir => straight.pop().then_some(())?,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(straight)
}

#[test]
fn every_link_leads_somewhere() {
    let mut count = 0;
    for (path, text) in pages() {
        for link in links(&text).iter().filter(|link| !link.contains("://")) {
            let (file, anchor) =
                link.split_once('#').map_or((link.as_str(), None), |(file, at)| (file, Some(at)));
            let folder = Path::new(&path).parent().expect("a folder");
            let target = if file.is_empty() { PathBuf::from(&path) } else { folder.join(file) };
            let target =
                straightened(&target).unwrap_or_else(|| panic!("{path}: {link} leaves the repository"));
            assert!(root().join(&target).is_file(), "{path}: there is no {link}");
            if let Some(anchor) = anchor {
                let there = anchors(&page(target.to_str().expect("text")));
                assert!(there.contains(anchor), "{path}: {link} is none of {there:?}");
            }
            count += 1;
        }
    }
    assert!(count > 25, "only {count} links were found");
}

#[test]
fn the_readme_is_short_and_leads_to_every_page() {
    let readme = page("README.md");
    let lines = readme.lines().count();
    assert!(lines <= README_LINES, "README.md has {lines} lines; reference belongs into docs/");
    let linked: BTreeSet<String> = links(&readme).into_iter().collect();
    for path in pages().keys().filter(|path| path.starts_with("docs/")) {
        assert!(linked.contains(path), "README.md does not lead to {path}");
    }
}

#[test]
fn no_text_stands_in_two_places() {
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    for (path, text) in pages().into_iter().filter(|(path, _)| path != "CHANGELOG.md") {
        for line in text.lines().filter(|line| line.chars().count() >= TELLING) {
            if let Some(other) = first.insert(line.trim().to_owned(), path.clone()) {
                panic!("{other} and {path} both say\n{line}");
            }
        }
    }
}
