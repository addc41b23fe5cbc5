//! Where tags, labels and addresses end, within the distance that is looked.

use super::LOOK_AHEAD;

pub(super) enum TagEnd {
    /// The `>` is there, in bytes after the name.
    At(usize),
    /// The paragraph ends first, so GitHub shows it as text.
    NoTag,
}

/// Where a tag ends; none when what follows may be swallowed by it.
pub(super) fn tag_end(attributes: &str, in_html: bool) -> Option<TagEnd> {
    let mut quote = None;
    let mut line_is_blank = false;
    for (at, byte) in attributes.bytes().enumerate() {
        if at > LOOK_AHEAD {
            return None;
        }
        match (quote, byte) {
            (None, b'>') => return Some(TagEnd::At(at)),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (_, b'\n') if line_is_blank && !in_html => return Some(TagEnd::NoTag),
            _ => {}
        }
        line_is_blank = byte == b'\n' || (line_is_blank && byte.is_ascii_whitespace());
    }
    if in_html { None } else { Some(TagEnd::NoTag) }
}

/// What came of looking for the end of something.
pub(super) enum Found<T> {
    Here(T),
    /// The paragraph ends before it.
    Missing,
    /// Further away than is looked.
    TooFar,
}

impl<T> Found<T> {
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Found<U> {
        match self {
            Self::Here(found) => Found::Here(change(found)),
            Self::Missing => Found::Missing,
            Self::TooFar => Found::TooFar,
        }
    }
}

/// Bytes of `[…]` with brackets inside it in pairs, within one paragraph.
pub(super) fn bracketed(text: &str) -> Found<usize> {
    let mut depth = 0_usize;
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if at > LOOK_AHEAD => return Found::TooFar,
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'[' => depth += 1,
            b']' if depth == 1 => return Found::Here(at + 1),
            b']' => depth -= 1,
            b'\n' if text.as_bytes().get(at + 1) == Some(&b'\n') => return Found::Missing,
            _ => {}
        }
    }
    Found::Missing
}

/// What stands in the parentheses of a link.
pub(super) struct Address<'a> {
    pub(super) length: usize,
    pub(super) target: &'a str,
    pub(super) hides: bool,
}

pub(super) fn parenthesised(text: &str) -> Found<Address<'_>> {
    let inner = text[1..].trim_start();
    let begin = text.len() - inner.len();
    let (target, skipped) = match inner.strip_prefix('<') {
        // With blanks in it, it is a sentence and no address.
        Some(angled) => {
            let near = &angled[..angled.floor_char_boundary(LOOK_AHEAD)];
            let Some(end) = near.find(['>', '\n']) else {
                return if near.len() < angled.len() { Found::TooFar } else { Found::Missing };
            };
            (if angled[..end].contains(' ') { "" } else { &angled[..end] }, end + 2)
        }
        None => {
            let end = target_end(inner);
            (&inner[..end], end)
        }
    };
    let after = begin + skipped;
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().skip(after) {
        match (quote, byte) {
            _ if at - after > LOOK_AHEAD => return Found::TooFar,
            (None, b')') => {
                let hides = !text[after..at].trim().is_empty() || (target.is_empty() && skipped > 0);
                return Found::Here(Address { length: at + 1, target, hides });
            }
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (_, b'\n') if text.as_bytes().get(at + 1) == Some(&b'\n') => return Found::Missing,
            _ => {}
        }
    }
    Found::Missing
}

/// Bytes of an address that may have parentheses of its own, in pairs; of one without end, as far as is looked.
fn target_end(text: &str) -> usize {
    let text = &text[..text.floor_char_boundary(LOOK_AHEAD)];
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return at,
            ')' => depth -= 1,
            c if c.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}
