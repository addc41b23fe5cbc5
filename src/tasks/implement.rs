//! Task kind `implement`: asks the assistants for a change, commits it and pushes it on a branch of its own.

use super::{Announcement, Context, Done, comment};
use crate::domain::branch::{BranchName, BranchTemplate};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::fenced::fenced_patches;
use crate::domain::id::{CommitId, IssueNumber};
use crate::domain::payload::Payload;
use crate::domain::task::{Status, Task, TaskRequest};
use crate::domain::trigger::OpenState;
use crate::domain::{input, receipt};
use crate::report::pull_request;
use crate::services::assistant::{Proposal, Request, TrustedText};
use crate::services::git::{CommitSheet, PatchLimits, ProposedCommit, Pushed};
use crate::services::github::Issue;

/// Branches tried for one issue: the plain name, then `-2`, `-3` and so on.
const BRANCHES_TRIED: u32 = 20;

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let input::Implement { source } = context.input()?;
    let Some(issue) = context.services.github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    if let Some(pull) = done_before(context).await? {
        return Done::note(&format!("pull request #{pull} has this change already"), Vec::new());
    }
    let texts = match trusted_texts(context, &issue, source).await? {
        Ok(texts) => texts,
        Err(declined) => return Done::note(&declined, comment::refresh(&context.task)),
    };
    let request = Request { issue: number, title: issue.title.clone(), texts };
    let proposal = propose(context, &request).await?;
    let change = commit(context, &issue, &request, &proposal).await?;
    let branch = push(context, &issue, &change).await?;

    let tip = context.services.code.default_tip().await?;
    let open = input::OpenPullRequest {
        branch,
        commit: change.commit,
        base: tip.branch,
        base_commit: change.base,
        title: pull_request::title(&context.config.pull_requests.title, number, &issue.title),
        summary: proposal.summary,
        files: change.files,
        added: change.added,
        removed: change.removed,
        merged: change.merged,
    };
    let payload = Payload::of(&open).map_err(|error| Failure::permanent("bug", error.to_string()))?;
    let reason = format!("{}; the change is on branch {}", context.task.spec.reason, open.branch);
    let follow_up = TaskRequest::new(input::OPEN_PULL_REQUEST, context.task.spec.subject, payload, reason)
        .priority(context.task.spec.priority);
    Done::with(&open, vec![follow_up])
}

/// The texts that may be acted on: by people with write access only. `Err` says why there are none.
async fn trusted_texts(
    context: &Context<'_>,
    issue: &Issue,
    source: input::Source,
) -> Result<Result<Vec<TrustedText>, String>, Failure> {
    let github = &context.services.github;
    let text = match source {
        input::Source::Issue => TrustedText {
            author: issue.author.clone(),
            place: "the issue".to_owned(),
            body: issue.body.clone(),
        },
        input::Source::Comment { id } => match github.comment(id).await? {
            Some(comment) => TrustedText {
                author: comment.author,
                place: format!("the comment of {}", &comment.created_at.to_string()[..10]),
                body: comment.body,
            },
            None => return Ok(Err("the comment that asked for it is gone".to_owned())),
        },
    };
    let mut trusted = Vec::new();
    if source != input::Source::Issue && github.permission(&issue.author.login).await?.can_write() {
        let body = issue.body.clone();
        trusted.push(TrustedText { author: issue.author.clone(), place: "the issue".to_owned(), body });
    }
    if !github.permission(&text.author.login).await?.can_write() {
        return Ok(Err(format!(
            "{} has no write access, so what they wrote is not acted on; somebody who has can repeat it in a comment",
            text.author.login
        )));
    }
    trusted.push(text);
    Ok(Ok(trusted))
}

/// Asks one assistant after the other; the first answer counts.
async fn propose(context: &Context<'_>, request: &Request) -> Result<Proposal, Failure> {
    let mut declined = Vec::new();
    for assistant in &context.services.assistants {
        match assistant.propose(request).await {
            Err(failure) if failure.code == "nothing_to_propose" => {
                declined.push((assistant.name(), failure));
            }
            answer => return answer,
        }
    }
    if let [(_, only)] = declined.as_slice() {
        return Err(only.clone());
    }
    let asked: Vec<String> = declined.iter().map(|(name, failure)| format!("{name}: {failure}")).collect();
    let asked = if asked.is_empty() { "no assistant is configured".to_owned() } else { asked.join("; ") };
    Err(Failure::permanent("nothing_to_propose", format!("nobody proposed a change ({asked})"))
        .hint("Put a unified diff into a fenced block (```diff) of the issue or of a comment."))
}

