//! What is so, as far as decisions need to know: the fold of the log.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::allowance::Allowance;
use super::caps::Counts;
use super::circuit::{Breaker, Circuit};
use super::effect::Effect;
use super::event::{CommandAnswered, ListSeen};
use super::fact::Fact;
use super::feature::Feature;
use super::features::Standing;
use super::id::{EffectId, IssueNumber, Login, ScheduleName, Sequence, ServiceName, TaskId, TriggerIdentity};
use super::input;
use super::landmark::Landmark;
use super::learned::{Learning, ModelLearned};
use super::ledger::Ledger;
use super::receipt;
use super::room::{Full, Load, Room};
use super::schedule::Recurring;
use super::spending::Spending;
use super::subject::Subject;
use super::task::{Status, Task};
use super::tasks::Tasks;
use super::time::Timestamp;
use super::usage::Usage;
use super::verdict::Analysis;
use super::watched::Watched;

mod fate;
mod forgotten;

pub use fate::{Fate, PullEnd, Reviewed, Verdict, Workflows};

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

/// What is known of an issue or pull request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IssueState {
    /// Whether the number belongs to a pull request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_pull: bool,
    /// Its title, one harmless line.
    pub title: String,
    /// Digest of an issue's text as it was last told to have been written, by which an edit is seen that nobody told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<u32>,
    /// Who opened it.
    pub author: Login,
    /// When it was closed, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// Whether it is a pull request that was merged, as far as a trigger told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub merged: bool,
    /// When we last heard of it.
    pub updated_at: Timestamp,
    /// Persons who have approved it since a task waits for that, the last one last. Whether their word counts
    /// is not known here: no trigger tells permissions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<Login>,
    /// Its labels, as we last heard of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub labels: BTreeSet<String>,
    /// Labels that are there because of us.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub our_labels: BTreeSet<String>,
    /// Labels that a person asked for by a word: they are that person's, whoever put them there.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub asked_labels: BTreeSet<String>,
    /// Labels that a person took off; they are not put back.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refused_labels: BTreeSet<String>,
    /// Of those, the ones that we took off because somebody had what we did taken back, and who that was.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub undone_labels: BTreeMap<String, Login>,
    /// Who is assigned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<Login>,
    /// Whether a person has set or cleared the issue's type: it stays as they left it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub type_is_theirs: bool,
    /// What was asked of the reporter, once there was something to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// People who are assigned because of us.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub our_assignees: BTreeSet<Login>,
    /// People whom a person unassigned; they are not assigned again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refused_assignees: BTreeSet<Login>,
    /// Of those, the ones whom we unassigned because somebody had what we did taken back, and who that was.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub undone_assignees: BTreeMap<Login, Login>,
    /// Why nothing about it is begun, while somebody has paused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<String>,
    /// The issue that it is a duplicate of, as somebody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<IssueNumber>,
    /// What was said in comments and judged, by the comment's id: an edit does not say it again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub heard: BTreeMap<u64, BTreeSet<String>>,
    /// What people wanted without a word of ours and how it was weighed, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weighed: Vec<String>,
    /// What the last one who asked is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<CommandAnswered>,
    /// Whether what we had said and done was taken back: nothing of it is shown any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
    /// What people settled themselves, which is not changed again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub settled: BTreeSet<Aspect>,
    /// What it had because of us once: where it is gone, a person took it away, whether or not we were told.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub had_ours: BTreeSet<Aspect>,
    /// Fields that we set, with the values: each once, and then they are people's.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub fields_set: BTreeSet<String>,
    /// What the last analysis found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Analysis>,
    /// Our status comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_comment: Option<receipt::Comment>,
    /// The pull request for this issue: ours, or that of whoever works on it elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<receipt::PullRequest>,
    /// How that pull request fares.
    #[serde(default, skip_serializing_if = "Fate::is_unknown")]
    pub fate: Fate,
    /// The first messages of its threads in Slack, by their channels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub threads: BTreeMap<String, Thread>,
    /// Our check on its pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<receipt::CheckRun>,
    /// Its folder in Drive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<Folder>,
    /// Folders in Drive with what workflow runs for its pull request made, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collected: Vec<receipt::DriveFolder>,
    /// What assistants used up for it.
    #[serde(default, skip_serializing_if = "Usage::is_nothing")]
    pub usage: Usage,
    /// What plugins say about it in the status comment, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub plugins: BTreeMap<String, String>,
    /// The names of rules of the configuration that led to something about it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub rules: BTreeSet<String>,
    /// What the work on it came past, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub landmarks: Vec<Landmark>,
}

