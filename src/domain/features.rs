//! How features fare: what they did, what failed, and what people took back; who is paused, and who has fallen back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::effect::EffectKind;
use super::event::{Event, Recorded};
use super::fact::Fact;
use super::feature::Feature;
use super::id::{Login, TaskId};
use super::input;
use super::receipt;
use super::rollout::FallBack;
use super::state::{Aspect, State};
use super::task::Task;
use super::time::Timestamp;
use super::trigger::{About, Change, Trigger};

/// A day, in milliseconds: results are kept by the day.
const DAY: i64 = 86_400_000;
/// Days kept: what the configuration may ask for at most.
pub const DAYS_KEPT: i64 = 31;

/// People over whose words it failed that are kept apart, the last ones.
const PEOPLE: usize = 500;

/// How a feature stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Why nothing of it is begun, while somebody has paused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<String>,
    /// Why it only suggests now, since it fell back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallen: Option<Fallen>,
    /// What came of it, by days since the epoch.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub days: BTreeMap<i64, Counts>,
    /// Over whose words it failed, each with the last day of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<Login, i64>,
}

/// That a feature fell back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fallen {
    /// Why, a clause.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// What came of a feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Tasks that changed something.
    #[serde(skip_serializing_if = "is_zero")]
    pub done: u32,
    /// Tasks that were given up.
    #[serde(skip_serializing_if = "is_zero")]
    pub failed: u32,
    /// Of these, what was over nobody's words.
    #[serde(skip_serializing_if = "is_zero")]
    pub failed_alone: u32,
    /// Changes that a person took back.
    #[serde(skip_serializing_if = "is_zero")]
    pub overridden: u32,
    /// Tasks that waited, or wait, for an approval.
    #[serde(skip_serializing_if = "is_zero")]
    pub suggested: u32,
    /// Approvals.
    #[serde(skip_serializing_if = "is_zero")]
    pub approved: u32,
    /// Suggestions that a person called off.
    #[serde(skip_serializing_if = "is_zero")]
    pub rejected: u32,
    /// Tasks that were recorded and not done.
    #[serde(skip_serializing_if = "is_zero")]
    pub held: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// One thing that is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Result {
    Done,
    /// Over whose words, where they are somebody's.
    Failed(Option<Login>),
    Overridden,
    Suggested,
    Approved,
    Rejected,
    Held,
}

impl Counts {
    fn count(&mut self, result: &Result) {
        if *result == Result::Failed(None) {
            self.failed_alone = self.failed_alone.saturating_add(1);
        }
        let count = match result {
            Result::Done => &mut self.done,
            Result::Failed(_) => &mut self.failed,
            Result::Overridden => &mut self.overridden,
            Result::Suggested => &mut self.suggested,
            Result::Approved => &mut self.approved,
            Result::Rejected => &mut self.rejected,
            Result::Held => &mut self.held,
        };
        *count = count.saturating_add(1);
    }

    fn add(&mut self, other: &Self) {
        self.done += other.done;
        self.failed += other.failed;
        self.failed_alone += other.failed_alone;
        self.overridden += other.overridden;
        self.suggested += other.suggested;
        self.approved += other.approved;
        self.rejected += other.rejected;
        self.held += other.held;
    }
}

impl Standing {
    pub(super) fn count(&mut self, result: Result, at: Timestamp) {
        let day = at.as_millis().div_euclid(DAY);
        self.days.retain(|then, _| *then > day - DAYS_KEPT);
        self.days.entry(day).or_default().count(&result);
        self.people.retain(|_, last| *last > day - DAYS_KEPT);
        if let Result::Failed(Some(who)) = result {
            if self.people.len() >= PEOPLE && !self.people.contains_key(&who) {
                let first = self.people.iter().min_by_key(|(_, last)| **last).map(|(who, _)| who.clone());
                first.map(|who| self.people.remove(&who));
            }
            self.people.insert(who, day);
        }
    }

    /// What failed in so many days, today among them, with each person's words counted once: nobody has a feature fall back
    /// for others.
    fn failures(&self, days: i64, now: Timestamp) -> u32 {
        let first = now.as_millis().div_euclid(DAY) - days;
        let people = self.people.values().filter(|last| **last > first).count();
        self.lately(days, now).failed_alone.saturating_add(u32::try_from(people).unwrap_or(u32::MAX))
    }

    /// What came of it in so many days, today among them.
    #[must_use]
    pub fn lately(&self, days: i64, now: Timestamp) -> Counts {
        let first = now.as_millis().div_euclid(DAY) - days;
        let mut sum = Counts::default();
        self.days.range(first + 1..).for_each(|(_, counts)| sum.add(counts));
        sum
    }

    /// Why it has to fall back, if it has to.
    #[must_use]
    pub fn has_to_fall(&self, limits: &FallBack, now: Timestamp) -> Option<String> {
        let days =
            i64::try_from(limits.within.as_secs().div_ceil(DAY.unsigned_abs() / 1_000)).unwrap_or(DAYS_KEPT);
        let days = days.clamp(1, DAYS_KEPT);
        let Counts { done, failed: all, overridden, .. } = self.lately(days, now);
        let failed = self.failures(days, now);
        let begun = done.saturating_add(failed);
        let is_over = |count: u32, of: u32, most: u8| {
            of >= limits.least.max(1) && u64::from(count) * 100 > u64::from(of) * u64::from(most)
        };
        if is_over(failed, begun, limits.failures) {
            let once = if failed < all { ", each person's words counted once" } else { "" };
            return Some(format!("{failed} of {begun} were given up{once}, more than {} %", limits.failures));
        }
        is_over(overridden, done, limits.overrides)
            .then(|| format!("people took back {overridden} of {done}, more than {} %", limits.overrides))
    }
}

