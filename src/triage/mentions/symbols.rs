//! Finds symbols in inline code: `parse_header()`, `Header::parse`, `a.b.c`, `UserService`.

use super::{Mention, words};

/// Characters of a symbol; nobody names things longer.
const LONGEST: usize = 100;

/// The symbols between single backticks on a line.
pub(super) fn symbols(line: &str) -> Vec<Mention> {
    if line.starts_with("```") {
        return Vec::new();
    }
    let parts: Vec<&str> = line.split('`').collect();
    // Pieces at odd places stand between two backticks; the last one needs its closing mark.
    let spans = parts.iter().enumerate().filter(|(index, _)| index % 2 == 1 && index + 1 < parts.len());
    spans.filter_map(|(_, span)| Some(Mention::symbol(symbol(span)?, span))).collect()
}

/// The symbol that a span of code is, without arguments and type parameters. `None` for plain words, flags, paths.
fn symbol(span: &str) -> Option<&str> {
    let span = span.trim();
    let is_call = span.contains('(') || span.ends_with('!');
    let span = ["fn ", "def ", "class ", "func ", "function ", "struct "]
        .iter()
        .find_map(|word| span.strip_prefix(word))
        .unwrap_or(span);
    let name = span.split(['(', '<', '!']).next()?.trim_start_matches(['&', '*', '.', '#', '@']);
    let name = name.trim_end_matches([':', '.']);
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '#' | '$');
    if !(3..=LONGEST).contains(&name.len()) || !name.chars().all(is_name) || words::place(name).is_some() {
        return None;
    }
    if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return None;
    }
    let has_parts = name.contains("::") || name.contains(['.', '#']);
    let has_hump = name.chars().zip(name.chars().skip(1)).any(|(a, b)| a.is_lowercase() && b.is_uppercase());
    (is_call || has_parts || has_hump || name.contains('_')).then_some(name)
}