impl IssueState {
    /// Whether a label is there because of us alone: no person asked for it.
    #[must_use]
    pub fn chose_label(&self, label: &str) -> bool {
        let is = |held: &String| held.to_lowercase() == label.to_lowercase();
        self.our_labels.iter().any(is) && !self.asked_labels.iter().any(is)
    }

    /// Remembers what a person asks for about labels, by a word.
    pub(super) fn ask_for_labels(&mut self, add: &[String], remove: &[String]) {
        self.forget_asked(remove);
        self.asked_labels.extend(add.iter().cloned());
    }

    /// Forgets that these labels were asked for.
    pub(super) fn forget_asked(&mut self, labels: &[String]) {
        let is_meant = |held: &str| labels.iter().any(|label| label.to_lowercase() == held.to_lowercase());
        self.asked_labels.retain(|held| !is_meant(held));
    }

    /// Labels that people took off, where these are `on` it now: those we were told of, and those of ours that are gone.
    #[must_use]
    pub fn labels_taken_off(&self, on: &[String]) -> Vec<String> {
        let is_on = |label: &str| on.iter().any(|held| held.to_lowercase() == label.to_lowercase());
        let gone = self.our_labels.iter().filter(|label| !is_on(label));
        gone.chain(&self.refused_labels).cloned().collect()
    }

    /// People whom people unassigned, where these are `assigned` now: those we were told of, and those of ours that are
    /// gone.
    #[must_use]
    pub fn unassigned(&self, assigned: &[Login]) -> Vec<Login> {
        let gone = self.our_assignees.iter().filter(|login| !assigned.contains(login));
        gone.chain(&self.refused_assignees).cloned().collect()
    }
}

/// The first message of an issue's thread in Slack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// The message, by its time as Slack names messages.
    pub message: String,
    /// Digest of what it says, by which an unchanged text is recognised without a call.
    pub digest: String,
}

/// The folder of an issue in Drive, and what lies in it because of us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    /// Which.
    pub made: receipt::DriveFolder,
    /// What was copied into it, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copied: Vec<receipt::DriveFile>,
    /// Who has access because of us.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<receipt::Shared>,
    /// What changed in it last, a clause; a stranger's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

/// How it stands with what a report lacks. It is asked for once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// When it was found missing.
    pub at: Timestamp,
    /// When the reporter answered, or nothing was missing any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Timestamp>,
    /// When it was seen that no answer came in the time that was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded: Option<Timestamp>,
}

/// What a closed issue was about, kept when nothing else of it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// When it was closed.
    pub closed_at: Timestamp,
    /// Its most telling words.
    pub terms: Vec<String>,
}

