//! Finds files in running text: `src/main.rs:12:5`, `x.ts(3,4)`, `lib.py, line 7`, links to code.

use super::Mention;

/// Endings by which a name without a folder is taken for a file.
const ENDINGS: &[&str] = &[
    "adoc",
    "bash",
    "bat",
    "bazel",
    "c",
    "cc",
    "cfg",
    "clj",
    "cmake",
    "conf",
    "cpp",
    "cs",
    "css",
    "csv",
    "cts",
    "cxx",
    "dart",
    "ex",
    "exs",
    "erl",
    "fs",
    "go",
    "gradle",
    "graphql",
    "groovy",
    "h",
    "hcl",
    "hh",
    "hpp",
    "hs",
    "html",
    "ini",
    "ipynb",
    "java",
    "jl",
    "js",
    "json",
    "jsonc",
    "jsx",
    "kt",
    "kts",
    "less",
    "lock",
    "lua",
    "m",
    "md",
    "mdx",
    "mjs",
    "cjs",
    "ml",
    "mm",
    "mts",
    "nim",
    "nix",
    "php",
    "pl",
    "pm",
    "properties",
    "proto",
    "ps1",
    "py",
    "pyi",
    "pyx",
    "r",
    "rake",
    "rb",
    "rs",
    "rst",
    "s",
    "scala",
    "scss",
    "sh",
    "sol",
    "sql",
    "svelte",
    "swift",
    "tf",
    "toml",
    "ts",
    "tsx",
    "txt",
    "vb",
    "vue",
    "xml",
    "yaml",
    "yml",
    "zig",
    "zsh",
];

/// Names of files without an ending.
const NAMES: &[&str] = &[
    "BUILD",
    "CODEOWNERS",
    "Dockerfile",
    "Gemfile",
    "Justfile",
    "LICENSE",
    "Makefile",
    "Procfile",
    "README",
    "Rakefile",
    "WORKSPACE",
];

/// The files that a line names, in order.
pub(super) fn places(line: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in line.char_indices().chain([(line.len(), ' ')]) {
        if !is_break(c) {
            continue;
        }
        let word = &line[start..at];
        if let Some((path, named)) = place(word) {
            let (named, text) = match named {
                Some(named) => (Some(named), word),
                // The rest of the line may name the line: `x.ts(3,4)`, `"x.py", line 7`, `x.php on line 7`.
                None => line_behind(&line[at..])
                    .map_or((None, word), |(number, end)| (Some(number), &line[start..at + end])),
            };
            found.push(Mention::file(path, named, text));
        }
        start = at + c.len_utf8();
        if start > line.len() {
            break;
        }
    }
    found
}

const fn is_break(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '(' | ')'
                | '<'
                | '>'
                | '['
                | ']'
                | '{'
                | '}'
                | '"'
                | '\''
                | '`'
                | ','
                | ';'
                | '|'
                | '='
                | '*'
                | '!'
        )
}

/// Reads one word as a file and the line behind it.
pub(super) fn place(word: &str) -> Option<(String, Option<u64>)> {
    let word = without_address(word)?;
    let word = word.trim_end_matches(['.', ':', '?', '!', '/']);
    let (word, fragment) = word.split_once('#').unwrap_or((word, ""));
    let (word, _) = word.split_once('?').unwrap_or((word, ""));
    // A drive's colon (`C:\x.py:3`) is not the one before the line.
    let drive = if word.get(1..3).is_some_and(|start| matches!(start, ":\\" | ":/")) { 2 } else { 0 };
    let rest = word.get(drive..)?;
    let (path, numbers) = rest.split_once(':').unwrap_or((rest, ""));
    let line = number(numbers).or_else(|| fragment.strip_prefix('L').and_then(number));
    let path = path.replace('\\', "/");
    let path = path.trim_start_matches("./");
    is_file(path).then(|| (path.to_owned(), line))
}

/// A link to code gives its path, an address of a development server too; any other address is no file.
fn without_address(word: &str) -> Option<&str> {
    let Some((scheme, rest)) = word.split_once("://") else { return Some(word) };
    match scheme {
        "file" | "webpack" | "webpack-internal" => Some(rest.trim_start_matches(['/', '.'])),
        "http" | "https" => {
            let (host, path) = rest.split_once('/')?;
            if host == "github.com" {
                // owner/name/blob/<ref>/<path>; a ref may hold slashes, which the resolving sorts out.
                let mut parts = path.splitn(5, '/');
                return (parts.nth(2) == Some("blob")).then(|| parts.nth(1)).flatten();
            }
            let name = host.split(':').next().unwrap_or_default();
            matches!(name, "localhost" | "127.0.0.1").then_some(path)
        }
        _ => None,
    }
}

fn is_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let letters =
        |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | '@' | '~' | '$' | ' ');
    if !path.chars().all(letters) || !path.chars().any(char::is_alphanumeric) {
        return false;
    }
    let Some((stem, ending)) = name.rsplit_once('.') else { return NAMES.contains(&name) };
    let is_known = ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known));
    // `.gitignore`; an unknown ending is believed behind a folder, and not when it is a version: `a/b-1.2`.
    let is_hidden = stem.is_empty() && ending.len() > 2 && ending.chars().all(|c| !c.is_uppercase());
    let is_plausible =
        path.contains('/') && ending.len() <= 8 && ending.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_known && !stem.is_empty()) || is_hidden || (is_plausible && !stem.is_empty())
}

/// A line number at the start: digits up to something else.
fn number(text: &str) -> Option<u64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    text[..digits].parse().ok().filter(|line| *line > 0)
}

/// The line that the text behind a file names, and where that ends: `(3,4)`, `, line 7`, ` on line 7`.
fn line_behind(rest: &str) -> Option<(u64, usize)> {
    let (from, must_close) = match rest.strip_prefix('(') {
        Some(inside) => (inside, true),
        None => {
            let text = rest.trim_start_matches(['"', '\'', '`', ')', ',', ' ']);
            let text =
                ["on ", "at ", "in "].iter().find_map(|start| text.strip_prefix(start)).unwrap_or(text);
            let text = ["line ", "Line ", "line:", "L"].iter().find_map(|start| text.strip_prefix(start))?;
            (text.trim_start(), false)
        }
    };
    let line = number(from)?;
    let digits = from.len() - from.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut end = rest.len() - from.len() + digits;
    if must_close {
        let close = from.find(')')?;
        let is_position = from[..close].chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | ' ' | ':'));
        if !is_position {
            return None;
        }
        end = rest.len() - from.len() + close + 1;
    }
    Some((line, end))
}
