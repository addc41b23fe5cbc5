//! What the kinds are told that see to an issue: what it is, its labels, its people, its plan.

use serde::{Deserialize, Serialize};

use crate::domain::id::Login;
use crate::domain::trigger::OpenState;

/// See [`super::ANALYSE`]. The text is read when the task runs, so that the last edit counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analyse {
    /// Whether the assistant that judges is asked at once: somebody wants it now, or the issue was left alone for long enough.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asks: bool,
}

/// See [`super::LABEL`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Labels to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<String>,
    /// Labels to take off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// The person who asked for it: their word counts more than what people settled before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Login>,
}

/// See [`super::ASSIGN`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assign {
    /// Whom to assign.
    pub logins: Vec<Login>,
    /// Whose assignment to take away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<Login>,
    /// The person who asked for it: their word counts more than what people settled before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Login>,
}

/// See [`super::COMMENT`]. The text is made from the state when the task runs, so that the newest state shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Whether to look at the comment itself, although the log says that it shows this already: somebody asked for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
}

/// See [`super::SET_TYPE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetType {
    /// The type's name, as the organisation has it.
    pub name: String,
}

/// See [`super::SET_MILESTONE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetMilestone {
    /// The title of an open milestone.
    pub title: String,
}

/// See [`super::SET_STATE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetState {
    /// `open` or `closed`.
    pub to: OpenState,
}

/// See [`super::SET_FIELD`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetField {
    /// The number of the project, one of the repository's owner; none for a field that the organisation gave its issues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<u64>,
    /// The name of the field.
    pub field: String,
    /// The name of the option; for other sorts of fields the text, the number or the date.
    pub option: String,
}

/// See [`super::REQUEST_REVIEW`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestReview {
    /// People, and teams as `org/team`.
    pub logins: Vec<Login>,
    /// Whether nobody is asked before its checks have succeeded, where any begin.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after_checks: bool,
}

/// See [`super::REMIND`]. What is to be done the configuration says when the task runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remind {}

/// That nobody was reminded, because what was missing has come: the output of [`super::REMIND`] then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// What had come, in the words in which it was asked for.
    pub came: Vec<String>,
}

/// See [`super::LEARN`]. What there is to learn from is looked up when the task runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learn {}

/// What came of learning anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learnt {
    /// Whether what was learned judges from now on.
    pub taken: bool,
    /// What was learned and how good it is, or why it was not taken: a sentence without a full stop.
    pub told: String,
}
