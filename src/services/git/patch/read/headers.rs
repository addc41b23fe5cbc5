//! Reads the part of one file in git's own format: `diff --git`, its extended headers, its hunks.

use super::super::names::{self, Pair};
use super::super::section::{Change, Mode, Section};
use super::super::unreadable;
use super::hunks::hunks;
use super::{Lines, check_sides, file_lines, refuse_binary};
use crate::domain::failure::Failure;

/// What the lines between `diff --git` and the first hunk say.
#[derive(Default)]
struct Headers {
    old_mode: Option<Mode>,
    new_mode: Option<Mode>,
    created: Option<Mode>,
    deleted: Option<Mode>,
    index_mode: Option<Mode>,
    pre_image: Option<String>,
    rename: (Option<String>, Option<String>),
    copy: (Option<String>, Option<String>),
}

pub(super) fn git_section<'a>(lines: &mut Lines<'a>, rest: &str) -> Result<Section<'a>, Failure> {
    let pair = names::on_git_line(rest)?;
    let mut headers = Headers::default();
    while let Some(line) = lines.peek() {
        if !headers.take(line)? {
            break;
        }
        lines.next += 1;
    }
    if let Some(line) = lines.peek() {
        refuse_binary(line, Some(rest))?;
    }
    let mut written_names = Vec::new();
    let mut on_file_lines = None;
    if lines.after("--- ").is_some() {
        on_file_lines = Some(file_lines(lines)?);
    }
    if let Some((old, new)) = &pair {
        written_names.extend([old.clone(), new.clone()]);
    }
    if let Some((old, new)) = &on_file_lines {
        written_names.extend(old.iter().chain(new).cloned());
    }
    let has_lines = on_file_lines.is_some();
    let change = headers.change(pair, on_file_lines, rest)?;
    let hunks = if has_lines { hunks(lines)? } else { Vec::new() };
    if has_lines && hunks.is_empty() {
        return Err(unreadable(format!(
            "The patch names `{}` but changes no line of it.",
            names::shown(rest)
        )));
    }
    let section = Section {
        change,
        written_names,
        modes: [headers.old_mode, headers.new_mode, headers.created, headers.deleted, headers.index_mode]
            .into_iter()
            .flatten()
            .collect(),
        mode: headers.created.or(headers.new_mode),
        pre_image: headers.pre_image,
        hunks,
        starts_mail: false,
        crlf_text: false,
    };
    check_sides(section)
}

impl Headers {
    /// Takes one line; `false` when it is no extended header.
    fn take(&mut self, line: &str) -> Result<bool, Failure> {
        let name = |rest: &str| names::on_header_line(rest).map(Some);
        if let Some(rest) = line.strip_prefix("old mode ") {
            self.old_mode = Some(mode(rest)?);
        } else if let Some(rest) = line.strip_prefix("new mode ") {
            self.new_mode = Some(mode(rest)?);
        } else if let Some(rest) = line.strip_prefix("new file mode ") {
            self.created = Some(mode(rest)?);
        } else if let Some(rest) = line.strip_prefix("deleted file mode ") {
            self.deleted = Some(mode(rest)?);
        } else if let Some(rest) = line.strip_prefix("rename from ") {
            self.rename.0 = name(rest)?;
        } else if let Some(rest) = line.strip_prefix("rename to ") {
            self.rename.1 = name(rest)?;
        } else if let Some(rest) = line.strip_prefix("copy from ") {
            self.copy.0 = name(rest)?;
        } else if let Some(rest) = line.strip_prefix("copy to ") {
            self.copy.1 = name(rest)?;
        } else if let Some(rest) = line.strip_prefix("index ") {
            self.take_index(rest)?;
        } else if !(line.starts_with("similarity index ") || line.starts_with("dissimilarity index ")) {
            return Ok(false);
        }
        Ok(true)
    }

    fn take_index(&mut self, rest: &str) -> Result<(), Failure> {
        let (ids, mode_text) = rest.split_once(' ').map_or((rest, None), |(ids, mode)| (ids, Some(mode)));
        self.index_mode = mode_text.map(mode).transpose()?;
        let old = ids.split_once("..").map(|(old, _)| old).unwrap_or_default();
        // Git shortens to four digits at least; a row of zeros is a file that was not there.
        let is_id = (4..=64).contains(&old.len()) && old.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_zero = old.bytes().all(|byte| byte == b'0');
        self.pre_image = (is_id && !is_zero).then(|| old.to_ascii_lowercase());
        Ok(())
    }

    fn change(
        &self,
        git_line: Option<(String, String)>,
        file_lines: Option<(Option<String>, Option<String>)>,
        shown: &str,
    ) -> Result<Change, Failure> {
        let disagree = || {
            unreadable(format!("The patch's headers about `{}` contradict each other.", names::shown(shown)))
        };
        for (pair, is_copy) in [(&self.rename, false), (&self.copy, true)] {
            let (Some(from), Some(to)) = (pair.0.clone(), pair.1.clone()) else { continue };
            let same = |name: &Option<String>, path: &str| {
                name.as_deref().is_some_and(|name| name == path || names::without_first(name) == Some(path))
            };
            if file_lines.as_ref().is_some_and(|(old, new)| !same(old, &from) || !same(new, &to))
                || self.created.is_some()
                || self.deleted.is_some()
            {
                return Err(disagree());
            }
            return Ok(if is_copy { Change::Copy { from, to } } else { Change::Rename { from, to } });
        }
        let prefixed = git_line.as_ref().map(|(old, new)| old != new);
        let (old, new) = match (file_lines, git_line) {
            (Some(names), _) => names,
            (None, Some((old, new))) => (Some(old), Some(new)),
            (None, None) => return Err(disagree()),
        };
        let was_git_line = old.is_some() && new.is_some();
        match (names::without_prefixes(old, new, prefixed)?, self.created, self.deleted) {
            (Pair { new: Some(path), old }, Some(_), None) if old.is_none() || was_git_line => {
                Ok(Change::Create(path))
            }
            (Pair { old: Some(path), new }, None, Some(_)) if new.is_none() || was_git_line => {
                Ok(Change::Delete(path))
            }
            (Pair { old: None, new: Some(path) }, None, None) => Ok(Change::Create(path)),
            (Pair { old: Some(path), new: None }, None, None) => Ok(Change::Delete(path)),
            (Pair { old: Some(_), new: Some(path) }, None, None) => Ok(Change::Modify(path)),
            _ => Err(disagree()),
        }
    }
}

fn mode(text: &str) -> Result<Mode, Failure> {
    match text.trim() {
        "100644" | "100664" => Ok(Mode::Plain),
        "100755" => Ok(Mode::Executable),
        "120000" => Ok(Mode::Symlink),
        "160000" => Ok(Mode::Submodule),
        other => Err(unreadable(format!(
            "The patch gives a file the mode `{}`, which git does not know.",
            names::shown(other)
        ))),
    }
}
