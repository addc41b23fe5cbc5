//! Finds the unified diffs that stand in fenced code blocks of Markdown text.
//!
//! Fences as CommonMark 0.31 has them (section 4.5): three or more backticks or tildes, indented by at most three
//! spaces (more inside of a list item), closed by at least as many of the same, or by the end of the text. What nobody
//! sees as a fence is none: in an indented code block (section 4.4), in a comment of HTML (section 4.6, kind 2).

mod plain;

pub use plain::plain_lines;

/// The diffs in `text`, in order, without their fences: what stands in a block tagged `diff` or `patch`, or in an
/// untagged one that begins as a diff does, and can be a unified diff: with `diff --git`, or with `---`, `+++` and `@@`.
/// A sketch of some lines with signs before them is none.
///
/// Each slice is cut out of `text` as it stands, with its line ends and indentation; [`patches`] takes those off.
#[must_use]
pub fn fenced_patches(text: &str) -> Vec<&str> {
    blocks(text).into_iter().filter(Block::is_patch).map(|block| block.content).collect()
}

/// The same as [`fenced_patches`], ready to be applied: the fence's indentation is taken off each line, and
/// line ends are single line feeds when all of them are CR LF (GitHub's own text boxes send those).
#[must_use]
pub fn patches(text: &str) -> Vec<String> {
    blocks(text)
        .into_iter()
        .filter(Block::is_patch)
        .map(|block| dedented(block.content, block.indent))
        .collect()
}

/// Whether a block tagged `diff` or `patch` stands in `text` that cannot be a unified diff.
#[must_use]
pub fn has_sketch(text: &str) -> bool {
    blocks(text).iter().any(|block| block.is_tagged() && !block.is_patch())
}

/// A fenced block.
struct Block<'a> {
    /// Spaces before the opening fence.
    indent: usize,
    /// The first word after the opening fence.
    tag: &'a str,
    /// What stands between the fences.
    content: &'a str,
}

impl Block<'_> {
    fn is_tagged(&self) -> bool {
        self.tag.eq_ignore_ascii_case("diff") || self.tag.eq_ignore_ascii_case("patch")
    }

    fn is_patch(&self) -> bool {
        let content = dedented(self.content, self.indent);
        can_be_unified(&content) && (self.is_tagged() || self.tag.is_empty() && begins_as_diff(&content))
    }
}

/// An opening fence.
struct Fence {
    indent: usize,
    mark: u8,
    length: usize,
}

impl Fence {
    /// Reads an opening fence and the tag after it.
    fn open(line: &str) -> Option<(Self, &str)> {
        let rest = line.trim_start_matches(' ');
        let indent = line.len() - rest.len();
        let mark = *rest.as_bytes().first().filter(|byte| matches!(byte, b'`' | b'~'))?;
        let length = rest.bytes().take_while(|byte| *byte == mark).count();
        let info = rest[length..].trim();
        // An info string after backticks holds none: otherwise it is inline code.
        if length < 3 || (mark == b'`' && info.contains('`')) {
            return None;
        }
        let tag = info.split_whitespace().next().unwrap_or_default();
        Some((Self { indent, mark, length }, tag))
    }

    /// Whether `line` closes the block. A line of a diff that contains a fence begins with a sign or a space
    /// in the column of the opening fence, so a closing fence may not stand further in than that.
    fn is_closed_by(&self, line: &str) -> bool {
        let rest = line.trim_start_matches(' ');
        let indent = line.len() - rest.len();
        let length = rest.bytes().take_while(|byte| *byte == self.mark).count();
        indent <= self.indent && length >= self.length && rest[length..].trim().is_empty()
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<(Fence, &str, usize)> = None;
    let mut around = Around::default();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        match &open {
            None if around.shows(line) => {
                open = Fence::open(line).map(|(fence, tag)| (fence, tag, end));
            }
            None => {}
            Some((fence, tag, start)) if fence.is_closed_by(line) => {
                blocks.push(Block { indent: fence.indent, tag, content: &text[*start..at] });
                open = None;
            }
            Some(_) => {}
        }
        at = end;
    }
    if let Some((fence, tag, start)) = open {
        blocks.push(Block { indent: fence.indent, tag, content: &text[start..] });
    }
    blocks
}

/// Spaces that make a line code, further in than what is around it.
const CODE_INDENT: usize = 4;

