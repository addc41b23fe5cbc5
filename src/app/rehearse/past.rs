//! What the log tells of the past: what happened, what was ours by then, and what assistants answered.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::domain::actor::Permission;
use crate::domain::count::counted;
use crate::domain::effect::EffectKind;
use crate::domain::event::{AssistantAnswered, Event};
use crate::domain::id::{EffectId, IssueNumber, Login, Sequence, TaskId};
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::domain::trigger::{About, Trigger};
use crate::domain::untrusted::Excerpt;
use crate::log::Envelope;
use crate::tasks;

/// Something that happened, and what was there because of us when it did.
pub(super) struct Moment {
    pub(super) sequence: Sequence,
    pub(super) at: Timestamp,
    pub(super) trigger: Box<Trigger>,
    /// Labels of its issue that were ours.
    pub(super) our_labels: BTreeSet<String>,
    /// People who were assigned because of us.
    pub(super) our_assignees: BTreeSet<Login>,
}

/// An answer that was paid for, and what it cost in millionths of a dollar.
pub(super) type Answer = (Result<String, String>, u64);

/// All of it.
#[derive(Default)]
pub(super) struct Past {
    /// What was so before the first moment.
    pub(super) start: State,
    /// What happened, in order.
    pub(super) moments: Vec<Moment>,
    /// What people may do here, as far as it was ever asked.
    pub(super) people: BTreeMap<Login, Permission>,
    /// Labels that were seen.
    pub(super) labels: BTreeSet<String>,
    /// What assistants that judge answered about an issue, analysis by analysis.
    pub(super) judged: BTreeMap<(IssueNumber, String), VecDeque<Vec<Answer>>>,
    /// What the changes for an issue or pull request cost, task by task.
    pub(super) changes: BTreeMap<Subject, VecDeque<u64>>,
    /// What the log does not hold: sentences.
    pub(super) notes: Vec<String>,
}

/// Reads it, event by event.
pub(super) struct Reading {
    since: Timestamp,
    past: Past,
    /// The fold so far; none once it met what cannot follow from what could be read.
    state: Option<State>,
    began: bool,
    assigned: BTreeMap<IssueNumber, BTreeSet<Login>>,
    effects: BTreeMap<EffectId, EffectKind>,
    judging: BTreeMap<TaskId, Judging>,
    changing: BTreeMap<TaskId, (Subject, u64)>,
    order: Vec<TaskId>,
    sealed: usize,
    cut: BTreeSet<Subject>,
}

#[derive(Default)]
struct Judging {
    issue: Option<IssueNumber>,
    by: String,
    kept: Vec<Result<String, String>>,
    costs: Vec<u64>,
}

impl Reading {
    pub(super) fn since(since: Timestamp) -> Self {
        Self {
            since,
            past: Past::default(),
            state: Some(State::default()),
            began: false,
            assigned: BTreeMap::new(),
            effects: BTreeMap::new(),
            judging: BTreeMap::new(),
            changing: BTreeMap::new(),
            order: Vec::new(),
            sealed: 0,
            cut: BTreeSet::new(),
        }
    }

    /// Takes in the next event.
    pub(super) fn offer(&mut self, envelope: Envelope) {
        let stamp = &envelope.recorded.stamp;
        if !self.began && stamp.at >= self.since {
            self.began = true;
            self.past.start = self.state.clone().unwrap_or_default();
        }
        match &envelope.recorded.event {
            Event::TriggerReceived(trigger) => self.happened(stamp.sequence, stamp.at, trigger),
            Event::Sealed(_) if self.began => self.sealed += 1,
            Event::CommandGranted(judged)
            | Event::CommandRefused(judged)
            | Event::AccessGranted(judged)
            | Event::AccessRefused(judged) => {
                if let Some(permission) = judged.permission {
                    self.past.people.insert(judged.actor.login.clone(), permission);
                }
            }
            Event::EffectIntended(intent) => {
                self.effects.insert(intent.effect.clone(), intent.kind);
            }
            Event::EffectCompleted(completed) => {
                let kind = self.effects.get(&completed.effect).copied();
                self.done(kind, stamp.subject, &completed.receipt);
            }
            Event::TaskProgressed(progressed) if self.began => {
                let answers = tasks::answers(&progressed.progress.checkpoint);
                if !answers.is_empty() {
                    self.judging(&progressed.task, stamp.subject).kept = answers;
                }
            }
            Event::AssistantAnswered(answered) if self.began => self.answered(stamp.subject, answered),
            _ => {}
        }
        if let Some(state) = &mut self.state
            && let Err(impossible) = state.apply(&envelope.recorded)
        {
            tracing::debug!(%impossible, "what is sealed or forgotten is missing here");
            self.state = None;
        }
    }

