//! A small history told in domain verbs, for tests of the core: decide, fold, look.

pub(crate) mod walk;

use std::sync::Arc;
use std::time::Duration;

use super::actor::Actor;
use super::command::{Command, Context, Outcome, Rejection, Subscription};
use super::decide::decide;
use super::event::{Event, Recorded};
use super::failure::Failure;
use super::id::{CommandId, EffectId, IssueNumber, RunId, TaskId, TriggerIdentity};
use super::payload::Payload;
use super::rollout::Policy;
use super::room::Room;
use super::spec::TaskRequest;
use super::state::State;
use super::subject::Subject;
use super::task::{Status, Task};
use super::time::Timestamp;
use super::trigger::{About, Change, IssueFacts, OpenState, PullFacts, Trigger};
use super::untrusted::Excerpt;
use crate::domain::effect::EffectKind;

/// When stories begin: 2026-11-22T10:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_341_600_000);
/// The issue that stories are about.
pub(crate) const ISSUE: Subject = Subject::Issue(IssueNumber(42));

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);

/// What has happened so far, who acts, and when.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) state: State,
    pub(crate) history: Vec<Recorded>,
    pub(crate) now: Timestamp,
    /// What the configuration wants when tasks end.
    pub(crate) subscriptions: Vec<Subscription>,
    /// How far each feature goes.
    pub(crate) features: Policy,
    run: RunId,
    commands: u64,
}

impl Story {
    /// Nothing has happened; run `1.1` acts.
    pub(crate) fn new() -> Self {
        let run = RunId::new("1.1");
        Self {
            state: State::default(),
            history: Vec::new(),
            now: START,
            subscriptions: Vec::new(),
            features: Policy::default(),
            run,
            commands: 0,
        }
    }

    /// From here on another run acts.
    pub(crate) fn run(&mut self, run: &str) -> &mut Self {
        self.run = RunId::new(run);
        self
    }

    /// Time passes.
    pub(crate) fn later(&mut self, span: Duration) -> &mut Self {
        self.now = self.now.plus(span);
        self
    }

    /// What the next command meets besides the state. Commands are called `c1`, `c2` …
    pub(crate) fn context(&self) -> Context {
        let command = CommandId::new(format!("c{}", self.commands + 1));
        Context {
            actor: Actor::automata(),
            subscriptions: self.subscriptions.clone().into(),
            features: Arc::new(self.features.clone()),
            command,
            run: self.run.clone(),
            now: self.now,
            jitter: 0.5,
        }
    }

    /// Decides a command and folds what follows in.
    pub(crate) fn submit(&mut self, command: &Command) -> Result<Vec<Recorded>, Rejection> {
        let context = self.context();
        let events = decide(&self.state, command, &context)?;
        assert_eq!(decide(&self.state, command, &context).as_ref(), Ok(&events), "deciding is deterministic");
        for event in &events {
            self.fold(event);
        }
        self.commands += 1;
        Ok(events)
    }

    /// As [`Story::submit`]; the command must be taken.
    pub(crate) fn must(&mut self, command: &Command) -> Vec<Recorded> {
        self.submit(command).unwrap_or_else(|rejection| panic!("{command:?} was refused: {rejection}"))
    }

    fn fold(&mut self, event: &Recorded) {
        self.state.apply(event).expect("what was decided can be folded");
        self.history.push(event.clone());
    }

    /// Records a trigger about the issue that leads to `requests`, and gives the ids of what it enqueued.
    pub(crate) fn enqueue(&mut self, requests: Vec<TaskRequest>) -> Vec<TaskId> {
        let trigger = opened(&format!("telling {}", self.commands), self.now);
        enqueued(&self.must(&Command::RecordTrigger { trigger: Box::new(trigger), requests }))
    }

    /// As [`Story::enqueue`], about what somebody else wrote, and set off by them.
    pub(crate) fn enqueue_of(&mut self, who: &str, requests: Vec<TaskRequest>) -> Vec<TaskId> {
        self.enqueue_by(Actor::person(who), who, requests)
    }

    /// As [`Story::enqueue`], set off by `actor` about what `who` wrote.
    pub(crate) fn enqueue_by(&mut self, actor: Actor, who: &str, requests: Vec<TaskRequest>) -> Vec<TaskId> {
        let mut trigger = opened(&format!("telling {}", self.commands), self.now);
        trigger.actor = actor;
        if let About::Issue { issue, .. } = &mut trigger.about {
            issue.author = Actor::person(who);
        }
        enqueued(&self.must(&Command::RecordTrigger { trigger: Box::new(trigger), requests }))
    }

