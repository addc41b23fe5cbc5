//! What plugins are told and may answer: one JSON document each way, and a closed list of effects within bounds.
//!
//! A plugin reads what strangers write. So its answer is no word that is obeyed but a list that is checked, whole and before
//! the first effect, against what the configuration allows; whatever is not allowed makes all of it void.

mod request;
mod schema;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::count::counted;
use super::input;
use super::payload::Payload;
use super::shape::{self, WrongInput};
use super::trigger::OpenState;
use super::untrusted::{is_hidden, one_line};

pub use request::{CommentTold, IssueTold, Limits, Request};
pub use schema::{answer_schema, request_schema};

/// The version of the protocol. Fields may be added to a request at any time; a plugin passes over what it does not know.
pub const PROTOCOL: u32 = 1;
/// The code of the failure of a plugin that says to try again later.
pub const BUSY: &str = "plugin_busy";
/// The code of the failure of a plugin that ended with another exit code than 0.
pub const FAILED: &str = "plugin_failed";
/// The code of the failure of a plugin that was ended by a signal.
pub const KILLED: &str = "plugin_killed";
/// The code of the failure of a plugin that took too long.
pub const OUT_OF_TIME: &str = "plugin_out_of_time";
/// The code of the failure of a plugin that held too much memory.
pub const OUT_OF_MEMORY: &str = "plugin_out_of_memory";
/// The code of the failure of a plugin whose answer is none, or is not allowed.
pub const BAD_ANSWER: &str = "plugin_answer";
/// What is a plugin's own fault.
pub const FAILURES: [&str; 6] = [BUSY, FAILED, KILLED, OUT_OF_TIME, OUT_OF_MEMORY, BAD_ANSWER];
/// Bytes that an answer may have: it is kept in the log.
pub const ANSWER: usize = 16 * 1024;
/// Bytes of `output`, as JSON.
const OUTPUT: usize = 4 * 1024;
/// Characters of `message`: a line.
const MESSAGE: usize = 200;
/// Characters of a comment's text: a part of the status comment.
const TEXT: usize = 2_000;
/// Characters of the name of anything.
const NAME: usize = 100;
/// Faults that are told; whoever made more has understood nothing.
const FAULTS: usize = 8;
/// Characters of what is quoted in a fault.
const QUOTED: usize = 80;

/// What a plugin writes to its standard output.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "What a plugin answers")]
pub struct Answer {
    /// The version of the protocol: 1.
    #[schemars(range(min = 1, max = 1))]
    pub protocol: u32,
    /// What is to be done, all of it or nothing. An empty list: nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plan: Vec<Effect>,
    /// What came of it, a line for whoever asks why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = MESSAGE))]
    pub message: Option<String>,
    /// Anything for those who read the log by program; 4096 bytes of JSON at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
}

/// One thing that is to be done about the issue or pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "effect", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// Adds labels and takes some off. One that a person took off is not put back.
    Label {
        /// Labels to add.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        add: Vec<String>,
        /// Labels to take off.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        remove: Vec<String>,
    },
    /// Says something in the issue's status comment, in the place of what the plugin said there before. An answer
    /// without it takes that away.
    Comment {
        /// Plain words; markup is shown as it is written.
        #[schemars(length(min = 1, max = TEXT))]
        text: String,
    },
    /// Assigns people, unless somebody is assigned.
    Assign {
        /// Their logins.
        #[schemars(length(min = 1))]
        logins: Vec<String>,
    },
    /// Plans the issue for an open milestone, unless it is planned.
    Milestone {
        /// Its title.
        title: String,
    },
    /// Sets the issue's type, one of the organisation's, unless it has one.
    Type {
        /// The type's name.
        name: String,
    },
    /// Closes the issue as not planned, or opens it again, unless a person has done either.
    State {
        /// What it is to be: `closed` or `open`.
        #[schemars(with = "StateTold")]
        to: OpenState,
    },
    /// Sets a field of the issue once, one of the organisation's or in a project.
    Field {
        /// The project's number; left out for a field of the organisation's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(with = "u64", range(min = 1))]
        project: Option<u64>,
        /// The field's name.
        name: String,
        /// The value; the name of an option, of an iteration, a text, a number or a date.
        #[schemars(length(min = 1, max = NAME))]
        value: String,
    },
    /// Starts a task about the issue.
    Task {
        /// Its kind.
        kind: String,
        /// What the kind needs to know.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        input: Map<String, Value>,
    },
}

/// What an issue is made, as the schema tells it.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum StateTold {
    /// Open.
    Open,
    /// Closed.
    Closed,
}

/// The kinds of tasks that an answer may start: none that changes what another effect is for, and no plugin, so that none
/// starts another for ever.
pub const STARTED: [&str; 5] =
    [input::ANALYSE, input::IMPLEMENT, input::DRIVE_FOLDER, input::DRIVE_ATTACH, input::DRIVE_SHARE];
