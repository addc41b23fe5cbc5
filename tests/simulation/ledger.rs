//! The log of a simulation: it loses answers, and checks every event against a small model of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use automata::domain::event::{Event, OutcomeIgnored, Recorded, TaskCompleted};
use automata::domain::id::{RunId, Sequence, TaskId};
use automata::domain::payload::Payload;
use automata::domain::subject::Subject;
use automata::domain::time::Timestamp;
use automata::log::{Append, Envelope, Error, EventLog, Head, Loaded, MemoryLog};
use automata::report::sentence;

use super::dice::{Dice, Fault};
use super::turns::Turns;

/// A rule of the log that is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breach {
    /// An append is taken wherever the log ends, as by a push with force.
    NoComparison,
    /// An append is now and then forgotten although it was confirmed.
    Forgets,
    /// Nobody looks at leases when an attempt ends: what comes too late is written as if it had come in time.
    NoLeases,
}

/// What is said of an outcome that came under another lease than the task's last.
const STALE: &str = "a stale outcome was applied";

/// What is known of a task, told by nothing but its events.
#[derive(Clone, Debug)]
struct Known {
    kind: String,
    subject: Subject,
    leases: u64,
    /// Who holds it.
    holder: Option<(u64, RunId)>,
    ended: bool,
    unique: Option<String>,
}

/// The model. It shares no code with the fold.
#[derive(Default)]
struct Model {
    last: u64,
    ids: BTreeSet<String>,
    triggers: BTreeSet<String>,
    /// Places of triggers that wait.
    held: BTreeSet<Sequence>,
    tasks: BTreeMap<TaskId, Known>,
    effects: BTreeSet<String>,
    pub(super) turns: Turns,
}

