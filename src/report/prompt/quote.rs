//! Sets foreign text apart, so that it cannot be taken for ours.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::domain::untrusted::{one_line, shown};

/// Characters of a title or a name.
const LINE: usize = 300;

/// One line of foreign text in quotation marks: what a reader sees of it, without such marks of its own.
pub(super) fn line(text: &str) -> String {
    let seen = shown(&one_line(text, usize::MAX)).text.replace(['"', '\u{201c}', '\u{201d}'], "'");
    format!("\"{}\"", one_line(&seen, LINE))
}

/// Foreign text, between two lines that carry the text's own digest.
pub(super) fn block(heading: &str, text: &str) -> String {
    let text = text.trim_end();
    let mark = mark(text);
    format!("<<< {mark} {heading}\n{text}\n>>> {mark}\n\n")
}

/// Code or a guide in a fence that is longer than any in it.
pub(super) fn fenced(text: &str) -> String {
    let text = text.trim_end_matches('\n');
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{text}\n{fence}\n\n")
}

/// Thirty-two hexadecimal digits of the SHA-256 of a text: to write them into it, one would have to find a text with its own
/// digest in it.
fn mark(text: &str) -> String {
    let mut round = 0_u32;
    loop {
        let digest = Sha256::new().chain_update(round.to_be_bytes()).chain_update(text.as_bytes()).finalize();
        let mark = digest.iter().take(16).fold(String::new(), |mut mark, byte| {
            let _ = write!(mark, "{byte:02x}");
            mark
        });
        if !text.contains(&mark) {
            return mark;
        }
        round += 1;
    }
}
