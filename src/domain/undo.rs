//! Which effects are meant when something is to be undone: of a subject, a run, a task, or one of them.

use std::fmt;

use super::effect::{Effect, EffectKind};
use super::id::{EffectId, IssueNumber, RunId, TaskId};
use super::input;
use super::named::{Unclear, one_to_change};
use super::state::State;
use super::subject::Subject;
use super::task::Task;

mod past;
mod settled;

pub use past::Past;

/// A part of what was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// What a run did.
    Run(RunId),
    /// What a task did.
    Task(TaskId),
    /// One effect.
    Effect(EffectId),
}

impl Part {
    fn holds(&self, effect: &Effect) -> bool {
        match self {
            Self::Run(run) => effect.run == *run,
            Self::Task(task) => effect.intent.task == *task,
            Self::Effect(id) => effect.intent.effect == *id,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(run) => run.fmt(f),
            Self::Task(task) => task.fmt(f),
            Self::Effect(effect) => effect.fmt(f),
        }
    }
}

/// The number of an issue or a pull request, as people write it: `42`, `#42`.
#[must_use]
pub fn number(what: &str) -> Option<IssueNumber> {
    what.strip_prefix('#').unwrap_or(what).parse().ok().map(IssueNumber)
}

/// Whether `what` names the subject itself: `42`, `#42`, `issue/42`.
#[must_use]
pub fn names(what: &str, subject: Subject) -> bool {
    let number = number(what);
    what == subject.to_string() || (number.is_some() && number == subject.number())
}

/// The part of what was done that `what` names: a run or an effect by its whole id, a task by its id, by an unmistakable
/// beginning of it, or as `log` prints it in short; with a subject, a task of that one. A bare number is never a part: it
/// means an issue or a pull request.
///
/// # Errors
/// When it names none, or several tasks.
pub fn part(state: &State, subject: Option<Subject>, what: &str) -> Result<Part, Unclear> {
    let effect = EffectId::new(what);
    if state.effects.contains_key(&effect) {
        return Ok(Part::Effect(effect));
    }
    if state.effects.values().any(|effect| effect.run.as_str() == what) {
        return Ok(Part::Run(RunId::new(what)));
    }
    if what.is_empty() || number(what).is_some() {
        return Err(Unclear::Unknown);
    }
    let is_here = |task: &&Task| subject.is_none_or(|subject| task.spec.subject == subject);
    let task = one_to_change(state.tasks.values().filter(is_here), what);
    task.map(|task| Part::Task(task.id.clone()))
}

/// The part of what was done about the subject that is meant there; none when all of it is: nothing is named, or the
/// subject itself, or the pull request of the issue.
///
/// # Errors
/// As [`part`].
pub fn part_of(state: &State, subject: Subject, what: Option<&str>) -> Result<Option<Part>, Unclear> {
    let Some(what) = what.map(str::trim) else { return Ok(None) };
    let pull = subject.number().and_then(|number| state.issues.get(&number)?.pull_request.as_ref());
    let is_all = names(what, subject) || pull.is_some_and(|pull| names(what, Subject::Pull(pull.number)));
    if is_all { Ok(None) } else { part(state, Some(subject), what).map(Some) }
}

/// Whether there is nothing to take back, or it has a trash and a history of its own.
const fn is_left(kind: EffectKind) -> bool {
    matches!(
        kind,
        EffectKind::Reaction
            | EffectKind::Program
            | EffectKind::Slack
            | EffectKind::Webhook
            | EffectKind::CheckRun
            | EffectKind::DriveFile
            | EffectKind::DriveFolder
            | EffectKind::DriveShares
            | EffectKind::DriveIssue
            | EffectKind::DriveAccess
            | EffectKind::DriveItem
            | EffectKind::DriveLinks
            | EffectKind::DriveTree
    )
}

/// Effects about the subject that happened, are in view and were not taken back yet, the newest task's first; with a
/// part, only those of it. What was itself an undoing is not undone, and a reaction says what was so when it was put
/// there, and what lies in Drive has a trash of its own.
#[must_use]
pub fn effects<'a>(state: &'a State, subject: Subject, part: Option<&Part>) -> Vec<(&'a Effect, &'a Task)> {
    let earlier = settled::earlier(state, subject);
    let withdrawn =
        subject.number().and_then(|number| state.issues.get(&number)).is_some_and(|known| known.withdrawn);
    let mut found: Vec<(&Effect, &Task)> = state
        .effects
        .values()
        .filter(|effect| effect.receipt.is_some())
        .filter(|effect| !is_left(effect.intent.kind))
        .filter(|effect| !(withdrawn && effect.intent.kind == EffectKind::Comment))
        .filter(|effect| part.is_none_or(|part| part.holds(effect)))
        .filter_map(|effect| Some((effect, state.tasks.get(&effect.intent.task)?)))
        .filter(|(_, task)| task.spec.subject == subject && task.spec.kind.as_str() != input::UNDO)
        .filter(|(effect, task)| !earlier.iter().any(|undoing| undoing.settled(effect, task)))
        .collect();
    found.sort_by_key(|(_, task)| std::cmp::Reverse(task.enqueued));
    found
}
