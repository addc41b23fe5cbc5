//! What somebody wants: commands, which may be refused, and the reasons for refusing.

use std::sync::Arc;

use super::actor::Actor;
use super::allowance::DriveUsed;
use super::decide::RollBack;
use super::effect::EffectKind;
use super::event::{
    AssistantAnswered, CommandAnswered, CommandJudged, RepositoryReconciled, TextForgotten, TriggerRefused,
};
use super::evolve::IllegalEvent;
use super::fact::Fact;
use super::failure::Failure;
use super::feature::Feature;
use super::id::{AssistantName, CommandId, EffectId, KindName, RunId, ScheduleName, Sequence, TaskId};
use super::learned::{ModelLearned, ModelSetAside};
use super::notice::Happening;
use super::payload::Payload;
use super::rollout::Policy;
use super::room::{Full, Room};
use super::schedule::Schedule;
use super::spec::{AsOf, Ending, Priority, TaskRequest, TaskSpec};
use super::subject::{Scope, Subject};
use super::task::Progress;
use super::time::Timestamp;
use super::trigger::Trigger;
use super::used::Used;
use super::watched::{DriveChanged, DriveRead};

/// Something that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Record what happened outside, and enqueue what the rules make of it.
    RecordTrigger {
        /// What happened.
        trigger: Box<Trigger>,
        /// What the rules make of it.
        requests: Vec<TaskRequest>,
    },
    /// Record what happened outside, and that nobody can say yet what it leads to.
    HoldTrigger {
        /// What happened.
        trigger: Box<Trigger>,
        /// What is wrong with the configuration.
        reason: String,
    },
    /// Enqueue what the rules make of a trigger that was held.
    SettleHeld {
        /// Its place.
        trigger: Sequence,
        /// What the rules make of it.
        requests: Vec<TaskRequest>,
    },
    /// Record up to which time everything outside was looked through.
    Reconciled(RepositoryReconciled),
    /// Record that a model was trained, which is kept already.
    Learned(ModelLearned),
    /// Record what a feed of changes in Drive told, and enqueue what the rules make of it.
    ReadDrive {
        /// From where it was read; none: from the present on.
        since: Option<String>,
        /// Up to where, and what is known now.
        read: Box<DriveRead>,
        /// The changes, each with what the rules make of it.
        changes: Vec<(DriveChanged, Vec<TaskRequest>)>,
    },
    /// Record what a command used of Drive outside of any task.
    CountDrive(DriveUsed),
    /// Let the rules judge alone again.
    SetAside(ModelSetAside),
    /// Record that something arrived which could not be understood.
    RefuseTrigger(TriggerRefused),
    /// Enqueue tasks by hand.
    Enqueue(Vec<TaskRequest>),
    /// Enqueue tasks that show what has changed, as far as their features go: nobody asks for them.
    Show(Vec<TaskRequest>),
    /// Change a pending task. What is none stays as it is.
    Amend {
        /// Which.
        task: TaskId,
        /// What the kind needs to know.
        input: Option<Payload>,
        /// Who goes first.
        priority: Option<Priority>,
        /// Not before then.
        not_before: Option<Timestamp>,
        /// Why.
        reason: String,
    },
    /// Note what whoever approves a pending task, or is asked to look again, could see.
    ShowAs {
        /// Which.
        task: TaskId,
        /// What they could see.
        as_of: AsOf,
        /// Why.
        reason: String,
    },
    /// Take a task.
    Claim {
        /// Which.
        task: TaskId,
        /// When the claim is to end by itself.
        until: Timestamp,
        /// The room there may be.
        room: Room,
    },
    /// Record how far work has come.
    Progress {
        /// Which task.
        task: TaskId,
        /// Under which lease.
        lease: u64,
        /// How far.
        progress: Progress,
    },
    /// Record that an assistant which failed again and again is about to be asked again: by one task at a time.
    Try {
        /// Which task asks.
        task: TaskId,
        /// Under which lease.
        lease: u64,
        /// Whom.
        assistant: AssistantName,
    },
    /// Give up what should have begun by now.
    Expire,
    /// Record that what tasks wait for outside is so.
    Observe(Fact),
    /// Make a task recur, or change how.
    SetSchedule {
        /// Its name.
        name: ScheduleName,
        /// What comes again and again.
        schedule: Box<Schedule>,
        /// When first.
        next: Timestamp,
    },
    /// Let a task recur no more.
    RemoveSchedule {
        /// Its name.
        name: ScheduleName,
        /// Why.
        reason: String,
    },
    /// Enqueue what is due of a recurring task.
    Fire {
        /// Its name.
        name: ScheduleName,
        /// The time that has come, as the schedule has it now; another run may have been faster.
        due: Timestamp,
        /// The times for which to enqueue a task.
        times: Vec<Timestamp>,
        /// How many times passed without one.
        missed: u32,
        /// When next.
        next: Timestamp,
    },
    /// Announce a change outside.
    Intend {
        /// The task it belongs to.
        task: TaskId,
        /// Under which lease.
        lease: u64,
        /// The step inside the task; names the effect.
        step: String,
        /// What kind of change.
        kind: EffectKind,
        /// What it changes.
        target: String,
        /// What exactly is to happen there.
        detail: String,
    },
    /// Record that a change outside has happened. Taken even from a run that lost its lease: it is a fact.
    /// Not taken when another run has since announced something else in its place.
    CompleteEffect {
        /// Which.
        effect: EffectId,
        /// Ids to find it by.
        receipt: Payload,
        /// Whether a probe found it done.
        adopted: bool,
    },
    /// Record what an assistant answered. Taken even from a run that lost its lease: it was paid for.
    RecordAnswer(Box<AssistantAnswered>),
    /// Record what came of an attempt.
    RecordOutcome {
        /// Which task.
        task: TaskId,
        /// Under which lease.
        lease: u64,
        /// What came of it.
        outcome: Outcome,
    },
    /// Take a task from a run that is gone.
    Release {
        /// Which task.
        task: TaskId,
        /// The lease to end.
        lease: u64,
        /// The evidence that its run is gone.
        reason: String,
        /// What to do if this was the last attempt: tell somebody.
        if_final: Vec<TaskRequest>,
    },
    /// Give a task back: this run, which holds it, was told to stop.
    GiveBack {
        /// Which task.
        task: TaskId,
        /// The lease to end.
        lease: u64,
        /// Why.
        reason: String,
        /// What to do if it is given up, because that has happened too often: tell somebody.
        if_final: Vec<TaskRequest>,
    },
    /// Call a task off.
    Cancel {
        /// Which.
        task: TaskId,
        /// Why.
        reason: String,
    },
    /// Record whether somebody may have what they asked for.
    Judge {
        /// What it was said about.
        subject: Subject,
        /// Whether they may.
        granted: bool,
        /// Who, what and why.
        judged: CommandJudged,
    },
    /// Record whether what somebody wants without a word of ours is done; what is recorded already is not recorded again.
    Weigh {
        /// What it is about.
        subject: Subject,
        /// Whether it is done.
        granted: bool,
        /// Who, what and why.
        judged: CommandJudged,
    },
    /// Answer somebody who asked.
    Answer {
        /// What they asked about.
        subject: Subject,
        /// The answer.
        answered: CommandAnswered,
    },
    /// Begin nothing about a subject until it is resumed.
    Pause {
        /// Which.
        subject: Subject,
        /// Why.
        reason: String,
    },
    /// Go on with a subject.
    Resume {
        /// Which.
        subject: Subject,
        /// Why.
        reason: String,
    },
    /// Begin nothing of a feature until it is resumed.
    PauseFeature {
        /// Which.
        feature: Feature,
        /// Why.
        reason: String,
    },
    /// Go on with a feature: begin it again, and let it go as far again as the configuration says.
    ResumeFeature {
        /// Which.
        feature: Feature,
        /// Why.
        reason: String,
    },
    /// Record that keys were destroyed.
    RecordForgotten(TextForgotten),
    /// Record what was used of credentials and keys.
    RecordUsed(Vec<Used>),
    /// Take back what was decided after some event, as far as it still lies ahead.
    RollBack(Box<RollBack>),
    /// What a task that obeys somebody wants: done in their name, and only while the task is held.
    OnBehalf {
        /// The task that obeys.
        task: TaskId,
        /// Under which lease.
        lease: u64,
        /// Whom it obeys.
        actor: Actor,
        /// What they want.
        command: Box<Self>,
    },
    /// Give a task that failed or was called off another chance, and with it those that failed because of it. A deadline
    /// that has passed is lifted.
    Revive {
        /// Which.
        task: TaskId,
        /// Another input than it had.
        input: Option<Payload>,
        /// Why.
        reason: String,
    },
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Completed {
        /// What it leaves behind.
        output: Payload,
        /// What to do next.
        follow_ups: Vec<TaskRequest>,
    },
    /// It did not work.
    Failed {
        /// Why.
        failure: Failure,
        /// What to do if this was the last attempt: tell somebody.
        if_final: Vec<TaskRequest>,
    },
}

