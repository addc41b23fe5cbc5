//! Text from strangers: kept as data, cut to a size, and shown only after it was made harmless.

mod shown;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use shown::{Shown, shown};

/// Bytes of a body that the log keeps. Enough for a report with a stack trace and a patch of ordinary size;
/// GitHub allows 262,144 bytes (65,536 characters of four bytes).
pub const BODY_BYTES: usize = 16 * 1024;
/// Bytes of a title that the log keeps; GitHub allows 256 characters.
pub const TITLE_BYTES: usize = 1024;

/// Text somebody else wrote, cut to a size. It is never a command, a path, a shell word or a template.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The text, or its beginning.
    #[serde(rename = "text")]
    text: String,
    /// How many bytes were cut off.
    #[serde(default, skip_serializing_if = "is_zero")]
    cut: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(bytes: &usize) -> bool {
    *bytes == 0
}

impl Excerpt {
    /// Keeps at most `limit` bytes of `text`, ending at a character.
    #[must_use]
    pub fn of(text: &str, limit: usize) -> Self {
        let kept = text.floor_char_boundary(limit);
        Self { text: text[..kept].to_owned(), cut: text.len() - kept }
    }

    /// A title, cut to [`TITLE_BYTES`].
    #[must_use]
    pub fn title(text: &str) -> Self {
        Self::of(text, TITLE_BYTES)
    }

    /// A body, cut to [`BODY_BYTES`].
    #[must_use]
    pub fn body(text: &str) -> Self {
        Self::of(text, BODY_BYTES)
    }

    /// The text as it came. Hand it to an analysis, never to a shell, a path or a template.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.text
    }

    /// Whether something was cut off.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.cut > 0
    }

    /// A number by which another text is told from this one: FNV-1a over what is kept and how much was cut off
    /// (<http://www.isthe.com/chongo/tech/comp/fnv/>). It is quick, and whoever makes two texts with the same one fools
    /// nobody but themselves.
    #[must_use]
    pub fn digest(&self) -> u32 {
        let cut = self.cut.to_le_bytes();
        let bytes = self.text.bytes().chain(cut);
        bytes.fold(0x811c_9dc5, |digest, byte| (digest ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }

    /// One harmless line for people, at most `width` characters: see [`one_line`].
    #[must_use]
    pub fn one_line(&self, width: usize) -> String {
        one_line(&self.text, width)
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

/// Whether a character can hide or reorder text: control characters, zero-width characters, the
/// bidirectional overrides of CVE-2021-42574, and the tag characters used to smuggle instructions.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The text with hidden characters, line breaks among them, written out as escapes: for what is quoted in an error.
#[must_use]
pub fn unhidden(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        if is_hidden(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

/// One line for a terminal or a title: white space folded, hidden characters dropped, cut to `width`
/// characters with an ellipsis.
#[must_use]
pub fn one_line(text: &str, width: usize) -> String {
    // Most titles are plain already, and the fold reads one for each trigger.
    let is_plain = text.len() <= width && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if is_plain && !text.contains("  ") && text.trim() == text {
        return text.to_owned();
    }
    let visible: String =
        text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !is_hidden(*c)).collect();
    let folded = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if folded.chars().count() <= width {
        return folded;
    }
    let mut cut: String = folded.chars().take(width.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// One line that is safe inside Markdown of ours: as [`one_line`], with everything escaped that would
/// start markup, mention a person (`@`), link an issue (`#`) or open a comment (`<!--`).
#[must_use]
pub fn markdown_line(text: &str, width: usize) -> String {
    let mut safe = String::new();
    for c in one_line(text, width).chars() {
        match c {
            '@' => safe.push_str("&#64;"),
            '#' => safe.push_str("&#35;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~' | '$' => {
                safe.push('\\');
                safe.push(c);
            }
            _ => safe.push(c),
        }
    }
    // `https:` alone makes GitHub link what follows; a word joiner stops that and changes nothing visible. Files of this
    // machine are never linked, and their addresses are there to be copied.
    let safe = safe.replace("://", ":\u{2060}//").replace("www.", "www\u{2060}.");
    safe.replace("file:\u{2060}//", "file://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_title_cannot_mention_link_or_hide() {
        let hostile = "Fix\u{202E}gnp.exe\n@everyone closes #1 <!-- automata:status --> `rm -rf` [x](http://evil.example)";
        assert_eq!(
            markdown_line(hostile, 200),
            "Fixgnp.exe &#64;everyone closes &#35;1 &lt;\\!-- automata:status --&gt; \\`rm -rf\\` \\[x\\]\\(http:\u{2060}//evil.example\\)"
        );
    }

    #[test]
    fn the_address_of_a_file_can_be_copied_and_no_other_is_linked() {
        assert_eq!(markdown_line("status done: file:///tmp/a.json", 99), "status done: file:///tmp/a.json");
        assert_eq!(markdown_line("https://a.example", 99), "https:\u{2060}//a.example");
    }

    proptest! {
        #[test]
        fn an_excerpt_is_a_prefix_within_its_limit(text in ".*", limit in 0_usize..64) {
            let excerpt = Excerpt::of(&text, limit);
            prop_assert!(excerpt.raw().len() <= limit && text.starts_with(excerpt.raw()));
            prop_assert_eq!(excerpt.is_cut(), excerpt.raw().len() < text.len());
        }

        #[test]
        fn a_line_is_one_line_and_narrow(text in ".*", width in 1_usize..40) {
            let line = one_line(&text, width);
            prop_assert!(line.chars().count() <= width);
            prop_assert!(!line.contains('\n') && !line.chars().any(is_hidden));
        }
    }
}
