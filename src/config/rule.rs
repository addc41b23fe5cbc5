//! A rule: on what, if what, do what.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::drive_actions::{CollectAction, FolderAction, ImportAction, IssueAction, ShareAction};
use super::event;
use super::plugins::ExecAction;
use super::schedule::TaskRule;
use super::text::text_value;
use crate::domain::input;
use crate::domain::spec::Ending;
use crate::domain::trigger::OpenState;
use crate::domain::verdict::{IssueType, Urgency};
use crate::domain::watched::Aspect;

/// What leads to what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it is called, for routes of `slack`, in the reasons of its tasks and for its breaker. Several rules may share a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<RuleName>,
    /// The events it is about: one or a list.
    pub on: OneOrMany<EventName>,
    /// What must hold as well; all of it.
    #[serde(default, rename = "if", skip_serializing_if = "Condition::is_empty")]
    pub condition: Condition,
    /// What follows, in this order: one or a list.
    #[serde(rename = "do")]
    pub actions: OneOrMany<Action>,
}

/// One value or a list of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "{T}OrList")]
pub enum OneOrMany<T> {
    /// One.
    One(T),
    /// A list.
    Many(#[schemars(length(min = 1))] Vec<T>),
}

impl<T> OneOrMany<T> {
    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// What must hold; all of it. Within a list, one of the values is enough. Text compares without case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Condition {
    /// What the analysis takes the issue for. Only with `on: analysed`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<TypeName>")]
    pub issue_type: Option<OneOrMany<TypeName>>,
    /// How urgent the analysis finds the issue. Only with `on: analysed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<UrgencyName>")]
    pub urgency: Option<OneOrMany<UrgencyName>>,
    /// A label it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<LabelName>")]
    pub label: Option<OneOrMany<LabelName>>,
    /// A label it does not have; of a list, none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<LabelName>")]
    pub without_label: Option<OneOrMany<LabelName>>,
    /// Whether it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "StateName")]
    pub state: Option<StateName>,
    /// Who wrote it: the comment where the event has one, else the issue or pull request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<LoginName>")]
    pub author: Option<OneOrMany<LoginName>>,
    /// A part of the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<Words>")]
    pub title_contains: Option<OneOrMany<Words>>,
    /// How the comment begins. Only with comment events.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<Words>")]
    pub comment_starts_with: Option<OneOrMany<Words>>,
    /// Which kind of task it was. Only with `on: task.…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<TaskKind>")]
    pub kind: Option<OneOrMany<TaskKind>>,
    /// Where it lies in Drive, as a glob over places: `docs:plans/**`. Only with `on: drive.changed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<Words>")]
    pub path: Option<OneOrMany<Words>>,
    /// Its type; `*` at the end stands for the rest: `image/*`. Only with `on: drive.changed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<Words>")]
    pub mime: Option<OneOrMany<Words>>,
    /// Who changed it, by the login that `drive.people` knows them by. Only with `on: drive.changed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<LoginName>")]
    pub actor: Option<OneOrMany<LoginName>>,
    /// What is different. Only with `on: drive.changed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<AspectName>")]
    pub changed: Option<OneOrMany<AspectName>>,
    /// Whether a fenced unified diff stands in it: in the comment where the event has one, else in the issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    pub has_patch: Option<bool>,
}

impl Condition {
    /// Whether it always holds.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Find out what the issue is: type, urgency, places in the code, owners, similar issues.
    Analyse,
    /// Ask the assistants for a change and open a pull request.
    Implement,
    /// Bring the issue's status comment up to date.
    Comment,
    /// Add labels. They are made where the repository does not have them.
    Label(OneOrMany<LabelName>),
    /// Take labels off.
    Unlabel(OneOrMany<LabelName>),
    /// Assign people.
    Assign(OneOrMany<LoginName>),
    /// Plan it for the open milestone of that title, unless it is planned already.
    Milestone(Words),
    /// Put it into a project of the repository's owner, and set a field there. The token needs to be allowed
    /// to write projects; the workflow's own never is.
    Project(Choice),
    /// Set a field that the organisation gave its issues, unless it has a value. The token needs to be allowed to see those
    /// fields; the workflow's own never is.
    Field(Filling),
    /// Open an issue about what changed in Drive, or say it in the one that is open. Only with `on: drive.changed`.
    Issue(IssueAction),
    /// Bring the changed document into the repository by a pull request: a Google document as Markdown, any other file as
    /// it is. Only with `on: drive.changed`.
    Import(ImportAction),
    /// Enqueue a task. It is about what the event is about, where its kind allows it and `subject` names nothing else.
    Task(Box<TaskRule>),
    /// Start a plugin, one of `plugins`.
    Exec(ExecAction),
    /// Make the issue's folder in Drive.
    Folder(FolderAction),
    /// Copy what is attached to the issue, or the comment, into the issue's folder in Drive.
    Attach,
    /// Give those who are assigned access to the issue's folder in Drive, and nobody once it is closed.
    Share(ShareAction),
    /// Copy the assets of a release, or the artifacts of a workflow run, into Drive. Only with `on: release.published` and
    /// `on: workflow_run.completed`.
    Collect(CollectAction),
}

/// The value of a field in a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The project's number, as its address ends.
    #[schemars(range(min = 1))]
    pub number: u64,
    /// The field's name: `Status`.
    pub field: Words,
    /// The option's name: `Ready`; for other sorts of fields the iteration's title, the text, the number or the date.
    pub option: Words,
}