/// What a decision needs to know besides the state.
#[derive(Clone, Debug)]
pub struct Context {
    /// The command's identity.
    pub command: CommandId,
    /// Who asks: a person at the command line, else Automata.
    pub actor: Actor,
    /// The run that asks.
    pub run: RunId,
    /// The time.
    pub now: Timestamp,
    /// A number in `[0, 1)` that spreads retries.
    pub jitter: f64,
    /// What the configuration wants when tasks end.
    pub subscriptions: Arc<[Subscription]>,
    /// How far each feature goes.
    pub features: Arc<Policy>,
}

/// What leads to a task that the configuration wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// A task ends so.
    Ended(Ending),
    /// Something happened that is worth a word: one of these, or anything when none is named.
    Told(Vec<Happening>),
    /// Something was begun or done about a pull request of ours.
    Tended,
}

impl From<Ending> for Occasion {
    fn from(ending: Ending) -> Self {
        Self::Ended(ending)
    }
}

/// What to enqueue whenever a task ends, or something happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// What leads to it.
    pub on: Occasion,
    /// Tasks of these kinds; none named: of all.
    pub kinds: Vec<KindName>,
    /// Tasks about these subjects: what is to be enqueued makes sense for no other.
    pub about: Scope,
    /// What to enqueue, about the subject of the task that ended, or of what happened. Its unique key holds for each subject by itself.
    pub task: TaskSpec,
}

