//! Issues and pull requests: what each is, how far it has come, and which events belong to its story.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::domain::effect::EffectKind;
use crate::domain::event::{Event, Recorded, Stamp};
use crate::domain::evolve::TITLE_WIDTH;
use crate::domain::id::{EffectId, IssueNumber, Login, Sequence, TaskId};
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::state::{IssueState, State};
use crate::domain::task::Status;
use crate::domain::time::Timestamp;
use crate::domain::trigger::{About, OpenState, Trigger};
use crate::domain::untrusted::one_line;

mod stage;
mod times;

pub use stage::Stage;
pub use times::StepTimes;

/// Width of a label or a login: GitHub's labels have up to 50 characters, logins 39.
const NAME_WIDTH: usize = 50;

/// The steps of an issue, in order. Of a pull request there are the first, the fifth and the last.
pub const STEPS: [&str; 6] = ["opened", "triaged", "assigned", "pull_request", "review", "merged"];

pub(super) const OPENED: usize = 0;
pub(super) const TRIAGED: usize = 1;
pub(super) const ASSIGNED: usize = 2;
pub(super) const PULL_REQUEST: usize = 3;
pub(super) const REVIEW: usize = 4;
pub(super) const MERGED: usize = 5;

/// When each of [`STEPS`] was first taken.
type Steps = [Option<Timestamp>; STEPS.len()];

/// An issue or a pull request.
#[derive(Clone, Debug, Serialize)]
pub struct Issue {
    /// Its number.
    pub number: u64,
    /// Whether it is a pull request.
    pub is_pull: bool,
    /// Its title, one harmless line.
    pub title: String,
    /// Who opened it.
    pub author: String,
    /// How far it has come.
    pub stage: Stage,
    /// Its labels as they were last seen.
    pub labels: Vec<String>,
    /// Who is assigned.
    pub assignees: Vec<String>,
    /// What the analysis finds it to be.
    pub finding: Option<&'static str>,
    /// How soon the analysis finds that it wants attention.
    pub urgency: Option<&'static str>,
    /// When we last heard of it.
    pub updated: i64,
    /// When each of [`STEPS`] was first taken, as far as the log tells.
    pub steps: [Option<i64>; STEPS.len()],
    /// Its pull request.
    pub pull_request: Option<u64>,
    /// What assistants cost, in millionths of a US dollar.
    pub micro_dollars: u64,
    /// How many tasks about it were given up and can be revived.
    pub dead: usize,
    /// Why nothing about it is begun, while it is paused.
    pub paused: Option<String>,
    /// The events of its story, as far as their sentences are kept.
    pub story: Vec<u64>,
    /// How many older ones there are.
    pub earlier: usize,
}

/// What the history tells of one number.
#[derive(Debug, Default)]
pub(super) struct Tale {
    pub(super) is_pull: bool,
    title: String,
    author: String,
    labels: Vec<String>,
    assignees: Vec<String>,
    updated: Timestamp,
    pub(super) closed: bool,
    pub(super) merged: bool,
    pub(super) steps: Steps,
    pub(super) pull_request: Option<IssueNumber>,
    micro_dollars: u64,
    story: Vec<u64>,
}

#[derive(Default)]
pub(super) struct Issues {
    tales: BTreeMap<IssueNumber, Tale>,
    /// The issue of each pull request.
    issue_of: BTreeMap<IssueNumber, IssueNumber>,
    analyses: BTreeSet<TaskId>,
    effects: BTreeMap<EffectId, EffectKind>,
    /// To whose stories each event so far belongs, by its place; an event of the tail of a log stands at its distance.
    owners: Vec<Arc<[IssueNumber]>>,
    first: u64,
}

impl Issues {
    pub(super) fn offer(&mut self, recorded: &Recorded) {
        let stamp = &recorded.stamp;
        match &recorded.event {
            Event::TriggerReceived(trigger) => self.received(trigger),
            Event::TaskEnqueued(enqueued) if enqueued.spec.kind.as_str() == "analyse" => {
                self.analyses.insert(enqueued.task.clone());
            }
            Event::TaskCompleted(done) if self.analyses.remove(&done.task) => {
                self.reach(stamp.subject.number(), TRIAGED, stamp.at);
            }
            Event::EffectIntended(intent) => {
                self.effects.insert(intent.effect.clone(), intent.kind);
            }
            Event::EffectCompleted(done) => {
                if let Some(kind) = self.effects.remove(&done.effect) {
                    self.done(stamp, kind, &done.receipt);
                }
            }
            Event::AssistantAnswered(answered) => {
                let about = stamp.subject.number();
                let about = about.and_then(|number| self.issue_of.get(&number).copied()).or(about);
                if let Some(tale) = about.and_then(|number| self.tales.get_mut(&number)) {
                    tale.micro_dollars += answered.usage.micro_dollars;
                }
            }
            _ => {}
        }
        self.note(stamp);
    }