impl Model {
    fn check(&mut self, envelope: &Envelope, dice: &Dice) -> Result<(), String> {
        let Recorded { stamp, event } = &envelope.recorded;
        let demand = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
        demand(stamp.sequence.0 == self.last + 1, "a place in the log is missing or taken twice")?;
        self.last += 1;
        demand(self.ids.insert(envelope.id.clone()), "an id is used twice")?;
        let waits = |known: &Known| known.unique.is_some() && known.holder.is_none() && !known.ended;
        let stands_in = matches!(event, Event::ScheduleFired(_)) && self.tasks.values().any(waits);
        self.turns.check(&envelope.recorded, stands_in)?;
        match event {
            Event::TriggerReceived(trigger) => {
                demand(self.triggers.insert(trigger.identity.to_string()), "a trigger is recorded twice")?;
            }
            Event::TriggerHeld(held) => {
                demand(held.trigger.next() == stamp.sequence, "another trigger is held than the last")?;
                demand(self.held.insert(held.trigger), "a trigger is held twice")?;
            }
            Event::TriggerSettled(settled) => {
                demand(self.held.remove(&settled.trigger), "a trigger is settled that does not wait")?;
            }
            Event::TaskEnqueued(enqueued) => {
                let known = Known {
                    kind: enqueued.spec.kind.to_string(),
                    subject: enqueued.spec.subject,
                    leases: 0,
                    holder: None,
                    ended: false,
                    unique: enqueued.spec.unique.clone(),
                };
                demand(self.tasks.insert(enqueued.task.clone(), known).is_none(), "a task came to be twice")?;
            }
            Event::TaskClaimed(claimed) => {
                let known = self.tasks.get(&claimed.task).ok_or("no such task")?.clone();
                demand(known.holder.is_none() && !known.ended, "a task is claimed that is not free")?;
                demand(claimed.lease == known.leases + 1, "a lease number is used twice")?;
                let beside = |(id, other): (&TaskId, &Known)| {
                    *id != claimed.task
                        && known.subject != Subject::Repository
                        && other.holder.is_some()
                        && (&other.kind, other.subject) == (&known.kind, known.subject)
                };
                demand(!self.tasks.iter().any(beside), "two tasks of a kind work on one subject")?;
                let task = self.tasks.get_mut(&claimed.task).ok_or("no such task")?;
                task.leases = claimed.lease;
                task.holder = Some((claimed.lease, stamp.run.clone()));
            }
            Event::TaskCompleted(done) => self.release(&done.task, done.lease, Some(&stamp.run), true)?,
            Event::TaskRetried(retried) => {
                self.release(&retried.task, retried.lease, Some(&stamp.run), false)?;
            }
            Event::TaskReleased(released) => self.release(&released.task, released.lease, None, false)?,
            Event::TaskFailed(failed) => match failed.lease {
                Some(lease) => self.release(&failed.task, lease, None, true)?,
                None => self.end(&failed.task, dice)?,
            },
            Event::TaskCancelled(cancelled) => self.end(&cancelled.task, dice)?,
            Event::OutcomeIgnored(ignored) => {
                dice.count(Fault::StaleOutcome);
                let known = self.tasks.get(&ignored.task).ok_or("no such task")?;
                let newer = known.holder.as_ref().is_some_and(|(lease, _)| *lease > ignored.lease);
                if newer {
                    dice.count(Fault::Overtaken);
                }
            }
            Event::ScheduleFired(fired) => {
                dice.count(Fault::Turn);
                if fired.times.len() > 1 || fired.missed > 0 {
                    dice.count(Fault::TurnsMissed);
                }
            }
            Event::EffectIntended(intent) => {
                let known = self.tasks.get(&intent.task).ok_or("no such task")?;
                let holds = known.holder == Some((intent.lease, stamp.run.clone()));
                demand(holds, "something is announced without a lease")?;
                self.effects.insert(intent.effect.to_string());
            }
            Event::EffectCompleted(done) => {
                demand(
                    self.effects.contains(done.effect.as_str()),
                    "something is closed that nobody announced",
                )?;
            }
            Event::TaskProgressed(event) => {
                let known = self.tasks.get(&event.task).ok_or("no such task")?;
                let holds = known.holder == Some((event.lease, stamp.run.clone()));
                demand(holds, "progress is told without a lease")?;
            }
            Event::TaskAmended(event) => {
                let known = self.tasks.get(&event.task).ok_or("no such task")?;
                demand(known.holder.is_none() && !known.ended, "a task is changed that is not pending")?;
            }
            Event::TriggerRefused(_)
            | Event::FactObserved(_)
            | Event::ScheduleSet(_)
            | Event::ScheduleRemoved(_)
            | Event::RepositoryReconciled(_)
            | Event::ModelLearned(_)
            | Event::DriveRead(_)
            | Event::DriveChanged(_)
            | Event::DriveUsed(_)
            | Event::ModelSetAside(_)
            | Event::AssistantAnswered(_)
            | Event::CommandGranted(_)
            | Event::CommandRefused(_)
            | Event::AccessGranted(_)
            | Event::AccessRefused(_)
            | Event::CommandAnswered(_)
            | Event::SubjectPaused(_)
            | Event::SubjectResumed(_)
            | Event::FeaturePaused(_)
            | Event::FeatureResumed(_)
            | Event::FeatureFellBack(_)
            | Event::FeatureRestored(_)
            | Event::TextForgotten(_)
            | Event::Used(_)
            | Event::Sealed(_)
            | Event::TaskRevived(_) => {}
        }
        Ok(())
    }

    /// A task ends although nobody reports of it: it was called off, or what it needs will never be done.
    fn end(&mut self, task: &TaskId, dice: &Dice) -> Result<(), String> {
        let known = self.tasks.get_mut(task).ok_or("no such task")?;
        if known.ended {
            return Err("a task ends twice".to_owned());
        }
        known.ended = true;
        let was_held = known.holder.take().is_some();
        dice.count(if was_held { Fault::RunningCancelled } else { Fault::PendingCancelled });
        Ok(())
    }

    /// A task is given back, by its holder when `by` says so.
    fn release(&mut self, task: &TaskId, lease: u64, by: Option<&RunId>, ended: bool) -> Result<(), String> {
        let known = self.tasks.get_mut(task).ok_or("no such task")?;
        let Some((held, holder)) = known.holder.take() else {
            // Nobody any more, after somebody else; or nobody, because it was called off.
            let is_stale = lease != known.leases;
            let told = if is_stale { STALE } else { "an outcome of a task that nobody holds" };
            return Err(told.to_owned());
        };
        known.ended = ended;
        if held != lease || by.is_some_and(|by| *by != holder) {
            return Err(STALE.to_owned());
        }
        Ok(())
    }
}

/// An event as whoever does not look at leases would have decided it.
fn believed(event: &Envelope) -> Envelope {
    let mut event = event.clone();
    if let Event::OutcomeIgnored(OutcomeIgnored { task, lease, .. }) = &event.recorded.event {
        let (task, lease, output) = (task.clone(), *lease, Payload::default());
        event.recorded.event = Event::TaskCompleted(TaskCompleted { task, lease, output });
    }
    event
}

