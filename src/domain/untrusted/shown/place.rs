//! Where in prose the reading is: what stands before it decides what GitHub makes of the rest.

use super::is_invisible;

/// Where in prose we are.
pub(super) struct Place {
    /// Only blanks and the marks of quotes and lists stand before it on its line.
    pub(super) line_begins: bool,
    pub(super) line_is_blank: bool,
    /// A line since the last blank one begins with `<`.
    pub(super) in_html: bool,
    /// Backticks before it on its line.
    pub(super) backticks: usize,
    /// It is certain that GitHub reads it as Markdown.
    pub(super) is_markdown: bool,
    /// Something since the last blank line may have begun, or hidden, inline code: whether there is more is not certain.
    pub(super) code_is_doubtful: bool,
    /// The last two characters before it on its line, blanks where there are none.
    pub(super) before: [char; 2],
    /// No comment ends from here on.
    pub(super) no_comment_ends: bool,
}

impl Default for Place {
    /// At the beginning of a line after a blank one.
    fn default() -> Self {
        Self {
            line_begins: true,
            line_is_blank: true,
            in_html: false,
            backticks: 0,
            is_markdown: true,
            code_is_doubtful: false,
            before: [' ', ' '],
            no_comment_ends: false,
        }
    }
}

impl Place {
    /// Whether a run of backticks here begins inline code if it begins anything: nothing stands before it that may reach over it, as an
    /// address does.
    pub(super) fn may_begin_code(&self) -> bool {
        let [before, last] = self.before;
        let is_apart = last.is_whitespace() || ("([\"'*_".contains(last) && before.is_whitespace());
        is_apart && self.is_markdown && !self.in_html && !self.code_is_doubtful
    }

    pub(super) fn pass(&mut self, text: &str) {
        for c in text.chars() {
            if c == '\n' {
                self.in_html &= !self.line_is_blank;
                self.code_is_doubtful &= !self.line_is_blank;
                self.before = [' ', ' '];
                (self.line_begins, self.line_is_blank, self.backticks) = (true, true, 0);
                continue;
            }
            self.in_html |= self.line_begins && c == '<';
            self.before = [self.before[1], c];
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
