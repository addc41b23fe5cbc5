//! Counts and durations: a fold of the whole history, for people who watch many repositories.
//!
//! Every label has few values, whatever strangers write: names of events, kinds, codes of failures, and what the configuration
//! names. Nobody's login and no issue's number is a label.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::domain::effect::EffectKind;
use crate::domain::event::{ApiBudget, AssistantAnswered, Event, Stamp};
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::id::{EffectId, IssueNumber, Sequence, TaskId};
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::trigger::{About, Trigger};
use crate::log::{Envelope, wire};

mod family;
#[cfg(test)]
mod tests;

pub use family::{BOUNDS, Distribution, Labels, Named, Samples};

const EVENTS: Named = Named { name: "log_events", help: "Events in the log" };
const TRIGGERS: Named = Named { name: "triggers", help: "What happened outside and was taken in" };
const COMMANDS: Named =
    Named { name: "commands", help: "What people asked for in comments, and whether they may" };
const ENQUEUED: Named = Named { name: "tasks_enqueued", help: "Tasks that were enqueued" };
const ATTEMPTS: Named = Named { name: "task_attempts", help: "Attempts of tasks by what came of them" };
const FAILURES: Named = Named { name: "task_failures", help: "Attempts that failed, by class and code" };
const EFFECTS: Named = Named { name: "effects", help: "Changes outside; found: a probe found it done" };
const SPENT: Named =
    Named { name: "service_tokens", help: "What tasks asked of services, in tokens of their budgets" };
const ASSISTANTS: Named =
    Named { name: "assistant_attempts", help: "Attempts of assistants by what came of them" };
const TOKENS: Named = Named { name: "assistant_tokens", help: "Tokens that models read and wrote" };
const COST: Named =
    Named { name: "assistant_micro_dollars", help: "What assistants cost, in millionths of a US dollar" };
const WAITED: Named = Named { name: "task_wait", help: "From when a task was enqueued to its first claim" };
const LATE: Named = Named {
    name: "task_lag",
    help: "How long after the time for which it was planned a task was first claimed, recurring ones among them",
};
const TOOK: Named = Named { name: "task_attempt_duration", help: "From the claim of a task to its outcome" };
const ASSISTED: Named = Named { name: "assistant_duration", help: "How long attempts of assistants took" };
const LEAD: Named =
    Named { name: "lead_time", help: "From the opening of an issue, or a pull request, to what came of it" };
const SEQUENCE: Named = Named { name: "log_sequence", help: "The last event of the log" };
const TASKS: Named = Named { name: "tasks", help: "Tasks that the queue still knows, by status" };
const OPEN: Named =
    Named { name: "effects_open", help: "Changes that were announced and have no receipt yet" };
const API_LEFT: Named = Named {
    name: "github_api_left",
    help: "Calls of GitHub's REST API that were left in the hour when what no event told was last looked for",
};
const API_LIMIT: Named =
    Named { name: "github_api_limit", help: "Calls of GitHub's REST API that an hour had by then" };
const HELD: Named = Named { name: "triggers_held", help: "Events that wait for a sound configuration" };

