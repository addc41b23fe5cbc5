//! What is so, as far as decisions need to know: the fold of the log.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::effect::Effect;
use super::id::{EffectId, IssueNumber, Login, Sequence, TaskId, TriggerIdentity};
use super::receipt;
use super::subject::Subject;
use super::task::{Status, Task};
use super::tasks::Tasks;
use super::time::Timestamp;
use super::verdict::Analysis;

/// The present, folded from every event up to `sequence`. Finished things leave it after a while and
/// stay in the archive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The last event folded in.
    pub sequence: Sequence,
    /// When that event was recorded.
    pub at: Timestamp,
    /// Triggers of the last days, by which a second telling is recognised.
    pub triggers: BTreeMap<TriggerIdentity, Seen>,
    /// Triggers of the last days that wait for a sound configuration, by their places.
    pub held: BTreeMap<Sequence, Held>,
    /// Tasks: unfinished ones, and finished ones for a while.
    pub tasks: Tasks,
    /// Changes outside that belong to these tasks.
    pub effects: BTreeMap<EffectId, Effect>,
    /// Issues and pull requests: open ones, and closed ones for a while.
    pub issues: BTreeMap<IssueNumber, IssueState>,
}

/// When a trigger was recorded first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its place in the log.
    pub sequence: Sequence,
    /// When it was recorded.
    pub at: Timestamp,
}

/// A trigger that waits for a sound configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// What it is about.
    pub subject: Subject,
    /// What is wrong with the configuration.
    pub reason: String,
    /// When it was recorded.
    pub at: Timestamp,
}

/// What is known of an issue or pull request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IssueState {
    /// Whether the number belongs to a pull request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_pull: bool,
    /// Its title, one harmless line.
    pub title: String,
    /// Who opened it.
    pub author: Login,
    /// When it was closed, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// When we last heard of it.
    pub updated_at: Timestamp,
    /// Labels that are there because of us.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub our_labels: BTreeSet<String>,
    /// Labels that a person took off; they are not put back.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refused_labels: BTreeSet<String>,
    /// People whom a person unassigned; they are not assigned again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refused_assignees: BTreeSet<Login>,
    /// What the last analysis found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Analysis>,
    /// Our status comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_comment: Option<receipt::Comment>,
    /// Our pull request for this issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<receipt::PullRequest>,
}

/// Why a pending task does not run yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// It is planned for later.
    Scheduled(Timestamp),
    /// Its last attempt failed, and the next may begin then.
    Retrying(Timestamp),
    /// It needs these tasks completed.
    Blocked(Vec<TaskId>),
    /// Another task of the same kind is at work on the same subject.
    Throttled(TaskId),
}

/// How long a trigger is remembered: GitHub lets people re-run a workflow for thirty days.
const TRIGGER_MEMORY: Duration = Duration::from_secs(31 * 24 * 3600);
/// Triggers remembered at most, about 60 bytes each in the snapshot that every run reads.
const TRIGGERS_KEPT: usize = 1_000;
/// How long a completed or cancelled task stays in view.
const FINISHED_MEMORY: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long a dead letter can be revived: longer than a holiday.
const DEAD_LETTER_MEMORY: Duration = Duration::from_secs(60 * 24 * 3600);
/// Completed and cancelled tasks kept at most, about 500 bytes each in the snapshot that every run reads.
const FINISHED_KEPT: usize = 200;
/// Dead letters kept at most: more than anybody looks through.
const DEAD_LETTERS_KEPT: usize = 200;
/// How long a closed issue stays in view: late comments and similar reports come within weeks.
const CLOSED_ISSUE_MEMORY: Duration = Duration::from_secs(30 * 24 * 3600);

impl State {
    /// Whether `task` waits for something other than its turn.
    #[must_use]
    pub fn waits(&self, task: &Task, now: Timestamp) -> Option<Wait> {
        if let Status::Pending { not_before, last_failure } = &task.status
            && let Some(until) = not_before.filter(|until| *until > now)
        {
            let retrying = last_failure.is_some();
            return Some(if retrying { Wait::Retrying(until) } else { Wait::Scheduled(until) });
        }
        let blocking: Vec<TaskId> =
            task.spec.depends_on.iter().filter(|id| !self.is_completed(id)).cloned().collect();
        if !blocking.is_empty() {
            return Some(Wait::Blocked(blocking));
        }
        self.running_beside(task).map(Wait::Throttled)
    }