/// A field of the organisation's, and its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filling {
    /// The field's name: `Impact`.
    pub name: Words,
    /// An option's name, a text, a number, or a date such as `2026-01-31`.
    pub value: Words,
}

impl Action {
    /// Its name as the configuration writes it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Analyse => "analyse",
            Self::Implement => "implement",
            Self::Comment => "comment",
            Self::Label(_) => "label",
            Self::Unlabel(_) => "unlabel",
            Self::Assign(_) => "assign",
            Self::Milestone(_) => "milestone",
            Self::Project(_) => "project",
            Self::Field(_) => "field",
            Self::Issue(_) => "issue",
            Self::Import(_) => "import",
            Self::Task(_) => "task",
            Self::Exec(_) => "exec",
            Self::Folder(_) => "folder",
            Self::Attach => "attach",
            Self::Share(_) => "share",
            Self::Collect(_) => "collect",
        }
    }
}

text_value! {
    /// The name of a label; GitHub allows 50 characters.
    LabelName, 50
}
text_value! {
    /// A login, without `@`.
    LoginName, 100
}
text_value! {
    /// What a rule is called.
    RuleName, 50
}
text_value! {
    /// Some words.
    Words, 200
}
text_value! {
    /// A cron expression of five fields.
    CronText, 200
}
text_value! {
    /// A span of time: a number with its unit, one of `m`, `h`, `d` and `w`.
    SpanText, 20
}

macro_rules! name_value {
    ($description:literal, $name:ident, $held:ty, $names:expr) => {
        #[doc = $description]
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $held);

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "enum": $names, "description": $description })
            }
        }
    };
}

name_value! {
    "An event about an issue or a pull request (`issues`), one of its actions (`issues.opened`), `analysed`, the end of a task (`task.failed`), a change in Drive (`drive.changed`), `release.published` or `workflow_run.completed`.",
    EventName, String, event::names()
}
name_value! {
    "A type of issue.",
    TypeName, IssueType, IssueType::ALL.map(IssueType::name)
}
name_value! {
    "A kind of task.",
    TaskKind, String, input::KINDS
}
name_value! {
    "What is different about a file in Drive.",
    AspectName, String, Aspect::WORDS
}
name_value! {
    "An urgency.",
    UrgencyName, Urgency, Urgency::ALL.map(Urgency::name)
}
name_value! {
    "Whether an issue or pull request is open.",
    StateName, OpenState, ["open", "closed"]
}

impl StateName {
    /// Whether it is `open`.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0 == OpenState::Open
    }
}

impl EventName {
    /// Whether an event with this name (and action) is meant. The end of a task is none of those that come in.
    #[must_use]
    pub fn covers(&self, event: &str, action: Option<&str>) -> bool {
        match self.0.split_once('.') {
            _ if self.ending().is_some() => false,
            None => self.0 == event,
            Some((named, wanted)) => named == event && action == Some(wanted),
        }
    }

    /// How a task has to end, when it is about the end of one.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        event::ENDINGS.into_iter().find(|(name, _)| *name == self.0).map(|(_, ending)| ending)
    }

    /// The event without its action.
    #[must_use]
    pub fn event(&self) -> &str {
        self.0.split('.').next().unwrap_or(&self.0)
    }

    /// Whether it is about pull requests only.
    #[must_use]
    pub fn is_about_pulls(&self) -> bool {
        self.event().starts_with("pull_request")
    }
}
