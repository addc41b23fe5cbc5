//! Random walks: what several runs may ask of the queue, in any order.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;

use super::{MINUTE, START, enqueued, intend, opened};
use crate::domain::actor::Actor;
use crate::domain::command::{Command, Context, Outcome, Rejection};
use crate::domain::effect::EffectKind;
use crate::domain::event::{Event, Recorded};
use crate::domain::fact::Fact;
use crate::domain::failure::Failure;
use crate::domain::id::{CommandId, EffectId, IssueNumber, RunId, Sequence, TaskId};
use crate::domain::payload::Payload;
use crate::domain::room::Room;
use crate::domain::spec::{Ending, Hook, IfLost, OnDuplicate, Priority, TaskRequest};
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::Progress;
use crate::domain::time::Timestamp;

/// What decides: `decide`, or a broken one in the negative controls.
pub(crate) type Decider = fn(&State, &Command, &Context) -> Result<Vec<Recorded>, Rejection>;

/// A request in small numbers: kinds, issues and keys are few, so that they meet.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    kind: u8,
    issue: u8,
    key: Option<u8>,
    after: Vec<usize>,
    priority: u8,
    max_attempts: u32,
    minutes: u32,
    rare: Rare,
}

/// What few requests have.
#[derive(Clone, Debug)]
struct Rare {
    if_lost: IfLost,
    on_duplicate: OnDuplicate,
    input: u8,
    once: Option<u8>,
    lock: Option<u8>,
    deadline: Option<u32>,
    fact: Option<u8>,
    hook: Option<(Ending, u8)>,
}

/// How an attempt ends.
#[derive(Clone, Debug)]
pub(crate) enum End {
    Well(Vec<Ask>),
    Badly,
    Limited,
    ForGood(Vec<Ask>),
}

/// What happens next. Tasks are named by their place among all there are, modulo their number; `run` 0
/// stands for whoever holds the task, and leases are the present one less `stale`.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Enqueue(Vec<Ask>),
    /// What happened is recorded and waits.
    Hold,
    /// One of those that ever waited is decided.
    Settle(usize, Vec<Ask>),
    Claim {
        run: u8,
        task: usize,
    },
    Finish {
        run: u8,
        task: usize,
        stale: u64,
        end: End,
    },
    Release {
        task: usize,
        stale: u64,
        if_final: Vec<Ask>,
    },
    /// Whoever holds it was told to stop.
    GiveBack {
        run: u8,
        task: usize,
        if_final: Vec<Ask>,
    },
    Cancel(usize),
    Revive(usize),
    Amend {
        task: usize,
        priority: Option<u8>,
        minutes: Option<u32>,
    },
    Expire,
    Observe(u8),
    Progress {
        run: u8,
        task: usize,
        percent: u8,
    },
    Intend {
        run: u8,
        task: usize,
        detail: u8,
    },
    Receipt {
        run: u8,
        task: usize,
        receipt: u8,
    },
    Minutes(u32),
}

fn ask() -> impl Strategy<Value = Ask> {
    let names = (0..3_u8, 0..3_u8, proptest::option::weighted(0.3, 0..2_u8));
    let numbers = (0..=100_u8, 1..4_u32, prop_oneof![4 => Just(0), 1 => 1..4_u32]);
    (names, vec(0..4_usize, 0..3), numbers, rare()).prop_map(
        |((kind, issue, key), after, (priority, max_attempts, minutes), rare)| Ask {
            kind,
            issue,
            key,
            after,
            priority,
            max_attempts,
            minutes,
            rare,
        },
    )
}

