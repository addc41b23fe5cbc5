//! Makes a commit of what an assistant proposes, within the limits that every change is held to.

use crate::domain::failure::Failure;
use crate::domain::fenced::fenced_patches;
use crate::report::pull_request;
use crate::services::assistant::{Change, Proposal, Request};
use crate::services::git::{CommitSheet, PatchLimits, ProposedCommit, WorkTree};
use crate::services::github::Issue;
use crate::tasks::Context;

/// The same issue and change on the same base give the same commit however often this runs. `work_tree` is what the
/// assistant worked in.
pub(super) async fn commit(
    context: &Context<'_>,
    issue: &Issue,
    request: &Request,
    proposal: &Proposal,
    work_tree: Option<&WorkTree>,
) -> Result<ProposedCommit, Failure> {
    let code = &context.services.code;
    let sheet = sheet(context, issue, request, proposal);
    match (&proposal.change, work_tree) {
        (Change::Patch(patch), _) => code.commit_patch(patch, &limits(context), &sheet).await,
        (Change::Folder, Some(work_tree)) => code.commit_folder(work_tree, &limits(context), &sheet).await,
        (Change::Folder, None) => Err(Failure::permanent("bug", "no folder was handed out")),
        (Change::Elsewhere { .. }, _) => {
            Err(Failure::permanent("bug", "who works elsewhere hands back no change"))
        }
    }
}

/// What every change is held to.
fn limits(context: &Context<'_>) -> PatchLimits {
    let rules = &context.config.pull_requests;
    PatchLimits {
        protected: rules.protected_paths(),
        files: rules.limits.files,
        lines: rules.limits.lines,
        bytes: rules.limits.bytes,
        binary_bytes: rules.limits.binary_bytes,
    }
}

fn sheet(context: &Context<'_>, issue: &Issue, request: &Request, proposal: &Proposal) -> CommitSheet {
    // Whoever wrote the patch, not whoever asked for it to be taken; else the commit would depend on who asks.
    let wrote = request.texts.iter().rfind(|text| !fenced_patches(&text.body).is_empty());
    let wrote = wrote.filter(|_| matches!(proposal.change, Change::Patch(_)));
    let authors: Vec<&str> = wrote.map(|text| text.author.login.as_str()).into_iter().collect();
    CommitSheet {
        message: pull_request::commit_message(
            &context.config.pull_requests.title,
            issue.number,
            &issue.title,
            &proposal.summary,
            &authors,
        ),
        author: ("automata".to_owned(), "automata@users.noreply.github.com".to_owned()),
        at: issue.created_at,
    }
}
