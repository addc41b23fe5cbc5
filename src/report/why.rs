//! The answer to "why does this issue look as it does": from the event to the rule to the receipt.

use serde::Serialize;

use crate::domain::count::counted;
use crate::domain::effect::EffectKind;
use crate::domain::event::Event;
use crate::domain::id::{IssueNumber, Sequence};
use crate::domain::payload::Payload;
use crate::domain::room::Room;
use crate::domain::state::{Held, State};
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::log::Envelope;
use crate::report::{receipt, sentence};
use crate::views::board;

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The issue.
    pub issue: u64,
    /// What was found out about it, each with its reasons.
    pub findings: Vec<Reasoned>,
    /// What was changed outside, each with the task and the rule behind it.
    pub changes: Vec<Reasoned>,
    /// What was not done, or not yet, and why.
    pub silence: Vec<Reasoned>,
    /// The whole story, one sentence an event.
    pub story: Vec<String>,
}

/// Something and why it is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reasoned {
    /// What is so.
    pub what: String,
    /// Why, one sentence each.
    pub because: Vec<String>,
}

/// Explains an issue out of the present state and the events that belong to it. `room` is what the configuration allows
/// for each task.
#[must_use]
pub fn explain(
    state: &State,
    number: IssueNumber,
    events: &[Envelope],
    now: Timestamp,
    room: &dyn Fn(&Task) -> Room,
) -> Answer {
    let mut answer = Answer {
        issue: number.0,
        findings: findings(state, number),
        changes: changes(events),
        silence: silence(state, number, now, room),
        story: events.iter().map(story_line).collect(),
    };
    if events.is_empty() {
        let mut because = vec![
            "No event about it reached a run: the workflow may be missing its trigger, or GitHub dropped the run."
                .to_owned(),
        ];
        because.extend(meant_event(state, number));
        answer.silence.push(Reasoned { what: format!("nothing was ever recorded about #{number}"), because });
    }
    answer
}

/// As [`explain`], out of the part of a damaged log that can be read, which ends with event `last`.
#[must_use]
pub fn explain_up_to(
    last: Sequence,
    state: &State,
    number: IssueNumber,
    events: &[Envelope],
    now: Timestamp,
    room: &dyn Fn(&Task) -> Room,
) -> Answer {
    let mut answer = explain(state, number, events, now, room);
    if events.is_empty() {
        let mut because = vec!["What comes after it may be about the issue.".to_owned()];
        because.extend(meant_event(state, number));
        answer.silence =
            vec![Reasoned { what: format!("no event up to event {last} is about #{number}"), because }];
    }
    let what = format!("the log can only be read up to event {last}");
    answer
        .silence
        .insert(0, Reasoned { what, because: vec!["the error below says what is wrong there".to_owned()] });
    answer
}

/// What to say to somebody who took the number of an event for that of an issue.
fn meant_event(state: &State, number: IssueNumber) -> Option<String> {
    let is_event = (1..=state.sequence.0).contains(&number.0);
    is_event.then(|| {
        format!("{number} was taken for an issue's number; `automata show {number}` shows event {number}.")
    })
}

fn story_line(envelope: &Envelope) -> String {
    let stamp = &envelope.recorded.stamp;
    format!("{} {} {}", stamp.sequence, stamp.at, sentence::of(envelope))
}