fn rare() -> impl Strategy<Value = Rare> {
    let seldom = |most: u8| proptest::option::weighted(0.1, 0..most);
    let if_lost = prop_oneof![4 => Just(IfLost::Fail), 1 => Just(IfLost::Skip), 1 => Just(IfLost::Continue)];
    let on_duplicate =
        prop_oneof![Just(OnDuplicate::Drop), Just(OnDuplicate::Replace), Just(OnDuplicate::Coalesce)];
    let ending = prop_oneof![Just(Ending::Completed), Just(Ending::Failed), Just(Ending::Cancelled)];
    let hook = proptest::option::weighted(0.15, (ending, 0..3_u8));
    let deadline = proptest::option::weighted(0.15, 1..6_u32);
    let policies = (if_lost, on_duplicate, 0..3_u8);
    (policies, seldom(3), seldom(2), deadline, seldom(2), hook).prop_map(
        |((if_lost, on_duplicate, input), once, lock, deadline, fact, hook)| Rare {
            if_lost,
            on_duplicate,
            input,
            once,
            lock,
            deadline,
            fact,
            hook,
        },
    )
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        3 => vec(ask(), 0..3).prop_map(End::Well),
        2 => Just(End::Badly),
        1 => Just(End::Limited),
        1 => vec(ask(), 0..2).prop_map(End::ForGood),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let (run, task) = (|| prop_oneof![4 => Just(0_u8), 1 => 1..4_u8], || 0..64_usize);
    let stale = || prop_oneof![4 => Just(0_u64), 1 => 1..3_u64];
    prop_oneof![
        3 => vec(ask(), 0..4).prop_map(Step::Enqueue),
        1 => Just(Step::Hold),
        1 => (0..8_usize, vec(ask(), 0..3)).prop_map(|(place, asks)| Step::Settle(place, asks)),
        6 => (1..4_u8, task()).prop_map(|(run, task)| Step::Claim { run, task }),
        6 => (run(), task(), stale(), end())
            .prop_map(|(run, task, stale, end)| Step::Finish { run, task, stale, end }),
        2 => (task(), stale(), vec(ask(), 0..2))
            .prop_map(|(task, stale, if_final)| Step::Release { task, stale, if_final }),
        2 => (run(), task(), vec(ask(), 0..2))
            .prop_map(|(run, task, if_final)| Step::GiveBack { run, task, if_final }),
        1 => task().prop_map(Step::Cancel),
        1 => task().prop_map(Step::Revive),
        1 => (task(), proptest::option::of(0..=100_u8), proptest::option::of(0..3_u32))
            .prop_map(|(task, priority, minutes)| Step::Amend { task, priority, minutes }),
        1 => Just(Step::Expire),
        1 => (0..2_u8).prop_map(Step::Observe),
        1 => (run(), task(), 0..=100_u8).prop_map(|(run, task, percent)| Step::Progress { run, task, percent }),
        1 => (run(), task(), 0..2_u8).prop_map(|(run, task, detail)| Step::Intend { run, task, detail }),
        1 => (run(), task(), 0..2_u8).prop_map(|(run, task, receipt)| Step::Receipt { run, task, receipt }),
        2 => (1..4_u32).prop_map(Step::Minutes),
    ]
}

/// Steps that begin with something to do.
pub(crate) fn steps(count: usize) -> impl Strategy<Value = Vec<Step>> {
    (vec(ask(), 1..4), vec(step(), 1..count)).prop_map(|(first, mut steps)| {
        steps.insert(0, Step::Enqueue(first));
        steps
    })
}

/// Where a walk has come to.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    pub(crate) state: State,
    pub(crate) now: Timestamp,
    /// Every task there was, in the order of the log.
    pub(crate) tasks: Vec<TaskId>,
    /// Places of triggers that ever waited.
    held: Vec<Sequence>,
    steps: u64,
}

impl Walk {
    pub(crate) fn new() -> Self {
        Self { state: State::default(), now: START, tasks: Vec::new(), held: Vec::new(), steps: 0 }
    }

