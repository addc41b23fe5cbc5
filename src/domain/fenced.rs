//! Finds the unified diffs that stand in fenced code blocks of Markdown text.
//!
//! Fences as CommonMark 0.31 has them (section 4.5): three or more backticks or tildes, indented by at most three
//! spaces (more inside a list item, which is forgiven here), closed by at least as many of the same, or by the end of the text.

/// The diffs in `text`, in order, without their fences: every block tagged `diff` or `patch`, and every untagged
/// block that begins as a diff does (`diff --git`, or `---` followed by `+++`). Blocks without text are left out.
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
    fn is_patch(&self) -> bool {
        if self.content.trim().is_empty() {
            return false;
        }
        match self.tag {
            "" => begins_as_diff(self.content),
            tag => tag.eq_ignore_ascii_case("diff") || tag.eq_ignore_ascii_case("patch"),
        }
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
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        match &open {
            None => open = Fence::open(line).map(|(fence, tag)| (fence, tag, end)),
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

fn begins_as_diff(content: &str) -> bool {
    let mut lines = content.lines().map(str::trim_start).skip_while(|line| line.is_empty());
    match lines.next() {
        Some(line) if line.starts_with("diff --git ") => true,
        Some(line) if line.starts_with("--- ") => lines.next().is_some_and(|next| next.starts_with("+++ ")),
        _ => false,
    }
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
        let text = format!("```diff\n{DIFF}```\nand\n```sh\nls\n```\n~~~patch\nsecond\n~~~");
        assert_eq!(fenced_patches(&text), [DIFF, "second\n"]);
    }

    #[test]
    fn indentation_of_a_list_and_windows_line_ends_are_taken_off() {
        let text =
            format!("1. This\n   ```diff\n   {}   ```\n", DIFF.trim_end().replace('\n', "\n   ") + "\n");
        assert_eq!(patches(&text), [DIFF]);
        let windows = format!("```diff\n{DIFF}```\n").replace('\n', "\r\n");
        assert_eq!(patches(&windows), [DIFF]);
        assert_eq!(fenced_patches(&windows), [DIFF.replace('\n', "\r\n")]);
        let mixed = "```diff\n-a\r\n+b\n```\n";
        assert_eq!(patches(mixed), ["-a\r\n+b\n"], "a patch of a file with CR LF lines keeps them");
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