/// A part of an issue or a pull request that people may settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Its title.
    Title,
    /// Whether it is open.
    State,
    /// Whether it is a draft.
    Draft,
    /// What it is planned for.
    Milestone,
    /// Its type.
    Type,
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
/// Moments at which tasks failed whose dead letters are kept at most, about 500 bytes for each letter: more than anybody
/// looks through. What failed at one moment failed together, and stays or leaves together.
const FAILED_MOMENTS_KEPT: usize = 500;
/// How long a closed issue stays in view: late comments and similar reports come within weeks.
const CLOSED_ISSUE_MEMORY: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long it is remembered after that what a closed issue was about: a year is as far as people remember.
const REMEMBERED_MEMORY: Duration = Duration::from_secs(365 * 24 * 3600);
/// Words kept of a closed issue: the first are the most telling, and weigh the most.
const REMEMBERED_TERMS: usize = 12;
/// Closed issues remembered at most, about 130 bytes each in the snapshot that every run reads.
const REMEMBERED_KEPT: usize = 300;

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

        let newest = nth_newest(self.idempotency.values().map(|taken| taken.at), TRIGGERS_KEPT);
        self.idempotency.retain(|_, taken| {
            newest.is_none_or(|oldest| taken.at >= oldest) && !older(taken.at, TRIGGER_MEMORY)
        });

        self.forget_ended(now);

        let remembered = &mut self.remembered;
        self.issues.retain(|number, issue| {
            let Some(at) = issue.closed_at else { return true };
            let is_kept = !older(at.max(issue.updated_at), CLOSED_ISSUE_MEMORY);
            let terms = issue.analysis.as_ref().map(|analysis| analysis.terms.as_slice()).unwrap_or_default();
            if !is_kept && !terms.is_empty() {
                let terms = terms.iter().take(REMEMBERED_TERMS).cloned().collect();
                remembered.insert(*number, Remembered { closed_at: at, terms });
            }
            is_kept
        });
        let newest = nth_newest(self.remembered.values().map(|issue| issue.closed_at), REMEMBERED_KEPT);
        self.remembered.retain(|_, issue| {
            newest.is_none_or(|oldest| issue.closed_at >= oldest)
                && !older(issue.closed_at, REMEMBERED_MEMORY)
        });
    }
}

impl State {
    /// Forgets tasks that ended long ago. Completed and cancelled ones must not push dead letters out, which somebody
    /// still has to see; and what another one that can be revived still needs stays as long as that one.
    fn forget_ended(&mut self, now: Timestamp) {
        let surplus = self.tasks.finished().count().saturating_sub(FINISHED_KEPT);
        let finished = self
            .tasks
            .finished()
            .enumerate()
            .filter(|(place, (at, ..))| *place < surplus || now.since(*at) > FINISHED_MEMORY);
        let oldest_kept = nth_moment(self.tasks.failed().rev().map(|(at, ..)| at), FAILED_MOMENTS_KEPT);
        let failed = self.tasks.failed().filter(|(at, ..)| {
            oldest_kept.is_some_and(|oldest| *at < oldest) || now.since(*at) > DEAD_LETTER_MEMORY
        });
        let over = finished.map(|(_, ended)| ended).chain(failed);
        let mut over: Vec<(Sequence, TaskId)> = over.map(|(_, place, id)| (place, id.clone())).collect();
        // What needs another was enqueued after it, and leaves before it.
        over.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
        for (_, id) in over {
            if self.tasks.needing(&id).next().is_none() {
                self.tasks.remove(&id);
                self.forget_effects(&id);
            }
        }
    }

    /// The effects of a task.
    pub fn effects_of(&self, task: &TaskId) -> impl Iterator<Item = &Effect> {
        let first = EffectId::of(task, "");
        let of_task = self.effects.range(first..).map(|(_, effect)| effect);
        of_task.take_while(move |effect| effect.intent.task == *task)
    }

    /// Forgets the effects of a task that is forgotten.
    fn forget_effects(&mut self, task: &TaskId) {
        let ids: Vec<EffectId> = self.effects_of(task).map(|effect| effect.intent.effect.clone()).collect();
        for id in ids {
            self.effects.remove(&id);
        }
    }
}

/// The `count`th moment of these, which come newest first; none when there are fewer.
fn nth_moment(times: impl Iterator<Item = Timestamp>, count: usize) -> Option<Timestamp> {
    let (mut moments, mut last) = (0, None);
    for at in times {
        if last.replace(at) != Some(at) {
            moments += 1;
        }
        if moments == count {
            return Some(at);
        }
    }
    None
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
