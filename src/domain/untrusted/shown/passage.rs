//! Passages of prose of which not all is shown: tags, images, links, definitions, characters by number.

use super::ends::{Found, TagEnd, bracketed, parenthesised, tag_end};
use super::place::Place;
use super::{LOOK_AHEAD, is_invisible};

/// Characters of a link's address that are kept: nobody reads more of it.
pub(super) const ADDRESS: usize = 200;
/// Characters of a tag's name; HTML's longest is `blockquote`.
const TAG_NAME: usize = 16;

/// Something in prose of which not all is shown.
pub(super) struct Passage {
    /// Bytes of it; none when its end cannot be told, and all that follows may belong to it.
    pub(super) length: Option<usize>,
    /// What is shown of it.
    pub(super) instead: String,
    /// Whether something of it is hidden.
    pub(super) hides: bool,
}

impl Passage {
    const ENDLESS: Self = Self { length: None, instead: String::new(), hides: true };

    fn new(length: usize, instead: impl Into<String>, hides: bool) -> Self {
        Self { length: Some(length), instead: instead.into(), hides }
    }

    /// Inline code, which shows all that is in it; or backticks that, for all that is certain, are only backticks.
    ///
    /// Certain is only code that ends on its own line, where no other run of backticks since the last blank line is left
    /// over: then it is code however GitHub parts the lines into blocks. The cells of a table end at each bar, also in code.
    pub(super) fn code(text: &str, place: &mut Place) -> Self {
        let length = run_of_backticks(text);
        let near = &text[..text.floor_char_boundary(LOOK_AHEAD)];
        let line = near.split('\n').next().unwrap_or_default();
        let end = place.may_begin_code().then(|| end_of_code(line, length)).flatten();
        match end.filter(|end| !line[..*end].contains('|')) {
            Some(end) => Self::new(end, &text[..end], false),
            None => {
                place.code_is_doubtful = true;
                Self::new(length, &text[..length], false)
            }
        }
    }

    /// A comment, a tag, or neither.
    pub(super) fn tag(text: &str, place: &mut Place) -> Option<Self> {
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
    pub(super) fn image(text: &str) -> Option<Self> {
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
    pub(super) fn address(text: &str) -> Option<Self> {
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
    pub(super) fn definition(text: &str, whole: &str) -> Option<Self> {
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
    pub(super) fn entity(text: &str) -> Option<Self> {
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

fn run_of_backticks(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'`').count()
}

/// Where the code ends that `length` backticks begin: behind the next run of just as many.
fn end_of_code(line: &str, length: usize) -> Option<usize> {
    let mut at = length;
    while let Some(next) = line[at..].find('`') {
        let run = run_of_backticks(&line[at + next..]);
        at += next + run;
        if run == length {
            return Some(at);
        }
    }
    None
}
