//! The tools that only look: `list`, `search`, `read`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use serde::Deserialize;

use super::paths::is_git;
use super::{MOST_OUTPUT, Workspace};

/// Bytes of a file that is read or searched. Whatever is larger was not written by hand.
const MOST_BYTES: u64 = 2 * 1024 * 1024;
/// Bytes at the beginning of a file in which a NUL tells that it is no text: git's own measure.
const TOLD_BY: usize = 8_000;
/// Files that are walked past; enough for the largest repositories that a model can find its way in.
const MOST_FILES: usize = 50_000;
/// Lines that a search finds.
const MOST_FOUND: usize = 100;
/// Characters of a line that are shown.
const LINE: usize = 500;

#[derive(Deserialize)]
pub(super) struct List {
    path: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Search {
    text: String,
    glob: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Read {
    path: String,
    from: Option<u64>,
    lines: Option<u64>,
}

impl Workspace {
    pub(super) fn list(&self, arguments: &List) -> Result<String, String> {
        let folder = self.existing(arguments.path.as_deref().unwrap_or("."))?;
        let mut listed = String::new();
        let mut more = 0;
        for path in self.walk(&folder) {
            if listed.len() < MOST_OUTPUT - 100 {
                let _ = writeln!(listed, "{}", self.shown(&path));
            } else {
                more += 1;
            }
        }
        if more > 0 {
            let _ = writeln!(listed, "[and {more} more: list a folder]");
        }
        if listed.is_empty() { Ok("[no files]".to_owned()) } else { Ok(listed) }
    }

    pub(super) fn search(&self, arguments: &Search) -> Result<String, String> {
        if arguments.text.is_empty() {
            return Err("the text to look for is empty".to_owned());
        }
        let glob = match arguments.glob.as_deref().filter(|glob| !glob.is_empty()) {
            Some(glob) => {
                let glob = GlobBuilder::new(glob).literal_separator(true).build();
                Some(glob.map_err(|error| format!("the glob is wrong: {error}"))?.compile_matcher())
            }
            None => None,
        };
        let mut found = String::new();
        let mut count = 0;
        for path in self.walk(&self.root) {
            let shown = self.shown(&path);
            if glob.as_ref().is_some_and(|glob| !glob.is_match(&shown)) {
                continue;
            }
            let Ok(text) = text_of(&path) else { continue };
            for (number, line) in text.lines().enumerate().filter(|(_, line)| line.contains(&arguments.text))
            {
                if count == MOST_FOUND || found.len() > MOST_OUTPUT - LINE * 4 {
                    found.push_str("[and more: look for something rarer, or give a glob]\n");
                    return Ok(found);
                }
                count += 1;
                let _ = writeln!(found, "{shown}:{}: {}", number + 1, cut(line.trim()));
            }
        }
        if found.is_empty() { Ok("[nothing found]".to_owned()) } else { Ok(found) }
    }

    pub(super) fn read(&self, arguments: &Read) -> Result<String, String> {
        let path = self.file(&arguments.path)?;
        let text = text_of(&path).map_err(|problem| format!("`{}` {problem}", arguments.path))?;
        let count = text.lines().count();
        let from = usize::try_from(arguments.from.unwrap_or(1)).unwrap_or(usize::MAX).max(1);
        let lines = arguments.lines.map_or(usize::MAX, |lines| usize::try_from(lines).unwrap_or(usize::MAX));
        let mut shown = String::new();
        for (number, line) in text.lines().enumerate().skip(from - 1).take(lines) {
            if shown.len() > MOST_OUTPUT - LINE * 4 - 100 {
                let _ = writeln!(shown, "[the file has {count} lines: go on from line {}]", number + 1);
                break;
            }
            let _ = writeln!(shown, "{}\t{}", number + 1, cut(line));
        }
        if shown.is_empty() { Ok(format!("[no such line: the file has {count} lines]")) } else { Ok(shown) }
    }

    /// The files below a folder in the order of their paths. Symlinks are not followed, git's own files left out.
    fn walk(&self, folder: &Path) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![folder.to_owned()];
        if folder.is_file() {
            return folders;
        }
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                let Ok(kind) = entry.file_type() else { continue };
                if is_git(&entry.file_name().to_string_lossy()) {
                    continue;
                }
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    files.push(entry.path());
                }
            }
            if files.len() > MOST_FILES {
                break;
            }
        }
        files.sort();
        files
    }
}

/// The text of a file, or why it has none.
pub(super) fn text_of(path: &Path) -> Result<String, String> {
    let size = fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?.len();
    if size > MOST_BYTES {
        return Err(format!("is too large ({size} bytes)"));
    }
    let bytes = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    if bytes[..bytes.len().min(TOLD_BY)].contains(&0) {
        return Err("is no text".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "is no text in UTF-8".to_owned())
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(LINE) {
        Some((end, _)) => format!("{}[…]", &line[..end]),
        None => line.to_owned(),
    }
}
