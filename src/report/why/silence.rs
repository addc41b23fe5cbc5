//! What was not done, or not yet, and why.

use super::Reasoned;
use super::changes::has_changed;
use crate::domain::count::counted;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::room::Room;
use crate::domain::state::{Held, State};
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;
use crate::views::board;

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
            what: format!("event {sequence} waits for a sound configuration"),
            because: vec![
                held.reason.clone(),
                "what to do: mend .github/automata.yml (`automata check` explains it); the next run decides what follows"
                    .to_owned(),
            ],
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
            Status::Completed { .. } if has_changed_something(state, task) => return None,
            Status::Completed { output, .. } => {
                let note: Note = output.read().ok()?;
                because[0] = note.note;
                format!("task {} `{}` changed nothing", task.id, task.spec.kind)
            }
        };
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

#[derive(serde::Deserialize)]
struct Note {
    note: String,
}