fn findings(state: &State, number: IssueNumber) -> Vec<Reasoned> {
    let Some(analysis) = state.issues.get(&number).and_then(|issue| issue.analysis.as_ref()) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    if let Some(found) = &analysis.issue_type {
        let what = format!("it is a {} ({:.0}% sure)", found.value.name(), found.confidence * 100.0);
        findings.push(Reasoned { what, because: found.reasons.clone() });
    }
    if let Some(found) = &analysis.urgency {
        let what = format!("its urgency is {} ({:.0}% sure)", found.value.name(), found.confidence * 100.0);
        findings.push(Reasoned { what, because: found.reasons.clone() });
    }
    if let Some(report) = &analysis.security {
        let what = format!("it reports a weakness ({:.0}% sure)", report.confidence * 100.0);
        findings.push(Reasoned { what, because: report.reasons.clone() });
    }
    for need in &analysis.missing {
        findings
            .push(Reasoned { what: format!("it lacks {}", need.what), because: vec![need.reason.clone()] });
    }
    if let Some(found) = &analysis.duplicate {
        let what = format!("it repeats #{} ({:.0}% alike)", found.value, found.confidence * 100.0);
        findings.push(Reasoned { what, because: found.reasons.clone() });
    }
    for found in &analysis.labels {
        let what = format!("it belongs to `{}` ({:.0}% sure)", found.label, found.confidence * 100.0);
        findings.push(Reasoned { what, because: found.reasons.clone() });
    }
    for place in &analysis.places {
        let line = place.line.map(|line| format!(":{line}")).unwrap_or_default();
        let because = vec![format!("the text says {}", one_line(&place.mention, 120))];
        findings.push(Reasoned { what: format!("it is about {}{line}", place.path), because });
    }
    for owner in &analysis.owners {
        let what = format!("{} looks after it", owner.name);
        findings.push(Reasoned { what, because: vec![owner.reason.clone()] });
    }
    for similar in &analysis.similar {
        let because = vec![format!("both say {}", similar.shared.join(", "))];
        findings.push(Reasoned { what: format!("it is like #{}", similar.number), because });
    }
    findings
}

/// Effects that happened, with the chain that led to each: the task, its reason, and the event behind it.
fn changes(events: &[Envelope]) -> Vec<Reasoned> {
    let intents = events.iter().filter_map(|envelope| match &envelope.recorded.event {
        Event::EffectIntended(intent) => Some(intent),
        _ => None,
    });
    let mut changes: Vec<Reasoned> = Vec::new();
    for intent in intents {
        let receipt = events.iter().find_map(|envelope| match &envelope.recorded.event {
            Event::EffectCompleted(done) if done.effect == intent.effect => Some((envelope, done)),
            _ => None,
        });
        let Some((envelope, done)) = receipt else { continue };
        let is_set = |receipt: &Payload| {
            receipt.read().is_ok_and(|field: crate::domain::receipt::Field| field.set.is_some())
        };
        if intent.kind == EffectKind::Field && !is_set(&done.receipt) {
            continue;
        }
        let what = match intent.kind {
            EffectKind::Labels => format!("labels {}", intent.detail),
            EffectKind::Comment => "the status comment was written".to_owned(),
            EffectKind::Assignees => format!("assigned {}", receipt::words(intent.kind, &done.receipt)),
            EffectKind::Branch if intent.detail.starts_with("delete ") => {
                format!("deleted {}", intent.target)
            }
            EffectKind::PullRequest if intent.detail.starts_with("close ") => {
                format!("closed a pull request: {}", intent.detail)
            }
            EffectKind::Branch => format!("pushed {}", intent.target),
            EffectKind::Commit => format!("pushed a commit to {}", intent.target),
            EffectKind::PullRequest => format!("opened a pull request, {}", intent.target),
            EffectKind::Merge => format!("merged {}", intent.target),
            EffectKind::Answers => format!("answered threads of {}", intent.target),
            EffectKind::DriveFile => format!("put a file into Drive: {}", intent.detail),
            EffectKind::DriveFolder => format!("made a folder in Drive: {}", intent.detail),
            EffectKind::DriveShares => format!("changed who has access in Drive: {}", intent.detail),
            EffectKind::DriveIssue => format!("told of a change in Drive: {}", intent.target),
            EffectKind::DriveAccess => format!("changed who has access in Drive: {}", intent.detail),
            EffectKind::DriveItem => format!("put something in Drive in order: {}", intent.detail),
            EffectKind::DriveTree => format!("brought folders into step: {}", intent.detail),
            EffectKind::Slack => format!("told Slack: {} {}", intent.target, intent.detail),
            EffectKind::Webhook => format!("told the webhook {}: {}", intent.target, intent.detail),
            EffectKind::CheckRun => format!("brought the check of {} up to date", intent.target),
            EffectKind::Reaction => format!("reacted on comment {}", intent.target),
            EffectKind::Assistant => format!("handed it to {}", intent.detail),
            EffectKind::Reviewers => format!("asked for a review: {}", intent.detail),
            EffectKind::Field => format!("set a field: {}", intent.detail),
            EffectKind::Issue => format!("changed the issue: {}", intent.detail),
        };
        let mut because = Vec::new();
        let task = events.iter().find_map(|envelope| match &envelope.recorded.event {
            Event::TaskEnqueued(enqueued) if enqueued.task == intent.task => Some((envelope, enqueued)),
            _ => None,
        });
        if let Some((enqueued_at, enqueued)) = task {
            because
                .push(format!("task {} `{}`: {}", enqueued.task, enqueued.spec.kind, enqueued.spec.reason));
            let first = enqueued_at.recorded.stamp.correlation;
            let trigger = events.iter().find(|envelope| Some(envelope.recorded.stamp.sequence) == first);
            because.extend(trigger.map(|trigger| format!("event {}", story_line(trigger))));
        }
        let how = if done.adopted { "found done" } else { "done" };
        let place = envelope.recorded.stamp.sequence;
        because
            .push(format!("receipt at event {place}, {how}: {}", receipt::words(intent.kind, &done.receipt)));
        changes.push(Reasoned { what, because });
    }
    // An effect announced twice has one receipt.
    changes.dedup();
    changes
}