    /// Records a trigger that leads to nothing.
    pub(crate) fn told(&mut self, trigger: Trigger) {
        self.must(&Command::RecordTrigger { trigger: Box::new(trigger), requests: Vec::new() });
    }

    /// Takes a task for a quarter of an hour and gives the lease.
    pub(crate) fn claim(&mut self, task: &TaskId) -> u64 {
        self.try_claim(task).expect("the task is ready");
        self.task(task).leases
    }

    pub(crate) fn try_claim(&mut self, task: &TaskId) -> Result<Vec<Recorded>, Rejection> {
        let until = self.now.plus(15 * MINUTE);
        self.submit(&Command::Claim { task: task.clone(), until, room: Room::default() })
    }

    pub(crate) fn complete(&mut self, task: &TaskId, lease: u64) -> Vec<Recorded> {
        self.must(&completed(task, lease, Vec::new()))
    }

    /// Claims and completes.
    pub(crate) fn work(&mut self, task: &TaskId) {
        let lease = self.claim(task);
        self.complete(task, lease);
    }

    pub(crate) fn fail(&mut self, task: &TaskId, lease: u64, failure: Failure) -> Vec<Recorded> {
        self.must(&failed(task, lease, failure, Vec::new()))
    }

    pub(crate) fn release(&mut self, task: &TaskId, lease: u64) -> Vec<Recorded> {
        let reason = "its workflow run was cancelled".to_owned();
        self.must(&Command::Release { task: task.clone(), lease, reason, if_final: Vec::new() })
    }

    pub(crate) fn give_back(&mut self, task: &TaskId, lease: u64) -> Vec<Recorded> {
        let reason = "its run was told to stop".to_owned();
        self.must(&Command::GiveBack { task: task.clone(), lease, reason, if_final: Vec::new() })
    }

    pub(crate) fn cancel(&mut self, task: &TaskId) -> Result<Vec<Recorded>, Rejection> {
        self.submit(&Command::Cancel { task: task.clone(), reason: "nobody wants it".to_owned() })
    }

    pub(crate) fn revive(&mut self, task: &TaskId) -> Result<Vec<Recorded>, Rejection> {
        self.submit(&Command::Revive { task: task.clone(), input: None, reason: "try again".to_owned() })
    }

    pub(crate) fn intend(
        &mut self,
        task: &TaskId,
        lease: u64,
        detail: &str,
    ) -> Result<Vec<Recorded>, Rejection> {
        self.submit(&intend(task, lease, EffectKind::Labels, detail))
    }

    /// Records the receipt of the step that [`intend`] announces.
    pub(crate) fn receipt(&mut self, task: &TaskId, receipt: &Payload) -> Result<Vec<Recorded>, Rejection> {
        let (effect, receipt) = (EffectId::of(task, "step"), receipt.clone());
        self.submit(&Command::CompleteEffect { effect, receipt, adopted: false })
    }

    /// Ticks until the next clean-up is over.
    pub(crate) fn clean_up(&mut self) {
        loop {
            self.told(tick(&format!("tick {}", self.state.sequence), self.now));
            if self.state.sequence.0.is_multiple_of(256) {
                return;
            }
        }
    }

    pub(crate) fn task(&self, id: &TaskId) -> &Task {
        self.state.tasks.get(id).expect("the task is in view")
    }

    /// The status's name.
    pub(crate) fn status(&self, id: &TaskId) -> &'static str {
        self.task(id).status.name()
    }

    /// The failure of a dead letter.
    pub(crate) fn failure(&self, id: &TaskId) -> &Failure {
        match &self.task(id).status {
            Status::Failed { failure, .. } => failure,
            other => panic!("{id} is {}", other.name()),
        }
    }
}

/// A request of a kind about the issue.
pub(crate) fn request(kind: &str) -> TaskRequest {
    TaskRequest::new(kind, ISSUE, Payload::default(), "a rule says so")
}

/// A request of a kind about another issue.
pub(crate) fn request_on(kind: &str, number: u64) -> TaskRequest {
    TaskRequest::new(kind, Subject::Issue(IssueNumber(number)), Payload::default(), "a rule says so")
}

