//! Task kind `revise`: goes on with our pull request after a review, with a commit on top of its branch.

mod answers;
mod gather;
mod push;
mod touched;

use serde::{Deserialize, Serialize};

use super::change::ask::{self, Given, Made, Wish};
use super::{Context, Done, comment};
use crate::domain::count::counted;
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, IssueNumber};
use crate::domain::input::{self, Checked};
use crate::domain::state::Fate;
use crate::domain::subject::Subject;
use crate::domain::trigger::OpenState;
use crate::domain::usage::Usage;
use crate::report::prompt;
use crate::services::assistant::{Allowance, Answers, NOTHING, Request};
use crate::services::git::ProposedCommit;
use crate::services::github::Issue;

use gather::{Asked, Verdict};

/// The first line of a commit that follows a review.
const HEADLINE: &str = "After review: {title}";
/// The code of a change that leaves everything as it is.
const UNCHANGED: &str = "patch_changes_nothing";

/// What is known of the pull request.
struct Ours {
    issue: IssueNumber,
    branch: String,
    fate: Fate,
}

/// A revision that was made, kept until all of it is done.
#[derive(Debug, Serialize, Deserialize)]
struct Ready {
    assistant: String,
    summary: String,
    usage: Usage,
    /// Empty when it is too large to be kept.
    patch: String,
    /// None when nothing was changed.
    commit: Option<CommitId>,
    head: CommitId,
    files: Vec<String>,
    threads: Vec<Thread>,
    /// What is answered in threads that were answered one by one.
    #[serde(default, skip_serializing_if = "Answers::is_empty")]
    answers: Answers,
    review: u64,
    checks: Vec<Checked>,
}

/// A thread that is to be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Thread {
    /// GitHub's id of its first comment.
    id: u64,
    /// The file it is about.
    path: String,
    /// The line of it, where GitHub still knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let Subject::Pull(pull) = context.task.spec.subject else {
        return Err(Failure::permanent("bad_input", "only a pull request can be revised"));
    };
    let wanted: input::Revise = context.input()?;
    let Some(ours) = ours(context, pull) else {
        return passed_over("it is no pull request of ours");
    };
    if let Some(ready) = push::made_before(context, &ours.branch).await? {
        return finish(context, pull, ready).await;
    }
    let most = context.config.pull_requests.revisions;
    if ours.fate.revisions >= most {
        let times = counted(ours.fate.revisions, "time", "times");
        let note = format!("it was revised {times} already, and a person has to go on");
        return Done::note(&note, comment::refresh(&context.task));
    }
    let github = &context.services.github;
    if github.pull_state(pull).await?.is_none_or(|pull| pull.state == OpenState::Closed) {
        return passed_over("the pull request is closed");
    }
    let Some(issue) = github.issue(ours.issue).await? else { return passed_over("its issue is gone") };
    let Some(head) = context.services.code.branch(&ours.branch).await? else {
        return passed_over("its branch is gone");
    };
    let asked = match gather::asked(context, pull, &wanted, &ours.fate, &head).await? {
        Verdict::Asked(asked) => *asked,
        Verdict::PassedOver(why) => return passed_over(&why),
        Verdict::Declined(why) => return Done::note(&why, comment::refresh(&context.task)),
    };
    let (mut ready, made) = make(context, &issue, pull, asked, head).await?;
    if let Some(made) = made {
        ready.commit = Some(push::commit(context, &ours.branch, &made, &ready).await?);
    }
    finish(context, pull, ready).await
}

/// Nothing is to be done, and nobody needs to hear of it.
fn passed_over(why: &str) -> Result<Done, Failure> {
    Done::with(&serde_json::json!({ "passed_over": why }), Vec::new())
}

fn ours(context: &Context<'_>, pull: IssueNumber) -> Option<Ours> {
    let state = context.journal.state();
    let issue = state.issue_of_our_pull(pull)?;
    let known = state.issues.get(&issue)?;
    let branch = known.pull_request.as_ref()?.branch.clone();
    Some(Ours { issue, branch, fate: known.fate.clone() })
}

/// Has the revision made; that nobody changed anything is an answer too.
async fn make(
    context: &Context<'_>,
    issue: &Issue,
    pull: IssueNumber,
    asked: Asked,
    head: CommitId,
) -> Result<(Ready, Option<ProposedCommit>), Failure> {
    let Asked { texts, said, threads, review, wanted_by, at, word, searched } = asked;
    let request = Request {
        issue: issue.number,
        title: issue.title.clone(),
        texts,
        searched,
        prompt: String::new(),
        folder: None,
        allowance: Allowance::default(),
    };
    let on = Some(head.clone());
    let mut below = prompt::revise(pull, &said, prompt::BUDGET / 2);
    word.iter().for_each(|word| below.push_str(&prompt::asked_for(word)));
    let (from, past) = (None, Vec::new());
    let wish = Wish {
        context,
        issue,
        request,
        wanted_by,
        from,
        past,
        on,
        most_lines: None,
        headline: HEADLINE,
        at,
        below,
        answers: <_>::default(),
    };
    let unchanged = |summary: String| Ready {
        assistant: String::new(),
        summary,
        usage: Usage::default(),
        patch: String::new(),
        commit: None,
        head: head.clone(),
        files: Vec::new(),
        threads: threads.clone(),
        answers: wish.answers.take(),
        review,
        checks: Vec::new(),
    };
    let made = match ask::change(&wish).await {
        Ok(Given::Made(made)) => *made,
        Ok(Given::Elsewhere(elsewhere)) => {
            // Whoever works on issues elsewhere does not see a review of our branch.
            let why = format!("{} works on its own branches only", elsewhere.assistant);
            return Ok((unchanged(why), None));
        }
        Err(failure) if failure.code == NOTHING || failure.code == UNCHANGED => {
            let ready = unchanged(failure.message);
            context.checkpoint(80, "nothing was changed", &ready)?;
            return Ok((ready, None));
        }
        Err(failure) => return Err(failure),
    };
    let Made { commit, assistant, summary, usage, checks } = made;
    let patch = context.services.code.as_patch(&commit).await?;
    let patch = patch.filter(|patch| patch.len() <= ask::KEPT).unwrap_or_default();
    let (made, files) = (Some(commit.commit.clone()), commit.files.clone());
    let ready = Ready { assistant, usage, patch, commit: made, files, checks, ..unchanged(summary) };
    Ok((ready, Some(commit)))
}

async fn finish(context: &Context<'_>, pull: IssueNumber, ready: Ready) -> Result<Done, Failure> {
    let (answered, resolved) = answers::give(context, pull, &ready).await?;
    let Ready { commit, review, summary, checks, .. } = ready;
    let revised = input::Revised { commit, review, summary, answered, resolved, checks };
    let mut follow_ups = comment::refresh(&context.task);
    // Its issue tells how often it was revised.
    let issue = context.journal.state().issue_of_our_pull(pull);
    follow_ups.extend(issue.into_iter().flat_map(|issue| comment::refresh_of(Subject::Issue(issue))));
    Done::with(&revised, follow_ups)
}
