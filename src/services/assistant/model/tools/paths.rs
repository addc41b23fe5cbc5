//! Which paths a model may name: those inside its folder, however they are written and wherever symlinks lead.

use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::Workspace;
use crate::domain::untrusted::is_hidden;

/// Bytes that a path may have: what Linux takes.
const MOST_BYTES: usize = 4_096;

impl Workspace {
    /// The place of something that exists.
    pub(super) fn existing(&self, text: &str) -> Result<PathBuf, String> {
        let path = self.root.join(relative(text)?);
        match path.canonicalize() {
            Ok(real) => self.inside(real, text),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(format!("there is no `{text}`")),
            Err(error) => Err(format!("`{text}` cannot be reached: {error}")),
        }
    }

    /// The place of a regular file that exists.
    pub(super) fn file(&self, text: &str) -> Result<PathBuf, String> {
        let path = self.existing(text)?;
        // A pipe or a device would never end.
        if path.is_file() { Ok(path) } else { Err(format!("`{text}` is no file")) }
    }

    /// The place of something that does not exist. Nothing else works in the folder meanwhile, so what was looked at
    /// does not change before it is used.
    pub(super) fn free(&self, text: &str) -> Result<PathBuf, String> {
        let relative = relative(text)?;
        let path = self.root.join(&relative);
        // A symlink that leads nowhere counts as existing: writing would follow it.
        if fs::symlink_metadata(&path).is_ok() {
            return Err(format!("`{text}` exists already"));
        }
        let Some(name) = relative.file_name() else { return Err("the path is empty".to_owned()) };
        let mut folder = relative.parent().unwrap_or(Path::new(""));
        let mut missing = vec![name];
        let reachable = loop {
            match self.root.join(folder).canonicalize() {
                Ok(real) => break self.inside(real, text)?,
                Err(_) if fs::symlink_metadata(self.root.join(folder)).is_ok() => {
                    return Err(format!("`{text}` leads through a link to nowhere"));
                }
                Err(_) => {}
            }
            missing.extend(folder.file_name());
            folder = folder.parent().unwrap_or(Path::new(""));
        };
        if !reachable.is_dir() {
            return Err(format!("`{text}` lies below something that is no folder"));
        }
        Ok(missing.into_iter().rev().fold(reachable, |path, part| path.join(part)))
    }

    /// Whether the path itself, wherever it may lead, is a symlink.
    pub(super) fn is_link(&self, text: &str) -> bool {
        relative(text).is_ok_and(|path| self.root.join(path).is_symlink())
    }

    /// The path as the model knows it.
    pub(super) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().into_owned()
    }

    fn inside(&self, real: PathBuf, text: &str) -> Result<PathBuf, String> {
        let Ok(below) = real.strip_prefix(&self.root) else {
            return Err(format!("`{text}` leads out of the folder"));
        };
        if below.components().any(|part| is_git(&part.as_os_str().to_string_lossy())) {
            return Err(format!("`{text}` belongs to git itself"));
        }
        Ok(real)
    }
}

/// The path below the root, looked at without asking the disk.
fn relative(text: &str) -> Result<PathBuf, String> {
    if text.len() > MOST_BYTES || text.contains('\0') {
        return Err("this is no path".to_owned());
    }
    let mut relative = PathBuf::new();
    for part in Path::new(text.trim()).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) if is_git(&name.to_string_lossy()) => {
                return Err(format!("`{text}` belongs to git itself"));
            }
            Component::Normal(name) => relative.push(name),
            Component::ParentDir => {
                return Err(format!("`{text}` climbs with `..`; name the path from the folder's root"));
            }
            Component::RootDir | Component::Prefix(_) => {
                return Err(format!("`{text}` is absolute; name the path from the folder's root"));
            }
        }
    }
    Ok(relative)
}

/// Whether some file system takes this name for `.git`: by case, by hidden characters (HFS+), by trailing dots and blanks, by
/// its short name or by a stream (NTFS). The cases are those that git itself guards against, CVE-2014-9390.
pub(super) fn is_git(name: &str) -> bool {
    let name = name.split(':').next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !is_hidden(*c)).flat_map(char::to_lowercase).collect();
    matches!(name.trim_end_matches(['.', ' ']), ".git" | "git~1")
}
