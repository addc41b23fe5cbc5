//! What no patch may do, settled before anything is applied: escape the tree, touch what is protected, be too large.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::names::shown;
use super::section::{Mode, Section};
use super::unreadable;
use crate::domain::failure::Failure;
use crate::domain::untrusted::is_hidden;
use crate::services::git::PatchLimits;

/// Bytes of a path; Linux takes no longer one (`PATH_MAX`).
const PATH_BYTES: usize = 4096;

/// Refuses a patch by its bytes, before it is read.
pub(super) fn check_size(patch: &str, limits: &PatchLimits) -> Result<(), Failure> {
    if patch.len() > limits.bytes {
        return Err(too_large(patch.len(), limits.bytes, "bytes"));
    }
    Ok(())
}

/// Looks at every name, mode and count in the patch.
pub(super) fn check_sections(sections: &[Section<'_>], limits: &PatchLimits) -> Result<(), Failure> {
    let protected = globs(&limits.protected)?;
    for section in sections {
        for name in section.written_names.iter().map(String::as_str).chain(section.change.paths()) {
            check_path(name)?;
        }
        for path in section.change.paths() {
            let of_path = protected.matches(path).first().and_then(|&at| limits.protected.get(at));
            // A file or link that takes the place of a protected folder replaces all that is in it.
            let is_folder = |glob: &&String| {
                glob.strip_suffix("/**").is_some_and(|folder| folder.eq_ignore_ascii_case(path))
            };
            if let Some(glob) = of_path.or_else(|| limits.protected.iter().find(is_folder)) {
                return Err(Failure::permanent(
                    "patch_protected_path",
                    format!("The patch touches `{}`, which is protected by `{glob}`.", shown(path)),
                )
                .hint("Leave that file out of the patch, and change it in a pull request of your own."));
            }
            check_modes(section, path)?;
        }
    }
    if sections.len() > limits.files {
        return Err(too_large(sections.len(), limits.files, "files"));
    }
    let lines = sections.iter().map(|section| section.added() + section.removed()).sum();
    if lines > limits.lines {
        return Err(too_large(lines, limits.lines, "changed lines"));
    }
    Ok(())
}

fn too_large(is: usize, allowed: usize, what: &str) -> Failure {
    Failure::permanent("patch_too_large", format!("The patch has {is} {what}; the limit is {allowed}."))
        .hint("Split the patch, or raise the limit in the configuration.")
}

/// The patch tries to get out of the files that it may write.
pub(super) fn escape(path: &str, why: &str) -> Failure {
    Failure::permanent("patch_escapes_tree", format!("The patch names `{}`: {why}.", shown(path)))
        .hint("A patch may only change regular files inside the repository.")
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

fn check_path(path: &str) -> Result<(), Failure> {
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
fn is_git_folder(part: &str) -> bool {
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