    /// Notes to whose stories the event belongs, by the rule of `Timeline`: it is about the number, or something that
    /// belongs there led to it.
    fn note(&mut self, stamp: &Stamp) {
        if self.owners.is_empty() {
            self.first = stamp.sequence.0;
        }
        let place = |sequence: Sequence| usize::try_from(sequence.0.checked_sub(self.first)?).ok();
        let inherited = stamp.cause.and_then(place).and_then(|place| self.owners.get(place)).cloned();
        let owners = match (inherited, stamp.subject.number()) {
            (Some(owners), None) => owners,
            (Some(owners), Some(own)) if owners.contains(&own) => owners,
            (Some(owners), Some(own)) => owners.iter().copied().chain([own]).collect(),
            (None, own) => own.into_iter().collect(),
        };
        for number in owners.iter() {
            if let Some(tale) = self.tales.get_mut(number) {
                tale.story.push(stamp.sequence.0);
            } else {
                let tale = Tale { updated: stamp.at, story: vec![stamp.sequence.0], ..Tale::default() };
                self.tales.insert(*number, tale);
            }
        }
        self.owners.push(owners);
    }

    fn received(&mut self, trigger: &Trigger) {
        let action = trigger.action.as_deref();
        match &trigger.about {
            About::Issue { issue, .. } | About::Comment { issue, .. } => {
                let is_assigned = action == Some("assigned") && matches!(trigger.about, About::Issue { .. });
                let tale = self.tales.entry(issue.number).or_default();
                if issue.updated_at >= tale.updated || tale.title.is_empty() {
                    tale.title = issue.title.one_line(TITLE_WIDTH);
                    tale.labels = names(issue.labels.iter().map(String::as_str));
                    tale.assignees = names(issue.assignees.iter().map(Login::as_str));
                    tale.closed = issue.state == OpenState::Closed;
                }
                tale.is_pull |= issue.is_pull;
                tale.meet(&issue.author.login, trigger);
                if is_assigned {
                    self.reach(Some(issue.number), ASSIGNED, trigger.at);
                }
            }
            About::Pull { pull, .. } => {
                let tale = self.tales.entry(pull.number).or_default();
                if trigger.at >= tale.updated || tale.title.is_empty() {
                    tale.title = pull.title.one_line(TITLE_WIDTH);
                    tale.labels = names(pull.labels.iter().map(String::as_str));
                    tale.closed = pull.state == OpenState::Closed;
                    tale.merged = pull.merged;
                }
                tale.is_pull = true;
                tale.meet(&pull.author.login, trigger);
                if action == Some("closed") && pull.merged {
                    self.reach_both(pull.number, MERGED, trigger.at);
                }
            }
            About::Review { pull, .. } => {
                let tale = self.tales.entry(pull.number).or_default();
                tale.is_pull = true;
                if tale.title.is_empty() {
                    tale.title = pull.title.one_line(TITLE_WIDTH);
                }
                tale.meet(&pull.author.login, trigger);
                // Who answers to a review of their own pull request does not review it.
                if action == Some("submitted") && trigger.actor.login != pull.author.login {
                    self.reach_both(pull.number, REVIEW, trigger.at);
                }
            }
            About::ReviewComment { pull, .. } => {
                self.tales.entry(pull.number).or_default().meet(&pull.author.login, trigger);
            }
            _ => {}
        }
    }

    fn done(&mut self, stamp: &Stamp, kind: EffectKind, receipt: &Payload) {
        let about = stamp.subject.number();
        match kind {
            EffectKind::PullRequest => {
                self.reach(about, PULL_REQUEST, stamp.at);
                let opened = receipt.read::<receipt::PullRequest>().ok();
                if let (Some(issue), Some(opened)) = (about, opened) {
                    self.issue_of.insert(opened.number, issue);
                    if let Some(tale) = self.tales.get_mut(&issue) {
                        tale.pull_request = Some(opened.number);
                    }
                }
            }
            EffectKind::Assignees => {
                let assigned = receipt.read::<receipt::Assignees>().unwrap_or_default();
                if !assigned.added.is_empty() {
                    self.reach(about, ASSIGNED, stamp.at);
                }
            }
            // Somebody works on it elsewhere.
            EffectKind::Assistant => self.reach(about, ASSIGNED, stamp.at),
            EffectKind::Merge => {
                if receipt.read::<receipt::Merged>().is_ok_and(|merged| merged.commit.is_some())
                    && let Some(pull) = about
                {
                    self.reach_both(pull, MERGED, stamp.at);
                }
            }
            _ => {}
        }
    }

