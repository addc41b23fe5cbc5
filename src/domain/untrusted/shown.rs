//! What a reader of the page sees of a stranger's Markdown, and nothing that is hidden from them.
//!
//! A person who looks at an issue must be able to see all that a model is told. So what GitHub does not show is left out:
//! comments, attributes, the alternative text of images, titles of links, definitions of links, footnotes that nobody
//! refers to, invisible characters. Where it is not certain what GitHub makes of a text, more is left out rather than less.
//! Text in a fence of its own is kept as it is, but for invisible characters.

mod blocks;
mod ends;
mod passage;
mod place;

use blocks::Blocks;
use passage::Passage;
use place::Place;

use super::is_hidden;

/// Bytes in which the end of a tag, a label or an address must come. Whatever is longer hides something.
const LOOK_AHEAD: usize = 2_048;

/// A text without what is hidden in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// What a reader sees, still Markdown.
    pub text: String,
    /// How many passages were left out.
    pub hidden: usize,
}

/// Takes out what a reader of the page does not see.
#[must_use]
pub fn shown(text: &str) -> Shown {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut shown = Shown::default();
    let mut blocks = Blocks::default();
    let mut prose = String::new();
    // Up to where in the prose it is certain that GitHub reads it as Markdown.
    let mut certain = None;
    for line in text.split_inclusive('\n') {
        if blocks.is_code(line) {
            let end = certain.unwrap_or(prose.len());
            if !shown.prose(&std::mem::take(&mut prose), end, &text) {
                return shown;
            }
            shown.visible(line);
        } else {
            if certain.is_none() && blocks.may_be_html() {
                certain = Some(prose.len());
            }
            prose.push_str(line);
        }
    }
    shown.prose(&prose, certain.unwrap_or(prose.len()), &text);
    shown
}

/// Whether a character has nothing to show: as [`is_hidden`], and what only picks a variant of the one before it.
fn is_invisible(c: char) -> bool {
    (is_hidden(c) && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{180B}'..='\u{180F}' | '\u{2800}' | '\u{1D173}'..='\u{1D17A}')
}

impl Shown {
    /// Adds a text that is shown as it is, without its invisible characters.
    fn visible(&mut self, text: &str) {
        let mut was_hidden = false;
        for c in text.chars() {
            if !is_invisible(c) {
                self.text.push(c);
            } else if !was_hidden {
                self.hidden += 1;
            }
            was_hidden = is_invisible(c);
        }
    }

    /// Adds prose. `false` when the rest of the whole text may be hidden by it. What stands behind `certain` may be HTML to
    /// GitHub. `whole` is where footnotes are referred to.
    fn prose(&mut self, prose: &str, certain: usize, whole: &str) -> bool {
        let mut rest = prose;
        let mut place = Place::default();
        while let Some(c) = rest.chars().next() {
            place.is_markdown = prose.len() - rest.len() < certain;
            let taken = match c {
                '`' => Some(Passage::code(rest, &mut place)),
                '<' => Passage::tag(rest, &mut place),
                '!' if rest.starts_with("![") => Passage::image(rest),
                ']' if rest.starts_with("](") => Passage::address(rest),
                '[' if place.line_begins => Passage::definition(rest, whole),
                '&' if rest.starts_with("&#") => Passage::entity(rest),
                _ => None,
            };
            // What is no tag here may be one, or an address, to GitHub, and reach over backticks.
            let is_doubtful = |next: char| next.is_ascii_alphabetic() || "/!?".contains(next);
            place.code_is_doubtful |= c == '<' && taken.is_none() && rest[1..].starts_with(is_doubtful);
            let taken = taken.unwrap_or_else(|| {
                let first = c.len_utf8();
                let end =
                    rest[first..].find(['`', '<', '!', ']', '[', '&']).map_or(rest.len(), |end| first + end);
                Passage { length: Some(end), instead: rest[..end].to_owned(), hides: false }
            });
            self.hidden += usize::from(taken.hides);
            let Some(length) = taken.length else { return false };
            self.visible(&taken.instead);
            place.pass(&rest[..length]);
            rest = &rest[length..];
        }
        true
    }
}

#[cfg(test)]
mod tests;
