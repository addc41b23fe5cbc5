//! What no event told: GitHub's own objects, as it lists them, made into the payloads that the events would have had.
//!
//! Such a payload goes the same way as any other, so that whatever was told after all has the same name and is taken
//! for what it is. What the lists do not say is not made up: who closed an issue or took a label off is `ghost`, the
//! account that GitHub itself shows for nobody; that a text was edited is seen by comparing it with what was told last,
//! and for comments by their times.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::IntakeContext;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::state::{IssueState, State};
use crate::domain::time::Timestamp;
use crate::domain::trigger::OpenState;
use crate::domain::untrusted::Excerpt;

/// A payload that an event would have had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// GitHub's name of the event.
    pub event: &'static str,
    /// The payload.
    pub payload: Vec<u8>,
}

/// An object of a list: what has to be looked at to find out what happened, and the whole as it came.
#[derive(Clone, Debug)]
pub struct Object {
    /// The number of the issue or pull request that it is, or stands on.
    pub number: IssueNumber,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Whether it is a pull request, in its own clothes or in those of an issue.
    pub is_pull: bool,
    seen: Seen,
    raw: Box<RawValue>,
}

#[derive(Clone, Debug, Deserialize)]
struct Seen {
    #[serde(default)]
    number: Option<u64>,
    /// Where a comment stands: the last part of the address is the number.
    #[serde(default)]
    issue_url: Option<String>,
    #[serde(default)]
    pull_request_url: Option<String>,
    #[serde(default)]
    pull_request: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    head: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    labels: Vec<Label>,
    #[serde(default)]
    assignees: Vec<Person>,
    user: Option<Box<RawValue>>,
    #[serde(default)]
    created_at: Option<Timestamp>,
    #[serde(default)]
    updated_at: Option<Timestamp>,
    /// Reviews only.
    #[serde(default)]
    submitted_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Deserialize)]
struct Label {
    name: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Person {
    login: Login,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An issue or a pull request.
    Issue,
    /// A comment on one.
    Comment,
    /// A comment on lines of a pull request.
    ReviewComment,
}

impl Object {
    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match (self.seen.number, &self.seen.pull_request_url) {
            (Some(_), _) => Kind::Issue,
            (None, Some(_)) => Kind::ReviewComment,
            (None, None) => Kind::Comment,
        }
    }

    /// Reads an object of a list; none when it is of no shape that is known.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (raw, seen): (Box<RawValue>, Seen) =
            (serde_json::from_str(text).ok()?, serde_json::from_str(text).ok()?);
        let stands_on = || seen.pull_request_url.as_deref().or(seen.issue_url.as_deref());
        let number = seen.number.or_else(|| stands_on()?.rsplit('/').next()?.parse().ok())?;
        let updated_at = seen.updated_at.or(seen.submitted_at).or(seen.created_at)?;
        let is_pull = seen.pull_request.is_some() || seen.head.is_some();
        Some(Self { number: IssueNumber(number), updated_at, is_pull, seen, raw })
    }

    fn open(&self) -> OpenState {
        let closed = self.seen.state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("closed"));
        if closed { OpenState::Closed } else { OpenState::Open }
    }

    fn is_new_since(&self, since: Timestamp) -> bool {
        self.seen.created_at.or(self.seen.submitted_at).is_some_and(|at| at >= since)
    }

    /// Whether the issue or pull request is other than what is known of it, so far as can be seen.
    fn differs(&self, known: &IssueState) -> Differs {
        let title = Excerpt::title(&self.seen.title).one_line(crate::domain::evolve::TITLE_WIDTH);
        let has = |name: &str| self.seen.labels.iter().any(|label| label.name.eq_ignore_ascii_case(name));
        let is_assigned = |login: &Login| self.seen.assignees.iter().any(|person| person.login == *login);
        // Otherwise something newer was told than what the list shows.
        let is_newer = known.updated_at <= self.updated_at;
        let text = || Excerpt::body(self.seen.body.as_deref().unwrap_or_default()).digest();
        Differs {
            open: is_newer && known.closed_at.is_some() != (self.open() == OpenState::Closed),
            text: is_newer && (known.title != title || known.text.is_some_and(|known| known != text())),
            labels_off: known.our_labels.iter().filter(|label| !has(label)).cloned().collect(),
            unassigned: known.our_assignees.iter().filter(|login| !is_assigned(login)).cloned().collect(),
        }
    }
}

struct Differs {
    open: bool,
    /// Its title or its text.
    text: bool,
    /// Labels that are there because of us, and are not there.
    labels_off: Vec<String>,
    /// People who are assigned because of us, and are not assigned.
    unassigned: Vec<Login>,
}

