//! Where in prose the reading is: what stands before it decides what GitHub makes of the rest.

use super::is_invisible;

/// Where in prose we are.
#[derive(Default)]
pub(super) struct Place {
    /// Only blanks and the marks of quotes and lists stand before it on its line.
    pub(super) line_begins: bool,
    pub(super) line_is_blank: bool,
    /// A line since the last blank one begins with `<`.
    pub(super) in_html: bool,
    /// Backticks before it on its line.
    pub(super) backticks: usize,
    /// No comment ends from here on.
    pub(super) no_comment_ends: bool,
}

impl Place {
    pub(super) fn pass(&mut self, text: &str) {
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
