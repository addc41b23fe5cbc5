//! What was changed outside, with the chain that led to each: the task, the tasks before it, the rule, the event.

use std::collections::BTreeSet;

use super::{Reasoned, story_line};
use crate::domain::effect::{EffectKind, Intent};
use crate::domain::event::{EffectCompleted, Event, TaskEnqueued};
use crate::domain::id::{EffectId, IssueNumber, Sequence, TaskId};
use crate::domain::payload::Payload;
use crate::domain::receipt::{self, Field, Rehearsed, Reviewers};
use crate::log::Envelope;
use crate::report::{receipt as told, sentence};
use crate::views::timeline;

/// Tasks of a chain that are told: longer ones are loops that the limits end.
const LONGEST: usize = 12;

/// What becomes of effects that found nothing to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Idle {
    /// They are told as well.
    Told,
    /// They are no changes.
    LeftOut,
}

/// Effects that happened, in the order in which they were announced.
pub(super) fn changes(events: &[Envelope], idle: Idle, is_meant: &dyn Fn(&Intent) -> bool) -> Vec<Reasoned> {
    let intents = events.iter().filter_map(|envelope| match &envelope.recorded.event {
        Event::EffectIntended(intent) if is_meant(intent) => Some(intent),
        _ => None,
    });
    let mut changes: Vec<Reasoned> = Vec::new();
    for intent in intents {
        let receipt = events.iter().find_map(|envelope| match &envelope.recorded.event {
            Event::EffectCompleted(done) if done.effect == intent.effect => Some((envelope, done)),
            _ => None,
        });
        let Some((envelope, done)) = receipt else { continue };
        let is_idle = intent.kind == EffectKind::Field && !has_changed(intent.kind, &done.receipt);
        if is_idle && idle == Idle::LeftOut {
            continue;
        }
        let mut because = chain(events, &intent.task);
        because.push(receipt_line(intent, envelope, done));
        let what = if is_idle {
            format!("no field was changed: {}", intent.detail)
        } else {
            words(intent, &done.receipt)
        };
        changes.push(Reasoned { what, because });
    }
    // An effect announced twice has one receipt.
    changes.dedup();
    changes
}

/// What was done elsewhere that made a number, or ended it.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// These effects.
    pub(super) effects: BTreeSet<EffectId>,
    /// The issue that they are about.
    pub(super) about: Option<IssueNumber>,
}

/// What opened or closed `number`, with the branch that a pull request comes from.
pub(super) fn made(events: &[Envelope], number: IssueNumber) -> Made {
    let receipts = || {
        events.iter().filter_map(|envelope| match &envelope.recorded.event {
            Event::EffectCompleted(done) => Some((envelope.recorded.stamp.subject, done)),
            _ => None,
        })
    };
    let mut made = Made::default();
    let mut branches = BTreeSet::new();
    for (subject, done) in receipts().filter(|(_, done)| timeline::makes(&done.receipt, number)) {
        made.effects.insert(done.effect.clone());
        made.about = made.about.or(subject.number());
        branches.extend(done.receipt.read::<receipt::PullRequest>().map(|pull| pull.branch));
    }
    for (_, done) in receipts().filter(|_| !branches.is_empty()) {
        let pushed = done.receipt.read::<receipt::Branch>();
        if pushed.is_ok_and(|pushed| branches.contains(&pushed.branch)) {
            made.effects.insert(done.effect.clone());
        }
    }
    made
}

/// Whether an effect has changed anything: what was as wanted already leaves a receipt as well.
pub(super) fn has_changed(kind: EffectKind, done: &Payload) -> bool {
    match kind {
        EffectKind::Field => {
            done.read().is_ok_and(|field: receipt::Field| field.set.is_some() || field.taken_back.is_some())
        }
        EffectKind::Issue => {
            done.read().is_ok_and(|issue: receipt::Issue| issue != receipt::Issue::default())
        }
        EffectKind::Assignees => {
            done.read().is_ok_and(|people: receipt::Assignees| people != receipt::Assignees::default())
        }
        EffectKind::Reviewers => {
            done.read().is_ok_and(|people: receipt::Reviewers| people != receipt::Reviewers::default())
        }
        _ => true,
    }
}

fn receipt_line(intent: &Intent, envelope: &Envelope, done: &EffectCompleted) -> String {
    let how = if done.adopted { "found done" } else { "done" };
    let place = envelope.recorded.stamp.sequence;
    format!("receipt at event {place}, {how}: {}", told::words(intent.kind, &done.receipt))
}

