//! What led to nothing, and what has left the present: the configuration and the history tell why.

use std::collections::BTreeSet;

use super::silence::{MEND, WAITS};
use super::{Answer, Present, Reasoned};
use crate::config::{self, Config, Lacking, Unmoved};
use crate::domain::event::Event;
use crate::domain::id::{IssueNumber, Sequence};
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::trigger::{About, IssueFacts, Trigger};
use crate::domain::undo::Past;
use crate::log::Envelope;
use crate::report::sentence;

/// Triggers that led to nothing and are explained: the newest.
const EXPLAINED: usize = 3;

/// What is said where the configuration cannot be asked.
pub(super) const UNSOUND: &str = "the configuration is unsound, and what it would do cannot be told";

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
    /// With what the configuration tells of silence: events that led to nothing, what was found and led to no label; and of
    /// what is asked about by `name`, why it is not a label here, or not assigned.
    #[must_use]
    pub fn with_silence(
        mut self,
        config: &Config,
        repository: &str,
        present: &Present<'_>,
        events: &[Envelope],
        name: Option<&str>,
    ) -> Self {
        let Some(number) = self.issue.map(IssueNumber) else { return self };
        let state = present.state;
        let known = state.issues.get(&number).and_then(|issue| issue.analysis.clone());
        let analysis = known.or_else(|| super::findings::last_analysis(state, number));
        let seen = events.iter().rev().find_map(seen);
        let analysis = analysis.as_ref();
        let lacking = Lacking { config, repository, state, number, seen, analysis, now: present.now };
        let asked = name.filter(|name| !self.tells(name));
        let is_found = |name: &str| self.findings.iter().any(|entry| entry.is_about(name));
        let mut unmoved = undone(&lacking, asked, &is_found);
        let silent = silent(events);
        unmoved.extend(silent.into_iter().rev().take(EXPLAINED).rev().filter_map(|(sequence, trigger)| {
            let because = config::why_nothing_followed(config, trigger);
            let what = format!("nothing followed from event {sequence}: {}", sentence::received(trigger));
            (!because.is_empty()).then_some(Unmoved { what, because })
        }));
        self.silence.extend(unmoved.into_iter().map(|Unmoved { what, because }| Reasoned { what, because }));
        self
    }

    /// With that nobody can tell what the configuration would do, because of what is wrong with it.
    #[must_use]
    pub fn unsound(mut self, problems: &[String]) -> Self {
        // An event that waits for a sound one tells already what is wrong.
        if self.silence.iter().any(|entry| entry.what.ends_with(WAITS)) {
            return self;
        }
        let because = problems.iter().cloned().chain([format!("what to do: {MEND}")]).collect();
        self.silence.push(Reasoned { what: UNSOUND.to_owned(), because });
        self
    }
}

/// Labels for what was found that are not set; and of what is `asked` about, and no change nor task tells, why it is not a label
/// here, or not assigned. What `is_found` takes may be something else altogether.
pub(super) fn undone(
    lacking: &Lacking<'_>,
    asked: Option<&str>,
    is_found: &dyn Fn(&str) -> bool,
) -> Vec<Unmoved> {
    let mut unmoved = lacking.unlabelled();
    let Some(name) = asked else { return unmoved };
    let is_told = unmoved.iter().any(|unmoved| unmoved.what.contains(&format!("`{name}`")));
    let issue = lacking.state.issues.get(&lacking.number);
    let is_ours = issue.is_some_and(|it| it.our_labels.contains(name) || it.refused_labels.contains(name));
    let of_label = if is_told || is_ours { Some(Vec::new()) } else { lacking.unlabelled_with(name) };
    let of_person = lacking.unassigned(name);
    if of_label.is_none() && of_person.is_none() && !is_found(name) {
        let what = format!("label `{name}` is not set");
        let because =
            vec!["nothing in the configuration sets it: neither `labels` nor a rule names it".to_owned()];
        unmoved.push(Unmoved { what, because });
    }
    unmoved.extend(of_label.into_iter().chain(of_person).flatten());
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
