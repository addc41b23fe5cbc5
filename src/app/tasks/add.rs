//! `automata tasks add`: enqueues tasks, all of them or none.

use std::process::ExitCode;

use serde::Serialize;

use super::draft::{Draft, label};
use super::{Desk, find};
use crate::app::failure::Ended;
use crate::domain::command::{Command, Rejection};
use crate::domain::id::{CommandId, TaskId};
use crate::domain::spec::{Ending, IfLost, TaskRequest};
use crate::domain::state::State;

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
    let requests: Vec<TaskRequest> = {
        let state = session.state();
        drafts.iter().map(|draft| request(&state, draft)).collect::<Result<_, _>>()?
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

/// The request of a draft, with the tasks that it names.
fn request(state: &State, draft: &Draft) -> Result<TaskRequest, Ended> {
    let mut request = draft.request.clone();
    for named in &draft.needs {
        let in_field =
            |ended: Ended| Ended { message: format!("{}: {}", draft.after, ended.message), ..ended };
        let needed = find::task(state, named.trim()).map_err(in_field)?;
        let lost = match needed.status.ending() {
            Some((Ending::Failed, _)) => "has failed",
            Some((Ending::Cancelled, _)) => "was cancelled",
            _ => "",
        };
        if !lost.is_empty() && request.spec.if_lost != IfLost::Continue {
            return Err(in_field(Ended::usage(
                format!("task {} {lost} and will never be completed", needed.id),
                "Revive it first if it failed, or let this one go on without: `if_lost` is `continue`.",
            )));
        }
        request.spec.depends_on.push(needed.id.clone());
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
    let with_key = state.tasks.pending_with_key(request.spec.unique.as_ref()?);
    let mut standing =
        with_key.filter(|task| needs.iter().filter(|id| is_needed(id)).all(|id| task.needs.contains(id)));
    standing.next().map(|task| (task.id.clone(), true))
}
