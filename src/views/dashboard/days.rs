//! What happened on each of the last days, by the day in UTC on which it happened or was recorded.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::domain::effect::EffectKind;
use crate::domain::event::{Event, Recorded};
use crate::domain::id::EffectId;
use crate::domain::receipt;
use crate::domain::time::Timestamp;
use crate::domain::trigger::{About, Trigger};

const MILLIS_PER_DAY: i64 = 86_400_000;
/// Days shown: two months are what a trend needs and what fits a chart.
const DAYS_SHOWN: i64 = 60;
/// Days shown of a younger log, so that the first bar does not fill the chart.
const LEAST_DAYS: i64 = 14;
/// Letters of a date: `2026-11-22`.
const DATE: usize = 10;

/// One day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The date: `2026-11-22`.
    pub date: String,
    /// Issues that were opened.
    pub opened: u64,
    /// Issues that were closed.
    pub closed: u64,
    /// Pull requests of ours that were opened.
    pub pull_requests: u64,
    /// Pull requests that were merged.
    pub merged: u64,
    /// Tasks that were completed.
    pub completed: u64,
    /// Attempts that failed and were to be tried again.
    pub retried: u64,
    /// Tasks that were given up.
    pub failed: u64,
    /// What assistants cost, in millionths of a US dollar.
    pub micro_dollars: u64,
}

#[derive(Default)]
pub(super) struct Days {
    days: BTreeMap<i64, Day>,
    /// Pull requests that are about to be opened.
    opening: BTreeSet<EffectId>,
}

impl Days {
    pub(super) fn offer(&mut self, recorded: &Recorded) {
        let at = recorded.stamp.at;
        match &recorded.event {
            Event::TriggerReceived(trigger) => self.received(trigger),
            Event::TaskCompleted(_) => self.on(at).completed += 1,
            Event::TaskRetried(_) => self.on(at).retried += 1,
            Event::TaskFailed(_) => self.on(at).failed += 1,
            Event::AssistantAnswered(answered) => self.on(at).micro_dollars += answered.usage.micro_dollars,
            Event::EffectIntended(intent) if intent.kind == EffectKind::PullRequest => {
                self.opening.insert(intent.effect.clone());
            }
            Event::EffectCompleted(done) => {
                let is_opened = done.receipt.read::<receipt::PullRequest>().is_ok();
                if self.opening.remove(&done.effect) && is_opened {
                    self.on(at).pull_requests += 1;
                }
            }
            _ => {}
        }
    }

    fn received(&mut self, trigger: &Trigger) {
        match (&trigger.about, trigger.action.as_deref()) {
            (About::Issue { .. }, Some("opened")) => self.on(trigger.at).opened += 1,
            (About::Issue { .. }, Some("closed")) => self.on(trigger.at).closed += 1,
            (About::Pull { pull, .. }, Some("closed")) if pull.merged => self.on(trigger.at).merged += 1,
            _ => {}
        }
    }

    fn on(&mut self, at: Timestamp) -> &mut Day {
        self.days.entry(day(at)).or_default()
    }

    /// The last days up to `now`.
    pub(super) fn until(mut self, now: Timestamp) -> Vec<Day> {
        let last = day(now);
        let age = self.days.keys().next().map_or(0, |first| last - first + 1);
        let first = last + 1 - age.clamp(LEAST_DAYS, DAYS_SHOWN);
        let dated = |number: i64| {
            let date: String =
                Timestamp::from_millis(number * MILLIS_PER_DAY).to_string().chars().take(DATE).collect();
            Day { date, ..self.days.remove(&number).unwrap_or_default() }
        };
        (first..=last).map(dated).collect()
    }
}

const fn day(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(MILLIS_PER_DAY)
}
