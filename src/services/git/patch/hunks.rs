//! Puts hunks into a file's content, by the rules of `git apply`: all lines must match, the place may have moved.

use std::borrow::Cow;

use super::section::{Hunk, Line, Side};

/// A line of the file while it is being changed.
struct ImageLine<'a> {
    bytes: Cow<'a, [u8]>,
    /// Put there by an earlier hunk; no later hunk may match it.
    is_patched: bool,
}

/// The content with all hunks in it, or the index of the first hunk that fits nowhere.
///
/// `crlf` gives each line of the hunks the file's CR LF, for a patch whose own CRs were lost on the way.
pub(super) fn place(content: &[u8], hunks: &[Hunk<'_>], crlf: bool) -> Result<Vec<u8>, usize> {
    let mut image: Vec<ImageLine<'_>> = content
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| ImageLine { bytes: Cow::Borrowed(line), is_patched: false })
        .collect();
    for (index, hunk) in hunks.iter().enumerate() {
        let version = |other: Side| {
            hunk.lines.iter().filter(move |line| line.side != other).map(move |line| bytes(line, crlf))
        };
        let old: Vec<Vec<u8>> = version(Side::New).collect();
        let at = find(&image, &old, hunk).ok_or(index)?;
        let new = version(Side::Old).map(|bytes| ImageLine { bytes: Cow::Owned(bytes), is_patched: true });
        image.splice(at..at + old.len(), new);
    }
    Ok(image.iter().flat_map(|line| line.bytes.iter().copied()).collect())
}

/// Whether every line of the content ends in CR LF.
pub(super) fn is_crlf(content: &[u8]) -> bool {
    content.contains(&b'\n')
        && content
            .split_inclusive(|byte| *byte == b'\n')
            .all(|line| line.ends_with(b"\r\n") || !line.ends_with(b"\n"))
}

fn bytes(line: &Line<'_>, crlf: bool) -> Vec<u8> {
    let ending: &[u8] = match (line.ended, crlf) {
        (false, _) => b"",
        (true, false) => b"\n",
        (true, true) => b"\r\n",
    };
    [line.text.as_bytes(), ending].concat()
}

/// Where the hunk's old lines stand, nearest to where the hunk says.
///
/// A hunk that begins at the first line must match there, and one without lines after its last change
/// must match at the end: otherwise a hunk with little around it would fit in a wrong place.
fn find(image: &[ImageLine<'_>], old: &[Vec<u8>], hunk: &Hunk<'_>) -> Option<usize> {
    let last = image.len().checked_sub(old.len())?;
    let at_start = hunk.old_start <= 1;
    let at_end = hunk.lines.last().is_none_or(|line| line.side != Side::Both);
    let fits = |at: usize| {
        image[at..at + old.len()]
            .iter()
            .zip(old)
            .all(|(line, wanted)| !line.is_patched && *line.bytes == **wanted)
    };
    match (at_start, at_end) {
        (true, true) if last != 0 => None,
        (true, _) => fits(0).then_some(0),
        (false, true) => fits(last).then_some(last),
        (false, false) => {
            let wanted = hunk.new_start.saturating_sub(1).min(last);
            let mut below = (0..=wanted).rev();
            let mut above = wanted + 1..=last;
            loop {
                match (below.next(), above.next()) {
                    (None, None) => return None,
                    (lower, higher) => {
                        if let Some(found) = lower.into_iter().chain(higher).find(|at| fits(*at)) {
                            return Some(found);
                        }
                    }
                }
            }
        }
    }
}
