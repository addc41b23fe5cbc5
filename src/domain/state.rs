//! What is so, as far as decisions need to know: the fold of the log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::allowance::Allowance;
use super::caps::Counts;
use super::circuit::{Breaker, Circuit};
use super::effect::Effect;
use super::event::ListSeen;
use super::fact::Fact;
use super::feature::Feature;
use super::features::Standing;
use super::id::{EffectId, IssueNumber, ScheduleName, Sequence, ServiceName, TaskId, TriggerIdentity};
use super::input;
use super::learned::{Learning, ModelLearned};
use super::ledger::Ledger;
use super::room::{Full, Load, Room};
use super::schedule::Recurring;
use super::spending::Spending;
use super::subject::Subject;
use super::task::{Status, Task};
use super::tasks::Tasks;
use super::time::Timestamp;
use super::watched::Watched;

mod fate;
mod forgotten;
mod issue;
mod let_in;
mod memory;

pub use fate::{Fate, PullEnd, Reviewed, Verdict, Workflows};
pub use issue::{Asked, Aspect, Folder, IssueState, LeftFolder, Thread};
pub use let_in::LetIn;

/// The present, folded from every event up to `sequence`. Finished things leave it after a while and
/// stay in the archive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The last event folded in.
    pub sequence: Sequence,
    /// When that event was recorded.
    pub at: Timestamp,
    /// When the first event was recorded.
    pub began: Timestamp,
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
    /// What closed issues were about that are forgotten otherwise, so that later ones are compared with them.
    pub remembered: BTreeMap<IssueNumber, Remembered>,
    /// Requests that are taken only once, with the task that each became: the newest thousand of the last 31 days.
    pub idempotency: BTreeMap<String, Taken>,
    /// Recurring tasks.
    pub schedules: BTreeMap<ScheduleName, Recurring>,
    /// Everything that changed outside before then is in the log.
    pub reconciled: Option<Timestamp>,
    /// The repository's name as it was recorded first.
    pub repository: Option<String>,
    /// How the lists looked that were read then, by their names.
    pub lists: BTreeMap<String, ListSeen>,
    /// The model that was learned last from people's labels.
    pub learned: Option<ModelLearned>,
    /// What else there is to know of learning.
    pub learning: Learning,
    /// What was asked of outside services lately.
    pub spending: BTreeMap<ServiceName, Spending>,
    /// What was begun today, for the caps.
    pub counts: Counts,
    /// What failed lately, and may be left alone for that.
    pub circuits: BTreeMap<Breaker, Circuit>,
    /// What assistants used up lately.
    pub ledger: Ledger,
    /// How features stand.
    pub features: BTreeMap<Feature, Standing>,
    /// Why nothing at all is begun, while somebody has paused everything.
    pub paused: Option<String>,
    /// What is watched in Drive.
    pub watched: Watched,
    /// What tasks uploaded to Google Drive in the last day.
    pub uploaded: Allowance,
    /// Whether a clean-up is due that waits for the end of a reviving.
    pub is_untidy: bool,
}

/// What a request became that is taken only once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The task.
    pub task: TaskId,
    /// When it was enqueued.
    pub at: Timestamp,
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

/// What a closed issue was about, kept when nothing else of it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// When it was closed.
    pub closed_at: Timestamp,
    /// Its most telling words.
    pub terms: Vec<String>,
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
    /// It needs this to be so outside.
    Awaiting(Vec<Fact>),
    /// Somebody has paused what it is about, for this reason.
    Paused(String),
    /// It waits for room.
    Throttled(Full),
}

impl State {
    /// Whether `task` waits for something other than its turn and for room.
    #[must_use]
    pub fn waits(&self, task: &Task, now: Timestamp) -> Option<Wait> {
        if let Status::Pending { not_before, last_failure } = &task.status
            && let Some(until) = not_before.filter(|until| *until > now)
        {
            let retrying = last_failure.is_some();
            return Some(if retrying { Wait::Retrying(until) } else { Wait::Scheduled(until) });
        }
        if !task.needs.is_empty() {
            return Some(Wait::Blocked(task.needs.iter().cloned().collect()));
        }
        if !task.awaits.is_empty() {
            return Some(Wait::Awaiting(task.awaits.iter().copied().collect()));
        }
        self.pause_of(task).map(|reason| Wait::Paused(reason.to_owned()))
    }

