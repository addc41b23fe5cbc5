//! How events change the state: one function for the live run and for replay.

use std::collections::{BTreeMap, BTreeSet};

use super::actor::ActorKind;
use super::event::{Event, Recorded, Stamp, TriggerHeld, TriggerSettled};
use super::features;
use super::id::{EffectId, IssueNumber, Login, ScheduleName, TaskId};
use super::landmark;
use super::state::{Asked, Aspect, Fate, Held, IssueState, Seen, State};
use super::task::Task;
use super::time::Timestamp;
use super::trigger::{About, Change, Trigger};
use super::untrusted::Excerpt;
use super::usage::Usage;
use super::verdict::Analysis;

mod approval;
mod drive;
mod effects;
mod fate;
mod learning;
mod queue;
mod sight;
mod words;

use sight::{Age, Sight};

/// An event that cannot follow from what was before it. Only a damaged or forged log has one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IllegalEvent {
    /// The event does not stand at the next place.
    #[error("event {found} follows event {last}")]
    Gap {
        /// The last event's place.
        last: u64,
        /// The place of this one.
        found: u64,
    },
    /// The task is not there.
    #[error("event {sequence} changes task {task}, which is not there")]
    UnknownTask {
        /// The event's place.
        sequence: u64,
        /// The task it names.
        task: TaskId,
    },
    /// The task is not in a state in which this can happen.
    #[error("event {sequence} changes task {task} in a way that its status ({status}) does not allow")]
    Transition {
        /// The event's place.
        sequence: u64,
        /// The task it names.
        task: TaskId,
        /// The task's status.
        status: &'static str,
    },
    /// The recurring task is not there.
    #[error("event {sequence} changes schedule {schedule}, which is not there")]
    UnknownSchedule {
        /// The event's place.
        sequence: u64,
        /// The schedule it names.
        schedule: ScheduleName,
    },
    /// The trigger does not wait, or is not the one that was just received.
    #[error("event {sequence} holds or settles event {trigger}, which is not there to be")]
    NotHeld {
        /// The event's place.
        sequence: u64,
        /// The place that it names.
        trigger: u64,
    },
    /// The effect is not there.
    #[error("event {sequence} changes effect {effect}, which is not there")]
    UnknownEffect {
        /// The event's place.
        sequence: u64,
        /// The effect it names.
        effect: EffectId,
    },
}

/// Places between two clean-ups of the state, which wait for the end of a reviving: often enough to keep snapshots small, seldom enough to cost
/// nothing. Part of the fold: changing it changes what a snapshot holds.
const FORGET_EVERY: u64 = 256;

/// Titles are kept for lists; this is as wide as lists get.
pub const TITLE_WIDTH: usize = 100;

