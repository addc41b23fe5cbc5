//! Finds where a symbol is defined, by the words that languages put in front of a definition.

use std::collections::BTreeMap;

/// Endings of files that hold definitions.
const CODE: &[&str] = &[
    "c", "cc", "cjs", "cpp", "cs", "cts", "cxx", "dart", "ex", "exs", "go", "groovy", "h", "hh", "hpp",
    "java", "jl", "js", "jsx", "kt", "lua", "m", "mjs", "mts", "nim", "php", "pl", "py", "pyi", "rb", "rs",
    "scala", "sh", "sol", "svelte", "swift", "ts", "tsx", "vue", "zig",
];

/// Words that stand right in front of the name they define, in one language or another.
const DEFINING: &[&str] = &[
    "actor",
    "class",
    "const",
    "def",
    "defmodule",
    "defp",
    "enum",
    "fn",
    "fun",
    "func",
    "function",
    "interface",
    "let",
    "macro_rules!",
    "mod",
    "module",
    "object",
    "proc",
    "protocol",
    "record",
    "static",
    "struct",
    "sub",
    "trait",
    "type",
    "typedef",
    "union",
    "val",
    "var",
];

/// Words in front of a name that use it instead.
const USING: &[&str] = &[
    "return", "new", "else", "throw", "await", "yield", "case", "in", "of", "not", "and", "or", "delete",
    "import", "from", "use",
];

/// Whether the file is code by its ending.
pub(super) fn is_code(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| CODE.contains(&ending))
}

/// The parts of a symbol: `Header` and `parse` of `Header::parse`.
pub(super) fn parts(symbol: &str) -> impl DoubleEndedIterator<Item = &str> {
    symbol.split([':', '.', '#', '$', '>', '-']).filter(|part| !part.is_empty())
}

/// A name as files and types write it alike: `UserService`, `user_service` and `user-service` are one.
pub(super) fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A file's name without its ending.
pub(super) fn stem_of(name: &str) -> &str {
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

/// The one definition of a symbol. With several, the file or folder that is called like the symbol's
/// qualifier decides; when that does not leave one, there is none.
pub(super) fn find<'a>(symbol: &str, contents: &'a BTreeMap<String, String>) -> Option<(&'a str, u64)> {
    let mut names = parts(symbol).rev();
    let name = names.next()?;
    let qualifiers: Vec<String> = names.map(folded).collect();
    let all: Vec<(&str, u64)> = contents
        .iter()
        .filter(|(path, text)| is_code(path) && text.contains(name))
        .flat_map(|(path, text)| {
            let lines = text.lines().zip(1_u64..).filter(|(line, _)| defines(line, name));
            lines.map(move |(_, number)| (path.as_str(), number))
        })
        .collect();
    let is_called_so = |path: &str| path.split('/').any(|part| qualifiers.contains(&folded(stem_of(part))));
    let only = |found: &[(&'a str, u64)]| if let [one] = found { Some(*one) } else { None };
    only(&all).or_else(|| only(&all.into_iter().filter(|(path, _)| is_called_so(path)).collect::<Vec<_>>()))
}

/// Whether a line of code defines the name.
fn defines(line: &str, name: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let code = line.trim_start();
    if ["//", "#", "*", "/*", "--"].iter().any(|mark| code.starts_with(mark)) {
        return false;
    }
    line.match_indices(name).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + name.len()..]);
        let is_whole = !before.ends_with(is_name) && !after.starts_with(is_name);
        is_whole && (is_named_by_word(before) || is_named_by_shape(line, before, after))
    })
}

/// `pub fn name`, `class name`, `def self.name`, `func (s *Server) name`, `const name`.
fn is_named_by_word(before: &str) -> bool {
    let before = before.trim_end().trim_end_matches("self.");
    let before = match before.strip_prefix("func (").and_then(|rest| rest.strip_suffix(')')) {
        Some(receiver) if !receiver.contains(['(', ')']) => "func",
        _ => before,
    };
    let word = before.trim_end().rsplit([' ', '\t', '(']).next().unwrap_or_default();
    DEFINING.contains(&word.trim_end_matches('*'))
}

/// `static int name(int n) {`, `async name(x) {`: no word defines it, but a body opens behind its arguments.
fn is_named_by_shape(line: &str, before: &str, after: &str) -> bool {
    let opens = line.trim_end().ends_with('{');
    let lead = before.trim_end();
    let is_called_on = lead.ends_with("->")
        || (lead.ends_with(['.', ':', '=', '(', ',', '!', '?', '&', '|', '+']) && !lead.ends_with("::"));
    let word = before.split_whitespace().next_back().unwrap_or_default();
    let is_block = ["if", "for", "while", "switch", "catch", "match"]
        .iter()
        .any(|start| line.trim_start().starts_with(start));
    opens
        && after.starts_with('(')
        && !is_called_on
        && !is_block
        && !USING.contains(&word)
        && !before.contains('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_of_many_languages_are_told_from_uses() {
        for line in [
            "    pub(crate) async fn name(x: u8) -> u8 {",
            "macro_rules! name {",
            "def name(self):",
            "  def self.name",
            "class name < Base",
            "export default function name() {",
            "export const name = () => 1;",
            "func (s *Server) name(w io.Writer) error {",
            "static int name(int n) {",
            "    public List<String> name(int n) throws X {",
            "void Header::name(int n) {",
            "  async name(x) {",
            "interface name {",
            "type name struct {",
        ] {
            assert!(defines(line, "name"), "{line}");
        }
        for line in [
            "    name(1);",
            "// fn name() {",
            "# def name",
            "    let x = name(1) {",
            "    if name(x) {",
            "    return name(x) {",
            "    self.name(x) {",
            "fn rename() {",
            "fn names() {",
            "use crate::name;",
        ] {
            assert!(!defines(line, "name"), "{line}");
        }
    }
}
