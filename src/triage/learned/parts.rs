//! Parts an issue's body into what is told apart when learning: prose, code, headings, and a form's answers.

use crate::triage::text::{fence_mark, heading};

/// Bytes of a body that are looked at: what matters stands in front of the logs.
const SCANNED_BYTES: usize = 64 * 1024;

/// A body, parted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    /// The body as far as it is looked at.
    pub(super) body: &'a str,
    /// Lines outside of code, quotes and headings.
    pub(super) prose: Vec<&'a str>,
    /// Lines in fenced blocks.
    pub(super) code: Vec<&'a str>,
    /// Headings, each with the first line below it.
    pub(super) fields: Vec<(&'a str, Option<&'a str>)>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(body: &'a str) -> Self {
        let body = &body[..body.floor_char_boundary(SCANNED_BYTES)];
        let mut parts = Self { body, ..Self::default() };
        let mut fence: Option<char> = None;
        let mut hidden = false;
        for line in body.lines() {
            let Some(line) = shown(line.trim(), &mut hidden) else { continue };
            match (fence, fence_mark(line)) {
                (None, Some((mark, _))) => fence = Some(mark),
                (Some(open), Some((mark, _))) if open == mark => fence = None,
                (Some(_), _) => parts.code.push(line),
                (None, None) => parts.take(line),
            }
        }
        parts
    }

    fn take(&mut self, line: &'a str) {
        if line.is_empty() {
            return;
        }
        if let Some(heading) = heading(line) {
            self.fields.push((heading, None));
            return;
        }
        if let Some((_, answer @ None)) = self.fields.last_mut() {
            *answer = Some(line);
        }
        if !line.starts_with('>') {
            self.prose.push(line);
        }
    }
}

/// The line unless it lies in an HTML comment; templates put their instructions there.
fn shown<'a>(line: &'a str, hidden: &mut bool) -> Option<&'a str> {
    if *hidden {
        let (_, rest) = line.split_once("-->")?;
        *hidden = false;
        return Some(rest.trim());
    }
    let Some((before, after)) = line.split_once("<!--") else { return Some(line) };
    *hidden = !after.contains("-->");
    let kept = if before.trim().is_empty() { after.split_once("-->")?.1 } else { before };
    Some(kept.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_answers_and_without_its_instructions() {
        let body = "<!-- Be kind.\nAlways. -->\n### Issue type\n\nBug\n\n### Steps\n> quoted\nRun it. <!-- how? -->\n```\ncode\n```\n**Version:**";
        insta::assert_debug_snapshot!(Parts::of(body), @r#"
    Parts {
        body: "<!-- Be kind.\nAlways. -->\n### Issue type\n\nBug\n\n### Steps\n> quoted\nRun it. <!-- how? -->\n```\ncode\n```\n**Version:**",
        prose: [
            "Bug",
            "Run it.",
        ],
        code: [
            "code",
        ],
        fields: [
            (
                "Issue type",
                Some(
                    "Bug",
                ),
            ),
            (
                "Steps",
                Some(
                    "> quoted",
                ),
            ),
            (
                "Version",
                None,
            ),
        ],
    }
    "#);
    }
}