/// What a history comes to.
#[derive(Debug, Default)]
pub struct Metrics {
    counters: Samples<u64>,
    durations: Samples<Distribution>,
    gauges: Samples<u64>,
    tasks: BTreeMap<TaskId, Work>,
    effects: BTreeMap<EffectId, EffectKind>,
    opened: BTreeMap<IssueNumber, Timestamp>,
    /// The schedule that fired last, by its event's place, and the times for which its tasks follow.
    fired: (Option<Sequence>, VecDeque<Timestamp>),
    /// Issues that were analysed, and those that have a pull request of ours: only the first time counts.
    reached: BTreeSet<(IssueNumber, &'static str)>,
    /// What was last told of the API's budget.
    budget: Option<ApiBudget>,
}

#[derive(Debug)]
struct Work {
    kind: String,
    enqueued: Timestamp,
    /// The time for which it was planned; none for one that was to begin at once.
    planned: Option<Timestamp>,
    claimed: Option<Timestamp>,
}

impl Metrics {
    /// Takes the next event of the history.
    pub fn offer(&mut self, envelope: &Envelope) {
        let stamp = &envelope.recorded.stamp;
        self.count(EVENTS, vec![("type", wire::kind(&envelope.recorded.event).to_owned())], 1);
        match &envelope.recorded.event {
            Event::TriggerReceived(trigger) => self.received(trigger),
            Event::CommandGranted(judged) => self.judged(&judged.verb, "granted"),
            Event::CommandRefused(judged) => self.judged(&judged.verb, "refused"),
            Event::AccessGranted(judged) => self.judged(&judged.verb, "granted"),
            Event::AccessRefused(judged) => self.judged(&judged.verb, "refused"),
            Event::TaskEnqueued(enqueued) => {
                let kind = enqueued.spec.kind.to_string();
                self.count(ENQUEUED, vec![("kind", kind.clone())], 1);
                let planned = self.planned(stamp).or(enqueued.spec.not_before);
                let work = Work { kind, enqueued: stamp.at, planned, claimed: None };
                self.tasks.insert(enqueued.task.clone(), work);
            }
            Event::ScheduleFired(fired) => {
                self.fired = (Some(stamp.sequence), fired.times.iter().copied().collect());
            }
            Event::TaskClaimed(claimed) => {
                self.claimed(stamp, &claimed.task);
                for (service, tokens) in &claimed.spends {
                    self.count(SPENT, vec![("service", service.to_string())], u64::from(*tokens));
                }
            }
            Event::TaskCompleted(ended) => self.ended(stamp, &ended.task, "completed", None),
            Event::TaskRetried(ended) => self.ended(stamp, &ended.task, "retried", Some(&ended.failure)),
            Event::TaskFailed(ended) => self.ended(stamp, &ended.task, "failed", Some(&ended.failure)),
            Event::TaskReleased(ended) => self.ended(stamp, &ended.task, "lost", None),
            Event::TaskCancelled(ended) => self.ended(stamp, &ended.task, "cancelled", None),
            Event::EffectIntended(intent) => {
                self.effects.insert(intent.effect.clone(), intent.kind);
            }
            Event::EffectCompleted(completed) => {
                let Some(kind) = self.effects.remove(&completed.effect) else { return };
                let how = if completed.adopted { "found" } else { "done" };
                self.count(EFFECTS, vec![("kind", word(&kind)), ("how", how.to_owned())], 1);
                if kind == EffectKind::PullRequest {
                    self.reached(stamp, "pull_request");
                }
            }
            Event::AssistantAnswered(answered) => self.answered(answered),
            Event::RepositoryReconciled(reconciled) => self.budget = reconciled.budget.or(self.budget),
            _ => {}
        }
    }

    /// Takes in how things stand now.
    #[must_use]
    pub fn with(mut self, state: &State) -> Self {
        let mut set = |named: Named, labels: Labels, value: usize| {
            self.gauges.entry(named).or_default().insert(labels, value as u64);
        };
        set(SEQUENCE, Vec::new(), usize::try_from(state.sequence.0).unwrap_or(usize::MAX));
        set(HELD, Vec::new(), state.held.len());
        if let Some(budget) = self.budget {
            let count = |calls: u64| usize::try_from(calls).unwrap_or(usize::MAX);
            set(API_LEFT, Vec::new(), count(budget.left));
            set(API_LIMIT, Vec::new(), count(budget.limit));
        }
        set(OPEN, Vec::new(), state.effects.values().filter(|effect| effect.receipt.is_none()).count());
        for status in ["pending", "running", "completed", "failed", "cancelled"] {
            let count = state.tasks.values().filter(|task| task.status.name() == status).count();
            set(TASKS, vec![("status", status.to_owned())], count);
        }
        self
    }

    /// What only grows.
    #[must_use]
    pub const fn counters(&self) -> &Samples<u64> {
        &self.counters
    }

    /// How long things took.
    #[must_use]
    pub const fn durations(&self) -> &Samples<Distribution> {
        &self.durations
    }

    /// How things stand.
    #[must_use]
    pub const fn gauges(&self) -> &Samples<u64> {
        &self.gauges
    }

    fn count(&mut self, named: Named, labels: Labels, more: u64) {
        *self.counters.entry(named).or_default().entry(labels).or_default() += more;
    }

    fn time(&mut self, named: Named, labels: Labels, time: Duration) {
        self.durations.entry(named).or_default().entry(labels).or_default().add(time);
    }

