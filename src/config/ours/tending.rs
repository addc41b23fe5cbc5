//! What follows for pull requests that are to be merged, brought up to date, or found.

use crate::config::model::Config;
use crate::domain::id::IssueNumber;
use crate::domain::input::{self, Follow, Tend};
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::trigger::{About, Trigger};

/// Pull requests that one event has looked at; each costs a task and a few requests.
const AT_ONCE: usize = 20;

/// The tasks that see to pull requests when this happens.
pub(super) fn following(config: &Config, state: &State, trigger: &Trigger) -> Vec<TaskRequest> {
    let merges = config.pull_requests.merge.is_some();
    let is_ours = |pull: IssueNumber| state.issue_of_our_pull(pull).is_some();
    match (&trigger.about, trigger.action.as_deref()) {
        (About::Review { pull, review }, Some("submitted"))
            if merges && review.state == "approved" && is_ours(pull.number) =>
        {
            tend(pull.number, format!("{} approved it", review.author.login)).into_iter().collect()
        }
        (About::Pull { pull, .. }, Some("ready_for_review" | "synchronize" | "reopened"))
            if merges && is_ours(pull.number) =>
        {
            tend(pull.number, format!("the state of {} changed", trigger.subject)).into_iter().collect()
        }
        (About::Pull { pull, .. }, Some("closed")) if merges && pull.merged && is_ours(pull.number) => {
            tend(pull.number, "it was merged".to_owned()).into_iter().collect()
        }
        (About::Pull { pull, .. }, Some("opened")) if !is_ours(pull.number) => {
            state.tasks.values().filter_map(|task| look_now(task, &pull.author.login)).collect()
        }
        (About::WorkflowRun { name, conclusion, branch, .. }, Some("completed"))
            if merges && conclusion.as_deref() == Some("success") =>
        {
            let on_branch = |(_, its): &(IssueNumber, &str)| Some(*its) == branch.as_deref();
            let pull = open(state).into_iter().find(on_branch);
            pull.and_then(|(pull, _)| tend(pull, format!("the workflow {name} succeeded")))
                .into_iter()
                .collect()
        }
        (About::Push { reference, .. }, _) if *reference != config.state.reference() => {
            let Some(branch) = reference.strip_prefix("refs/heads/") else { return Vec::new() };
            let open = open(state);
            // A push to a branch of ours moves no base.
            if open.iter().any(|(_, its)| *its == branch) {
                return Vec::new();
            }
            open.into_iter().filter_map(|(pull, _)| tend(pull, format!("{branch} has moved on"))).collect()
        }
        (About::Schedule { .. }, _) => {
            let day = &trigger.at.to_string()[..10];
            let once_a_day = |(pull, _): (IssueNumber, &str)| {
                let mut request = tend(pull, "it is looked at once a day".to_owned())?;
                request.spec.idempotency = Some(format!("tend pull/{pull} {day}"));
                Some(request)
            };
            open(state).into_iter().filter_map(once_a_day).collect()
        }
        _ => Vec::new(),
    }
}

/// Our open pull requests and their branches, the newest first.
fn open(state: &State) -> Vec<(IssueNumber, &str)> {
    let pulls = state.issues.values().filter(|issue| issue.fate.end.is_none());
    let ours = pulls.filter_map(|issue| issue.pull_request.as_ref()).filter(|pull| pull.by.is_none());
    let mut open: Vec<(IssueNumber, &str)> = ours.map(|pull| (pull.number, pull.branch.as_str())).collect();
    open.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    open.truncate(AT_ONCE);
    open
}

fn tend(pull: IssueNumber, reason: String) -> Option<TaskRequest> {
    let subject = Subject::Pull(pull);
    let input = Payload::of(&Tend {}).ok()?;
    Some(TaskRequest::new(input::TEND, subject, input, reason).unique(format!("tend {subject}")))
}

/// A pull request by somebody who was handed an issue is looked at now, not when the next look is due.
fn look_now(task: &Task, author: &crate::domain::id::Login) -> Option<TaskRequest> {
    if task.spec.kind.as_str() != input::FOLLOW || task.status.is_final() {
        return None;
    }
    let follow: Follow =
        task.spec.input.read().ok().filter(|follow: &Follow| follow.names.contains(author))?;
    let input = Payload::of(&follow).ok()?;
    let (subject, reason) = (task.spec.subject, format!("{author} has opened a pull request"));
    Some(TaskRequest::new(input::FOLLOW, subject, input, reason).unique(format!("follow {subject} now")))
}
