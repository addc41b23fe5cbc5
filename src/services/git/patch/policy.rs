//! What no patch may do, settled before anything is applied: escape the tree, touch what is protected, be too large.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::names::shown;
use super::section::{Mode, Section};
use super::unreadable;
use crate::domain::failure::Failure;
use crate::domain::untrusted::is_hidden;
use crate::services::git::{LINES, PatchLimits, TOO_LARGE};

/// Bytes of a path; Linux takes no longer one (`PATH_MAX`).
const PATH_BYTES: usize = 4096;

/// Refuses a patch by its bytes, before it is read.
pub(super) fn check_size(patch: &str, limits: &PatchLimits) -> Result<(), Failure> {
    if patch.len() > limits.bytes {
        return Err(too_large("patch", patch.len(), limits.bytes, "bytes"));
    }
    Ok(())
}

/// Looks at every name, mode and count in the patch.
pub(super) fn check_sections(sections: &[Section<'_>], limits: &PatchLimits) -> Result<(), Failure> {
    let protected = Protected::of(limits)?;
    for section in sections {
        for name in section.written_names.iter().map(String::as_str).chain(section.change.paths()) {
            check_path(name)?;
        }
        for path in section.change.paths() {
            protected.check("patch", path)?;
            check_modes(section, path)?;
        }
    }
    let lines = sections.iter().map(|section| section.added() + section.removed()).sum();
    check_counts("patch", sections.len(), lines, limits)
}

/// The paths that no change may touch.
pub(in crate::services::git) struct Protected<'a> {
    globs: GlobSet,
    written: &'a [String],
}

impl<'a> Protected<'a> {
    pub(in crate::services::git) fn of(limits: &'a PatchLimits) -> Result<Self, Failure> {
        Ok(Self { globs: globs(&limits.protected)?, written: &limits.protected })
    }

    /// Refuses a path that a `patch` or a `change` touches.
    pub(in crate::services::git) fn check(&self, what: &str, path: &str) -> Result<(), Failure> {
        let of_path = self.globs.matches(path).first().and_then(|&at| self.written.get(at));
        // A file or link that takes the place of a protected folder replaces all that is in it.
        let is_folder =
            |glob: &&String| glob.strip_suffix("/**").is_some_and(|folder| folder.eq_ignore_ascii_case(path));
        match of_path.or_else(|| self.written.iter().find(is_folder)) {
            None => Ok(()),
            Some(glob) => Err(Failure::permanent(
                "patch_protected_path",
                format!("The {what} touches `{}`, which is protected by `{glob}`.", shown(path)),
            )
            .hint(format!(
                "Leave that file out of the {what}, and change it in a pull request of your own."
            ))),
        }
    }
}

/// Refuses a `patch` or a `change` that is larger than somebody can review.
pub(in crate::services::git) fn check_counts(
    what: &str,
    files: usize,
    lines: usize,
    limits: &PatchLimits,
) -> Result<(), Failure> {
    if files > limits.files {
        return Err(too_large(what, files, limits.files, "files"));
    }
    if lines > limits.lines {
        return Err(too_large(what, lines, limits.lines, LINES));
    }
    Ok(())
}

pub(in crate::services::git) fn too_large(what: &str, is: usize, allowed: usize, of: &str) -> Failure {
    Failure::permanent(TOO_LARGE, format!("The {what} has {is} {of}; the limit is {allowed}."))
        .hint(format!("Split the {what}, or raise the limit in the configuration."))
}

/// The change tries to get out of the files that it may write.
pub(in crate::services::git) fn escape(path: &str, why: &str) -> Failure {
    Failure::permanent("patch_escapes_tree", format!("The patch names `{}`: {why}.", shown(path)))
        .hint("A patch may only change regular files inside the repository.")
}

/// As [`escape`], of a folder that somebody worked in.
pub(in crate::services::git) fn escape_of_folder(path: &str, why: &str) -> Failure {
    Failure::permanent("patch_escapes_tree", format!("The change names `{}`: {why}.", shown(path)))
        .hint("A change may only touch files inside the repository, and links to them.")
}

fn check_modes(section: &Section<'_>, path: &str) -> Result<(), Failure> {
    for mode in &section.modes {
        match mode {
            Mode::Plain | Mode::Executable => {}
            Mode::Symlink => return Err(escape(path, "a symbolic link may point anywhere")),
            Mode::Submodule => return Err(escape(path, "a submodule brings in another repository")),
        }
    }
    Ok(())
}

pub(in crate::services::git) fn check_path(path: &str) -> Result<(), Failure> {
    if path.len() > PATH_BYTES {
        return Err(unreadable(format!("The patch names a path of {} bytes.", path.len())));
    }
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    if path.starts_with('/') || drive {
        return Err(escape(path, "it is absolute"));
    }
    if path.contains('\\') {
        return Err(escape(path, "a backslash parts folders on some machines"));
    }
    for part in path.split('/') {
        match part {
            "" => return Err(escape(path, "it has an empty part")),
            "." | ".." => return Err(escape(path, "it leads through `.` or `..`")),
            _ if is_git_folder(part) => return Err(escape(path, "it leads into git's own folder")),
            _ => {}
        }
    }
    if path.chars().any(is_hidden) {
        return Err(escape(path, "it holds characters that cannot be seen"));
    }
    Ok(())
}

/// Whether some file system takes this name for `.git`: by case, by characters HFS+ ignores, by the
/// dots, blanks and streams NTFS drops, or by its short name there (CVE-2014-9390, CVE-2019-1353).
pub(in crate::services::git) fn is_git_folder(part: &str) -> bool {
    let plain: String = part.chars().filter(|c| !is_hidden(*c)).flat_map(char::to_lowercase).collect();
    let stem = plain.split(':').next().unwrap_or_default().trim_end_matches([' ', '.']);
    let short = stem.strip_prefix("git~").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    stem == ".git" || short
}

fn globs(patterns: &[String]) -> Result<GlobSet, Failure> {
    let bad = |error: globset::Error| {
        Failure::permanent("protected_glob_unreadable", format!("A protected path is no glob: {error}."))
            .hint("Correct it in the configuration; `automata check` names the line.")
    };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        // Case is ignored because some file systems do: `.GitHub/` is `.github/` there.
        let glob = GlobBuilder::new(pattern).literal_separator(true).case_insensitive(true).build();
        set.add(glob.map_err(bad)?);
    }
    set.build().map_err(bad)
}
