//! How events change the state: one function for the live run and for replay.

use super::actor::ActorKind;
use super::effect::{Effect, EffectKind};
use super::event::{EffectCompleted, Event, Recorded, Stamp, TaskEnqueued};
use super::id::TaskId;
use super::state::{IssueState, Seen, State};
use super::task::{Lease, Status, Task};
use super::trigger::{About, Change, IssueFacts, OpenState, PullFacts, Trigger};
use super::untrusted::Excerpt;
use super::{input, receipt};

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
}

/// Places between two clean-ups of the state: often enough to keep snapshots small, seldom enough to cost
/// nothing. Part of the fold: changing it changes what a snapshot holds.
const FORGET_EVERY: u64 = 256;

/// Titles are kept for lists; this is as wide as lists get.
const TITLE_WIDTH: usize = 100;

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
        match event {
            Event::TriggerReceived(trigger) => self.received(stamp, trigger),
            Event::TriggerRefused(_) | Event::OutcomeIgnored(_) => {}
            Event::TaskEnqueued(enqueued) => self.enqueued(stamp, enqueued),
            Event::EffectIntended(intent) => {
                let effect = Effect { intent: intent.clone(), receipt: None };
                self.effects.insert(intent.effect.clone(), effect);
            }
            Event::EffectCompleted(completed) => self.effect_completed(completed),
            Event::TaskClaimed(_)
            | Event::TaskCompleted(_)
            | Event::TaskRetried(_)
            | Event::TaskFailed(_)
            | Event::TaskReleased(_)
            | Event::TaskCancelled(_)
            | Event::TaskRevived(_) => self.transition(stamp, event)?,
        }
        self.sequence = stamp.sequence;
        self.at = self.at.max(stamp.at);
        if stamp.sequence.0.is_multiple_of(FORGET_EVERY) {
            self.forget();
        }
        Ok(())
    }

    fn enqueued(&mut self, stamp: &Stamp, TaskEnqueued { task, spec }: &TaskEnqueued) {
        let status = Status::Pending { not_before: spec.not_before, last_failure: None };
        let entry = Task {
            id: task.clone(),
            spec: spec.clone(),
            status,
            attempts: 0,
            leases: 0,
            enqueued: stamp.sequence,
            enqueued_at: stamp.at,
            correlation: stamp.correlation,
        };
        self.tasks.insert(task.clone(), entry);
    }

    /// Changes a task's status; the only place where that happens.
    fn transition(&mut self, stamp: &Stamp, event: &Event) -> Result<(), IllegalEvent> {
        let Some(id) = event.task() else { return Ok(()) };
        let sequence = stamp.sequence.0;
        let Some(task) = self.tasks.get_mut(id) else {
            return Err(IllegalEvent::UnknownTask { sequence, task: id.clone() });
        };
        let present = task.lease().map(|lease| lease.number);
        let held = |lease: u64| present == Some(lease);
        let pending = matches!(task.status, Status::Pending { .. });
        let again = |not_before, last_failure| Status::Pending { not_before, last_failure };
        let next = match event {
            Event::TaskClaimed(claimed) if pending && claimed.lease == task.leases + 1 => {
                let lease = Lease { number: claimed.lease, run: stamp.run.clone(), until: claimed.until };
                task.leases = claimed.lease;
                task.attempts += 1;
                Some(Status::Running { lease })
            }
            Event::TaskCompleted(done) if held(done.lease) => {
                Some(Status::Completed { output: done.output.clone(), at: stamp.at })
            }
            Event::TaskRetried(retried) if held(retried.lease) => {
                Some(again(Some(retried.not_before), Some(retried.failure.clone())))
            }
            Event::TaskFailed(failed) if failed.lease.map_or(pending, held) => {
                Some(Status::Failed { failure: failed.failure.clone(), at: stamp.at })
            }
            Event::TaskReleased(released) if held(released.lease) => Some(again(None, None)),
            Event::TaskCancelled(cancelled) if !task.status.is_final() => {
                Some(Status::Cancelled { reason: cancelled.reason.clone(), at: stamp.at })
            }
            Event::TaskRevived(_) if matches!(task.status, Status::Failed { .. }) => {
                task.attempts = 0;
                Some(again(None, None))
            }
            _ => None,
        };
        let Some(next) = next else {
            return Err(IllegalEvent::Transition { sequence, task: id.clone(), status: task.status.name() });
        };
        let analysed = match &next {
            Status::Completed { output, .. } if task.spec.kind.as_str() == input::ANALYSE => {
                task.spec.subject.number().zip(output.read().ok())
            }
            _ => None,
        };
        task.status = next;
        if let Some((number, analysis)) = analysed
            && let Some(issue) = self.issues.get_mut(&number)
        {
            issue.analysis = Some(analysis);
        }
        Ok(())
    }

    fn effect_completed(&mut self, completed: &EffectCompleted) {
        let Some(effect) = self.effects.get_mut(&completed.effect) else { return };
        effect.receipt = Some(completed.receipt.clone());
        let subject = self.tasks.get(&effect.intent.task).map(|task| task.spec.subject);
        let Some(issue) = subject.and_then(|subject| self.issues.get_mut(&subject.number()?)) else { return };
        match effect.intent.kind {
            EffectKind::Comment => {
                issue.status_comment = completed.receipt.read().ok().or_else(|| issue.status_comment.take());
            }
            EffectKind::Labels => {
                let labels: receipt::Labels = completed.receipt.read().unwrap_or_default();
                issue.our_labels.extend(labels.added);
                issue.our_labels.retain(|label| !labels.removed.contains(label));
            }
            EffectKind::PullRequest => {
                issue.pull_request = completed.receipt.read().ok().or_else(|| issue.pull_request.take());
            }
            EffectKind::Assignees | EffectKind::Branch | EffectKind::Assistant => {}
        }
    }

    fn received(&mut self, stamp: &Stamp, trigger: &Trigger) {
        self.triggers.insert(trigger.identity.clone(), Seen { sequence: stamp.sequence, at: stamp.at });
        match &trigger.about {
            About::Issue { issue, change } => {
                let gone = matches!(trigger.action.as_deref(), Some("deleted" | "transferred"));
                let state = self.see_issue(issue);
                if gone {
                    state.closed_at = state.closed_at.or(Some(trigger.at));
                }
                if let Some(change) = change {
                    state.heed(trigger, change);
                }
            }
            About::Comment { issue, .. } => {
                self.see_issue(issue);
            }
            About::Pull { pull, change } => {
                let state = self.see_pull(pull, trigger);
                if let Some(change) = change {
                    state.heed(trigger, change);
                }
            }
            About::Review { pull, .. } | About::ReviewComment { pull, .. } => {
                self.see_pull(pull, trigger);
            }
            _ => {}
        }
    }

    fn see_issue(&mut self, facts: &IssueFacts) -> &mut IssueState {
        let seen = IssueState {
            is_pull: facts.is_pull,
            ..IssueState::new(&facts.title, facts.author.login.clone(), facts.updated_at)
        };
        let state = self.issues.entry(facts.number).or_insert_with(|| seen.clone());
        // Tellings can arrive out of order; the newest describes the present.
        if facts.updated_at >= state.updated_at {
            state.title = seen.title;
            state.updated_at = seen.updated_at;
            state.closed_at = closed_at(facts.state, state.closed_at, facts.updated_at);
        }
        state
    }

    fn see_pull(&mut self, facts: &PullFacts, trigger: &Trigger) -> &mut IssueState {
        let seen = IssueState {
            is_pull: true,
            ..IssueState::new(&facts.title, facts.author.login.clone(), trigger.at)
        };
        let state = self.issues.entry(facts.number).or_insert_with(|| seen.clone());
        if trigger.at >= state.updated_at {
            state.title = seen.title;
            state.updated_at = seen.updated_at;
            state.closed_at = closed_at(facts.state, state.closed_at, trigger.at);
        }
        state
    }
}

