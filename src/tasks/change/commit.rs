//! Makes a commit of what an assistant proposes, within the limits that every change is held to.

use super::ask::Wish;
use crate::domain::failure::Failure;
use crate::domain::fenced::fenced_patches;
use crate::report::pull_request;
use crate::services::assistant::{Change, Proposal, Request};
use crate::services::git::{CommitSheet, LINES, PatchLimits, ProposedCommit, TOO_LARGE, WorkTree};
use crate::tasks::Context;

/// The same wish and change on the same base give the same commit however often this runs. `work_tree` is what the
/// assistant worked in.
pub(in crate::tasks) async fn commit(
    wish: &Wish<'_>,
    request: &Request,
    proposal: &Proposal,
    work_tree: Option<&WorkTree>,
) -> Result<ProposedCommit, Failure> {
    let Wish { context, on, .. } = wish;
    let code = &context.services.code;
    let sheet = sheet(wish, request, proposal);
    let smaller = PatchLimits {
        lines: limits(context).lines.min(wish.most_lines.unwrap_or(usize::MAX)),
        ..limits(context)
    };
    match (&proposal.change, work_tree) {
        (Change::Patch(patch), _) => match on {
            Some(base) => code.commit_patch_on(base, patch, &limits(context), &sheet).await,
            None => code.commit_patch(patch, &limits(context), &sheet).await,
        },
        (Change::Folder, Some(work_tree)) => {
            let made = code.commit_folder(work_tree, &smaller, &sheet).await;
            made.map_err(|failure| too_large_again(failure, wish, &smaller))
        }
        (Change::Folder, None) => Err(Failure::permanent("bug", "no folder was handed out")),
        (Change::Elsewhere { .. }, _) => {
            Err(Failure::permanent("bug", "who works elsewhere hands back no change"))
        }
    }
}

/// Says what the bound comes from, where it is not the configuration's.
fn too_large_again(failure: Failure, wish: &Wish<'_>, limits: &PatchLimits) -> Failure {
    let is_theirs = wish.most_lines == Some(limits.lines) && failure.code == TOO_LARGE;
    if !is_theirs || !failure.message.contains(LINES) {
        return failure;
    }
    let message = format!(
        "{} The pull request before it was closed without being merged, so that this one has to be smaller.",
        failure.message
    );
    Failure { message, ..failure }
        .hint("Say `/automata implement` with what is to be left out, or post a patch, which may have any size that the configuration allows.")
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

fn sheet(wish: &Wish<'_>, request: &Request, proposal: &Proposal) -> CommitSheet {
    // Whoever wrote the patch, not whoever asked for it to be taken; else the commit would depend on who asks.
    let wrote = request.texts.iter().rfind(|text| !fenced_patches(&text.body).is_empty());
    let wrote = wrote.filter(|_| matches!(proposal.change, Change::Patch(_)));
    let authors: Vec<&str> = wrote.map(|text| text.author.login.as_str()).into_iter().collect();
    CommitSheet {
        message: pull_request::commit_message(
            wish.headline,
            wish.issue.number,
            &wish.issue.title,
            &proposal.summary,
            &authors,
        ),
        author: ("automata".to_owned(), "automata@users.noreply.github.com".to_owned()),
        at: wish.at,
    }
}
