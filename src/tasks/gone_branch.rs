//! Deletes a branch that is done with, by whichever task.

use super::{Announcement, Context};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::CommitId;
use crate::domain::receipt;
use crate::services::git::Pushed;

/// Deletes a branch where it is still at `at`. Why it may not be deleted, where that is so.
///
/// # Errors
/// When that cannot be told now, or somebody pushes to it in the same moment.
pub(super) async fn delete(
    context: &Context<'_>,
    step: &str,
    name: &str,
    at: &CommitId,
) -> Result<Option<Failure>, Failure> {
    let code = &context.services.code;
    let announcement = Announcement {
        step,
        kind: EffectKind::Branch,
        target: format!("refs/heads/{name}"),
        detail: format!("delete at {at}"),
    };
    let receipt = || receipt::Branch { branch: name.to_owned(), commit: at.clone() };
    let deleted = context
        .effect(
            announcement,
            async || Ok(code.branch(name).await?.is_none().then(receipt)),
            async || match code.delete_branch(name, at).await? {
                Pushed::Done => Ok(receipt()),
                Pushed::Conflict(_) => Err(Failure::transient(
                    "branch_moved",
                    format!("somebody pushed to {name} in the same moment"),
                )),
            },
        )
        .await;
    match deleted {
        Ok(_) => Ok(None),
        Err(failure) if failure.code == "branch_forbidden" => Ok(Some(failure)),
        Err(failure) => Err(failure),
    }
}