pub(crate) fn completed(task: &TaskId, lease: u64, follow_ups: Vec<TaskRequest>) -> Command {
    let outcome = Outcome::Completed { output: Payload::of(&"done").unwrap(), follow_ups };
    Command::RecordOutcome { task: task.clone(), lease, outcome }
}

pub(crate) fn failed(task: &TaskId, lease: u64, failure: Failure, if_final: Vec<TaskRequest>) -> Command {
    Command::RecordOutcome { task: task.clone(), lease, outcome: Outcome::Failed { failure, if_final } }
}

pub(crate) fn intend(task: &TaskId, lease: u64, kind: EffectKind, detail: &str) -> Command {
    let (step, target) = ("step".to_owned(), "issue/42".to_owned());
    Command::Intend { task: task.clone(), lease, step, kind, target, detail: detail.to_owned() }
}

/// The tasks that these events enqueue.
pub(crate) fn enqueued(events: &[Recorded]) -> Vec<TaskId> {
    let ids = events.iter().filter_map(|recorded| match &recorded.event {
        Event::TaskEnqueued(enqueued) => Some(enqueued.task.clone()),
        _ => None,
    });
    ids.collect()
}

/// What a person's opening of the issue looks like.
pub(crate) fn opened(identity: &str, at: Timestamp) -> Trigger {
    issue_told(identity, "opened", None, at)
}

/// What GitHub tells when a person does something to the issue.
pub(crate) fn issue_told(identity: &str, action: &str, change: Option<Change>, at: Timestamp) -> Trigger {
    let issue = IssueFacts {
        number: IssueNumber(42),
        title: Excerpt::title("It crashes"),
        body: Excerpt::body("At once."),
        written: None,
        author: Actor::person("ada"),
        state: OpenState::Open,
        labels: Vec::new(),
        assignees: Vec::new(),
        is_pull: false,
        created_at: START,
        updated_at: at,
    };
    Trigger {
        identity: TriggerIdentity::new(identity),
        event: "issues".to_owned(),
        action: Some(action.to_owned()),
        at,
        actor: Actor::person("ada"),
        subject: ISSUE,
        hops: 0,
        about: About::Issue { issue, change },
    }
}

/// What GitHub tells when a person does something to pull request 7.
pub(crate) fn pull_told(identity: &str, action: &str, change: Option<Change>, at: Timestamp) -> Trigger {
    let pull = PullFacts {
        number: IssueNumber(7),
        title: Excerpt::title("Stop the crash"),
        body: Excerpt::default(),
        written: None,
        author: Actor::person("ada"),
        state: OpenState::Open,
        merged: false,
        draft: false,
        head: "fix".to_owned(),
        head_commit: "1".repeat(40),
        base: "main".to_owned(),
        from_fork: false,
        labels: Vec::new(),
    };
    let about = About::Pull { pull, change };
    let (event, subject) = ("pull_request".to_owned(), Subject::Pull(IssueNumber(7)));
    Trigger { event, subject, about, ..issue_told(identity, action, None, at) }
}

/// The clock's tick.
pub(crate) fn tick(identity: &str, at: Timestamp) -> Trigger {
    let about = About::Schedule { cron: "17 3 * * *".to_owned() };
    let (event, subject, actor) = ("schedule".to_owned(), Subject::Repository, Actor::system());
    Trigger { event, subject, actor, about, action: None, ..opened(identity, at) }
}

/// Events one a line: place, subject, what, and what matters about it.
pub(crate) fn told(events: &[Recorded]) -> String {
    events.iter().map(|recorded| format!("{}\n", line(recorded))).collect()
}

