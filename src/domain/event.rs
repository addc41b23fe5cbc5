//! What happened, for ever: the events of the log. Their wire names stand in `log::wire`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::actor::{Actor, Permission};
use super::allowance::DriveUsed;
use super::effect::Intent;
use super::fact::Fact;
use super::failure::Failure;
use super::feature::Feature;
use super::id::{EffectId, Login, RunId, ScheduleName, Sequence, TaskId};
use super::learned::{ModelLearned, ModelSetAside};
use super::payload::Payload;
use super::schedule::Schedule;
use super::subject::Subject;
use super::time::Timestamp;
use super::trigger::Trigger;
use super::usage::Usage;
use super::used::Used;
use super::watched::{DriveChanged, DriveRead};

mod task;

pub use task::{
    OutcomeIgnored, TaskAmended, TaskCancelled, TaskClaimed, TaskCompleted, TaskEnqueued, TaskFailed,
    TaskProgressed, TaskReleased, TaskRetried, TaskRevived,
};

/// Something that happened. Past tense; never changed once written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Something happened outside and was recorded before anything else.
    TriggerReceived(Box<Trigger>),
    /// Something arrived that could not be understood; this is what could be saved of it.
    TriggerRefused(TriggerRefused),
    /// A trigger waits: the configuration, which says what it leads to, is broken.
    TriggerHeld(TriggerHeld),
    /// A trigger that had waited was decided; the tasks that it leads to follow.
    TriggerSettled(TriggerSettled),
    /// A task came to be.
    TaskEnqueued(Box<TaskEnqueued>),
    /// A pending task's input, priority or time was changed.
    TaskAmended(TaskAmended),
    /// A run took a task.
    TaskClaimed(TaskClaimed),
    /// Work has come this far, and can go on from here.
    TaskProgressed(TaskProgressed),
    /// A task is done.
    TaskCompleted(TaskCompleted),
    /// An attempt failed, and another will follow.
    TaskRetried(TaskRetried),
    /// A task is given up.
    TaskFailed(TaskFailed),
    /// The run that held a task is gone; the task is pending again.
    TaskReleased(TaskReleased),
    /// A task was called off.
    TaskCancelled(TaskCancelled),
    /// A dead letter gets another chance.
    TaskRevived(TaskRevived),
    /// An outcome came from somebody who no longer held the task; it changes nothing.
    OutcomeIgnored(OutcomeIgnored),
    /// What tasks wait for outside is so.
    FactObserved(FactObserved),
    /// A recurring task came to be, or was changed.
    ScheduleSet(Box<ScheduleSet>),
    /// A recurring task comes no more.
    ScheduleRemoved(ScheduleRemoved),
    /// The time of a recurring task came.
    ScheduleFired(ScheduleFired),
    /// What happened outside was looked through for what no event told.
    RepositoryReconciled(RepositoryReconciled),
    /// What issues are was learned from people's labels.
    ModelLearned(ModelLearned),
    /// A feed of changes in Drive was read up to some place; the changes that it told follow.
    DriveRead(Box<DriveRead>),
    /// Something in a watched folder in Drive is another than it was.
    DriveChanged(Box<DriveChanged>),
    /// A command used some of what all runs share of Drive, outside of any task.
    DriveUsed(DriveUsed),
    /// What was learned is not used any more.
    ModelSetAside(ModelSetAside),
    /// Somebody may have what they asked for.
    CommandGranted(CommandJudged),
    /// Somebody may not have what they asked for.
    CommandRefused(CommandJudged),
    /// What somebody wants without a word of ours is done: a patch, a review, a label. Wire name `access.granted`.
    AccessGranted(CommandJudged),
    /// It is not done, because they may not have it done. Wire name `access.refused`.
    AccessRefused(CommandJudged),
    /// Somebody who asked is answered: the answer stands in the status comment until the next one.
    CommandAnswered(CommandAnswered),
    /// Nothing about the subject is begun until it is resumed.
    SubjectPaused(SubjectPaused),
    /// What was paused goes on.
    SubjectResumed(SubjectResumed),
    /// Nothing of a feature is begun until it is resumed.
    FeaturePaused(FeatureChanged),
    /// A feature goes on.
    FeatureResumed(FeatureChanged),
    /// Too much of a feature failed or was taken back: it only suggests from here on.
    FeatureFellBack(FeatureChanged),
    /// A feature that had fallen back goes as far again as the configuration says; its results are counted anew.
    FeatureRestored(FeatureChanged),
    /// Keys were destroyed: what people wrote about something, or what somebody wrote, cannot be read any more.
    TextForgotten(TextForgotten),
    /// A credential or the keys of the log were used, or the keys changed.
    Used(Used),
    /// Something that this reader has no key for. Never written.
    Sealed(Sealed),
    /// A change outside is about to happen.
    EffectIntended(Intent),
    /// A change outside has happened.
    EffectCompleted(EffectCompleted),
    /// An assistant was asked for a change, and this came of it.
    AssistantAnswered(AssistantAnswered),
}

/// See [`Event::TriggerRefused`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerRefused {
    /// The event's name as the environment gave it.
    pub event: String,
    /// What was wrong with it.
    pub reason: String,
    /// How many bytes of it were read.
    pub bytes: u64,
    /// SHA-256 of what arrived, to recognise it by.
    pub digest: String,
}