/// What an issue can be made.
pub const STATES: [&str; 2] = ["closed", "open"];

/// A field as the configuration allows it: `Impact`, or `3/Status` for one of project 3.
fn place_of_field(project: Option<u64>, name: &str) -> String {
    project.map_or_else(|| name.to_owned(), |project| format!("{project}/{name}"))
}

impl Effect {
    /// Its name, in an answer and in the configuration.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Label { .. } => "label",
            Self::Comment { .. } => "comment",
            Self::Assign { .. } => "assign",
            Self::Milestone { .. } => "milestone",
            Self::Type { .. } => "type",
            Self::State { .. } => "state",
            Self::Field { .. } => "field",
            Self::Task { .. } => "task",
        }
    }

    /// What it changes: of two effects with the same place one would undo the other.
    fn place(&self) -> String {
        let name = self.name();
        match self {
            Self::Field { project, name: field, .. } => {
                format!("{name} {}", place_of_field(*project, field).to_lowercase())
            }
            Self::Task { kind, .. } => format!("{name} {kind}"),
            _ => name.to_owned(),
        }
    }

    /// How many things it changes.
    #[must_use]
    pub fn weight(&self) -> usize {
        match self {
            Self::Label { add, remove } => add.len() + remove.len(),
            Self::Assign { logins } => logins.len(),
            Self::Comment { .. }
            | Self::Milestone { .. }
            | Self::Type { .. }
            | Self::State { .. }
            | Self::Field { .. }
            | Self::Task { .. } => 1,
        }
    }

    /// The names in it, each with its field.
    fn names(&self) -> Vec<(String, String)> {
        let one = |field: &str, name: &str| vec![(field.to_owned(), name.to_owned())];
        match self {
            Self::Label { add, remove } => listed("add", add).chain(listed("remove", remove)).collect(),
            Self::Assign { logins } => listed("logins", logins).collect(),
            Self::Milestone { title } => one("title", title),
            Self::Type { name } => one("name", name),
            Self::State { to } => one("to", if *to == OpenState::Closed { STATES[0] } else { STATES[1] }),
            Self::Field { project, name, .. } => one("name", &place_of_field(*project, name)),
            Self::Task { kind, .. } => one("kind", kind),
            Self::Comment { .. } => Vec::new(),
        }
    }
}

fn listed<'a>(field: &'static str, names: &'a [String]) -> impl Iterator<Item = (String, String)> + 'a {
    names.iter().enumerate().map(move |(place, name)| (format!("{field}[{place}]"), name.clone()))
}

/// What a plugin may do. In a name `*` stands for any characters, and letters compare without case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Allowed {
    /// Labels that it may add and take off; none: no labels.
    pub label: Vec<String>,
    /// Whether it may say something in the status comment.
    pub comment: bool,
    /// People whom it may assign.
    pub assign: Vec<String>,
    /// Milestones that it may plan an issue for.
    pub milestone: Vec<String>,
    /// Types that it may set.
    #[serde(rename = "type")]
    pub issue_type: Vec<String>,
    /// What it may make an issue: `closed`, `open`.
    pub state: Vec<String>,
    /// Fields that it may set: `Impact` of the organisation's, `3/Status` of project 3.
    pub field: Vec<String>,
    /// Kinds of tasks that it may start.
    pub task: Vec<String>,
}

impl Allowed {
    fn names(&self, effect: &Effect) -> &[String] {
        match effect {
            Effect::Label { .. } => &self.label,
            Effect::Assign { .. } => &self.assign,
            Effect::Milestone { .. } => &self.milestone,
            Effect::Type { .. } => &self.issue_type,
            Effect::State { .. } => &self.state,
            Effect::Field { .. } => &self.field,
            Effect::Task { .. } => &self.task,
            Effect::Comment { .. } => &[],
        }
    }

    fn takes(&self, effect: &Effect) -> bool {
        match effect {
            Effect::Comment { .. } => self.comment,
            other => !self.names(other).is_empty(),
        }
    }
}

/// What an answer may choose from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// What it may do.
    pub allowed: Allowed,
    /// How many things it may change: each label, each person counts.
    pub effects: usize,
}

/// An answer whose effects are not looked at yet, so that each can be told what is wrong with it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Loose {
    protocol: u32,
    #[serde(default)]
    plan: Vec<Value>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    output: Option<Value>,
}

