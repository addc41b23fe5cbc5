//! What the text names: files with lines, stack frames of many languages, links to code, symbols.

mod frames;
mod symbols;
mod words;

use super::text::Readable;

/// Mentions kept, the first in the text. A trace of a deep recursion has thousands of equal frames.
const MENTIONS: usize = 100;
/// Bytes of a line that are looked at; a longer one is minified code or encoded data.
const LINE_BYTES: usize = 2_000;
/// Characters of a mention that are shown.
const SHOWN: usize = 120;

/// Something the text names, not yet known to exist.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// A file as the text writes it, with `/` between its parts, without `./`.
    pub path: Option<String>,
    /// The line named with it, from 1.
    pub line: Option<u64>,
    /// A symbol: by itself as it is called, or the function of a stack frame.
    pub symbol: Option<String>,
    /// The text itself, on one line, cut to 120 characters.
    pub text: String,
}

impl Mention {
    fn file(path: String, line: Option<u64>, text: &str) -> Self {
        Self { path: Some(path), line, symbol: None, text: shown(text) }
    }

    fn symbol(name: &str, text: &str) -> Self {
        Self { path: None, line: None, symbol: Some(name.to_owned()), text: shown(text) }
    }
}

fn shown(text: &str) -> String {
    crate::domain::untrusted::one_line(text, SHOWN)
}

/// The mentions in an issue's title and body, in order, each once, at most 100. Linear in the text.
#[must_use]
pub fn mentions(text: &Readable) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut before = "";
    for line in std::iter::once(text.title.as_str()).chain(text.body.lines()) {
        if found.len() >= MENTIONS {
            break;
        }
        let line = &line[..line.floor_char_boundary(LINE_BYTES)];
        let trimmed = line.trim();
        let in_line = frames::frame(trimmed, before).map_or_else(|| in_prose(trimmed), |frame| vec![frame]);
        for mention in in_line {
            if seen.insert((mention.path.clone(), mention.line, mention.symbol.clone())) {
                found.push(mention);
            }
        }
        before = trimmed;
    }
    found.truncate(MENTIONS);
    found
}

/// A line as a frame of a stack trace; `before` is the line above it, which names the function in some languages.
pub(super) fn frame(line: &str, before: &str) -> Option<Mention> {
    let shortened = |line: &str| line.floor_char_boundary(LINE_BYTES);
    frames::frame(&line[..shortened(line)], &before[..shortened(before)])
}

/// The files and the symbols that a line names outside of a frame's grammar.
fn in_prose(line: &str) -> Vec<Mention> {
    let mut found = words::places(line);
    found.extend(symbols::symbols(line));
    found
}

#[cfg(test)]
mod tests;
