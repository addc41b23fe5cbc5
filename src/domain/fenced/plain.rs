//! The lines of Markdown that people see as text of their own.
//!
//! What decides is how CommonMark 0.31 has it; where that hangs on more than what came before a line (is a run of
//! backticks ever closed?), the line is left out.

use std::borrow::Cow;

use super::{Around, Fence, list_marker};

/// Columns from one tab stop to the next (CommonMark 0.31, section 2.2).
const TAB: usize = 4;

/// The lines of `text` that people see as text of their own: outside of fences, code, quotes, and what is hidden or
/// shown as it stands by HTML. In doubt a line is left out.
#[must_use]
pub fn plain_lines(text: &str) -> Vec<&str> {
    let mut reader = Reader::default();
    text.lines().filter(|line| reader.takes(line)).collect()
}

/// What stands open before a line.
#[derive(Default)]
struct Reader {
    around: Around,
    /// The fence, and the column where the text of the list item begins that it stands in.
    fence: Option<(Fence, usize)>,
    /// What ends the HTML in which nothing is text.
    until: Option<&'static str>,
    paragraph: Paragraph,
    /// Nobody can tell any more what stands in what.
    is_lost: bool,
}

impl Reader {
    /// Takes the next line in; gives whether it is plain.
    fn takes(&mut self, written: &str) -> bool {
        if self.is_lost {
            return false;
        }
        let line = &*spread(written);
        let (is_blank, text) = (line.trim().is_empty(), behind_markers(line));
        if self.is_fenced(line, is_blank) {
            return false;
        }
        if is_blank {
            self.paragraph = Paragraph::default();
        }
        let lower = line.to_ascii_lowercase();
        if let Some(end) = self.until {
            // A comment that began inside of a line ends with its paragraph; elements that show code do not.
            if lower.contains(end) || (end == "-->" && !self.around.is_comment && is_blank) {
                self.until = None;
            }
            // A fence or a piece of what is shown: that hangs on how the HTML began.
            self.is_lost = !self.around.is_comment && Fence::open(text).is_some();
            self.around.shows(line);
            return false;
        }
        let was_comment = self.around.is_comment;
        let shows = self.around.shows(line);
        if was_comment || text.starts_with("<!--") {
            return false;
        }
        if shows && let Some((fence, _)) = Fence::open(text) {
            self.fence = Some((fence, self.around.inset()));
            self.paragraph = Paragraph::default();
            return false;
        }
        let is_plain = self.paragraph.takes(text);
        if !shows {
            return false;
        }
        self.until = left_open(&lower);
        // A tab before the text makes it code, wherever it stands.
        let indent = &written[..written.len() - written.trim_start().len()];
        is_plain && !indent.contains('\t')
    }

    /// Whether the line stands in a fence or closes it.
    fn is_fenced(&mut self, line: &str, is_blank: bool) -> bool {
        let Some((fence, inset)) = &self.fence else { return false };
        let indent = line.len() - line.trim_start_matches(' ').len();
        if !is_blank && indent < *inset {
            // The list item is over, and what stood open in it.
            self.fence = None;
            return false;
        }
        if fence.is_ended_by(line.get(*inset..).unwrap_or_default()) {
            self.fence = None;
        }
        true
    }
}

impl Fence {
    /// Whether `line`, without the indentation of the list item around, closes the block (section 4.5).
    fn is_ended_by(&self, line: &str) -> bool {
        let rest = line.trim_start_matches(' ');
        let length = rest.bytes().take_while(|byte| *byte == self.mark).count();
        line.len() - rest.len() < super::CODE_INDENT
            && length >= self.length
            && rest[length..].trim().is_empty()
    }
}

/// What stands open in a paragraph, until the next blank line.
#[derive(Default)]
struct Paragraph {
    /// Backticks of the run that began inline code.
    ticks: Option<usize>,
    /// A quote, which goes on without signs, or the title of a link's definition, which nobody sees.
    is_hidden: bool,
    /// A definition may have its title on the next line.
    awaits_title: bool,
}

impl Paragraph {
    /// Takes the next line in, without what marks it as one of a list; gives whether it is plain.
    fn takes(&mut self, text: &str) -> bool {
        self.is_hidden |= text.starts_with('>');
        self.is_hidden |= std::mem::take(&mut self.awaits_title) && text.starts_with(['"', '\'', '(']);
        let is_plain = !self.is_hidden && self.ticks.is_none();
        match definition(text) {
            Definition::None => {}
            Definition::Whole => self.awaits_title = true,
            Definition::Open => self.is_hidden = true,
        }
        self.ticks = ticks_after(self.ticks, text);
        is_plain
    }
}

/// What a line has of a link's definition (section 4.7): `[label]: destination "title"`.
enum Definition {
    None,
    /// All but a title, perhaps.
    Whole,
    /// It goes on.
    Open,
}

fn definition(text: &str) -> Definition {
    let Some((_, rest)) = text.split_once("]:") else {
        let is_label = text.starts_with('[') && !text.contains(']');
        return if is_label { Definition::Open } else { Definition::None };
    };
    let rest = rest.trim();
    let end =
        if rest.starts_with('<') { rest.find('>').map(|at| at + 1) } else { rest.find(char::is_whitespace) };
    let title = rest[end.unwrap_or(rest.len())..].trim();
    let close = match title.chars().next() {
        _ if rest.is_empty() => return Definition::Open,
        None => return Definition::Whole,
        Some('(') => ')',
        Some(mark @ ('"' | '\'')) => mark,
        Some(_) => return Definition::None,
    };
    let is_closed = title[1..].strip_suffix(close).is_some_and(|inner| !inner.ends_with('\\'));
    if is_closed { Definition::None } else { Definition::Open }
}

/// Backticks of the run that stands open behind `text` (section 6.1).
fn ticks_after(mut open: Option<usize>, text: &str) -> Option<usize> {
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = match first {
            b'\\' if open.is_none() => behind.get(1..).unwrap_or_default(),
            b'`' => {
                let run = rest.iter().take_while(|byte| **byte == b'`').count();
                open = match open {
                    None => Some(run),
                    Some(length) if length == run => None,
                    longer => longer,
                };
                &rest[run..]
            }
            _ => behind,
        };
    }
    open
}

/// The text behind the markers of list items.
fn behind_markers(line: &str) -> &str {
    let mut text = line.trim_start_matches(' ');
    while let Some(marker) = list_marker(text) {
        text = text[marker..].trim_start_matches(' ');
    }
    text
}

/// The line with its tabs as the spaces that they stand for.
fn spread(line: &str) -> Cow<'_, str> {
    if !line.contains('\t') {
        return Cow::Borrowed(line);
    }
    let (mut spread, mut column) = (String::with_capacity(line.len()), 0);
    for character in line.chars() {
        let width = if character == '\t' { TAB - column % TAB } else { 1 };
        match character {
            '\t' => spread.extend(std::iter::repeat_n(' ', width)),
            other => spread.push(other),
        }
        column += width;
    }
    Cow::Owned(spread)
}

/// What ends the part of HTML that a line, in small letters, leaves open and in which nothing is text (CommonMark
/// 0.31, section 4.6, kinds 1 and 2).
fn left_open(line: &str) -> Option<&'static str> {
    let parts = [
        ("<!--", "-->"),
        ("<pre", "</pre>"),
        ("<script", "</script>"),
        ("<style", "</style>"),
        ("<textarea", "</textarea>"),
        ("<code", "</code>"),
    ];
    parts.into_iter().find_map(|(begin, end)| {
        let at = line.rfind(begin)?;
        (!line[at..].contains(end)).then_some(end)
    })
}