impl Offer {
    /// Reads an answer and checks all of it.
    ///
    /// # Errors
    /// All that is wrong with it, a clause each that names the field, for whoever wrote the plugin.
    pub fn read(&self, answer: &str) -> Result<Answer, Vec<String>> {
        if answer.len() > ANSWER {
            return Err(vec![format!("it has {} bytes, and {ANSWER} are the most", answer.len())]);
        }
        if answer.trim().is_empty() {
            return Err(vec!["nothing was written to standard output".to_owned()]);
        }
        if answer.trim_start().starts_with('[') {
            return Err(vec![
                "it is a list, and an object is asked for: {\"protocol\": 1, \"plan\": []}".to_owned(),
            ]);
        }
        let loose: Loose = shape::read(answer).map_err(|wrong| vec![told(&wrong)])?;
        if loose.protocol != PROTOCOL {
            let told = format!("`protocol`: this is version {}, and {PROTOCOL} is asked for", loose.protocol);
            return Err(vec![told]);
        }
        let mut faults = Vec::new();
        let mut plan = Vec::new();
        for (place, value) in loose.plan.iter().enumerate() {
            let at = format!("plan[{place}]");
            match shape::read::<Effect>(&value.to_string()) {
                Ok(effect) => {
                    faults.extend(self.faults(&effect, &plan, &at));
                    plan.push(effect);
                }
                Err(WrongInput { field, message }) => {
                    let dot = if field.is_empty() { "" } else { "." };
                    faults.push(told(&WrongInput { field: format!("{at}{dot}{field}"), message }));
                }
            }
            if faults.len() >= FAULTS {
                break;
            }
        }
        let weight: usize = plan.iter().map(Effect::weight).sum();
        if weight > self.effects {
            let things = counted(weight, "thing", "things");
            faults.push(format!("`plan`: it would change {things}, and {} are the most", self.effects));
        }
        faults.extend(loose.message.as_ref().and_then(|text| length("message", text, MESSAGE)));
        let size = loose.output.as_ref().map_or(0, |output| output.to_string().len());
        if size > OUTPUT {
            faults.push(format!("`output`: it has {size} bytes, and {OUTPUT} are the most"));
        }
        faults.truncate(FAULTS);
        let Loose { protocol, message, output, .. } = loose;
        if faults.is_empty() { Ok(Answer { protocol, plan, message, output }) } else { Err(faults) }
    }

    /// What is wrong with an effect, behind those that stand before it.
    fn faults(&self, effect: &Effect, before: &[Effect], at: &str) -> Vec<String> {
        let name = effect.name();
        if !self.allowed.takes(effect) {
            return vec![format!("`{at}`: the effect `{name}` is not allowed here")];
        }
        if before.iter().any(|other| other.place() == effect.place()) {
            return vec![format!("`{at}`: `{name}` stands there twice")];
        }
        if let Effect::Comment { text } = effect {
            return length(&format!("{at}.text"), text, TEXT).into_iter().collect();
        }
        if effect.weight() == 0 {
            return vec![format!("`{at}`: it names nothing")];
        }
        if let Effect::Label { add, remove } = effect
            && let Some(both) = add.iter().find(|label| remove.contains(label))
        {
            return vec![format!("`{at}`: `{}` is both added and taken off", one_line(both, QUOTED))];
        }
        let allowed = self.allowed.names(effect);
        let wrong = |(field, name): (String, String)| {
            if !is_name(&name) {
                return Some(format!("`{at}.{field}`: this is no name"));
            }
            let quoted = one_line(&name, QUOTED);
            let is_allowed = allowed.iter().any(|pattern| is_like(pattern, &name));
            (!is_allowed).then(|| format!("`{at}.{field}`: `{quoted}` is none of those that are allowed"))
        };
        let named = effect.names().into_iter().filter_map(wrong);
        named.chain(told_wrongly(effect, at)).take(FAULTS).collect()
    }
}

fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && !name.chars().any(is_hidden) && name.chars().count() <= NAME
}

/// What is wrong with what an effect says beside its names.
fn told_wrongly(effect: &Effect, at: &str) -> Option<String> {
    match effect {
        Effect::Field { value, .. } => (!is_name(value)).then(|| format!("`{at}.value`: this is no value")),
        Effect::Task { kind, .. } if !STARTED.contains(&kind.as_str()) => {
            Some(format!("`{at}.kind`: no plugin may start a task of this kind"))
        }
        Effect::Task { kind, input } => {
            let input = Payload::of(input).unwrap_or_default();
            let wrong = input::check(kind, &input).err()?;
            Some(format!("`{at}.input`: {}", told(&wrong)))
        }
        _ => None,
    }
}

fn told(wrong: &WrongInput) -> String {
    one_line(&wrong.to_string(), 4 * QUOTED)
}

/// A text that says nothing, or too much.
fn length(field: &str, text: &str, most: usize) -> Option<String> {
    let count = text.chars().count();
    if one_line(text, most).is_empty() {
        return Some(format!("`{field}`: it says nothing"));
    }
    (count > most).then(|| format!("`{field}`: it has {count} characters, and {most} are the most"))
}

/// Whether a name is one of those that a pattern stands for.
fn is_like(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let Some((begin, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(begin) else { return false };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(end)
}