    pub(super) fn is_completed(&self, id: &TaskId) -> bool {
        // `forget` keeps whatever an unfinished task needs.
        self.tasks.get(id).is_some_and(|task| matches!(task.status, Status::Completed { .. }))
    }

    /// Two tasks of one kind never work on one subject at once: both would edit the same comment.
    fn running_beside(&self, task: &Task) -> Option<TaskId> {
        let mut beside = self.tasks.running_on(task.spec.subject);
        beside.find(|other| other.spec.kind == task.spec.kind).map(|other| other.id.clone())
    }

    /// Pending tasks that depend on `id` directly.
    pub fn dependants(&self, id: &TaskId) -> impl Iterator<Item = &Task> {
        self.tasks.dependants(id)
    }

    /// Pending tasks with this unique key.
    pub(super) fn pending_with_key(&self, key: &str) -> impl Iterator<Item = &Task> {
        self.tasks.pending_with_key(key)
    }

    /// Forgets what is long over. Called at fixed places of the log (see `evolve`) and by the log's own
    /// time, so that every fold forgets the same things at the same place.
    pub(super) fn forget(&mut self) {
        let now = self.at;
        let older = |at: Timestamp, span: Duration| now.since(at) > span;

        let places = self.triggers.values().map(|seen| seen.sequence);
        let oldest_kept = nth_newest(places, TRIGGERS_KEPT);
        let is_kept = |sequence: Sequence, at: Timestamp| {
            oldest_kept.is_none_or(|oldest| sequence >= oldest) && !older(at, TRIGGER_MEMORY)
        };
        self.triggers.retain(|_, seen| is_kept(seen.sequence, seen.at));
        // As long as a second telling would be refused and no longer: after that, one records it anew.
        self.held.retain(|sequence, held| is_kept(*sequence, held.at));

        // Completed and cancelled tasks must not push dead letters out, which somebody still has to see.
        let ended = |task: &Task| match &task.status {
            Status::Completed { at, .. } | Status::Cancelled { at, .. } => Some((false, *at)),
            Status::Failed { at, .. } => Some((true, *at)),
            Status::Pending { .. } | Status::Running { .. } => None,
        };
        let oldest = |dead: bool, count: usize| {
            let ends = self.tasks.values().filter_map(|task| Some((ended(task)?, task.enqueued)));
            nth_newest(
                ends.filter(|((failed, _), _)| *failed == dead).map(|((_, at), place)| (at, place)),
                count,
            )
        };
        let (oldest_finished, oldest_dead) = (oldest(false, FINISHED_KEPT), oldest(true, DEAD_LETTERS_KEPT));
        // A dead letter that is revived needs what it needed before.
        let has_needs =
            |task: &&Task| !task.status.is_final() || matches!(task.status, Status::Failed { .. });
        let needing = self.tasks.values().filter(has_needs);
        let needed: BTreeSet<TaskId> =
            needing.flat_map(|task| task.spec.depends_on.iter().cloned()).collect();
        self.tasks.retain(|task| {
            let Some((dead, at)) = ended(task) else { return true };
            let (oldest, memory) =
                if dead { (oldest_dead, DEAD_LETTER_MEMORY) } else { (oldest_finished, FINISHED_MEMORY) };
            let young = oldest.is_none_or(|oldest| (at, task.enqueued) >= oldest) && !older(at, memory);
            young || needed.contains(&task.id)
        });
        let tasks = &self.tasks;
        self.effects.retain(|_, effect| tasks.contains_key(&effect.intent.task));

        self.issues.retain(|_, issue| {
            !issue.closed_at.is_some_and(|at| older(at.max(issue.updated_at), CLOSED_ISSUE_MEMORY))
        });
    }
}

/// The `count`th of these, newest first; none when there are fewer.
fn nth_newest<P: Ord + Copy>(places: impl Iterator<Item = P>, count: usize) -> Option<P> {
    let mut places: Vec<P> = places.collect();
    if places.len() <= count {
        return None;
    }
    let (_, nth, _) = places.select_nth_unstable_by(count - 1, |a, b| b.cmp(a));
    Some(*nth)
}
