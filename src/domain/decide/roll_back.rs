//! Taking back what was decided after some event: by further events of the sorts that there are, so that every program
//! that reads the log reads these.
//!
//! What is taken back is what was *decided* and still lies ahead: tasks that did not end, recurring tasks set by hand,
//! pauses, and whether features only suggest since they fell back. What *happened* stays known, or it would be done or told twice: triggers, receipts, what was spent.

use std::collections::BTreeMap;

use super::Decision;
use crate::domain::command::Rejection;
use crate::domain::event::{
    Event, FeatureChanged, ScheduleRemoved, ScheduleSet, SubjectPaused, SubjectResumed, TaskCancelled,
};
use crate::domain::feature::Feature;
use crate::domain::features::Standing;
use crate::domain::id::{IssueNumber, ScheduleName, Sequence};
use crate::domain::schedule::{Recurring, SetBy};
use crate::domain::spec::TaskRequest;
use crate::domain::state::{IssueState, State};
use crate::domain::subject::Subject;

/// What was so at some event, as far as it can be so again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollBack {
    /// The event.
    pub to: Sequence,
    /// The end of the log that this was planned for: where the log went on since, nothing is taken back.
    pub planned_at: Option<Sequence>,
    /// What undoes what was done outside since.
    pub undo: Vec<TaskRequest>,
    /// Why, for the reasons of what is taken back.
    pub reason: String,
    /// What came again and again then, set by hand; each with the time when it comes next from now on.
    pub schedules: BTreeMap<ScheduleName, Recurring>,
    /// What was paused then, and why.
    pub paused: BTreeMap<IssueNumber, String>,
    /// Why everything was paused then, if it was.
    pub everything: Option<String>,
    /// How features stood then, as far as anything was known of them.
    pub features: BTreeMap<Feature, Standing>,
}

impl RollBack {
    /// To what was so in `then`.
    #[must_use]
    pub fn to(then: &State, reason: String) -> Self {
        let by_hand = then.schedules.iter().filter(|(_, known)| known.schedule.set_by == SetBy::Hand);
        let paused = then.issues.iter().filter_map(|(number, issue)| Some((*number, issue.paused.clone()?)));
        Self {
            to: then.sequence,
            planned_at: None,
            undo: Vec::new(),
            reason,
            schedules: by_hand.map(|(name, known)| (name.clone(), known.clone())).collect(),
            paused: paused.collect(),
            everything: then.paused.clone(),
            features: then.features.clone(),
        }
    }
}

impl Decision<'_> {
    pub(super) fn roll_back(&mut self, wanted: &RollBack) -> Result<(), Rejection> {
        if wanted.to > self.state.sequence {
            return Err(Rejection::NotThere(wanted.to));
        }
        if wanted.planned_at.is_some_and(|planned| planned != self.state.sequence) {
            return Err(Rejection::WentOn(self.state.sequence));
        }
        let state = self.state;
        // Whatever one of them needs or leads to came later still, and is among them.
        let mut since: Vec<_> = state
            .tasks
            .values()
            .filter(|task| task.enqueued > wanted.to && !task.status.is_final())
            .collect();
        since.sort_by_key(|task| task.enqueued);
        for task in since {
            self.lost.insert(task.id.clone());
            let cancelled = TaskCancelled { task: task.id.clone(), reason: wanted.reason.clone() };
            self.about(task, Event::TaskCancelled(cancelled));
        }
        for (name, known) in &state.schedules {
            if known.schedule.set_by == SetBy::Hand && !wanted.schedules.contains_key(name) {
                let removed = ScheduleRemoved { name: name.clone(), reason: wanted.reason.clone() };
                self.alone(Event::ScheduleRemoved(removed));
            }
        }
        for (name, then) in &wanted.schedules {
            // One of that name in the configuration is the configuration's to keep.
            let now = state.schedules.get(name);
            if now.is_none_or(|now| now.schedule.set_by == SetBy::Hand && now.schedule != then.schedule) {
                let (name, schedule) = (name.clone(), then.schedule.clone());
                self.alone(Event::ScheduleSet(Box::new(ScheduleSet { name, schedule, next: then.next })));
            }
        }
        for (number, issue) in &state.issues {
            self.paused_as(
                subject(*number, issue),
                issue.paused.is_some(),
                wanted.paused.get(number),
                wanted,
            );
        }
        self.paused_as(Subject::Repository, state.paused.is_some(), wanted.everything.as_ref(), wanted);
        for feature in Feature::ALL {
            self.feature_as(feature, wanted);
        }
        self.enqueue(&wanted.undo, None, None)
    }

    /// Has something paused or go on, as it was then.
    fn paused_as(&mut self, subject: Subject, is_paused: bool, then: Option<&String>, wanted: &RollBack) {
        match (is_paused, then) {
            (true, None) => {
                let reason = wanted.reason.clone();
                self.said(subject, Event::SubjectResumed(SubjectResumed { reason }));
            }
            (false, Some(then)) => {
                self.said(subject, Event::SubjectPaused(SubjectPaused { reason: then.clone() }));
            }
            _ => {}
        }
    }

    /// Has a feature stand as it did then. What it did and failed at happened, and stays counted, unless it is one that goes on
    /// now: it must not fall back again over the same.
    fn feature_as(&mut self, feature: Feature, wanted: &RollBack) {
        let of = |standing: Option<&Standing>| {
            let fallen = standing.and_then(|standing| standing.fallen.as_ref());
            (standing.and_then(|it| it.paused.clone()), fallen.map(|it| it.reason.clone()))
        };
        let (paused, fallen) = of(self.state.features.get(&feature));
        let (was_paused, had_fallen) = of(wanted.features.get(&feature));
        let because = |reason: &String| FeatureChanged { feature, reason: reason.clone() };
        match (paused, &was_paused) {
            (Some(_), None) => self.alone(Event::FeatureResumed(because(&wanted.reason))),
            (None, Some(then)) => self.alone(Event::FeaturePaused(because(then))),
            _ => {}
        }
        match (fallen, &had_fallen) {
            (Some(_), None) => self.alone(Event::FeatureRestored(because(&wanted.reason))),
            (None, Some(then)) => self.alone(Event::FeatureFellBack(because(then))),
            _ => {}
        }
    }
}

const fn subject(number: IssueNumber, issue: &IssueState) -> Subject {
    if issue.is_pull { Subject::Pull(number) } else { Subject::Issue(number) }
}
