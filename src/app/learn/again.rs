//! Learning on by itself: asks for it when people have corrected enough of what was learned, and tells how it stands.

use crate::app::session::Session;
use crate::config::{Config, Words};
use crate::domain::command::Command;
use crate::domain::count::counted;
use crate::domain::input::{self, Learn};
use crate::domain::payload::Payload;
use crate::domain::spec::{Priority, TaskRequest};
use crate::domain::state::State;
use crate::domain::subject::Subject;

/// After all that people wait for.
const PRIORITY: Priority = Priority::new(10);

/// Enqueues that types are learned anew, when it is time to. Nothing where nothing was learned, or it is being done already.
pub(in crate::app) fn ask(session: &Session, config: &Config) {
    let request = {
        let state = session.state();
        let Some(after) = config.triage.learn_after.filter(|_| state.learned.is_some()) else { return };
        let count = corrections(&state, config);
        let is_asked = || {
            state
                .tasks
                .values()
                .any(|task| task.spec.kind.as_str() == input::LEARN && !task.status.is_final())
        };
        if count < after as usize || is_asked() {
            return;
        }
        request(count)
    };
    let submitted = request.and_then(|request| session.submit(Command::Enqueue(vec![request])).ok());
    if submitted.is_none() {
        tracing::debug!("learning anew was asked for already");
    }
}

fn request(count: usize) -> Option<TaskRequest> {
    let reason = format!(
        "people corrected {} since something was learned last",
        counted(count, "type that was found", "types that were found")
    );
    let request = TaskRequest::new(input::LEARN, Subject::Repository, Payload::of(&Learn {}).ok()?, reason);
    Some(request.unique(input::LEARN).priority(PRIORITY))
}

fn corrections(state: &State, config: &Config) -> usize {
    // What cannot be read as a glob, checking the configuration refuses.
    let matcher = |set: &Words| {
        let glob = globset::GlobBuilder::new(set.as_str()).case_insensitive(true).build().ok()?;
        Some(glob.compile_matcher())
    };
    let sets: Vec<_> = config.triage.learn_sets.iter().filter_map(matcher).collect();
    let set_of = |label: &str| sets.iter().position(|set| set.is_match(label));
    state.learning.corrections(|of| config.labels.of_type.of(of), set_of)
}

/// How it stands with learning, a line; none where nothing was learned.
pub(in crate::app) fn told(state: &State, config: &Config) -> Option<String> {
    let learned = state.learned.as_ref()?;
    let types = if learned.rows.is_empty() { "labels" } else { "types" };
    let mut told = format!("{types} are learned from {}", learned.told("labelled issue"));
    let count = corrections(state, config);
    told.push_str(&match config.triage.learn_after {
        Some(after) => format!("; {count} of {after} corrections until they are learned anew"),
        None => format!("; {} since", counted(count, "correction", "corrections")),
    });
    if let Some(last) = &state.learning.last {
        told.push_str(&format!("; last, at {}: {}", last.at, last.told));
    }
    Some(told)
}
