//! Plugins: any program, and what its answer may lead to; and the rules that start one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::assistants::{VariableName, Word};
use super::rule::{Action, StateName, Words};
use super::rules::Requests;
use super::text::text_value;
use crate::domain::input::{self, Exec};
use crate::domain::plugin::{Allowed, Limits, STATES};
use crate::domain::subject::Subject;
use crate::domain::trigger::{About, Trigger};

text_value! {
    /// The name of a plugin, as `plugins` has it.
    PluginName, 50
}

/// A program that is asked what is to be done, and what its answer may lead to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginRule {
    /// The program and its arguments; no shell reads them. It is started in a copy of the default branch, and a program with
    /// a `/` in its name is one of those files.
    #[schemars(length(min = 1))]
    pub run: Vec<Word>,
    /// What its answer may lead to. Whatever is not named makes the whole answer void.
    #[serde(default)]
    pub may: MayRules,
    /// Things that one answer may change: each label, each person counts.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 50))]
    pub effects: usize,
    /// Seconds that it may take.
    #[serde(default = "minute")]
    #[schemars(range(min = 1, max = 3600))]
    pub seconds: u64,
    /// Megabytes of memory that it may have with all its children together. Only Linux tells the sum; elsewhere each may have
    /// as much.
    #[serde(default = "gigabyte")]
    #[schemars(range(min = 16, max = 16_384))]
    pub megabytes: u64,
    /// Whether it may use the network; where the machine cannot refuse it, the task says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub network: bool,
    /// Names of environment variables that it gets. All others, tokens above all, it does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<VariableName>,
    /// Whether the files of the default branch are laid out in its folder. Otherwise that is empty.
    #[serde(default = "yes")]
    pub files: bool,
}

const fn ten() -> usize {
    10
}

const fn minute() -> u64 {
    60
}

const fn gigabyte() -> u64 {
    1024
}

const fn yes() -> bool {
    true
}

/// What a plugin's answer may lead to. In a name `*` stands for any characters, and letters compare without case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MayRules {
    /// Labels that it may add and take off: `area: *`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub label: Vec<Words>,
    /// Whether it may say something in the status comment of an issue.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub comment: bool,
    /// Logins of people whom it may assign.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assign: Vec<Words>,
    /// Titles of milestones that it may plan an issue for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub milestone: Vec<Words>,
    /// Names of the organisation's issue types that it may set.
    #[serde(rename = "type", skip_serializing_if = "Vec::is_empty")]
    pub issue_type: Vec<Words>,
    /// What it may make an issue: `closed`, `open`. One that a person has closed or reopened stays as it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub state: Vec<StateName>,
    /// Fields that it may set: `Impact` for one of the organisation's, `3/Status` for one of project 3.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub field: Vec<Words>,
    /// Kinds of tasks that it may start: `analyse`, `implement`, `drive_folder`, `drive_attach`, `drive_share`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub task: Vec<Words>,
}

impl PluginRule {
    /// This program, with everything else as it is when nothing is said.
    #[must_use]
    pub fn of(words: &[String]) -> Self {
        Self {
            run: words.iter().map(|word| word.as_str().into()).collect(),
            may: MayRules::default(),
            effects: ten(),
            seconds: minute(),
            megabytes: gigabyte(),
            network: false,
            environment: Vec::new(),
            files: yes(),
        }
    }

    /// What it may do about an issue, or about a pull request: those have no status comment of their own, no type and
    /// no fields, are closed otherwise, and have other tasks.
    #[must_use]
    pub fn allowed(&self, is_pull: bool) -> Allowed {
        let texts = |names: &[Words]| names.iter().map(|name| name.as_str().to_owned()).collect();
        let MayRules { label, comment, assign, milestone, issue_type, state, field, task } = &self.may;
        let of_issues = |names: Vec<String>| if is_pull { Vec::new() } else { names };
        let state = state.iter().map(|state| STATES[usize::from(state.is_open())].to_owned()).collect();
        Allowed {
            label: texts(label),
            comment: *comment && !is_pull,
            assign: texts(assign),
            milestone: texts(milestone),
            issue_type: of_issues(texts(issue_type)),
            state: of_issues(state),
            field: of_issues(texts(field)),
            task: of_issues(texts(task)),
        }
    }

    /// How much it may answer.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        Limits::of(self.effects, self.seconds)
    }

    /// The program and its arguments in one line, for people.
    #[must_use]
    pub fn line(&self) -> String {
        self.run.iter().map(Word::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// A plugin to start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ExecAction {
    /// By its name alone.
    Plain(PluginName),
    /// With something to tell it.
    With(ExecRule),
}

/// A plugin to start, with something to tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecRule {
    /// Its name, as `plugins` has it.
    pub plugin: PluginName,
    /// What it is told besides: whatever it understands.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub with: Map<String, Value>,
}

impl ExecAction {
    /// The plugin's name.
    #[must_use]
    pub fn plugin(&self) -> &str {
        match self {
            Self::Plain(name) => name.as_str(),
            Self::With(rule) => rule.plugin.as_str(),
        }
    }

    /// What the task is told.
    pub(super) fn input(&self) -> Exec {
        let with = match self {
            Self::Plain(_) => Map::new(),
            Self::With(rule) => rule.with.clone(),
        };
        Exec { plugin: self.plugin().to_owned(), with, event: None, comment: None }
    }

    /// What tells this request from others about the same.
    pub(super) fn key(&self) -> String {
        let Exec { plugin, with, .. } = self.input();
        let with = if with.is_empty() { String::new() } else { format!(" {}", Value::Object(with)) };
        format!("{} {plugin}{with}", input::EXEC)
    }
}

impl Requests {
    /// Adds what a rule asks of a plugin. Without a trigger it is an analysis that has ended.
    pub(super) fn exec(&mut self, action: &Action, subject: Subject, trigger: Option<&Trigger>, rule: &str) {
        let Action::Exec(exec) = action else { return };
        if subject.number().is_none() {
            return;
        }
        let event = trigger.map_or_else(
            || super::event::ANALYSED.to_owned(),
            |trigger| {
                let action = trigger.action.as_ref().map(|action| format!(".{action}"));
                format!("{}{}", trigger.event, action.unwrap_or_default())
            },
        );
        let comment = trigger.and_then(|trigger| match &trigger.about {
            About::Comment { comment, .. } => Some(comment.id),
            _ => None,
        });
        let place = comment.map(|id| format!(" comment/{id}")).unwrap_or_default();
        let key = format!("{} {subject}{place}", exec.key());
        self.push(input::EXEC, subject, &Exec { event: Some(event), comment, ..exec.input() }, key, rule);
    }
}
