//! Which lines of a comment are said to Automata: those that people see as text of their own, and their pieces.

use super::parse::{Misread, parse};
use super::{PREFIX, Word};
use crate::domain::fenced::plain_lines;
use crate::domain::untrusted::{Excerpt, is_hidden, one_line};

/// Words that one comment may hold: more is a script, and each can lead to calls and pushes.
pub const MOST_WORDS: usize = 10;
/// Bytes that a line may have.
pub const MOST_LINE: usize = 4 * 1024;
/// Width at which a line is quoted back.
const QUOTE: usize = 120;

/// A line that was said to Automata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The line, harmless and short, for quoting it back. It is still somebody else's text.
    pub line: String,
    /// What it means.
    pub word: Result<Word, Misread>,
}

/// What a comment says to Automata, in order: lines that begin with [`PREFIX`] outside of code, quotes and hidden
/// comments. Of a comment that was cut, the last line counts only when it is whole.
#[must_use]
pub fn said_in(comment: &Excerpt) -> Vec<Said> {
    let text = comment.raw();
    let text = if comment.is_cut() { text.rfind('\n').map_or("", |end| &text[..end]) } else { text };
    let mut said: Vec<Said> = plain_lines(text).into_iter().filter_map(read).take(MOST_WORDS + 1).collect();
    if let Some(surplus) = said.get_mut(MOST_WORDS) {
        let problem = format!(
            "A comment may hold {MOST_WORDS} lines for Automata; this one and what follows was not read."
        );
        surplus.word = Err(Misread { problem, hint: "Put them into another comment.".to_owned() });
    }
    said
}

/// Reads a line, if it is said to Automata.
fn read(line: &str) -> Option<Said> {
    let line = line.trim();
    let rest = line
        .get(PREFIX.len()..)
        .filter(|_| line.get(..PREFIX.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(PREFIX)))?;
    if !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let word = if line.len() > MOST_LINE {
        let problem = format!("The line has {} bytes; {MOST_LINE} are read at most.", line.len());
        Err(Misread { problem, hint: "Say it shorter.".to_owned() })
    } else if rest.chars().any(|c| is_hidden(c) && c != '\t') {
        // What people see and what is done must be the same.
        let problem = "The line holds characters that nobody sees, or that turn the text around.".to_owned();
        Err(Misread { problem, hint: "Type it anew instead of pasting it.".to_owned() })
    } else {
        parse(rest)
    };
    Some(Said { line: one_line(line, QUOTE), word })
}

/// A name as it has to be written to be read as one piece.
pub(super) fn quoted(name: &str) -> String {
    let is_plain = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\\'));
    if is_plain {
        return name.to_owned();
    }
    always_quoted(name)
}

/// A name as it has to be written to be read as the rest of a line: what is between backticks is read without them.
pub(super) fn whole(name: &str) -> String {
    let is_read_otherwise = name.starts_with(['"', '`']) || name.trim() != name || name.is_empty();
    if is_read_otherwise { always_quoted(name) } else { name.to_owned() }
}

fn always_quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The pieces of a line, at white space outside of quotes. Inside of quotes a backslash stands before a quote or
/// another backslash.
///
/// # Errors
/// When a quote is not closed.
pub(super) fn pieces(text: &str) -> Result<Vec<String>, Misread> {
    let (mut pieces, mut piece, mut is_begun) = (Vec::new(), String::new(), false);
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => {
                is_begun = true;
                loop {
                    match characters.next() {
                        Some('"') => break,
                        Some('\\') => piece.extend(characters.next()),
                        Some(inner) => piece.push(inner),
                        None => {
                            return Err(Misread {
                                problem: "A quote is opened and not closed.".to_owned(),
                                hint: "Write names with spaces as +\"good first issue\".".to_owned(),
                            });
                        }
                    }
                }
            }
            c if c.is_whitespace() => {
                if is_begun {
                    pieces.push(std::mem::take(&mut piece));
                }
                is_begun = false;
            }
            c => {
                is_begun = true;
                piece.push(c);
            }
        }
    }
    if is_begun {
        pieces.push(piece);
    }
    Ok(pieces)
}
