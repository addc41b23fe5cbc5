//! Reads the hunks of one file, each by the counts in its header.

use super::super::section::{Hunk, Line, Side};
use super::super::unreadable;
use super::Lines;
use crate::domain::failure::Failure;

pub(super) fn hunks<'a>(lines: &mut Lines<'a>) -> Result<Vec<Hunk<'a>>, Failure> {
    let mut hunks = Vec::new();
    while let Some(rest) = lines.take_after("@@ -") {
        let at = lines.next;
        let (old_start, old_lines, new_start, new_lines) = ranges(rest).ok_or_else(|| {
            unreadable(format!("Line {at} of the patch begins a hunk, but its numbers cannot be read."))
        })?;
        let mut hunk = Hunk { at, old_start, old_lines, new_start, new_lines, lines: Vec::new() };
        fill(&mut hunk, lines)?;
        hunks.push(hunk);
    }
    Ok(hunks)
}

/// The numbers of `@@ -12,3 +14,4 @@`, read behind `@@ -`.
fn ranges(rest: &str) -> Option<(usize, usize, usize, usize)> {
    let (old, rest) = rest.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let range = |text: &str| -> Option<(usize, usize)> {
        let number = |text: &str| text.parse::<u32>().ok().map(|number| number as usize);
        match text.split_once(',') {
            Some((start, count)) => Some((number(start)?, number(count)?)),
            None => Some((number(text)?, 1)),
        }
    };
    let ((old_start, old_lines), (new_start, new_lines)) = (range(old)?, range(new)?);
    Some((old_start, old_lines, new_start, new_lines))
}

fn fill<'a>(hunk: &mut Hunk<'a>, lines: &mut Lines<'a>) -> Result<(), Failure> {
    let (mut old, mut new) = (hunk.old_lines, hunk.new_lines);
    while let Some(line) = lines.peek() {
        if line.starts_with('\\') {
            // `\ No newline at end of file`, in whatever language.
            if let Some(last) = hunk.lines.last_mut() {
                last.ended = false;
            }
            lines.next += 1;
            continue;
        }
        if old == 0 && new == 0 {
            break;
        }
        let (side, text) = match line.as_bytes().first() {
            // Some programs drop the blank of an empty line that did not change.
            None => (Side::Both, ""),
            Some(b' ') => (Side::Both, &line[1..]),
            Some(b'-') => (Side::Old, &line[1..]),
            Some(b'+') => (Side::New, &line[1..]),
            Some(_) => break,
        };
        let (in_old, in_new) = (usize::from(side != Side::New), usize::from(side != Side::Old));
        let (Some(old_left), Some(new_left)) = (old.checked_sub(in_old), new.checked_sub(in_new)) else {
            break;
        };
        (old, new) = (old_left, new_left);
        hunk.lines.push(Line { side, text, ended: true });
        lines.next += 1;
    }
    let wrong = |what: &str| {
        Err(unreadable(format!(
            "The hunk at line {} of the patch has {what} lines than its header counts (line {}).",
            hunk.at,
            lines.next + 1
        )))
    };
    if old > 0 || new > 0 {
        return wrong("fewer");
    }
    match lines.peek() {
        // `-- ` begins the signature of a mail, `--- ` the next file.
        Some(line) if line == "--" || line.starts_with("-- ") || line.starts_with("--- ") => Ok(()),
        Some(line) if line.starts_with('+') || line.starts_with('-') => wrong("more"),
        Some(line) if line.starts_with(' ') && !line.trim().is_empty() => wrong("more"),
        _ => Ok(()),
    }
}