    /// Why a task is not begun although it is ready: somebody has paused what it is about. What people ask for
    /// and what tells them of it goes on, or nobody could resume.
    #[must_use]
    pub fn pause_of(&self, task: &Task) -> Option<&str> {
        let kind = task.spec.kind.as_str();
        if matches!(kind, input::OBEY | input::UNDO) {
            return None;
        }
        let tells = input::is_telling(kind);
        let feature = || self.features.get(&Feature::of(&task.spec)?)?.paused.as_deref();
        let issue = || self.issues.get(&task.spec.subject.number()?)?.paused.as_deref();
        let everything = self.paused.as_deref().filter(|_| kind != input::COMMENT);
        everything.or_else(feature).or_else(|| if tells || kind == input::COMMENT { None } else { issue() })
    }

    /// Whether `task` waits for something other than its turn.
    #[must_use]
    pub fn waits_in(&self, task: &Task, room: &Room, now: Timestamp) -> Option<Wait> {
        self.waits(task, now).or_else(|| Load::of(self).full_for(task, room, now).map(Wait::Throttled))
    }

    /// The issue whose pull request, which somebody else opened and we follow, is open and comes from this branch; none
    /// when it is known already that its workflow runs wait.
    #[must_use]
    pub fn issue_to_be_approved(&self, branch: &str) -> Option<IssueNumber> {
        let is_it = |issue: &IssueState| {
            let pull = issue.pull_request.as_ref();
            pull.is_some_and(|pull| pull.by.is_some() && pull.branch == branch)
                && issue.fate.end.is_none()
                && issue.fate.unapproved.is_none()
        };
        self.issues.iter().find(|(_, issue)| is_it(issue)).map(|(number, _)| *number)
    }

    /// The issue whose pull request comes from a branch, as long as it is open.
    #[must_use]
    pub fn issue_of_branch(&self, branch: &str) -> Option<IssueNumber> {
        let is_it = |issue: &IssueState| {
            issue.pull_request.as_ref().is_some_and(|ours| ours.branch == branch) && issue.fate.end.is_none()
        };
        self.issues.iter().find(|(_, issue)| is_it(issue)).map(|(number, _)| *number)
    }

    /// The issue that a pull request is for which we opened, or which we follow.
    #[must_use]
    pub fn issue_of_pull(&self, pull: IssueNumber) -> Option<IssueNumber> {
        let is_it = |issue: &IssueState| issue.pull_request.as_ref().is_some_and(|ours| ours.number == pull);
        self.issues.iter().find(|(_, issue)| is_it(issue)).map(|(number, _)| *number)
    }

    /// The issue that a pull request is for which we opened ourselves: nobody else's is ours to change.
    #[must_use]
    pub fn issue_of_our_pull(&self, pull: IssueNumber) -> Option<IssueNumber> {
        let issue = self.issue_of_pull(pull)?;
        let ours = self.issues.get(&issue)?.pull_request.as_ref()?;
        ours.by.is_none().then_some(issue)
    }

    /// Tells the tasks up to which time the log is folded; to be called when they come from a snapshot.
    pub fn see_time(&mut self) {
        self.tasks.advance(self.at);
    }

    pub(super) fn is_completed(&self, id: &TaskId) -> bool {
        self.tasks.get(id).is_some_and(|task| matches!(task.status, Status::Completed { .. }))
    }

    /// The effects of a task.
    pub fn effects_of(&self, task: &TaskId) -> impl Iterator<Item = &Effect> {
        let first = EffectId::of(task, "");
        let of_task = self.effects.range(first..).map(|(_, effect)| effect);
        of_task.take_while(move |effect| effect.intent.task == *task)
    }
}