    /// All that was read.
    pub(super) fn end(mut self, most: Option<usize>) -> Past {
        if !self.began {
            self.past.start = self.state.clone().unwrap_or_default();
        }
        for task in &self.order {
            if let Some(Judging { issue: Some(issue), by, kept, costs }) = self.judging.remove(task) {
                let costs = costs.into_iter().chain(std::iter::repeat(0));
                let answers = kept.into_iter().zip(costs).collect();
                self.past.judged.entry((issue, by)).or_default().push_back(answers);
            }
            if let Some((subject, cost)) = self.changing.remove(task) {
                self.past.changes.entry(subject).or_default().push_back(cost);
            }
        }
        self.tell(most);
        self.past
    }

    fn tell(&mut self, most: Option<usize>) {
        let Self { past, sealed, cut, state, .. } = self;
        if let Some(most) = most
            && past.moments.len() > most
        {
            let left = past.moments.len() - most;
            past.moments.drain(..left);
            past.notes.push(format!(
                "Only the newest {most} of what happened were decided again; {left} before them were left out."
            ));
        }
        if *sealed > 0 {
            past.notes.push(format!(
                "{} in the log cannot be read here (sealed, or forgotten): what they led to is not in this comparison.",
                counted(*sealed, "event", "events")
            ));
        }
        if state.is_none() {
            past.notes.push(
                "The log cannot be folded as far as it can be read here: labels and assignments of ours that it \
                 tells no more count as people's."
                    .to_owned(),
            );
        }
        if !cut.is_empty() {
            past.notes.push(format!(
                "Of {} the log keeps only the beginning of a text; that was read.",
                counted(cut.len(), "issue or pull request", "issues or pull requests")
            ));
        }
    }

    fn happened(&mut self, sequence: Sequence, at: Timestamp, trigger: &Trigger) {
        let labels = match &trigger.about {
            About::Issue { issue, .. } | About::Comment { issue, .. } => issue.labels.as_slice(),
            About::Pull { pull, .. } | About::Review { pull, .. } | About::ReviewComment { pull, .. } => {
                pull.labels.as_slice()
            }
            About::Label { name, .. } => std::slice::from_ref(name),
            _ => &[],
        };
        self.past.labels.extend(labels.iter().cloned());
        if !self.began {
            return;
        }
        if texts(&trigger.about).into_iter().any(Excerpt::is_cut) {
            self.cut.insert(trigger.subject);
        }
        let number = trigger.subject.number();
        let known = number.and_then(|number| self.state.as_ref()?.issues.get(&number));
        self.past.moments.push(Moment {
            sequence,
            at,
            trigger: Box::new(trigger.clone()),
            our_labels: known.map(|known| known.our_labels.clone()).unwrap_or_default(),
            our_assignees: number.and_then(|number| self.assigned.get(&number).cloned()).unwrap_or_default(),
        });
    }

    fn done(&mut self, kind: Option<EffectKind>, subject: Subject, receipt: &Payload) {
        match kind {
            Some(EffectKind::Labels) => {
                let labels: receipt::Labels = receipt.read().unwrap_or_default();
                self.past.labels.extend(labels.added);
            }
            Some(EffectKind::Assignees) => {
                let people: receipt::Assignees = receipt.read().unwrap_or_default();
                let Some(number) = subject.number() else { return };
                let ours = self.assigned.entry(number).or_default();
                ours.retain(|login| !people.removed.contains(login));
                ours.extend(people.added);
            }
            _ => {}
        }
    }

    fn judging(&mut self, task: &TaskId, subject: Subject) -> &mut Judging {
        if !self.judging.contains_key(task) {
            self.order.push(task.clone());
        }
        let judging = self.judging.entry(task.clone()).or_default();
        judging.issue = subject.number();
        judging
    }

    fn answered(&mut self, subject: Subject, answered: &AssistantAnswered) {
        let cost = answered.usage.micro_dollars;
        if answered.judges {
            let judging = self.judging(&answered.task, subject);
            judging.by.clone_from(&answered.assistant);
            judging.costs.push(cost);
            return;
        }
        if !self.changing.contains_key(&answered.task) {
            self.order.push(answered.task.clone());
        }
        self.changing.entry(answered.task.clone()).or_insert((subject, 0)).1 += cost;
    }
}

fn texts(about: &About) -> Vec<&Excerpt> {
    match about {
        About::Issue { issue, .. } => vec![&issue.title, &issue.body],
        About::Comment { issue, comment } => vec![&issue.title, &issue.body, &comment.body],
        About::Pull { pull, .. } => vec![&pull.title, &pull.body],
        About::Review { review, .. } => vec![&review.body],
        About::ReviewComment { comment, .. } => vec![&comment.body],
        _ => Vec::new(),
    }
}

/// Whether a rehearsal plays tasks of this kind, which change nothing but the forge and tell nobody, or only tells that they
/// would be.
pub(super) fn is_played(kind: &str) -> bool {
    matches!(
        kind,
        input::ANALYSE
            | input::LABEL
            | input::ASSIGN
            | input::COMMENT
            | input::OBEY
            | input::MILESTONE
            | input::SET_TYPE
            | input::SET_MILESTONE
            | input::REMIND
            | input::SLACK
            | input::WEBHOOK
    )
}
