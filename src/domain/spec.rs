//! What a task is to do, as the log keeps it, and how it is asked for.

use serde::{Deserialize, Serialize};

use super::fact::Fact;
use super::feature::Feature;
use super::id::{KindName, TaskId};
use super::payload::Payload;
use super::subject::Subject;
use super::time::Timestamp;

/// A priority from 0 (whenever) to 100 (now).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Priority(u8);

impl Priority {
    /// In its turn.
    pub const NORMAL: Self = Self(50);

    /// A priority; more than 100 is 100.
    #[must_use]
    pub const fn new(value: u8) -> Self {
        Self(if value > 100 { 100 } else { value })
    }

    /// From 0 to 100.
    #[must_use]
    pub const fn value(self) -> u8 {
        self.0
    }
}

impl Default for Priority {
    fn default() -> Self {
        Self::NORMAL
    }
}

/// What becomes of a task when one that it depends on failed for good or was cancelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IfLost {
    /// It fails too.
    #[default]
    Fail,
    /// It is cancelled: without the other there is nothing to do.
    Skip,
    /// It goes on as if the other were completed.
    Continue,
}

impl IfLost {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What becomes of a request for which a pending task with its unique key stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDuplicate {
    /// Nothing: the pending task stands for both.
    #[default]
    Drop,
    /// The pending task becomes what is asked for now and goes to the end of the row; whatever it waits for it still
    /// waits for.
    Replace,
    /// The pending task keeps its time and gets the new input, and the priority or the time when that is higher or sooner: a
    /// burst becomes one task with the last text.
    Coalesce,
}

impl OnDuplicate {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How a task came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Done.
    Completed,
    /// Given up for good.
    Failed,
    /// Called off.
    Cancelled,
}

impl Ending {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A task to enqueue when another one ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// The ends that lead to it; all of them for whatever comes.
    pub on: Vec<Ending>,
    /// What to enqueue. Its dependencies are left out: the end of the other task is what it waits for.
    pub task: TaskSpec,
}

/// What to do, as the log keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSpec {
    /// Which kind of work.
    pub kind: KindName,
    /// What it is about.
    pub subject: Subject,
    /// What the kind needs to know.
    #[serde(default)]
    pub input: Payload,
    /// Who goes first.
    #[serde(default)]
    pub priority: Priority,
    /// Tasks that must be completed before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<TaskId>,
    /// What becomes of it when one of them never will be.
    #[serde(default, skip_serializing_if = "IfLost::is_default")]
    pub if_lost: IfLost,
    /// What must be so outside before; waiting for it takes no worker.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaits: Vec<Fact>,
    /// A request joins the pending task of its kind, about its subject, that has this key and waits for all that it would
    /// wait for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique: Option<String>,
    /// What becomes of this request when there is one already.
    #[serde(default, skip_serializing_if = "OnDuplicate::is_default")]
    pub on_duplicate: OnDuplicate,
    /// A request with this key is taken once, also after the task has ended, for as long as the key is remembered: 31
    /// days, and a thousand newer keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency: Option<String>,
    /// Tasks with this key share a limit of how many run at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<String>,
    /// Attempts it gets, at least one; a crash counts as one, an answer to come back later does not.
    pub max_attempts: u32,
    /// Not before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Not after then: a task that has not begun by then fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// What to enqueue when it ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<Hook>,
    /// Whether its own end leads to nothing that the configuration subscribed: it comes from a subscription itself,
    /// or from a task that does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
    /// The feature that it belongs to, where that is another than its kind's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<Feature>,
    /// Why it is only recorded and never done, a clause; none: it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
    /// The kind of task that found it worth suggesting: when another of that kind does not find it any more, it is
    /// called off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_by: Option<KindName>,
    /// The name of the configuration's rule that led to it, by itself or by a task that it follows from; none where that has no
    /// name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What whoever asked for it, or approves it, could see of its issue; none where nobody did, or its kind reads no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<AsOf>,
    /// How many starts of plugins led to it, its own counted in.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub depth: u8,
    /// Why it exists, one sentence for a person.
    pub reason: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(count: &u8) -> bool {
    *count == 0
}

/// What somebody could see of an issue when they asked for something: what others without write access wrote since does
/// not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOf {
    /// When they said it.
    pub at: Timestamp,
    /// Digest of the title and text then, as far as it is known: see `IssueFacts::written`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What a task is bound by besides its work, its priority and its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// See [`TaskSpec::if_lost`].
    #[serde(default, skip_serializing_if = "IfLost::is_default")]
    pub if_lost: IfLost,
    /// See [`TaskSpec::awaits`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaits: Vec<Fact>,
    /// See [`TaskSpec::concurrency`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<String>,
    /// See [`TaskSpec::max_attempts`].
    pub max_attempts: u32,
    /// See [`TaskSpec::deadline`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// See [`TaskSpec::hooks`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<Hook>,
}

