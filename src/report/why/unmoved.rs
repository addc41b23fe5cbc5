//! What led to nothing, and what has left the present: the configuration and the history tell why.

use std::collections::BTreeSet;

use super::{Answer, Present, Reasoned};
use crate::config::{self, Config, Unmoved};
use crate::domain::event::Event;
use crate::domain::id::{IssueNumber, Sequence};
use crate::domain::state::{IssueState, State};
use crate::domain::subject::Subject;
use crate::domain::trigger::{About, IssueFacts, Trigger};
use crate::domain::undo::Past;
use crate::domain::verdict::Analysis;
use crate::log::Envelope;
use crate::report::sentence;

/// Triggers that led to nothing and are explained: the newest.
const EXPLAINED: usize = 3;

/// The present with what it has forgotten of whatever these events are about. Only to be looked at.
#[must_use]
pub fn recalled(state: &State, events: &[Envelope]) -> State {
    let mut whole = state.clone();
    let subjects: BTreeSet<Subject> = events.iter().map(|envelope| envelope.recorded.stamp.subject).collect();
    for subject in subjects {
        let mut past = Past::of(subject);
        events.iter().for_each(|envelope| past.take(&envelope.recorded));
        whole = past.beside(&whole);
    }
    whole
}

impl Answer {
    /// With what the configuration tells of silence: events that led to nothing, findings that are not sure enough; and of
    /// what is asked about by `name`, why it is not a label here.
    #[must_use]
    pub fn with_silence(
        mut self,
        config: &Config,
        present: &Present<'_>,
        events: &[Envelope],
        name: Option<&str>,
    ) -> Self {
        let Some(number) = self.issue.map(IssueNumber) else { return self };
        let known = present.state.issues.get(&number);
        let analysis = known.and_then(|issue| issue.analysis.clone());
        let analysis = analysis.or_else(|| super::findings::last_analysis(present.state, number));
        let asked = name.filter(|name| self.knows_nothing_of(name));
        let mut unmoved =
            of_labels(config, known, analysis.as_ref(), asked, &|| events.iter().rev().find_map(seen));
        let silent = silent(events);
        unmoved.extend(silent.into_iter().rev().take(EXPLAINED).rev().filter_map(|(sequence, trigger)| {
            let because = config::why_nothing_followed(config, trigger);
            let what = format!("nothing followed from event {sequence}: {}", sentence::received(trigger));
            (!because.is_empty()).then_some(Unmoved { what, because })
        }));
        self.silence.extend(unmoved.into_iter().map(|Unmoved { what, because }| Reasoned { what, because }));
        self
    }
}

/// Findings that are not sure enough for a label; and of what is `asked` about, and nothing is known of, why it is not a
/// label here.
pub(super) fn of_labels<'a>(
    config: &Config,
    known: Option<&IssueState>,
    analysis: Option<&Analysis>,
    asked: Option<&str>,
    seen: &dyn Fn() -> Option<&'a IssueFacts>,
) -> Vec<Unmoved> {
    let mut unmoved: Vec<Unmoved> =
        analysis.iter().flat_map(|analysis| config::below_threshold(config, analysis)).collect();
    let Some(name) = asked else { return unmoved };
    let is_set =
        known.is_some_and(|issue| issue.our_labels.contains(name) || issue.refused_labels.contains(name));
    let is_told = unmoved.iter().any(|unmoved| unmoved.what.contains(&format!("`{name}`")));
    if !is_set && !is_told {
        unmoved.extend(config::why_not_labelled(config, seen(), analysis, name));
    }
    unmoved
}

/// The issue as an event tells it.
fn seen(envelope: &Envelope) -> Option<&IssueFacts> {
    match &envelope.recorded.event {
        Event::TriggerReceived(trigger) => match &trigger.about {
            About::Issue { issue, .. } | About::Comment { issue, .. } => Some(issue),
            _ => None,
        },
        _ => None,
    }
}

/// Triggers that no task and no word followed from, and that wait for nothing.
fn silent(events: &[Envelope]) -> Vec<(Sequence, &Trigger)> {
    let causes: BTreeSet<Sequence> =
        events.iter().filter_map(|envelope| envelope.recorded.stamp.cause).collect();
    let held: BTreeSet<Sequence> = events
        .iter()
        .filter_map(|envelope| match &envelope.recorded.event {
            Event::TriggerHeld(held) => Some(held.trigger),
            _ => None,
        })
        .collect();
    let told = events.iter().filter_map(|envelope| match &envelope.recorded.event {
        Event::TriggerReceived(trigger) => Some((envelope.recorded.stamp.sequence, &**trigger)),
        _ => None,
    });
    told.filter(|(sequence, _)| !causes.contains(sequence) && !held.contains(sequence)).collect()
}

/// That something has left the present, and what closed it.
pub(super) fn gone(number: IssueNumber, events: &[Envelope]) -> Option<Reasoned> {
    let closed = events.iter().rev().find_map(|envelope| match &envelope.recorded.event {
        Event::TriggerReceived(trigger) if trigger.action.as_deref() == Some("closed") => {
            Some((envelope.recorded.stamp.sequence, trigger))
        }
        _ => None,
    });
    let (sequence, trigger) = closed?;
    let because = vec![
        format!("event {sequence}: {}", sentence::received(trigger)),
        "what is closed for long leaves the present; what stands here is read from the history".to_owned(),
    ];
    Some(Reasoned { what: format!("#{number} was closed, and is over"), because })
}