impl State {
    /// Folds in the next event.
    ///
    /// # Errors
    /// [`IllegalEvent`] when it cannot follow; the state is unchanged then.
    pub fn apply(&mut self, recorded: &Recorded) -> Result<(), IllegalEvent> {
        let Recorded { stamp, event } = recorded;
        if stamp.sequence != self.sequence.next() {
            return Err(IllegalEvent::Gap { last: self.sequence.0, found: stamp.sequence.0 });
        }
        let results = features::results(self, recorded);
        let passed = landmark::of(self, recorded);
        match event {
            Event::TriggerReceived(trigger) => {
                self.note_correction(trigger);
                self.received(stamp, trigger);
                self.heed_approval(trigger);
            }
            Event::TriggerHeld(held) => self.hold(stamp, held)?,
            Event::TriggerSettled(settled) => self.settled(stamp, settled)?,
            // What was forgotten is gone from the events themselves.
            Event::TriggerRefused(_)
            | Event::OutcomeIgnored(_)
            | Event::TextForgotten(_)
            | Event::Used(_)
            | Event::Sealed(_) => {}
            Event::TaskEnqueued(enqueued) => {
                let asked_anew = self.not_awaited_yet(&enqueued.spec.awaits);
                self.enqueued(stamp, enqueued)?;
                self.forget_approvers(&asked_anew);
            }
            Event::CommandGranted(judged) => self.heard(stamp, judged, true),
            Event::CommandRefused(judged) => self.heard(stamp, judged, false),
            Event::AccessGranted(judged) => self.weighed(stamp, judged, true),
            Event::AccessRefused(judged) => self.weighed(stamp, judged, false),
            Event::CommandAnswered(answered) => self.answered(stamp, answered),
            Event::SubjectPaused(paused) => self.pause(stamp, Some(&paused.reason)),
            Event::SubjectResumed(_) => self.pause(stamp, None),
            Event::FeaturePaused(changed)
            | Event::FeatureResumed(changed)
            | Event::FeatureFellBack(changed)
            | Event::FeatureRestored(changed) => self.feature_changed(stamp, event, changed),
            Event::EffectIntended(intent) => self.effect_intended(stamp, intent)?,
            Event::EffectCompleted(completed) => self.effect_completed(stamp, completed)?,
            Event::AssistantAnswered(answered) => self.attempted(stamp, answered)?,
            Event::TaskAmended(amended) => {
                let awaits =
                    amended.terms.as_deref().map(|terms| terms.awaits.as_slice()).unwrap_or_default();
                let asked_anew = self.not_awaited_yet(awaits);
                self.amended(stamp, amended)?;
                self.forget_approvers(&asked_anew);
            }
            Event::TaskProgressed(progressed) => self.progressed(stamp, progressed)?,
            Event::FactObserved(observed) => {
                self.observed(observed.fact);
                self.forget_approvers(&[observed.fact]);
            }
            Event::ScheduleSet(set) => self.schedule_set(set),
            Event::ScheduleRemoved(removed) => {
                self.schedules.remove(&removed.name);
            }
            Event::ScheduleFired(fired) => self.schedule_fired(stamp, fired)?,
            Event::RepositoryReconciled(reconciled) => {
                self.reconciled = self.reconciled.max(Some(reconciled.until));
                self.repository = self.repository.take().or_else(|| reconciled.repository.clone());
                if let Some(lists) = &reconciled.lists {
                    self.lists.clone_from(lists);
                }
            }
            Event::ModelLearned(learned) => self.judges(Some(learned.clone())),
            Event::DriveRead(read) => self.watched.read(read, stamp.at),
            Event::DriveChanged(changed) => self.drive_changed(changed),
            Event::DriveUsed(used) => self.drive_used(stamp, used),
            Event::ModelSetAside(_) => self.judges(None),
            Event::TaskClaimed(_)
            | Event::TaskCompleted(_)
            | Event::TaskRetried(_)
            | Event::TaskFailed(_)
            | Event::TaskReleased(_)
            | Event::TaskCancelled(_)
            | Event::TaskRevived(_) => {
                self.transition(stamp, event)?;
                self.learned_again(stamp, event);
            }
        }
        if let Some((number, landmark)) = passed {
            self.pass(number, landmark);
        }
        for (feature, result) in results {
            self.features.entry(feature).or_default().count(result, stamp.at);
        }
        if self.sequence.0 == 0 {
            self.began = stamp.at;
        }
        self.sequence = stamp.sequence;
        self.at = self.at.max(stamp.at);
        self.tasks.advance(self.at);
        self.is_untidy |= stamp.sequence.0.is_multiple_of(FORGET_EVERY);
        // Who revives decides about many ended tasks at once: each of them must be there when its turn comes.
        if self.is_untidy && !matches!(event, Event::TaskRevived(_)) {
            self.is_untidy = false;
            self.forget();
        }
        Ok(())
    }

    fn hold(&mut self, stamp: &Stamp, held: &TriggerHeld) -> Result<(), IllegalEvent> {
        if held.trigger.next() != stamp.sequence {
            return Err(IllegalEvent::NotHeld { sequence: stamp.sequence.0, trigger: held.trigger.0 });
        }
        let waits = Held { subject: stamp.subject, reason: held.reason.clone(), at: stamp.at };
        self.held.insert(held.trigger, waits);
        Ok(())
    }

    fn settled(&mut self, stamp: &Stamp, settled: &TriggerSettled) -> Result<(), IllegalEvent> {
        let not_held = IllegalEvent::NotHeld { sequence: stamp.sequence.0, trigger: settled.trigger.0 };
        self.held.remove(&settled.trigger).map(drop).ok_or(not_held)
    }

