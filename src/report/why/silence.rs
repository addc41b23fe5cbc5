//! What was not done, or not yet, and why.

use super::Reasoned;
use super::changes::has_changed;
use crate::domain::count::counted;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::input;
use crate::domain::room::Room;
use crate::domain::state::{Held, State};
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;
use crate::views::board;

/// What is said of an event that waits, after its place.
pub(super) const WAITS: &str = "waits for a sound configuration";
/// What to do about an unsound configuration.
pub(super) const MEND: &str =
    "mend .github/automata.yml (`automata check` explains it); the next run decides what follows";
/// What the reason of a task begins with.
pub(super) const EXISTS: &str = "it exists because: ";

/// What is about an issue or a pull request; of tasks those that `is_told` takes.
pub(super) fn silence(
    state: &State,
    number: IssueNumber,
    is_told: &dyn Fn(&Task) -> bool,
    now: Timestamp,
    room: &dyn Fn(&Task) -> Room,
) -> Vec<Reasoned> {
    let about = |held: &&Held| held.subject.number() == Some(number);
    let mut silence: Vec<Reasoned> = state
        .held
        .iter()
        .filter(|(_, held)| about(held))
        .map(|(sequence, held)| Reasoned {
            what: format!("event {sequence} {WAITS}"),
            because: vec![held.reason.clone(), format!("what to do: {MEND}")],
        })
        .collect();
    let about = |task: &Task| task.spec.subject.number() == Some(number) && is_told(task);
    silence.extend(of_tasks(state, &about, now, room));
    if let Some(issue) = state.issues.get(&number) {
        for label in &issue.refused_labels {
            let undone = issue.undone_labels.get(label);
            let because = vec![undone.map_or_else(|| "a person took it off".to_owned(), taken_back)];
            silence.push(Reasoned { what: format!("label `{label}` is not put back"), because });
        }
        for login in &issue.refused_assignees {
            let undone = issue.undone_assignees.get(login);
            let because = vec![undone.map_or_else(|| "a person unassigned them".to_owned(), taken_back)];
            silence.push(Reasoned { what: format!("{login} is not assigned again"), because });
        }
    }
    silence
}

/// That we took something away ourselves.
fn taken_back(by: &Login) -> String {
    format!("Automata took that back, as {by} asked by `undo`")
}

/// Tasks that changed nothing, or nothing yet, the oldest first.
pub(super) fn of_tasks(
    state: &State,
    is_meant: &dyn Fn(&Task) -> bool,
    now: Timestamp,
    room: &dyn Fn(&Task) -> Room,
) -> Vec<Reasoned> {
    let mut tasks: Vec<&Task> = state.tasks.values().filter(|task| is_meant(task)).collect();
    tasks.sort_by_key(|task| task.enqueued);
    let rows = board::board(state, now, room).tasks;
    let told = tasks.iter().filter_map(|task| {
        let detail = rows.iter().find(|row| row.task == task.id.as_str())?.detail.clone();
        let mut because = vec![detail, format!("{EXISTS}{}", task.spec.reason)];
        let what = match &task.status {
            Status::Pending { .. } => format!("task {} `{}` is pending", task.id, task.spec.kind),
            Status::Running { .. } => format!("task {} `{}` is running", task.id, task.spec.kind),
            Status::Failed { failure, .. } => {
                because.extend(failure.hint.iter().map(|hint| format!("what to do: {hint}")));
                let attempts = counted(task.attempts, "attempt", "attempts");
                format!("task {} `{}` was given up after {attempts}", task.id, task.spec.kind)
            }
            Status::Cancelled { .. } => format!("task {} `{}` was cancelled", task.id, task.spec.kind),
            Status::Completed { output, .. } if has_changed_something(state, task) => {
                let left = output.read::<Left>().ok().filter(|left| !left.is_empty())?;
                because = left.told();
                format!("task {} `{}` did not do all of it", task.id, task.spec.kind)
            }
            Status::Completed { output, .. } => {
                let note: Note = output.read().ok()?;
                because[0] = note.note;
                format!("task {} `{}` changed nothing", task.id, task.spec.kind)
            }
        };
        because.extend(wanted(task));
        Some(Reasoned { what, because })
    });
    told.collect()
}

/// Whether what came of a task is told as done.
fn has_changed_something(state: &State, task: &Task) -> bool {
    state
        .effects_of(&task.id)
        .any(|effect| effect.receipt.as_ref().is_some_and(|receipt| has_changed(effect.intent.kind, receipt)))
}

/// What a task was to do that can be asked about by name.
fn wanted(task: &Task) -> Option<String> {
    let input = &task.spec.input;
    let told = match task.spec.kind.as_str() {
        input::LABEL => {
            let wanted: input::Label = input.read().ok()?;
            let signed = |sign: char, names: &[String]| {
                names.iter().map(|name| format!("{sign}`{name}`")).collect::<Vec<_>>()
            };
            [signed('+', &wanted.add), signed('-', &wanted.remove)].concat().join(", ")
        }
        input::ASSIGN => {
            let wanted: input::Assign = input.read().ok()?;
            wanted.logins.iter().map(Login::as_str).collect::<Vec<_>>().join(", ")
        }
        _ => return None,
    };
    (!told.is_empty()).then(|| format!("what it is to change: {told}"))
}

/// What a task that changed something left undone.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Left {
    notes: Vec<String>,
    cannot_be_assigned: Vec<Login>,
}

impl Left {
    const fn is_empty(&self) -> bool {
        self.notes.is_empty() && self.cannot_be_assigned.is_empty()
    }

    fn told(self) -> Vec<String> {
        let nobody = |login: Login| format!("GitHub does not let {login} be assigned here");
        self.notes.into_iter().chain(self.cannot_be_assigned.into_iter().map(nobody)).collect()
    }
}

#[derive(serde::Deserialize)]
struct Note {
    note: String,
}