/// What a line outside of fences stands in.
#[derive(Default)]
struct Around {
    /// The columns where the texts of the list items begin that the line may belong to, from the outermost in.
    items: Vec<usize>,
    is_comment: bool,
}

impl Around {
    /// Takes the next line in; gives whether a fence at its beginning is one that people see.
    fn shows(&mut self, line: &str) -> bool {
        if self.is_comment {
            self.is_comment = !line.contains("-->");
            return false;
        }
        let mut text = line.trim_start_matches(' ');
        if text.trim().is_empty() {
            return false;
        }
        let mut column = line.len() - text.len();
        self.items.retain(|item| *item <= column);
        if column >= self.inset() + CODE_INDENT {
            return false;
        }
        // `- 1. text` begins two items.
        while let Some(marker) = list_marker(text) {
            let rest = text[marker..].trim_start_matches(' ');
            let gap = text.len() - marker - rest.len();
            // An item that begins with code, or with nothing, has its text one column after the marker.
            let gap = if gap > CODE_INDENT || rest.trim().is_empty() { 1 } else { gap };
            column += marker + gap;
            self.items.push(column);
            text = rest;
        }
        self.is_comment = text.starts_with("<!--") && !text.contains("-->");
        !text.starts_with("<!--")
    }

    fn inset(&self) -> usize {
        self.items.last().copied().unwrap_or_default()
    }
}

/// Bytes of the marker of a list item that `text` begins with.
fn list_marker(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let marker = match text.as_bytes().get(digits)? {
        b'-' | b'*' | b'+' if digits == 0 => 1,
        b'.' | b')' if (1..=9).contains(&digits) => digits + 1,
        _ => return None,
    };
    text[marker..].starts_with([' ', '\n', '\r']).then_some(marker)
}

fn can_be_unified(content: &str) -> bool {
    let lines: Vec<&str> = content.lines().collect();
    let has_hunk = |lines: &[&str]| {
        matches!(lines, [old, new, hunk]
            if old.starts_with("--- ") && new.starts_with("+++ ") && hunk.starts_with("@@ "))
    };
    lines.iter().any(|line| line.starts_with("diff --git ")) || lines.windows(3).any(has_hunk)
}

fn begins_as_diff(content: &str) -> bool {
    let mut lines = content.lines().skip_while(|line| line.trim().is_empty());
    lines.next().is_some_and(|line| line.starts_with("diff --git ") || line.starts_with("--- "))
}

