//! Which lines are code for certain, and which may be HTML to GitHub.

/// Where fences of code are, for certain: only those that stand at the very left outside of any HTML.
#[derive(Default)]
pub(super) struct Blocks {
    fence: Option<(char, usize)>,
    /// A line since the last blank one began with `<`: GitHub reads all up to the next blank line as HTML.
    in_html: bool,
    /// HTML was begun that no blank line ends.
    is_html_to_the_end: bool,
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
