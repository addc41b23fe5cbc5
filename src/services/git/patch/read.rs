//! Reads a unified diff into sections, one for each file: strictly, by its own counts, and in one pass.

mod headers;
mod hunks;

use super::names::{self, Pair};
use super::section::{Change, Hunk, Section};
use super::unreadable;
use crate::domain::failure::Failure;
use headers::git_section;
use hunks::hunks;

/// Lines of the patch with a place to stand on.
struct Lines<'a> {
    lines: Vec<&'a str>,
    next: usize,
}

impl<'a> Lines<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.lines.get(self.next).copied()
    }

    fn after(&self, prefix: &str) -> Option<&'a str> {
        self.peek()?.strip_prefix(prefix)
    }

    fn take_after(&mut self, prefix: &str) -> Option<&'a str> {
        let rest = self.after(prefix)?;
        self.next += 1;
        Some(rest)
    }
}

/// Reads the patch. Prose between the parts (mail headers, a commit message, a diffstat, a signature) is
/// passed over; a hunk that stands alone, ends early or goes on too long is an error.
pub(super) fn sections(patch: &str) -> Result<Vec<Section<'_>>, Failure> {
    let crlf_text = has_crlf_headers(patch);
    let lines = patch
        .split_terminator('\n')
        .map(|line| if crlf_text { line.strip_suffix('\r').unwrap_or(line) } else { line })
        .collect();
    let mut lines = Lines { lines, next: 0 };
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut starts_mail = false;
    while let Some(line) = lines.peek() {
        let found = if let Some(rest) = lines.take_after("diff --git ") {
            Some(git_section(&mut lines, rest)?)
        } else if line.starts_with("--- ") && is_plain_header(&lines) {
            Some(plain_section(&mut lines)?)
        } else {
            if line.starts_with("@@ -") && line[1..].contains("@@") {
                return Err(unreadable(format!(
                    "Line {} of the patch begins a hunk that belongs to no file.",
                    lines.next + 1
                )));
            }
            refuse_binary(line, None)?;
            starts_mail |= is_mail_start(line);
            lines.next += 1;
            None
        };
        if let Some(mut section) = found {
            section.starts_mail = std::mem::take(&mut starts_mail);
            section.crlf_text = crlf_text;
            sections.push(section);
        }
    }
    if sections.is_empty() {
        return Err(unreadable(
            "The patch holds no file: there is no `diff --git` and no `---`/`+++` pair in it.",
        ));
    }
    Ok(sections)
}

/// A text typed into GitHub's page arrives with CR LF on each line, headers too. Git never ends a header
/// with CR, so there it cannot be part of the file.
fn has_crlf_headers(patch: &str) -> bool {
    patch
        .split('\n')
        .find(|line| ["diff --git ", "--- ", "@@ -"].iter().any(|start| line.starts_with(start)))
        .is_some_and(|line| line.ends_with('\r'))
}

/// `From <commit> Mon Sep 17 00:00:00 2001`, with which each mail of `git format-patch` begins.
fn is_mail_start(line: &str) -> bool {
    line.strip_prefix("From ")
        .and_then(|rest| rest.split_once(' '))
        .is_some_and(|(id, _)| id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_plain_header(lines: &Lines<'_>) -> bool {
    let line = |ahead: usize| lines.lines.get(lines.next + ahead).copied().unwrap_or_default();
    line(1).starts_with("+++ ") && line(2).starts_with("@@ -")
}

fn refuse_binary(line: &str, file: Option<&str>) -> Result<(), Failure> {
    let is_binary =
        line == "GIT binary patch" || (line.starts_with("Binary files ") && line.ends_with(" differ"));
    if !is_binary {
        return Ok(());
    }
    let file = file.map_or_else(|| names::shown(line), |file| format!("`{}`", names::shown(file)));
    Err(unreadable(format!("The patch changes a binary file, which is not supported: {file}."))
        .hint("Leave binary files out of the patch and add them by hand."))
}

fn plain_section<'a>(lines: &mut Lines<'a>) -> Result<Section<'a>, Failure> {
    let (old, new) = file_lines(lines)?;
    let written_names = old.iter().chain(&new).cloned().collect();
    let change = match names::without_prefixes(old, new, None)? {
        Pair { old: None, new: Some(path) } => Change::Create(path),
        Pair { old: Some(path), new: None } => Change::Delete(path),
        Pair { new: Some(path), .. } => Change::Modify(path),
        Pair { old: None, new: None } => return Err(unreadable("The patch has a part that names no file.")),
    };
    check_sides(Section {
        change,
        written_names,
        modes: Vec::new(),
        mode: None,
        pre_image: None,
        hunks: hunks(lines)?,
        starts_mail: false,
        crlf_text: false,
    })
}

fn file_lines(lines: &mut Lines<'_>) -> Result<(Option<String>, Option<String>), Failure> {
    let old = lines.take_after("--- ").unwrap_or_default();
    let new = lines.take_after("+++ ").ok_or_else(|| {
        unreadable(format!(
            "Line {} of the patch should begin with `+++`, after the `---` before it.",
            lines.next + 1
        ))
    })?;
    Ok((names::on_file_line(old)?, names::on_file_line(new)?))
}

/// A created file has no old lines, a deleted one no new lines.
fn check_sides(section: Section<'_>) -> Result<Section<'_>, Failure> {
    let lines = |pick: fn(&Hunk<'_>) -> usize| section.hunks.iter().map(pick).sum::<usize>();
    match &section.change {
        Change::Create(path) if lines(|hunk| hunk.old_lines) > 0 => Err(unreadable(format!(
            "The patch makes the new file `{}`, and yet speaks of lines it had before.",
            names::shown(path)
        ))),
        Change::Delete(path) if lines(|hunk| hunk.new_lines) > 0 => Err(unreadable(format!(
            "The patch deletes `{}`, and yet leaves lines in it.",
            names::shown(path)
        ))),
        _ => Ok(section),
    }
}
