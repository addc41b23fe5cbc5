//! A run as spans: the run, each attempt at a task in it, and each effect of these.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::domain::event::{Event, Stamp, TaskClaimed};
use crate::domain::failure::Failure;
use crate::domain::id::{EffectId, RepositoryName, RunId, Sequence, TaskId};
use crate::domain::span::{Span, Trace};
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::log::Envelope;

/// Width of why something failed.
const WHY: usize = 200;

/// A run, and what is known of it beside its events.
pub struct Ran<'a> {
    /// Which.
    pub run: &'a RunId,
    /// Of which repository.
    pub repository: &'a RepositoryName,
    /// When it began and ended.
    pub time: (Timestamp, Timestamp),
    /// What it made durable.
    pub events: &'a [Envelope],
    /// What was so in the end: it knows the kinds of tasks that earlier runs enqueued.
    pub state: &'a State,
}

/// The trace of a run. Nothing in it was written by a person but the words of failures.
#[must_use]
pub fn of(ran: &Ran<'_>) -> Trace {
    let key = format!("{} {}", ran.repository, ran.run);
    let (begin, end) = ran.time;
    let root = span_id(&key);
    let mut attributes = vec![
        ("automata.run", ran.run.to_string()),
        ("automata.repository", ran.repository.to_string()),
        ("automata.events", ran.events.len().to_string()),
    ];
    attributes.extend(ran.events.iter().find_map(|event| match &event.recorded.event {
        Event::TriggerReceived(trigger) => Some(("automata.trigger", trigger.name())),
        _ => None,
    }));
    attributes.extend(
        ran.events
            .iter()
            .find(|event| matches!(event.recorded.event, Event::TriggerReceived(_)))
            .map(|event| ("automata.subject", event.recorded.stamp.subject.to_string())),
    );
    let run = Span { id: root, parent: None, name: "run".to_owned(), begin, end, attributes, failure: None };
    let mut weaver =
        Weaver { ran, key, root, spans: vec![run], open: BTreeMap::new(), effects: BTreeMap::new() };
    for envelope in ran.events {
        weaver.take_in(&envelope.recorded.stamp, &envelope.recorded.event);
    }
    weaver.spans.sort_by_key(|span| (span.parent.is_some(), span.begin));
    Trace { id: trace_id(&weaver.key), spans: weaver.spans }
}

struct Weaver<'a> {
    ran: &'a Ran<'a>,
    key: String,
    root: [u8; 8],
    spans: Vec<Span>,
    open: BTreeMap<TaskId, (u64, Timestamp)>,
    effects: BTreeMap<EffectId, (TaskId, u64, Sequence, Timestamp, String)>,
}

impl Weaver<'_> {
    fn take_in(&mut self, stamp: &Stamp, event: &Event) {
        match event {
            Event::TaskClaimed(TaskClaimed { task, lease, .. }) => {
                self.open.insert(task.clone(), (*lease, stamp.at));
            }
            Event::TaskCompleted(done) => self.ended(&done.task, stamp, "completed", None),
            Event::TaskRetried(again) => self.ended(&again.task, stamp, "retried", Some(&again.failure)),
            Event::TaskFailed(failed) => self.ended(&failed.task, stamp, "failed", Some(&failed.failure)),
            Event::TaskReleased(released) => self.ended(&released.task, stamp, "released", None),
            Event::TaskCancelled(cancelled) => self.ended(&cancelled.task, stamp, "cancelled", None),
            Event::EffectIntended(intent) => {
                let kind = serde_json::to_value(intent.kind).ok();
                let kind = kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or_default().to_owned();
                let open = (intent.task.clone(), intent.lease, stamp.sequence, stamp.at, kind);
                self.effects.insert(intent.effect.clone(), open);
            }
            Event::EffectCompleted(done) => {
                let Some((task, lease, _, begin, kind)) = self.effects.remove(&done.effect) else { return };
                let attributes = vec![
                    ("automata.run", self.ran.run.to_string()),
                    ("automata.task", task.to_string()),
                    ("automata.subject", stamp.subject.to_string()),
                    ("automata.effect", done.effect.to_string()),
                    ("automata.adopted", done.adopted.to_string()),
                ];
                let parent = self.attempt(&task, lease);
                let id = span_id(&format!("{} effect {} {lease}", self.key, done.effect));
                let (name, end) = (format!("effect {kind}"), stamp.at);
                let span = Span { id, parent: Some(parent), name, begin, end, attributes, failure: None };
                self.spans.push(span);
            }
            _ => {}
        }
    }

    fn attempt(&self, task: &TaskId, lease: u64) -> [u8; 8] {
        span_id(&format!("{} task {task} {lease}", self.key))
    }

    /// An attempt of this run is over; what was called off before it began took no time.
    fn ended(&mut self, task: &TaskId, stamp: &Stamp, outcome: &'static str, failure: Option<&Failure>) {
        let Some((lease, begin)) = self.open.remove(task) else { return };
        let kind = self.ran.state.tasks.get(task).map(|task| task.spec.kind.to_string());
        let kind = kind.unwrap_or_else(|| "unknown".to_owned());
        let mut attributes = vec![
            ("automata.run", self.ran.run.to_string()),
            ("automata.task", task.to_string()),
            ("automata.kind", kind.clone()),
            ("automata.subject", stamp.subject.to_string()),
            ("automata.lease", lease.to_string()),
            ("automata.outcome", outcome.to_owned()),
        ];
        attributes.extend(stamp.subject.number().map(|number| ("automata.issue", number.to_string())));
        attributes.extend(failure.map(|failure| ("error.type", failure.code.clone())));
        self.spans.push(Span {
            id: self.attempt(task, lease),
            parent: Some(self.root),
            name: format!("task {kind}"),
            begin,
            end: stamp.at,
            attributes,
            failure: failure.map(|failure| one_line(&failure.to_string(), WHY)),
        });
    }
}

fn span_id(text: &str) -> [u8; 8] {
    let mut id = [0; 8];
    id.copy_from_slice(&Sha256::digest(text)[..8]);
    id
}

fn trace_id(text: &str) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&Sha256::digest(text)[..16]);
    id
}