    fn received(&mut self, stamp: &Stamp, trigger: &Trigger) {
        self.triggers.insert(trigger.identity.clone(), Seen { sequence: stamp.sequence, at: stamp.at });
        self.counts.set_off(stamp.sequence, &trigger.actor);
        if let Some(writer) = trigger.writer() {
            self.counts.wrote(stamp.sequence, writer);
        }
        match &trigger.about {
            About::Issue { issue, change } => {
                let gone = matches!(trigger.action.as_deref(), Some("deleted" | "transferred"));
                self.settle(issue.number, &issue.title, trigger);
                let (state, age) = self.see(&Sight::of_issue(issue), trigger);
                if gone {
                    state.closed_at = state.closed_at.or(Some(trigger.at));
                }
                if let Some(change) = change {
                    state.heed(trigger, change, age);
                }
            }
            About::Comment { issue, comment } => {
                let (state, _) = self.see(&Sight::of_issue(issue), trigger);
                state.heed_answer(trigger, &comment.author.login);
                // Where there is something to say again, it is said in a new one.
                let is_gone = trigger.action.as_deref() == Some("deleted");
                state.status_comment.take_if(|ours| is_gone && ours.id == comment.id);
            }
            About::Pull { pull, change } => {
                self.settle(pull.number, &pull.title, trigger);
                let (state, age) = self.see(&Sight::of_pull(pull, trigger), trigger);
                if let Some(change) = change {
                    state.heed(trigger, change, age);
                }
                if age == Age::Newest {
                    self.settle_fate(stamp.at, trigger, pull);
                }
            }
            About::Review { pull, review } => {
                self.see(&Sight::of_pull(pull, trigger), trigger);
                self.heed_review(trigger, pull.number, review);
            }
            About::ReviewComment { pull, .. } => {
                self.see(&Sight::of_pull(pull, trigger), trigger);
            }
            About::WorkflowRun { branch: Some(branch), .. } => {
                if trigger.waits_for_approval() {
                    self.unapproved(branch, trigger.at);
                }
                self.heed_workflow(&trigger.about);
            }
            _ => {}
        }
    }

    /// Notes what a person settles: a title, whether it is open, whether it is a draft. To be called before the
    /// trigger is taken in.
    fn settle(&mut self, number: IssueNumber, title: &Excerpt, trigger: &Trigger) {
        let Some(known) = self.issues.get_mut(&number).filter(|_| trigger.actor.is_person()) else { return };
        let aspect = match trigger.action.as_deref() {
            Some("edited") if known.title != title.one_line(TITLE_WIDTH) => Aspect::Title,
            Some("closed" | "reopened") => Aspect::State,
            Some("converted_to_draft" | "ready_for_review") => Aspect::Draft,
            _ => return,
        };
        known.settled.insert(aspect);
    }
}

fn not_now(stamp: &Stamp, task: &Task) -> IllegalEvent {
    IllegalEvent::Transition { sequence: stamp.sequence.0, task: task.id.clone(), status: task.status.name() }
}

impl IssueState {
    fn new(sight: &Sight<'_>) -> Self {
        Self {
            is_pull: sight.is_pull,
            title: sight.title.one_line(TITLE_WIDTH),
            text: sight.text.map(Excerpt::digest),
            written: sight.written.cloned(),
            author: sight.author.clone(),
            closed_at: None,
            merged: false,
            updated_at: sight.at,
            machines: <_>::default(),
            approvers: Vec::new(),
            paused: None,
            duplicate_of: None,
            heard: BTreeMap::new(),
            weighed: Vec::new(),
            answer: None,
            withdrawn: false,
            settled: BTreeSet::new(),
            had_ours: BTreeSet::new(),
            fields_set: BTreeSet::new(),
            labels: sight.labels.iter().cloned().collect(),
            our_labels: BTreeSet::new(),
            asked_labels: BTreeSet::new(),
            refused_labels: BTreeSet::new(),
            undone_labels: BTreeMap::new(),
            assignees: Vec::new(),
            our_assignees: BTreeSet::new(),
            type_is_theirs: false,
            asked: None,
            refused_assignees: BTreeSet::new(),
            undone_assignees: BTreeMap::new(),
            analysis: None,
            status_comment: None,
            pull_request: None,
            threads: BTreeMap::new(),
            check: None,
            folder: None,
            left: Vec::new(),
            collected: Vec::new(),
            fate: Fate::default(),
            usage: Usage::default(),
            plugins: BTreeMap::new(),
            rules: BTreeSet::new(),
            landmarks: Vec::new(),
        }
    }

