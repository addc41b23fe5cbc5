//! Events that are worth no word, and still change what the first message of an issue's thread says.

use super::effect::EffectKind;
use super::event::{EffectCompleted, Event, Recorded};
use super::evolve::TITLE_WIDTH;
use super::id::TaskId;
use super::input;
use super::receipt;
use super::state::{IssueState, State};
use super::subject::Subject;
use super::task::{Status, Task};
use super::trigger::{About, Trigger};

/// What an event is about, when there is a thread of it whose first message may say something else from then on; `state` is how
/// things stood before it.
#[must_use]
pub fn changes(state: &State, recorded: &Recorded) -> Option<Subject> {
    let subject = match recorded.stamp.subject {
        Subject::Pull(pull) => state.issue_of_pull(pull).map_or(Subject::Pull(pull), Subject::Issue),
        other => other,
    };
    let known = state.issues.get(&subject.number()?).filter(|known| !known.threads.is_empty())?;
    let is_another = match &recorded.event {
        Event::TriggerReceived(trigger) => looks_otherwise(known, trigger),
        Event::SubjectPaused(_) | Event::SubjectResumed(_) => true,
        Event::EffectCompleted(done) => unassigns(state, done),
        Event::TaskCompleted(completed) => {
            let task = state.tasks.get(&completed.task)?;
            match task.spec.kind.as_str() {
                // What is taken back is shown no more, and shown again once it is read anew.
                input::UNDO => true,
                input::ANALYSE => known.withdrawn || follows_trouble(state, task),
                _ => follows_trouble(state, task),
            }
        }
        Event::TaskCancelled(cancelled) => followed(state, &cancelled.task),
        Event::TaskRevived(revived) => followed(state, &revived.task),
        _ => false,
    };
    is_another.then_some(subject)
}

/// Whether an issue has another title, other people, or its pull request is open again.
fn looks_otherwise(known: &IssueState, trigger: &Trigger) -> bool {
    match &trigger.about {
        About::Issue { issue, .. } | About::Comment { issue, .. } => {
            issue.title.one_line(TITLE_WIDTH) != known.title || issue.assignees != known.assignees
        }
        About::Pull { pull, .. } => {
            let is_ours = known.pull_request.as_ref().is_some_and(|ours| ours.number == pull.number);
            is_ours && known.fate.end.is_some() && trigger.action.as_deref() == Some("reopened")
        }
        _ => false,
    }
}

fn unassigns(state: &State, done: &EffectCompleted) -> bool {
    let Some(effect) = state.effects.get(&done.effect) else { return false };
    effect.intent.kind == EffectKind::Assignees
        && done.receipt.read().is_ok_and(|people: receipt::Assignees| !people.removed.is_empty())
}

fn followed(state: &State, task: &TaskId) -> bool {
    state.tasks.get(task).is_some_and(|task| follows_trouble(state, task))
}

/// Whether a task of that kind was given up, about the same thing: what comes of this one takes its place.
fn follows_trouble(state: &State, task: &Task) -> bool {
    let kind = &task.spec.kind;
    if input::is_telling(kind.as_str()) {
        return false;
    }
    let failed = |other: &Task| {
        other.spec.kind == *kind
            && other.spec.subject.number() == task.spec.subject.number()
            && matches!(other.status, Status::Failed { .. })
    };
    state.tasks.values().any(failed)
}