fn silence(
    state: &State,
    number: IssueNumber,
    now: Timestamp,
    room: &dyn Fn(&Task) -> Room,
) -> Vec<Reasoned> {
    let mut tasks: Vec<&Task> =
        state.tasks.values().filter(|task| task.spec.subject.number() == Some(number)).collect();
    tasks.sort_by_key(|task| task.enqueued);
    let rows = board::board(state, now, room).tasks;
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
    let about_tasks = tasks.iter().filter_map(|task| {
        let detail = rows.iter().find(|row| row.task == task.id.as_str())?.detail.clone();
        let mut because = vec![detail, format!("it exists because: {}", task.spec.reason)];
        let what = match &task.status {
            Status::Pending { .. } => format!("task {} `{}` is pending", task.id, task.spec.kind),
            Status::Running { .. } => format!("task {} `{}` is running", task.id, task.spec.kind),
            Status::Failed { failure, .. } => {
                because.extend(failure.hint.iter().map(|hint| format!("what to do: {hint}")));
                let attempts = counted(task.attempts, "attempt", "attempts");
                format!("task {} `{}` was given up after {attempts}", task.id, task.spec.kind)
            }
            Status::Cancelled { .. } => format!("task {} `{}` was cancelled", task.id, task.spec.kind),
            Status::Completed { output, .. } => {
                let note: Note = output.read().ok()?;
                because[0] = note.note;
                format!("task {} `{}` changed nothing", task.id, task.spec.kind)
            }
        };
        Some(Reasoned { what, because })
    });
    silence.extend(about_tasks);
    if let Some(issue) = state.issues.get(&number) {
        for label in &issue.refused_labels {
            let because = vec!["a person took it off".to_owned()];
            silence.push(Reasoned { what: format!("label `{label}` is not put back"), because });
        }
        for login in &issue.refused_assignees {
            let because = vec!["a person unassigned them".to_owned()];
            silence.push(Reasoned { what: format!("{login} is not assigned again"), because });
        }
    }
    silence
}

#[derive(serde::Deserialize)]
struct Note {
    note: String,
}

impl Answer {
    /// For a person.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("issue #{}", self.issue)];
        for (title, entries) in
            [("Found", &self.findings), ("Done", &self.changes), ("Not done", &self.silence)]
        {
            if !entries.is_empty() {
                lines.push(format!("\n{title}:"));
            }
            for entry in entries {
                lines.push(format!("- {}", entry.what));
                lines.extend(entry.because.iter().map(|reason| format!("    because {reason}")));
            }
        }
        if !self.story.is_empty() {
            lines.push("\nStory:".to_owned());
            lines.extend(self.story.iter().map(|line| format!("  {line}")));
        }
        lines
    }
}
