//! A task as somebody wants it, in words; checked, and turned into what the log keeps.

use serde::Deserialize;
use serde_json::Value;

use super::choose::unknown_kind;
use crate::domain::fact::Fact;
use crate::domain::id::KindName;
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::retry::DEFAULT_ATTEMPTS;
use crate::domain::spec::{Ending, Hook, IfLost, OnDuplicate, Priority, TaskSpec};
use crate::domain::subject::{Scope, Subject};
use crate::domain::time::{Timestamp, span};
use crate::domain::untrusted::one_line;
use crate::tasks;

/// Width of a reason, which stands in tables and in the history of the state branch.
const REASON: usize = 200;
/// Bytes of a key, which stands in every snapshot as long as its task does: more than any name or address needs.
const KEY: usize = 256;
/// Attempts that a task may get: with six hours between them, a month of trying.
const ATTEMPTS: u32 = 100;
/// Width of a quoted word.
const QUOTE: usize = 60;

/// A task as somebody wants it. The fields are those of the command line's options.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a task: {\"kind\": …}")]
pub(super) struct Wanted {
    pub(super) name: Option<String>,
    pub(super) kind: String,
    pub(super) subject: Option<String>,
    pub(super) input: Option<Value>,
    #[serde(default)]
    pub(super) after: Vec<String>,
    pub(super) if_lost: Option<String>,
    #[serde(default)]
    pub(super) awaits: Vec<String>,
    pub(super) priority: Option<u64>,
    pub(super) not_before: Option<String>,
    pub(super) r#in: Option<String>,
    pub(super) deadline: Option<String>,
    pub(super) unique: Option<String>,
    pub(super) on_duplicate: Option<String>,
    pub(super) idempotency: Option<String>,
    pub(super) concurrency: Option<String>,
    pub(super) max_attempts: Option<u64>,
    pub(super) on_success: Option<Box<Wanted>>,
    pub(super) on_failure: Option<Box<Wanted>>,
    pub(super) on_end: Option<Box<Wanted>>,
    pub(super) reason: Option<String>,
}

/// What is wrong with a task that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// The field, `on_success.input.add` inside of others.
    pub(super) field: String,
    pub(super) message: String,
    pub(super) hint: String,
}

fn problem(field: &str, message: impl Into<String>, hint: impl Into<String>) -> Problem {
    Problem { field: field.to_owned(), message: message.into(), hint: hint.into() }
}

