//! What of an issue is compared with others: the author's own words, and what failing programs printed.
//!
//! Two issues with one form, or with the same patch or sample of code, are not about the same thing. So the
//! form's headings, boxes and labels go, and fenced blocks go but for the lines of errors and stack traces.

use super::mentions;
use super::text::{Readable, fence_mark, heading};

/// What programs print when they fail, wherever in a line it stands.
pub(super) const TRACES: &[&str] = &[
    "panicked at",
    "Traceback (most recent call last)",
    "Exception in thread",
    "Segmentation fault",
    "SIGSEGV",
    "stack backtrace",
    "Uncaught TypeError",
    "Unhandled exception",
    "AddressSanitizer",
    "core dumped",
];

/// Lines that only open a trace: every trace of the language has them.
const OPENINGS: &[&str] = &["stack backtrace", "Traceback (most recent call last)"];

/// First words of lines that tell of a failure, before a colon; besides all that end in `Error` or `Exception`.
const FAILURES: &[&str] =
    &["error", "fatal", "fatal error", "panic", "caused by", "failed", "failure", "uncaught"];
/// Words at the front of a line in which a log writes how bad it is: behind a time, a place, a name.
const LEVEL_WORDS: usize = 4;

/// The lines to compare, the title not among them.
pub(super) fn telling(text: &Readable) -> String {
    let mut kept = String::new();
    let mut fence: Option<(char, usize)> = None;
    let mut block: Vec<&str> = Vec::new();
    for line in text.body.lines() {
        let trimmed = line.trim();
        match (fence, fence_mark(trimmed)) {
            (None, Some(mark)) => {
                fence = Some(mark);
                // The block's first line says its language.
                block = vec![trimmed];
            }
            (Some((open, length)), Some((mark, longer))) if mark == open && longer >= length => {
                keep_printed(&mut kept, &block);
                fence = None;
            }
            (Some(_), _) => block.push(trimmed),
            (None, None) => keep_said(&mut kept, trimmed),
        }
    }
    if fence.is_some() {
        keep_printed(&mut kept, &block);
    }
    kept
}

/// Keeps a line outside of blocks without what its form put there, and without the targets of links.
fn keep_said(kept: &mut String, line: &str) {
    if heading(line).is_some() || is_box(line) || line == "_No response_" {
        return;
    }
    // The files of a browser's stack trace have addresses, and are no links.
    let is_frame = mentions::frame(line, "").is_some();
    for word in without_label(line).split_whitespace() {
        let word = word.split_once("](").map_or(word, |(text, _)| text);
        if is_frame || !word.contains("://") {
            kept.push_str(word);
            kept.push(' ');
        }
    }
    kept.push('\n');
}

/// `- [x] I have searched`: the form's words, agreed to.
fn is_box(line: &str) -> bool {
    let item =
        line.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '*' | '+' | '.' | ')'));
    ["[ ]", "[x]", "[X]", "[]"].iter().any(|mark| item.trim_start().starts_with(mark))
        && item.len() < line.len()
}

/// `**Version:** 1.2` without its label.
fn without_label(line: &str) -> &str {
    let labelled = line.strip_prefix("**").and_then(|rest| rest.split_once("**"));
    match labelled {
        Some((label, rest)) if label.ends_with(':') || rest.starts_with(':') => rest,
        _ => line,
    }
}

/// Keeps the lines of a block that a failing program printed.
fn keep_printed(kept: &mut String, block: &[&str]) {
    let Some((opening, lines)) = block.split_first() else { return };
    if is_diff(opening, lines) {
        return;
    }
    let mut before = "";
    for line in lines {
        // The message of a panic stands below the line that says where.
        let is_message = before.contains("panicked at");
        let frame = mentions::frame(line, before);
        if is_message || is_failure(line) || frame.is_some() {
            kept.push_str(line);
            kept.push(' ');
            kept.push_str(
                &frame.and_then(|frame| frame.symbol).filter(|name| !line.contains(name)).unwrap_or_default(),
            );
            kept.push('\n');
        }
        before = line;
    }
}

fn is_diff(opening: &str, lines: &[&str]) -> bool {
    let language = opening.trim_start_matches(['`', '~']).trim();
    let named = ["diff", "patch", "udiff"].iter().any(|name| language.eq_ignore_ascii_case(name));
    named || lines.iter().any(|line| line.starts_with("diff --git ") || line.starts_with("@@ -"))
}

fn is_failure(line: &str) -> bool {
    // What ends so is a line of code that is about errors.
    if line.ends_with([',', ';', '{']) || OPENINGS.iter().any(|opening| line.starts_with(opening)) {
        return false;
    }
    let first = line.split([':', '[']).next().unwrap_or_default().trim();
    let is_first = first.len() < line.len()
        && (FAILURES.iter().any(|word| first.eq_ignore_ascii_case(word))
            || (!first.contains(' ') && (first.ends_with("Error") || first.ends_with("Exception"))));
    let level = |word: &str| {
        matches!(word.trim_matches(|c: char| !c.is_alphanumeric()), "ERROR" | "FATAL" | "PANIC" | "CRITICAL")
    };
    is_first
        || TRACES.iter().any(|trace| line.contains(trace))
        || line.split_whitespace().take(LEVEL_WORDS).any(level)
}
