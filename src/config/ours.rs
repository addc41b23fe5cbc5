//! What follows from what happens to our own pull requests: they are revised, and their issues say how they ended.
//!
//! No rule of the configuration says so, because only the log knows which pull requests are ours.

mod tending;

use super::model::Config;
use super::rules::{self, COMMENT_PRIORITY};
use super::words;
use crate::domain::id::{CommitId, IssueNumber};
use crate::domain::input::{self, Asking, Comment, Rehearse, Revise};
use crate::domain::payload::Payload;
use crate::domain::spec::{IfLost, TaskRequest};
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::trigger::{About, OpenState, Trigger, has_failed};
use crate::domain::words::Verb;

/// A verdict by which a reviewer asks for changes, as intake writes it.
const CHANGES_REQUESTED: &str = "changes_requested";

/// All that is to be done when this happens: what the rules ask for, and what our own pull requests need.
#[must_use]
pub fn following(config: &Config, state: &State, trigger: &Trigger) -> Vec<TaskRequest> {
    let mut requests = rules::requests(config, trigger);
    requests.extend(rules::answers(
        trigger,
        trigger.subject.number().and_then(|number| state.issues.get(&number)),
    ));
    // A review that says in so many words what to do is heard once.
    let is_said = matches!(trigger.about, About::Review { .. })
        && requests.iter().any(|request| words::says(request, Verb::Revise));
    requests.extend(ours(config, state, trigger).filter(|_| !is_said));
    requests.extend(unapproved(state, trigger));
    // What comes of a review is shown when it is known whether it leads to a revision.
    let revision = requests.iter().rposition(|request| request.spec.kind.as_str() == input::REVISE);
    requests.extend(shown(state, trigger).map(|mut request| match revision {
        Some(place) => {
            request.spec.if_lost = IfLost::Continue;
            request.after(place)
        }
        None => request,
    }));
    requests.extend(tending::following(config, state, trigger));
    requests.extend(rehearsal(config, state, trigger));
    requests
}

/// What a pull request makes of the configuration is told on it, whichever person opened it: what it brings along is only
/// read. Bots are not answered.
fn rehearsal(config: &Config, state: &State, trigger: &Trigger) -> Option<TaskRequest> {
    let About::Pull { pull, .. } = &trigger.about else { return None };
    let is_new = matches!(trigger.action.as_deref(), Some("opened" | "synchronize" | "reopened"));
    // Ours never touch it.
    let is_ours = state.issue_of_our_pull(pull.number).is_some();
    let is_wanted = is_new
        && !is_ours
        && pull.author.is_person()
        && config.pull_requests.rehearse
        && pull.state == OpenState::Open;
    let subject = Subject::Pull(pull.number);
    let people = [&trigger.actor, &pull.author];
    // What stands on a branch here somebody pushed who may write. In a fork others put there what they like, whoever opened a
    // pull request from it or opens it again.
    let by = if !pull.from_fork && people.iter().all(|actor| actor.is_person()) {
        people.map(|actor| actor.login.clone()).to_vec()
    } else {
        Vec::new()
    };
    let input = Rehearse { head: CommitId::new(pull.head_commit.clone()), base: pull.base.clone(), by };
    let input = Payload::of(&input).ok().filter(|_| is_wanted)?;
    let reason = format!("{subject} may change the configuration");
    let key = format!("rehearse {subject} {}", pull.head_commit);
    Some(TaskRequest::new(input::REHEARSE, subject, input, reason).unique(key).priority(COMMENT_PRIORITY))
}

fn ours(config: &Config, state: &State, trigger: &Trigger) -> Option<TaskRequest> {
    let rules = &config.pull_requests;
    match (&trigger.about, trigger.action.as_deref()) {
        (About::Review { pull, review }, Some("submitted")) => {
            let is_asked = review.state == CHANGES_REQUESTED && pull.state == OpenState::Open;
            state.issue_of_our_pull(pull.number).filter(|_| is_asked && rules.revisions > 0)?;
            let reason = format!("{} asks for changes in a review", review.author.login);
            revise(pull.number, Asking::Review { id: review.id }, reason)
        }
        (About::WorkflowRun { name, conclusion, head, branch, .. }, Some("completed")) => {
            let failed = conclusion.as_deref().is_some_and(has_failed);
            let branch =
                branch.as_deref().filter(|_| failed && rules.repair_checks && rules.revisions > 0)?;
            let is_open = |issue: &&crate::domain::state::IssueState| issue.fate.end.is_none();
            let pulls = state.issues.values().filter(is_open).filter_map(|issue| issue.pull_request.as_ref());
            let pull = pulls.into_iter().find(|pull| pull.branch == branch && pull.by.is_none())?.number;
            let commit = CommitId::new(head.clone());
            revise(pull, Asking::Checks { commit }, format!("the workflow {name} failed on {branch}"))
        }
        (About::Pull { pull, .. }, Some("closed" | "reopened")) => {
            let subject = Subject::Issue(state.issue_of_pull(pull.number)?);
            comment(subject, format!("the state of {} changed", trigger.subject))
        }
        _ => None,
    }
}

/// That somebody has to let the workflow runs of an agent's pull request run is said once.
fn unapproved(state: &State, trigger: &Trigger) -> Option<TaskRequest> {
    let About::WorkflowRun { name, branch: Some(branch), .. } = &trigger.about else { return None };
    let issue = state.issue_to_be_approved(branch).filter(|_| trigger.waits_for_approval())?;
    comment(Subject::Issue(issue), format!("the workflow {name} waits for approval on {branch}"))
}

/// What reviewers say of the pull request for an issue, and that workflows fail on it, is shown at once where a status comment
/// is.
fn shown(state: &State, trigger: &Trigger) -> Option<TaskRequest> {
    let (issue, reason) = match (&trigger.about, trigger.action.as_deref()) {
        (About::Review { pull, review }, Some("submitted" | "dismissed")) if review.author.is_person() => (
            state.issue_of_pull(pull.number)?,
            format!("{} reviewed {}", review.author.login, trigger.subject),
        ),
        (About::WorkflowRun { name, conclusion, branch: Some(branch), .. }, Some("completed")) => {
            let number = state.issue_of_branch(branch)?;
            let known = state.issues.get(&number)?.fate.workflows.as_ref();
            let was_red = known.is_some_and(|known| !known.failed.is_empty());
            let is_red = conclusion.as_deref().is_some_and(has_failed);
            (is_red || was_red).then(|| (number, format!("the workflow {name} has ended on {branch}")))?
        }
        _ => return None,
    };
    state.issues.get(&issue)?.status_comment.as_ref()?;
    comment(Subject::Issue(issue), reason)
}

/// The request that brings a status comment up to date, after everything else about its subject.
#[must_use]
pub fn comment(subject: Subject, reason: String) -> Option<TaskRequest> {
    let request = TaskRequest::new(input::COMMENT, subject, Payload::of(&Comment::default()).ok()?, reason);
    Some(request.unique(format!("comment {subject}")).priority(COMMENT_PRIORITY))
}

/// One revision is enough for all reviews that wait: it reads them when it runs.
fn revise(pull: IssueNumber, source: Asking, reason: String) -> Option<TaskRequest> {
    let subject = Subject::Pull(pull);
    let input = Payload::of(&Revise { source, asked_by: None }).ok()?;
    Some(TaskRequest::new(input::REVISE, subject, input, reason).unique(format!("revise {subject}")))
}
