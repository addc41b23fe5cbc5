//! What must hold when everything is done: of the forge, and between the forge and the log.

use std::collections::BTreeSet;

use automata::domain::effect::{Effect, EffectKind};
use automata::domain::id::{IssueNumber, Login};
use automata::domain::input;
use automata::domain::state::State;
use automata::domain::task::{Status, Task};
use automata::report::comment::Marker;

use super::forge::{Holdings, US};

/// What was allowed to go wrong.
#[derive(Clone, Copy)]
pub(super) struct Leniency {
    /// Runs that stood still for longer than their leases last: each may have written one comment too many, since
    /// nothing tells it that another run has taken over.
    pub(super) stood_still: usize,
}

/// Compares what the forge holds with what the log says.
pub(super) fn check(state: &State, holdings: &Holdings, leniency: Leniency) -> Result<(), String> {
    let cancelled: BTreeSet<IssueNumber> = {
        let tasks = state.tasks.values().filter(|task| matches!(task.status, Status::Cancelled { .. }));
        tasks.filter_map(|task| task.spec.subject.number()).collect()
    };
    check_tasks(state)?;
    check_comments(state, holdings, &cancelled, leniency)?;
    check_changes(state, holdings, !cancelled.is_empty())
}

fn check_tasks(state: &State) -> Result<(), String> {
    let is_open = |effect: &&Effect| {
        let completed = |task: &Task| matches!(task.status, Status::Completed { .. });
        effect.receipt.is_none() && state.tasks.get(&effect.intent.task).is_some_and(completed)
    };
    if let Some(open) = state.effects.values().find(is_open) {
        return Err(format!("effect {} was never closed", open.intent.effect));
    }
    match state.tasks.values().find(|task| is_given_up_too_soon(task)) {
        Some(task) => Err(format!("task {} was given up: {:?}", task.id, task.status)),
        None => Ok(()),
    }
}

/// Whether a task failed before it had all its attempts, and not because of one that it needs.
fn is_given_up_too_soon(task: &Task) -> bool {
    matches!(&task.status, Status::Failed { failure, .. }
        if task.attempts < task.spec.max_attempts && failure.code != "dependency_failed")
}

fn check_comments(
    state: &State,
    holdings: &Holdings,
    cancelled: &BTreeSet<IssueNumber>,
    leniency: Leniency,
) -> Result<(), String> {
    for (number, issue) in &state.issues {
        let comments = holdings.comments.values();
        let ours: Vec<&str> = comments
            .filter(|(on, comment)| *on == number.0 && comment.author.login == Login::new(US))
            .map(|(_, comment)| comment.body.as_str())
            .collect();
        let least = usize::from(issue.status_comment.is_some());
        // Who is called off may have written already, or write before it hears of it, and does not come to record it;
        // the next one that edits the comment deletes the copy.
        let called_off = |task: &&Task| {
            let is_cancelled = matches!(task.status, Status::Cancelled { .. }) && task.leases > 0;
            is_cancelled
                && task.spec.kind.as_str() == input::COMMENT
                && task.spec.subject.number() == Some(*number)
        };
        let most = least + state.tasks.values().filter(called_off).count() + leniency.stood_still;
        let are_marked = ours.iter().all(|body| Marker::find(body, *number).is_some());
        if !(least..=most).contains(&ours.len()) || !are_marked {
            return Err(format!("#{number} has {} status comments, not {least} to {most}", ours.len()));
        }
        if let (Some(pull), Some(body)) = (&issue.pull_request, ours.first())
            && !cancelled.contains(number)
            && !body.contains(&format!("Pull request: #{}", pull.number))
        {
            return Err(format!("the status comment of #{number} does not know its pull request"));
        }
    }
    Ok(())
}

fn check_changes(state: &State, holdings: &Holdings, is_any_cancelled: bool) -> Result<(), String> {
    let distinct = |kind: EffectKind, is_closed: bool| -> BTreeSet<&str> {
        let of_kind = state.effects.values().filter(|effect| effect.intent.kind == kind);
        let counted = of_kind.filter(|effect| !is_closed || effect.receipt.is_some());
        counted.map(|effect| effect.intent.target.as_str()).collect()
    };
    let counts = [
        ("branches", holdings.branches.len(), EffectKind::Branch),
        ("pull requests", holdings.pulls.len(), EffectKind::PullRequest),
    ];
    for (what, there, kind) in counts {
        let announced = distinct(kind, false).len();
        // What was announced by a task that was called off may not have come to be.
        let least = if is_any_cancelled { distinct(kind, true).len() } else { announced };
        if !(least..=announced).contains(&there) {
            return Err(format!("there are {there} {what}, and {least} to {announced} were announced"));
        }
    }
    let implemented = |task: &&Task| {
        let effects = || state.effects.values().filter(|effect| effect.intent.task == task.id);
        task.spec.kind.as_str() == "implement" && effects().any(|effect| effect.receipt.is_some())
    };
    let changes = state.tasks.values().filter(implemented).count();
    if holdings.branches.len() != changes && !is_any_cancelled {
        return Err(format!("{changes} changes made {} branches", holdings.branches.len()));
    }
    Ok(())
}
