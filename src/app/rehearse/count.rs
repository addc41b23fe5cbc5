//! What a side changed, from the receipts in its log.

use std::collections::BTreeMap;

use crate::domain::effect::{EffectKind, Intent};
use crate::domain::event::Event;
use crate::domain::id::EffectId;
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::rehearsal::{Side, Sort};
use crate::domain::subject::Subject;
use crate::log::Envelope;
use crate::report::sentence::JUDGES;

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
        _ => side.count(subject, Sort::Task, intent.detail.as_str()),
    }
}