/// A change in words.
pub(super) fn words(intent: &Intent, done: &Payload) -> String {
    let Intent { target, detail, .. } = intent;
    match intent.kind {
        EffectKind::Labels => format!("labels {detail}"),
        EffectKind::Comment if done.read::<Rehearsed>().is_ok() => {
            "what its change of the configuration would have done was told".to_owned()
        }
        EffectKind::Comment => "the status comment was written".to_owned(),
        EffectKind::Assignees => format!("assigned {}", told::words(intent.kind, done)),
        EffectKind::Branch if detail.starts_with("delete ") => format!("deleted {target}"),
        EffectKind::PullRequest if detail.starts_with("close ") => format!("closed a pull request: {detail}"),
        EffectKind::Branch => format!("pushed {target}"),
        EffectKind::Commit => format!("pushed a commit to {target}"),
        EffectKind::PullRequest => format!("opened a pull request, {target}"),
        EffectKind::Merge => format!("merged {target}"),
        EffectKind::Answers => format!("answered threads of {target}"),
        EffectKind::DriveFile => format!("put a file into Drive: {detail}"),
        EffectKind::DriveFolder => format!("made a folder in Drive: {detail}"),
        EffectKind::DriveShares => format!("changed who has access in Drive: {detail}"),
        EffectKind::DriveIssue => format!("told of a change in Drive: {target}"),
        EffectKind::DriveAccess => format!("changed who has access in Drive: {detail}"),
        EffectKind::DriveItem => format!("put something in Drive in order: {detail}"),
        EffectKind::DriveLinks => format!("made shortcuts in Drive to {detail}"),
        EffectKind::DriveTree => format!("brought folders into step: {detail}"),
        EffectKind::Slack => format!("told Slack: {target}, {detail}"),
        EffectKind::Webhook => format!("told the webhook {target}: {detail}"),
        EffectKind::CheckRun => format!("brought the check of {target} up to date: {detail}"),
        EffectKind::Reaction => format!("reacted on comment {target}"),
        EffectKind::Program => format!("asked the plugin {target}"),
        EffectKind::Assistant if detail.starts_with(sentence::JUDGES) => format!("asked for a {detail}"),
        EffectKind::Assistant => format!("handed it to {detail}"),
        EffectKind::Reviewers if done.read().is_ok_and(|done: Reviewers| !done.removed.is_empty()) => {
            format!("no longer asked for a review: {detail}")
        }
        EffectKind::Reviewers => format!("asked for a review: {detail}"),
        EffectKind::Field if done.read().is_ok_and(|done: Field| done.taken_back.is_some()) => {
            format!("set a field back: {}", detail.trim_start_matches("take back "))
        }
        EffectKind::Field => format!("set a field: {detail}"),
        EffectKind::Issue => format!("changed the issue: {detail}"),
    }
}

/// Why there is this task: its reason, the tasks that it follows from, and the event that all of it goes back to.
pub(super) fn chain(events: &[Envelope], task: &TaskId) -> Vec<String> {
    let mut told = Vec::new();
    let mut next = enqueued(events, task);
    let (mut origin, mut last) = (None, None);
    while let Some((envelope, enqueued)) = next.take() {
        let link = if told.is_empty() { "task" } else { "it follows from task" };
        told.push(format!("{link} {} `{}`: {}", enqueued.task, enqueued.spec.kind, enqueued.spec.reason));
        (origin, last) = (envelope.recorded.stamp.correlation, Some(envelope));
        if told.len() < LONGEST {
            next = envelope.recorded.stamp.cause.and_then(|cause| before(events, cause, &enqueued.task));
        }
    }
    let origin = events.iter().find(|envelope| Some(envelope.recorded.stamp.sequence) == origin);
    // What nothing led to was asked for by hand.
    told.extend(origin.or(last).map(|origin| format!("event {}", story_line(origin))));
    told
}

/// The task whose event is the cause.
fn before<'a>(
    events: &'a [Envelope],
    cause: Sequence,
    task: &TaskId,
) -> Option<(&'a Envelope, &'a TaskEnqueued)> {
    let cause = events.iter().find(|envelope| envelope.recorded.stamp.sequence == cause)?;
    let before = cause.recorded.event.task().filter(|before| *before != task)?;
    enqueued(events, before)
}

fn enqueued<'a>(events: &'a [Envelope], task: &TaskId) -> Option<(&'a Envelope, &'a TaskEnqueued)> {
    events.iter().find_map(|envelope| match &envelope.recorded.event {
        Event::TaskEnqueued(enqueued) if enqueued.task == *task => Some((envelope, &**enqueued)),
        _ => None,
    })
}

/// What can be said of tasks that changed nothing, and are in view no more.
pub(super) fn came_to_nothing(events: &[Envelope], tasks: &BTreeSet<TaskId>) -> Vec<Reasoned> {
    let told = tasks.iter().filter_map(|task| {
        let (_, enqueued) = enqueued(events, task)?;
        let what = format!("task {task} `{}` changed nothing outside", enqueued.spec.kind);
        Some(Reasoned { what, because: chain(events, task) })
    });
    told.collect()
}