    fn received(&mut self, trigger: &Trigger) {
        let action = trigger.action.clone().unwrap_or_default();
        self.count(TRIGGERS, vec![("event", trigger.event.clone()), ("action", action)], 1);
        let (number, merged) = match &trigger.about {
            About::Issue { issue, .. } => (issue.number, false),
            About::Pull { pull, .. } => (pull.number, pull.merged),
            _ => return,
        };
        match trigger.action.as_deref() {
            Some("opened") => drop(self.opened.insert(number, trigger.at)),
            Some("closed") => {
                let to = if merged { "merged" } else { "closed" };
                if let Some(opened) = self.opened.get(&number) {
                    self.time(LEAD, vec![("to", to.to_owned())], trigger.at.since(*opened));
                }
            }
            _ => {}
        }
    }

    fn judged(&mut self, verb: &str, verdict: &str) {
        self.count(COMMANDS, vec![("verb", verb.to_owned()), ("verdict", verdict.to_owned())], 1);
    }

    /// The time for which a schedule enqueued the task that this event is about, where one did.
    fn planned(&mut self, stamp: &Stamp) -> Option<Timestamp> {
        let (fired, times) = &mut self.fired;
        if fired.is_some() && stamp.cause == *fired { times.pop_front() } else { None }
    }

    fn claimed(&mut self, stamp: &Stamp, task: &TaskId) {
        let Some(work) = self.tasks.get_mut(task) else { return };
        let first = work.claimed.replace(stamp.at).is_none();
        let (kind, waited) = (work.kind.clone(), stamp.at.since(work.enqueued));
        let late = work.planned.map(|planned| stamp.at.since(planned));
        if first {
            self.time(WAITED, vec![("kind", kind.clone())], waited);
            if let Some(late) = late {
                self.time(LATE, vec![("kind", kind)], late);
            }
        }
    }

    fn ended(&mut self, stamp: &Stamp, task: &TaskId, outcome: &str, failure: Option<&Failure>) {
        let Some(work) = self.tasks.get(task) else { return };
        let (kind, claimed) = (work.kind.clone(), work.claimed);
        // A dead letter can be revived, and one that is tried again goes on.
        if matches!(outcome, "completed" | "cancelled") {
            self.tasks.remove(task);
        }
        self.count(ATTEMPTS, vec![("kind", kind.clone()), ("outcome", outcome.to_owned())], 1);
        if let Some(claimed) = claimed {
            self.time(TOOK, vec![("kind", kind.clone())], stamp.at.since(claimed));
        }
        if let Some(failure) = failure {
            let class = match failure.class {
                FailureClass::Transient => "transient",
                FailureClass::RateLimited(_) => "rate_limited",
                FailureClass::Permanent => "permanent",
            };
            let labels =
                vec![("kind", kind.clone()), ("class", class.to_owned()), ("code", failure.code.clone())];
            self.count(FAILURES, labels, 1);
        }
        if outcome == "completed" && kind == "analyse" {
            self.reached(stamp, "analysed");
        }
    }

    /// Something came of the issue that the event is about.
    fn reached(&mut self, stamp: &Stamp, to: &'static str) {
        let Some(number) = stamp.subject.number() else { return };
        let Some(opened) = self.opened.get(&number).copied() else { return };
        if self.reached.insert((number, to)) {
            self.time(LEAD, vec![("to", to.to_owned())], stamp.at.since(opened));
        }
    }

    fn answered(&mut self, answered: &AssistantAnswered) {
        let of = |label: &'static str, value: &str| {
            vec![("assistant", answered.assistant.clone()), (label, value.to_owned())]
        };
        let outcome = match (&answered.failure, answered.judges) {
            (Some(_), _) => "nothing",
            (None, true) => "judgement",
            (None, false) => "change",
        };
        self.count(ASSISTANTS, of("outcome", outcome), 1);
        self.count(TOKENS, of("direction", "read"), answered.usage.input_tokens);
        self.count(TOKENS, of("direction", "written"), answered.usage.output_tokens);
        self.count(COST, vec![("assistant", answered.assistant.clone())], answered.usage.micro_dollars);
        let took = Duration::from_millis(answered.usage.milliseconds);
        self.time(ASSISTED, vec![("assistant", answered.assistant.clone())], took);
    }
}

/// The kind's name on the wire.
fn word(kind: &EffectKind) -> String {
    serde_json::to_value(kind).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