/// The log that all runs share.
pub(super) struct Ledger {
    inner: MemoryLog,
    dice: Arc<Dice>,
    breach: Option<Breach>,
    model: Mutex<Model>,
    /// The first rule that was broken.
    pub(super) broken: Mutex<Option<String>>,
    /// Ids of events whose writers were told that they are durable.
    confirmed: Mutex<Vec<String>>,
}

impl Ledger {
    pub(super) fn new(dice: Arc<Dice>, breach: Option<Breach>) -> Self {
        let (model, broken, confirmed) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { inner: MemoryLog::new(), dice, breach, model, broken, confirmed }
    }

    async fn write(&self, expected: &Head, batch: &Append<'_>) -> Result<Head, Error> {
        let appended = self.inner.append(expected, batch).await;
        if appended == Err(Error::Conflict) {
            self.dice.count(Fault::Race);
            if batch.events.iter().any(|event| matches!(event.recorded.event, Event::ScheduleFired(_))) {
                self.dice.count(Fault::SameTurnTwice);
            }
        }
        let head = appended?;
        for event in batch.events {
            let told = sentence::of(event);
            self.dice
                .tell(format!("  {} {}: {told}", event.recorded.stamp.sequence, event.recorded.stamp.run));
            if let Err(broken) = self.model.lock().unwrap().check(event, &self.dice) {
                self.broken.lock().unwrap().get_or_insert(format!("{broken}: event {}", event.id));
            }
        }
        Ok(head)
    }

    /// As a push with force, made to look well: wherever the log ends, these events come next.
    async fn force(&self, batch: &Append<'_>) -> Result<Head, Error> {
        let head = self.inner.load().await?.head;
        let renumbered: Vec<Envelope> = batch
            .events
            .iter()
            .enumerate()
            .map(|(place, event)| {
                let mut event = event.clone();
                event.recorded.stamp.sequence = head.sequence.plus(place as u64 + 1);
                event
            })
            .collect();
        self.write(&head, &Append { events: &renumbered, snapshot: None, ..*batch }).await
    }

    /// Whether some turn of a schedule came before `now` and nobody saw to it.
    pub(super) fn forgot_a_turn(&self, now: Timestamp) -> bool {
        self.model.lock().unwrap().turns.forgotten(now)
    }

    /// Reads everything from the first line on, which checks the chain, and compares it with what was
    /// confirmed.
    pub(super) async fn check_whole(&self) -> Result<(), String> {
        let mut ids = BTreeSet::new();
        let read = self.inner.history(Sequence(1), &mut |event| ids.extend([event.id])).await;
        read.map_err(|error| error.to_string())?;
        match self.confirmed.lock().unwrap().iter().find(|id| !ids.contains(*id)) {
            Some(lost) => Err(format!("event {lost} was confirmed and is not there")),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl EventLog for Ledger {
    async fn load(&self) -> Result<Loaded, Error> {
        self.dice.hesitate().await;
        if self.dice.strikes(Fault::Unread, 150) {
            return Err(Error::Unreachable("the request is lost".to_owned()));
        }
        self.inner.load().await
    }

    async fn append(&self, expected: &Head, batch: &Append<'_>) -> Result<Head, Error> {
        self.dice.hesitate().await;
        if self.dice.strikes(Fault::AppendLost, 40) {
            return Err(Error::Unreachable("the request is lost".to_owned()));
        }
        let head = match self.breach {
            Some(Breach::NoComparison) => self.force(batch).await?,
            Some(Breach::Forgets) if self.dice.strikes(Fault::AnswerLost, 10) => expected.clone(),
            Some(Breach::NoLeases) => {
                let believed: Vec<Envelope> = batch.events.iter().map(believed).collect();
                self.write(expected, &Append { events: &believed, ..*batch }).await?
            }
            _ => self.write(expected, batch).await?,
        };
        self.dice.hesitate().await;
        if self.dice.strikes(Fault::AnswerLost, 40) {
            return Err(Error::Unreachable("the answer is lost".to_owned()));
        }
        self.confirmed.lock().unwrap().extend(batch.events.iter().map(|event| event.id.clone()));
        Ok(head)
    }

    async fn history(&self, first: Sequence, visit: &mut (dyn FnMut(Envelope) + Send)) -> Result<(), Error> {
        self.inner.history(first, visit).await
    }
}