    /// The command that a step stands for; none when it needs a task and there is none, or it only takes time.
    pub(crate) fn command(&mut self, step: &Step) -> Option<(Command, Context)> {
        self.steps += 1;
        let (run, command) = match step {
            Step::Minutes(minutes) => {
                self.now = self.now.plus(*minutes * MINUTE);
                return None;
            }
            Step::Enqueue(asks) => {
                let trigger = Box::new(opened(&format!("telling {}", self.steps), self.now));
                (1, Command::RecordTrigger { trigger, requests: self.requests(asks) })
            }
            Step::Hold => {
                let trigger = Box::new(opened(&format!("telling {}", self.steps), self.now));
                (1, Command::HoldTrigger { trigger, reason: "nobody can say".to_owned() })
            }
            Step::Settle(place, asks) => {
                let trigger = *self.held.get(place.checked_rem(self.held.len())?)?;
                (1, Command::SettleHeld { trigger, requests: self.requests(asks) })
            }
            Step::Claim { run, task } => {
                let until = self.now.plus(15 * MINUTE);
                (*run, Command::Claim { task: self.named(*task)?, until, room: lock() })
            }
            Step::Finish { run, task, stale, end } => {
                let (task, lease) = self.lease(*task, *stale)?;
                (*run, Command::RecordOutcome { task, lease, outcome: self.outcome(end) })
            }
            Step::Release { task, stale, if_final } => {
                let (task, lease) = self.lease(*task, *stale)?;
                let reason = "its run is gone".to_owned();
                (1, Command::Release { task, lease, reason, if_final: self.requests(if_final) })
            }
            Step::GiveBack { run, task, if_final } => {
                let (task, lease) = self.lease(*task, 0)?;
                let reason = "its run was told to stop".to_owned();
                (*run, Command::GiveBack { task, lease, reason, if_final: self.requests(if_final) })
            }
            Step::Cancel(task) => (1, Command::Cancel { task: self.named(*task)?, reason: String::new() }),
            Step::Revive(task) => {
                (1, Command::Revive { task: self.named(*task)?, input: None, reason: String::new() })
            }
            Step::Amend { task, priority, minutes } => {
                let not_before = minutes.map(|minutes| self.now.plus(minutes * MINUTE));
                let (task, priority) = (self.named(*task)?, priority.map(Priority::new));
                (1, Command::Amend { task, input: None, priority, not_before, reason: String::new() })
            }
            Step::Expire => (1, Command::Expire),
            Step::Observe(number) => (1, Command::Observe(fact(*number))),
            Step::Progress { run, task, percent } => {
                let (task, lease) = self.lease(*task, 0)?;
                let progress = Progress { percent: Some(*percent), ..Progress::default() };
                (*run, Command::Progress { task, lease, progress })
            }
            Step::Intend { run, task, detail } => {
                let (task, lease) = self.lease(*task, 0)?;
                (*run, intend(&task, lease, EffectKind::Labels, &detail.to_string()))
            }
            Step::Receipt { run, task, receipt } => {
                let effect = EffectId::of(&self.named(*task)?, "step");
                let receipt = Payload::of(receipt).unwrap();
                (*run, Command::CompleteEffect { effect, receipt, adopted: false })
            }
        };
        Some((command.clone(), self.context(run, &command)))
    }

    fn context(&self, run: u8, command: &Command) -> Context {
        let holder =
            command_task(command).and_then(|id| Some(self.state.tasks.get(id)?.lease()?.run.clone()));
        let run = match run {
            0 => holder.unwrap_or_else(|| RunId::new("1.1")),
            other => RunId::new(format!("{other}.1")),
        };
        let command = CommandId::new(format!("c{:03}", self.steps));
        Context {
            actor: Actor::automata(),
            subscriptions: Arc::default(),
            features: Arc::default(),
            command,
            run,
            now: self.now,
            jitter: 0.5,
        }
    }

    /// Folds what was decided.
    pub(crate) fn fold(&mut self, events: &[Recorded]) -> Result<(), TestCaseError> {
        for event in events {
            self.state.apply(event).map_err(|illegal| TestCaseError::fail(illegal.to_string()))?;
            if let Event::TriggerHeld(held) = &event.event {
                self.held.push(held.trigger);
            }
        }
        self.tasks.extend(enqueued(events));
        Ok(())
    }

