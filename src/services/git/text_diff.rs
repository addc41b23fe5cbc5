//! Two texts beside each other, as git shows them.

use git2::{DiffOptions, Patch};

/// Lines around a difference.
const AROUND: u32 = 3;

/// What is different between two texts, as a unified diff under these names; empty where nothing is. None where one of
/// them is no text.
#[must_use]
pub fn text_diff((old_name, old): (&str, &[u8]), (new_name, new): (&str, &[u8])) -> Option<String> {
    let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0);
    if !is_text(old) || !is_text(new) {
        return None;
    }
    let mut options = DiffOptions::new();
    options.context_lines(AROUND);
    let mut patch = Patch::from_buffers(old, None, new, None, Some(&mut options)).ok()?;
    let text = patch.to_buf().ok()?;
    let hunks = text.as_str().ok()?;
    // The head names files that there are none of.
    let Some(at) = hunks.find("@@ ") else { return Some(String::new()) };
    Some(format!("--- {old_name}\n+++ {new_name}\n{}", &hunks[at..]))
}

#[cfg(test)]
mod tests {
    use super::text_diff;

    #[test]
    fn two_texts_are_compared_and_bytes_are_not() {
        let told = text_diff(("1", b"a\nb\nc\n"), ("2", b"a\nB\nc\n")).unwrap();
        insta::assert_snapshot!(told, @r"
        --- 1
        +++ 2
        @@ -1,3 +1,3 @@
         a
        -b
        +B
         c
        ");
        assert_eq!(text_diff(("1", b"a"), ("2", b"a")).as_deref(), Some(""));
        assert_eq!(text_diff(("1", b"a"), ("2", &[0, 1])), None);
    }
}
