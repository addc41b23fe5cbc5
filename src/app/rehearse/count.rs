//! What a side changed, from the receipts in its log.

use std::collections::BTreeMap;

use crate::domain::effect::{EffectKind, Intent};
use crate::domain::event::Event;
use crate::domain::id::{EffectId, TaskId};
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::rehearsal::{Side, Sort};
use crate::domain::spec::TaskSpec;
use crate::domain::subject::Subject;
use crate::log::Envelope;
use crate::report::sentence::JUDGES;
use crate::tasks::THREAD;

/// Counts every effect that was brought to its end.
pub(super) fn effects(events: &[Envelope], side: &mut Side) {
    let mut intents: BTreeMap<&EffectId, &Intent> = BTreeMap::new();
    for envelope in events {
        let subject = envelope.recorded.stamp.subject;
        match &envelope.recorded.event {
            Event::EffectIntended(intent) => {
                intents.insert(&intent.effect, intent);
            }
            Event::EffectCompleted(completed) => {
                if let Some(intent) = intents.get(&completed.effect) {
                    effect(subject, intent, &completed.receipt, side);
                }
            }
            _ => {}
        }
    }
}

/// Counts what features suggested, each time that it became something else.
pub(super) fn suggestions(events: &[Envelope], side: &mut Side) {
    let mut standing: BTreeMap<&TaskId, TaskSpec> = BTreeMap::new();
    for envelope in events {
        let subject = envelope.recorded.stamp.subject;
        match &envelope.recorded.event {
            Event::TaskEnqueued(new) if new.spec.is_suggested() => {
                suggested(&new.spec).into_iter().for_each(|what| side.count(subject, Sort::Suggestion, what));
                standing.insert(&new.task, new.spec.clone());
            }
            Event::TaskAmended(amended) => {
                let Some(spec) = standing.get_mut(&amended.task) else { continue };
                let before = suggested(spec);
                if let Some(input) = &amended.input {
                    spec.input = input.clone();
                }
                let new = suggested(spec).into_iter().filter(|what| !before.contains(what));
                new.for_each(|what| side.count(subject, Sort::Suggestion, what));
            }
            // What was agreed to is done, and what goes on with it afterwards suggests nothing.
            Event::TaskClaimed(claimed) => {
                standing.remove(&claimed.task);
            }
            _ => {}
        }
    }
}

/// What a suggestion would do, in the words in which it would be counted.
fn suggested(spec: &TaskSpec) -> Vec<String> {
    let kind = spec.kind.as_str();
    let named: Option<Vec<String>> = match kind {
        input::LABEL => spec.input.read().ok().map(|wanted: input::Label| {
            let on = wanted.add.iter().map(|name| format!("label +{name}"));
            on.chain(wanted.remove.iter().map(|name| format!("label -{name}"))).collect()
        }),
        input::ASSIGN => spec.input.read().ok().map(|wanted: input::Assign| {
            wanted.logins.iter().map(|login| format!("assignment +{login}")).collect()
        }),
        input::SET_TYPE => {
            spec.input.read().ok().map(|wanted: input::SetType| vec![format!("type {}", wanted.name)])
        }
        input::SET_MILESTONE => spec
            .input
            .read()
            .ok()
            .map(|wanted: input::SetMilestone| vec![format!("milestone {}", wanted.title)]),
        _ => None,
    };
    named.filter(|named| !named.is_empty()).unwrap_or_else(|| vec![kind.replace('_', " ")])
}

fn effect(subject: Subject, intent: &Intent, receipt: &Payload, side: &mut Side) {
    match intent.kind {
        EffectKind::Labels => {
            let labels: receipt::Labels = receipt.read().unwrap_or_default();
            for label in &labels.added {
                side.count(subject, Sort::Label, format!("+{label}"));
            }
            for label in &labels.removed {
                side.count(subject, Sort::Label, format!("-{label}"));
            }
        }
        EffectKind::Assignees => {
            for who in intent.detail.split_whitespace() {
                let sign = if who.starts_with('-') { "" } else { "+" };
                side.count(subject, Sort::Assignment, format!("{sign}{who}"));
            }
        }
        EffectKind::Comment => side.count(subject, Sort::Comment, "status comment written"),
        EffectKind::Issue => {
            let set: receipt::Issue = receipt.read().unwrap_or_default();
            let named = [("type", set.issue_type), ("milestone", set.milestone)];
            for (what, name) in named.into_iter().filter_map(|(what, name)| Some((what, name?))) {
                side.count(subject, Sort::Field, format!("{what} {name}"));
            }
            for (what, is_so) in [
                ("closed", set.closed),
                ("reopened", set.reopened),
                ("no type", set.cleared),
                ("no milestone", set.unplanned),
            ] {
                if is_so {
                    side.count(subject, Sort::Field, what);
                }
            }
        }
        EffectKind::Assistant => {
            let who = intent.detail.strip_prefix(JUDGES).unwrap_or(&intent.detail);
            side.count(subject, Sort::Question, who);
        }
        EffectKind::Slack => side.count(subject, Sort::Message, message(intent)),
        EffectKind::Webhook => side.count(subject, Sort::Message, format!("call of {}", intent.target)),
        EffectKind::Reaction => side.count(subject, Sort::Reaction, intent.detail.as_str()),
        _ => side.count(subject, Sort::Task, intent.detail.as_str()),
    }
}

/// What would be said in Slack, by where. An edit names the message behind the channel.
fn message(intent: &Intent) -> String {
    let (channel, edited) = match intent.target.split_once('/') {
        Some((channel, _)) => (channel, true),
        None => (intent.target.as_str(), false),
    };
    let what = match (edited, intent.detail.starts_with(THREAD)) {
        (true, _) => "edit of the thread in",
        (false, true) => "thread in",
        (false, false) => "message to",
    };
    format!("{what} {channel}")
}
