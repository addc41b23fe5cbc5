//! The folder of the working copy that a rule names: one that lies in it, on no link's word.

use std::path::{Component, Path};

use crate::domain::failure::Failure;
use crate::domain::id::CommitId;
use crate::tasks::Context;

/// The folder, where it may be kept in step.
///
/// # Errors
/// When it leads out of the working copy, by its name or by a link, or is not there.
pub(super) fn folder(path: &str) -> Result<&Path, Failure> {
    let folder = own(path)?;
    if !folder.is_dir() {
        return Err(Failure::permanent("no_file", format!("{path} is no folder"))
            .hint("The working copy has to be checked out before Automata runs, in the same job."));
    }
    Ok(folder)
}

/// The path, where nothing of it leads elsewhere.
///
/// # Errors
/// When it leads out of the working copy, by its name or by a link.
pub fn own(path: &str) -> Result<&Path, Failure> {
    let (folder, bad) = (Path::new(path), |told: String| Failure::permanent("bad_input", told));
    if !folder.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(bad(format!("`{path}` leads out of the working copy"))
            .hint("Name a folder by its path in the working copy."));
    }
    // A link that a stranger's change brought along could lead anywhere, and all that lies there would go along.
    if folder.ancestors().any(|part| part.symlink_metadata().is_ok_and(|meta| meta.is_symlink())) {
        return Err(bad(format!("`{path}` leads through a link"))
            .hint("Nothing was done. Name the folder by its own path in the working copy."));
    }
    Ok(folder)
}

/// Refuses what a runner has of another branch, or of a pull request: what nobody merged is not the repository's, and what it
/// lacks is not gone from it. An older commit of the default branch is no better: a run that is started again has one.
///
/// # Errors
/// When it is another commit than the default branch's, or that cannot be read.
pub(super) async fn expect_default(context: &Context<'_>, there: Option<&CommitId>) -> Result<(), Failure> {
    let Some(there) = there else { return Ok(()) };
    let tip = context.services.code.default_tip().await?;
    if tip.commit == *there {
        return Ok(());
    }
    let told = format!("the working copy is at {there}, and `{}` at {}", tip.branch, tip.commit);
    Err(Failure::transient("other_commit", told).hint(
        "Nothing was done. Folders are brought into step by runs that check out the newest commit of the default branch.",
    ))
}