    fn reach(&mut self, number: Option<IssueNumber>, step: usize, at: Timestamp) {
        if let Some(tale) = number.and_then(|number| self.tales.get_mut(&number)) {
            tale.steps[step].get_or_insert(at);
        }
    }

    /// What a pull request reaches, its issue reaches.
    fn reach_both(&mut self, pull: IssueNumber, step: usize, at: Timestamp) {
        self.reach(Some(pull), step, at);
        self.reach(self.issue_of.get(&pull).copied(), step, at);
    }

    /// How long it took: issues, then pull requests.
    pub(super) fn times(&self) -> (Vec<StepTimes>, Vec<StepTimes>) {
        let steps = |is_pull: bool| {
            self.tales.values().filter(move |tale| tale.is_pull == is_pull).map(|tale| &tale.steps)
        };
        (times::of(steps(false), &[1, 2, 3, 4, 5]), times::of(steps(true), &[REVIEW, MERGED]))
    }

    /// All of them, with what the state knows better. Sentences are kept from `first` on.
    pub(super) fn finish(self, state: &State, first: Sequence) -> Vec<Issue> {
        let mut dead: BTreeMap<IssueNumber, usize> = BTreeMap::new();
        for task in state.tasks.values().filter(|task| matches!(task.status, Status::Failed { .. })) {
            if let Some(number) = task.spec.subject.number() {
                *dead.entry(number).or_default() += 1;
            }
        }
        let known = self.tales.into_iter();
        let mut issues: Vec<Issue> = known
            .map(|(number, tale)| {
                let dead = dead.get(&number).copied().unwrap_or_default();
                tale.finish(number, state.issues.get(&number), dead, first)
            })
            .collect();
        issues.sort_by_key(|issue| std::cmp::Reverse((issue.updated, issue.number)));
        issues
    }
}

impl Tale {
    /// Takes in what every trigger tells.
    fn meet(&mut self, author: &Login, trigger: &Trigger) {
        if self.author.is_empty() {
            self.author = one_line(author.as_str(), NAME_WIDTH);
        }
        self.updated = self.updated.max(trigger.at);
        // The last telling counts, as in the metrics.
        if trigger.action.as_deref() == Some("opened")
            && matches!(trigger.about, About::Issue { .. } | About::Pull { .. })
        {
            self.steps[OPENED] = Some(trigger.at);
        }
    }

    fn finish(
        mut self,
        number: IssueNumber,
        known: Option<&IssueState>,
        dead: usize,
        first: Sequence,
    ) -> Issue {
        if let Some(known) = known {
            self.is_pull |= known.is_pull;
            self.title.clone_from(&known.title);
            self.author = one_line(known.author.as_str(), NAME_WIDTH);
            self.closed = known.closed_at.is_some();
            self.merged |= known.merged;
            self.assignees = names(known.assignees.iter().map(Login::as_str));
            self.updated = self.updated.max(known.updated_at);
            self.micro_dollars = self.micro_dollars.max(known.usage.micro_dollars);
            self.pull_request = known.pull_request.as_ref().map(|pull| pull.number).or(self.pull_request);
            let ours = known.our_labels.iter().map(|label| one_line(label, NAME_WIDTH));
            self.labels.extend(ours.filter(|label| !self.labels.contains(label)).collect::<Vec<_>>());
        }
        let stage = stage::of(&self, known);
        let analysis = known.and_then(|known| known.analysis.as_ref());
        let all = self.story.len();
        let story: Vec<u64> = self.story.into_iter().filter(|event| *event >= first.0).collect();
        Issue {
            number: number.0,
            is_pull: self.is_pull,
            title: self.title,
            author: self.author,
            stage,
            labels: self.labels,
            assignees: self.assignees,
            finding: analysis.and_then(|found| found.issue_type.as_ref()).map(|found| found.value.name()),
            urgency: analysis.and_then(|found| found.urgency.as_ref()).map(|found| found.value.name()),
            updated: self.updated.as_millis(),
            steps: self.steps.map(|at| at.map(Timestamp::as_millis)),
            pull_request: self.pull_request.map(|pull| pull.0),
            micro_dollars: self.micro_dollars,
            dead,
            paused: known.and_then(|known| known.paused.as_deref()).map(|why| one_line(why, TITLE_WIDTH)),
            earlier: all - story.len(),
            story,
        }
    }
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    names.map(|name| one_line(name, NAME_WIDTH)).collect()
}
