//! The file of the working copy that is put into Drive.

use std::path::{Component, Path, PathBuf};

use crate::domain::failure::Failure;
use crate::domain::input;
use crate::domain::untrusted::one_line;
use crate::services::folder;

/// Characters of a name that an error shows.
const NAME: usize = 80;

/// The file here, and what it is.
pub(super) struct Local {
    /// Where it is.
    pub(super) path: PathBuf,
    /// What it is to be called.
    pub(super) name: String,
    /// Bytes.
    pub(super) size: u64,
    /// What it adds up to.
    pub(super) md5: String,
}

/// Looks at the file here.
pub(super) fn local(put: &input::DrivePut) -> Result<Local, Failure> {
    let shown = one_line(&put.file, NAME);
    let path = Path::new(&put.file);
    if path.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
        let told = format!("`{shown}` leads out of the working copy");
        return Err(
            Failure::permanent("bad_input", told).hint("Name a file by its path in the working copy.")
        );
    }
    let unreadable = |error: std::io::Error| {
        Failure::permanent("no_file", format!("`{shown}` cannot be read: {error}"))
            .hint("The step that makes it has to come before the one that runs Automata, in the same job.")
    };
    // A link that a stranger's change brought along could lead anywhere: a file's own, or one of a folder above it.
    let is_link = |folder: &Path| folder.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
    if path.ancestors().skip(1).any(is_link) {
        return Err(Failure::permanent("bad_input", format!("`{shown}` leads through a link"))
            .hint("Name the file by its own path in the working copy."));
    }
    let meta = path.symlink_metadata().map_err(unreadable)?;
    if !meta.is_file() {
        return Err(Failure::permanent("no_file", format!("`{shown}` is no file")));
    }
    let own = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = put.name.clone().unwrap_or(own);
    Ok(Local { path: path.to_owned(), name, size: meta.len(), md5: folder::md5(path).map_err(unreadable)? })
}
