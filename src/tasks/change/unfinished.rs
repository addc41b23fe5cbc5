//! What an assistant had changed when it was cut off: kept, and what its next attempt begins with.
//!
//! It is kept in the log as a patch, as a finished change is until its branch is pushed, and within the same bound. What a
//! killed run leaves in its folder is gone with the machine, and so is what the assistant itself remembers.

use serde::{Deserialize, Serialize};

use super::ask::{KEPT, Wish};
use super::commit;
use crate::domain::circuit::{KILLED, OUT_OF_TIME};
use crate::domain::failure::Failure;
use crate::services::assistant::{Change, Proposal, Request};
use crate::services::git::WorkTree;

/// What the prompt says below all else to whoever goes on.
pub(super) const TOLD: &str = "\n# What is there already\n\n\
An earlier attempt of yours was cut off before it was done. What it had changed by then is in the folder; git there does not \
show it as a change. Look at it first, keep what is right, and finish it.\n";
/// Codes of failures by which somebody was stopped in the middle of the work.
const CUT_OFF: [&str; 6] =
    ["out_of_steps", "out_of_tokens", "out_of_money", "out_of_time", OUT_OF_TIME, KILLED];
/// How far the work is taken to have come, in percent.
const BEGUN: u8 = 30;

/// A change that is not done.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Unfinished {
    begun_by: String,
    unfinished: String,
}

/// Keeps what is in the folder, when the assistant was stopped and something is there that a change may be.
///
/// # Errors
/// A failure with the code `lost_lease` when another run holds the task now.
pub(super) async fn keep(
    wish: &Wish<'_>,
    assistant: &str,
    request: &Request,
    work_tree: &WorkTree,
    failure: &Failure,
) -> Result<(), Failure> {
    if !CUT_OFF.contains(&failure.code.as_str()) {
        return Ok(());
    }
    let Ok(commit) = commit::commit(wish, request, &proposal(Change::Folder), Some(work_tree)).await else {
        return Ok(());
    };
    let patch = wish.context.services.code.as_patch(&commit).await.ok().flatten();
    let Some(unfinished) = patch.filter(|patch| patch.len() <= KEPT) else { return Ok(()) };
    let told = format!("{assistant} was cut off; what it had changed by then is kept");
    wish.context.keep(BEGUN, &told, &Unfinished { begun_by: assistant.to_owned(), unfinished }).await
}

/// What an earlier attempt of this task by the same assistant left; none when there is nothing.
pub(super) fn begun(wish: &Wish<'_>, assistant: &str) -> Option<Unfinished> {
    wish.context.resume().filter(|begun: &Unfinished| begun.begun_by == assistant)
}

impl Unfinished {
    /// A folder with it in; none where it no longer fits what it goes on, and everything begins anew.
    pub(super) async fn lay_out(&self, wish: &Wish<'_>, request: &Request) -> Option<WorkTree> {
        let change = Change::Patch(self.unfinished.clone());
        let request = Request { texts: Vec::new(), ..request.clone() };
        let made = commit::commit(wish, &request, &proposal(change), None).await.ok()?;
        let laid_out = wish.context.services.code.check_out(Some(&made.commit)).await.ok()?;
        tracing::info!(assistant = %self.begun_by, "going on with what was begun before");
        Some(laid_out.changed_since(made.base))
    }
}

fn proposal(change: Change) -> Proposal {
    Proposal { change, summary: "Not done yet.".to_owned() }
}
