//! `automata tasks add`: enqueues tasks, all of them or none.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use serde::Serialize;

use super::draft::{Draft, label};
use super::{Desk, find};
use crate::app::failure::Ended;
use crate::app::session::Session;
use crate::domain::command::{Command, Rejection};
use crate::domain::event::Event;
use crate::domain::id::{CommandId, Sequence, TaskId};
use crate::domain::spec::{Ending, IfLost, TaskRequest};
use crate::domain::state::State;
use crate::log::Envelope;

/// What became of a request.
#[derive(Serialize)]
struct Added {
    /// Its name in the file.
    name: Option<String>,
    /// The task that does it.
    task: TaskId,
    /// Whether that is an earlier task, which stands for both.
    existing: bool,
}

pub(super) async fn add(desk: &Desk, drafts: Vec<Draft>) -> Result<ExitCode, Ended> {
    let session = desk.session().await?;
    let gone = ended_long_ago(&session, &drafts).await?;
    let requests: Vec<TaskRequest> = {
        let state = session.state();
        drafts.iter().map(|draft| request(&state, &gone, draft)).collect::<Result<_, _>>()?
    };
    let refused = |rejection| refused(&rejection, &drafts);
    let command = session.submit(Command::Enqueue(requests.clone())).map_err(refused)?;
    session.flush().await?;
    // Another run may have been faster, and what was named may be gone.
    if let Some(rejection) = session.refusal(&command) {
        return Err(refused(rejection));
    }
    let state = session.state();
    let mut added = Vec::with_capacity(requests.len());
    for (place, (request, draft)) in requests.iter().zip(&drafts).enumerate() {
        let (task, existing) = became(&state, &command, place, request)
            .ok_or_else(|| Ended::bug(format!("{} became nothing", label(place, draft.name.as_deref()))))?;
        added.push(Added { name: draft.name.clone(), task, existing });
    }
    if desk.json {
        desk.terminal.json(&added).map_err(Ended::bug)?;
        return Ok(ExitCode::SUCCESS);
    }
    for (place, one) in added.iter().enumerate() {
        if one.existing {
            let label = label(place, one.name.as_deref());
            desk.terminal.note(&format!("{label}: task {} was there already and stands for it", one.task));
        }
        desk.terminal.data(one.task.as_str());
    }
    Ok(ExitCode::SUCCESS)
}

/// How tasks ended that are named by their whole ids and have left view: the log knows.
async fn ended_long_ago(session: &Session, drafts: &[Draft]) -> Result<BTreeMap<TaskId, Ending>, Ended> {
    let named: BTreeSet<TaskId> = {
        let state = session.state();
        let named = drafts.iter().flat_map(|draft| &draft.needs).map(|name| name.trim());
        let gone = named.filter(|name| name.contains('.') && find::task(&state, name).is_err());
        gone.map(TaskId::new).collect()
    };
    let mut gone = BTreeMap::new();
    if named.is_empty() {
        return Ok(gone);
    }
    let mut look = |envelope: Envelope| {
        let ending = match &envelope.recorded.event {
            Event::TaskCompleted(_) => Ending::Completed,
            Event::TaskFailed(_) => Ending::Failed,
            Event::TaskCancelled(_) => Ending::Cancelled,
            _ => return,
        };
        if let Some(task) = envelope.recorded.event.task().filter(|task| named.contains(task)) {
            gone.insert(task.clone(), ending);
        }
    };
    session.history(Sequence(1), &mut look).await?;
    Ok(gone)
}

/// The request of a draft, with the tasks that it names.
fn request(state: &State, gone: &BTreeMap<TaskId, Ending>, draft: &Draft) -> Result<TaskRequest, Ended> {
    let mut request = draft.request.clone();
    for named in &draft.needs {
        let in_field =
            |ended: Ended| Ended { message: format!("{}: {}", draft.after, ended.message), ..ended };
        let left = gone.get_key_value(&TaskId::new(named.trim()));
        let (needed, ending) = match left {
            Some((id, ending)) => (id, Some(*ending)),
            None => {
                let needed = find::task_to_change(state, named.trim()).map_err(in_field)?;
                (&needed.id, needed.status.ending().map(|(ending, _)| ending))
            }
        };
        let lost = match ending {
            Some(Ending::Failed) => "has failed",
            Some(Ending::Cancelled) => "was cancelled",
            _ => "",
        };
        if !lost.is_empty() && request.spec.if_lost != IfLost::Continue {
            return Err(in_field(Ended::usage(
                format!("task {needed} {lost} and will never be completed"),
                "Revive it first, or let this one go on without: `if_lost` is `continue`.",
            )));
        }
        // What has left view is over, and nothing waits for it.
        if left.is_none() {
            request.spec.depends_on.push(needed.clone());
        }
    }
    Ok(request)
}

fn refused(rejection: &Rejection, drafts: &[Draft]) -> Ended {
    match rejection {
        Rejection::Cycle(places) => {
            let name = |place: &usize| {
                let name = drafts.get(*place).and_then(|draft| draft.name.clone());
                name.unwrap_or_else(|| format!("task {}", place + 1))
            };
            let circle: Vec<String> = places.iter().chain(places.first()).map(name).collect();
            Ended::usage(
                format!("`after`: the tasks wait for each other: {}", circle.join(" -> ")),
                "Each stands before the one that it waits for. Take one `after` of the circle away.",
            )
        }
        bug @ Rejection::Impossible(_) => Ended::bug(bug.to_string()),
        other => Ended::usage(
            format!("{other}"),
            "Nothing was enqueued. `automata tasks list` shows what there is.",
        ),
    }
}

/// The task that a request became, and whether it was there before.
fn became(state: &State, command: &CommandId, place: usize, request: &TaskRequest) -> Option<(TaskId, bool)> {
    let own = TaskId::of(command, place + 1);
    if state.tasks.contains_key(&own) {
        return Some((own, false));
    }
    let taken = request.spec.idempotency.as_ref().and_then(|key| state.idempotency.get(key));
    if let Some(taken) = taken {
        return Some((taken.task.clone(), true));
    }
    // The one that waits for whatever this one would wait for.
    let same = request.after.iter().map(|before| TaskId::of(command, before + 1));
    let needs: Vec<TaskId> = same.chain(request.spec.depends_on.iter().cloned()).collect();
    let is_needed = |id: &TaskId| state.tasks.get(id).is_some_and(|task| !task.status.is_final());
    let alike = state.tasks.pending_like(&request.spec);
    let mut standing =
        alike.filter(|task| needs.iter().filter(|id| is_needed(id)).all(|id| task.needs.contains(id)));
    standing.next().map(|task| (task.id.clone(), true))
}
