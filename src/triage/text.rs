//! Makes a stranger's Markdown ready to be looked at: what a reader sees, the prose in it, its headings.

use crate::domain::untrusted::is_hidden;

/// Bytes of a body that are looked at. GitHub takes 262,144; whatever matters stands in the first quarter.
const SCANNED_BYTES: usize = 64 * 1024;

/// An issue as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssueText<'a> {
    /// The title.
    pub title: &'a str,
    /// The body, Markdown.
    pub body: &'a str,
}

/// The same, split by how it is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readable {
    /// The title on one line.
    pub title: String,
    /// The body without comments and hidden characters, code included.
    pub body: String,
    /// The body without code, quotes, headings and links' targets: what the author says in words.
    pub prose: String,
    /// The headings, lower case, without their marks. Issue forms make one of each field's label.
    pub headings: Vec<String>,
    /// Whether there is a fenced block.
    pub has_code: bool,
}

impl Readable {
    /// Takes an issue apart. Linear in its length; nothing in it is followed or executed.
    #[must_use]
    pub fn of(issue: &IssueText<'_>) -> Self {
        let body = visible(&issue.body[..issue.body.floor_char_boundary(SCANNED_BYTES)]);
        let title = crate::domain::untrusted::one_line(issue.title, usize::MAX);
        let mut readable = Self { title, ..Self::default() };
        let mut fence: Option<(char, usize)> = None;
        for line in body.lines() {
            let trimmed = line.trim();
            match (fence, fence_mark(trimmed)) {
                (None, Some(mark)) => {
                    fence = Some(mark);
                    readable.has_code = true;
                }
                (Some((open, length)), Some((mark, longer))) if mark == open && longer >= length => {
                    fence = None
                }
                (Some(_), _) => {}
                (None, None) => readable.take_prose(trimmed),
            }
        }
        readable.body = body;
        readable
    }

    fn take_prose(&mut self, line: &str) {
        if let Some(heading) = heading(line) {
            self.headings.push(heading.to_lowercase());
            self.prose.push_str(".\n");
        } else if !line.starts_with('>') && line != "_No response_" {
            self.prose.push_str(&without_code_and_links(line));
            self.prose.push('\n');
        }
    }
}

/// The text of a heading: `### Steps`, or a line that is bold as a whole.
pub(super) fn heading(line: &str) -> Option<&str> {
    let hashes = line.trim_start_matches('#');
    let text = if hashes.len() < line.len() && hashes.starts_with(' ') {
        hashes
    } else {
        line.strip_prefix("**")?
            .trim_end_matches(':')
            .strip_suffix("**")
            .filter(|text| !text.contains("**"))?
    };
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '#' | ':' | '*'));
    (!text.is_empty()).then_some(text)
}

pub(super) fn fence_mark(line: &str) -> Option<(char, usize)> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.len() - line.trim_start_matches(mark).len();
    (length >= 3).then_some((mark, length))
}

/// Drops what a reader does not see: HTML comments (templates put their instructions there) and hidden
/// characters. Comments inside fenced code are shown by GitHub, but say as little.
fn visible(body: &str) -> String {
    let mut kept = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(start) = rest.find("<!--") {
        kept.push_str(&rest[..start]);
        kept.push(' ');
        // A comment that is never closed hides all that follows.
        rest = rest[start..].find("-->").map_or("", |end| &rest[start + end + 3..]);
    }
    kept.push_str(rest);
    kept.retain(|c| matches!(c, '\n' | '\t') || !is_hidden(c));
    kept
}

/// Drops inline code, and the targets of links: `see [this](https://…)` keeps `see this`.
fn without_code_and_links(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let parts: Vec<&str> = line.split('`').collect();
    for (index, part) in parts.iter().enumerate() {
        // Behind a backtick that has no other, there is no code.
        if index % 2 == 0 || index + 1 == parts.len() {
            kept.push_str(part);
        } else {
            kept.push(' ');
        }
    }
    kept.split_whitespace()
        .map(|word| word.split_once("](").map_or(word, |(text, _)| text))
        .filter(|word| !word.contains("://"))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_debug_snapshot;
    use proptest::prelude::*;

    #[test]
    fn what_the_author_says_is_parted_from_templates_code_and_quotes() {
        let body = "<!-- Please read the rules: a crash is a bug. -->\n### Steps to reproduce:\n\nI ran `panic` and see [the docs](https://x.example/crash).\n\
                    > did it crash?\n```\nFATAL data loss\n```\n**Expected behavior:**\n_No response_\nzero\u{200b}width";
        assert_debug_snapshot!(Readable::of(&IssueText { title: "A\ntitle", body }), @r#"
        Readable {
            title: "A title",
            body: " \n### Steps to reproduce:\n\nI ran `panic` and see [the docs](https://x.example/crash).\n> did it crash?\n```\nFATAL data loss\n```\n**Expected behavior:**\n_No response_\nzerowidth",
            prose: "\n.\n\nI ran and see [the docs\n.\nzerowidth\n",
            headings: [
                "steps to reproduce",
                "expected behavior",
            ],
            has_code: true,
        }
        "#);
    }

    #[test]
    fn a_lone_backtick_hides_nothing() {
        let prose = |body| Readable::of(&IssueText { title: "", body }).prose;
        assert_eq!(prose("It` crashes here"), "It crashes here\n");
        assert_eq!(prose("The `parser` of the 3` disk crashes"), "The of the 3 disk crashes\n");
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(title in "\\PC{0,40}", body in "(<!--|-->|```|~~~|`|# |\\*\\*|> |\\]\\(|\\PC|\n){0,80}") {
            let readable = Readable::of(&IssueText { title: &title, body: &body });
            prop_assert!(!readable.body.contains("<!--") || body.contains("<<!--"));
        }
    }
}
