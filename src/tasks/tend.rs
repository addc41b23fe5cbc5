//! Task kind `tend`: sees to our pull request. Its base is brought in, failed checks are found that nobody told of, it is
//! merged when it may be, and what is left is cleared up.

mod after;
mod base;
mod merge;
mod repair;

use super::{Context, Done, comment};
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::input::Tended;
use crate::domain::subject::Subject;
use crate::services::github::{Obstacle, PullPhase, Standing};

/// Our pull request.
struct Ours {
    number: IssueNumber,
    issue: IssueNumber,
    branch: String,
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let Subject::Pull(number) = context.task.spec.subject else {
        return Err(Failure::permanent("bad_input", "only a pull request can be tended"));
    };
    let Some(ours) = ours(context, number) else { return passed_over("it is no pull request of ours") };
    let Some(standing) = context.services.github.standing(number).await? else {
        return passed_over("there is no such pull request here");
    };
    match standing.phase {
        PullPhase::Closed => passed_over("it was closed without being merged"),
        PullPhase::Merged => after::clear_up(context, &ours, &standing, false).await,
        PullPhase::Open if matches!(standing.obstacle, Obstacle::Conflict | Obstacle::Behind) => {
            let tended = base::bring_in(context, &ours, &standing).await?;
            Done::with(&tended, comment::refresh(&context.task))
        }
        PullPhase::Open => {
            let repair = repair::asked_for(context, &ours, &standing).await?;
            let mut done = seen_to(context, &ours, standing).await?;
            done.follow_ups.extend(repair);
            Ok(done)
        }
    }
}

/// What there is to do with one that agrees with its base.
async fn seen_to(context: &Context<'_>, ours: &Ours, standing: Standing) -> Result<Done, Failure> {
    match &context.config.pull_requests.merge {
        Some(rules) => merge::when_allowed(context, ours, &standing, rules).await,
        // What an earlier look said about its base is over.
        None => {
            let tended = Tended { base: standing.base, ..Tended::default() };
            Done::with(&tended, comment::refresh(&context.task))
        }
    }
}

fn ours(context: &Context<'_>, number: IssueNumber) -> Option<Ours> {
    let state = context.journal.state();
    let issue = state.issue_of_our_pull(number)?;
    let branch = state.issues.get(&issue)?.pull_request.as_ref()?.branch.clone();
    Some(Ours { number, issue, branch })
}

/// Nothing is to be done, and nobody needs to hear of it.
fn passed_over(why: &str) -> Result<Done, Failure> {
    Done::with(&serde_json::json!({ "passed_over": why }), Vec::new())
}

/// It stays open for now, for this reason.
fn waits(context: &Context<'_>, standing: &Standing, why: String) -> Result<Done, Failure> {
    let tended = Tended { base: standing.base.clone(), waits: Some(why), ..Tended::default() };
    Done::with(&tended, comment::refresh(&context.task))
}