impl Wanted {
    /// What the log would keep of it, with no dependencies yet.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub(super) fn spec(&self, now: Timestamp) -> Result<TaskSpec, Problem> {
        self.spec_about(Subject::Repository, "added by hand", now)
    }

    fn spec_about(&self, subject: Subject, reason: &str, now: Timestamp) -> Result<TaskSpec, Problem> {
        let Some(kind) = tasks::find(&self.kind) else {
            let (message, hint) = unknown_kind(&self.kind);
            return Err(problem("kind", message, hint));
        };
        let subject = match self.subject.as_deref() {
            Some(text) => Subject::said(text)
                .map_err(|error| problem("subject", error.to_string(), "For example: issue/42"))?,
            None => subject,
        };
        if !input::scope(kind.name).covers(subject) {
            let (about, example) = match input::scope(kind.name) {
                Scope::Issues => ("an issue", "issue/42"),
                Scope::Pulls => ("a pull request", "pull/7"),
                Scope::Files => ("a file in Drive", "drive/ID"),
                Scope::Numbered | Scope::Everything => ("an issue or a pull request", "issue/42"),
            };
            let message = format!("`{}` tasks are about {about}, not about {subject}", kind.name);
            return Err(problem("subject", message, format!("For example: {example}")));
        }
        let (not_before, deadline) = self.times(now)?;
        Ok(TaskSpec {
            kind: KindName::new(kind.name),
            subject,
            input: checked_input(kind, self.input.as_ref())?,
            priority: priority("priority", self.priority)?,
            depends_on: Vec::new(),
            if_lost: self.if_lost()?,
            awaits: self.awaits()?,
            unique: key("unique", self.unique.as_ref())?,
            on_duplicate: self.on_duplicate()?,
            idempotency: key("idempotency", self.idempotency.as_ref())?,
            concurrency: key("concurrency", self.concurrency.as_ref())?,
            max_attempts: self.max_attempts()?,
            not_before,
            deadline,
            hooks: self.hooks(subject, now)?,
            quiet: false,
            feature: None,
            held: None,
            found_by: None,
            rule: None,
            as_of: None,
            depth: 0,
            reason: one_line(self.reason.as_deref().unwrap_or(reason), REASON),
        })
    }

    fn times(&self, now: Timestamp) -> Result<(Option<Timestamp>, Option<Timestamp>), Problem> {
        let not_before = time("not_before", self.not_before.as_ref(), now)?;
        let later = self.r#in.as_deref().map(|text| {
            let wrong = || {
                let message = format!("`{}` is not a span of time", one_line(text, QUOTE));
                problem(
                    "in",
                    message,
                    "For example: 90s, 15m, 2h, 1d12h, 2w. The longest is a hundred years.",
                )
            };
            span(text).map(|span| now.plus(span)).ok_or_else(wrong)
        });
        let later = later.transpose()?;
        if not_before.is_some() && later.is_some() {
            return Err(problem("in", "when it may run is said twice", "Say either `not_before` or `in`."));
        }
        let not_before = not_before.or(later);
        let deadline = time("deadline", self.deadline.as_ref(), now)?;
        if let (Some(first), Some(last)) = (not_before, deadline)
            && last <= first
        {
            let message = format!("it could never begin: it may not before {first}, and must by {last}");
            return Err(problem("deadline", message, "Name a later deadline, or an earlier time to begin."));
        }
        Ok((not_before, deadline))
    }

    fn if_lost(&self) -> Result<IfLost, Problem> {
        match self.if_lost.as_deref() {
            None => Ok(IfLost::default()),
            Some("fail") => Ok(IfLost::Fail),
            Some("skip") => Ok(IfLost::Skip),
            Some("continue") => Ok(IfLost::Continue),
            Some(other) => Err(not_one_of("if_lost", other, "fail, skip or continue")),
        }
    }

    fn on_duplicate(&self) -> Result<OnDuplicate, Problem> {
        let fate = match self.on_duplicate.as_deref() {
            None => return Ok(OnDuplicate::default()),
            Some("drop") => OnDuplicate::Drop,
            Some("replace") => OnDuplicate::Replace,
            Some("coalesce") => OnDuplicate::Coalesce,
            Some(other) => return Err(not_one_of("on_duplicate", other, "drop, replace or coalesce")),
        };
        if self.unique.is_none() {
            let hint = "Give it a unique key too, or leave this out.";
            return Err(problem("on_duplicate", "there are no duplicates without a unique key", hint));
        }
        Ok(fate)
    }

    fn awaits(&self) -> Result<Vec<Fact>, Problem> {
        let facts = self.awaits.iter().map(|text| Fact::said(text));
        facts.collect::<Result<_, _>>().map_err(|error| {
            problem("awaits", error.to_string(), "The number is the pull request's or the issue's.")
        })
    }

    fn max_attempts(&self) -> Result<u32, Problem> {
        match self.max_attempts {
            None => Ok(DEFAULT_ATTEMPTS),
            Some(0) => {
                Err(problem("max_attempts", "a task needs at least one attempt", "Say 1 for no retry."))
            }
            Some(count) => match u32::try_from(count) {
                Ok(count @ ..=ATTEMPTS) => Ok(count),
                _ => {
                    let message = format!("{count} attempts are too many");
                    Err(problem("max_attempts", message, format!("{ATTEMPTS} are the most.")))
                }
            },
        }
    }

    fn hooks(&self, subject: Subject, now: Timestamp) -> Result<Vec<Hook>, Problem> {
        let kind = &self.kind;
        let wanted = [
            ("on_success", &self.on_success, vec![Ending::Completed], "is completed"),
            ("on_failure", &self.on_failure, vec![Ending::Failed], "has failed"),
            ("on_end", &self.on_end, vec![Ending::Completed, Ending::Failed, Ending::Cancelled], "has ended"),
        ];
        let mut hooks = Vec::new();
        for (field, wanted, on, what) in wanted {
            let Some(wanted) = wanted else { continue };
            let inside =
                |problem: Problem| Problem { field: format!("{field}.{}", problem.field), ..problem };
            let reason = format!("a hook: a task `{kind}` {what}");
            wanted.expect_hook().map_err(inside)?;
            let task = wanted.spec_about(subject, &reason, now).map_err(inside)?;
            hooks.push(Hook { on, task });
        }
        Ok(hooks)
    }

    /// A hook is enqueued when another task ends: that is what it waits for.
    fn expect_hook(&self) -> Result<(), Problem> {
        let given = [
            ("name", self.name.is_some()),
            ("after", !self.after.is_empty()),
            ("if_lost", self.if_lost.is_some()),
            ("in", self.r#in.is_some()),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            Some((field, _)) => {
                let message = "a task that is enqueued when another one ends has none of that";
                Err(problem(field, message, "It waits for the end of the other and for nothing else."))
            }
            None => Ok(()),
        }
    }
}