    /// Takes a step: what was decided, if it was a command and it was not refused.
    pub(crate) fn take(&mut self, step: &Step, decider: Decider) -> Result<Vec<Recorded>, TestCaseError> {
        let Some((command, context)) = self.command(step) else { return Ok(Vec::new()) };
        let events = decider(&self.state, &command, &context).unwrap_or_default();
        self.fold(&events)?;
        Ok(events)
    }

    fn named(&self, place: usize) -> Option<TaskId> {
        (!self.tasks.is_empty()).then(|| self.tasks[place % self.tasks.len()].clone())
    }

    fn lease(&self, place: usize, stale: u64) -> Option<(TaskId, u64)> {
        let task = self.named(place)?;
        let present = self.state.tasks.get(&task).map_or(0, |task| task.leases);
        Some((task, present.saturating_sub(stale)))
    }

    fn outcome(&self, end: &End) -> Outcome {
        let failed = |failure, if_final| Outcome::Failed { failure, if_final };
        match end {
            End::Well(asks) => {
                Outcome::Completed { output: Payload::default(), follow_ups: self.requests(asks) }
            }
            End::Badly => failed(Failure::transient("timeout", "no answer"), Vec::new()),
            End::Limited => failed(Failure::rate_limited(self.now.plus(2 * MINUTE), "slow down"), Vec::new()),
            End::ForGood(asks) => failed(Failure::permanent("broken", "it broke"), self.requests(asks)),
        }
    }

    fn requests(&self, asks: &[Ask]) -> Vec<TaskRequest> {
        asks.iter().enumerate().map(|(place, ask)| self.request(place, ask)).collect()
    }

    fn request(&self, place: usize, ask: &Ask) -> TaskRequest {
        let subject = issue(ask.issue);
        let kind = ["label", "comment", "analyse"][usize::from(ask.kind)];
        let mut request = TaskRequest::new(kind, subject, Payload::default(), format!("request {place}"));
        request.spec.priority = Priority::new(ask.priority);
        request.spec.max_attempts = ask.max_attempts;
        request.spec.unique = ask.key.map(|key| format!("key {key}"));
        request.spec.not_before = (ask.minutes > 0).then(|| self.now.plus(ask.minutes * MINUTE));
        let rare = &ask.rare;
        request.spec.input = Payload::of(&rare.input).unwrap();
        request.spec.if_lost = rare.if_lost;
        request.spec.on_duplicate = rare.on_duplicate;
        request.spec.idempotency = rare.once.map(|key| format!("once {key}"));
        request.spec.concurrency = rare.lock.map(|key| format!("lock {key}"));
        request.spec.deadline = rare.deadline.map(|minutes| self.now.plus(minutes * MINUTE));
        request.spec.awaits = rare.fact.map(fact).into_iter().collect();
        request.spec.hooks = rare
            .hook
            .map(|(on, number)| {
                let task = TaskRequest::new("label", issue(number), Payload::default(), "a hook").spec;
                Hook { on: vec![on], task }
            })
            .into_iter()
            .collect();
        for needed in &ask.after {
            // Some wait for requests of the same list, some for tasks that are there.
            match place.checked_sub(1 + needed) {
                Some(before) => request.after.push(before),
                None => request.spec.depends_on.extend(self.named(*needed * 7)),
            }
        }
        request
    }
}

fn issue(number: u8) -> Subject {
    match number {
        0 => Subject::Repository,
        number => Subject::Issue(IssueNumber(number.into())),
    }
}

fn fact(number: u8) -> Fact {
    Fact::Closed(IssueNumber(number.into()))
}

/// In walks a concurrency key is a lock, and there is no other limit.
fn lock() -> Room {
    Room { key: Some(1), ..Room::default() }
}

/// The task that a command is about.
fn command_task(command: &Command) -> Option<&TaskId> {
    match command {
        Command::RecordOutcome { task, .. }
        | Command::Intend { task, .. }
        | Command::Progress { task, .. } => Some(task),
        _ => None,
    }
}
