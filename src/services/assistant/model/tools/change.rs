//! The tools that change files: `edit`, `write`, `delete`.

use std::fs;

use serde::Deserialize;

use super::Workspace;
use super::look::text_of;

/// Bytes that a file may have after a change.
const MOST_BYTES: usize = 2 * 1024 * 1024;

#[derive(Deserialize)]
pub(super) struct Edit {
    path: String,
    old: String,
    new: String,
}

#[derive(Deserialize)]
pub(super) struct Write {
    path: String,
    text: String,
}

#[derive(Deserialize)]
pub(super) struct Delete {
    path: String,
}

impl Workspace {
    pub(super) fn edit(&self, arguments: &Edit) -> Result<String, String> {
        let Edit { path: name, old, new } = arguments;
        let path = self.file(name)?;
        let text = text_of(&path).map_err(|problem| format!("`{name}` {problem}"))?;
        let (mut old, mut new) = (old.clone(), new.clone());
        // Models write line feeds whatever the file has.
        if !text.contains(&old) && text.contains("\r\n") && !old.contains('\r') {
            (old, new) = (old.replace('\n', "\r\n"), new.replace("\r\n", "\n").replace('\n', "\r\n"));
        }
        if old.is_empty() {
            return Err("`old` is empty: say which passage to replace".to_owned());
        }
        if old == new {
            return Err("`old` and `new` are the same".to_owned());
        }
        let at = match occurrences(&text, &old) {
            (Some(at), false) => at,
            (Some(_), true) => {
                return Err(format!("`old` is in `{name}` more than once: give more of the lines around it"));
            }
            (None, _) => {
                return Err(format!(
                    "`old` is not in `{name}`: it must match character for character, white space included, without line numbers"
                ));
            }
        };
        let changed = format!("{}{new}{}", &text[..at], &text[at + old.len()..]);
        check_size(&changed)?;
        fs::write(&path, changed).map_err(|error| format!("`{name}` cannot be written: {error}"))?;
        let line = text[..at].matches('\n').count() + 1;
        Ok(format!("`{name}` is changed at line {line}."))
    }

    pub(super) fn write(&self, arguments: &Write) -> Result<String, String> {
        let Write { path: name, text } = arguments;
        let path = self.free(name)?;
        check_size(text)?;
        let wrong = |error: std::io::Error| format!("`{name}` cannot be written: {error}");
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(wrong)?;
        }
        fs::write(&path, text).map_err(wrong)?;
        Ok(format!("`{name}` is made."))
    }

    pub(super) fn delete(&self, arguments: &Delete) -> Result<String, String> {
        let name = &arguments.path;
        let path = self.file(name)?;
        if self.is_link(name) {
            return Err(format!("`{name}` is a link; links are not deleted"));
        }
        fs::remove_file(&path).map_err(|error| format!("`{name}` cannot be deleted: {error}"))?;
        Ok(format!("`{name}` is deleted."))
    }
}

/// Where the first occurrence is, and whether there is another; overlapping ones count.
fn occurrences(text: &str, part: &str) -> (Option<usize>, bool) {
    let Some(first) = text.find(part) else { return (None, false) };
    let next = text.ceil_char_boundary(first + 1);
    (Some(first), text[next..].contains(part))
}

fn check_size(text: &str) -> Result<(), String> {
    if text.len() > MOST_BYTES { Err(format!("this is too large ({} bytes)", text.len())) } else { Ok(()) }
}