/// The same issue and patch on the same base give the same commit however often this runs.
async fn commit(
    context: &Context<'_>,
    issue: &Issue,
    request: &Request,
    proposal: &Proposal,
) -> Result<ProposedCommit, Failure> {
    // Whoever wrote the patch, not whoever asked for it to be taken; else the commit would depend on who asks.
    let wrote = request.texts.iter().rfind(|text| !fenced_patches(&text.body).is_empty());
    let authors: Vec<&str> = wrote.map(|text| text.author.login.as_str()).into_iter().collect();
    let rules = &context.config.pull_requests;
    let sheet = CommitSheet {
        message: pull_request::commit_message(
            &rules.title,
            issue.number,
            &issue.title,
            &proposal.summary,
            &authors,
        ),
        author: ("automata".to_owned(), "automata@users.noreply.github.com".to_owned()),
        at: issue.created_at,
    };
    let limits = PatchLimits {
        protected: rules.protected_paths(),
        files: rules.limits.files,
        lines: rules.limits.lines,
        bytes: rules.limits.bytes,
    };
    context.services.code.commit_patch(&proposal.patch, &limits, &sheet).await
}

/// The open pull request that an earlier task made of the very same request.
async fn done_before(context: &Context<'_>) -> Result<Option<IssueNumber>, Failure> {
    let branches: Vec<String> = {
        let state = context.journal.state();
        let same = |task: &&Task| {
            (&task.spec.kind, task.spec.subject, &task.spec.input)
                == (&context.task.spec.kind, context.task.spec.subject, &context.task.spec.input)
        };
        let branch = |task: &Task| match &task.status {
            Status::Completed { output, .. } => Some(output.read::<input::OpenPullRequest>().ok()?.branch),
            _ => None,
        };
        state.tasks.values().filter(same).filter_map(branch).collect()
    };
    for branch in branches {
        let pulls = context.services.github.pull_requests_from(&branch).await?;
        if let Some(open) = pulls.iter().find(|pull| pull.state == OpenState::Open) {
            return Ok(Some(open.number));
        }
    }
    Ok(None)
}

/// Pushes the commit on the first branch name that is free, or that has this very commit already.
async fn push(context: &Context<'_>, issue: &Issue, change: &ProposedCommit) -> Result<String, Failure> {
    let code = &context.services.code;
    let bad = |problem: String| {
        Failure::permanent("bad_branch_name", format!("the branch template makes no good name: {problem}"))
            .hint("Change `pull_requests.branch` in .github/automata.yml.")
    };
    let template = BranchTemplate::parse(&context.config.pull_requests.branch)
        .map_err(|problem| bad(problem.to_string()))?;
    let first = template.name(issue.number, &issue.title).map_err(|problem| bad(problem.to_string()))?;
    let (name, at) = free_name(context, &first, &change.commit).await?;
    // Our own earlier commit makes room for this one.
    let expected = at.filter(|at| *at != change.commit);
    let announcement = Announcement {
        step: "branch",
        kind: EffectKind::Branch,
        target: format!("refs/heads/{name}"),
        detail: change.commit.to_string(),
    };
    let receipt = |commit: CommitId| receipt::Branch { branch: name.clone(), commit };
    context
        .effect(
            announcement,
            async || Ok(code.branch(&name).await?.filter(|at| *at == change.commit).map(receipt)),
            async || match code.push_branch(&name, expected.as_ref(), &change.commit).await? {
                Pushed::Done => Ok(receipt(change.commit.clone())),
                Pushed::Conflict(Some(at)) if at == change.commit => Ok(receipt(at)),
                Pushed::Conflict(_) => Err(Failure::transient(
                    "branch_taken",
                    format!("somebody else made {name} in the same moment"),
                )),
            },
        )
        .await?;
    Ok(name)
}

/// The first branch name that is free, with where it is: nowhere, at this very commit, or at the one that
/// an earlier attempt of this task pushed before the default branch moved on.
async fn free_name(
    context: &Context<'_>,
    first: &BranchName,
    commit: &CommitId,
) -> Result<(String, Option<CommitId>), Failure> {
    let earlier = context.announced("branch").map(|effect| effect.intent);
    for count in 1..=BRANCHES_TRIED {
        let name = if count == 1 { first.to_string() } else { format!("{first}-{count}") };
        let is_ours = |at: &CommitId| {
            at == commit
                || earlier.as_ref().is_some_and(|intent| {
                    intent.target == format!("refs/heads/{name}") && intent.detail == at.as_str()
                })
        };
        let at = context.services.code.branch(&name).await?;
        if at.as_ref().is_none_or(is_ours) {
            return Ok((name, at));
        }
    }
    Err(Failure::permanent("branch_taken", format!("{first} and {BRANCHES_TRIED} names like it are taken"))
        .hint("Delete branches of finished attempts."))
}