impl TaskSpec {
    /// What it is bound by.
    #[must_use]
    pub fn terms(&self) -> Terms {
        Terms {
            if_lost: self.if_lost,
            awaits: self.awaits.clone(),
            concurrency: self.concurrency.clone(),
            max_attempts: self.max_attempts,
            deadline: self.deadline,
            hooks: self.hooks.clone(),
        }
    }

    /// Binds it by other terms.
    pub(super) fn bind(&mut self, terms: &Terms) {
        let Terms { if_lost, awaits, concurrency, max_attempts, deadline, hooks } = terms.clone();
        (self.if_lost, self.awaits, self.concurrency) = (if_lost, awaits, concurrency);
        (self.max_attempts, self.deadline, self.hooks) = (max_attempts, deadline, hooks);
    }

    /// Whether it is what a feature suggests: done once somebody agrees.
    #[must_use]
    pub fn is_suggested(&self) -> bool {
        self.awaits.iter().any(|fact| matches!(fact, Fact::Agreed(..)))
    }
}

/// A task to enqueue: like [`TaskSpec`], with dependencies that may name tasks of the same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRequest {
    /// What to do; its `depends_on` names tasks that exist already.
    pub spec: TaskSpec,
    /// Places (from 0) in the same list of requests of tasks that must be completed before.
    pub after: Vec<usize>,
}

impl TaskRequest {
    /// A request with everything at its default.
    #[must_use]
    pub fn new(kind: &str, subject: Subject, input: Payload, reason: impl Into<String>) -> Self {
        Self {
            spec: TaskSpec {
                kind: KindName::new(kind),
                subject,
                input,
                priority: Priority::NORMAL,
                depends_on: Vec::new(),
                if_lost: IfLost::default(),
                awaits: Vec::new(),
                unique: None,
                on_duplicate: OnDuplicate::default(),
                idempotency: None,
                concurrency: None,
                max_attempts: super::retry::DEFAULT_ATTEMPTS,
                not_before: None,
                deadline: None,
                hooks: Vec::new(),
                quiet: false,
                feature: None,
                held: None,
                found_by: None,
                rule: None,
                as_of: None,
                depth: 0,
                reason: reason.into(),
            },
            after: Vec::new(),
        }
    }

    /// Sets the priority.
    #[must_use]
    pub const fn priority(mut self, priority: Priority) -> Self {
        self.spec.priority = priority;
        self
    }

    /// While a pending task has this key and waits for no less, this one is not enqueued.
    #[must_use]
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.spec.unique = Some(key.into());
        self
    }

    /// Waits for the request at `place` of the same list.
    #[must_use]
    pub fn after(mut self, place: usize) -> Self {
        self.after.push(place);
        self
    }
}

impl From<TaskSpec> for TaskRequest {
    fn from(spec: TaskSpec) -> Self {
        Self { spec, after: Vec::new() }
    }
}
