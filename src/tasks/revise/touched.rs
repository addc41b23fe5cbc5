//! Whether a change touches what a thread of a review is about, which is believed where an assistant's word is not enough.

/// Lines from the one that the thread is about within which a change counts: what a remark means often stands beside it.
const NEAR: u64 = 10;

/// Whether a unified diff by git changes a file near a line of it as it was before. A file that the diff does not show by
/// that name is not touched.
pub(super) fn touches(patch: &str, path: &str, line: u64) -> bool {
    let (mut is_it, mut at, mut left) = (false, 0_u64, (0_u64, 0_u64));
    for text in patch.lines() {
        let is_near = |at: u64| is_it && at.abs_diff(line) <= NEAR;
        match text.as_bytes().first() {
            _ if left == (0, 0) => {
                if let Some(name) = text.strip_prefix("--- ") {
                    // git ends a name with white space in it by a tab.
                    is_it = name.trim_end_matches('\t').strip_prefix("a/") == Some(path);
                } else if let Some((from, counts)) = hunk(text) {
                    (at, left) = (from, counts);
                }
            }
            Some(b'-') if is_near(at) => return true,
            // What is added stands behind the line before it.
            Some(b'+') if is_near(at.saturating_sub(1)) => return true,
            Some(b'-') => (at, left.0) = (at + 1, left.0.saturating_sub(1)),
            Some(b'+') => left.1 = left.1.saturating_sub(1),
            Some(b'\\') => {}
            // An empty line of context may have lost its blank.
            _ => (at, left) = (at + 1, (left.0.saturating_sub(1), left.1.saturating_sub(1))),
        }
    }
    false
}

/// Where a hunk begins in the file before, and how many lines of it and of the file after are in it.
fn hunk(text: &str) -> Option<(u64, (u64, u64))> {
    let (before, rest) = text.strip_prefix("@@ -")?.split_once(" +")?;
    let (after, _) = rest.split_once(" @@")?;
    let span = |text: &str| -> Option<(u64, u64)> {
        let (from, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((from.parse().ok()?, count.parse().ok()?))
    };
    let ((from, old), (_, new)) = (span(before)?, span(after)?);
    Some((from, (old, new)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: &str = "diff --git a/src/a.rs b/src/a.rs\nindex 1..2 100644\n--- a/src/a.rs\n+++ b/src/a.rs\n\
        @@ -40,4 +40,4 @@ fn it() {\n one\n two\n-three\n+drei\n four\n\
        @@ -90 +90,2 @@\n nine\n+more\n\
        diff --git a/b b/b\n--- a/b\n+++ b/b\n@@ -1 +1,2 @@\n one\n+--- a/src/c.rs\n";

    #[test]
    fn what_stands_near_a_changed_line_is_touched() {
        for (line, expected) in
            [(42, true), (32, true), (31, false), (52, true), (53, false), (90, true), (1, false)]
        {
            assert_eq!(touches(PATCH, "src/a.rs", line), expected, "line {line}");
        }
        assert!(touches(PATCH, "b", 1) && !touches(PATCH, "src/b.rs", 42));
        assert!(!touches(PATCH, "src/c.rs", 1), "an added line is no name");
        assert!(!touches("", "b", 1));
    }
}