/// Whether a pull request has to be asked for whole: it is new, or was closed or opened again.
#[must_use]
pub fn wants_whole(listed: &Object, state: &State, since: Timestamp) -> bool {
    listed.is_pull
        && match state.issues.get(&listed.number) {
            None => listed.open() == OpenState::Open || listed.is_new_since(since),
            Some(known) => listed.differs(known).open,
        }
}

/// What events about this issue would have told: it was opened, closed, opened again, edited, or what we had done was
/// taken back: a label, an assignment. Pull requests are for [`of_pull`].
#[must_use]
pub fn of_issue(issue: &Object, state: &State, since: Timestamp, context: &IntakeContext) -> Vec<Missed> {
    let event = if issue.is_pull { "pull_request" } else { "issues" };
    let payload = |action: &str, sender: Option<&RawValue>, more: Value| {
        Payload { action, object: ("issue", issue), on: None, sender, more }.write(event, context)
    };
    match state.issues.get(&issue.number) {
        _ if issue.is_pull => Vec::new(),
        None if issue.open() == OpenState::Open || issue.is_new_since(since) => {
            vec![payload("opened", issue.seen.user.as_deref(), json!({}))]
        }
        None => Vec::new(),
        Some(known) => {
            let differs = issue.differs(known);
            let state = if issue.open() == OpenState::Closed { "closed" } else { "reopened" };
            let off = differs.labels_off.iter();
            let off = off.map(|name| payload("unlabeled", None, json!({ "label": { "name": name } })));
            let people = differs.unassigned.iter();
            let people = people.map(|login| {
                let person = json!({ "login": login, "type": "User" });
                payload("unassigned", None, json!({ "assignee": person }))
            });
            let mut missed: Vec<Missed> = off.chain(people).collect();
            missed.extend(differs.text.then(|| payload("edited", None, json!({}))));
            missed.extend(differs.open.then(|| payload(state, None, json!({}))));
            missed
        }
    }
}

/// What events about this pull request, which was asked for whole, would have told.
#[must_use]
pub fn of_pull(pull: &Object, state: &State, context: &IntakeContext) -> Vec<Missed> {
    let (action, sender) = match (state.issues.get(&pull.number), pull.open()) {
        (None, OpenState::Open) => ("opened", pull.seen.user.as_deref()),
        (_, OpenState::Open) => ("reopened", None),
        (_, OpenState::Closed) => ("closed", None),
    };
    let payload = Payload { action, object: ("pull_request", pull), on: None, sender, more: json!({}) };
    vec![payload.write("pull_request", context)]
}

/// What events about this comment, on this issue or pull request, would have told: it was written, or edited.
#[must_use]
pub fn of_comment(comment: &Object, on: &Object, since: Timestamp, context: &IntakeContext) -> Vec<Missed> {
    let (event, place) = match comment.kind() {
        Kind::ReviewComment => ("pull_request_review_comment", "pull_request"),
        Kind::Issue | Kind::Comment => ("issue_comment", "issue"),
    };
    let was_edited = comment.seen.created_at.is_some_and(|at| at < comment.updated_at);
    let actions = [(comment.is_new_since(since), "created"), (was_edited, "edited")];
    let happened = actions.into_iter().filter(|(happened, _)| *happened);
    happened
        .map(|(_, action)| {
            let (object, on) = (("comment", comment), Some((place, on)));
            let sender = comment.seen.user.as_deref();
            Payload { action, object, on, sender, more: json!({}) }.write(event, context)
        })
        .collect()
}

/// What the event about this review of this pull request would have told.
#[must_use]
pub fn of_review(review: &Object, on: &Object, context: &IntakeContext) -> Option<Missed> {
    // Who has begun one and not sent it shows it to nobody else.
    review.seen.submitted_at?;
    let payload = Payload {
        action: "submitted",
        object: ("review", review),
        on: Some(("pull_request", on)),
        sender: review.seen.user.as_deref(),
        more: json!({}),
    };
    Some(payload.write("pull_request_review", context))
}

/// The parts of a payload.
struct Payload<'a> {
    action: &'a str,
    object: (&'static str, &'a Object),
    on: Option<(&'static str, &'a Object)>,
    sender: Option<&'a RawValue>,
    more: Value,
}

impl Payload<'_> {
    fn write(self, event: &'static str, context: &IntakeContext) -> Missed {
        let nobody = || json!({ "login": crate::domain::actor::GHOST, "type": "User" });
        let mut members = self.more;
        members["action"] = json!(self.action);
        members["repository"] =
            json!({ "full_name": context.repository.to_string(), "id": context.repository_id });
        members["sender"] = self.sender.map_or_else(nobody, value);
        members[self.object.0] = value(&self.object.1.raw);
        if let Some((name, on)) = self.on {
            members[name] = value(&on.raw);
        }
        Missed { event, payload: members.to_string().into_bytes() }
    }
}

/// What was read as JSON is JSON.
fn value(raw: impl Serialize) -> Value {
    serde_json::to_value(raw).unwrap_or_default()
}
