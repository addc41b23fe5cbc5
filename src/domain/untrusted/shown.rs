//! What a reader of the page sees of a stranger's Markdown, and nothing that is hidden from them.
//!
//! A person who looks at an issue must be able to see all that a model is told. So what GitHub does not show is left out:
//! comments, attributes, the alternative text of images, titles of links, definitions of links, footnotes that nobody
//! refers to, invisible characters. Where it is not certain what GitHub makes of a text, more is left out rather than less.
//! Text in a fence of its own is kept as it is, but for invisible characters.

use super::is_hidden;

/// Characters of a link's address that are kept: nobody reads more of it.
const ADDRESS: usize = 200;
/// Characters of a tag's name; HTML's longest is `blockquote`.
const TAG_NAME: usize = 16;
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
    for line in text.split_inclusive('\n') {
        if blocks.is_code(line) {
            if !shown.prose(&std::mem::take(&mut prose), &text) {
                return shown;
            }
            shown.visible(line);
        } else {
            prose.push_str(line);
        }
    }
    shown.prose(&prose, &text);
    shown
}

/// Whether a character has nothing to show: as [`is_hidden`], and what only picks a variant of the one before it.
fn is_invisible(c: char) -> bool {
    (is_hidden(c) && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{180B}'..='\u{180F}' | '\u{2800}' | '\u{1D173}'..='\u{1D17A}')
}

/// Where fences of code are, for certain: only those that stand at the very left outside of any HTML.
#[derive(Default)]
struct Blocks {
    fence: Option<(char, usize)>,
    /// A line since the last blank one began with `<`: GitHub reads all up to the next blank line as HTML.
    in_html: bool,
    /// HTML was begun that no blank line ends.
    is_html_to_the_end: bool,
}

impl Blocks {
    /// Whether this line is code, or opens or closes it.
    fn is_code(&mut self, line: &str) -> bool {
        let trimmed = line.trim_start_matches(' ');
        let indent = line.len() - trimmed.len();
        let trimmed = trimmed.trim_end();
        if let Some((mark, length)) = self.fence {
            let is_close =
                indent <= 3 && trimmed.chars().all(|c| c == mark) && trimmed.chars().count() >= length;
            if is_close {
                self.fence = None;
            }
            return true;
        }
        if line.trim().is_empty() {
            self.in_html = false;
            return false;
        }
        // Marks of quotes and lists may stand before it.
        let begin = line
            .trim_start_matches(|c: char| c.is_whitespace() || c.is_ascii_digit() || ">-*+.)".contains(c));
        if begin.starts_with('<') {
            self.in_html = true;
            let lower = begin.to_ascii_lowercase();
            self.is_html_to_the_end |= ["<!", "<?", "<pre", "<script", "<style", "<textarea"]
                .iter()
                .any(|open| lower.starts_with(open))
                && !is_closed_comment(&lower);
        }
        if self.in_html || self.is_html_to_the_end || indent > 0 {
            return false;
        }
        for mark in ['`', '~'] {
            let length = trimmed.len() - trimmed.trim_start_matches(mark).len();
            if length >= 3 && (mark == '~' || !trimmed[length..].contains('`')) {
                self.fence = Some((mark, length));
                return true;
            }
        }
        false
    }
}

/// Whether a line that begins with a comment also ends it.
fn is_closed_comment(line: &str) -> bool {
    line.strip_prefix("<!--").is_some_and(|rest| rest.contains("-->"))
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

    /// Adds prose. `false` when the rest of the whole text may be hidden by it. `whole` is where footnotes are referred to.
    fn prose(&mut self, prose: &str, whole: &str) -> bool {
        let mut rest = prose;
        let mut place = Place { line_begins: true, line_is_blank: true, ..Place::default() };
        while let Some(c) = rest.chars().next() {
            let taken = match c {
                '<' => Passage::tag(rest, &mut place),
                '!' if rest.starts_with("![") => Passage::image(rest),
                ']' if rest.starts_with("](") => Passage::address(rest),
                '[' if place.line_begins => Passage::definition(rest, whole),
                '&' if rest.starts_with("&#") => Passage::entity(rest),
                _ => None,
            };
            let taken = taken.unwrap_or_else(|| {
                let first = c.len_utf8();
                let end = rest[first..].find(['<', '!', ']', '[', '&']).map_or(rest.len(), |end| first + end);
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

/// Where in prose we are.
#[derive(Default)]
struct Place {
    /// Only blanks and the marks of quotes and lists stand before it on its line.
    line_begins: bool,
    line_is_blank: bool,
    /// A line since the last blank one begins with `<`.
    in_html: bool,
    /// Backticks before it on its line.
    backticks: usize,
    /// No comment ends from here on.
    no_comment_ends: bool,
}

impl Place {
    fn pass(&mut self, text: &str) {
        for c in text.chars() {
            if c == '\n' {
                self.in_html &= !self.line_is_blank;
                (self.line_begins, self.line_is_blank, self.backticks) = (true, true, 0);
                continue;
            }
            self.in_html |= self.line_begins && c == '<';
            self.line_begins &= is_line_mark(c) || is_invisible(c);
            self.line_is_blank &= c.is_whitespace();
            self.backticks += usize::from(c == '`');
        }
    }
}

/// Blanks, and the marks of quotes and lists, which may stand before what begins a line.
fn is_line_mark(c: char) -> bool {
    c.is_whitespace() || c.is_ascii_digit() || ">-*+.)".contains(c)
}

/// Something in prose of which not all is shown.
struct Passage {
    /// Bytes of it; none when its end cannot be told, and all that follows may belong to it.
    length: Option<usize>,
    /// What is shown of it.
    instead: String,
    /// Whether something of it is hidden.
    hides: bool,
}

impl Passage {
    const ENDLESS: Self = Self { length: None, instead: String::new(), hides: true };

    fn new(length: usize, instead: impl Into<String>, hides: bool) -> Self {
        Self { length: Some(length), instead: instead.into(), hides }
    }

    /// A comment, a tag, or neither.
    fn tag(text: &str, place: &mut Place) -> Option<Self> {
        if text.starts_with("<!--") {
            let end = if place.no_comment_ends { None } else { text.find("-->") };
            if let Some(end) = end {
                return Some(Self::new(end + 3, "", true));
            }
            place.no_comment_ends = true;
            let in_code =
                place.backticks % 2 == 1 && text.lines().next().is_some_and(|line| line.contains('`'));
            return if in_code { None } else { Some(Self::ENDLESS) };
        }
        let mut inner = text[1..].chars();
        let first = inner.next()?;
        if matches!(first, '!' | '?') {
            return text.find('>').map_or(Some(Self::ENDLESS), |end| Some(Self::new(end + 1, "", true)));
        }
        let slash = if first == '/' { "/" } else { "" };
        let name = &text[1 + slash.len()..];
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let length = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(name.len());
        let (name, attributes) = name.split_at(length);
        // `<https://…>` and `<somebody@…>` are shown.
        let is_link = attributes.starts_with([':', '@', '.', '+', '_'])
            && attributes
                .split(['>', ' ', '\n'])
                .next()
                .is_some_and(|word| attributes[word.len()..].starts_with('>'));
        if is_link {
            return None;
        }
        let Some(end) = tag_end(attributes, place.in_html || place.line_begins) else {
            return Some(Self::ENDLESS);
        };
        let (length, hides) = match end {
            TagEnd::At(end) => (
                text.len() - attributes.len() + end + 1,
                !attributes[..end].trim_matches(['/', ' ']).is_empty(),
            ),
            TagEnd::NoTag => return None,
        };
        let name = name.to_ascii_lowercase();
        let instead = match name.as_str() {
            "img" | "image" => "[image]".to_owned(),
            name if name.len() > TAG_NAME => return Some(Self::new(length, "<…>", true)),
            name => format!("<{slash}{name}>"),
        };
        Some(Self::new(length, instead, hides))
    }

    /// An image: its alternative text is hidden where the image is shown.
    fn image(text: &str) -> Option<Self> {
        let label = match bracketed(&text[1..]) {
            Found::Here(label) => label,
            Found::Missing => return None,
            Found::TooFar => return Some(Self::paragraph(text)),
        };
        let length = 1 + label;
        let more = match text[length..].chars().next() {
            Some('[') => bracketed(&text[length..]),
            Some('(') => parenthesised(&text[length..]).map(|address| address.length),
            _ => Found::Missing,
        };
        match more {
            Found::Here(more) => Some(Self::new(length + more, "[image]", label > 2)),
            Found::Missing => Some(Self::new(length, "[image]", label > 2)),
            Found::TooFar => Some(Self::paragraph(text)),
        }
    }

    /// The address of a link: without its title, and not longer than somebody reads.
    fn address(text: &str) -> Option<Self> {
        let address = match parenthesised(&text[1..]) {
            Found::Here(address) => address,
            Found::Missing => return None,
            Found::TooFar => return Some(Self::paragraph(text)),
        };
        // Characters by their numbers are for those who do not want to be read.
        let target = if address.target.contains("&#") { "" } else { address.target };
        let shown: String = target.chars().take(ADDRESS).collect();
        let hides = address.hides || shown.len() < address.target.len();
        Some(Self::new(1 + address.length, format!("]({shown})"), hides))
    }

    /// All up to the end of the paragraph: something in it is longer than anything that hides nothing.
    fn paragraph(text: &str) -> Self {
        Self::new(text.find("\n\n").unwrap_or(text.len()), "", true)
    }

    /// The definition of a link, or a footnote that nobody refers to: neither is shown.
    fn definition(text: &str, whole: &str) -> Option<Self> {
        let label = match bracketed(text) {
            Found::Here(label) => label,
            Found::Missing => return None,
            Found::TooFar => return Some(Self::paragraph(text)),
        };
        let after = text[label..].strip_prefix(':')?;
        if text.starts_with("[^") {
            let is_used = whole.matches(&text[..label]).nth(1).is_some();
            return (!is_used).then(|| Self::paragraph(text));
        }
        let window = &after[..after.floor_char_boundary(LOOK_AHEAD)];
        let paragraph = window.find("\n\n").map_or(window, |end| &window[..end]);
        let target = paragraph.trim_start();
        let target_end = match target.strip_prefix('<') {
            Some(angled) => angled.find('>')? + 2,
            None => target.find(char::is_whitespace).unwrap_or(target.len()),
        };
        if target_end == 0 {
            return None;
        }
        let rest = &target[target_end..];
        let to = |rest: &str| Self::new(text.len() - after.len() + paragraph.len() - rest.len(), "", true);
        let ends_line = |rest: &str| rest.split('\n').next().is_some_and(|line| line.trim().is_empty());
        let title = rest.trim_start();
        let close = match title.chars().next() {
            Some(quote @ ('"' | '\'')) => Some(quote),
            Some('(') => Some(')'),
            _ => None,
        };
        match close.map(|close| title[1..].find(close)) {
            Some(Some(end)) if ends_line(&title[end + 2..]) => return Some(to(&title[end + 2..])),
            // Its title ends nowhere near.
            Some(None) if paragraph.len() == window.len() && window.len() < after.len() => {
                return Some(Self::paragraph(text));
            }
            _ => {}
        }
        ends_line(rest).then(|| to(rest))
    }

    /// A character by its number, when it is one that shows nothing.
    fn entity(text: &str) -> Option<Self> {
        let end = text.bytes().take(12).position(|byte| byte == b';')?;
        let digits = &text[2..end];
        let number = match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => digits.parse(),
        };
        let c = char::from_u32(number.ok()?)?;
        is_invisible(c).then(|| Self::new(end + 1, "", true))
    }
}

enum TagEnd {
    /// The `>` is there, in bytes after the name.
    At(usize),
    /// The paragraph ends first, so GitHub shows it as text.
    NoTag,
}

/// Where a tag ends; none when what follows may be swallowed by it.
fn tag_end(attributes: &str, in_html: bool) -> Option<TagEnd> {
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
enum Found<T> {
    Here(T),
    /// The paragraph ends before it.
    Missing,
    /// Further away than is looked.
    TooFar,
}

impl<T> Found<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Found<U> {
        match self {
            Self::Here(found) => Found::Here(change(found)),
            Self::Missing => Found::Missing,
            Self::TooFar => Found::TooFar,
        }
    }
}

/// Bytes of `[…]` with brackets inside it in pairs, within one paragraph.
fn bracketed(text: &str) -> Found<usize> {
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
struct Address<'a> {
    length: usize,
    target: &'a str,
    hides: bool,
}

fn parenthesised(text: &str) -> Found<Address<'_>> {
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

#[cfg(test)]
mod tests;