/// The input for a kind, `{}` when nothing is said.
///
/// # Errors
/// The field that the kind does not take.
pub(super) fn checked_input(kind: &tasks::Kind, given: Option<&Value>) -> Result<Payload, Problem> {
    let empty = Value::Object(serde_json::Map::new());
    // Written anew: what somebody spread over lines must be one line of the log.
    let payload = Payload::of(given.unwrap_or(&empty));
    let payload = payload.map_err(|error| problem("input", error.to_string(), "Write it as JSON."))?;
    let accepted = input::check(kind.name, &payload);
    accepted.map(|()| payload).map_err(|wrong| {
        let field =
            if wrong.field.is_empty() { "input".to_owned() } else { format!("input.{}", wrong.field) };
        problem(&field, wrong.message, format!("`{}` tasks take, for example: {}", kind.name, kind.example))
    })
}

/// A priority from 0 to 100, 50 when nothing is said.
///
/// # Errors
/// When it is more.
pub(super) fn priority(field: &str, given: Option<u64>) -> Result<Priority, Problem> {
    match given.map(u8::try_from) {
        None => Ok(Priority::NORMAL),
        Some(Ok(value @ 0..=100)) => Ok(Priority::new(value)),
        Some(_) => {
            let message = format!("{} is more than 100", given.unwrap_or_default());
            Err(problem(field, message, "Priorities go from 0 (whenever) to 100 (now)."))
        }
    }
}

fn not_one_of(field: &str, given: &str, names: &str) -> Problem {
    problem(field, format!("`{}` is none of {names}", one_line(given, QUOTE)), format!("Say {names}."))
}

fn key(field: &str, given: Option<&String>) -> Result<Option<String>, Problem> {
    match given.map(|key| key.trim()) {
        Some("") => Err(problem(field, "the key is empty", "Give it a name, or leave it out.")),
        Some(key) if key.len() > KEY => {
            let message = format!("the key has {} bytes", key.len());
            Err(problem(field, message, format!("{KEY} are the most: a name, no text.")))
        }
        key => Ok(key.map(str::to_owned)),
    }
}

fn time(field: &str, given: Option<&String>, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = given else { return Ok(None) };
    let at: Timestamp = text.trim().parse().map_err(|error: crate::domain::time::NotATime| {
        problem(field, error.to_string(), "A time has a date, a clock time and a zone.")
    })?;
    if at < now {
        let hint = format!("It is {now} now; name a time to come.");
        return Err(problem(field, format!("{at} is past"), hint));
    }
    Ok(Some(at))
}