/// Why a command was refused. Nothing was recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The log has it already.
    #[error("this was recorded before, as event {0}")]
    Duplicate(Sequence),
    /// No trigger at this place waits, or no longer.
    #[error("event {0} does not wait to be decided")]
    NotHeld(Sequence),
    /// The log is not that long.
    #[error("there is no event {0} yet")]
    NotThere(Sequence),
    /// It was planned for the log as it was.
    #[error("the log went on to event {0}")]
    WentOn(Sequence),
    /// There is no such task in view.
    #[error("there is no task {0}")]
    UnknownTask(TaskId),
    /// There is no such effect in view.
    #[error("there is no effect {0}")]
    UnknownEffect(EffectId),
    /// Another run has announced something else in its place, which this receipt must not close.
    #[error("effect {0} was announced anew by another run")]
    Overtaken(EffectId),
    /// The task is not in a state in which this can happen.
    #[error("task {task} is {status}")]
    WrongStatus {
        /// Which.
        task: TaskId,
        /// Its status's name.
        status: &'static str,
    },
    /// The task cannot run yet.
    #[error("task {0} cannot run yet")]
    NotReady(TaskId),
    /// The limits leave no room for the task.
    #[error("there is no room for task {task}: {full}")]
    NoRoom {
        /// Which task.
        task: TaskId,
        /// Why.
        full: Full,
    },
    /// There is no such recurring task.
    #[error("there is no schedule {0}")]
    UnknownSchedule(ScheduleName),
    /// Another recurring task has that name, and one of the two is set by hand.
    #[error("there is another schedule {0}")]
    NameTaken(ScheduleName),
    /// The recurring task's time is another one: some other run was faster.
    #[error("schedule {0} is not due")]
    NotDue(ScheduleName),
    /// Another run has read the feed of changes further.
    #[error("the feed of changes `{0}` was read by another run")]
    FeedMoved(String),
    /// Nobody waits for the fact.
    #[error("no task waits for {0}")]
    NotAwaited(Fact),
    /// The subject is not in view, or it is paused already, or not.
    #[error("{0} cannot be paused or resumed now")]
    NotPausable(Subject),
    /// The feature is paused already, or not, and has not fallen back.
    #[error("feature {0} cannot be paused or resumed now")]
    FeatureNotPausable(Feature),
    /// The lease is not the task's present one.
    #[error("lease {lease} of task {task} is over")]
    StaleLease {
        /// Which task.
        task: TaskId,
        /// The lease named.
        lease: u64,
    },
    /// A request waits for one that is not in the same list.
    #[error("request {request} waits for request {waits_for}, which is not there")]
    BadDependency {
        /// Place of the request.
        request: usize,
        /// Place it names.
        waits_for: usize,
    },
    /// Requests of one list wait for each other.
    #[error("requests wait for each other: {}", circle(.0))]
    Cycle(Vec<usize>),
    /// What was decided cannot follow from what is there: a bug.
    #[error("{0}; nothing of this was recorded. That is a bug in Automata")]
    Impossible(IllegalEvent),
    /// A task depends on one that is not there, failed or was called off.
    #[error("a task cannot depend on {0}, which is not there or will never be completed")]
    UnknownDependency(TaskId),
}

/// Each waits for the next, and the last for the first.
fn circle(places: &[usize]) -> String {
    let names: Vec<String> = places.iter().chain(places.first()).map(ToString::to_string).collect();
    names.join(" -> ")
}