fn line(recorded: &Recorded) -> String {
    let stamp = &recorded.stamp;
    let cause = stamp.cause.map(|cause| format!(" because of {cause}")).unwrap_or_default();
    let what = match &recorded.event {
        Event::TriggerReceived(trigger) => format!("received {}", trigger.name()),
        Event::TriggerRefused(refused) => format!("refused {}: {}", refused.event, refused.reason),
        Event::TriggerHeld(event) => format!("held {}: {}", event.trigger, event.reason),
        Event::TriggerSettled(event) => format!("settled {}", event.trigger),
        Event::TaskEnqueued(event) => {
            let needs: Vec<&str> = event.spec.depends_on.iter().map(TaskId::as_str).collect();
            let after = if needs.is_empty() { String::new() } else { format!(" after {}", needs.join(" ")) };
            format!("enqueued {} {}{after}", event.task, event.spec.kind)
        }
        Event::TaskAmended(event) => {
            format!("amended {}: {:?} {:?} {:?}", event.task, event.input, event.priority, event.not_before)
        }
        Event::TaskProgressed(event) => {
            format!("progressed {} lease {}: {:?}", event.task, event.lease, event.progress.percent)
        }
        Event::AssistantAnswered(event) => {
            format!("answered {} lease {}: {} {:?}", event.task, event.lease, event.assistant, event.failure)
        }
        Event::FactObserved(event) => format!("observed {}", event.fact),
        Event::ScheduleSet(event) => format!("set {} next {}", event.name, event.next),
        Event::ScheduleRemoved(event) => format!("removed {}", event.name),
        Event::RepositoryReconciled(event) => format!("reconciled until {}: {}", event.until, event.found),
        Event::ModelLearned(event) => format!("learned from {} rows", event.all_rows()),
        Event::DriveRead(event) => format!("read {} up to {:?}", event.feed, event.next),
        Event::DriveChanged(event) => format!("{} is another: {}", event.place, event.words()),
        Event::DriveUsed(event) => {
            format!("{} used {} bytes, {} units", event.action, event.bytes, event.units)
        }
        Event::ModelSetAside(event) => format!("set aside: {}", event.reason),
        Event::ScheduleFired(event) => {
            format!("fired {} {} missed {} next {}", event.name, event.times.len(), event.missed, event.next)
        }
        Event::TaskClaimed(event) => {
            format!("claimed {} lease {} until {}", event.task, event.lease, event.until)
        }
        Event::TaskCompleted(event) => {
            format!("completed {} lease {}: {:?}", event.task, event.lease, event.output)
        }
        Event::TaskRetried(event) => {
            format!("retried {} at {}: {}", event.task, event.not_before, event.failure)
        }
        Event::TaskFailed(event) => {
            let lease = event.lease.map(|lease| format!(" lease {lease}")).unwrap_or_default();
            format!("failed {}{lease}: {}: {}", event.task, event.failure.code, event.failure)
        }
        Event::TaskReleased(event) => {
            let how = if event.stopped { "given back" } else { "released" };
            format!("{how} {} lease {}: {}", event.task, event.lease, event.reason)
        }
        Event::TaskCancelled(event) => format!("cancelled {}: {}", event.task, event.reason),
        Event::TaskRevived(event) => format!("revived {}: {}", event.task, event.reason),
        Event::OutcomeIgnored(event) => {
            format!("ignored {} of {} lease {}", event.outcome, event.task, event.lease)
        }
        Event::CommandGranted(event) => format!("granted {}: {}", event.said, event.reason),
        Event::CommandRefused(event) => format!("refused {}: {}", event.said, event.reason),
        Event::AccessGranted(event) => format!("granted {}: {}", event.said, event.reason),
        Event::AccessRefused(event) => format!("refused {}: {}", event.said, event.reason),
        Event::CommandAnswered(event) => format!("answered {}", event.asked_by),
        Event::FeaturePaused(event) => format!("{} paused: {}", event.feature, event.reason),
        Event::FeatureResumed(event) => format!("{} resumed: {}", event.feature, event.reason),
        Event::FeatureFellBack(event) => format!("{} fell back: {}", event.feature, event.reason),
        Event::FeatureRestored(event) => format!("{} restored: {}", event.feature, event.reason),
        Event::SubjectPaused(event) => format!("paused: {}", event.reason),
        Event::SubjectResumed(event) => format!("resumed: {}", event.reason),
        Event::TextForgotten(event) => format!("forgot {} events of {:?}", event.events, event.subjects),
        Event::Used(event) => format!("used {event:?}"),
        Event::Sealed(event) => format!("sealed {}", event.kind),
        Event::EffectIntended(intent) => {
            format!("intended {} lease {}: {}", intent.effect, intent.lease, intent.detail)
        }
        Event::EffectCompleted(event) => format!("did {}: {:?}", event.effect, event.receipt),
    };
    format!("{} {} {what}{cause}", stamp.sequence, stamp.subject)
}