/// What an event tells of features; `state` is how things stood before it.
pub(super) fn results(state: &State, recorded: &Recorded) -> Vec<(Feature, Result)> {
    let of_task = |id: &TaskId| state.tasks.get(id).and_then(|task| Some((Feature::of(&task.spec)?, task)));
    let one = |found: Option<(Feature, Result)>| found.into_iter().collect();
    match &recorded.event {
        Event::TaskEnqueued(enqueued) => {
            let result = match &enqueued.spec {
                spec if spec.held.is_some() => Result::Held,
                spec if spec.is_suggested() => Result::Suggested,
                _ => return Vec::new(),
            };
            one(Feature::of(&enqueued.spec).map(|feature| (feature, result)))
        }
        Event::TaskCompleted(done) => one(of_task(&done.task)
            .filter(|(feature, task)| feature.only_reads() || has_changed(state, task))
            .map(|(feature, _)| (feature, Result::Done))),
        // What never ran failed because of another.
        Event::TaskFailed(failed) if failed.lease.is_some() => {
            one(of_task(&failed.task).map(|(feature, task)| (feature, Result::Failed(task.whose().cloned()))))
        }
        Event::TaskCancelled(cancelled) if recorded.stamp.actor.is_person() => {
            let suggested = of_task(&cancelled.task).filter(|(_, task)| task.is_suggested());
            one(suggested.map(|(feature, _)| (feature, Result::Rejected)))
        }
        Event::FactObserved(observed) => match observed.fact {
            Fact::Agreed(_, feature) => vec![(feature, Result::Approved)],
            _ => Vec::new(),
        },
        Event::TriggerReceived(trigger) => {
            one(overridden(state, trigger).map(|feature| (feature, Result::Overridden)))
        }
        Event::EffectCompleted(done) => {
            let effect = state.effects.get(&done.effect).filter(|effect| effect.receipt.is_none());
            let undo = effect.filter(|effect| {
                let task = state.tasks.get(&effect.intent.task);
                task.is_some_and(|task| task.spec.kind.as_str() == input::UNDO)
            });
            one(undo.and_then(|effect| taken_back(effect.intent.kind)).map(|it| (it, Result::Overridden)))
        }
        _ => Vec::new(),
    }
}

fn has_changed(state: &State, task: &Task) -> bool {
    state.effects_of(&task.id).any(|effect| effect.receipt.is_some())
}

/// The feature whose work a kind of change is, when somebody has it undone.
const fn taken_back(kind: EffectKind) -> Option<Feature> {
    match kind {
        EffectKind::Labels => Some(Feature::Label),
        EffectKind::Assignees => Some(Feature::Assign),
        EffectKind::PullRequest => Some(Feature::Implement),
        _ => None,
    }
}

/// The feature of which a person corrects something.
fn overridden(state: &State, trigger: &Trigger) -> Option<Feature> {
    if !trigger.actor.is_person() {
        return None;
    }
    let action = trigger.action.as_deref();
    match &trigger.about {
        About::Issue { issue, change } => {
            let known = state.issues.get(&issue.number)?;
            match (action?, change.as_ref()?) {
                ("unlabeled", Change::Label(name)) => {
                    labelled_by(state, trigger, name).filter(|_| known.our_labels.contains(name))
                }
                ("unassigned", Change::Assignee(login)) => {
                    was_assigned(state, trigger, login).then_some(Feature::Assign)
                }
                ("typed" | "untyped", Change::Type(_)) => {
                    (known.had_ours.contains(&Aspect::Type) && !known.type_is_theirs).then_some(Feature::Type)
                }
                ("milestoned" | "demilestoned", Change::Milestone(_)) => {
                    let is_ours = known.had_ours.contains(&Aspect::Milestone);
                    (is_ours && !known.settled.contains(&Aspect::Milestone)).then_some(Feature::Plan)
                }
                _ => None,
            }
        }
        About::Pull { pull, .. } if action == Some("closed") && !pull.merged => {
            state.issue_of_our_pull(pull.number).map(|_| Feature::Implement)
        }
        _ => None,
    }
}

/// The feature that put a label on: that of the task, labels at large where that is forgotten; none: a person had it put on.
fn labelled_by(state: &State, trigger: &Trigger, name: &str) -> Option<Feature> {
    let added = |task: &&Task| {
        task.spec.subject == trigger.subject
            && state.effects_of(&task.id).any(|effect| {
                let receipt = effect.receipt.as_ref().and_then(|it| it.read::<receipt::Labels>().ok());
                receipt.is_some_and(|labels| labels.added.iter().any(|added| added == name))
            })
    };
    let labels = state.tasks.values().filter(|task| task.spec.kind.as_str() == input::LABEL);
    let last = labels.filter(added).max_by_key(|task| task.enqueued);
    let Some(last) = last else { return Some(Feature::Label) };
    let asked = last.spec.input.read::<input::Label>().is_ok_and(|input| input.asked_by.is_some());
    Feature::of(&last.spec).filter(|_| !asked)
}

fn was_assigned(state: &State, trigger: &Trigger, login: &Login) -> bool {
    let assigns = state.tasks.values().filter(|task| task.spec.kind.as_str() == input::ASSIGN);
    assigns.filter(|task| task.spec.subject == trigger.subject).any(|task| {
        state.effects_of(&task.id).any(|effect| {
            let receipt = effect.receipt.as_ref().and_then(|it| it.read::<receipt::Assignees>().ok());
            receipt.is_some_and(|people| people.added.contains(login))
        })
    })
}
