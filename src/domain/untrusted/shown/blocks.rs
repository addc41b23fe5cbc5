//! Which lines are code for certain, and which may be HTML to GitHub.

/// What stands before the line that is looked at. Code is, for certain, a fence at the very left outside of any HTML, and
/// indented lines where nothing can be open that they might belong to.
#[derive(Default)]
pub(super) struct Blocks {
    fence: Option<(char, usize)>,
    /// A line since the last blank one began with `<`: GitHub reads all up to the next blank line as HTML.
    in_html: bool,
    /// HTML was begun that no blank line ends.
    is_html_to_the_end: bool,
    /// The last line was one of text, which an indented one would go on with.
    follows_text: bool,
    /// The last blank line was followed by text at the very left: no list, quote or note is open, whose text is indented too.
    is_outermost: bool,
}

impl Blocks {
    /// Whether this line is code, or opens or closes it.
    pub(super) fn is_code(&mut self, line: &str) -> bool {
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
            (self.in_html, self.follows_text) = (false, false);
            return false;
        }
        let is_indented = indent > 3 || trimmed.starts_with('\t');
        if is_indented && self.is_outermost && !self.follows_text && !self.is_html_to_the_end {
            return true;
        }
        self.is_outermost = is_plain(line) && (self.is_outermost || !self.follows_text);
        self.follows_text = true;
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
                (self.is_outermost, self.follows_text) = (true, false);
                return true;
            }
        }
        false
    }

    /// Whether all that follows may be HTML to GitHub.
    pub(super) const fn may_be_html(&self) -> bool {
        self.is_html_to_the_end
    }
}

/// Whether a line begins at the very left as no list item, quote, note or HTML does.
fn is_plain(line: &str) -> bool {
    line.starts_with(|c: char| c.is_alphabetic() || "#|`~_\"'(".contains(c)) || line.starts_with("**")
}

/// Whether a line that begins with a comment also ends it.
fn is_closed_comment(line: &str) -> bool {
    line.strip_prefix("<!--").is_some_and(|rest| rest.contains("-->"))
}