/// See [`Event::TriggerHeld`]. Follows the trigger at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerHeld {
    /// The place of the trigger.
    pub trigger: Sequence,
    /// What is wrong with the configuration.
    pub reason: String,
}

/// See [`Event::TriggerSettled`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerSettled {
    /// The place of the trigger.
    pub trigger: Sequence,
}

/// See [`Event::FactObserved`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactObserved {
    /// What is so.
    pub fact: Fact,
}

/// See [`Event::RepositoryReconciled`]. What was found stands before it as triggers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryReconciled {
    /// Everything that changed before then is in the log.
    pub until: Timestamp,
    /// How many triggers were found that no event had told.
    pub found: u32,
    /// What was left of the API's budget by then, as GitHub told with its last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<ApiBudget>,
    /// How the lists looked that were read, by their names, where that is not as it was recorded last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lists: Option<BTreeMap<String, ListSeen>>,
    /// The repository's name, where none was recorded before: by it shares of issues are drawn, also when it is renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
}

/// Calls of GitHub's REST API that are left in the hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiBudget {
    /// How many are left.
    pub left: u64,
    /// How many an hour has.
    pub limit: u64,
}

/// How a list of what changed looked: GitHub says for nothing that it still does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSeen {
    /// What it listed changed at this time or later.
    pub since: Timestamp,
    /// The tag by which GitHub knows what it answered. To another token the same answer has another one.
    pub tag: String,
}

/// See [`Event::ScheduleSet`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleSet {
    /// Its name.
    pub name: ScheduleName,
    /// What comes again and again. Not flattened: a flattened field cannot hold a [`Payload`].
    pub schedule: Schedule,
    /// When first.
    pub next: Timestamp,
}

/// See [`Event::ScheduleRemoved`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRemoved {
    /// Its name.
    pub name: ScheduleName,
    /// Why.
    pub reason: String,
}

/// See [`Event::ScheduleFired`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleFired {
    /// Its name.
    pub name: ScheduleName,
    /// The times for which a task was enqueued.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub times: Vec<Timestamp>,
    /// How many times passed without one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub missed: u32,
    /// When next.
    pub next: Timestamp,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// See [`Event::EffectCompleted`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectCompleted {
    /// Which effect.
    pub effect: EffectId,
    /// Ids to find it by.
    #[serde(default)]
    pub receipt: Payload,
    /// Whether it was found done by a probe instead of being done now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
}

/// See [`Event::AssistantAnswered`]. What was used up counts whoever holds the task by then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssistantAnswered {
    /// The task that it was asked for.
    pub task: TaskId,
    /// Under which lease.
    pub lease: u64,
    /// Its name in the configuration.
    pub assistant: String,
    /// Whose wish it was.
    pub wanted_by: Login,
    /// Why it was its turn: `the first in the list`, `the check \`test\` failed`.
    pub reason: String,
    /// What it used up.
    #[serde(default)]
    pub usage: Usage,
    /// Why nothing came of it; none when it made a change that could be taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Digest of what it was told; none where that is nothing to be paid for again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
    /// Whether it was asked to judge, and not for a change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub judges: bool,
}

/// See [`Event::CommandGranted`] and [`Event::CommandRefused`], [`Event::AccessGranted`] and [`Event::AccessRefused`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandJudged {
    /// The verb: `implement`; of what is no command what sort it is: `patch`.
    pub verb: String,
    /// The whole command as it was understood: `label +bug`; of what is no command where it stands.
    pub said: String,
    /// Whose right was judged. The stamp names who is behind the event.
    pub actor: Actor,
    /// What GitHub said they may do here; none where it was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<Permission>,
    /// Why.
    pub reason: String,
    /// GitHub's id of the comment or the review; none when it was said elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<u64>,
}

/// See [`Event::CommandAnswered`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandAnswered {
    /// Who asked.
    pub asked_by: Login,
    /// The answer, Markdown; nothing takes an earlier answer away.
    pub text: String,
}

/// See [`Event::SubjectPaused`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectPaused {
    /// Why.
    pub reason: String,
}

/// See [`Event::SubjectResumed`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectResumed {
    /// Why.
    pub reason: String,
}

/// See [`Event::FeaturePaused`] and those after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureChanged {
    /// Which.
    pub feature: Feature,
    /// Why, a clause.
    pub reason: String,
}

/// See [`Event::TextForgotten`]. Who is forgotten is not said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextForgotten {
    /// The issues and pull requests of which all that anybody wrote was forgotten; none: one person's words were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// How many events lost something.
    pub events: u64,
    /// How many events about the same were recorded before anything was sealed, and stay as they are.
    #[serde(default, skip_serializing_if = "is_none")]
    pub readable: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}

/// See [`Event::Sealed`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sealed {
    /// Its name on the wire.
    #[serde(skip)]
    pub kind: String,
}

/// Where and when an event stands, and who is behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Its place in the log.
    pub sequence: Sequence,
    /// What it is about.
    pub subject: Subject,
    /// When it was decided, by the clock of the run that did.
    pub at: Timestamp,
    /// Who is behind it.
    pub actor: Actor,
    /// The run that recorded it.
    pub run: RunId,
    /// The event that led to it directly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Sequence>,
    /// The trigger with which the whole chain began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<Sequence>,
}

/// An event with its place: what `decide` hands out and `evolve` folds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Where, when, who.
    pub stamp: Stamp,
    /// What.
    pub event: Event,
}
