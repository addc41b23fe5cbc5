//! Finds the patches that people paste into Markdown: fenced blocks that hold a unified diff.

/// A run of at least this many backticks or tildes opens a fence (CommonMark 0.31, section 4.5).
const FENCE: usize = 3;
/// A line indented by this many blanks is indented code, not a fence (the same section).
const INDENT: usize = 4;

/// The contents of the fenced blocks that are tagged `diff` or `patch`, or carry no tag and begin like a unified diff, in
/// order. A block that is never closed reaches to the end of the text, as GitHub shows it.
#[must_use]
pub fn fenced_patches(text: &str) -> Vec<&str> {
    let mut patches = Vec::new();
    let mut open: Option<(char, usize, Tag, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        match open {
            None => {
                if let Some((mark, length, info)) = opening(line) {
                    open = Some((mark, length, tag(info), at));
                }
            }
            Some((mark, length, tag, from)) if closes(line, mark, length) => {
                patches.extend(patch(&text[from..start], tag));
                open = None;
            }
            Some(_) => {}
        }
    }
    if let Some((_, _, tag, from)) = open {
        patches.extend(patch(&text[from..], tag));
    }
    patches
}

/// The mark, its length and the info string of a line that opens a fence.
fn opening(line: &str) -> Option<(char, usize, &str)> {
    let (mark, length, rest) = fence(line)?;
    (mark == '~' || !rest.contains('`')).then_some((mark, length, rest.trim()))
}

fn closes(line: &str, mark: char, length: usize) -> bool {
    fence(line)
        .is_some_and(|(other, longer, rest)| other == mark && longer >= length && rest.trim().is_empty())
}

fn fence(line: &str) -> Option<(char, usize, &str)> {
    let text = line.trim_start_matches(' ');
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = text.trim_start_matches(mark);
    let length = text.len() - rest.len();
    (line.len() - text.len() < INDENT && length >= FENCE).then_some((mark, length, rest))
}

/// What the first word behind the fence says the content is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    Patch,
    None,
    Other,
}

fn tag(info: &str) -> Tag {
    match info.split_whitespace().next() {
        None => Tag::None,
        Some(word) if ["diff", "patch"].iter().any(|tag| word.eq_ignore_ascii_case(tag)) => Tag::Patch,
        Some(_) => Tag::Other,
    }
}

fn patch(content: &str, tag: Tag) -> Option<&str> {
    let mut lines = content.lines().skip_while(|line| line.trim().is_empty());
    let first = lines.next()?;
    let second = lines.next().unwrap_or_default();
    let looks_like_one =
        first.starts_with("diff --git ") || (first.starts_with("--- ") && second.starts_with("+++ "));
    (tag == Tag::Patch || (tag == Tag::None && looks_like_one)).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_found_by_their_tag_or_by_how_they_begin() {
        let text = "Try\r\n```diff\r\n-a\r\n+b\r\n```\r\n~~~~ Patch file\n~~~\n~~~~\n```\n--- a/x\n+++ b/x\n```\n\
                    ```rust\ndiff --git is a word\n```\n   ````\ndiff --git a/x b/x\n```\n````\n    ```diff\nno\n";
        assert_eq!(
            fenced_patches(text),
            ["-a\r\n+b\r\n", "~~~\n", "--- a/x\n+++ b/x\n", "diff --git a/x b/x\n```\n"]
        );
    }

    #[test]
    fn a_fence_left_open_reaches_to_the_end() {
        assert_eq!(fenced_patches("```patch\n-a\n+b"), ["-a\n+b"]);
        assert_eq!(fenced_patches("``diff\n-a\n"), Vec::<&str>::new());
    }
}