fn dedented(content: &str, indent: usize) -> String {
    let has_crlf_only = content.matches('\n').count() == content.matches("\r\n").count();
    content
        .split_inclusive('\n')
        .map(|line| {
            let spaces = line.bytes().take(indent).take_while(|byte| *byte == b' ').count();
            let line = &line[spaces..];
            match line.strip_suffix("\r\n") {
                Some(bare) if has_crlf_only => format!("{bare}\n"),
                _ => line.to_owned(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DIFF: &str = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n";

    #[test]
    fn a_block_tagged_diff_or_patch_is_a_patch() {
        for tag in ["diff", "patch", "Diff", "diff title=fix.patch", " patch "] {
            let text = format!("Try this:\n\n```{tag}\n{DIFF}```\nThanks!");
            assert_eq!(fenced_patches(&text), [DIFF], "{tag}");
        }
    }

    #[test]
    fn an_untagged_block_is_a_patch_only_when_it_begins_as_one() {
        assert_eq!(fenced_patches(&format!("```\n{DIFF}```")), [DIFF]);
        assert_eq!(fenced_patches("```\n\ndiff --git a/x b/x\n```"), ["\ndiff --git a/x b/x\n"]);
        assert_eq!(fenced_patches("```\n--- Front matter\ntitle: x\n```"), Vec::<&str>::new());
        assert_eq!(fenced_patches(&format!("```rust\n{DIFF}```")), Vec::<&str>::new());
        assert_eq!(fenced_patches(&format!("Inline ```diff``` and\n{DIFF}")), Vec::<&str>::new());
    }

    #[test]
    fn tildes_and_longer_fences_hold_fences_of_the_other_sort() {
        let inner = "--- a/README.md\n+++ b/README.md\n@@ -1 +1,3 @@\n x\n+```\n+code\n+```\n";
        assert_eq!(fenced_patches(&format!("~~~diff\n{inner}~~~\n")), [inner]);
        assert_eq!(fenced_patches(&format!("````diff\n{inner}````\n")), [inner]);
        assert_eq!(
            fenced_patches(&format!("```diff\n{inner}```\n")),
            [inner],
            "a sign stands before each inner fence"
        );
    }

    #[test]
    fn context_lines_that_hold_a_fence_do_not_close_the_block() {
        let inner = "--- a/README.md\n+++ b/README.md\n@@ -1,3 +1,3 @@\n ```\n-code\n+more\n ```\n";
        assert_eq!(fenced_patches(&format!("```diff\n{inner}```\n")), [inner]);
    }

    #[test]
    fn an_unclosed_block_ends_with_the_text_and_an_empty_one_is_none() {
        assert_eq!(fenced_patches(&format!("```diff\n{DIFF}")), [DIFF]);
        assert_eq!(fenced_patches("```diff\n```\n```patch\n\n```"), Vec::<&str>::new());
    }

    #[test]
    fn all_patches_are_found_in_order() {
        let text = format!("```diff\n{DIFF}```\nand\n```sh\nls\n```\n~~~patch\nFrom ada\n{DIFF}~~~");
        assert_eq!(fenced_patches(&text), [DIFF.to_owned(), format!("From ada\n{DIFF}")]);
    }

    #[test]
    fn indentation_of_a_list_and_windows_line_ends_are_taken_off() {
        let text =
            format!("1. This\n   ```diff\n   {}   ```\n", DIFF.trim_end().replace('\n', "\n   ") + "\n");
        assert_eq!(patches(&text), [DIFF]);
        let windows = format!("```diff\n{DIFF}```\n").replace('\n', "\r\n");
        assert_eq!(patches(&windows), [DIFF]);
        assert_eq!(fenced_patches(&windows), [DIFF.replace('\n', "\r\n")]);
        let mixed = DIFF.replace("-a\n", "-a\r\n");
        assert_eq!(
            patches(&format!("```diff\n{mixed}```\n")),
            [mixed],
            "a patch of a file with CR LF lines keeps them"
        );
    }

    #[test]
    fn a_sketch_is_no_patch() {
        for sketch in
            ["- old\n+ new\n", "--- a/x\n+++ b/x\n-a\n+b\n", "@@ -1 +1 @@\n-a\n+b\n", "--- a\n@@ x\n"]
        {
            let text = format!("```diff\n{sketch}```\n");
            assert_eq!(fenced_patches(&text), [""; 0], "{sketch}");
            assert!(has_sketch(&text), "{sketch}");
            assert_eq!(fenced_patches(&format!("{text}\n```diff\n{DIFF}```\n")), [DIFF], "{sketch}");
        }
        assert!(!has_sketch(&format!("```diff\n{DIFF}```\n```\n- a\n```\n")));
    }

    #[test]
    fn what_is_shown_as_code_or_not_at_all_is_no_patch() {
        let fence = format!("```diff\n{DIFF}```\n");
        let indented = |by: &str| fence.lines().map(|line| format!("{by}{line}\n")).collect::<String>();
        for text in [
            format!("As text:\n\n{}", indented("    ")),
            format!("1. As text:\n\n{}", indented("       ")),
            format!("- a\n\nNo list any more.\n\n{}", indented("    ")),
            format!("<!--\n{fence}-->\n"),
            format!("<!-- not yet\n\n{fence}"),
            format!("- item\n  <!--\n{fence}-->\n"),
        ] {
            assert_eq!(patches(&text), [""; 0], "{text}");
        }
        for text in [
            format!("<!-- a hint -->\n{fence}"),
            format!("<!--\na hint\n-->\n{fence}"),
            format!("Write `<!--` first:\n{fence}"),
            format!("- item\n\n{}", indented("     ")),
            format!("1. - two\n\n{}", indented("     ")),
            indented("   "),
        ] {
            assert_eq!(patches(&text), [DIFF], "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_each_patch_is_a_piece_of_it(text in "[`~a-z +\\-\r\n]{0,200}") {
            for patch in fenced_patches(&text) {
                prop_assert!(text.contains(patch));
            }
            prop_assert_eq!(patches(&text).len(), fenced_patches(&text).len());
        }
    }
}