fn closed_at(
    state: OpenState,
    before: Option<super::time::Timestamp>,
    at: super::time::Timestamp,
) -> Option<super::time::Timestamp> {
    match state {
        OpenState::Open => None,
        OpenState::Closed => before.or(Some(at)),
    }
}

impl IssueState {
    fn new(title: &Excerpt, author: super::id::Login, updated_at: super::time::Timestamp) -> Self {
        Self {
            is_pull: false,
            title: title.one_line(TITLE_WIDTH),
            author,
            closed_at: None,
            updated_at,
            our_labels: std::collections::BTreeSet::new(),
            refused_labels: std::collections::BTreeSet::new(),
            refused_assignees: std::collections::BTreeSet::new(),
            analysis: None,
            status_comment: None,
            pull_request: None,
        }
    }

    /// Remembers what a person wants: what they took away stays away, what they bring back may stay.
    fn heed(&mut self, trigger: &Trigger, change: &Change) {
        if trigger.actor.kind != ActorKind::Person {
            return;
        }
        match (trigger.action.as_deref(), change) {
            (Some("unlabeled"), Change::Label(name)) => {
                self.our_labels.remove(name);
                self.refused_labels.insert(name.clone());
            }
            (Some("labeled"), Change::Label(name)) => {
                self.refused_labels.remove(name);
            }
            (Some("unassigned"), Change::Assignee(login)) => {
                self.refused_assignees.insert(login.clone());
            }
            (Some("assigned"), Change::Assignee(login)) => {
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
            Self::EffectIntended(intent) => Some(&intent.task),
            Self::TriggerReceived(_) | Self::TriggerRefused(_) | Self::EffectCompleted(_) => None,
        }
    }
}