    /// Whatever the reporter says after something was asked is their answer: a person reads it, and nobody is asked twice.
    fn heed_answer(&mut self, trigger: &Trigger, author: &Login) {
        let is_new = matches!(trigger.action.as_deref(), Some("created" | "edited"));
        if let Some(asked) = self.asked.as_mut().filter(|_| is_new && *author == self.author)
            && asked.answered.is_none()
            && trigger.at >= asked.at
        {
            asked.answered = Some(trigger.at);
        }
    }

    /// Takes in what an analysis found.
    fn analysed(&mut self, analysis: Analysis, at: Timestamp) {
        match &mut self.asked {
            None if !analysis.missing.is_empty() => {
                self.asked = Some(Asked { at, answered: None, reminded: None });
            }
            Some(asked) if analysis.missing.is_empty() => asked.answered = asked.answered.or(Some(at)),
            _ => {}
        }
        self.analysis = Some(analysis);
    }

    /// Remembers what a person wants: what they took away stays away, what they bring back may stay. A
    /// telling that was overtaken takes away but brings nothing back: in doubt, hands off.
    fn heed(&mut self, trigger: &Trigger, change: &Change, age: Age) {
        if trigger.actor.kind != ActorKind::Person {
            return;
        }
        match (trigger.action.as_deref(), change) {
            (Some("unlabeled"), Change::Label(name)) => {
                self.our_labels.remove(name);
                self.forget_asked(std::slice::from_ref(name));
                self.undone_labels.remove(name);
                self.refused_labels.insert(name.clone());
            }
            (Some("labeled"), Change::Label(name)) if age == Age::Newest => {
                self.refused_labels.remove(name);
            }
            (Some("typed" | "untyped"), Change::Type(_)) => self.type_is_theirs = true,
            (Some("milestoned" | "demilestoned"), Change::Milestone(_)) => {
                self.settled.insert(Aspect::Milestone);
            }
            (Some("unassigned"), Change::Assignee(login)) => {
                self.our_assignees.remove(login);
                self.undone_assignees.remove(login);
                self.refused_assignees.insert(login.clone());
            }
            (Some("assigned"), Change::Assignee(login)) if age == Age::Newest => {
                // They were not assigned before: from now on they are because of a person.
                self.our_assignees.remove(login);
                self.refused_assignees.remove(login);
            }
            _ => {}
        }
    }
}

impl Event {
    /// The task it is about.
    #[must_use]
    pub const fn task(&self) -> Option<&TaskId> {
        match self {
            Self::TaskEnqueued(event) => Some(&event.task),
            Self::TaskClaimed(event) => Some(&event.task),
            Self::TaskCompleted(event) => Some(&event.task),
            Self::TaskRetried(event) => Some(&event.task),
            Self::TaskFailed(event) => Some(&event.task),
            Self::TaskReleased(event) => Some(&event.task),
            Self::TaskCancelled(event) => Some(&event.task),
            Self::TaskRevived(event) => Some(&event.task),
            Self::OutcomeIgnored(event) => Some(&event.task),
            Self::TaskAmended(event) => Some(&event.task),
            Self::TaskProgressed(event) => Some(&event.task),
            Self::EffectIntended(intent) => Some(&intent.task),
            Self::AssistantAnswered(event) => Some(&event.task),
            Self::TriggerReceived(_)
            | Self::TriggerRefused(_)
            | Self::TriggerHeld(_)
            | Self::TriggerSettled(_)
            | Self::CommandGranted(_)
            | Self::CommandRefused(_)
            | Self::AccessGranted(_)
            | Self::AccessRefused(_)
            | Self::CommandAnswered(_)
            | Self::SubjectPaused(_)
            | Self::SubjectResumed(_)
            | Self::FeaturePaused(_)
            | Self::FeatureResumed(_)
            | Self::FeatureFellBack(_)
            | Self::FeatureRestored(_)
            | Self::TextForgotten(_)
            | Self::Used(_)
            | Self::Sealed(_)
            | Self::EffectCompleted(_)
            | Self::FactObserved(_)
            | Self::ScheduleSet(_)
            | Self::ScheduleRemoved(_)
            | Self::ScheduleFired(_)
            | Self::RepositoryReconciled(_)
            | Self::ModelLearned(_)
            | Self::ModelSetAside(_)
            | Self::DriveRead(_)
            | Self::DriveChanged(_)
            | Self::DriveUsed(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
